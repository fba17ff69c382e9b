"""A donor reads what it gave by a link: nobody guesses it, staff take it back, no search engine finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market.communities.service import find_community
from market.db import db, do_in_unit_of_work
from market.fund import service
from market.fund.donor_rows import DonorLink
from market.fund.models import CharityNotice
from market.fund.rules import Source
from market.fund.service import NoticeDraft, donors as acts
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.vendors.models import Vendor
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.fund.conftest import AT, Desk, day_of
from tests.fund.test_service import app_of, code_of
from tests.fund.test_views import at_desk

PAGE = "/d"


def made(desk: Desk, donor: acts.Donor, by: str = "staff") -> tuple[DonorLink, str]:
    return do_in_unit_of_work(lambda: acts.make_link(desk.fund, donor, by=person(by), at=AT))


@pytest.fixture
def vendor(desk: Desk) -> Vendor:
    """Who gave 20.00 at a market; the charity has it, and a receipt was printed."""
    day = desk.market(40_000, 20_000, 26_000).day
    stall = stalls.assignments(day)[0]

    def receipt() -> None:
        request = settlement.ask_receipt(stall, by=person("staff"), at=AT)
        settlement.number_receipt(request, "PJ-1", by=person("second"), at=AT)

    do_in_unit_of_work(receipt)
    desk.arrive(day, "GZ-1")
    return stall.vendor


def gift(desk: Desk, donor: str, reference: str, **said: Any) -> None:
    draft = NoticeDraft(Source.PERSON, 5_000, day_of(AT), reference, donor=donor, **said)
    notice = do_in_unit_of_work(lambda: service.enter_notice(desk.fund, draft, by=person("staff"), at=AT))
    do_in_unit_of_work(lambda: service.confirm_notice(notice, by=person("second"), at=AT))


@both_engines
def test_a_vendor_reads_its_gifts_with_confirmation_and_receipt(desk: Desk, vendor: Vendor) -> None:
    link, secret = made(desk, vendor)
    (found,) = acts.gifts_of(acts.link_of_secret(secret))
    assert (found.fen, found.receipt, found.confirmed_on is not None) == (2_000, "PJ-1", True)
    assert (link.donor_name, secret in repr(link.secret_hash)) == (vendor.trading_name, False)


def test_a_gift_on_its_way_says_so(desk: Desk) -> None:
    day = desk.market(40_000, 20_000, 26_000).day
    _link, secret = made(desk, stalls.assignments(day)[1].vendor)
    (found,) = acts.gifts_of(acts.link_of_secret(secret))
    assert (found.fen, found.confirmed_on, found.receipt) == (1_000, None, "")


def test_two_donors_of_one_name_never_read_each_others_gifts(desk: Desk) -> None:
    gift(desk, "王芳", "JZ-1")
    gift(desk, "王 芳", "JZ-2", is_another=True)
    gift(desk, "王芳", "JZ-3", whose=1)
    gift(desk, "王芳", "JZ-4", whose=0)
    gift(desk, "王芳", "JZ-5", is_another=True)
    shown = []
    for donor in acts.donors(desk.fund):
        link, _secret = made(desk, donor)
        shown.append({one.receipt for one in acts.gifts_of(link)})
    assert sorted(shown, key=sorted) == [{"JZ-1", "JZ-4"}, {"JZ-2", "JZ-3"}, {"JZ-5"}]


@pytest.mark.parametrize("said", [{}, {"whose": 1}])
def test_a_name_that_is_known_has_to_be_asked_about(desk: Desk, said: dict[str, Any]) -> None:
    gift(desk, "王芳", "JZ-1")
    assert code_of(lambda: gift(desk, "王芳", "JZ-2", **said)) == "fund.which_donor"


def test_staff_say_which_of_one_name_it_is(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    """Asked only where it is a question, with everything that was typed kept."""
    with at_desk(app, cast) as desk:
        gift(desk, "王芳", "JZ-1")
    staff, page = sign_in("staff"), "/staff/huaiyin/fund/sources"
    received, source = day_of(AT).isoformat(), Source.PERSON.value
    typed = {"source": source, "amount": "88", "received_on": received, "reference": "JZ-2"}
    assert 'name="whose"' not in staff.get(page).text
    asked = post(staff, page, **typed, donor="王芳")
    assert (asked.status_code, "就是" in asked.text, 'value="JZ-2"' in asked.text) == (422, True, True)
    assert post(staff, page, **typed, donor="王芳", whose="another").status_code == 302
    with app.app_context():
        fund = service.require_fund(find_community("huaiyin"))
        assert sorted(service.namesakes(fund, "王芳")) == [0, 1]


def test_a_person_reads_all_that_was_given_under_that_name_and_nobody_elses(desk: Desk) -> None:
    for donor, reference, said in (
        ("赵大爷", "JZ-1", {}),
        (" 赵 大爷", "JZ-2", {"whose": 0}),
        ("钱大妈", "JZ-3", {}),
    ):
        gift(desk, donor, reference, **said)
    notice = service.notice_by_reference(desk.fund, "JZ-1")
    assert notice is not None
    link, _secret = made(desk, notice)
    assert {one.receipt for one in acts.gifts_of(link)} == {"JZ-1", "JZ-2"}
    undone = service.notice_by_reference(desk.fund, "JZ-2")
    assert undone is not None
    do_in_unit_of_work(lambda: service.reverse_notice(undone, "记错了", by=person("member1"), at=AT))
    assert {one.receipt for one in acts.gifts_of(link)} == {"JZ-1"}


def test_who_wants_no_name_reads_that_gift_alone(desk: Desk) -> None:
    """The form asks to write 爱心人士 for them: many do, and none of them is another."""
    for donor, reference in (("爱心人士", "JZ-1"), ("爱心人士", "JZ-2")):
        gift(desk, donor, reference)
    offered = [one.reference for one in acts.donors(desk.fund) if isinstance(one, CharityNotice)]
    assert sorted(offered) == ["JZ-1", "JZ-2"]
    notice = service.notice_by_reference(desk.fund, "JZ-1")
    assert notice is not None
    link, _secret = made(desk, notice)
    assert [one.receipt for one in acts.gifts_of(link)] == ["JZ-1"]


def page_of(secret: str) -> TestResponse:
    """What somebody with a link is shown; each asks with a context of their own, as outside of tests."""
    app = app_of()
    with app.app_context():
        return app.test_client().get(f"{PAGE}/{secret}", buffered=True)


def test_a_link_that_was_taken_back_and_a_wrong_one_answer_alike(desk: Desk, vendor: Vendor) -> None:
    link, secret = made(desk, vendor)
    good = page_of(secret)
    assert (good.status_code, "20.00" in good.text, "PJ-1" in good.text) == (200, True, True)
    for _twice in range(2):
        do_in_unit_of_work(lambda: acts.revoke_link(link, by=person("second"), at=AT))
    gone, wrong = page_of(secret), page_of("x" * 32)
    assert (gone.status_code, wrong.status_code) == (404, 404)
    assert code_of(lambda: acts.link_of_secret(secret)) == "fund.no_statement_link"
    assert code_of(lambda: acts.link_of_secret("x")) == "fund.no_statement_link"


def test_nobody_guesses_it_and_no_search_engine_or_cache_keeps_it(desk: Desk, vendor: Vendor) -> None:
    secrets = {made(desk, vendor)[1] for _number in range(20)}
    assert len(secrets) == 20
    assert min(len(secret) for secret in secrets) >= 32
    answer = current_app.test_client().get(f"{PAGE}/{secrets.pop()}")
    headers = answer.headers
    assert "noindex" in headers["X-Robots-Tag"]
    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "same-origin"


def test_who_only_looks_on_makes_no_link(desk: Desk, vendor: Vendor) -> None:
    assert code_of(lambda: made(desk, vendor, by="gate")) == "fund.onlooker"


def test_staff_make_a_link_see_it_once_and_take_it_back(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with at_desk(app, cast) as desk:
        day = desk.market(40_000, 20_000, 26_000).day
        key = f"Vendor:{stalls.assignments(day)[0].vendor.ref}"
    staff, page = sign_in("staff"), "/staff/huaiyin/fund/donors"
    told = post(staff, page, page, donor=key)
    assert (told.status_code, f"{PAGE}/" in told.text) == (200, True)
    assert f"{PAGE}/" not in staff.get(page).text
    assert post(staff, page, page, donor="Vendor:nobody").status_code == 404
    with app.app_context():
        ref = db.session.scalars(sa.select(DonorLink.ref)).one()
    assert post(staff, page, f"{page}/{ref}/revocation").status_code == 302
