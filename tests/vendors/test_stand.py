"""What a stand is like, who may use reserved stalls, two stalls side by side: acts of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from market import audit, clock
from market.calendar.rules import DayState
from market.db import db
from market.errors import Refusal
from market.vendors import service
from market.vendors.models import Vendor
from market.vendors.rules import ApplicationState
from tests.factories.calendar import make_day
from tests.factories.vendors import draft, make_application, make_vendor
from tests.trail import select_said
from tests.vendors.conftest import Stage

STAND: dict[str, Any] = {
    "width_dm": 30,
    "depth_dm": 20,
    "price_range": " 3 到 15 元 ",
    "open_flame": True,
    "own_tent": True,
    "needs_vehicle": True,
    "plate": "鲁c 12345",
}


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def stand_of(vendor: Vendor) -> tuple[object, ...]:
    return (
        vendor.width_dm, vendor.depth_dm, vendor.price_range, vendor.open_flame, vendor.own_tent, vendor.plate
    )  # fmt: skip


def test_nobody_has_to_say_what_the_stand_is_like(stage: Stage) -> None:
    assert stand_of(stage.vendor) == (0, 0, "", False, False, "")


def test_what_is_said_of_the_stand_is_kept(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, "三轮果蔬", **STAND)
    assert stand_of(vendor) == (30, 20, "3 到 15 元", True, True, "鲁C12345")


def test_a_plate_is_kept_only_of_who_brings_a_vehicle(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, "三轮果蔬", **STAND)
    on_foot = draft("三轮果蔬", phone=vendor.phone, **{**STAND, "needs_vehicle": False, "plate": "随便写"})
    service.edit_vendor(vendor, on_foot, by=stage.staff, at=clock.now())
    assert (vendor.needs_vehicle, vendor.plate) == (False, "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"width_dm": 4}, "vendors.bad_size"),
        ({"depth_dm": 101}, "vendors.bad_size"),
        ({"width_dm": -30}, "vendors.bad_size"),
        ({"plate": "没牌"}, "vendors.bad_plate"),
    ],
)
def test_a_stand_nobody_can_mean_is_refused(stage: Stage, changes: dict[str, object], code: str) -> None:
    facts = draft(**{**STAND, **changes})
    register = service.register_vendor
    assert code_of(lambda: register(stage.community, facts, by=stage.staff, at=clock.now())) == code


def test_the_plate_goes_with_the_person_who_is_forgotten(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, "三轮果蔬", **STAND)
    service.let_use_reserved(vendor, True, by=stage.staff, at=clock.now())
    service.forget_vendor(vendor, by=stage.staff, at=clock.now())
    assert (vendor.plate, vendor.may_use_reserved) == ("", False)


# ── reserved stalls ───────────────────────────────────────────────────────────────────────────────────────


def decisions() -> list[tuple[int | None, dict[str, object]]]:
    rows = db.session.scalars(
        select_said(audit.AuditRow).where(audit.AuditRow.act == "vendors.let_use_reserved")
    )
    return [(row.user_id, row.detail) for row in rows]


def test_who_may_use_reserved_stalls_is_kept_with_the_person_and_no_reason(stage: Stage) -> None:
    for allowed in (True, True, False):
        service.let_use_reserved(stage.vendor, allowed, by=stage.staff, at=clock.now())
    assert stage.vendor.may_use_reserved is False
    assert decisions() == [(stage.staff.id, {"allowed": True}), (stage.staff.id, {"allowed": False})]


def test_nobody_grants_it_to_themselves(stage: Stage) -> None:
    own = stage.vendor
    assert own.user is not None
    act = service.let_use_reserved
    assert code_of(lambda: act(own, True, by=own.user, at=clock.now())) == "vendors.not_for_oneself"  # type: ignore[arg-type]  # checked above
    assert (own.may_use_reserved, decisions()) == (False, [])


def test_an_edit_by_the_vendor_leaves_what_staff_decided(stage: Stage) -> None:
    own = stage.vendor
    service.let_use_reserved(own, True, by=stage.staff, at=clock.now())
    assert own.user is not None
    service.edit_vendor(own, draft(phone=own.phone, goods="新货"), by=own.user, at=clock.now())
    assert (own.goods, own.may_use_reserved) == ("新货", True)


# ── two stalls side by side ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("first", "again", "kept"),
    [
        (None, None, False),
        (True, None, True),
        (False, None, False),
        (True, False, False),
        (False, True, True),
        (None, True, True),
    ],
)
def test_two_stalls_are_asked_for_and_stay_asked_for(
    stage: Stage, first: bool | None, again: bool | None, kept: bool
) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff, double=first)
    assert application.double is bool(first)
    make_application(stage.day, stage.vendor, stage.staff, double=again)
    assert application.double is kept


def test_who_is_already_in_changes_nothing_by_asking_again(stage: Stage) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff, state=ApplicationState.APPROVED)
    make_application(stage.day, stage.vendor, stage.staff, double=True)
    assert application.double is False


def test_another_market_starts_with_one_stall(stage: Stage) -> None:
    make_application(stage.day, stage.vendor, stage.staff, double=True)
    later = make_day(stage.community, stage.staff, in_days=20, state=DayState.OPEN_FOR_APPLICATION)
    assert make_application(later, stage.vendor, stage.staff).double is False
