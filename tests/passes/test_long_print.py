"""More passes than one file should hold: stacks in an archive, made while it is sent."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.passes import service as passes
from market.passes.pdf import PrintOrder
from market.passes.rules import Layout, RevokeReason
from tests.cast import Cast, person
from tests.factories import gate as make
from tests.parts.pdf import codes, page_count, picture

SignIn = Callable[[str], FlaskClient]
MORE = passes.LONG - 2
"""With the three vendors of the market, one too many."""


@pytest.fixture
def crowded(app: Flask, cast: Cast) -> str:
    """The address of the passes of a market with 501 vendors."""
    with app.app_context(), unit_of_work():
        day = make.published_day(find_community(cast.ours), person("staff"))
        make.crowd(day, MORE)
        return f"/staff/{cast.ours}/days/{day.ref}/passes"


def files(client: FlaskClient, address: str) -> dict[str, bytes]:
    """The archive of an address, by name."""
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    archive = ZipFile(BytesIO(answer.data))
    return {name: archive.read(name) for name in archive.namelist()}


def test_every_pass_is_printed_once_in_the_order_of_the_stalls(
    app: Flask, crowded: str, sign_in: SignIn
) -> None:
    found = files(sign_in("staff"), f"{crowded}.zip")
    assert [name[-13:] for name in found] == ["0001-0200.pdf", "0201-0400.pdf", "0401-0501.pdf"]
    assert list(map(page_count, found.values())) == [200, 200, 101]
    pages = zip(found.values(), (1, 1, 101), strict=True)
    edges = [codes(picture("pdfium", pdf, page)) for pdf, page in pages]
    with app.app_context():
        day = db.session.query(MarketDay).one()
        live = passes.live_passes(day)
        assert edges == [[passes.pass_url(live[number])] for number in (0, 200, 500)]


def test_the_page_is_told_how_many_passes_are_in_each_file(crowded: str, sign_in: SignIn) -> None:
    answer = sign_in("staff").get(f"{crowded}.zip?layout=a4x4&start=3&spares=4")
    assert answer.headers["X-Stacks"] == "198 200 107"
    assert "%E6%91%8A%E4%BD%8D%E8%AF%81.zip" in answer.headers["Content-Disposition"]


def test_spares_come_last_and_a_back_follows_every_front(crowded: str, sign_in: SignIn) -> None:
    found = files(sign_in("staff"), f"{crowded}.zip?layout=a4x8&spares=3&back=1")
    assert list(map(page_count, found.values())) == [50, 50, 26]
    assert codes(picture("pdfium", list(found.values())[2], 25)) != []


def test_one_file_is_not_asked_for_more_than_it_should_hold(crowded: str, sign_in: SignIn) -> None:
    client = sign_in("staff")
    answer = client.get(f"{crowded}.pdf?layout=a5&spares=2")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{crowded}.zip?layout=a5&spares=2")


def test_the_page_shows_how_far_a_long_print_is_and_only_a_long_one(
    app: Flask, crowded: str, sign_in: SignIn
) -> None:
    client = sign_in("staff")
    many = client.get(crowded).get_data(as_text=True)
    with app.app_context(), unit_of_work():
        few = make.published_day(find_community("huaiyin"), person("staff"), in_days=17).ref
    usual = client.get(f"/staff/huaiyin/days/{few}/passes").get_data(as_text=True)
    signs = ("data-long-print", "passes.zip", "第 1 页，共 3 页", "long_print.js")
    assert [sign in many for sign in signs] == [True] * 4
    assert [sign in usual for sign in signs] == [False] * 4


def test_what_makes_a_print_impossible_is_told_before_the_first_byte(crowded: str, sign_in: SignIn) -> None:
    client = sign_in("staff")
    assert client.get(f"{crowded}.zip?layout=a4x4&start=9").status_code == 422
    assert client.get(f"{crowded}.zip?spares=101").status_code == 422


def test_a_pass_withdrawn_while_the_print_runs_does_not_stop_it(app: Flask, crowded: str) -> None:
    with app.app_context():
        day = db.session.query(MarketDay).one()
        printed = passes.long_print(day, PrintOrder(Layout.A4X8)).files(app.app_context)
        sizes = [len(next(printed).content) > 10_000]
        with unit_of_work():
            last, staff = passes.live_passes(day)[-1], person("staff")
            passes.revoke(last, RevokeReason.LOST, by=staff, at=last.shown.given_at)
        sizes += [len(file.content) > 10_000 for file in printed]
    assert sizes == [True] * 3
