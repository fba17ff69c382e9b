"""审计包: opened page by page, every link followed, every hash worked out again."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient

from market.db import do_in_unit_of_work
from market.fund import service
from market.fund.matching import TheirLine
from market.fund.service import StatementDraft, quarter_notices as acts, questions
from market.fund.service.periods import years_of
from market.ledger import service as ledger
from market.ledger.chain import fingerprint
from market.spending.audit_pack import write_audit_pack
from tests.cast import Cast, person
from tests.demo_year import client_of
from tests.fund.conftest import AT, Desk
from tests.fund.test_periods import IN_PAST, PAST, close, confirm
from tests.fund.test_views import at_desk

LINK = re.compile(r'href="([^"]+)"')


@pytest.fixture
def year(desk: Desk) -> dict[str, bytes]:
    """The archive of the year of a closed and published quarter, by the names of its files."""
    desk.arrive(desk.market(40_000, 20_000, 26_000, in_days=IN_PAST).day, "GZ-1")
    period = confirm(close(desk))
    notice = do_in_unit_of_work(lambda: acts.prepare_notice(desk.fund, period, by=person("staff"), at=AT))
    do_in_unit_of_work(lambda: acts.publish_notice(notice, notice.hash, by=person("second"), at=AT))
    line = TheirLine(2, PAST.first, 500, "GZ-0", "")
    draft = StatementDraft("DZ-9", *PAST, 0, 500, (line,))

    def explained() -> None:
        statement = service.read_in(desk.fund, draft, by=person("staff"), at=AT)
        service.explain(statement, "row:2", "第 3 页另有一笔", by=person("staff"), at=AT)

    do_in_unit_of_work(explained)
    about = f"notice:{notice.ref}"
    asked = do_in_unit_of_work(
        lambda: questions.ask(desk.fund, about, "发票呢", token="p", address="10.0.0.1", at=AT)
    )
    do_in_unit_of_work(lambda: questions.answer(asked, "在第二页", by=person("staff"), at=AT))
    return opened(desk)


def opened(desk: Desk) -> dict[str, bytes]:
    with current_app.test_request_context(f"/c/{desk.community.slug}/"):
        out = BytesIO()
        write_audit_pack(desk.fund, PAST.last.year, out)
    with ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pages(year: dict[str, bytes]) -> dict[str, str]:
    return {name: content.decode() for name, content in year.items() if name.endswith(".html")}


def test_every_page_is_reached_from_the_index_and_every_link_leads_somewhere(year: dict[str, bytes]) -> None:
    reached, waiting = set(), ["index.html"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        if name.endswith(".html"):
            found = (posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
                     for link in LINK.findall(year[name].decode()))  # fmt: skip
            waiting += [link for link in found if link not in reached]
    assert reached == set(year)


def test_the_index_has_the_hash_of_every_file(year: dict[str, bytes]) -> None:
    index = year["index.html"].decode()
    others = {name: hashlib.sha256(content).hexdigest() for name, content in year.items()}
    del others["SHA256SUMS"]
    lines = [line.split("  ") for line in year["SHA256SUMS"].decode().splitlines()]
    listed = {name: digest for digest, name in lines}
    assert listed == others
    del others["index.html"]
    assert [name for name, digest in others.items() if digest not in index] == []


def test_every_voucher_has_its_page_and_both_sides_are_the_same(desk: Desk, year: dict[str, bytes]) -> None:
    entries = ledger.entries(desk.fund.book, since=PAST.last.replace(month=1, day=1))
    for entry in entries:
        page = pages(year)[f"vouchers/{entry.voucher}.html"]
        assert (entry.hash in page, entry.memo in page) == (True, True)
        assert sum(line.amount_fen for line in entry.lines) == 0
    assert len(year["book.jsonl"].splitlines()) == len(entries) > 1
    kept = [json.loads(line) for line in year["book.jsonl"].splitlines()]
    assert [line["hash"] for line in kept] == [entry.hash for entry in entries]
    assert fingerprint(kept[-1]["hash"]) == ledger.head_fingerprint(desk.fund.book)


def test_what_each_page_says(year: dict[str, bytes]) -> None:
    wanted = {
        "profile.html": person("member1").display_name,
        "statements/1.html": "第 3 页另有一笔",
        "ledger.html": "反哺",
        "questions.html": "在第二页",
        "minutes.html": "没有提议",
        "corrections.html": "没有更正",
        "agreements.html": "校验值",
        "notices.html": "凭证号",
        "goods.html": "没有入库的物资",
    }
    found = pages(year)
    assert [name for name, word in wanted.items() if word not in found[name]] == []
    assert "GZ-1" in found["statements/1.html"]  # what only our book has
    assert "GZ-1" in found["notices.html"]  # what the charity wrote of a market
    quarter = f"quarterly/{PAST.last.year}-{PAST.quarter}"
    assert year[f"{quarter}.pdf"].startswith(b"%PDF")
    assert json.loads(year[f"{quarter}.json"])["closing_fen"] == 4_300


def test_the_same_books_make_the_same_file(desk: Desk, year: dict[str, bytes]) -> None:
    assert opened(desk) == year


def test_staff_members_and_nobody_else_take_it_along(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with at_desk(app, cast) as desk:
        desk.arrive(desk.market(40_000, 20_000, 26_000).day, "GZ-1")
        (booked, *_others) = years_of(desk.fund)
    for login, address in (("staff", "staff/huaiyin/fund"), ("member1", "committee/huaiyin")):
        answer = sign_in(login).get(f"/{address}/audit/{booked}.zip", buffered=True)
        assert (answer.status_code, answer.mimetype) == (200, "application/zip")
        assert sign_in(login).get(f"/{address}/audit/1999.zip").status_code == 404
    assert app.test_client().get(f"/staff/huaiyin/fund/audit/{booked}.zip").status_code == 302


def test_the_pack_of_the_demo_shows_each_use_with_its_votes_papers_and_pictures(year_app: Flask) -> None:
    """What an auditor asks of a use of money stands on one page; each picture of a paper lies beside it."""
    with client_of(year_app, "demo-staff").get("/staff/demo/fund/audit/2024.zip") as answer:
        assert answer.status_code == 200
        with ZipFile(BytesIO(answer.data)) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
    minutes, repair = found["minutes.html"].decode(), found["uses/2.html"].decode()
    for word in ("已付款", "应到 5 人，实到 5 人", "uses/3.html"):
        assert word in minutes
    for word in ("再找一家比比价", "示慈批", "票据照片", "谁核对的"):
        assert word in repair
    pictures = [name for name in found if name.endswith(".jpg")]
    assert [name for name in pictures if not found[name].startswith(b"\xff\xd8")] == []
    assert {name for name in pictures if name.startswith("uses/2-")} == {
        link.removeprefix("../") for link in LINK.findall(repair) if link.endswith(".jpg")
    }
    given = re.findall(r'<td class="amount">(\d+)</td>', found["goods.html"].decode())
    assert sum(map(int, given[:-1])) == int(given[-1]) == 112
