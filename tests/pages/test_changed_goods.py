"""A change of what a vendor sells waits where staff look first, until somebody has looked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.communities.service import find_community
from market.db import unit_of_work
from market.vendors import service
from market.vendors.rules import Category
from tests.cast import Cast, person, post
from tests.factories.stalls import day_under_review
from tests.factories.vendors import draft, make_application, make_vendor

SENTENCE = "煎饼李改了卖什么，等您看过才算数。"


def test_the_desk_and_the_day_name_a_change_of_goods_until_staff_have_looked(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    """C14: cooked food that becomes daily goods."""
    with app.app_context(), unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        vendor = make_vendor(community, by, "煎饼李", login="li", category=Category.COOKED_FOOD)
        day = day_under_review(community, by)
        make_application(day, vendor, by)
        ref, desk, page = vendor.ref, "/staff/huaiyin/", f"/staff/huaiyin/days/{day.ref}"
    staff = sign_in("staff")
    assert all(SENTENCE not in staff.get(address).text for address in (desk, page))
    with app.app_context(), unit_of_work():
        vendor = service.find_vendor(find_community(cast.ours), ref)
        said = replace(draft("煎饼李"), category=Category.DAILY_GOODS, goods="围裙", phone=vendor.phone)
        service.edit_vendor(vendor, said, by=person("li"), at=clock.now())
    for address in (desk, page):
        shown = staff.get(address).text
        assert SENTENCE in shown
        assert f"/vendors/{ref}#changed" in shown
    answered = post(
        staff, f"/staff/huaiyin/vendors/{ref}", f"/staff/huaiyin/vendors/{ref}/change", answer="agreed"
    )
    assert answered.status_code == 302
    assert all(SENTENCE not in staff.get(address).text for address in (desk, page))
