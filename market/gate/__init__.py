"""Gate: who may come in. Owns every scan and its verdict, the sign-in list, and the count of visitors. Knows
passes, stalls and vendors, nothing of money.
"""
