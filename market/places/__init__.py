"""Where: venues with their permits, and the stalls on their plan."""
