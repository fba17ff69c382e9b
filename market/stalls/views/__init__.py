"""Routes of this room: the rules of a market, the plan on screen and paper, the lottery, offers."""

from __future__ import annotations

from market.stalls.views import (
    by_hand as by_hand,
    lottery as lottery,
    market_rules as market_rules,
    offers as offers,
    papers as papers,
    plan as plan,
    shut_stalls as shut_stalls,
    weights as weights,
    whole_plan as whole_plan,
)
