"""Feedback: what people say after a market. How it was in three taps, praise, complaints and their clock. Who
spoke is known to nobody: phones and networks by marks that die, a telephone number apart and not for long.
"""
