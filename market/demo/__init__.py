"""The demo year, played through the services."""
