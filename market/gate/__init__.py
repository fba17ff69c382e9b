"""Gate: who may come in. Owns the signed stall passes and their printed cards, every scan and its verdict,
the sign-in list, and the count of visitors. Knows stalls and vendors, nothing of money.
"""
