"""By what each person can be told: what the community sends by, what they have, and what they do not want."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from market import audit
from market.db import db, lock_row
from market.errors import Refusal
from market.outbox.models import Outgoing, SendRule, VendorWays
from market.outbox.rules import ADDRESS, PERSONAL, Way
from market.outbox.service.settings import robot_url, ways_open
from market.outbox.words import ADDRESS_FAULT
from market.people.models import User
from market.vendors.models import Vendor

_MOBILE = re.compile(r"1[3-9]\d{9}").fullmatch


class Addresses(NamedTuple):
    """Where one person can be told something, the best way first."""

    found: Mapping[Way, str]

    @property
    def ways(self) -> tuple[Way, ...]:
        return tuple(way for way in PERSONAL if way in self.found)


def ways_of(vendor: Vendor) -> VendorWays | None:
    """What a vendor said of it; None: nothing."""
    return db.session.scalar(sa.select(VendorWays).where(VendorWays.vendor_id == vendor.id))


def choose_ways(
    vendor: Vendor, email: str, *, no_email: bool, no_sms: bool, by: User, at: datetime
) -> VendorWays:
    """How a vendor wants to be told. Refuses an address that is none."""
    if email and not ADDRESS(email):
        raise Refusal("outbox.bad_address", ADDRESS_FAULT)
    lock_row(vendor)
    ways = ways_of(vendor)
    if ways is None:
        ways = VendorWays(vendor_id=vendor.id)
        db.session.add(ways)
    ways.email, ways.no_email, ways.no_sms = email, no_email, no_sms
    ways.said_by, ways.said_at = by.id, at
    audit.record("outbox.choose_ways", vendor, by=by, at=at, no_email=no_email, no_sms=no_sms)
    return ways


def addresses(rule: SendRule | None, vendors: Collection[int]) -> dict[int, Addresses]:
    """By vendor, in one query; nobody has any while the community sends by nothing."""
    open_ = ways_open(rule)
    if not open_ or not vendors:
        return {}
    query = (
        sa.select(Vendor.id, Vendor.phone, VendorWays.email, VendorWays.no_email, VendorWays.no_sms)
        .outerjoin(VendorWays, VendorWays.vendor_id == Vendor.id)
        .where(Vendor.id.in_(vendors))
    )
    return {row.id: Addresses(_found(row, open_)) for row in db.session.execute(query)}


def _found(row: sa.Row[int, str, str, bool, bool], open_: Collection[Way]) -> dict[Way, str]:
    found = {}
    if Way.EMAIL in open_ and row.email and not row.no_email:
        found[Way.EMAIL] = row.email
    if Way.SMS in open_ and _MOBILE(row.phone) and not row.no_sms:
        found[Way.SMS] = row.phone
    return found


def addresses_of(rows: Collection[Outgoing], rules: Mapping[int, SendRule | None]) -> dict[int, str]:
    """Where rows go now, by row; empty: nowhere any more. `rules` are those of their communities."""
    where: dict[int, Addresses] = {}
    for community_id, rule in rules.items():
        ours = [row for row in rows if row.community_id == community_id]
        where |= addresses(rule, {row.vendor_id for row in ours if row.vendor_id is not None})
    return {row.id: _address(row, rules[row.community_id], where) for row in rows}


def _address(row: Outgoing, rule: SendRule | None, where: Mapping[int, Addresses]) -> str:
    if row.way not in ways_open(rule):
        return ""
    if row.way is Way.ROBOT:
        return robot_url(rule)
    if row.vendor_id is None:
        return row.address
    return where[row.vendor_id].found.get(row.way, "") if row.vendor_id in where else ""


def forget(vendor: Vendor) -> None:
    """Deletes the address of somebody who is forgotten, and what servers answered, which may repeat it."""
    db.session.execute(sa.delete(VendorWays).where(VendorWays.vendor_id == vendor.id))
    db.session.execute(sa.update(Outgoing).where(Outgoing.vendor_id == vendor.id).values(detail=""))
