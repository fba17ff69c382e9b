"""Passes, publishing and calling off, and what is printed: what the service promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask

from market.calendar.rules import DayState, Step
from market.calendar.service import local_date, reschedule, shifted_draft, take_step
from market.db import db
from market.gate import service, words as verdict_words
from market.gate.rules import Verdict
from market.passes import service as passes, words
from market.passes.rules import Layout, RevokeReason, Standing, validity
from market.passes.validity import revocation_of
from market.stalls import service as stalls
from market.stalls.short_code import format_code
from tests.factories import gate as make
from tests.factories.calendar import bring_to
from tests.factories.desk import Desk, forged, refused
from tests.parts.pdf import codes, page_count, picture, text
from tests.test_statements import counted

# ── passes ────────────────────────────────────────────────────────────────────────────────────────────────


def test_publishing_gives_everyone_placed_one_pass(desk: Desk) -> None:
    passes = make.passes_by_stall(desk.day)
    assert {stall: stall_pass.version for stall, stall_pass in passes.items()} == {
        "A01": 1,
        "A02": 1,
        "A03": 1,
    }
    assert len({stall_pass.short_code for stall_pass in passes.values()}) == 3
    valid = (desk.day.open_at - timedelta(hours=2), desk.day.close_at + timedelta(hours=1))
    assert {validity(*p.hours) for p in passes.values()} == {valid}


def test_giving_codes_again_gives_none(desk: Desk) -> None:
    before = [p.short_code for p in passes.live_passes(desk.day)]
    make.give_passes(desk.day, desk.staff, desk.day.open_at)
    assert [p.short_code for p in passes.live_passes(desk.day)] == before


def test_a_revoked_pass_does_not_come_back_by_itself(desk: Desk) -> None:
    passes.revoke(desk.stall_pass("A02"), RevokeReason.MISUSED, by=desk.staff, at=desk.day.open_at)
    make.give_passes(desk.day, desk.staff, desk.day.open_at)
    assert list(make.passes_by_stall(desk.day)) == ["A01", "A03"]


def test_the_token_is_the_same_every_time_and_stored_nowhere(desk: Desk) -> None:
    token = passes.pass_token(desk.stall_pass())
    assert token == passes.pass_token(desk.stall_pass())
    rows = db.session.execute(sa.text("SELECT * FROM pass_version")).all()
    assert all(token not in str(row) for row in rows)


def test_a_replaced_pass_has_the_next_version_and_the_old_one_admits_nobody(desk: Desk) -> None:
    old = desk.stall_pass()
    new = passes.reissue(old, RevokeReason.LOST, by=desk.staff, at=desk.day.open_at)
    taken_back = revocation_of(old.shown)
    assert taken_back is not None
    assert (new.version, taken_back.reason, taken_back.revoked_at) == (
        2,
        RevokeReason.LOST,
        desk.day.open_at,
    )
    assert desk.scan(passes.pass_url(old)).verdict is Verdict.REVOKED
    assert desk.scan(old.short_code).verdict is Verdict.REVOKED
    assert desk.scan(passes.pass_url(new)).verdict is Verdict.ADMITTED


def test_a_revoked_pass_is_replaced_by_way_of_its_stall(desk: Desk) -> None:
    held = desk.held()
    passes.revoke(desk.stall_pass(), RevokeReason.MISUSED, by=desk.staff, at=desk.day.open_at)
    new = passes.reissue(held, RevokeReason.MISUSED, by=desk.staff, at=desk.day.open_at)
    assert (new.version, desk.scan(passes.pass_url(new)).verdict) == (2, Verdict.ADMITTED)


def test_a_released_stall_gets_no_pass(desk: Desk) -> None:
    held = desk.held()
    service.mark_no_show(held, by=desk.staff, at=desk.day.open_at)
    with refused("gate.released"):
        passes.reissue(held, RevokeReason.LOST, by=desk.staff, at=desk.day.open_at)


def test_passes_are_issued_only_while_the_market_is_published(desk: Desk) -> None:
    bring_to(desk.day, DayState.CLOSED, desk.staff)
    with refused("gate.not_published"):
        passes.reissue(desk.held(), RevokeReason.LOST, by=desk.staff, at=desk.day.close_at)


def test_changed_hours_are_told_and_count_at_once(desk: Desk) -> None:
    assert passes.outdated(desk.day) == []
    desk.day.open_at -= timedelta(hours=1)
    assert len(passes.outdated(desk.day)) == 3
    early = desk.day.open_at - timedelta(hours=2)
    assert desk.scan(desk.stall_pass().short_code, at=early).verdict is Verdict.ADMITTED
    passes.reissue_all(desk.day, RevokeReason.HOURS_CHANGED, by=desk.staff, at=early)
    assert passes.outdated(desk.day) == []


# ── publishing and calling off ────────────────────────────────────────────────────────────────────────────


def test_a_market_that_lacks_something_is_not_published(desk: Desk) -> None:
    day = make.planned_day(desk.community, desk.staff, in_days=20, papers=False)
    with refused("gate.not_ready"):
        passes.publish_day(day, by=desk.staff, at=day.apply_until)
    assert day.state is DayState.ALLOCATED


def test_publishing_asks_no_more_for_more_stalls(context: Flask, desk: Desk) -> None:
    def publish(vendors: int, in_days: int) -> int:
        day = make.planned_day(desk.community, desk.staff, vendors=vendors, in_days=in_days)
        with counted(context) as statements:
            passes.publish_day(day, by=desk.staff, at=day.apply_until + timedelta(hours=2))
        return len(statements)

    few = publish(2, 20)
    assert publish(5, 21) <= few


def test_publishing_twice_is_refused_and_issues_nothing(desk: Desk) -> None:
    with refused("calendar.wrong_step"):
        passes.publish_day(desk.day, by=desk.staff, at=desk.day.open_at)
    assert len(passes.live_passes(desk.day)) == 3


@pytest.mark.parametrize(
    "step, state", [(Step.POSTPONE, DayState.POSTPONED), (Step.CANCEL, DayState.CANCELLED)]
)
def test_calling_off_does_what_the_preview_said(desk: Desk, step: Step, state: DayState) -> None:
    day, code = desk.day, desk.stall_pass().short_code
    preview = passes.call_off_preview(day)
    assert (len(preview.applications), len(preview.placed), preview.passes) == (3, 3, 3)
    assert len(preview.to_call) == 3
    touched = passes.call_off_day(day, step, "明天有大风。", by=desk.staff, at=make.morning(day))
    assert touched == preview
    assert (day.state, day.public_note) == (state, "明天有大风。")
    assert (passes.live_passes(day), stalls.assignments(day)) == ([], [])
    assert desk.scan(code).verdict is Verdict.GATE_CLOSED


def test_calling_off_needs_a_sentence_for_the_residents(desk: Desk) -> None:
    with refused("gate.no_note"):
        passes.call_off_day(desk.day, Step.CANCEL, "  ", by=desk.staff, at=desk.day.open_at)
    assert (desk.day.state, len(passes.live_passes(desk.day))) == (DayState.PUBLISHED, 3)


def test_a_running_market_is_not_called_off_and_keeps_its_passes(desk: Desk) -> None:
    bring_to(desk.day, DayState.OPEN, desk.staff)
    with refused("calendar.wrong_step"):
        passes.call_off_day(desk.day, Step.CANCEL, "下雨", by=desk.staff, at=desk.day.open_at)
    assert len(passes.live_passes(desk.day)) == 3


def test_a_postponed_market_issues_new_passes_when_it_is_published_again(desk: Desk) -> None:
    day, old = desk.day, desk.stall_pass()
    passes.call_off_day(day, Step.POSTPONE, "下雨", by=desk.staff, at=make.morning(day) - timedelta(days=1))
    take_step(day, Step.RESCHEDULE, by=desk.staff, at=day.apply_from, public_note="改到原来这一天")
    bring_to(day, DayState.REVIEWING, desk.staff)
    stalls.compute_plan(day, by=desk.staff, at=day.apply_until)
    passes.publish_day(day, by=desk.staff, at=day.apply_until)
    assert {p.version for p in passes.live_passes(day)} == {2}
    assert desk.scan(old.short_code).verdict in (Verdict.RELEASED, Verdict.REVOKED)


def test_a_pass_of_the_old_date_names_the_new_one_and_its_stall(desk: Desk) -> None:
    """Postponed with passes printed, laid again, published again."""
    day, old = desk.day, desk.stall_pass()
    token, printed_on = passes.pass_token(old), words.date_of(day)
    at = day.apply_until + timedelta(hours=3)
    passes.call_off_day(day, Step.POSTPONE, "下雨", by=desk.staff, at=at)
    draft = shifted_draft(day, local_date(day) + timedelta(days=7))
    reschedule(day, draft, public_note="改到下一周", by=desk.staff, at=at)
    bring_to(day, DayState.REVIEWING, desk.staff)
    stalls.compute_plan(day, by=desk.staff, at=day.apply_until)
    assert (passes.live_passes(day), desk.scan(token).verdict) == ([], Verdict.GATE_CLOSED)
    passes.publish_day(day, by=desk.staff, at=day.apply_until)
    seen = desk.scan(token)
    said = verdict_words.answer(service.scan_view(seen, day)).detail
    assert seen.verdict is Verdict.REVOKED
    assert f"这张证是改日子以前的（{printed_on}）。已经换成第 2 版，摊位是 A01。" in said
    found = passes.verify_token(token, make.morning(day))
    assert (found.standing, found.newest) == (Standing.REPLACED, desk.stall_pass("A01"))
    assert desk.scan(passes.pass_token(desk.stall_pass("A01"))).verdict is Verdict.ADMITTED


def test_whoever_is_not_placed_again_did_not_step_back(desk: Desk) -> None:
    day, old = desk.day, desk.stall_pass("A03")
    at = day.apply_until + timedelta(hours=3)
    passes.call_off_day(day, Step.POSTPONE, "下雨", by=desk.staff, at=at)
    draft = replace(shifted_draft(day, local_date(day) + timedelta(days=7)), stall_limit=2)
    reschedule(day, draft, public_note="改到下一周", by=desk.staff, at=at)
    bring_to(day, DayState.REVIEWING, desk.staff)
    stalls.compute_plan(day, by=desk.staff, at=day.apply_until)
    passes.publish_day(day, by=desk.staff, at=day.apply_until)
    seen = desk.scan(passes.pass_token(old))
    said = verdict_words.answer(service.scan_view(seen, day)).detail
    assert (seen.verdict, "退出" in said, "这一次没有排上" in said) == (Verdict.RELEASED, False, True)


def test_a_market_laid_again_before_it_was_published_has_first_versions(desk: Desk) -> None:
    day = make.planned_day(desk.community, desk.staff, in_days=20)
    stalls.compute_plan(day, by=desk.staff, at=day.apply_until)
    stalls.undo_plan(day, by=desk.staff, at=day.apply_until)
    passes.publish_day(day, by=desk.staff, at=day.apply_until)
    assert {p.version for p in passes.live_passes(day)} == {1}


# ── what anybody reads of a pass ──────────────────────────────────────────────────────────────────────────


def test_anybody_learns_how_a_pass_stands(desk: Desk) -> None:
    day, old = desk.day, desk.stall_pass()
    token = passes.pass_token(old)
    assert passes.verify_token(token, day.open_at).standing is Standing.GENUINE
    assert passes.verify_token(token, day.open_at - timedelta(days=1)).standing is Standing.FOR_LATER
    assert passes.verify_token(token, day.close_at + timedelta(days=1)).standing is Standing.OVER
    new = passes.reissue(old, RevokeReason.LOST, by=desk.staff, at=day.open_at)
    found = passes.verify_token(token, day.open_at)
    assert (found.standing, found.newest) == (Standing.REPLACED, new)
    passes.revoke(new, RevokeReason.MISUSED, by=desk.staff, at=day.open_at)
    assert passes.verify_token(token, day.open_at).standing is Standing.WITHDRAWN
    assert passes.verify_token(forged(new), day.open_at).standing is Standing.NOT_OURS
    assert passes.verify_token("junk", day.open_at).standing is Standing.NOT_OURS


# ── paper ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("layout, pages", [(Layout.A6, 3), (Layout.A4X4, 1)])
def test_the_printed_codes_open_the_gate(desk: Desk, layout: Layout, pages: int) -> None:
    out = BytesIO()
    assert passes.write_passes(desk.day, out, order=passes.PrintOrder(layout)) == 3
    pdf = out.getvalue()
    read = [code for page in range(1, pages + 1) for code in codes(picture("pdfium", pdf, page))]
    assert (page_count(pdf), len(read)) == (pages, 3)
    assert [desk.scan(code).verdict for code in read] == [Verdict.ADMITTED] * 3


def test_a_pass_prints_its_stall_its_version_and_its_short_code(desk: Desk) -> None:
    passes.reissue(desk.stall_pass("A02"), RevokeReason.LOST, by=desk.staff, at=desk.day.open_at)
    out, stall_pass = BytesIO(), desk.stall_pass("A02")
    passes.write_passes(desk.day, out, only=[stall_pass])
    printed = text("pdfium", out.getvalue())
    words = ["A02", "第 2 版", format_code(stall_pass.short_code), "槐荫社区", "8:00–11:30", "7:40 前进场"]
    assert [word for word in words if word not in printed] == []


def test_spares_have_the_numbers_of_the_free_stalls_and_then_none(desk: Desk) -> None:
    free = [stall.label for stall in stalls.plan_view(desk.day) if stall.state == "free"]
    out, order = BytesIO(), passes.PrintOrder(Layout.A4X8, spares=len(free) + 1)
    assert passes.write_passes(desk.day, out, order=order) == 3 + len(free) + 1
    pdf = out.getvalue()
    printed = "".join(text("pdfium", pdf, page) for page in range(1, page_count(pdf) + 1))
    assert [printed.count(label) for label in free] == [1] * len(free)
    assert printed.count("备用证") == 2 * (len(free) + 1)


def test_the_back_shows_the_plaza_with_the_stall_and_the_telephone(desk: Desk) -> None:
    out = BytesIO()
    passes.write_passes(desk.day, out, order=passes.PrintOrder(back=True), only=[desk.stall_pass("A02")])
    pdf = out.getvalue()
    back = text("pdfium", pdf, 2)
    wanted = ["您的摊位在这里", desk.day.venue.name, desk.community.phone, "火警 119"]
    assert (page_count(pdf), [word for word in wanted if word not in back]) == (2, [])
    assert (back.count("A01"), back.count("A02")) == (1, 3)


@pytest.mark.parametrize(
    "order, code",
    [
        (passes.PrintOrder(Layout.LABELS24, start=25), "gate.no_cell"),
        (passes.PrintOrder(start=0), "gate.no_cell"),
        (passes.PrintOrder(spares=101), "gate.too_many_spares"),
        (passes.PrintOrder(spares=-1), "gate.too_many_spares"),
    ],
)
def test_a_print_that_cannot_be_is_refused(desk: Desk, order: passes.PrintOrder, code: str) -> None:
    with refused(code):
        passes.write_passes(desk.day, BytesIO(), order=order)


def test_without_passes_nothing_is_printed(desk: Desk) -> None:
    day = make.planned_day(desk.community, desk.staff, in_days=20)
    with refused("gate.no_passes"):
        passes.write_passes(day, BytesIO())
