"""Goods in items: kept somewhere, handed out, never more than there are, never turned into yuan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.communities.service import find_community
from market.db import do_in_unit_of_work, unit_of_work
from market.fund import service
from market.fund.goods_rows import GoodsLot, GoodsOut
from market.fund.rules import GoodsWay
from market.fund.service import GoodsDraft, Keeping
from market.ledger import service as ledger
from market.settlement import service as settlement
from market.stalls import service as stalls
from tests.cast import Cast, post
from tests.factories.settlement import ended_market, evening
from tests.fund.conftest import AT, Desk, day_of
from tests.fund.test_service import code_of
from tests.fund.test_views import at_desk

TODAY = day_of(AT)
SHELF = Keeping("服务中心储藏室", TODAY + timedelta(days=30))
RICE = GoodsDraft("大米 5 公斤装", 20, TODAY - timedelta(days=3), SHELF, donor="示例粮店", may_name=True)
SignIn = Callable[[str], FlaskClient]


def receive(desk: Desk, draft: GoodsDraft = RICE) -> GoodsLot:
    return do_in_unit_of_work(lambda: service.receive_goods(desk.community, draft, by=desk.clerk, at=AT))


def send(desk: Desk, lot: GoodsLot, items: int, way: GoodsWay = GoodsWay.GIVEN, on: date = TODAY) -> GoodsOut:
    return do_in_unit_of_work(
        lambda: service.send_out(lot, way, items, "3 号楼独居老人 6 户", on, by=desk.clerk, at=AT)
    )


def test_never_more_leaves_than_is_there_and_a_mistake_comes_back(desk: Desk) -> None:
    lot = receive(desk)
    out = send(desk, lot, 15)
    assert code_of(lambda: send(desk, lot, 6)) == "fund.goods_short"
    assert code_of(lambda: send(desk, lot, 0)) == "fund.goods_short"
    send(desk, lot, 5)
    assert lot.left == 0
    with unit_of_work():
        service.void_out(out, by=desk.second, at=AT)
        service.void_out(out, by=desk.second, at=AT)
    assert lot.left == 15
    assert ledger.balances(desk.fund.book) == {}


def test_what_is_past_its_day_is_refused_and_given_to_nobody(desk: Desk) -> None:
    past = replace(RICE, keeping=Keeping("储藏室", RICE.received_on - timedelta(days=1)))
    assert code_of(lambda: receive(desk, past)) == "fund.goods_past"
    lot = receive(desk, replace(RICE, keeping=Keeping("储藏室", TODAY - timedelta(days=1))))
    assert code_of(lambda: send(desk, lot, 1)) == "fund.goods_expired"
    assert send(desk, lot, 20, GoodsWay.SPOILED).items == 20
    assert lot.left == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda draft: replace(draft, items=0), "fund.goods_items"),
        (lambda draft: replace(draft, received_on=TODAY + timedelta(days=1)), "fund.received_in_future"),
        (lambda draft: replace(draft, goods=" "), "fund.unfit_goods"),
        (lambda draft: replace(draft, donor="王 13812345678"), "fund.unfit_goods"),
    ],
)
def test_what_is_not_taken(desk: Desk, change: Callable[[GoodsDraft], GoodsDraft], code: str) -> None:
    assert code_of(lambda: receive(desk, change(RICE))) == code


def test_what_was_given_at_a_market_is_taken_over_once_and_told_there(desk: Desk) -> None:
    with unit_of_work():
        day = ended_market(desk.community, desk.clerk, (100_000, 90_000, 80_000), in_days=-20)
        vendor = stalls.assignments(day)[0].vendor
        item = settlement.give_in_kind(day, vendor, "大白菜", 18, by=desk.clerk, at=evening(day))

    def store() -> GoodsLot:
        return do_in_unit_of_work(lambda: service.store_item(item, SHELF, by=desk.clerk, at=AT))

    assert code_of(store) == "fund.goods_not_settled"
    with unit_of_work():
        settlement.close_day(day, by=desk.clerk, at=evening(day))
    assert [one.ref for one, _day in service.items_without_place(desk.community)] == [item.ref]
    lot = store()
    assert store() is lot
    assert (lot.name, lot.count, lot.items, lot.left) == ("大白菜", 18, 0, 18)
    assert service.items_without_place(desk.community) == []
    send(desk, lot, 18)
    assert lot.left == 0


def test_a_form_sent_twice_is_one_lot_and_another_form_is_another(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    """Somebody brings the same twice within a minute: two gifts. A finger presses twice: one."""
    with at_desk(app, cast):
        pass
    staff, home = sign_in("staff"), "/staff/huaiyin/fund/goods"
    fields = {"goods": "大米", "items": "20", "received_on": TODAY.isoformat(), "storage": "储藏室"}
    for form_id in ("form-one", "form-one", "form-two"):
        assert post(staff, home, **fields, form_id=form_id).status_code == 302
    with app.app_context():
        assert [lot.count for lot in service.lots(find_community("huaiyin"))] == [20, 20]


def test_from_the_store_to_the_public_page(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with at_desk(app, cast):
        pass
    staff, home = sign_in("staff"), "/staff/huaiyin/fund/goods"
    fields = {
        "goods": "大米 5 公斤装", "items": "20 件", "received_on": TODAY.isoformat(), "storage": "储藏室",
        "donor": "钱大妈", "expires_on": (TODAY + timedelta(days=9)).isoformat(),
    }  # fmt: skip
    assert post(staff, home, **{**fields, "storage": ""}).status_code == 422
    assert post(staff, home, **fields).status_code == 302
    page = staff.get(home).text.split(f'href="{home}/')[1].split('"')[0]
    target = f"{home}/{page}"
    out = {"way": "given", "items": "6", "recipient": "3 号楼独居老人 6 户", "happened_on": TODAY.isoformat()}
    assert post(staff, target, **{**out, "items": "21"}).status_code == 422
    assert post(staff, target, **out).status_code == 302
    told = app.test_client().get("/c/huaiyin/fund/goods").text
    for words in ("大米 5 公斤装", "3 号楼独居老人 6 户", "爱心人士", "14"):
        assert words in told
    assert "钱大妈" not in told
    removal = staff.get(target).text.split(f'action="{home}/outs/')[1].split('"')[0]
    assert post(staff, target, f"{home}/outs/{removal}").status_code == 302
    assert "3 号楼独居老人" not in app.test_client().get("/c/huaiyin/fund/goods").text
