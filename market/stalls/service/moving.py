"""One vendor at a time: placed, moved, swapped, taken off, come up from the waiting list.

Every act locks the day, reads who stands where, asks the rules, and only then writes; two unique keys are the
last guard. A stall that somebody else got first is refused with the name of who has it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.words import state_word
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Stall
from market.stalls import rules
from market.stalls.models import Assignment, OfferAnswer, PlanPin, ReleaseReason, StallOffer
from market.stalls.rules import Conflict, Param, check_move, check_swap, queue_order, walking_order
from market.stalls.service.facts import Scene, scene
from market.stalls.service.holding import hold, let_go
from market.stalls.service.telling import tell_lost, tell_placed
from market.stalls.unwise import unwise
from market.stalls.words import conflict_sentence
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.rules import PLACEABLE, ApplicationState

MOVING_STATES = (
    DayState.REVIEWING, DayState.ALLOCATED, DayState.PUBLISHED, DayState.SETTING_UP, DayState.OPEN,
)  # fmt: skip
"""States in which single vendors may be placed and moved."""

STATE_AFTER = {
    ReleaseReason.WITHDRAWN: ApplicationState.WITHDRAWN,
    ReleaseReason.REPLANNED: ApplicationState.WAITLISTED,
}
"""What a released vendor's application becomes; a no-show and a day called off leave it as it was."""


def place(
    application: Application,
    stall: Stall,
    *,
    by: User,
    at: datetime,
    reason_code: str = "staff",
    because: str = "",
) -> Assignment:
    """Gives a free stall to an approved vendor; who stands elsewhere is moved; twice is once.

    `because`: why it may be done although something speaks against it.
    Refuses `stalls.taken` naming the holder, `stalls.misfit`, `stalls.full`, `stalls.not_approved`,
    `stalls.wrong_state`, and without a reason `stalls.unwise`.
    """
    day = application.day
    lock_row(day)
    _refuse_taken(day, stall, application)
    ground = _begin(day, application)
    here = ground.live.get(application.id)
    if here is not None and here.stall_id == stall.id:
        return here
    if here is None and application.state not in PLACEABLE:
        sentence = _("%(name)s的报名还没有通过。请先审核报名。", name=application.vendor.trading_name)
        raise Refusal("stalls.not_approved", sentence)
    _refuse(check_move(ground.layout, application.id, _stall_of(ground, stall).id))
    after = {**ground.layout.assignment, application.id: stall.id}
    reason = _weigh(ground, after, (application.id,), because if reason_code == "staff" else reason_code)
    race_point("stalls.claim")
    if here is not None:
        _let_go(here, ReleaseReason.MOVED, by=by, at=at)
    return _put(application, stall, reason_code, reason, by=by, at=at)


def move(
    assignment: Assignment,
    stall: Stall,
    *,
    by: User,
    at: datetime,
    reason_code: str = "staff",
    because: str = "",
) -> Assignment:
    """Moves a vendor to a free stall; the returned assignment is a new one. Refuses as `place` does, and
    `stalls.released` when the vendor has no stall any more."""
    _still_held(assignment)
    return place(
        assignment.application, stall, by=by, at=at, reason_code=reason_code, because=because
    )  # fmt: skip


def swap(
    one: Assignment, other: Assignment, *, by: User, at: datetime, because: str = ""
) -> tuple[Assignment, Assignment]:
    """Two vendors change places; both assignments are new ones.

    Refuses `stalls.misfit`, `stalls.released`, and without a reason `stalls.unwise`.
    """
    if one.day_id != other.day_id:
        raise NotFound("stalls.no_assignment", _("这两家不在同一场集市。"))
    ground = _begin(one.day, one.application)
    _still_held(one, other)
    if one.id == other.id:
        return one, other
    _refuse(check_swap(ground.layout, one.application_id, other.application_id))
    movers = one.application_id, other.application_id
    reason = _weigh(ground, rules.swap(ground.layout.assignment, *movers), movers, because)
    race_point("stalls.swap")
    for held in (one, other):
        _let_go(held, ReleaseReason.MOVED, by=by, at=at)
    pairs = ((one, other), (other, one))
    first, second = (
        _put(a.application, b.stall, "swapped", {"other": b.vendor.trading_name, **reason}, by=by, at=at)
        for a, b in pairs
    )
    return first, second


def release(assignment: Assignment, reason: ReleaseReason, *, by: User, at: datetime) -> None:
    """The vendor gives the stall back, or it is taken away; twice is once.

    `WITHDRAWN` withdraws the application, `REPLANNED` puts the vendor on the waiting list.
    """
    lock_row(assignment.day)
    db.session.refresh(assignment)
    if assignment.released_at is not None:
        return
    _let_go(assignment, reason, by=by, at=at)
    application = assignment.application
    application.state = STATE_AFTER.get(reason, application.state)
    db.session.flush()
    tell_lost(assignment, reason, by=by, at=at)


def withdraw(application: Application, *, by: User, at: datetime) -> None:
    """The vendor does not come; a stall held becomes free. Refuses as `vendors.withdraw` does."""
    day = application.day
    lock_row(day)
    db.session.refresh(application)
    held = scene(day).live.get(application.id)
    if held is None:
        if application.state is ApplicationState.ALLOCATED:
            application.state = (
                ApplicationState.WAITLISTED
            )  # it lost its stall before (no-show, day called off)
        vendors.withdraw(application, by=by, at=at)
        return
    _refuse_wrong_state(day)
    release(held, ReleaseReason.WITHDRAWN, by=by, at=at)


def pin(assignment: Assignment, *, by: User, at: datetime) -> None:
    """Laying the plan anew leaves this vendor here, and nobody moves it; twice is once."""
    _still_held(assignment)
    _refuse_wrong_state(assignment.day)
    if _pin_of(assignment.application) is None:
        place_id, key = assignment.stall_id, assignment.application_id
        db.session.add(
            PlanPin(
                day_id=assignment.day_id, application_id=key, stall_id=place_id, pinned_by=by.id, pinned_at=at
            )
        )
        db.session.flush()
        audit.record("stalls.pin", assignment, by=by, at=at, stall=assignment.stall.label)


def unpin(application: Application, *, by: User, at: datetime) -> None:
    """The vendor may be moved again; twice is once."""
    lock_row(application.day)
    known = _pin_of(application)
    if known is not None:
        db.session.delete(known)
        db.session.flush()
        audit.record("stalls.unpin", application, by=by, at=at)


def _pin_of(application: Application) -> PlanPin | None:
    return db.session.scalar(sa.select(PlanPin).where(PlanPin.application_id == application.id))


def promote_next(day: MarketDay, *, by: User, at: datetime) -> Assignment | None:
    """The first in the waiting list for whom a free stall fits gets the best one; None when nobody fits."""
    ground = _begin(day)
    found = _next_in_line(ground)
    if found is None:
        return None
    application, stall, passed_over = found
    race_point("stalls.promote")
    params: dict[str, Param] = {"passed_over": passed_over}
    return _put(application, stall, "promoted", params, by=by, at=at)


def next_in_line(ground: Scene) -> tuple[Application, Stall] | None:
    """Who would come up from the waiting list now, and to which stall."""
    found = _next_in_line(ground)
    return (found[0], found[1]) if found else None


def _next_in_line(ground: Scene) -> tuple[Application, Stall, int] | None:
    waiting = [a for a in ground.layout.applicants if a.id not in ground.layout.assignment]
    for passed_over, applicant in enumerate(sorted(waiting, key=queue_order)):
        fitting = [s for s in ground.layout.stalls if not check_move(ground.layout, applicant.id, s.id)]
        if fitting:
            best = min(fitting, key=lambda s: (-rules.score(applicant, s), walking_order(s)))
            return ground.applications[applicant.id], ground.stalls[best.id], passed_over
    return None


def _begin(day: MarketDay, *also: Application) -> Scene:
    lock_row(day)
    _refuse_wrong_state(day)
    return scene(day, also)


def _refuse_wrong_state(day: MarketDay) -> None:
    if day.state not in MOVING_STATES:
        sentence = _("这场集市现在是「%(state)s」，不能调整摊位。", state=state_word(day.state))
        raise Refusal("stalls.wrong_state", sentence)


def _still_held(*assignments: Assignment) -> None:
    for assignment in assignments:
        lock_row(assignment.day)
        db.session.refresh(assignment)
        if assignment.released_at is not None:
            sentence = _(
                "%(name)s已经不在 %(stall)s 号了，刚刚有人调整过。请看看现在的摊位图，再试一次。",
                name=assignment.vendor.trading_name,
                stall=assignment.stall.label,
            )
            raise Refusal("stalls.released", sentence)


def _stall_of(ground: Scene, stall: Stall) -> Stall:
    if stall.id in ground.stalls:
        return stall
    if stall.retired_at is not None:
        raise Refusal("stalls.misfit", _("%(stall)s 号已经停用，请换一个摊位。", stall=stall.label))
    raise NotFound("stalls.no_stall", _("这场集市没有这个摊位。"))


def _refuse_taken(day: MarketDay, stall: Stall, application: Application) -> None:
    """A stall that is gone comes first: whatever else is wrong with it does not matter any more."""
    query = (
        sa.select(Vendor.trading_name)
        .join(Assignment, Assignment.vendor_id == Vendor.id)
        .where(
            Assignment.day_id == day.id,
            Assignment.stall_id == stall.id,
            Assignment.released_at.is_(None),
            Assignment.application_id != application.id,
        )
    )
    holder = db.session.scalar(query)
    if holder is not None:
        sentence = _(
            "%(stall)s 已经给了 %(by)s。可以让两家对调，或换一个空摊位。", stall=stall.label, by=holder
        )
        raise Refusal("stalls.taken", sentence)


def _refuse(conflicts: list[Conflict]) -> None:
    for conflict in conflicts:
        code = "stalls.full" if conflict.code == "limit_reached" else "stalls.misfit"
        raise Refusal(code, conflict_sentence(conflict))


def _weigh(
    ground: Scene, after: Mapping[int, int], movers: Collection[int], because: str
) -> dict[str, Param]:
    """What is kept of a warning that somebody overrode; a warning without a reason stops the act."""
    against = unwise(ground.layout, after, movers)
    if not against:
        return {}
    if not because.strip():
        sentence = _("%(warning)s如果确实要这样安排，请写明原因。", warning=conflict_sentence(against[0]))
        raise Refusal("stalls.unwise", sentence)
    return {"against": against[0].code, "because": because.strip()[:200]}


def _let_go(held: Assignment, reason: ReleaseReason, *, by: User, at: datetime) -> None:
    held.released_at, held.released_by, held.release_reason = at, by.id, reason
    let_go([held])
    if reason is not ReleaseReason.MOVED:
        db.session.execute(sa.delete(PlanPin).where(PlanPin.application_id == held.application_id))
    db.session.flush()
    audit.record("stalls.release", held, by=by, at=at, stall=held.stall.label, reason=reason.value)


def _answer_offers(placed: Assignment, at: datetime) -> None:
    """Open offers of this stall, or to this vendor, are answered by the act."""
    query = sa.select(StallOffer).where(
        StallOffer.day_id == placed.day.id,
        StallOffer.answer == OfferAnswer.OPEN,
        sa.or_(StallOffer.stall_id == placed.stall.id, StallOffer.application_id == placed.application.id),
    )
    for offer in db.session.scalars(query).all():
        same = offer.stall_id == placed.stall_id and offer.application_id == placed.application_id
        offer.answer, offer.answered_at = (OfferAnswer.ACCEPTED if same else OfferAnswer.WITHDRAWN), at
    db.session.flush()


def _put(
    application: Application, stall: Stall, code: str, params: dict[str, Param], *, by: User, at: datetime
) -> Assignment:
    assignment = Assignment(
        community_id=application.community_id, day=application.day, stall=stall, vendor=application.vendor,
        application=application, reason_code=code,
        reason_params={"stall": stall.label, "zone": stall.zone, **params},
        assigned_by=by.id, assigned_at=at,
    )  # fmt: skip
    application.state = ApplicationState.ALLOCATED
    hold([assignment])
    _answer_offers(assignment, at)
    because = str(params.get("because", ""))
    audit.record("stalls.place", assignment, by=by, at=at, stall=stall.label, reason=code, because=because)
    tell_placed(assignment, by=by, at=at)
    return assignment
