"""Dates that vendors tick for a season ahead, and their word, shortly before a market, that they come."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import db, key_of, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.vendors.coming import ANNOUNCED, ComingKind, is_asked
from market.vendors.coming_rows import ComingWord
from market.vendors.models import Application, Vendor
from market.vendors.rules import LIVE
from market.vendors.service.application import applications, apply, of_day


def announced_days(community: Community, at: datetime) -> list[MarketDay]:
    """Markets that are settled and do not take applications yet, in order."""
    return [day for day in calendar.days_ahead(community, at) if day.state in ANNOUNCED]


def say_means_to(day: MarketDay, vendor: Vendor, *, by: User, at: datetime) -> None:
    """A vendor wants to come to a market that does not take applications yet; twice is once.

    Refuses `vendors.not_announced` and `vendors.forgotten`.
    """
    _check(day, vendor)
    if day.state not in ANNOUNCED:
        raise Refusal("vendors.not_announced", _("这一场现在不能这样勾。能报名的，直接报名。"))
    _say(day, vendor, ComingKind.MEANS_TO, by=by, at=at)


def say_sure(day: MarketDay, vendor: Vendor, *, by: User, at: datetime) -> None:
    """A vendor of a published market says that it comes, or staff heard so; twice is once.

    Refuses `vendors.not_asked` before three days ahead and after the beginning, and `vendors.no_application`
    of who is not expected.
    """
    _check(day, vendor)
    application = of_day(day, vendor)
    if application is None or application.state not in LIVE:
        raise NotFound("vendors.no_application", _("没有这份报名。"))
    if not is_asked(day.state, calendar.local_date(day), clock.local(at, day.community.zone).date()):
        raise Refusal("vendors.not_asked", _("还没到问来不来的时候，或者已经开市了。"))
    _say(day, vendor, ComingKind.SURE, by=by, at=at)


def take_word_back(day: MarketDay, vendor: Vendor, kind: ComingKind, *, by: User, at: datetime) -> None:
    """What was said counts no longer; who said nothing takes nothing back."""
    _check(day, vendor)
    lock_row(day)
    word = _word(day, vendor, kind)
    if word is not None:
        db.session.delete(word)
        audit.record("vendors.take_word_back", day, by=by, at=at, on_behalf_of=_for_whom(vendor, by))


def _check(day: MarketDay, vendor: Vendor) -> None:
    if vendor.community_id != day.community_id:
        raise NotFound("vendors.no_vendor", _("没有这位商户。"))
    if vendor.forgotten:
        raise Refusal("vendors.forgotten", _("这位商户的资料已经删去。要再来，请重新登记。"))


def _say(day: MarketDay, vendor: Vendor, kind: ComingKind, *, by: User, at: datetime) -> None:
    lock_row(day)
    on, word = calendar.local_date(day), _word(day, vendor, kind)
    if word is not None and word.said_for == on:
        return
    word = word or ComingWord(day=day, vendor=vendor, kind=kind)
    word.said_for, word.said_by, word.said_at = on, key_of(by), at
    db.session.add(word)
    db.session.flush()
    audit.record("vendors.say_coming", day, by=by, at=at, on_behalf_of=_for_whom(vendor, by), kind=kind.value)


def _for_whom(vendor: Vendor, by: User) -> str | None:
    return vendor.trading_name if by.id != vendor.user_id else None


def _word(day: MarketDay, vendor: Vendor, kind: ComingKind) -> ComingWord | None:
    query = sa.select(ComingWord).where(
        ComingWord.day_id == day.id, ComingWord.vendor_id == vendor.id, ComingWord.kind == kind
    )
    return db.session.scalar(query)


def words_of(day: MarketDay, kind: ComingKind) -> dict[int, ComingWord]:
    """By vendor: what was said of this market and still counts for its date."""
    query = sa.select(ComingWord).where(ComingWord.day_id == day.id, ComingWord.kind == kind)
    on = calendar.local_date(day)
    return {word.vendor_id: word for word in db.session.scalars(query) if word.said_for == on}


def ticked_days(vendor: Vendor, days: Collection[MarketDay]) -> frozenset[int]:
    """The ids of those of these markets that a vendor ticked ahead."""
    dates = {day.id: calendar.local_date(day) for day in days}
    query = sa.select(ComingWord).where(
        ComingWord.vendor_id == vendor.id,
        ComingWord.kind == ComingKind.MEANS_TO,
        ComingWord.day_id.in_(dates),
    )
    words = db.session.scalars(query)
    return frozenset(word.day_id for word in words if word.said_for == dates[word.day_id])


def apply_for_announced(day: MarketDay, *, by: User, at: datetime) -> list[Application]:
    """Enters those who ticked this market ahead, once it takes applications; twice is once."""
    asked = {application.vendor_id for application in applications(day)}
    words = words_of(day, ComingKind.MEANS_TO)
    people = [word.vendor for vendor_id, word in sorted(words.items()) if vendor_id not in asked]
    return [apply(day, vendor, by=by, at=at) for vendor in people if not vendor.forgotten]
