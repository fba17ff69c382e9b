"""Inspection: rounds over the stalls and the plaza, what was found and what became of it, incidents, and the
link by which an authority looks for one day. Knows stalls, vendors and the gate, nothing of money.
"""
