"""Stalls: who stands where. Words: stall plan, zone, circuit, applicant, allocation, waiting list, reason."""
