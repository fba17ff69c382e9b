"""Entering a whole list in one act, and taking all of it back while nothing stands on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar import service as calendar
from market.db import Model, db, lock_row, race_point
from market.errors import Refusal
from market.people.models import User
from market.vendors.list_rows import ListedVendor, VendorList
from market.vendors.listed.verdict import Outcome, Verdict
from market.vendors.models import Application, Document, Vendor
from market.vendors.rules import ApplicationState, Category, VendorDraft
from market.vendors.service.application import apply, of_day
from market.vendors.service.documents import agreements_missing, sign_agreements
from market.vendors.service.lists import facts_of_vendor, read_list
from market.vendors.service.registration import edit_vendor, find_vendor, register_vendor


@dataclass(frozen=True)
class Entered:
    """How many rows did what."""

    new: int
    changed: int
    applied: int


def enter_list(brought: VendorList, digest: str, *, signed: bool, by: User, at: datetime) -> Entered:
    """Does for every row what was shown: registers, changes, applies; twice is once.

    `digest` names what was shown; with `signed`, the papers of all were signed and collected. Refuses
    `vendors.list_changed` when the register, the market or the list is no longer as it was shown, and, with
    the row, whatever the single acts refuse; then nothing at all is done.
    """
    lock_row(brought)
    if brought.done_at is not None:
        return entered(brought)
    reading = read_list(brought)
    race_point("vendors.enter_list")
    if reading.digest != digest:
        raise list_changed()
    for verdict in reading.verdicts:
        if verdict.counts:
            _enter(brought, verdict, signed=signed, by=by, at=at)
    brought.done_by, brought.done_at = by.id, at
    brought.source, brought.choices, brought.columns = {}, {}, {}
    db.session.flush()
    db.session.expire(brought, ["rows"])
    done = entered(brought)
    audit.record("vendors.enter_list", brought, by=by, at=at, signed=signed, **asdict(done))
    return done


def list_changed() -> Refusal:
    """What people read when what they saw is not what there is now."""
    return Refusal(
        "vendors.list_changed", _("您看名单的时候，登记或者报名有了变动。下面是现在的样子，请再看一眼。")
    )


def entered(brought: VendorList) -> Entered:
    """What entering a list did."""
    rows = brought.rows
    return Entered(
        new=sum(row.is_new for row in rows),
        changed=sum(bool(row.after) and not row.is_new for row in rows),
        applied=sum(row.application_id is not None for row in rows),
    )


def _enter(brought: VendorList, verdict: Verdict, *, signed: bool, by: User, at: datetime) -> None:
    try:
        row = _registered(brought, verdict, by=by, at=at)
        if verdict.applies:
            _apply(brought, row, verdict.entry.note, by=by, at=at)
        if signed:
            _sign(brought, row, by=by, at=at)
    except Refusal as refusal:
        number = _("第 %(n)s 行：", n=verdict.entry.label)
        raise Refusal(refusal.code, f"{number}{refusal.sentence}", refusal.status) from refusal
    db.session.flush()


def _registered(brought: VendorList, verdict: Verdict, *, by: User, at: datetime) -> ListedVendor:
    """The vendor of a row, registered or changed, and what that changed."""
    draft = verdict.draft
    if draft is None:
        raise list_changed()
    if verdict.known is None:
        vendor = register_vendor(brought.community, draft, by=by, at=at)
        return _noted(brought, verdict, vendor, {}, asdict(facts_of_vendor(vendor)))
    vendor, before = find_vendor(brought.community, verdict.known.ref), verdict.known.facts
    lock_row(vendor)
    if facts_of_vendor(vendor) != before:
        raise list_changed()
    if verdict.outcome is Outcome.UPDATE:
        edit_vendor(vendor, draft, by=by, at=at)
    after = facts_of_vendor(vendor)
    return _noted(brought, verdict, vendor, _differing(before, after), _differing(after, before))


def _noted(
    brought: VendorList, verdict: Verdict, vendor: Vendor, before: dict[str, Any], after: dict[str, Any]
) -> ListedVendor:
    row = ListedVendor(
        list_id=brought.id, vendor_id=vendor.id, number=verdict.entry.number, is_new=verdict.known is None,
        before=before, after=after, application_before={}, documents=[],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def _differing(one: VendorDraft, other: VendorDraft) -> dict[str, Any]:
    """The facts of one that the other has otherwise."""
    theirs = asdict(other)
    return {name: value for name, value in asdict(one).items() if theirs[name] != value}


def _apply(brought: VendorList, row: ListedVendor, note: str, *, by: User, at: datetime) -> None:
    if brought.day is None:
        return
    before = of_day(brought.day, row.vendor)
    stood = {} if before is None else {"state": before.state.value, "note": before.decision_note}
    row.application = apply(brought.day, row.vendor, by=by, at=at, note=note)
    row.application_before = stood


def _sign(brought: VendorList, row: ListedVendor, *, by: User, at: datetime) -> None:
    """The agreements that do not hold yet; those that do stay as they are."""
    zone = brought.community.zone
    on = calendar.local_date(brought.day) if brought.day else clock.local(at, zone).date()
    if agreements_missing(row.vendor, on):
        known = {document.id for document in row.vendor.documents}
        signed = sign_agreements(row.vendor, by=by, at=at)
        row.documents = [document.id for document in signed if document.id not in known]


# ── taking all of it back ─────────────────────────────────────────────────────────────────────────────────


def undo_list(brought: VendorList, *, by: User, at: datetime) -> None:
    """Takes back all that entering a list did; twice is once.

    Refuses `vendors.list_stands` naming the first vendor on whom something stands since, and
    `vendors.list_not_done`; then nothing is taken back.
    """
    lock_row(brought)
    if brought.undone_at is not None:
        return
    if brought.done_at is None:
        raise Refusal("vendors.list_not_done", _("这份名单还没有登记，没有什么可撤回的。"))
    if brought.day is not None:
        lock_row(brought.day)
    refuse_standing(brought)
    for row in list(brought.rows):
        _undo(row, by=by, at=at)
    brought.undone_by, brought.undone_at = by.id, at
    db.session.flush()
    db.session.expire(brought, ["rows"])
    audit.record("vendors.undo_list", brought, by=by, at=at)


def refuse_standing(brought: VendorList) -> None:
    """Refuses (`vendors.list_stands`) while something later stands on what a list did."""
    name = next((row.vendor.trading_name for row in brought.rows if _changed_since(row)), None)
    name = name or _stood_on(brought)
    if name is not None:
        sentence = _("%(name)s那边后来又有了变动，整份撤不回了。请到各家的页面上改。", name=name)
        raise Refusal("vendors.list_stands", sentence)


def _changed_since(row: ListedVendor) -> bool:
    vendor, application = row.vendor, row.application
    facts = asdict(facts_of_vendor(vendor))
    changed = not row.after if row.is_new else False
    changed = changed or any(facts[name] != value for name, value in row.after.items())
    opened = row.is_new and (vendor.user_id is not None or vendor.may_use_reserved)
    decided = application is not None and application.state is not ApplicationState.SUBMITTED
    return changed or opened or decided


def _stood_on(brought: VendorList) -> str | None:
    """The name of a vendor that rows of other tables point at since: whatever room they belong to."""
    rows = brought.rows
    made = {row.vendor_id for row in rows if row.is_new}
    asked = {row.application_id for row in rows if row.application_id is not None}
    papers = {number for row in rows for number in row.documents}
    own: dict[type[Model], Collection[int]] = {
        Application: asked, Document: papers, ListedVendor: {row.id for row in rows},
    }  # fmt: skip
    for model, ids in ((Vendor, made), (Application, asked), (Document, papers)):
        found = _pointing_at(model, ids, own)
        if found is not None:
            return next(row.vendor.trading_name for row in rows if found in _ids(row, model))
    return None


def _ids(row: ListedVendor, model: type[Model]) -> Iterable[int | None]:
    if model is Vendor:
        return (row.vendor_id,)
    return (row.application_id,) if model is Application else row.documents


def _pointing_at(
    model: type[Model], ids: Collection[int], own: dict[type[Model], Collection[int]]
) -> int | None:
    """The first of these rows that any other table points at, apart from what the list itself made."""
    excepted = {known.__tablename__: kept for known, kept in own.items()}
    for table in Model.metadata.sorted_tables:
        for column in table.columns:
            if not any(key.column.table.name == model.__tablename__ for key in column.foreign_keys):
                continue
            query = sa.select(column).where(column.in_(ids)).limit(1)
            if table.name in excepted:
                query = query.where(table.c.id.not_in(excepted[table.name]))
            found = db.session.scalar(query)
            if found is not None:
                return int(found)
    return None


def _undo(row: ListedVendor, *, by: User, at: datetime) -> None:
    vendor, application, stood = row.vendor, row.application, row.application_before
    db.session.execute(sa.delete(Document).where(Document.id.in_(row.documents)))
    made, before = row.is_new, dict(row.before)
    row.application = None
    db.session.delete(row)
    db.session.flush()
    if application is not None and stood:
        application.state, application.decision_note = ApplicationState(stood["state"]), stood["note"]
    elif application is not None:
        db.session.execute(sa.delete(Application).where(Application.id == application.id))
        db.session.expunge(application)
    if made:
        db.session.execute(sa.delete(Vendor).where(Vendor.id == vendor.id))
        db.session.expunge(vendor)
        return
    db.session.expire(vendor, ["documents", "applications"])
    if before:
        facts = {**asdict(facts_of_vendor(vendor)), **before}
        facts["category"] = Category(facts["category"])
        edit_vendor(vendor, VendorDraft(**facts), by=by, at=at)
