"""Plays the demo: an invented community's year of markets, and the two that come next."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, do_in_unit_of_work
from market.demo import feedback, records, spending, volunteers
from market.demo.ahead import play_ahead
from market.demo.cast import AGREED_ON, SLUG, Cast, make_cast, morning
from market.demo.neighbours import play_neighbours
from market.demo.quarters import Quarters
from market.demo.register import RENEWED_ON, Register, register_vendors, renew_expired
from market.demo.wishes import play_wishes
from market.demo.year import Act, MarketPlay
from market.insight import service as insight
from market.journal import writing as journal
from market.money import yuan
from market.people.models import User

LINES_AFTER = 20
"""So many acts, and the journal writes their lines: the year is one unit of work, which nobody else's is."""


def is_empty() -> bool:
    """Whether nobody uses this installation yet; the demo is never mixed with what people entered."""
    return all(db.session.scalar(sa.select(row.id).limit(1)) is None for row in (Community, User))


def play(at: datetime) -> str:
    """Plays everything up to now, all of it or (interrupted) nothing, and says what it came to."""
    do_in_unit_of_work(lambda: _play(at))
    return summary()


def _play(at: datetime) -> None:
    if not is_empty():
        return  # another process was first
    cast = make_cast()
    register = register_vendors(cast)
    for number, (moment, act) in enumerate(agenda(cast, register, at), 1):
        act(moment)
        if number % LINES_AFTER == 0:
            journal.write()
    play_ahead(cast, register, at)
    play_neighbours(at)
    play_wishes(cast, at)


def agenda(cast: Cast, register: Register, at: datetime) -> list[Act]:
    """The acts of the year in the order in which they happened: markets overlap, the book knows one order."""
    acts: list[Act] = [(morning(RENEWED_ON, 10), lambda at: renew_expired(cast, register, at))]
    for row in records.markets():
        acts += MarketPlay(cast, register, row).acts()
    acts += spending.acts(cast)
    acts += feedback.acts(cast)
    acts += Quarters(cast.fund, cast.staff, cast.secretary).acts(AGREED_ON, at)
    acts += volunteers.acts(cast)
    return sorted(acts, key=lambda act: act[0])


def summary() -> str:
    """One paragraph for the shell."""
    sums = insight.counters(find_community(SLUG))
    return (
        f"示例年已演完：{sums.days} 场，{sums.vendors} 家商户，{sums.appearances:,} 家次，"
        f"{sums.visits:,} 人次，营业额 {yuan(sums.takings_fen)} 元，"
        f"反哺 {yuan(sums.contribution_fen)} 元，物资 {sums.items} 件。"
        "全部人名、社区和数字都是虚构的。"
    )
