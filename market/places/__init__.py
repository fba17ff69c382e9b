"""Where: regions by division code, communities, venues with their papers, and the stalls drawn on their plan."""
