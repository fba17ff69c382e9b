"""What residents asked for, and the stalls: who of a market is what was wanted, and the mix it asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import clock
from market.allocation.market_rules import Quota as QuotaRule
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES
from market.calendar.service import local_date
from market.db import db
from market.demand import service as demand
from market.demand.matching import is_any_meant
from market.demand.rules import WishState, proposed_targets
from market.demand.service import Wanted
from market.errors import Refusal
from market.people.models import User
from market.stalls.models import Assignment
from market.stalls.service.market_rules import quotas
from market.stalls.service.settings import set_quotas


@dataclass(frozen=True)
class Answered:
    """A stall that was asked for, at a market."""

    line: Wanted
    held: tuple[Assignment, ...]


def answered_at(held: Sequence[Assignment], lines: Iterable[Wanted]) -> list[Answered]:
    """Which of the wishes a market answers, in the order of the wishes."""
    found = [(line, tuple(one for one in held if is_any_meant(line.family, one.vendor))) for line in lines]
    return [Answered(line, there) for line, there in found if there]


def wanted_by(day: MarketDay, at: datetime) -> list[Wanted]:
    """What residents wanted when a market was held, or want now where it lies ahead."""
    on = min(local_date(day), clock.local(at, day.community.zone).date())
    return demand.wanted(day.community, on)


def asked_for(held: Sequence[Assignment], lines: Iterable[Wanted]) -> list[Answered]:
    """The stalls of a market that enough residents had asked for (大家点的)."""
    return answered_at(held, [line for line in lines if line.listed and line.is_everybodys])


def answers_by_wish(days: Iterable[MarketDay], lines: Sequence[Wanted]) -> dict[int, list[Assignment]]:
    """For each wish the stalls that answer it at these markets, in the order of the markets."""
    known = {day.id: day for day in days if day.state in PUBLIC_STATES}
    if not known or not lines:
        return {}
    query = sa.select(Assignment).where(Assignment.day_id.in_(known), Assignment.released_at.is_(None))
    held = sorted(db.session.scalars(query), key=lambda one: (known[one.day_id].open_at, one.label))
    return {one.line.wish.id: list(one.held) for one in answered_at(held, lines)}


# ── the mix of a market ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class WishedCategory:
    """What residents want of one category."""

    category: str
    votes: int
    lines: tuple[Wanted, ...]
    target: int
    """How many stalls to strive for."""


def wished_categories(day: MarketDay, at: datetime) -> list[WishedCategory]:
    """What the voices until now ask of the mix of a market, the most wanted first. What the community said no
    to asks for nothing."""
    on = clock.local(at, day.community.zone).date()
    lines = [
        line
        for line in demand.wanted(day.community, on)
        if line.listed and line.is_everybodys and line.category and line.state is not WishState.UNFIT
    ]
    targets = proposed_targets([(str(line.category), line.count.total) for line in lines])
    votes: Counter[str] = Counter()
    for line in lines:
        votes[str(line.category)] += line.count.total
    return [
        WishedCategory(
            category, count, tuple(line for line in lines if line.category == category), targets[category]
        )
        for category, count in votes.most_common()
    ]


def with_wishes(day: MarketDay, at: datetime) -> dict[str, QuotaRule]:
    """The quotas of a day with what residents want on top; nothing that was decided becomes less, and no
    target passes the most that staff set."""
    known = quotas(day)
    for one in wished_categories(day, at):
        rule = known.get(one.category, QuotaRule())
        room = one.target if rule.maximum is None else min(one.target, rule.maximum)
        known[one.category] = replace(rule, target=max(rule.target, room))
    return known


def take_wishes(day: MarketDay, *, by: User, at: datetime) -> None:
    """Takes what residents want over into the mix, in one act. Refuses as `set_quotas`, and
    `stalls.no_wishes`."""
    if not wished_categories(day, at):
        raise Refusal("stalls.no_wishes", _("眼下没有哪一样有足够的人要，没有可以照着定的。"))
    set_quotas(day, with_wishes(day, at), by=by, at=at)
