"""Applications to a market day: sent, reviewed, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import lazyload, selectinload

from market import audit
from market.calendar.day_facts import day_facts
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import db, key_of, lock_row, race_point
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Stall
from market.reading import read_once
from market.vendors.models import Application, Vendor
from market.vendors.rules import (
    BEFORE_REVIEW,
    DECIDABLE,
    FOOD_CATEGORIES,
    LIVE,
    OVER,
    PLACEABLE,
    ApplicationState,
    ApplyFault,
    apply_fault,
)
from market.vendors.service.eligibility import barred, refuse_barred
from market.vendors.service.registration import MAX_POWER_W

ALREADY_IN = tuple(state for state in LIVE if state not in BEFORE_REVIEW)
"""States in which applying again changes nothing."""

FAULT_SENTENCES = {
    ApplyFault.NOT_YET: _("这一场还没开始报名。"),
    ApplyFault.TOO_LATE: _("这一场的报名已经截止。想来可以给社区打电话，看还有没有空位。"),
    ApplyFault.CLOSED: _("这一场不能再报名了。"),
}


def apply(
    day: MarketDay,
    vendor: Vendor,
    *,
    by: User,
    at: datetime,
    power_w: int | None = None,
    wanted_stall: Stall | None = None,
    note: str = "",
    double: bool | None = None,
) -> Application:
    """A vendor wants to come; staff (anybody but its own people) may enter people outside the window too.

    `double` asks for two stalls side by side; None leaves that as it was. Twice is once. Whoever was asked
    for papers and applies again says that they are there now; whoever withdrew or was turned down may apply
    again and stands at the end. Refuses `vendors.not_yet`, `vendors.too_late`, `vendors.closed`,
    `vendors.bad_power` and `vendors.bad_stall`.
    """
    lock_row(day)
    application = of_day(day, vendor)
    race_point("vendors.apply")
    if application is not None and application.state in ALREADY_IN:
        return application
    on_behalf = not vendor.is_of(by)
    _check_application(day, vendor, power_w, wanted_stall)
    if application is None or application.state not in LIVE:
        _check_window(day, at, on_behalf=on_behalf)
    if application is None:
        application = Application(community_id=day.community_id, day=day, vendor=vendor)
        db.session.add(application)
    if application.state not in LIVE:
        application.submitted_at, application.submitted_by = at, key_of(by)
    asked = int((application.applied_for or {}).get("asked", "0")) + 1
    application.applied_for = {**day_facts(day), "at": at.isoformat(), "asked": str(asked)}
    application.state, application.decision_note = ApplicationState.SUBMITTED, ""
    application.decided_at = application.decided_by = None
    application.power_w = vendor.power_w if power_w is None else power_w
    application.wanted_stall, application.note = wanted_stall, note.strip()[:200]
    application.double = bool(application.double if double is None else double)
    db.session.flush()
    for_whom = vendor.trading_name if by.id != vendor.user_id else None
    audit.record("vendors.apply", application, by=by, at=at, on_behalf_of=for_whom, day=day.ref)
    return application


def _check_application(day: MarketDay, vendor: Vendor, power_w: int | None, wanted: Stall | None) -> None:
    if vendor.community_id != day.community_id:
        raise NotFound("vendors.no_vendor", _("没有这位商户。"))
    if vendor.forgotten:
        raise Refusal("vendors.forgotten", _("这位商户的资料已经删去。要再来，请重新登记。"))
    if power_w is not None and not 0 <= power_w <= MAX_POWER_W:
        raise Refusal("vendors.bad_power", _("用电请填 0 到 20 千瓦。"), 422)
    if wanted is not None and (wanted.venue_id != day.venue_id or wanted.retired_at is not None):
        raise Refusal("vendors.bad_stall", _("这一场没有这个摊位，请换一个。"), 422)


def _check_window(day: MarketDay, at: datetime, *, on_behalf: bool) -> None:
    fault = apply_fault(day.state, day.apply_from, day.apply_until, at, on_behalf=on_behalf)
    if fault is not None:
        raise Refusal(f"vendors.{fault.value}", FAULT_SENTENCES[fault])


# ── review ────────────────────────────────────────────────────────────────────────────────────────────────


def approve(application: Application, *, by: User, at: datetime) -> None:
    """The vendor may come and takes part in the allocation.

    Refuses `vendors.may_not_stand` saying what lacks, `vendors.closed`, `vendors.placed` and
    `vendors.withdrawn`.
    """
    _decide(application, ApplicationState.APPROVED, "", by=by, at=at)


def ask_for_documents(application: Application, note: str, *, by: User, at: datetime) -> None:
    """Something is missing; the vendor reads `note`. Refuses `vendors.no_reason` without one."""
    _decide(application, ApplicationState.NEEDS_MORE, note, by=by, at=at)


def reject(application: Application, note: str, *, by: User, at: datetime) -> None:
    """Not this time; the vendor reads why. Refuses `vendors.no_reason` without a reason."""
    _decide(application, ApplicationState.REJECTED, note, by=by, at=at)


def turn_away(application: Application, note: str, *, by: User, at: datetime) -> None:
    """As `reject`, also for who takes part in the allocation: its stall has been taken back."""
    _decide(application, ApplicationState.REJECTED, note, (*DECIDABLE, *PLACEABLE), by=by, at=at)


def _decide(
    application: Application,
    state: ApplicationState,
    note: str,
    decidable: Sequence[ApplicationState] = DECIDABLE,
    *,
    by: User,
    at: datetime,
    asked: bool = False,
) -> None:
    """`asked`: whether the vendor may stand was asked a moment ago, for many at once."""
    note = note.strip()[:200]
    if state is not ApplicationState.APPROVED and not note:
        raise Refusal("vendors.no_reason", _("请写一句缺什么、为什么，商户会看到这句话。"), 422)
    lock_row(application.day)
    db.session.refresh(application)
    if application.state is state and application.decision_note == note:
        return
    _check_decidable(application, decidable)
    if state is ApplicationState.APPROVED and not asked:
        refuse_barred(application.day, [application.vendor])
    application.state, application.decision_note = state, note
    application.decided_at, application.decided_by = at, key_of(by)
    db.session.flush()
    audit.record(f"vendors.{state.value}", application, by=by, at=at, note=note)


def _check_decidable(application: Application, decidable: Sequence[ApplicationState]) -> None:
    if application.day.state in OVER:
        raise Refusal("vendors.closed", _("这一场已经结束，报名不能再改。"))
    if application.state is ApplicationState.WITHDRAWN:
        raise Refusal("vendors.withdrawn", _("商户自己退出了。要再来，请重新报名。"))
    if application.state not in decidable:
        raise Refusal("vendors.placed", _("这位商户已经参加排摊。要改，请到摊位图上调整。"))


def approve_complete(day: MarketDay, *, by: User, at: datetime) -> list[Application]:
    """Approves everyone who waits for an answer and lacks nothing that must be there."""
    lock_row(day)
    waiting = [application for application in applications(day) if application.state in BEFORE_REVIEW]
    stopped = barred(day, [application.vendor for application in waiting])
    complete = [application for application in waiting if application.vendor_id not in stopped]
    for application in complete:
        _decide(application, ApplicationState.APPROVED, "", by=by, at=at, asked=True)
    return complete


# ── coming off ────────────────────────────────────────────────────────────────────────────────────────────


def withdraw(application: Application, *, by: User, at: datetime) -> None:
    """The vendor does not come; twice is once. Who has a stall withdraws in the room of the stalls.

    Refuses `vendors.placed`, `vendors.rejected` and `vendors.closed`.
    """
    lock_row(application.day)
    db.session.refresh(application)
    if application.state is ApplicationState.WITHDRAWN:
        return
    if application.day.state in OVER:
        raise Refusal("vendors.closed", _("这一场已经结束，报名不能再改。"))
    if application.state is ApplicationState.ALLOCATED:
        raise Refusal("vendors.placed", _("已经排了摊位，要先把摊位让出来。"))
    if application.state not in LIVE:
        raise Refusal("vendors.rejected", _("这次报名已经退回，不用再退出。"))
    application.state = ApplicationState.WITHDRAWN
    application.withdrawn_at, application.withdrawn_by = at, key_of(by)
    db.session.flush()
    vendor = application.vendor
    for_whom = vendor.trading_name if by.id != vendor.user_id else None
    audit.record("vendors.withdraw", application, by=by, at=at, on_behalf_of=for_whom)


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def of_day(day: MarketDay, vendor: Vendor) -> Application | None:
    """A vendor's application to a market day."""
    query = sa.select(Application).where(Application.day_id == day.id, Application.vendor_id == vendor.id)
    return db.session.scalar(query)


def application_of(day: MarketDay, vendor: Vendor) -> Application:
    """The same, where there must be one."""
    application = of_day(day, vendor)
    if application is None:
        raise NotFound("vendors.no_application", _("没有这份报名。"))
    return application


@read_once
def applications(day: MarketDay) -> list[Application]:
    """All of a market day, in the order of their arrival; an act reads them anew."""
    query = (
        sa.select(Application)
        .where(Application.day_id == day.id)
        .order_by(Application.submitted_at, Application.id)
        .options(lazyload(Application.day), selectinload(Application.wanted_stall))
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def expected_food(day: MarketDay) -> int:
    """How many food stalls a day must count on before any plan: those who applied and were not sent away."""
    return sum(a.state in LIVE and a.vendor.category in FOOD_CATEGORIES for a in applications(day))


def find_application(community: Community, ref: str) -> Application:
    """An application of this community."""
    query = sa.select(Application).where(Application.community_id == community.id, Application.ref == ref)
    application = db.session.scalar(query)
    if application is None:
        raise NotFound("vendors.no_application", _("没有这份报名。"))
    return application


def live_days(vendor: Vendor) -> set[int]:
    """The markets to which a vendor has applied, and the application still counts."""
    query = sa.select(Application.day_id).where(
        Application.vendor_id == vendor.id, Application.state.in_(LIVE)
    )
    return set(db.session.scalars(query))


def history(vendor: Vendor) -> list[Application]:
    """What a vendor applied to, newest market first."""
    query = sa.select(Application).where(Application.vendor_id == vendor.id).join(Application.day)
    return list(db.session.scalars(query.order_by(MarketDay.open_at.desc(), Application.id.desc())))
