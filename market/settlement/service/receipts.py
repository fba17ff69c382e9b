"""Receipts of gifts: a vendor asks, the charity issues, its number is typed back. We print none ourselves."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.settlement.models import ReceiptRequest
from market.settlement.service.queries import settlement_of
from market.settlement.service.takings import on_behalf_of
from market.stalls.models import Assignment
from market.vendors.models import Vendor


def receipt_requests(day: MarketDay) -> list[ReceiptRequest]:
    """Who wants a receipt for a market, in the order in which they asked."""
    query = sa.select(ReceiptRequest).where(ReceiptRequest.day_id == day.id)
    return list(db.session.scalars(query.order_by(ReceiptRequest.id)))


def receipt_of(day: MarketDay, vendor: Vendor) -> ReceiptRequest | None:
    """The receipt that a vendor asked for, if it did."""
    query = sa.select(ReceiptRequest).where(
        ReceiptRequest.day_id == day.id, ReceiptRequest.vendor_id == vendor.id
    )
    return db.session.scalar(query)


def given_by(day: MarketDay) -> dict[int, int]:
    """What each vendor gave at a settled market, in fen; nothing is known before."""
    closed = settlement_of(day)
    lines = closed.lines if closed is not None else []
    return {line.assignment.vendor_id: line.contribution_fen for line in lines}


def ask_receipt(assignment: Assignment, *, by: User, at: datetime) -> ReceiptRequest:
    """The vendor wants a receipt of its gift; twice is once. Refuses `settlement.nothing_given`."""
    day, vendor = assignment.day, assignment.vendor
    lock_row(day)
    earlier = receipt_of(day, vendor)
    if earlier is not None:
        return earlier
    if settlement_of(day) is None or not given_by(day).get(vendor.id):
        raise Refusal("settlement.nothing_given", _("这一场结算以后，捐了款的才能要捐赠票据。"))
    request = ReceiptRequest(
        community_id=day.community_id, day=day, vendor=vendor, asked_by=by.id, asked_at=at
    )
    db.session.add(request)
    db.session.flush()
    audit.record(
        "settlement.ask_receipt", request, by=by, at=at, on_behalf_of=on_behalf_of(vendor, by), day=day.ref
    )
    return request


def number_receipt(request: ReceiptRequest, number: str, *, by: User, at: datetime) -> ReceiptRequest:
    """The number that the charity printed; typed wrong, it is typed again. One number is one receipt."""
    lock_row(request.day)
    number = number.strip()
    if not number:
        raise Refusal("settlement.no_number", _("请填慈善组织票据上的号码。"), 422)
    if number == request.number:
        return request
    taken = sa.select(ReceiptRequest.id).where(
        ReceiptRequest.community_id == request.community_id,
        ReceiptRequest.number == number,
        ReceiptRequest.id != request.id,
    )
    if db.session.scalar(taken) is not None:
        raise Refusal("settlement.number_taken", _("这个票据号已经记在别家了，请核对。"))
    before = request.number
    request.number, request.numbered_by, request.numbered_at = number, by.id, at
    db.session.flush()
    audit.record("settlement.number_receipt", request, by=by, at=at, number=number, before=before)
    return request


def find_receipt(day: MarketDay, ref: str) -> ReceiptRequest:
    """A receipt asked for at this market."""
    query = sa.select(ReceiptRequest).where(ReceiptRequest.day_id == day.id, ReceiptRequest.ref == ref)
    request = db.session.scalar(query)
    if request is None:
        raise NotFound("settlement.no_receipt", _("这一场没有这张票据的登记。"))
    return request
