"""Where: venues with their papers, and the stalls on their plan."""
