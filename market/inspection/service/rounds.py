"""Going round: what is looked at where, and noting what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.profile import CheckItem
from market.communities.service import profile_of
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.inspection import rules
from market.inspection.models import Finding, FindingPhoto, SpotCheck
from market.inspection.rules import Result
from market.people.models import User
from market.photos import Photo
from market.stalls import service as stalls
from market.stalls.models import Assignment

INSPECTING_STATES = (
    DayState.PUBLISHED,
    DayState.SETTING_UP,
    DayState.OPEN,
    DayState.CLOSED,
    DayState.SETTLING,
)
"""From the publication until the figures are settled: sheets are often typed in after the market."""


@dataclass(frozen=True)
class Problem:
    """One point that was not fine, as somebody says it."""

    item: str
    result: Result
    note: str = ""
    mend_by: datetime | None = None
    photos: tuple[Photo, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Spot:
    """One stall of a round, or the plaza, with the last look at it."""

    held: Assignment | None
    items: list[CheckItem]
    check: SpotCheck | None
    open_findings: list[Finding]
    """Also those of other rounds: whoever stands here should look at them."""

    @property
    def result(self) -> Result | None:
        """None: nobody has looked in this round."""
        if self.check is None:
            return None
        return rules.heaviest([finding.result for finding in self.check.findings])


def items_at(day: MarketDay, held: Assignment | None) -> list[CheckItem]:
    """What is looked at on one stall, or on the plaza."""
    profile = profile_of(day.community)
    if held is None:
        return rules.plaza_items(profile)
    vendor = held.vendor
    return rules.stall_items(profile, vendor.category, held.application.power_w, flame=vendor.burns)


def round_of(day: MarketDay, round_no: int) -> list[Spot]:
    """The spots of a round in the order of the printed sheet, the plaza last."""
    checks = _checks(day)
    held: list[Assignment | None] = [*stalls.assignments(day), None]
    return [_spot(day, one, round_no, checks) for one in held]


def _checks(day: MarketDay) -> list[SpotCheck]:
    query = sa.select(SpotCheck).where(SpotCheck.day_id == day.id).order_by(SpotCheck.id)
    return list(
        db.session.scalars(query.options(selectinload(SpotCheck.findings).selectinload(Finding.follow_ups)))
    )


def _spot(day: MarketDay, held: Assignment | None, round_no: int, checks: Sequence[SpotCheck]) -> Spot:
    here = [check for check in checks if check.assignment_id == (held.id if held is not None else None)]
    last = next((check for check in reversed(here) if check.round_no == round_no), None)
    still_open = [finding for check in here for finding in check.findings if finding.is_open]
    return Spot(held, items_at(day, held), last, still_open)


def round_now(day: MarketDay) -> int:
    """The round that is on: the second once the market has opened."""
    return 1 if day.state in (DayState.PUBLISHED, DayState.SETTING_UP) else rules.ROUNDS


def check_spot(
    day: MarketDay,
    held: Assignment | None,
    round_no: int,
    problems: Sequence[Problem],
    *,
    client_id: str,
    by: User,
    at: datetime,
    checked_at: datetime | None = None,
    inspector: str = "",
) -> SpotCheck:
    """Somebody looked at a stall (None: the plaza); what is not among `problems` was fine. The same
    `client_id` again is the same look. `checked_at` and `inspector` come from a sheet that is typed in.

    Refuses `inspection.not_now`, `inspection.no_round`, `inspection.not_here`, `inspection.no_item` and
    `inspection.no_hour`.
    """
    lock_row(day)
    known = _known(day, client_id)
    if known is not None:
        return known
    items = [item.code for item in items_at(day, held)]
    _refuse_unfit(day, held, round_no)
    _refuse_problems(problems, items)
    race_point("inspection.check_spot")
    check = SpotCheck(
        day=day,
        assignment=held,
        client_id=client_id,
        round_no=round_no,
        items=items,
        inspector=inspector,
        checked_at=checked_at or at,
        noted_at=at,
        noted_by=by.id,
        findings=[_finding(problem, by, at) for problem in problems],
    )
    db.session.add(check)
    db.session.flush()
    _note_check(check, problems, by=by, at=at)
    return check


def _note_check(check: SpotCheck, problems: Sequence[Problem], *, by: User, at: datetime) -> None:
    where = check.assignment.ref if check.assignment is not None else "plaza"
    wrong = {problem.item: problem.result.value for problem in problems}
    audit.record(
        "inspection.check_spot", check, by=by, at=at, community=check.day.community, where=where,
        round=check.round_no, wrong=wrong,
    )  # fmt: skip


def _known(day: MarketDay, client_id: str) -> SpotCheck | None:
    query = sa.select(SpotCheck).where(SpotCheck.day_id == day.id, SpotCheck.client_id == client_id)
    return db.session.scalar(query)


def _refuse_unfit(day: MarketDay, held: Assignment | None, round_no: int) -> None:
    if day.state not in INSPECTING_STATES:
        raise Refusal("inspection.not_now", _("这一场现在不能记巡查：还没发布，或者已经入账。"))
    if not 1 <= round_no <= rules.ROUNDS:
        raise Refusal("inspection.no_round", _("没有这一轮巡查，请重新选。"), 422)
    if held is not None and (held.day_id != day.id or held.released_at is not None):
        raise Refusal("inspection.not_here", _("这一家已经不在这个摊位了，请回到名单再看一眼。"))


def _refuse_problems(problems: Sequence[Problem], items: Sequence[str]) -> None:
    for problem in problems:
        if problem.item not in items or problem.result not in rules.WRONG:
            raise Refusal("inspection.no_item", _("这张检查表变过了，没有记上。请刷新以后再填。"), 422)
        if problem.result is Result.TO_MEND and problem.mend_by is None:
            raise Refusal("inspection.no_hour", _("限时改的，请写几点以前改好。"), 422)


def _finding(problem: Problem, by: User, at: datetime) -> Finding:
    photos = [
        FindingPhoto(content=one.content, width=one.width, height=one.height, added_at=at, added_by=by.id)
        for one in problem.photos
    ]
    return Finding(
        item=problem.item, result=problem.result, note=problem.note, mend_by=problem.mend_by, photos=photos
    )
