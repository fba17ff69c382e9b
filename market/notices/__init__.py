"""Messages to people: what each has still to be told, worked out from what holds and what they know."""
