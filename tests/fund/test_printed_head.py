"""From the picture of a real sheet to the answer: the code is read, what it holds is asked about."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import unit_of_work
from market.journal.printed import head_now, typed_head
from market.passes.pdf import PrintOrder
from market.passes.rules import Layout
from market.passes.service import write_passes
from tests.cast import Cast, person
from tests.factories.gate import published_day
from tests.factories.settlement import make_fund
from tests.parts.pdf import codes, picture, text


@pytest.fixture
def market(app: Flask, cast: Cast) -> str:
    """A published market of a community with a fund."""
    from market import clock

    with app.app_context(), unit_of_work():
        staff = person("staff")
        make_fund(find_community(cast.ours), staff, clock.now())
        return published_day(find_community(cast.ours), staff, vendors=2).ref


def asked(client: FlaskClient, scanned: str) -> str:
    """What the fund page says when its field is filled with the whole text of a scanned code."""
    return client.get("/c/huaiyin/fund/head", query_string={"head": scanned}).text


def heads(pdf: bytes) -> list[str]:
    """The codes on the first page that hold a head."""
    return [code for code in codes(picture("pdfium", pdf)) if "head=" in code]


def test_the_poster_shows_a_code_that_answers(app: Flask, market: str) -> None:
    client = app.test_client()
    (code,) = heads(client.get(f"/c/huaiyin/markets/{market}/poster.pdf").data)
    assert "对得上" in asked(client, code)
    assert "对得上" in client.get(code.split("//", 1)[1].split("/", 1)[1].join(["/", ""])).text


def test_the_code_of_the_notice_fills_the_field_of_the_page(app: Flask, market: str) -> None:
    client = app.test_client()
    (code,) = heads(client.get("/c/huaiyin/fund/notice.pdf").data)
    with app.app_context():
        now = head_now(find_community("huaiyin").id).short
    assert typed_head(code) == now
    path = "/" + code.split("//", 1)[1].split("/", 1)[1]
    assert f'value="{now}"' in client.get(path.split("#")[0]).text
    assert "对得上" in asked(client, code)


@pytest.mark.parametrize("layout", list(Layout))
def test_every_pass_carries_the_head_and_the_sign_its_code(app: Flask, market: str, layout: Layout) -> None:
    out = BytesIO()
    with app.app_context():
        with unit_of_work():
            write_passes(find_day_by_ref(market), out, order=PrintOrder(layout=layout))
        now = head_now(find_community("huaiyin").id).short
    assert "".join(now.split()) in "".join(text("pdfium", out.getvalue()).split())
    found = heads(out.getvalue())
    assert bool(found) is (layout is Layout.A5)
    assert [typed_head(code) for code in found] == [now] * len(found)
    assert all("对得上" in asked(app.test_client(), code) for code in found)


@pytest.mark.parametrize(
    ("typed", "head"),
    [
        (" 12-0123 4567 8901 2345 ", "12-0123 4567 8901 2345"),
        ("https://a.example/c/x/fund?head=12-0123+4567+8901+2345#check", "12-0123 4567 8901 2345"),
        ("HTTPS://A.EXAMPLE/P/ABC", "HTTPS://A.EXAMPLE/P/ABC"),
        ("head=1", "head=1"),
    ],
)
def test_a_scanned_address_is_read_as_the_head_in_it(typed: str, head: str) -> None:
    assert typed_head(typed) == head
