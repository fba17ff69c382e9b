"""Who may stand on a market day: the facts behind the rule, the question, and who answers in spite of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay, Waiver
from market.calendar.rules import Finding, Severity
from market.calendar.service import local_date, with_waivers
from market.communities.profile import Profile
from market.communities.service import profile_of
from market.db import db, spelt
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Venue
from market.reading import told
from market.vendors.eligibility import (
    DocumentFacts,
    PersonFacts,
    VendorFacts,
    is_replaced,
    may_stand,
    stops,
)
from market.vendors.models import Document, Exclusion, GoodsChange, StallPerson, Vendor
from market.vendors.rules import ChangeAnswer
from market.vendors.words import barred_sentence

# ── the facts ─────────────────────────────────────────────────────────────────────────────────────────────

SAID = (
    Vendor.ref, Vendor.trading_name, Vendor.category, Vendor.goods, Vendor.open_flame, Vendor.gas_bottle,
    Vendor.gas_alarm,
)  # fmt: skip
"""What the vendor says of itself."""
WRITTEN = (
    Document.id.label("paper"), Document.ref.label("paper_ref"), Document.kind, Document.valid_to,
    Document.checked_at, Document.brought_for, Document.person_id.label("whose"),
    StallPerson.id.label("person"), StallPerson.ref.label("person_ref"),
    StallPerson.name.label("person_name"), StallPerson.handles_food, GoodsChange.category_before,
    GoodsChange.goods_before, Exclusion.reason.label("excluded"),
)  # fmt: skip
"""What is written of it: a row for each document and each person at the stall; the open change and the
exclusion, at most one of each, stand on every row."""


def with_written(vendors: sa.FromClause, on: Any) -> sa.Join:
    """Vendors joined with what is written of them on a date."""
    change = sa.and_(GoodsChange.vendor_id == Vendor.id, GoodsChange.answer == spelt(ChangeAnswer.OPEN))
    away = sa.and_(Exclusion.vendor_id == Vendor.id, Exclusion.lifted_at.is_(None), Exclusion.until >= on)
    here = sa.and_(StallPerson.vendor_id == Vendor.id, StallPerson.until.is_(None))
    joined = sa.outerjoin(vendors, Document, Document.vendor_id == Vendor.id)
    joined = sa.outerjoin(joined, StallPerson, here)
    return sa.outerjoin(sa.outerjoin(joined, GoodsChange, change), Exclusion, away)


def vendor_facts(vendors: Sequence[Vendor], on: date) -> dict[int, VendorFacts]:
    """What the rule needs to know of many vendors, in one query, by the vendor's id."""
    known = told((vendor_facts, on))
    known.update(_read_facts_of([vendor for vendor in vendors if vendor.id not in known], on))
    return {vendor.id: known[vendor.id] for vendor in vendors}


def _read_facts_of(vendors: Sequence[Vendor], on: date) -> dict[int, VendorFacts]:
    if not vendors:
        return {}
    query = sa.select(Vendor.id, *WRITTEN).select_from(with_written(cast("sa.FromClause", Vendor), on))
    query = query.where(Vendor.id.in_([vendor.id for vendor in vendors]))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query.order_by(Document.id, StallPerson.id)):
        found[row.id].append(row)
    return {
        vendor.id: _with_written(_said(vendor), found[vendor.id], vendor.community.zone) for vendor in vendors
    }


def read_facts(rows: Sequence[Any], zone: str) -> VendorFacts:
    """The same of one vendor, from rows that have the columns `SAID` and `WRITTEN`."""
    return _with_written(_said(rows[0]), rows, zone)


def _said(vendor: Any) -> VendorFacts:
    return VendorFacts(
        vendor.ref, vendor.trading_name, vendor.category, goods=vendor.goods,
        burns=vendor.open_flame or vendor.gas_bottle, gas_unsafe=vendor.gas_bottle and not vendor.gas_alarm,
    )  # fmt: skip


def _with_written(facts: VendorFacts, rows: Sequence[Any], zone: str) -> VendorFacts:
    """What the rows add; each document stands there once for each person at the stall, so it is met often."""
    people = {
        row.person: PersonFacts(row.person_ref, row.person_name, row.handles_food)
        for row in rows
        if row.person
    }
    papers = {row.paper: _paper_facts(row, people, zone) for row in rows if _counts(row, people)}
    change = [(row.category_before, row.goods_before) for row in rows[:1] if row.category_before]
    return replace(
        facts,
        documents=tuple(papers.values()),
        people=tuple(people.values()),
        before=tuple(change),
        excluded=next((row.excluded for row in rows), None),
    )


def _counts(row: Any, people: dict[int, PersonFacts]) -> bool:
    """Whether there is a document on a row; that of somebody who has left counts no more."""
    return row.paper is not None and (row.whose is None or row.whose in people)


def _paper_facts(row: Any, people: dict[int, PersonFacts], zone: str) -> DocumentFacts:
    seen_on = clock.local(row.checked_at, zone).date()
    person = people[row.whose].ref if row.whose else ""
    return DocumentFacts(row.kind, row.valid_to, seen_on, row.brought_for, person, row.paper_ref)


# ── the question ──────────────────────────────────────────────────────────────────────────────────────────


def findings_by_vendor(
    vendors: Sequence[Vendor], on: date, *, asked_on: date | None = None, venue: Venue | None = None
) -> dict[int, list[Finding]]:
    """What speaks against each vendor on a day, by the vendor's id; `venue`: where, once that is known."""
    if not vendors:
        return {}
    profile, facts = profile_of(vendors[0].community), vendor_facts(vendors, on)
    no_flame = venue is not None and venue.no_flame
    return {
        key: may_stand(one, on, profile, asked_on=asked_on, no_flame=no_flame) for key, one in facts.items()
    }


def stand_findings(
    day: MarketDay, vendors: Sequence[Vendor], *, asked_on: date | None = None
) -> dict[int, list[Finding]]:
    """The same for a market day; what a named person answers for is marked."""
    found = findings_by_vendor(vendors, local_date(day), asked_on=asked_on, venue=day.venue)
    return {key: with_waivers(day, findings) for key, findings in found.items()}


def barred(
    day: MarketDay, vendors: Sequence[Vendor], *, asked_on: date | None = None
) -> dict[int, list[Finding]]:
    """Those of these vendors who may not stand on a day, with what stops them, by the vendor's id."""
    found = stand_findings(day, vendors, asked_on=asked_on)
    stopped = {key: stops(findings) for key, findings in found.items()}
    return {key: findings for key, findings in stopped.items() if findings}


def barred_by(
    day: MarketDay, vendor: VendorFacts, profile: Profile, *, asked_on: date | None = None
) -> list[Finding]:
    """What stops a vendor of whom all is known already; empty when it may stand."""
    found = may_stand(vendor, local_date(day), profile, asked_on=asked_on, no_flame=day.venue.no_flame)
    return stops(with_waivers(day, found))


def refuse_barred(day: MarketDay, vendors: Sequence[Vendor], *, asked_on: date | None = None) -> None:
    """Stops an act that would let in who may not stand: `vendors.may_not_stand`, saying what lacks."""
    stopped = barred(day, vendors, asked_on=asked_on)
    for vendor in vendors:
        if vendor.id in stopped:
            sentence = barred_sentence(vendor.trading_name, stopped[vendor.id])
            raise Refusal("vendors.may_not_stand", sentence)


def document_readiness(
    day: MarketDay, vendors: Sequence[Vendor], *, asked_on: date | None = None
) -> list[Finding]:
    """What speaks against the vendors of a market, in their order."""
    by_vendor = stand_findings(day, vendors, asked_on=asked_on)
    return [finding for vendor in vendors for finding in by_vendor[vendor.id]]


def replaced_documents(vendor: Vendor, on: date) -> frozenset[str]:
    """The documents, by their address, that ran out and are not missed: another one meets the duty."""
    facts, profile = vendor_facts([vendor], on)[vendor.id], profile_of(vendor.community)
    return frozenset(paper.ref for paper in facts.documents if is_replaced(paper, facts, on, profile))


# ── a name instead ────────────────────────────────────────────────────────────────────────────────────────


def answer_for(
    day: MarketDay, vendor: Vendor, code: str, subject: str, reason: str, *, by: User, at: datetime
) -> Waiver:
    """A named person lets a vendor stand on one day in spite of a finding, with a reason; twice is once.
    A market that moves to another date or place leaves it behind.

    Refuses `vendors.no_finding` where there is none that the profile lets anybody override,
    `vendors.not_for_oneself`, and what `calendar.waive` refuses.
    """
    today = clock.local(at, day.community.zone).date()
    found = stand_findings(day, [vendor], asked_on=today)[vendor.id]
    known = {(f.code, f.subject) for f in found if f.severity is Severity.OVERRIDABLE}
    if vendor.community_id != day.community_id or (code, subject) not in known:
        raise NotFound("vendors.no_finding", _("这一条已经不缺了，或者谁都不能放行。请刷新页面看看。"))
    if vendor.is_of(by):
        raise Refusal("vendors.not_for_oneself", _("自己的摊位不能由自己放行，请另一位同事来定。"), 403)
    return calendar.waive(day, code, subject, reason, by=by, at=at)


def answered_for(vendor: Vendor) -> list[Waiver]:
    """Every day on which a named person let a vendor stand in spite of something, the newest first."""
    query = sa.select(Waiver).where(Waiver.subject.startswith(f"{vendor.ref}:")).order_by(Waiver.id.desc())
    return list(db.session.scalars(query))


def answered_on(day: MarketDay, vendor: Vendor) -> list[Waiver]:
    """Who answers for a vendor on a day, at the date and place that it has now."""
    found = calendar.waivers_in_force(day).values()
    return [waiver for waiver in found if waiver.subject.startswith(f"{vendor.ref}:")]
