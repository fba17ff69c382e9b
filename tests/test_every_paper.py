"""Every paper of the demo year, in both languages: nothing lies over anything else, and no word is cut."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db
from market.layout.frame import ENGLISH, PREFERENCES
from market.paperwork.registry import PAPERS as FORMS, Group
from market.passes.rules import Layout
from market.stalls.service import assignments
from market.vendors.models import Vendor
from tests.demo_year import OURS, client_of, played_year as played_year, year_app as year_app
from tests.parts.pdf import laid_over, page_count, text

STAFF = f"/staff/{OURS}"
OF_MARKETS = [one for one in FORMS if one.printed and one.of_market]
OF_COMMUNITIES = [one for one in FORMS if one.printed and one.of_community]
PAPERS = [
    f"/c/{OURS}/calendar/2026-12.pdf",
    f"/c/{OURS}/fund/notice.pdf",
    f"/c/{OURS}/markets/published/poster.pdf",
    f"{STAFF}/vendors/any/agreement.pdf",
    *(f"{STAFF}/days/published/{name}.pdf" for name in ("paper-kit", "plan", "sign-in-sheet")),
    *(f"{STAFF}/days/settled/{name}.pdf" for name in ("settlement", "slips")),
    *(f"{STAFF}/days/published/passes.pdf?back=1&layout={layout.value}&pass=held" for layout in Layout),
    *(
        f"{STAFF}/days/published/passes.pdf?layout={layout.value}"
        for layout in (Layout.LABELS14, Layout.LABELS24)
    ),
    *(f"{STAFF}/days/published/paperwork/{one.key}.pdf" for one in OF_MARKETS),
    *(f"{STAFF}/days/settled/paperwork/{one.key}.pdf" for one in OF_MARKETS if one.group is Group.AFTERWARDS),
    *(f"{STAFF}/days/published/paperwork/{one.key}.pdf?blank=1" for one in OF_MARKETS if one.can_be_blank),
    *(f"{STAFF}/paperwork/{one.key}.pdf" for one in OF_COMMUNITIES),
    *(f"{STAFF}/paperwork/{one.key}.pdf?blank=1" for one in OF_COMMUNITIES if one.can_be_blank),
    *(f"{STAFF}/vendors/any/paperwork/{one.key}.pdf" for one in FORMS if one.of_vendor is not None),
]


@pytest.fixture(scope="module")
def staff(year_app: Flask) -> FlaskClient:
    return client_of(year_app, "demo-staff")


@pytest.fixture(scope="module")
def refs(year_app: Flask) -> dict[str, str]:
    """What the words in the addresses stand for: the newest market in each state, a vendor, a stall."""
    with year_app.app_context():
        ours = find_community(OURS).id
        days = sa.select(MarketDay).where(MarketDay.community_id == ours).order_by(MarketDay.id)
        found = {day.state.value: day for day in db.session.scalars(days)}
        vendor = db.session.scalars(sa.select(Vendor.ref).where(Vendor.community_id == ours)).first()
        held = assignments(found["published"])[0].ref
        refs = {state: day.ref for state, day in found.items()}
        db.session.remove()
    return {**refs, "any": str(vendor), "held": held}


def named(address: str, refs: dict[str, str]) -> str:
    return re.sub(r"(?<=[/=])(published|settled|any|held)\b", lambda word: refs[word[0]], address)


@pytest.mark.parametrize("language", ["zh", ENGLISH])
@pytest.mark.parametrize("address", PAPERS)
def test_a_paper_can_be_read(staff: FlaskClient, refs: dict[str, str], address: str, language: str) -> None:
    staff.set_cookie(PREFERENCES, language)
    answer = staff.get(named(address, refs))
    assert answer.mimetype == "application/pdf", answer.status
    pages = range(1, page_count(answer.data) + 1)
    assert [over for page in pages for over in laid_over(answer.data, page)] == []
    cut = [line for page in pages for line in text("pdfium", answer.data, page).splitlines() if "…" in line]
    assert cut == []


def test_nobody_prints_agreements_when_all_have_said(staff: FlaskClient, refs: dict[str, str]) -> None:
    staff.set_cookie(PREFERENCES, "")
    answer = staff.get(named(f"{STAFF}/days/published/agreements.pdf", refs))
    assert (answer.status_code, "都说过捐不捐了" in answer.text) == (409, True)
