"""What leaves the house: claims to tell people something, brought by whichever host is free."""
