"""All data of a community: only its own, without numbers of persons unless asked for, never computed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market import clock
from market.audit import AuditRow
from market.communities.service import find_community
from market.db import Model, db, unit_of_work
from market.ledger.models import Posting
from market.ledger.service import book_of
from market.reports.column_words import ACTS, COLUMNS, FILES, meaning
from market.reports.exported import EXPORTS, STAYS
from market.reports.zipped import cell, columns_of, masked, pieces, way_of
from market.vendors.models import Vendor
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.demo_year import OURS, THEIRS
from tests.factories.settlement import settled_market
from tests.factories.vendors import make_vendor

SignIn = Callable[[str], FlaskClient]
PAGE = "/staff/huaiyin/data"
PHONE = "13812345678"
REASON = "街道要底册"


@pytest.fixture
def vendor(app: Flask, cast: Cast) -> str:
    """A settled market, and a vendor whose name a spreadsheet would compute."""
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        settled_market(community, staff, (100_000, 82_010), in_days=-30)
        settled_market(find_community(cast.theirs), person("staff-b"), (40_000,), in_days=-30)
        made = make_vendor(community, staff, "=HYPERLINK(1)", phone=PHONE, goods=f"修鞋，打 {PHONE}")
        return str(made.ref)


def taken(client: FlaskClient, reason: str = REASON, **fields: str) -> TestResponse:
    return post(client, PAGE, None, reason=reason, **fields)


def read(data: bytes) -> dict[str, list[dict[str, str]]]:
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))
            )
            for name in archive.namelist()
            if name.endswith(".csv")
        }


# ── what is taken ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_table_is_taken_along_or_says_why_it_stays() -> None:
    assert set(EXPORTS) | set(STAYS) == set(Model.metadata.tables)
    assert not set(EXPORTS) & set(STAYS)
    assert set(FILES) == set(EXPORTS)


def test_every_column_says_what_it_is() -> None:
    for table in EXPORTS:
        for column in columns_of(table):
            leads = next((key.column.table.name for key in column.foreign_keys), None)
            assert meaning(column.name, leads), f"{table}.{column.name}: say in COLUMNS what it is"
    names = {column.name for table in EXPORTS for column in columns_of(table)}
    assert set(COLUMNS) <= names
    assert {act for act in ACTS if not {f"{act}_at", f"{act}_by"} & names} == set()


def test_what_is_masked_or_left_out_are_columns() -> None:
    for table, export in EXPORTS.items():
        names = {column.name for column in Model.metadata.tables[table].columns}
        assert {*export.masked, *export.without, way_of(table)} <= names, table


SECRETS = ("password", "secret", "private", "salt", "key_hash", "short_code", "token")


def test_no_secret_is_taken_along() -> None:
    taken_along = [f"{table}.{column.name}" for table in EXPORTS for column in columns_of(table)]
    assert [name for name in taken_along if any(secret in name for secret in SECRETS)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [(PHONE, "138****5678"), ("1234567", "****"), ("", ""), ("91370303MA1234567X", "913****567X")],
)
def test_masked_is_enough_to_recognise(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""), (True, "1"), (False, "0"), (-5, "-5"), ("=1+1", "'=1+1"), ("＋86", "'＋86"), ("a", "a"),
        ({"b": "二", "a": 1}, '{"a": 1, "b": "二"}'), (f"打 {PHONE}", "打 …"),
        (datetime(2026, 5, 1, tzinfo=UTC), "2026-05-01T00:00:00+00:00"), ((), ""),
    ],
)  # fmt: skip
def test_cells_are_texts_that_nothing_computes(value: object, expected: str) -> None:
    assert cell(value, False, whole=False) == expected


def test_what_is_masked_is_nothing_that_is_computed_either() -> None:
    assert cell("=1+1+1+1+1", True, whole=False) == "'=1+****+1+1"


# ── the file ──────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_the_file_has_everything_of_this_community_and_nothing_of_another(
    app: Flask, vendor: str, cast: Cast
) -> None:
    with app.app_context():
        community, theirs = find_community(cast.ours), find_community(cast.theirs)
        found = read(b"".join(pieces(db.engine, community.id, community.name, whole=False, at=clock.now())))
        vendors = sa.select(sa.func.count(Vendor.id)).where(Vendor.community_id == community.id)
        assert len(found["vendor"]) == db.session.scalar(vendors)
        assert {row["community_id"] for row in found["vendor"]} == {str(community.id)}
        assert str(theirs.id) not in {row["id"] for row in found["community"]}
        every = db.session.scalar(sa.select(sa.func.count(Posting.id)))
        assert 0 < len(found["posting"]) < (every or 0)
    assert len(found["settlement"]) == 1
    assert len(found["settlement_line"]) == 2
    assert sum(int(row["amount_fen"]) for row in found["posting"]) == 0


def test_what_is_added_up_of_the_file_is_what_the_book_says(year_app: Flask) -> None:
    with year_app.app_context():
        community = find_community(OURS)
        found = read(b"".join(pieces(db.engine, community.id, community.name, whole=False, at=clock.now())))
        entries = book_of(community).entry_count
        other = find_community(THEIRS)
        empty = read(b"".join(pieces(db.engine, other.id, other.name, whole=False, at=clock.now())))
    assert len(found["entry"]) == entries
    assert sum(int(row["visits"]) for row in found["footfall_count"]) == 5_236
    latest = {row["day_id"]: row for row in found["settlement"]}
    assert sum(int(row["contribution_fen"]) for row in latest.values()) == 1_048_250
    assert empty["settlement"] == []
    text = json.dumps(found, ensure_ascii=False)
    assert "13800000001" not in text
    assert "1380000" not in text.replace('"id": "1380000', "")


def test_numbers_are_masked_unless_they_are_asked_for_and_both_are_noted(
    app: Flask, vendor: str, sign_in: SignIn
) -> None:
    staff = sign_in("staff")
    some, everything = taken(staff), taken(staff, whole="y")
    assert (some.status_code, some.mimetype) == (200, "application/zip")
    assert "attachment" in some.headers["Content-Disposition"]
    plain, whole = read(some.data), read(everything.data)
    [row] = [row for row in plain["vendor"] if row["ref"] == vendor]
    assert (row["phone"], row["goods"], row["trading_name"]) == (
        "138****5678",
        "修鞋,打 …",
        "'=HYPERLINK(1)",
    )
    assert PHONE not in json.dumps(plain)
    assert [row["phone"] for row in whole["vendor"] if row["ref"] == vendor] == [PHONE]
    with app.app_context():
        noted = db.session.scalars(sa.select(AuditRow).where(AuditRow.act == "reports.take_data")).all()
        assert [row.detail for row in noted] == [
            {"reason": REASON, "whole": False},
            {"reason": REASON, "whole": True},
        ]
        assert all(row.user_id == person("staff").id and row.number for row in noted)
    page = staff.get(PAGE).text
    assert (page.count(REASON), "号码完整" in page) == (2, True)


def test_the_file_says_what_is_in_it(vendor: str, sign_in: SignIn) -> None:
    with ZipFile(io.BytesIO(taken(sign_in("staff")).data)) as archive:
        readme = archive.read("README.txt").decode()
        columns = json.loads(archive.read("columns.json"))
        files = {name for name in archive.namelist() if name.endswith(".csv")}
        heads = {name: archive.read(name).decode("utf-8-sig").splitlines()[0].split(",") for name in files}
    assert {name: [one["name"] for one in said["columns"]] for name, said in columns.items()} == heads
    assert "槐荫社区 的全部数据" in readme
    assert "phone  电话（只留头尾）" in readme
    assert "vendor_id  商户库的编号 → vendor.csv" in readme


@pytest.mark.parametrize("reason", ["", "   ", "归档", f"给 {PHONE} 用"])
def test_without_a_reason_nothing_is_taken_and_nothing_noted(
    app: Flask, vendor: str, sign_in: SignIn, reason: str
) -> None:
    answer = taken(sign_in("staff"), reason=reason)
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    with app.app_context():
        assert db.session.scalar(sa.select(AuditRow.id).where(AuditRow.act == "reports.take_data")) is None


def test_nobody_but_staff_takes_it(vendor: str, sign_in: SignIn) -> None:
    for login in ("gate", "member1", "viewer", "staff-b", "platform"):
        client = sign_in(login)
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, data={"reason": REASON}).status_code == 400  # no token


def test_the_file_is_sent_while_it_is_written(app: Flask, vendor: str, cast: Cast) -> None:
    """The first piece is there before any table is read, and stopping closes the look at the database."""
    with app.app_context():
        community = find_community(cast.ours)
        content: Iterator[bytes] = pieces(
            db.engine, community.id, community.name, whole=False, at=clock.now()
        )
        first = next(content)
        content.close()  # type: ignore[attr-defined]  # a generator
    assert first.startswith(b"PK")
    assert b"vendor.csv" not in first
