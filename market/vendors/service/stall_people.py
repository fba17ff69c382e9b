"""The people at a vendor's stall: whoever handles food there needs a health certificate of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.vendors.models import StallPerson, Vendor

MOST_PEOPLE = 12


def add_person(vendor: Vendor, name: str, handles_food: bool, *, by: User, at: datetime) -> StallPerson:
    """Somebody stands at the stall; the same name twice is one person.

    Refuses `vendors.no_person_name`, `vendors.many_people` and `vendors.forgotten`.
    """
    lock_row(vendor)
    db.session.expire(vendor, ["people"])
    name = name.strip()[:60]
    if vendor.forgotten:
        raise Refusal("vendors.forgotten", _("这位商户的资料已经删去。要再来，请重新登记。"))
    if not name:
        raise Refusal("vendors.no_person_name", _("请填怎么称呼。"), 422)
    known = next((person for person in vendor.people if person.name == name), None)
    if known is not None:
        known.handles_food = handles_food
        return known
    if len(vendor.people) >= MOST_PEOPLE:
        raise Refusal("vendors.many_people", _("一个摊位最多记 12 个人。先去掉不来的，再加。"))
    person = StallPerson(vendor_id=vendor.id, name=name, handles_food=handles_food, since=at, added_by=by.id)
    db.session.add(person)
    db.session.flush()
    db.session.expire(vendor, ["people"])
    audit.record("vendors.add_person", vendor, by=by, at=at, handles_food=handles_food)
    return person


def remove_person(vendor: Vendor, ref: str, *, by: User, at: datetime) -> None:
    """Somebody stands there no longer, and their papers count no more; twice is once."""
    lock_row(vendor)
    db.session.expire(vendor, ["people"])
    person = next((person for person in vendor.people if person.ref == ref), None)
    if person is None:
        return
    person.until = at
    db.session.flush()
    db.session.expire(vendor, ["people"])
    audit.record("vendors.remove_person", vendor, by=by, at=at)


def person_names(refs: Iterable[str]) -> dict[str, str]:
    """What people are called, by their addresses."""
    query = sa.select(StallPerson.ref, StallPerson.name).where(StallPerson.ref.in_({*refs} - {""}))
    return {row.ref: row.name for row in db.session.execute(query)}


def find_person(vendor: Vendor, ref: str) -> StallPerson:
    """Somebody who stands at this stall now."""
    for person in vendor.people:
        if person.ref == ref:
            return person
    raise NotFound("vendors.no_person", _("摊位上没有这个人。可能已经去掉了。"))
