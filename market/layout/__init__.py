"""What surrounds every page: preferences, navigation, filters, addresses of static files."""
