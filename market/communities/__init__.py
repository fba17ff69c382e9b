"""Who: regions by division code, and the communities in them, to which everything else belongs."""
