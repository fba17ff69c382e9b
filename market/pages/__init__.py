"""Pages that show several rooms: what residents, vendors and staff open first.

A page of one room stays in its room. What stands here needs several of them: the residents' home, market and
month; the staff's desk, day, review, vendor and telephone list; the vendor's home. The rooms keep the facts
and decide; this room brings them together and puts them into words.
"""
