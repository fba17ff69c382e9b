"""Messages to people: what happened to them, told once, in the app or by a call."""
