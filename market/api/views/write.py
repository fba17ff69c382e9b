"""What programs do with a key: the acts that pages do, through the same services."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _

from market import clock
from market.api.sent import (
    ApplicationSent,
    CountSent,
    DayChange,
    DaySent,
    Sent,
    TakingsSent,
    VendorChange,
    VendorSent,
)
from market.api.shapes import ApplicationTold, CountTold, DayTold, TakingsTold, VendorTold
from market.api.staff_reading import application_told, counts_told, day_told, takings_told, vendor_told
from market.api.views.acts import acts
from market.api.views.staff import DAY, SLUG
from market.calendar import service as calendar
from market.calendar.lookup import day_at
from market.calendar.rules import DayState
from market.calendar.service import DayDraft
from market.db import lock_row
from market.errors import Refusal
from market.gate import service as gate
from market.gate.rules import CountMethod
from market.people.access import current_community
from market.people.models import User
from market.places import service as places
from market.programs.rules import Right
from market.settlement import service as settlement
from market.settlement.rules import TakingsSource
from market.stalls import service as stalls
from market.typed_text import names_a_person
from market.vendors import service as vendors
from market.vendors.service import VendorDraft

# ── vendors ───────────────────────────────────────────────────────────────────────────────────────────────


@acts("POST", f"{SLUG}/vendors", _("登记一位商户"), Right.VENDORS, status=201)
def register_vendor(by: User, sent: VendorSent) -> VendorTold:
    draft = VendorDraft(**_said(sent))
    return vendor_told(vendors.register_vendor(current_community(), draft, by=by, at=clock.now()))


def _said(sent: Sent) -> dict[str, Any]:
    """What was said; an empty value says nothing."""
    return {name: value for name in type(sent).model_fields if (value := getattr(sent, name)) is not None}


def _vendor_as_read(ref: str) -> VendorTold:
    vendor = vendors.find_vendor(current_community(), ref)
    lock_row(vendor)
    return vendor_told(vendor)


@acts("PATCH", f"{SLUG}/vendors/<ref>", _("改一位商户的资料"), Right.VENDORS, current=_vendor_as_read)
def edit_vendor(by: User, sent: VendorChange, ref: str) -> VendorTold:
    vendor = vendors.find_vendor(current_community(), ref)
    draft = replace(vendors.facts_of_vendor(vendor), **_said(sent))
    vendors.edit_vendor(vendor, draft, by=by, at=clock.now())
    return vendor_told(vendor)


@acts("POST", f"{DAY}/applications", _("替一位商户报名"), Right.APPLICATIONS, status=201)
def apply(by: User, sent: ApplicationSent, ref: str) -> ApplicationTold:
    day, vendor = day_at(ref), vendors.find_vendor(current_community(), sent.vendor)
    made = vendors.apply(
        day, vendor, by=by, at=clock.now(), power_w=sent.power_w, note=sent.note, double=sent.double
    )
    return application_told(made)


# ── on the day ────────────────────────────────────────────────────────────────────────────────────────────


@acts("POST", f"{DAY}/takings", _("记一个摊位的营业额"), Right.TAKINGS, status=201)
def report_takings(by: User, sent: TakingsSent, ref: str) -> TakingsTold:
    """As told to staff; a figure far from what is usual is asked about once, as on the page."""
    assignment = stalls.find_assignment(day_at(ref), sent.stall)
    sure = str(sent.sure_fen) if sent.sure_fen is not None else None
    if sent.gift_only:
        settlement.ask_when_gift_doubtful(assignment, sent.chosen_fen or 0, sure)
    else:
        settlement.ask_when_doubtful(assignment, sent.takings_fen, sure, discreetly=True)
    report = settlement.report_takings(
        assignment, sent.takings_fen, chosen_fen=sent.chosen_fen, gift_only=sent.gift_only,
        source=TakingsSource.STAFF, by=by, at=clock.now(),
    )  # fmt: skip
    return takings_told(assignment, report)


@acts("POST", f"{DAY}/counts", _("记一个入口一个时段进来多少人次"), Right.COUNTS, status=201)
def count_visits(by: User, sent: CountSent, ref: str) -> CountTold:
    """A whole figure, as counted: telling it again with another number corrects it."""
    day = day_at(ref)
    gate.count_visits(
        day, sent.entrance, sent.slot, sent.visits, CountMethod.FULL_COUNT, by=by, at=clock.now()
    )
    told = counts_told(gate.footfall(day))
    return next(one for one in told if (one.entrance, one.slot) == (sent.entrance, sent.slot))


# ── market days ───────────────────────────────────────────────────────────────────────────────────────────


@acts("POST", f"{SLUG}/days", _("起草一场集市"), Right.DAYS, status=201)
def create_day(by: User, sent: DaySent) -> DayTold:
    """A draft: staff look at it and open it for applications themselves."""
    draft = DayDraft(**_of_day(sent))
    return day_told(calendar.create_day(current_community(), draft, by=by, at=clock.now()))


def _of_day(sent: Sent) -> dict[str, Any]:
    """What was said of a day, as its draft has it. Refuses a theme that names a person's number."""
    said = _said(sent)
    if names_a_person(said.get("theme", "")):
        sentence = _("这一句会一直公开，请不要写手机号或身份证号。")
        raise Refusal("api.names_a_person", sentence, 422)
    if "venue" in said:
        said["venue"] = places.find_venue(current_community(), said["venue"])
    for name in ("opens", "closes", "arrive_by"):
        if name in said:
            said[name] = time.fromisoformat(said[name])
    return said


def _draft_as_read(ref: str) -> DayTold:
    day = day_at(ref)
    lock_row(day)
    return day_told(day)


@acts("PATCH", DAY, _("改一场集市的草稿"), Right.DAYS, current=_draft_as_read)
def edit_day(by: User, sent: DayChange, ref: str) -> DayTold:
    """Once vendors could apply, people change it on its page, where they see who is concerned."""
    day = day_at(ref)
    if day.state is not DayState.DRAFT:
        raise Refusal("api.no_draft", _("这一场已经不是草稿了，要改请在页面上改。"))
    calendar.edit_day(day, replace(calendar.draft_of(day), **_of_day(sent)), by=by, at=clock.now())
    return day_told(day)
