"""A market moves to another place: everybody keeps the number of the stall, as it is drawn there."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.places.models import Stall, Venue
from market.stalls.models import KeptFree, PlanPin, StallHold, StallOffer
from market.stalls.rules import OfferAnswer
from market.stalls.service.facts import live_assignments
from market.stalls.service.lottery import current_lottery
from market.vendors.models import Application
from market.vendors.words import in_a_row


def missing_labels(day: MarketDay, venue: Venue) -> list[str]:
    """Stalls that somebody holds, or is fixed to, and that have no namesake at another place."""
    wanted = {stall.label for stall in _promised(day)}
    return sorted(wanted - set(_by_label(venue)))


def carry_over(day: MarketDay, venue: Venue, *, by: User, at: datetime) -> None:
    """Everything that names a stall of the day's old place names the stall of the same number at the new one.

    What nobody was promised (a wish, a stall kept free, an open offer) goes when it has no namesake.
    Refuses `stalls.no_namesake`, and `stalls.list_frozen` while a list for drawing lots names the old stalls.
    """
    lock_row(day)
    refuse_other_venue(day, venue)
    there = _by_label(venue)
    moved = {old: there.get(label) for old, label in _labels(day).items()}
    _move_holders(day, there)
    _move_rows(day, moved)
    _move_offers(day, moved, at)
    for application in _who_wish(day):
        application.wanted_stall = moved.get(application.wanted_stall_id or 0)
    db.session.flush()
    audit.record("stalls.carry_over", day, by=by, at=at, venue=venue.ref)


def refuse_other_venue(day: MarketDay, venue: Venue) -> None:
    """Asks before anything is changed; refuses as `carry_over` does."""
    frozen = current_lottery(day)
    if frozen is not None and frozen.drawn_at is None:
        raise Refusal("stalls.list_frozen", _("抽签名单已经公布，写着原来的摊位。请先抽完签，或收回名单。"))
    missing = missing_labels(day, venue)
    if missing:
        raise Refusal(
            "stalls.no_namesake",
            _(
                "新场地没有这些摊位号：%(labels)s。请先在场地页补画，或者把这几家换到别的摊位。",
                labels=in_a_row(missing),
            ),
        )


def _by_label(venue: Venue) -> dict[str, Stall]:
    return {stall.label: stall for stall in venue.stalls if stall.retired_at is None}


def _promised(day: MarketDay) -> list[Stall]:
    """Stalls held, and stalls somebody is fixed to."""
    held = [s for one in live_assignments(day) for s in (one.stall, one.second_stall) if s is not None]
    pinned = sa.select(Stall).join(PlanPin, PlanPin.stall_id == Stall.id).where(PlanPin.day_id == day.id)
    return [*held, *db.session.scalars(pinned)]


def _labels(day: MarketDay) -> dict[int, str]:
    query = sa.select(Stall.id, Stall.label).where(Stall.venue_id == day.venue_id)
    return dict(db.session.execute(query).all())


def _move_holders(day: MarketDay, there: dict[str, Stall]) -> None:
    for held in live_assignments(day):
        rows = sa.select(StallHold).where(StallHold.assignment_id == held.id)
        by_stall = {row.stall_id: row for row in db.session.scalars(rows)}
        pairs = [(s.id, there[s.label].id) for s in (held.stall, held.second_stall) if s is not None]
        for old, new in pairs:
            by_stall[old].stall_id = new
        held.stall = there[held.stall.label]
        held.second_stall = there[held.second_stall.label] if held.second_stall else None


def _move_rows(day: MarketDay, moved: dict[int, Stall | None]) -> None:
    """Where somebody is fixed, and what is kept free."""
    pins = db.session.scalars(sa.select(PlanPin).where(PlanPin.day_id == day.id)).all()
    free = db.session.scalars(sa.select(KeptFree).where(KeptFree.day_id == day.id)).all()
    rows: list[PlanPin | KeptFree] = [*pins, *free]
    for row in rows:
        to = moved.get(row.stall_id)
        if to is None:
            db.session.delete(row)
        else:
            row.stall_id = to.id


def _move_offers(day: MarketDay, moved: dict[int, Stall | None], at: datetime) -> None:
    """An offer that is answered already is history and stays where it was made."""
    query = sa.select(StallOffer).where(StallOffer.day_id == day.id, StallOffer.answer == OfferAnswer.OPEN)
    for offer in db.session.scalars(query).all():
        to = moved.get(offer.stall_id)
        if to is None:
            offer.answer, offer.answered_at = OfferAnswer.WITHDRAWN, at
        else:
            offer.stall = to


def _who_wish(day: MarketDay) -> list[Application]:
    query = sa.select(Application).where(
        Application.day_id == day.id, Application.wanted_stall_id.is_not(None)
    )
    return list(db.session.scalars(query))
