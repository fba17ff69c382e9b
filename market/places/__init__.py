"""Where: regions by division code, communities, venues with their papers, and the stalls on their plan."""
