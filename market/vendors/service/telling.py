"""Telling vendors: every notice about an application goes through here, with what it keeps of its day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from market.calendar.words import notice_facts
from market.db import db
from market.notices import service as notices
from market.notices.service import Message, Recipient
from market.people.models import User
from market.vendors.models import Application, Vendor


def recipient(vendor: Vendor) -> Recipient:
    """Who is told what concerns a vendor; of whoever is forgotten nothing is kept here either."""
    if vendor.forgotten:
        return Recipient(None, "", "")
    return Recipient(vendor.user_id, vendor.holder, vendor.phone)


def readdress(vendor: Vendor, old_phone: str) -> None:
    """What was told goes along with a new name, number or account."""
    db.session.flush()
    notices.readdress(vendor.community, old_phone, recipient(vendor))


def message(application: Application, kind: str, source: str, **params: Any) -> Message:
    """What one applicant is told of the day applied to."""
    vendor, day = application.vendor, application.day
    facts = {**notice_facts(day), "vendor": vendor.trading_name, **params}
    return Message(recipient(vendor), kind, facts, source, day.ref)


def tell(application: Application, kind: str, source: str, *, by: User, at: datetime, **params: Any) -> None:
    """Tells one applicant; the same source tells nobody twice."""
    notices.tell(application.day.community, [message(application, kind, source, **params)], by=by, at=at)
