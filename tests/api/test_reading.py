"""What programs read: whole lists, the fund added up again, nothing that pages keep to themselves."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.api import views as _views  # noqa: F401 - with it all operations are declared
from market.api.views.operations import OPERATIONS
from market.calendar.models import MarketDay
from market.calendar.service import all_public_days
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.fund.published import public_book
from market.ledger.rules import Code
from market.people.service import find_user
from market.programs.rules import Right
from market.programs.service import make_key
from market.settlement.service import settlement_of
from market.vendors.models import Vendor
from tests.demo_year import OURS, client_of

ROOT = "/api/v1"
HERE = f"{ROOT}/communities/{OURS}"


PUBLIC = [one for one in OPERATIONS if one.right is None]
READ = [one for one in OPERATIONS if one.method == "get"]


@pytest.fixture(scope="module")
def reader(year_app: Flask) -> FlaskClient:
    """A program without an account."""
    return client_of(year_app, None)


class Given(NamedTuple):
    """Keys of the demo's people, and what their addresses name."""

    staff: str
    region: str
    code: str
    vendor: str


@pytest.fixture(scope="module")
def given(year_app: Flask) -> Given:
    with year_app.app_context(), unit_of_work():
        community, at = find_community(OURS), clock.now()
        ends, keys = at + timedelta(days=30), []
        for place, login in ((community, "demo-staff"), (community.region, "demo-viewer")):
            by = find_user(login)
            assert by is not None
            keys.append(make_key(place, "读者", [Right.READ], ends, by=by, at=at)[1])
        vendor = db.session.scalars(db.select(Vendor.ref).where(Vendor.community_id == community.id)).first()
        return Given(keys[0], keys[1], community.region.code, str(vendor))


def _of_ours(path: str, given: Given, reader: FlaskClient) -> str:
    path = path.replace("<code>", given.code)
    return _filled(path.replace("/vendors/<ref>", f"/vendors/{given.vendor}"), reader)


def read(reader: FlaskClient, address: str) -> Any:
    answer = reader.get(address)
    assert answer.status_code == 200, (address, answer.text)
    assert answer.mimetype == "application/json"
    return answer.json


def everything(reader: FlaskClient, address: str, limit: int) -> Iterator[Any]:
    """All items of a list, page by page."""
    cursor = ""
    while True:
        asked = f"{address}{'&' if '?' in address else '?'}limit={limit}"
        page = read(reader, asked + (f"&cursor={cursor}" if cursor else ""))
        assert len(page["items"]) <= limit
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = page["next"]


def test_a_program_adds_the_whole_fund_up_again(reader: FlaskClient) -> None:
    fund = read(reader, f"{HERE}/fund")
    entries = list(everything(reader, f"{HERE}/fund/entries", 7))
    sums = read(reader, f"{HERE}/fund/sums")["items"]
    added: Counter[str] = Counter()
    for thing in entries + sums:
        assert sum(line["fen"] for line in thing["lines"]) == 0
        for line in thing["lines"]:
            added[line["account"]] += line["fen"]
    assert sums
    assert len({entry["ref"] for entry in entries}) == len(entries)
    assert {one["account"]: one["fen"] for one in fund["accounts"] if one["fen"]} == {
        account: fen for account, fen in added.items() if fen
    }
    assert fund["at_charity_fen"] == added[Code.AT_CHARITY]
    assert fund["in_transit_fen"] == added[Code.TRANSFER_PENDING]


def test_entries_are_those_of_the_public_file_and_no_others(reader: FlaskClient, year_app: Flask) -> None:
    with reader.get(f"/c/{OURS}/fund/ledger.csv") as file:
        text = file.get_data(as_text=True).removeprefix("\ufeff")
    published = {row["校验值"] for row in csv.DictReader(io.StringIO(text)) if row["校验值"]}
    entries = list(everything(reader, f"{HERE}/fund/entries", 200))
    assert {entry["hash"] for entry in entries} == published
    with year_app.app_context():
        hidden = {one.ref for one in public_book(find_community(OURS)).hidden.values()}
    assert hidden
    assert not hidden & {entry["ref"] for entry in entries}


@pytest.mark.parametrize("limit", [1, 4, 200])
def test_the_pages_of_a_list_are_the_list(reader: FlaskClient, year_app: Flask, limit: int) -> None:
    told = [one["ref"] for one in everything(reader, f"{HERE}/markets", limit)]
    slugs = [one["slug"] for one in everything(reader, f"{ROOT}/communities", limit)]
    with year_app.app_context():
        assert told == [day.ref for day in all_public_days(find_community(OURS))]
        assert slugs == list(db.session.scalars(db.select(Community.slug).order_by(Community.slug)))


def test_markets_between_two_dates(reader: FlaskClient) -> None:
    every = list(everything(reader, f"{HERE}/markets", 200))
    dates = sorted({one["opens_at"][:10] for one in every})  # markets open by day, when both dates are one
    first, last = dates[1], dates[-2]
    some = list(everything(reader, f"{HERE}/markets?from={first}&until={last}", 2))
    assert [one["ref"] for one in some] == [
        one["ref"] for one in every if first <= one["opens_at"][:10] <= last
    ]
    assert 0 < len(some) < len(every)


def test_a_draft_is_nowhere_and_stalls_are_empty_before_they_are_public(
    reader: FlaskClient, year_app: Flask
) -> None:
    with year_app.app_context():
        hidden = db.session.scalars(db.select(MarketDay).where(~MarketDay.was_public)).all()
        refs = [day.ref for day in hidden if day.community.slug == OURS]
    told = {one["ref"] for one in everything(reader, f"{HERE}/markets", 200)}
    assert not told & set(refs)
    for ref in refs:
        for tail in ("", "/stalls", "/account"):
            assert reader.get(f"{HERE}/markets/{ref}{tail}").status_code == 404


def test_figures_of_a_year(reader: FlaskClient) -> None:
    counted = read(reader, f"{HERE}/counters?year=2024")
    assert (counted["markets"], counted["contribution_fen"]) == (11, 1_048_250)
    assert "takings_fen" not in counted


def test_figures_of_a_market_are_those_that_may_be_said(reader: FlaskClient, year_app: Flask) -> None:
    with year_app.app_context():
        seen = public_book(find_community(OURS))
        settled = [one for one in map(settlement_of, all_public_days(seen.community)) if one is not None]
        may_be_said = {one.day.ref: seen.of(one) for one in settled}
    told = {ref: read(reader, f"{HERE}/markets/{ref}/account") for ref in may_be_said}
    assert {ref: (one["contribution_fen"], one["takings_fen"]) for ref, one in told.items()} == {
        ref: (one.contribution_fen, one.takings_fen) for ref, one in may_be_said.items()
    }


def test_no_number_of_a_vendor_is_told(reader: FlaskClient, year_app: Flask) -> None:
    with year_app.app_context():
        phones = [one for one in db.session.scalars(db.select(Vendor.phone)) if one]
    told = [reader.get(_filled(one.path, reader)).get_data(as_text=True) for one in PUBLIC]
    assert phones
    assert [phone for phone in phones if any(phone in text for text in told)] == []


def _filled(path: str, reader: FlaskClient) -> str:
    over = next(one for one in everything(reader, f"{HERE}/markets", 200) if one["status"] == "over")
    return ROOT + path.replace("<slug>", OURS).replace("<ref>", over["ref"])


# ── how it is asked ───────────────────────────────────────────────────────────────────────────────────────


def test_what_has_not_changed_is_not_sent_again(reader: FlaskClient) -> None:
    first = reader.get(f"{HERE}/fund")
    again = reader.get(f"{HERE}/fund", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert reader.head(f"{HERE}/fund").headers["ETag"] == first.headers["ETag"]


def test_pages_of_others_may_read_it_and_no_cookie_is_set(reader: FlaskClient) -> None:
    answer = reader.get(f"{HERE}/fund")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in reader.get(f"/c/{OURS}/fund").headers


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (f"{HERE}/markets?limit=0", 400, "api.bad_parameter"),
        (f"{HERE}/markets?limit=201", 400, "api.bad_parameter"),
        (f"{HERE}/markets?limit=１", 400, "api.bad_parameter"),
        (f"{HERE}/markets?limit=-1", 400, "api.bad_parameter"),
        (f"{HERE}/markets?from=2026-02-30", 400, "api.bad_parameter"),
        (f"{HERE}/markets?from=0001-01-01", 400, "api.bad_parameter"),
        (f"{HERE}/markets?until=9999-12-31", 400, "api.bad_parameter"),
        (f"{HERE}/markets?cursor=nowhere", 404, "calendar.no_day"),
        (f"{HERE}/markets?limits=5", 400, "api.unknown_parameter"),
        (f"{HERE}/fund/entries?cursor=x", 400, "api.bad_parameter"),
        (f"{HERE}/fund/entries?cursor={'9' * 19}", 400, "api.bad_parameter"),
        (f"{HERE}/counters?year=1999", 400, "api.bad_parameter"),
        (f"{ROOT}/communities/nowhere", 404, "places.no_community"),
        (f"{ROOT}/communities/songlin/fund/entries?cursor=%00", 404, "http.not_found"),
        (f"{ROOT}/nothing", 404, "http.not_found"),
    ],
)
def test_what_is_wrong_is_said_as_a_problem(reader: FlaskClient, asked: str, status: int, code: str) -> None:
    answer = reader.get(asked)
    assert answer.mimetype == "application/problem+json"
    told = json.loads(answer.data)
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert told["detail"]


def test_it_is_for_reading(reader: FlaskClient) -> None:
    answer = reader.post(f"{HERE}/fund")
    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == 405


# ── how it is described ───────────────────────────────────────────────────────────────────────────────────


def test_the_description_names_every_operation_and_every_shape(reader: FlaskClient) -> None:
    told = read(reader, f"{ROOT}/openapi.json")
    assert told["openapi"] == "3.1.0"
    assert sum(map(len, told["paths"].values())) == len(OPERATIONS)
    shapes = told["components"]["schemas"]
    refs = set(_refs(told))
    assert refs == {f"#/components/schemas/{name}" for name in shapes}
    for path, ways in told["paths"].items():
        for way in ways.values():
            named = {one["name"] for one in way["parameters"] if one["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
    assert {name for name, shape in shapes.items() if not _described(shape)} == set()


def _refs(thing: Any) -> Iterator[str]:
    if isinstance(thing, dict):
        if "$ref" in thing:
            yield thing["$ref"]
        for value in thing.values():
            yield from _refs(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from _refs(value)


def _described(shape: dict[str, Any]) -> bool:
    return bool(shape.get("description"))


def test_the_description_says_who_may_and_what_goes_along(reader: FlaskClient) -> None:
    told = read(reader, f"{ROOT}/openapi.json")
    ways = {way["operationId"]: way for path in told["paths"].values() for way in path.values()}
    for one in OPERATIONS:
        way = ways[one.name]
        assert way.get("security", []) == ([{"key": [one.right.value]}] if one.right else [])
        assert ("requestBody" in way) == (one.sent is not None)
        if one.sent is not None:
            example = way["requestBody"]["content"]["application/json"]["example"]
            one.sent.model_validate_json(json.dumps(example))
        headers = {field["name"] for field in way["parameters"] if field["in"] == "header"}
        expected = {"post": {"Idempotency-Key"}, "patch": {"If-Match"}}.get(one.method, set())
        assert headers == expected


@pytest.mark.parametrize("operation", READ, ids=lambda one: one.name)
def test_answers_have_the_shape_that_is_described(reader: FlaskClient, given: Given, operation: Any) -> None:
    whole = operation.path.startswith("/regions/")
    headers = {"Authorization": f"Bearer {given.region if whole else given.staff}"} if operation.right else {}
    answer = reader.get(_of_ours(operation.path, given, reader), headers=headers)
    assert answer.status_code == 200, answer.text
    told = operation.answer.model_validate_json(answer.data)
    assert json.loads(told.model_dump_json()) == answer.json


def test_people_find_it_described_on_a_page(reader: FlaskClient) -> None:
    text = reader.get(f"{ROOT}/").get_data(as_text=True)
    assert "给程序读的数据" in text
    for one in OPERATIONS:
        assert one.path.replace("<", "&lt;").replace(">", "&gt;") in text
