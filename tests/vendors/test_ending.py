"""What ends in a register: whoever is not read has nothing that anybody misses."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from market import clock
from market.communities.profile import Profile
from market.communities.profile_files import profiles
from market.db import db
from market.vendors import service
from market.vendors.models import Document, StallPerson, Vendor
from market.vendors.rules import OF_A_BATCH, Category, DocumentKind
from market.vendors.service.ending import shortest_terms
from tests.conftest import both_engines
from tests.factories.vendors import draft
from tests.vendors.conftest import Stage

KINDS = [DocumentKind.HEALTH_CERT, DocumentKind.SCALE, DocumentKind.FOOD_LICENCE, DocumentKind.AGRI_CERT]


def fill(stage: Stage, chance: random.Random, count: int) -> None:
    now, today = clock.now(), clock.today(stage.community.zone)
    for number in range(count):
        facts = draft(f"第{number}家", category=chance.choice(list(Category)), goods="熟食、馒头")
        vendor = service.register_vendor(stage.community, facts, by=stage.staff, at=now)
        people = [_person(vendor, until, now) for until in (None, now)[: chance.randint(0, 2)]]
        for place in range(chance.randint(0, 4)):
            db.session.add(_document(vendor, chance, f"{number}-{place}", people, today, stage.staff.id))
    db.session.flush()


def _person(vendor: Vendor, until: datetime | None, now: datetime) -> StallPerson:
    person = StallPerson(vendor_id=vendor.id, name="某某", handles_food=True, since=now, until=until)
    db.session.add(person)
    db.session.flush()
    return person


def _document(
    vendor: Vendor, chance: random.Random, number: str, people: list[StallPerson], today: date, by: int
) -> Document:
    ends = chance.choice([None, *range(-3, 40, 4), -400, 400])
    return Document(
        vendor_id=vendor.id,
        kind=chance.choice(KINDS),
        number=number,
        valid_to=None if ends is None else today + timedelta(days=ends),
        person_id=chance.choice([None, *(person.id for person in people)]),
        checked_by=by,
        checked_at=clock.now() - timedelta(days=chance.choice([1, 300, 334, 335, 336, 337, 364, 366, 900])),
    )


@both_engines
def test_what_is_due_is_what_is_due_of_everybody(stage: Stage) -> None:
    fill(stage, random.Random(1), 150)
    today, register = clock.today(stage.community.zone), service.register(stage.community)
    due = service.due_papers(register, today)
    assert service.due_in_register(stage.community, today) == due
    assert 40 < len({one.vendor.id for one in due}) < 140


def test_who_renewed_is_not_read(stage: Stage) -> None:
    today = clock.today(stage.community.zone)
    for number in range(20):
        facts = draft(f"第{number}家", category=Category.CRAFT)
        vendor = service.register_vendor(stage.community, facts, by=stage.staff, at=clock.now())
        for days in (-800, -400, 300):
            ends = today + timedelta(days=days)
            service.check_document(
                vendor, DocumentKind.SCALE, number=str(days), issuer="", valid_to=ends, by=stage.staff,
                at=clock.now(),
            )  # fmt: skip
    db.session.expire_all()
    read: list[int] = []
    sa.event.listen(Vendor, "refresh", lambda vendor, *_more: read.append(vendor.id))
    assert service.due_in_register(stage.community, today) == []
    assert read == []


def test_papers_of_a_batch_are_of_kinds_that_are_never_renewed() -> None:
    """Else they would end earlier than the database knows."""
    for profile in profiles().values():
        batch = {kind for duty in profile.duties if duty.per_batch for kind in duty.kinds}
        assert batch <= {kind.value for kind in OF_A_BATCH}
        assert _kinds_with_terms(profile) == set(shortest_terms(profile))


def _kinds_with_terms(profile: Profile) -> set[str]:
    return {kind for duty in profile.duties if duty.term_days is not None for kind in duty.kinds}
