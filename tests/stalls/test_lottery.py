"""Methods by day, and drawing lots from the published list to the signed record."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.allocation import lottery, redraw
from market.allocation.lottery import differences
from market.allocation.rules import Method, SeedKind
from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.stalls import service
from market.stalls.advice import METHOD_WORDS, SEED_WORDS
from market.stalls.models import Lottery
from market.stalls.rules import ReleaseReason
from market.stalls.service import SeedAnswer
from market.vendors.rules import ApplicationState, Category
from market.vendors.service import applications
from tests.cast import Cast, person, post
from tests.factories.stalls import approved, day_under_review, stall
from tests.factories.vendors import make_application
from tests.stalls.desk import words

SOURCE = "福彩双色球第 2026136 期开奖号码"


def day_with(cast: Cast, people: int = 8, limit: int = 5) -> MarketDay:
    """A day under review with more vendors than stalls."""
    day = day_under_review(find_community(cast.ours), person("staff"), limit=limit)
    for number in range(people):
        approved(day, person("staff"), f"商户{number:02}", Category.DAILY_GOODS)
    return day


def choose(day: MarketDay, method: str) -> None:
    service.choose_method(day, method, by=person("staff"), at=clock.now())


def frozen(day: MarketDay, kind: str = "public_number") -> Lottery:
    choose(day, "draw")
    return service.freeze_list(day, kind, SOURCE, by=person("staff"), at=clock.now())


def drawn(day: MarketDay, seed: str = "03 11 17 22 29 31 08") -> Lottery:
    frozen(day)
    return service.hold_lottery(day, SeedAnswer(seed), by=person("staff"), at=clock.now())


def refused(day: MarketDay, answer: SeedAnswer) -> str:
    with pytest.raises(Refusal) as caught:
        service.hold_lottery(day, answer, by=person("staff"), at=clock.now())
    return caught.value.code


def test_every_method_and_seed_has_its_words() -> None:
    assert set(METHOD_WORDS) == {method.value for method in Method}
    assert set(SEED_WORDS) == {kind.value for kind in SeedKind}


@pytest.mark.usefixtures("context")
def test_without_a_choice_the_best_plan_is_laid(cast: Cast) -> None:
    with unit_of_work():
        day = day_with(cast)
        run = service.compute_plan(day, by=person("staff"), at=clock.now())
    assert (service.method_of(day), run.method, run.proven) == ("optimum", "optimum", True)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("method", ["rotation", "fixed", "first_come"])
def test_each_method_places_and_lets_wait_in_the_same_run(cast: Cast, method: str) -> None:
    with unit_of_work():
        day = day_with(cast)
        choose(day, method)
        run = service.compute_plan(day, by=person("staff"), at=clock.now())
    assert (run.method, run.placed, run.waiting) == (method, 5, 3)
    assert [one.id for one in service.waiting_list(day)] == run.order[5:]
    assert [w.position for w in service.waiting_reasons(day)] == [1, 2, 3]


@pytest.mark.usefixtures("context")
def test_rotation_lets_those_choose_first_who_waited_last_time(cast: Cast) -> None:
    with unit_of_work():
        before = day_under_review(find_community(cast.ours), person("staff"), limit=1, in_days=3)
        lucky = approved(before, person("staff"), "上回有摊位")
        unlucky = approved(before, person("staff"), "上回没摊位")
        service.compute_plan(before, by=person("staff"), at=clock.now())
        before.state = type(before.state).CLOSED
        day = day_under_review(find_community(cast.ours), person("staff"), limit=1, venue=before.venue)
        for earlier in (lucky, unlucky):
            make_application(day, earlier.vendor, person("staff"), state=ApplicationState.APPROVED)
        choose(day, "rotation")
        service.compute_plan(day, by=person("staff"), at=clock.now())
    assert [held.vendor.trading_name for held in service.assignments(day)] == ["上回没摊位"]


@pytest.mark.usefixtures("context")
def test_a_draw_needs_the_list_first_and_the_number_afterwards(cast: Cast) -> None:
    with unit_of_work():
        day = day_with(cast)
        choose(day, "draw")
    with pytest.raises(Refusal) as caught:
        service.compute_plan(day, by=person("staff"), at=clock.now())
    assert caught.value.code == "stalls.draw_first"
    assert refused(day, SeedAnswer("1")) == "stalls.not_frozen"


@pytest.mark.usefixtures("context")
def test_lots_are_drawn_once_and_the_plan_and_the_waiting_list_follow(cast: Cast) -> None:
    with unit_of_work():
        day = day_with(cast)
        one = drawn(day)
    assert one.record is not None
    record = json.loads(one.record)
    assert {str(h.application_id): [h.stall.label] for h in service.assignments(day)} == record["places"]
    assert [str(a.id) for a in service.waiting_list(day)] == record["waiting"]
    assert refused(day, SeedAnswer("2")) == "stalls.drawn"
    with pytest.raises(Refusal) as caught:
        choose(day, "optimum")
    assert caught.value.code == "stalls.drawn"


@pytest.mark.usefixtures("context")
def test_nobody_stops_a_draw_by_leaving_and_nobody_joins_by_coming_late(cast: Cast) -> None:
    """The list and the number stand: who withdrew is passed over, all others keep their order."""
    with unit_of_work():
        day, by = day_with(cast), person("staff")
        one = frozen(day)
        leaver, late = applications(day)[0], approved(day, by, "后来的")
        service.withdraw(leaver, by=by, at=clock.now())
        service.hold_lottery(day, SeedAnswer("7"), by=by, at=clock.now())
    assert one.record is not None
    record = json.loads(one.record)
    order = json.loads(lottery.hold_lottery(one.list_text, "7").record)["order"]
    assert (record["order"], record["left_out"]) == (order, [str(leaver.id)])
    assert str(leaver.id) not in [*record["places"], *record["waiting"]]
    assert {str(h.application_id): [h.stall.label] for h in service.assignments(day)} == record["places"]
    assert [str(a.id) for a in service.waiting_list(day)] == [*record["waiting"], str(late.id)]
    assert redraw.record(one.list_text, "7", *record["left_out"]) == one.record
    assert differences(one.list_text, "7", one.record) == []
    assert redraw.record(one.list_text, "7") != one.record


@pytest.mark.usefixtures("context")
def test_facts_that_changed_after_the_list_stop_no_draw(cast: Cast) -> None:
    """Another need, a stall that is gone, a quota nobody meets any more: staff mend the plan by hand."""
    with unit_of_work():
        day, by, at = day_with(cast), person("staff"), clock.now()
        one = frozen(day)
        for application in applications(day):
            application.power_w = 15_000
        labels = sorted(json.loads(one.list_text.splitlines()[0])["stalls"])
        closed = stall(day, labels[0])
        closed.retired_at = at
        db.session.flush()
        service.hold_lottery(day, SeedAnswer("7"), by=by, at=at)
    assert one.record is not None
    record = json.loads(one.record)
    assert record["left_out"] == [closed.label]
    assert len(service.assignments(day)) == len(record["places"]) == 5
    assert any(f.code.startswith("plan_") for f in service.plan_findings(day, service.plan_state(day)))


@pytest.mark.usefixtures("context")
def test_laying_a_draw_anew_gives_the_same_and_passes_over_who_left_since(cast: Cast) -> None:
    with unit_of_work():
        day, by, at = day_with(cast), person("staff"), clock.now()
        one = drawn(day)
        before = {h.application_id: h.label for h in service.assignments(day)}
        gone = service.assignments(day)[0]
        service.withdraw(gone.application, by=by, at=at)
        service.compute_plan(day, by=by, at=at)
    assert {h.application_id: h.label for h in service.assignments(day)} == {
        key: label for key, label in before.items() if key != gone.application_id
    }
    assert "left_out" not in json.loads(one.record or b"{}")


@pytest.mark.usefixtures("context")
def test_a_list_can_still_be_taken_back_before_the_number_is_known(cast: Cast) -> None:
    with unit_of_work():
        day = day_with(cast)
        frozen(day)
        service.void_list(day, "漏了一家", by=person("staff"), at=clock.now())
        drawn(day)
    assert [one.void_reason for one in service.lotteries(day)] == ["", "漏了一家"]


def test_who_was_passed_over_is_named_on_the_public_page(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day, by = day_with(cast), person("staff")
        frozen(day)
        service.withdraw(applications(day)[0], by=by, at=clock.now())
        approved(day, by, "后来的")
        ref = day.ref
    desk = f"/staff/huaiyin/days/{ref}"
    staff = sign_in("staff")
    assert "名单公布以后才来的 1 家不参加抽签" in words(staff.get(f"{desk}/draw").get_data(as_text=True))
    assert post(staff, f"{desk}/draw", f"{desk}/draw-result", text="03 11 17").status_code == 302
    page = words(app.test_client().get(f"/c/huaiyin/markets/{ref}/draw").get_data(as_text=True))
    assert ("商户01" in page, "退出了，跳过" in page) == (True, True)
    assert staff.get(f"{desk}/draw-protocol.pdf").status_code == 200


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "kind, answer",
    [
        ("public_number", SeedAnswer("没有数字")),
        ("witnesses", SeedAnswer(numbers=(1, 2))),
        ("witnesses", SeedAnswer(numbers=(1, 2, 1_000_000))),
        ("drum", SeedAnswer(numbers=(1, 2, 3, 4, 5, 6, 7, 7))),
    ],
)
def test_a_number_that_does_not_follow_the_rule_is_refused(cast: Cast, kind: str, answer: SeedAnswer) -> None:
    with unit_of_work():
        day = day_with(cast)
        frozen(day, kind)
    assert refused(day, answer) == "stalls.bad_seed"


@pytest.mark.usefixtures("context")
def test_a_drum_gives_the_order_and_the_rest_is_the_same(cast: Cast) -> None:
    with unit_of_work():
        day = day_with(cast)
        frozen(day, "drum")
        answer = SeedAnswer(numbers=(8, 1, 7, 2, 6, 3, 5, 4))
        service.hold_lottery(day, answer, by=person("staff"), at=clock.now())
    assert [a.vendor.trading_name for a in service.waiting_list(day)] == ["商户02", "商户04", "商户03"]


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def draw_ref(app: Flask, cast: Cast) -> str:
    with app.app_context(), unit_of_work():
        return day_with(cast).ref


def test_from_the_choice_to_the_public_page_and_the_same_record_by_the_other_program(
    app: Flask, draw_ref: str, sign_in: Callable[[str], FlaskClient], tmp_path: Path
) -> None:
    staff, desk = sign_in("staff"), f"/staff/huaiyin/days/{draw_ref}"
    public = f"/c/huaiyin/markets/{draw_ref}"
    assert post(staff, f"{desk}/plan", f"{desk}/plan-method", method="draw").status_code == 302
    assert "去抽签" in words(staff.get(f"{desk}/plan").get_data(as_text=True))
    assert "还没有公布抽签名单。" in words(app.test_client().get(f"{public}/draw").get_data(as_text=True))
    rule = {"kind": "public_number", "source": SOURCE}
    assert post(staff, f"{desk}/draw", f"{desk}/draw-list", **rule).status_code == 302
    before = words(app.test_client().get(f"{public}/draw").get_data(as_text=True))
    assert (SOURCE in before, "还没有抽。" in before) == (True, True)
    answer = post(staff, f"{desk}/draw", f"{desk}/draw-result", text="没有")
    assert (answer.status_code, "里面要有数字" in answer.get_data(as_text=True)) == (422, True)
    assert post(staff, f"{desk}/draw", f"{desk}/draw-result", text="03 11 17").status_code == 302

    guest = app.test_client()
    page = words(guest.get(f"{public}/draw").get_data(as_text=True))
    assert ("自己重抽一遍" in page, "商户03" in page) == (True, True)
    assert re.findall(r"1\d{10}", page) == []
    published, record = (
        guest.get(f"{public}/{name}").data for name in ("draw-list.jsonl", "draw-record.json")
    )
    program = tmp_path / "redraw.py"
    program.write_bytes(guest.get(f"{public}/redraw.py").data)
    (tmp_path / "list").write_bytes(published)
    again = subprocess.run(
        [sys.executable, "-I", "-S", str(program), str(tmp_path / "list"), "03 11 17"],
        capture_output=True, check=True,
    )  # fmt: skip
    assert again.stdout == record
    assert differences(published, "03 11 18", record) != []
    assert redraw.record(published.replace("商户01".encode(), "商户91".encode()), "03 11 17") != record


def test_the_record_and_the_plan_are_printed(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day = day_with(cast)
        drawn(day)
        desk = f"/staff/huaiyin/days/{day.ref}"
    staff = sign_in("staff")
    for path in ("draw-protocol.pdf", "plan.pdf", "plan.pdf?size=a3"):
        answer = staff.get(f"{desk}/{path}")
        assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-"), path
    assert staff.get(f"{desk}/plan.pdf?size=a9").status_code == 422


def test_comparing_says_who_moves_enters_and_leaves_and_changes_nothing(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day = day_with(cast)
        service.compute_plan(day, by=person("staff"), at=clock.now())
        first = service.assignments(day)[0]
        free = next(s for s in day.venue.stalls if s.label == "E03")
        service.move(first, free, by=person("staff"), at=clock.now())
        ref, name, before = day.ref, first.vendor.trading_name, first.stall.label
    page = words(sign_in("staff").get(f"/staff/huaiyin/days/{ref}/plan-comparison").get_data(as_text=True))
    assert (f"{name} E03 → {before}" in page, "换位置" in page) == (True, True)
    other = sign_in("staff").get(f"/staff/huaiyin/days/{ref}/plan-comparison?method=rotation")
    assert (other.status_code, "这一场改用这种分法" in other.get_data(as_text=True)) == (200, True)
    with app.app_context():
        labels = [held.stall.label for held in service.assignments(find_day_by_ref(ref))]
        assert "E03" in labels


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("method", ["optimum", "rotation", "first_come"])
def test_a_fixed_vendor_stays_where_it_is_when_the_plan_is_laid_anew(cast: Cast, method: str) -> None:
    with unit_of_work():
        day, by, at = day_with(cast), person("staff"), clock.now()
        choose(day, method)
        service.compute_plan(day, by=by, at=at)
        last = service.waiting_list(day)[-1]
        service.release(service.assignments(day)[0], ReleaseReason.REPLANNED, by=by, at=at)
        held = service.place(last, stall(day, "E03"), by=by, at=at)
        service.pin(held, by=by, at=at)
        with pytest.raises(Refusal) as caught:
            service.move(held, stall(day, "E02"), by=by, at=at)
        assert caught.value.code == "stalls.misfit"
        run = service.compute_plan(day, by=by, at=at)
    kept = service.assignment_of(day, last.vendor)
    assert kept is not None
    assert (kept.stall.label, kept.reason_code, run.placed) == ("E03", "placed_pinned", 5)


def test_a_vendor_is_fixed_and_let_go_on_the_page(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day = day_with(cast)
        service.compute_plan(day, by=person("staff"), at=clock.now())
        ref, who = day.ref, service.assignments(day)[0].application.ref
    staff, desk = sign_in("staff"), f"/staff/huaiyin/days/{ref}"
    post(staff, f"{desk}/plan", f"{desk}/pins", who=who, fixed="1")
    assert "已固定" in words(staff.get(f"{desk}/plan").get_data(as_text=True))
    post(staff, f"{desk}/plan", f"{desk}/pins", who=who, fixed="")
    assert "已固定" not in words(staff.get(f"{desk}/plan").get_data(as_text=True))
