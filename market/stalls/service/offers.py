"""After publication: a stall that becomes free is kept for the next in line for a while, then for another."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.allocation.pairs import land, neighbours, standing
from market.allocation.rules import Applicant, Layout, queue_order
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Stall
from market.stalls.models import Assignment, StallOffer
from market.stalls.rules import OfferAnswer
from market.stalls.service.facts import scene
from market.stalls.service.placement import place
from market.stalls.service.telling import tell_offer, tell_passed_on
from market.vendors.models import Application

OFFER_TIME = timedelta(hours=12)
"""So long a vendor may think it over, but never beyond the hour of arrival."""
ON_THE_DAY = timedelta(minutes=15)
"""When vendors already drive in: the next one is waiting."""


def offers(day: MarketDay) -> list[StallOffer]:
    """Every offer of a day, the newest first."""
    query = sa.select(StallOffer).where(StallOffer.day_id == day.id).order_by(StallOffer.id.desc())
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def open_offers(day: MarketDay) -> list[StallOffer]:
    """Those not answered yet."""
    return [offer for offer in offers(day) if offer.answer is OfferAnswer.OPEN]


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
    """Keeps a free stall for the first in line for whom it fits and who was not asked yet; None = nobody."""
    lock_row(day)
    until = min(at + OFFER_TIME, day.arrive_by) if at + ON_THE_DAY < day.arrive_by else at + ON_THE_DAY
    found = _next_for(day, stall)
    if found is None or day.state not in GATE_STATES or until >= day.close_at:
        return None
    offer = StallOffer(
        day=day, stall=stall, application=found, made_by=by.id, made_at=at, expires_at=until,
        answer=OfferAnswer.OPEN,
    )  # fmt: skip
    db.session.add(offer)
    db.session.flush()
    audit.record("stalls.offer", offer, by=by, at=at, stall=stall.label, vendor=found.vendor.ref)
    tell_offer(offer, offered_label(offer), by=by, at=at)
    return offer


def offer_freed(held: Assignment, *, by: User, at: datetime) -> None:
    """Offers what somebody held: of two stalls each by itself, unless one who needs two is next."""
    for stall in (held.stall, held.second_stall):
        if stall is not None:
            offer_stall(held.day, stall, by=by, at=at)


def _next_for(day: MarketDay, stall: Stall) -> Application | None:
    ground, known = scene(day), offers(day)
    layout = _with_offers(ground.strict, known)
    for applicant in sorted(layout.applicants, key=queue_order):
        if applicant.id in layout.assignment or _was_asked(layout, known, applicant, stall):
            continue
        if not land(layout, applicant.id, stall.id)[1]:
            return ground.applications[applicant.id]
    return None


def _with_offers(layout: Layout, known: list[StallOffer]) -> Layout:
    """As if everybody came who was asked and has not answered."""
    waiting = {applicant.id for applicant in layout.applicants} - set(layout.assignment)
    for offer in reversed(known):
        if offer.answer is OfferAnswer.OPEN and offer.application_id in waiting:
            spot = land(layout, offer.application_id, offer.stall_id)[0]
            layout = standing(layout, {offer.application_id: spot})
    return layout


def _was_asked(layout: Layout, known: list[StallOffer], applicant: Applicant, stall: Stall) -> bool:
    """Who needs two was asked for the stall beside as well."""
    places = {stall.id, *(neighbours(layout, stall.id) if applicant.double else ())}
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
    query = sa.select(StallOffer).where(StallOffer.answer == OfferAnswer.OPEN, StallOffer.expires_at <= at)
    late = list(db.session.scalars(query))
    for offer in late:
        lock_row(offer.day)
        db.session.refresh(offer)
        if offer.answer is OfferAnswer.OPEN:
            _pass_on(offer, OfferAnswer.EXPIRED, by=db.session.get_one(User, offer.made_by), at=at)
    return len(late)


def _begin(offer: StallOffer, at: datetime) -> None:
    lock_row(offer.day)
    db.session.refresh(offer)
    if offer.answer is not OfferAnswer.OPEN or at >= offer.expires_at:
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
    tell_passed_on(offer, by=by, at=at)
    free = [stall for stall in kept if scene(day).holder_of(stall) is None]
    made = [offer_stall(day, stall, by=by, at=at) for stall in free]
    return next((one for one in made if one is not None), None)


def _kept_for(offer: StallOffer) -> list[Stall]:
    """The stall of an open offer, and the one beside for who needs two."""
    ground = scene(offer.day)
    layout = _with_offers(ground.layout, offers(offer.day))
    if offer.application_id in ground.live or offer.application_id not in layout.assignment:
        return [offer.stall]
    return ground.stalls_of(layout.assignment[offer.application_id])
