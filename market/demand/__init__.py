"""Demand: what residents ask for (需求清单). Wishes, voices without names, votes on paper, what means the
same, what the community answered. Knows no stall: whether somebody came is asked by the rooms to the right.
"""
