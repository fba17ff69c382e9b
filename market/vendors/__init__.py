"""Who sells: vendors, their documents and their applications to a market day."""
