"""Passes: the signed stall passes, their keys and codes, and how they are printed. Knows stalls and vendors;
who scans a pass, and who came, is the gate's.
"""
