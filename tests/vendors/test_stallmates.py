"""Husband and wife at one stall: each with a login of their own, whatever they do under their own name."""

from __future__ import annotations

from market import audit, clock
from market.db import db
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.vendors import service
from market.vendors.models import Vendor, VendorHelper
from tests.cast import make_user
from tests.factories.vendors import draft, make_vendor
from tests.trail import select_said
from tests.vendors.conftest import Stage
from tests.vendors.test_service import code_of

PHONE = "13812345678"


def holder_of(vendor: Vendor) -> User:
    assert vendor.user is not None
    return vendor.user


def helper_of(stage: Stage, phone: str = PHONE) -> VendorHelper:
    return service.add_helper(stage.vendor, "王姐", phone, by=holder_of(stage.vendor), at=clock.now())


def test_a_helper_acts_for_the_vendor_and_stands_in_the_trail_under_her_own_name(stage: Stage) -> None:
    wife = helper_of(stage).user
    assert service.vendor_of(wife, stage.community) is stage.vendor
    service.apply(stage.day, stage.vendor, by=wife, at=clock.now())
    row = db.session.scalars(select_said(audit.AuditRow).where(audit.AuditRow.act == "vendors.apply")).one()
    assert (row.user_id, row.on_behalf_of) == (wife.id, stage.vendor.trading_name)


def test_a_helper_is_no_staff_and_may_not_apply_when_it_is_too_late(stage: Stage) -> None:
    wife = helper_of(stage).user
    late = stage.day.apply_until.replace(year=stage.day.apply_until.year + 1)
    refused = code_of(lambda: service.apply(stage.day, stage.vendor, by=wife, at=late))
    assert refused == code_of(
        lambda: service.apply(stage.day, stage.vendor, by=holder_of(stage.vendor), at=late)
    )


def test_twice_is_once_and_a_fourth_is_too_many(stage: Stage) -> None:
    assert helper_of(stage) is helper_of(stage)
    for last in (1, 2):
        helper_of(stage, f"1381234560{last}")
    assert code_of(lambda: helper_of(stage, "13812345609")) == "vendors.many_helpers"


def test_whoever_has_a_stall_here_helps_at_no_other(stage: Stage) -> None:
    other = make_vendor(stage.community, stage.staff, login=PHONE)
    assert other.user is not None
    assert code_of(lambda: helper_of(stage)) == "vendors.has_a_stall"
    assert code_of(lambda: helper_of(stage, holder_of(stage.vendor).login)) == "vendors.has_a_stall"


def test_removed_she_acts_no_longer_from_the_next_request_on(stage: Stage) -> None:
    helper = helper_of(stage)
    service.remove_helper(helper, by=stage.staff, at=clock.now())
    service.remove_helper(helper, by=stage.staff, at=clock.now())
    assert code_of(lambda: service.vendor_of(helper.user, stage.community)) == "vendors.not_a_vendor"
    assert [m.role for m in helper.user.memberships if m.until is None] == []
    assert helper_of(stage) is not helper


def test_a_helper_invites_nobody_and_changes_no_number_but_may_leave(stage: Stage) -> None:
    helper = helper_of(stage)
    wife = helper.user
    second = helper_of(stage, "13812345601")
    for act in (
        lambda: service.add_helper(stage.vendor, "谁", "13812345602", by=wife, at=clock.now()),
        lambda: service.remove_helper(second, by=wife, at=clock.now()),
        lambda: service.invite_helper(second, by=wife, at=clock.now()),
    ):
        assert code_of(act) == "vendors.not_the_holder"
    facts = draft(phone="13900001111")
    assert (
        code_of(lambda: service.edit_vendor(stage.vendor, facts, by=wife, at=clock.now()))
        == "vendors.number_of_holder"
    )
    service.remove_helper(helper, by=wife, at=clock.now())
    assert [h.user.login for h in stage.vendor.helpers] == ["13812345601"]


def test_a_link_lets_a_new_helper_in_but_not_into_an_account_that_is_more(stage: Stage) -> None:
    secret = service.invite_helper(helper_of(stage), by=holder_of(stage.vendor), at=clock.now())
    assert secret is not None
    assert people.use_sign_in_link(secret, at=clock.now()).login == PHONE
    secretary = make_user("13900002222", "别处的书记")
    people.grant(secretary, Role.COMMITTEE, community=stage.community, at=clock.now())
    more = helper_of(stage, "13900002222")
    assert service.invite_helper(more, by=holder_of(stage.vendor), at=clock.now()) is None


def test_forgetting_a_vendor_forgets_its_helpers(stage: Stage) -> None:
    wife = helper_of(stage).user
    service.forget_vendor(stage.vendor, by=stage.staff, at=clock.now())
    assert (wife.login, wife.display_name) == (f"#{wife.ref}", "—")
    assert code_of(lambda: service.vendor_of(wife, stage.community)) == "vendors.not_a_vendor"
