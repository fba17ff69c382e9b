"""Collecting reports, and taking all data of a community along."""
