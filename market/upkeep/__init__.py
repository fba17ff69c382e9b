"""Looking after an installation: backups that were tried, and what a machine needs to run it."""
