"""The fund's pages: what everybody reads is what the ledger holds; who may act, and who may not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from beancount import loader
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.service import find_day
from market.communities.models import Community
from market.communities.profile import Profile
from market.communities.service import find_community, profile_of
from market.db import unit_of_work
from market.fund import service
from market.ledger import service as ledger
from market.money import yuan
from tests.cast import Cast, person, post
from tests.factories.settlement import make_fund
from tests.fund.conftest import AT, Desk
from tests.fund.test_service import correct

SignIn = Callable[[str], FlaskClient]
FUND = "/c/huaiyin/fund"


class Year(NamedTuple):
    """What happened: two markets, one confirmed, one payment, one open proposal."""

    confirmed: str
    in_transit: str
    paid: str
    open: str
    entries: list[str]


@contextmanager
def at_desk(app: Flask, cast: Cast) -> Iterator[Desk]:
    with app.app_context():
        community = find_community(cast.ours)
        fund = service.fund_of(community)
        if fund is None:
            with unit_of_work():
                fund = make_fund(community, person("staff"), AT)
        yield Desk(community, fund)


@pytest.fixture
def year(app: Flask, cast: Cast) -> Year:
    with at_desk(app, cast) as desk:
        confirmed = desk.market(100_000, 50_000, 100_000, in_days=-60).day
        desk.arrive(confirmed, "GZ-1")
        in_transit = desk.market(27_010, 27_000, 28_000).day
        paid = desk.approved(6_000)
        desk.pay(paid)
        waiting = desk.propose(2_000, purpose="路灯维修")
        refs = [entry.ref for entry in ledger.entries(desk.fund.book)]
        return Year(confirmed.ref, in_transit.ref, paid.ref, waiting.ref, refs)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_public_page_says_what_the_ledger_holds(app: Flask, cast: Cast, year: Year) -> None:
    page = text_of(app.test_client().get(FUND).text)
    with at_desk(app, cast) as desk:
        sums = ledger.balances(desk.fund.book)
        print_of_book = ledger.head_fingerprint(desk.fund.book)
    income, spent, left = -sums["4101"] - sums["2001"], sums["5103"], sums["1001"] + sums["1003"]
    assert (income, spent, left) == (16_601, 6_000, 10_601)
    assert f"一共进来 {yuan(income)}" in page
    assert f"一共用掉 {yuan(-spent)}" in page
    assert f"现在还有 {yuan(left)}" in page
    assert f"其中 {yuan(sums['1003'])} 元还在路上" in page
    assert f"合计 {yuan(income)}" in page
    assert print_of_book in page
    assert "慰问走访" in page
    assert ("250.00 元" in page, "125.00 元" in page) == (False, True), "what arrived is counted once"
    assert "路灯维修" not in page


def test_every_entry_leads_back_to_where_it_came_from(app: Flask, year: Year) -> None:
    client = app.test_client()
    pages = [client.get(f"{FUND}/entries/{ref}") for ref in year.entries]
    assert [page.status_code for page in pages] == [200] * 4
    given, arrived, later, spent = (page.text for page in pages)
    assert f"{FUND}/markets/{year.confirmed}" in given
    assert f"{FUND}/markets/{year.confirmed}" in arrived
    assert f"{FUND}/markets/{year.in_transit}" in later
    assert "同意 2 票，不同意 0 票，回避 0 人" in spent
    assert "看望 24 户老人" in spent


def test_a_correction_says_why_and_when_and_not_what_its_one_vendor_gave(
    app: Flask, cast: Cast, year: Year
) -> None:
    """D22: the two totals of a correction are the figure of one vendor."""
    with at_desk(app, cast) as desk:
        correct(desk, find_day(desk.community, year.in_transit), 40_000)
        vouchers = [entry.ref for entry in ledger.entries(desk.fund.book)[4:]]
    client = app.test_client()
    page = client.get(f"{FUND}/markets/{year.in_transit}").text
    read = text_of(page)
    assert "看错了一行" in read
    assert "41.01 元 反哺社区基金" in read
    assert ("47.50" in read, "6.49" in read) == (False, False)
    assert ("点开看凭证" in read, "改了多少，跟别的合在一起公布" in read) == (False, True)
    assert [client.get(f"{FUND}/entries/{ref}").status_code for ref in vouchers] == [404, 404]
    newest = text_of(client.get(FUND).text)
    assert ("−60.00 元" in newest, "47.50" in newest, "一共进来 166.01" in newest) == (True, False, True)
    assert "现在还有 2 笔凭证在等" in newest


def test_a_correction_is_one_row_with_old_new_why_and_when_that_opens_its_vouchers(
    app: Flask, cast: Cast, year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F37, under rules that publish the figures of each market by itself."""

    def alone(community: Community) -> Profile:
        rules = profile_of(community)
        disclosed = rules.disclosure.model_copy(update={"smallest_group": 1})
        return rules.model_copy(update={"disclosure": disclosed})

    monkeypatch.setattr("market.fund.published.profile_of", alone)
    with at_desk(app, cast) as desk:
        correct(desk, find_day(desk.community, year.in_transit), 14_010)
    page = app.test_client().get(f"{FUND}/markets/{year.in_transit}").text
    corrected = page[page.index('id="corrected"') :]
    corrected = corrected[: corrected.index("</section>")]
    row, _details, opened = corrected.partition("<details")
    read = text_of(row)
    for part in ("点开看凭证", "41.01 → 34.51 元", "−6.50 元", "看错了一行"):
        assert read.count(part) == 1, part
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d", read)
    assert ("看 3 张凭证" in text_of(opened), "−41.01 元" in text_of(opened)) == (True, True)
    assert opened.count(f'href="{FUND}/entries/') == 3


def test_a_correction_is_published_in_a_sum_with_the_next_market(app: Flask, cast: Cast, year: Year) -> None:
    with at_desk(app, cast) as desk:
        correct(desk, find_day(desk.community, year.in_transit), 40_000)
        desk.market(20_000, 30_000, 40_000, in_days=-10)
        sums = ledger.balances(desk.fund.book)
    client = app.test_client()
    newest = text_of(client.get(FUND).text)
    assert "2 场合在一起" in newest
    assert f"一共进来 {yuan(-sums['4101'] - sums['2001'])}" in newest
    assert ("51.49" in newest, "在等" in newest, "6.49" in newest, "45.00 " in newest) == (
        True,
        False,
        False,
        False,
    )


def test_the_account_of_a_market_shows_its_sum_and_entries_and_no_single_stall(
    app: Flask, year: Year
) -> None:
    page = app.test_client().get(f"{FUND}/markets/{year.confirmed}").text
    assert "125.00" in page
    assert "2,500.00" in page
    assert "1,000.00" not in page
    assert all(f"{FUND}/entries/{ref}" in page for ref in year.entries[:2])
    assert year.entries[2] not in page


def test_the_whole_book_can_be_taken_home_as_a_table(app: Flask, cast: Cast, year: Year) -> None:
    answer = app.test_client().get(f"{FUND}/ledger.csv", buffered=True)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="huaiyin-ledger.csv"'
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 1 + 10
    assert len({len(row) for row in rows}) == 1


def test_the_whole_book_passes_the_check_of_another_program(app: Flask, year: Year, tmp_path: Path) -> None:
    path = tmp_path / "book.beancount"
    path.write_bytes(app.test_client().get(f"{FUND}/ledger.beancount", buffered=True).data)
    entries, errors, _options = loader.load_file(str(path))
    assert errors == []
    assert sum(type(entry).__name__ == "Transaction" for entry in entries) == 4
    assert app.test_client().get(f"{FUND}/ledger.exe").status_code == 404


def test_nothing_of_ours_is_found_at_the_neighbours(app: Flask, cast: Cast, year: Year) -> None:
    theirs = "/c/songhe/fund"
    client = app.test_client()
    assert "还没有开设" in client.get(theirs).text
    with app.app_context(), unit_of_work():
        make_fund(find_community(cast.theirs), person("staff-b"), AT)
    paths = [f"{theirs}/entries/{year.entries[0]}", f"{theirs}/markets/{year.confirmed}"]
    assert [client.get(path).status_code for path in paths] == [404, 404]
    assert client.get(f"{FUND}/entries/nothing").status_code == 404


def test_an_empty_fund_says_what_comes_next(app: Flask, cast: Cast) -> None:
    with at_desk(app, cast):
        pass
    page = app.test_client().get(FUND).text
    assert "第一场集市收市结算以后" in page
    assert "还没有用过一分钱" in page
    assert "0.00" in page


# ── the desk ──────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_register_the_fund_and_keep_what_they_typed(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("staff")
    fields = {
        "name": "示例慈善总会+槐荫社区慈善基金",
        "charity": "示例慈善总会",
        "agreement_no": "2026-1",
        "signed_on": "2026-01-05",
        "purpose": "本社区的公益服务\x00",
    }
    missing = post(client, "/staff/huaiyin/fund", **{**fields, "charity": ""})
    assert (missing.status_code, 'value="2026-1"' in missing.text) == (422, True)
    assert post(client, "/staff/huaiyin/fund", **fields).status_code == 302
    assert "基金登记好了" in client.get("/staff/huaiyin/fund").text


def test_staff_confirm_propose_and_the_second_person_pays(
    app: Flask, cast: Cast, year: Year, sign_in: SignIn
) -> None:
    desk, staff, second = "/staff/huaiyin/fund", sign_in("staff"), sign_in("second")
    arrival = f"{desk}/markets/{year.in_transit}/remittance"
    assert post(staff, desk, arrival, reference="").status_code == 422
    assert post(staff, desk, arrival, reference="GZ-1").status_code == 409
    assert post(staff, desk, arrival, reference="GZ-2").status_code == 403
    assert post(second, desk, arrival, reference="GZ-2").status_code == 302
    wish = {"use_type": "5102", "purpose": "修井盖", "payee": "修缮队", "detail": "3 个井盖"}
    too_much = post(staff, desk, f"{desk}/proposals", **wish, amount="999")
    assert (too_much.status_code, 'value="修井盖"' in too_much.text) == (409, True)
    assert post(staff, desk, f"{desk}/proposals", **wish, amount="20").status_code == 302
    with at_desk(app, cast) as here:
        proposal = service.proposals(here.fund)[0]
        assert (proposal.amount_fen, proposal.use_type.value) == (2_000, "5102")
        for login in ("member1", "member2"):
            here.vote(proposal, login)
        ref = proposal.ref
    payment = {"paid_on": "2026-01-05", "reference": "FK-9"}
    own = post(staff, desk, f"{desk}/proposals/{ref}/payment", **payment)
    assert (own.status_code, "fund.second_person" in own.text or "另一位" in own.text) == (403, True)
    assert post(second, desk, f"{desk}/proposals/{ref}/payment", **payment).status_code == 302
    assert "修井盖" in app.test_client().get(FUND).text


def test_where_there_is_one_worker_a_member_is_the_second_person(
    app: Flask, cast: Cast, year: Year, sign_in: SignIn
) -> None:
    home, staff, member = "/committee/huaiyin/", sign_in("staff"), sign_in("member3")
    arrival = f"/committee/huaiyin/markets/{year.in_transit}/remittance"
    assert post(member, home, arrival, reference="").status_code == 422
    assert post(member, home, arrival, reference="GZ-2").status_code == 302
    assert "到账登记好了" in member.get(home).text
    with at_desk(app, cast) as desk:
        correct(desk, find_day(desk.community, year.in_transit), 20_000)
    back = f"/staff/huaiyin/fund/markets/{year.in_transit}/refund"
    assert "更正后要退还的" in staff.get("/staff/huaiyin/fund").text
    assert post(staff, "/staff/huaiyin/fund", back, reference="").status_code == 422
    assert post(staff, "/staff/huaiyin/fund", back, reference="TK-1").status_code == 302
    with at_desk(app, cast) as desk:
        refund = service.open_refunds(desk.fund)[0].ref
    assert "等委员同意" in staff.get("/staff/huaiyin/fund").text
    assert post(member, home, f"/committee/huaiyin/refunds/{refund}/agreement").status_code == 302
    assert "更正后要退还的" not in staff.get("/staff/huaiyin/fund").text
    with at_desk(app, cast) as desk:
        found = service.find_refund(desk.fund, refund)
        assert (found.asker, found.approver) == (person("staff"), person("member3"))


def test_a_refund_is_taken_back_before_a_member_agrees(
    app: Flask, cast: Cast, year: Year, sign_in: SignIn
) -> None:
    desk_page, staff = "/staff/huaiyin/fund", sign_in("staff")
    with at_desk(app, cast) as desk:
        day = find_day(desk.community, year.confirmed)
        correct(desk, day, 0)
        ref = day.ref
    post(staff, desk_page, f"{desk_page}/markets/{ref}/refund", reference="TK-1")
    with at_desk(app, cast) as desk:
        refund = service.open_refunds(desk.fund)[0].ref
    assert post(staff, desk_page, f"{desk_page}/refunds/{refund}/withdrawal").status_code == 302
    assert "退款登记已撤回" in staff.get(desk_page).text
    missing = f"/committee/huaiyin/refunds/{refund}/agreement"
    assert post(sign_in("member3"), "/committee/huaiyin/", missing).status_code == 404


def test_a_proposal_is_taken_back_from_the_desk(cast: Cast, year: Year, sign_in: SignIn) -> None:
    staff, desk = sign_in("staff"), "/staff/huaiyin/fund"
    assert post(staff, desk, f"{desk}/proposals/{year.open}/withdrawal").status_code == 302
    assert "提议已撤回" in staff.get(f"{desk}/proposals").text
    assert post(staff, desk, f"{desk}/proposals/{year.paid}/withdrawal").status_code == 409


# ── the committee ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_finds_what_waits_and_votes_once(cast: Cast, year: Year, sign_in: SignIn) -> None:
    member, page = sign_in("member1"), f"/committee/huaiyin/proposals/{year.open}"
    assert "路灯维修" in member.get("/committee/huaiyin/").text
    assert post(member, page, f"{page}/votes").status_code == 422
    assert post(member, page, f"{page}/votes", choice="maybe").status_code == 422
    assert post(member, page, f"{page}/votes", choice="yes", remark="该修").status_code == 302
    after = member.get(page).text
    assert "您的意见：同意" in after
    assert "1 / 3 人" in after
    assert "现在没有等您表决的提议" in member.get("/committee/huaiyin/").text
    assert post(member, "/account", f"{page}/votes", choice="no").status_code == 409


@pytest.mark.parametrize("login", ["staff", "gate", "platform", "viewer", "member1-b", "staff-b"])
def test_nobody_else_sees_or_casts_votes(cast: Cast, year: Year, sign_in: SignIn, login: str) -> None:
    client, page = sign_in(login), f"/committee/huaiyin/proposals/{year.open}"
    assert client.get(page).status_code == 403
    assert post(client, "/account", f"{page}/votes", choice="yes").status_code == 403


def test_a_member_does_not_reach_the_proposals_of_the_neighbours(
    app: Flask, cast: Cast, year: Year, sign_in: SignIn
) -> None:
    with app.app_context(), unit_of_work():
        make_fund(find_community(cast.theirs), person("staff-b"), AT)
    assert sign_in("member1-b").get(f"/committee/songhe/proposals/{year.open}").status_code == 404


def test_a_member_of_a_community_without_a_fund_reads_a_sentence(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in("member1").get("/committee/huaiyin/")
    assert (answer.status_code, "现在没有等您表决的提议" in answer.text) == (200, True)
