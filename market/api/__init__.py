"""What programs read: markets, stalls, fund, ledger and counters as JSON, described by OpenAPI."""
