"""Who should get which stall: a pure engine. It knows no pages, no tables and no language."""
