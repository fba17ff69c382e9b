"""Husband and wife at one stall: what one of them read, took or said, the stall knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref
from market.db import db, unit_of_work
from market.errors import Refusal
from market.notices import service as notices
from market.notices.models import Telling
from market.notices.rules import Channel
from market.notices.service import rows
from market.people.models import User
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import ApplicationState, Category
from tests.cast import make_user, person, post, sign_in_client
from tests.notices.conftest import Published, pending, tell_everybody

PHONE = "13812345678"


def helping(day: MarketDay, name: str) -> tuple[Vendor, User]:
    """Somebody who helps at the stall of this vendor."""
    vendor = next(a.vendor for a in vendors.applications(day) if a.vendor.trading_name == name)
    wife = make_user(PHONE, "王姐")
    vendors.add_helper(vendor, "王姐", PHONE, by=person("staff"), at=clock.now())
    return vendor, wife


def helper_enters(published: Published, name: str) -> FlaskClient:
    with published.app.app_context(), unit_of_work():
        helping(find_day_by_ref(published.ref), name)
    return sign_in_client(published.app, published.app.test_client(), PHONE)


def test_a_helper_reads_what_the_holder_is_told_and_says_so_by_herself(
    published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    wife, husband = helper_enters(published, "甲"), sign_in("gate")
    home = "/vendor/huaiyin/"
    sentence = f"您在 {published.label} 号摊位"
    for client in (wife, husband):
        assert sentence.replace(" ", "") in client.get(home).get_data(as_text=True).replace(" ", "")
    post(wife, home, published.reading, seen=published.seen("甲"))
    with published.app.app_context():
        telling = db.session.scalars(sa.select(Telling)).one()
        assert (telling.told_by, telling.channel) == (person(PHONE).id, Channel.APP)
        assert "甲" not in pending(find_day_by_ref(published.ref))
    assert "知道了" not in husband.get(home).get_data(as_text=True)
    assert "王姐" in husband.get("/vendor/huaiyin/notices").get_data(as_text=True)


def test_where_a_helper_reads_nobody_needs_to_ring(published: Published) -> None:
    """乙 has no account of its own; who helps there has one."""
    with published.app.app_context(), unit_of_work():
        day = find_day_by_ref(published.ref)
        assert pending(day)["乙"].can_read is False
        _vendor, wife = helping(day, "乙")
        assert pending(day)["乙"].can_read is True
        vendors.remove_helper(_vendor.helpers[0], by=person("staff"), at=clock.now())
        assert pending(day)["乙"].can_read is False
        assert wife.display_name == "王姐"


def took_part(day: MarketDay) -> dict[str, tuple[str, ...]]:
    """丙 waits and has a helper; she takes the stall that becomes free. What is left to tell."""
    vendor, wife = helping(day, "丙")
    tell_everybody(day, person("staff"))
    held = stalls.assignments(day)[0]
    stalls.withdraw(held.application, by=person("staff"), at=clock.now())
    offer = stalls.open_offers(day)[0]
    assert offer.application.vendor is vendor
    stalls.accept_offer(offer, by=wife, at=clock.now())
    return {name: message.kinds for name, message in pending(day).items()}


def test_what_a_helper_took_or_gave_up_she_knows(published: Published) -> None:
    with published.app.app_context(), unit_of_work():
        day = find_day_by_ref(published.ref)
        assert "丙" not in took_part(day)
        third = next(held for held in stalls.assignments(day) if held.vendor.trading_name == "丙")
        stalls.withdraw(third.application, by=person(PHONE), at=clock.now())
        assert third.application.state is ApplicationState.WITHDRAWN
        assert "丙" not in pending(day)


def test_without_the_helpers_the_stall_would_be_told_what_it_did_itself(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows.Row, "accounts", property(lambda row: frozenset({row.user_id} - {None})))
    with published.app.app_context(), unit_of_work():
        assert took_part(find_day_by_ref(published.ref))["丙"] == ("stalls.placed",)


def test_a_helper_is_not_staff_who_looks_at_the_goods_or_answers_for_the_stall(published: Published) -> None:
    """What she changes waits for somebody else, even when she works for the community."""
    with published.app.app_context(), unit_of_work():
        day, at = find_day_by_ref(published.ref), clock.now()
        vendor, wife = helping(day, "甲")
        vendors.edit_vendor(vendor, changed(vendor), by=wife, at=at)
        assert vendors.open_change(vendor) is not None
        deeds: tuple[Callable[[], object], ...] = (
            lambda: vendors.agree_change(vendor, by=wife, at=at),
            lambda: vendors.undo_change(vendor, by=wife, at=at),
            lambda: vendors.exclude_vendor(vendor, "吵架", clock.today("Asia/Shanghai"), by=wife, at=at),
            lambda: vendors.answer_for(
                day, vendor, "stand_elsewhere", f"{vendor.ref}:made_on_the_spot", "好", by=wife, at=at
            ),
        )
        for deed in deeds:
            with pytest.raises(Refusal) as caught:
                deed()
            assert caught.value.code == "vendors.not_for_oneself"
        assert notices.history(vendor) == []


def changed(vendor: Vendor) -> vendors.VendorDraft:
    known = {one.name: getattr(vendor, one.name) for one in fields(vendors.VendorDraft)}
    return vendors.VendorDraft(**{**known, "category": Category.DAILY_GOODS, "goods": "煎饼"})
