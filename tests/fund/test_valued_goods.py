"""Goods with a paper: in the book at what it says, never among the money, worked out anew by everybody."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.db import db, do_in_unit_of_work, unit_of_work
from market.fund import recompute, service
from market.fund.bundle import write_bundle
from market.fund.disclosure import disclose
from market.fund.goods_proof import goods_faults
from market.fund.goods_rows import GoodsLot, GoodsOut, GoodsValuation
from market.fund.quarter import facts_of
from market.fund.quarter_facts import Worth
from market.fund.rules import Basis, Figures, GoodsWay, figures, worth_of_part
from market.fund.service import ValueDraft
from market.ledger import service as ledger
from market.ledger.spans import quarter_of
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.fund.conftest import AT, Desk
from tests.fund.test_goods import RICE, TODAY, receive, send
from tests.fund.test_service import app_of, code_of
from tests.fund.test_source_races import Act, left, stored, unguarded
from tests.fund.test_views import at_desk
from tests.ledger.test_races import INDICES, without_triggers
from tests.races import at_once

SignIn = Callable[[str], FlaskClient]
INVOICE = ValueDraft(Basis.INVOICE, 60_001, "发票 0042", TODAY - timedelta(days=3), "示例粮店")


def value(desk: Desk, lot: GoodsLot, draft: ValueDraft = INVOICE, *, login: str = "staff") -> GoodsValuation:
    return do_in_unit_of_work(lambda: service.value_goods(lot, draft, by=person(login), at=AT))


def confirm(valuation: GoodsValuation, login: str = "second") -> GoodsValuation:
    return do_in_unit_of_work(lambda: service.confirm_value(valuation, by=person(login), at=AT))


def undo(out: GoodsOut, login: str = "second") -> None:
    do_in_unit_of_work(lambda: service.void_out(out, by=person(login), at=AT))


def reverse(valuation: GoodsValuation, login: str = "staff") -> GoodsValuation:
    return do_in_unit_of_work(lambda: service.reverse_value(valuation, "发票看错了", by=person(login), at=AT))


def valued(desk: Desk) -> GoodsLot:
    lot = receive(desk)
    confirm(value(desk, lot))
    return lot


def book(desk: Desk) -> dict[str, int]:
    return {code: fen for code, fen in ledger.balances(desk.fund.book).items() if fen}


@pytest.mark.parametrize(
    ("items", "left", "left_fen", "worth"),
    [(7, 20, 60_001, 21_000), (13, 13, 39_001, 39_001), (1, 20, 60_001, 3_000), (20, 20, 60_001, 60_001)],
)
def test_what_leaves_takes_its_share_and_the_last_of_it_the_rest(
    items: int, left: int, left_fen: int, worth: int
) -> None:
    assert worth_of_part(items, left, 20, 60_001, left_fen) == worth


def test_goods_are_no_money_in_the_figures_of_a_quarter() -> None:
    moved = {"1001": 500, "1201": 40, "4101": -500, "4106": -100, "5107": 60}
    assert figures(moved, moved) == Figures(500, 0, 500)


def test_typed_by_one_and_posted_by_another_once(desk: Desk) -> None:
    lot = receive(desk)
    noted = value(desk, lot)
    assert value(desk, lot) is noted
    assert code_of(lambda: value(desk, lot, replace(INVOICE, worth_fen=5))) == "fund.valued_already"
    assert book(desk) == {}
    assert code_of(lambda: confirm(noted, "staff")) == "fund.second_person"
    assert confirm(noted) is confirm(noted)
    assert book(desk) == {"1201": 60_001, "4106": -60_001}
    assert code_of(
        lambda: do_in_unit_of_work(lambda: service.withdraw_value(noted, by=desk.clerk, at=AT))
    ) == ("fund.value_posted")


def test_what_another_took_back_meanwhile_is_said_to_be_gone(desk: Desk) -> None:
    """A colleague's page still shows it: it is told so, and nothing breaks."""
    noted = value(desk, receive(desk))
    gone = sa.delete(GoodsValuation).execution_options(synchronize_session=False)
    for act in (service.withdraw_value, service.confirm_value):
        with unit_of_work():
            assert noted.entry_id is None
            db.session.execute(gone)
            assert code_of(lambda act=act: act(noted, by=person("second"), at=AT)) == "fund.no_value"  # type: ignore[misc]  # bound
            db.session.rollback()


def test_what_was_only_typed_is_taken_back_and_typed_anew(desk: Desk) -> None:
    lot = receive(desk)
    noted = value(desk, lot)
    assert code_of(lambda: reverse(noted)) == "fund.not_posted"
    do_in_unit_of_work(lambda: service.withdraw_value(noted, by=desk.clerk, at=AT))
    assert lot.valuation is None
    assert value(desk, lot, replace(INVOICE, basis=Basis.PRICES)).basis is Basis.PRICES


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (replace(INVOICE, worth_fen=0), "fund.no_worth"),
        (replace(INVOICE, paper=" "), "fund.worth_without_paper"),
        (replace(INVOICE, said_by=""), "fund.worth_without_paper"),
        (replace(INVOICE, said_by="王 13812345678"), "fund.worth_without_paper"),
        (replace(INVOICE, paper_on=TODAY + timedelta(days=1)), "fund.paper_in_future"),
    ],
)
def test_no_worth_without_a_paper(desk: Desk, draft: ValueDraft, code: str) -> None:
    assert code_of(lambda: value(desk, receive(desk), draft)) == code


def test_each_way_out_has_its_account_and_a_mistake_comes_back(desk: Desk) -> None:
    lot = valued(desk)
    given = send(desk, lot, 7)
    send(desk, lot, 2, GoodsWay.SPOILED)
    send(desk, lot, 1, GoodsWay.RETURNED)
    assert book(desk) == {"1201": 30_001, "4106": -57_001, "5107": 21_000, "5901": 6_000}
    assert code_of(lambda: undo(given, "staff")) == "ledger.second_person"
    assert lot.left == 10
    undo(given)
    undo(given)
    assert book(desk) == {"1201": 51_001, "4106": -57_001, "5901": 6_000}
    send(desk, lot, 17)
    assert book(desk) == {"4106": -57_001, "5107": 51_001, "5901": 6_000}
    assert list(goods_faults(desk.fund)) == []


def test_what_had_left_before_the_paper_came_leaves_the_book_with_it(desk: Desk) -> None:
    lot = receive(desk)
    send(desk, lot, 7)
    send(desk, lot, 13)
    confirm(value(desk, lot))
    assert book(desk) == {"4106": -60_001, "5107": 60_001}
    assert list(goods_faults(desk.fund)) == []


def test_a_wrong_worth_is_undone_by_another_after_what_was_given_at_it(desk: Desk) -> None:
    lot = valued(desk)
    first = lot.valuation
    assert first is not None
    out = send(desk, lot, 7)
    assert code_of(lambda: reverse(first)) == "fund.goods_given_out"
    undo(out)
    assert code_of(lambda: reverse(first, "second")) == "ledger.second_person"
    assert reverse(first) is reverse(first)
    assert book(desk) == {}
    confirm(value(desk, lot, replace(INVOICE, worth_fen=40_000)))
    send(desk, lot, 7)
    assert book(desk) == {"1201": 26_000, "4106": -40_000, "5107": 14_000}
    assert list(goods_faults(desk.fund)) == []


def test_goods_stand_beside_the_money_on_the_page_and_in_the_notice(desk: Desk) -> None:
    desk.money(10_000)
    lot = valued(desk)
    send(desk, lot, 7)
    it = disclose(desk.fund)
    assert (it.income_fen, it.spent_fen, it.balance_fen) == (10_000, 0, 10_000)
    assert (it.goods.received_fen, it.goods.given_fen, it.goods.held_fen) == (60_001, 21_000, 39_001)
    assert [line.code for line in it.sources] == ["4101"]


def test_the_notice_of_a_quarter_tells_goods_apart(desk: Desk) -> None:
    span = quarter_of(TODAY)
    before = span.first - timedelta(days=30)
    lot = receive(desk, replace(RICE, received_on=before))
    confirm(value(desk, lot, replace(INVOICE, paper_on=before)))
    send(desk, lot, 7, on=before)
    with unit_of_work():
        period = service.close_quarter(
            desk.fund, before, Figures(0, 0, 0), reference="DZ-1", explanation="", by=desk.clerk, at=AT
        )
    facts = facts_of(desk.fund, period)
    assert (facts.income, facts.uses, facts.moves, facts.adds_up) == ((), (), (), True)
    assert facts.goods.worth == Worth(
        opening_fen=0, received_fen=60_001, given_fen=21_000, lost_fen=0, held_fen=39_001
    )


# ── worked out once more ──────────────────────────────────────────────────────────────────────────────────


FORGERIES = {
    "the paper says more": "UPDATE goods_valuation SET worth_fen = worth_fen + 100",
    "more items left": "UPDATE goods_out SET items = items + 1",
    "taken back in the store only": "UPDATE goods_out SET voided_at = noted_at",
    "thrown away in the store only": "UPDATE goods_out SET way = 'spoiled'",
    "no valuation behind it": "DELETE FROM goods_valuation",
    "said to be undone": "UPDATE goods_valuation SET undone_at = confirmed_at",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_verify_finds_a_store_that_tells_otherwise(desk: Desk, forgery: str) -> None:
    send(desk, valued(desk), 7)
    assert list(goods_faults(desk.fund)) == []
    with unit_of_work():
        db.session.execute(sa.text(forgery))
    db.session.expire_all()
    assert list(goods_faults(desk.fund)) != []


@pytest.fixture
def bundle(desk: Desk, tmp_path: Path) -> Path:
    desk.money(10_000)
    lot = valued(desk)
    for items in (7, 12):
        send(desk, lot, items)
    send(desk, lot, 1, GoodsWay.SPOILED)
    path = tmp_path / "fund.zip"
    out = BytesIO()
    write_bundle(desk.fund, out)
    path.write_bytes(out.getvalue())
    return path


def check(path: Path, change: Callable[[list[dict[str, object]]], None]) -> list[str]:
    with ZipFile(path) as bundle:
        goods, book = (json.loads(bundle.read(name)) for name in ("goods.json", "book.json"))
    change(goods)
    found = recompute.Check()
    recompute.check_goods(found, goods, book)
    return found.wrong


def test_the_program_of_the_public_file_does_it_once_more(bundle: Path) -> None:
    run = subprocess.run(
        [sys.executable, recompute.__file__, str(bundle)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.count("✕")) == (0, 0), run.stdout + run.stderr


@pytest.mark.parametrize(
    "change",
    [
        lambda goods: goods[0]["values"][0].update(fen=60_002),
        lambda goods: goods[0]["values"][0].update(undone=True),
        lambda goods: goods[0]["outs"][0].update(items=8),
        lambda goods: goods[0]["outs"][0].update(way="spoiled"),
        lambda goods: goods[0]["outs"].pop(),
        lambda goods: goods.clear(),
    ],
)
def test_the_program_finds_a_store_that_tells_otherwise(
    bundle: Path, change: Callable[[list[dict[str, object]]], None]
) -> None:
    assert check(bundle, lambda goods: None) == []
    assert check(bundle, change) != []


# ── at once ───────────────────────────────────────────────────────────────────────────────────────────────


def typing(desk: Desk) -> list[Act]:
    lot_id = receive(desk).id

    def act() -> str:
        lot = db.session.get_one(GoodsLot, lot_id)
        return service.value_goods(lot, INVOICE, by=person("staff"), at=AT).ref

    return [act] * 3


@both_engines
def test_a_worth_typed_by_many_at_once_is_one(desk: Desk) -> None:
    assert len(set(at_once(app_of(), typing(desk)))) == stored(GoodsValuation) == 1


@both_engines
def test_without_the_guards_it_is_typed_more_than_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch, "fund.value_goods", typing(desk), "uq_goods_valuation_lot")
    assert stored(GoodsValuation) > 1


def confirming(desk: Desk) -> list[Act]:
    valuation_id = value(desk, receive(desk)).id

    def by(login: str) -> Act:
        def act() -> str:
            valuation = db.session.get_one(GoodsValuation, valuation_id)
            return str(service.confirm_value(valuation, by=person(login), at=AT).entry_id)

        return act

    return [by(login) for login in ("second", "member1", "member2")]


@both_engines
def test_a_worth_confirmed_by_three_at_once_is_posted_once(desk: Desk) -> None:
    assert len(set(at_once(app_of(), confirming(desk)))) == 1
    assert ledger.balance(desk.fund.book, "1201") == 60_001


@both_engines
def test_without_the_guards_it_is_posted_more_than_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    acts = confirming(desk)
    without_triggers()
    unguarded(monkeypatch, "fund.confirm_value", acts, *INDICES)
    assert ledger.balance(desk.fund.book, "1201") > 60_001


def handing_out(desk: Desk) -> list[Act]:
    lot_id = valued(desk).id

    def act() -> str:
        lot = db.session.get_one(GoodsLot, lot_id)
        service.send_out(lot, GoodsWay.GIVEN, 9, "几户老人", TODAY, by=person("staff"), at=AT)
        return "given"

    return [act] * 3


@both_engines
def test_valued_goods_given_out_at_once_leave_the_book_as_they_leave_the_store(desk: Desk) -> None:
    assert sorted(at_once(app_of(), handing_out(desk))) == ["fund.goods_short", "given", "given"]
    assert (left(), ledger.balance(desk.fund.book, "1201")) == (2, 60_001 - 2 * (60_001 * 9 // 20))


@both_engines
def test_without_the_guards_more_leaves_the_book_than_came(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = handing_out(desk)
    without_triggers()
    unguarded(monkeypatch, "fund.send_out", acts, *INDICES)
    assert ledger.balance(desk.fund.book, "1201") < 0


# ── the pages ─────────────────────────────────────────────────────────────────────────────────────────────


def test_from_the_paper_to_the_public_page(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with at_desk(app, cast) as desk:
        lot = receive(desk)
        page = f"/staff/huaiyin/fund/goods/{lot.ref}"
    staff, second = sign_in("staff"), sign_in("second")
    fields = {
        "basis": "invoice", "worth": "600.01", "paper": "发票 0042", "said_by": "示例粮店",
        "paper_on": date.isoformat(TODAY),
    }  # fmt: skip
    assert post(staff, page, f"{page}/value", **{**fields, "paper": ""}).status_code == 422
    assert post(staff, page, f"{page}/value", **fields).status_code == 302
    assert "要由另一位同事" in staff.get(page).text
    confirmation = second.get(page).text.split("/fund/goods/values/")[1].split('"')[0]
    assert post(second, page, f"/staff/huaiyin/fund/goods/values/{confirmation}").status_code == 302
    told = app.test_client().get("/c/huaiyin/fund/goods").text
    for words in ("发票 0042", "600.01", "示例粮店", "不算在基金的余额里"):
        assert words in told
    assert "600.01" in app.test_client().get("/c/huaiyin/fund").text
