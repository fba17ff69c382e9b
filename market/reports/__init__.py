"""What a month, a quarter, a year came to in a community or a region; and all data of a community."""
