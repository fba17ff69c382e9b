"""What a page offers to be asked for in one tap: what others want and does not come, then what is missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from market.demand.rules import WishState
from market.demand.service import Wanted
from market.demand.words import offered_types, wish_word
from market.stalls.models import Assignment
from market.stalls.service import wished

OFFERED = 6


def wish_offers(lines: Iterable[Wanted], held: Sequence[Assignment]) -> list[tuple[str, str]]:
    """Up to six (what is sent, what is read); nothing that comes, nothing that the community said no to."""
    listed = [line for line in lines if line.listed]
    coming = {one.line.wish.id for one in wished.answered_at(held, listed)}
    wanted = [
        (line.wish.word, wish_word(line.wish))
        for line in listed
        if line.wish.id not in coming and line.state not in (WishState.UNFIT, WishState.HERE)
    ]
    asked = {wish.type_code for line in listed for wish in line.family}
    types = [(sent, read) for code, sent, read in offered_types() if code not in asked]
    return [*wanted, *types][:OFFERED]
