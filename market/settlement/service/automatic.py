"""Markets that settle themselves: when everything agrees, or at the deadline without what is missing.

A community decides so; whoever set the rule is named as who settled, with all that follows from it: they
neither correct it nor confirm its money. What only a person can say is never said by the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.ledger.chart import N_
from market.ledger.queries import find_book
from market.people.models import User
from market.settlement.models import CloseRule, Settlement
from market.settlement.rules import LONGEST_WAIT, CloseFault, Due, due_close
from market.settlement.service.close import close_day
from market.settlement.service.comparison import CLOSE_STATES, CloseRow, CloseView, close_view, waive_fault
from market.settlement.service.queries import settlement_of

TOLD_FOR = timedelta(days=7)
"""So long the desk says that a market was settled by itself."""


# ── the rule ──────────────────────────────────────────────────────────────────────────────────────────────


def close_rule(community: Community) -> CloseRule | None:
    """What a community decided last; None: people settle."""
    query = sa.select(CloseRule).where(CloseRule.community_id == community.id)
    newest = db.session.scalar(query.order_by(CloseRule.id.desc()).limit(1))
    return newest if newest is not None and newest.automatic else None


def set_close_rule(
    community: Community,
    *,
    automatic: bool,
    after_hours: int,
    deadline_hours: int | None,
    by: User,
    at: datetime,
) -> CloseRule:
    """From now on markets settle themselves, or do not; earlier rules stay as they were.

    Refuses `settlement.hours_range` and `settlement.deadline_early`.
    """
    if not 0 <= after_hours <= LONGEST_WAIT or not 0 <= (deadline_hours or 0) <= LONGEST_WAIT:
        raise Refusal("settlement.hours_range", _("小时数请填 0 到 336，也就是最多两个星期。"), 422)
    if deadline_hours is not None and deadline_hours < after_hours:
        raise Refusal("settlement.deadline_early", _("最后期限不能比“都对上了”的时间还早。"), 422)
    lock_row(community)
    rule = CloseRule(
        community=community,
        automatic=automatic,
        after_hours=after_hours,
        deadline_hours=deadline_hours,
        person=by,
        set_at=at,
    )
    db.session.add(rule)
    db.session.flush()
    audit.record(
        "settlement.set_close_rule", rule, by=by, at=at, automatic=automatic, after_hours=after_hours,
        deadline_hours=deadline_hours,
    )  # fmt: skip
    return rule


# ── what the clock does ───────────────────────────────────────────────────────────────────────────────────


def days_to_settle(*, at: datetime) -> list[int]:
    """Markets that are over, not settled, and of a community that lets them settle themselves."""
    newest = sa.select(sa.func.max(CloseRule.id)).group_by(CloseRule.community_id)
    query = (
        sa.select(MarketDay.id)
        .join(CloseRule, CloseRule.community_id == MarketDay.community_id)
        .where(CloseRule.id.in_(newest), CloseRule.automatic)
        .where(MarketDay.state.in_(CLOSE_STATES), MarketDay.close_at <= at)
    )
    return list(db.session.scalars(query.order_by(MarketDay.id)))


def settle_when_due(day_id: int, *, at: datetime) -> Settlement | None:
    """Settles one market when it is due, in a unit of work of its own; None when it is not, or not any more.

    Twice, or on several hosts at once, is once: the day is locked before anything is asked.
    """
    day = db.session.get_one(MarketDay, day_id)
    lock_row(day)
    rule = close_rule(day.community)
    if rule is None or day.state not in CLOSE_STATES or settlement_of(day) is not None:
        return None
    view = close_view(day)
    if _due(view, rule, at) is not Due.SETTLE or _lacks_fund(view):
        return None
    race_point("settlement.settle_when_due")
    for row in view.faults:
        _accept(row, rule, at)
    return close_day(day, by=rule.person, at=at, automatic=True)


def _due(view: CloseView, rule: CloseRule, at: datetime) -> Due:
    faults = {fault for row in view.rows for fault in row.faults}
    hours = (at - view.day.close_at) / timedelta(hours=1)
    return due_close(faults, len(view.gaps), hours, rule.timing)


def _lacks_fund(view: CloseView) -> bool:
    return view.contribution_fen > 0 and find_book(view.day.community) is None


AT_DEADLINE: dict[CloseFault, str] = {
    CloseFault.NOT_REPORTED: N_("到了结算的最后期限还没有报数"),
    CloseFault.REPORTED_NOT_SCANNED: N_("到了结算的最后期限，报过数，按到场算"),
}
"""Why the clock accepts what it accepts."""


def _accept(row: CloseRow, rule: CloseRule, at: datetime) -> None:
    """What is missing stays missing, and is written down with the reason."""
    for fault in row.faults:
        waive_fault(row.assignment, fault, AT_DEADLINE[fault], by=rule.person, at=at)


# ── what staff are told ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CloseNews:
    """A market about which the clock has something to say."""

    day: MarketDay
    view: CloseView
    settled: Settlement | None
    """None: the deadline is over, and it waits for a person."""

    @property
    def is_open(self) -> bool:
        """Nobody has said that the market is over."""
        return self.day.state is DayState.OPEN

    @property
    def lacks_fund(self) -> bool:
        return self.settled is None and _lacks_fund(self.view)

    @property
    def waived(self) -> list[CloseRow]:
        """Whose exceptions were accepted at the deadline."""
        return [row for row in self.view.rows if row.waivers]


def close_news(community: Community, *, at: datetime) -> list[CloseNews]:
    """Which markets were settled by themselves lately, and which cannot be though their deadline is over."""
    rule = close_rule(community)
    found = [CloseNews(done.day, close_view(done.day), done) for done in _settled_lately(community, at)]
    if rule is not None and rule.deadline_hours is not None:
        end = at - timedelta(hours=rule.deadline_hours)
        found += [CloseNews(day, close_view(day), None) for day in _waiting(community, end)]
    return found


def _settled_lately(community: Community, at: datetime) -> list[Settlement]:
    query = sa.select(Settlement).where(
        Settlement.community_id == community.id,
        Settlement.automatic,
        Settlement.revision == 1,
        Settlement.settled_at > at - TOLD_FOR,
    )
    return list(db.session.scalars(query.order_by(Settlement.id.desc())))


def _waiting(community: Community, end: datetime) -> list[MarketDay]:
    """Over for so long that they should have been settled."""
    query = sa.select(MarketDay).where(
        MarketDay.community_id == community.id,
        MarketDay.state.in_((*CLOSE_STATES, DayState.OPEN)),
        MarketDay.close_at <= end,
    )
    return list(db.session.scalars(query.order_by(MarketDay.open_at)))
