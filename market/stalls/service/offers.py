"""After publication: a stall that becomes free is kept for the next in line for a while, then for another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.allocation.pairs import find_spot, neighbours, standing
from market.allocation.rules import Applicant, State, queue_order
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.db import db, lock_row, spelt
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Stall
from market.stalls.models import Assignment, StallOffer
from market.stalls.rules import OfferAnswer, offer_until
from market.stalls.service.facts import plan_state
from market.stalls.service.placement import place
from market.vendors.models import Application


def offers(day: MarketDay) -> list[StallOffer]:
    """Every offer of a day, the newest first."""
    query = sa.select(StallOffer).where(StallOffer.day_id == day.id).order_by(StallOffer.id.desc())
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def open_offers(day: MarketDay) -> list[StallOffer]:
    """Those not answered yet."""
    return [offer for offer in offers(day) if offer.answer is OfferAnswer.OPEN]


def is_open(offer: StallOffer, at: datetime) -> bool:
    """Whether it can be answered now, wherever the clock that passes offers on has come to."""
    known = offer.answer is OfferAnswer.OPEN and offer.day.state in GATE_STATES
    return known and at < offer.until


def offers_now(day: MarketDay, at: datetime) -> list[StallOffer]:
    """Those that can be answered now."""
    return [offer for offer in open_offers(day) if is_open(offer, at)]


def offered_label(offer: StallOffer) -> str:
    """What an open offer keeps: `A03`, or `A03+A04` for who needs two."""
    return "+".join(stall.label for stall in _kept_for(offer))


def offer_to(application: Application) -> StallOffer | None:
    """What a vendor has been offered and not answered."""
    query = sa.select(StallOffer).where(
        StallOffer.application_id == application.id, StallOffer.answer == OfferAnswer.OPEN
    )
    return db.session.scalar(query)


def find_offer(day: MarketDay, ref: str) -> StallOffer:
    """An offer of this day."""
    found = db.session.scalar(sa.select(StallOffer).where(StallOffer.day_id == day.id, StallOffer.ref == ref))
    if found is None:
        raise NotFound("stalls.no_offer", _("没有这个补位邀请。"))
    return found


def offer_stall(day: MarketDay, stall: Stall, *, by: User, at: datetime) -> StallOffer | None:
    """Keeps a free stall for the first in line who may stand, for whom it fits and who was not asked yet;
    None: nobody, or too late for anybody to come."""
    lock_row(day)
    until = offer_until(at, day.arrive_by, day.close_at)
    if until is None or day.state not in GATE_STATES:
        return None
    found = _next_for(day, stall, at)
    if found is None:
        return None
    _close_late(day, stall, at)
    offer = StallOffer(
        day=day, stall=stall, application=found, made_by=by.id, made_at=at, expires_at=until,
        answer=OfferAnswer.OPEN,
    )  # fmt: skip
    db.session.add(offer)
    db.session.flush()
    audit.record("stalls.offer", offer, by=by, at=at, stall=stall.label, vendor=found.vendor.ref)
    return offer


def offer_freed(held: Assignment, *, by: User, at: datetime) -> None:
    """Offers what somebody held: of two stalls each by itself, unless one who needs two is next."""
    for stall in (held.stall, held.second_stall):
        if stall is not None:
            offer_stall(held.day, stall, by=by, at=at)


def _close_late(day: MarketDay, stall: Stall, at: datetime) -> None:
    """The last offer of this stall ran out, and nobody has written it down yet."""
    for offer in open_offers(day):
        if offer.stall_id == stall.id and not is_open(offer, at):
            offer.answer, offer.answered_at = OfferAnswer.EXPIRED, at
    db.session.flush()


def _next_for(day: MarketDay, stall: Stall, at: datetime) -> Application | None:
    current, known = plan_state(day), offers(day)
    state = with_offers(current.strict, [offer for offer in known if is_open(offer, at)])
    stopped = current.barred(day)
    for applicant in sorted(state.applicants, key=queue_order):
        if applicant.vendor_id in stopped or applicant.id in state.assignment:
            continue
        if was_asked(state, known, applicant, stall):
            continue
        if not find_spot(state, applicant.id, stall.id)[1]:
            return current.applications[applicant.id]
    return None


def with_offers(state: State, asked: Iterable[StallOffer]) -> State:
    """As if everybody came who was asked (the last one first)."""
    waiting = {applicant.id for applicant in state.applicants} - set(state.assignment)
    for offer in reversed(list(asked)):
        if offer.application_id in waiting:
            spot = find_spot(state, offer.application_id, offer.stall_id)[0]
            state = standing(state, {offer.application_id: spot})
    return state


def was_asked(state: State, known: list[StallOffer], applicant: Applicant, stall: Stall) -> bool:
    """Who needs two was asked for the stall beside as well."""
    places = {stall.id, *(neighbours(state, stall.id) if applicant.double else ())}
    return any(offer.application_id == applicant.id and offer.stall_id in places for offer in known)


def accept_offer(offer: StallOffer, *, by: User, at: datetime) -> Assignment:
    """The vendor comes: the stall is theirs. Refuses `stalls.offer_over`, and what `place` refuses."""
    _begin(offer, at)
    return place(offer.application, offer.stall, by=by, at=at, reason_code="promoted")


def decline_offer(offer: StallOffer, *, by: User, at: datetime) -> StallOffer | None:
    """The vendor stays on the waiting list; the stall is offered to the next. Refuses `stalls.offer_over`."""
    _begin(offer, at)
    return _pass_on(offer, OfferAnswer.DECLINED, by=by, at=at)


def expire_offers(*, at: datetime) -> int:
    """What the clock asks for: offers that nobody answered go to the next in line; how many did."""
    late = late_offers(at)
    for number in late:
        expire_offer(number, at)
    return len(late)


def late_offers(at: datetime) -> list[int]:
    """The offers that wait for an answer which can no longer come."""
    query = sa.select(StallOffer).where(StallOffer.answer == spelt(OfferAnswer.OPEN))
    query = query.options(sa.orm.joinedload(StallOffer.day)).order_by(StallOffer.id)
    return [offer.id for offer in db.session.scalars(query) if not is_open(offer, at)]


def expire_offer(offer_id: int, at: datetime) -> None:
    """Passes one on to the next in line, if nobody answered it meanwhile."""
    offer = db.session.get_one(StallOffer, offer_id)
    lock_row(offer.day)
    db.session.refresh(offer)
    if offer.answer is OfferAnswer.OPEN and not is_open(offer, at):
        _pass_on(offer, OfferAnswer.EXPIRED, by=db.session.get_one(User, offer.made_by), at=at)


def _begin(offer: StallOffer, at: datetime) -> None:
    lock_row(offer.day)
    db.session.refresh(offer)
    if not is_open(offer, at):
        raise Refusal(
            "stalls.offer_over",
            _("%(stall)s 号的补位邀请已经过了时间，或已有答复。", stall=offer.stall.label),
        )


def _pass_on(offer: StallOffer, answer: OfferAnswer, *, by: User, at: datetime) -> StallOffer | None:
    """What was kept goes to the next in line: of two stalls each by itself."""
    day, kept = offer.day, _kept_for(offer)
    offer.answer, offer.answered_at = answer, at
    db.session.flush()
    audit.record("stalls.answer_offer", offer, by=by, at=at, answer=answer.value)
    free = [stall for stall in kept if plan_state(day).holder_of(stall) is None]
    made = [offer_stall(day, stall, by=by, at=at) for stall in free]
    return next((one for one in made if one is not None), None)


def _kept_for(offer: StallOffer) -> list[Stall]:
    """The stall of an open offer, and the one beside for who needs two."""
    current = plan_state(offer.day)
    state = with_offers(current.state, open_offers(offer.day))
    if offer.application_id in current.live or offer.application_id not in state.assignment:
        return [offer.stall]
    return current.stalls_of(state.assignment[offer.application_id])
