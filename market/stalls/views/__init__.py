"""Routes of this room: the rules of a market, the plan, its papers, drawing lots, offers of a free stall."""

from __future__ import annotations

from market.stalls.views import (
    by_hand as by_hand,
    house as house,
    laying as laying,
    lots as lots,
    offers as offers,
    one_stall as one_stall,
    papers as papers,
    plan as plan,
    weights as weights,
)
