"""Passes, scans, the changes that passes follow, calling off, and visits: what the service promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask

from market import audit
from market.calendar.rules import DayState, Step
from market.calendar.service import take_step
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate import service
from market.gate.models import Scan
from market.gate.rules import CountMethod, ScanMethod, Verdict
from market.passes import service as passes
from market.passes.models import StallPass
from market.passes.rules import Layout, RevokeReason, Standing
from market.passes.short_code import format_code
from market.passes.token import ALPHABET
from market.places.service import live_stalls
from market.stalls import service as stalls
from market.stalls.rules import ReleaseReason
from market.vendors.service import approve
from tests.cast import person
from tests.conftest import both_engines
from tests.factories import gate as make
from tests.factories.calendar import bring_to, make_venue
from tests.factories.desk import Desk
from tests.factories.vendors import make_application, make_vendor
from tests.parts.pdf import codes, page_count, picture, text


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What is done inside is refused with this code, and undone."""
    with pytest.raises(Refusal) as caught, db.session.begin_nested():
        yield
    assert caught.value.code == code


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
    assert {(p.valid_from, p.valid_to) for p in passes.values()} == {valid}


def test_issuing_again_issues_nothing(desk: Desk) -> None:
    assert passes.issue_passes(desk.day, by=desk.staff, at=desk.day.open_at) == []


def test_a_revoked_pass_does_not_come_back_by_itself(desk: Desk) -> None:
    passes.revoke(desk.stall_pass("A02"), RevokeReason.MISUSED, by=desk.staff, at=desk.day.open_at)
    assert passes.issue_passes(desk.day, by=desk.staff, at=desk.day.open_at) == []
    assert list(make.passes_by_stall(desk.day)) == ["A01", "A03"]


def test_the_token_is_the_same_every_time_and_stored_nowhere(desk: Desk) -> None:
    token = passes.pass_token(desk.stall_pass())
    assert token == passes.pass_token(desk.stall_pass())
    rows = db.session.execute(sa.text("SELECT * FROM stall_pass")).all()
    assert all(token not in str(row) for row in rows)


def test_a_replaced_pass_has_the_next_version_and_the_old_one_admits_nobody(desk: Desk) -> None:
    old = desk.stall_pass()
    new = passes.reissue(old, RevokeReason.LOST, by=desk.staff, at=desk.day.open_at)
    assert (new.version, old.revoke_reason, old.revoked_at) == (2, RevokeReason.LOST, desk.day.open_at)
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
        passes.issue_passes(desk.day, by=desk.staff, at=desk.day.close_at)


def test_changed_hours_are_told_and_count_at_once(desk: Desk) -> None:
    assert passes.outdated(desk.day) == []
    desk.day.open_at -= timedelta(hours=1)
    assert len(passes.outdated(desk.day)) == 3
    early = desk.day.open_at - timedelta(hours=2)
    assert desk.scan(desk.stall_pass().short_code, at=early).verdict is Verdict.ADMITTED
    passes.reissue_all(desk.day, RevokeReason.HOURS_CHANGED, by=desk.staff, at=early)
    assert passes.outdated(desk.day) == []


# ── every code its own answer ─────────────────────────────────────────────────────────────────────────────


def sloppy(stall_pass: StallPass) -> str:
    """As somebody types who listens at the gate."""
    return f" {format_code(stall_pass.short_code).lower().replace('0', 'o').replace('1', 'l')} "


SPELLINGS: tuple[Callable[[StallPass], str], ...] = (
    passes.pass_token,
    passes.pass_url,
    lambda p: f"https://market.example.org/p/{passes.pass_token(p)}",
    lambda p: f"https://market.example.org/p/{passes.pass_token(p).lower()}?from=chat#top",
    lambda p: f"  {passes.pass_url(p)}\n",
    lambda p: passes.pass_url(p).replace("$", "%24").replace("+", "%2B").replace("*", "%2a"),
    lambda p: p.short_code,
    lambda p: format_code(p.short_code),
    sloppy,
)


def test_a_pass_is_read_however_it_is_written(desk: Desk) -> None:
    stall_pass = desk.stall_pass("A02")
    seen = [desk.scan(spelling(stall_pass)) for spelling in SPELLINGS]
    assert [scan.verdict for scan in seen] == [Verdict.ADMITTED] + [Verdict.ALREADY_IN] * 8
    assert {scan.assignment for scan in seen} == {stall_pass.assignment}


def forged(stall_pass: StallPass) -> str:
    """The same claims with another signature."""
    token = passes.pass_token(stall_pass)
    last = "0" if token[-1] != "0" else "1"
    return token[:-1] + last


JUNK = ["", "hello", "0000", "https://weixin.qq.com/r/abc", "A" * 120, "中文", "-" * 300]


def test_what_is_no_pass_is_not_found(desk: Desk) -> None:
    seen = [desk.scan(junk) for junk in JUNK]
    assert {(scan.verdict, scan.assignment, scan.stall_pass) for scan in seen} == {
        (Verdict.UNKNOWN_CODE, None, None)
    }


def test_a_changed_token_is_never_admitted(desk: Desk) -> None:
    token = passes.pass_token(desk.stall_pass())
    for place in range(0, 120, 7):
        other = ALPHABET[(ALPHABET.index(token[place]) + 1) % 41]
        changed = token[:place] + other + token[place + 1 :]
        assert desk.scan(changed).verdict in (Verdict.FORGED, Verdict.UNKNOWN_CODE)
    assert desk.scan(forged(desk.stall_pass())).verdict is Verdict.FORGED


def test_a_pass_of_another_day_is_named_as_such(desk: Desk) -> None:
    later = make.published_day(desk.community, desk.staff, in_days=17)
    stall_pass = make.passes_by_stall(later)["A01"]
    for code in (passes.pass_url(stall_pass), stall_pass.short_code):
        seen = desk.scan(code)
        assert (seen.verdict, seen.assignment_id) == (Verdict.OTHER_DAY, None)


def test_a_pass_of_another_community_is_named_as_such(desk: Desk) -> None:
    theirs = make.published_day(desk.other, person("staff-b"))
    stall_pass = make.passes_by_stall(theirs)["A01"]
    for code in (passes.pass_url(stall_pass), stall_pass.short_code):
        seen = desk.scan(code)
        assert (seen.verdict, seen.assignment_id) == (Verdict.OTHER_COMMUNITY, None)
        assert seen.community_id == desk.community.id


def test_the_hours_of_the_gate(desk: Desk) -> None:
    day, code = desk.day, desk.stall_pass().short_code
    too_early, too_late = (
        day.open_at - timedelta(hours=2, seconds=1),
        day.close_at + timedelta(hours=1, seconds=1),
    )
    assert desk.scan(code, at=too_early).verdict is Verdict.TOO_EARLY
    assert desk.scan(code, at=too_late).verdict is Verdict.TOO_LATE
    assert desk.scan(code, at=day.open_at - timedelta(hours=2)).verdict is Verdict.ADMITTED


def test_after_closing_the_gate_admits_nobody(desk: Desk) -> None:
    bring_to(desk.day, DayState.CLOSED, desk.staff)
    assert desk.scan(desk.stall_pass().short_code, at=desk.day.close_at).verdict is Verdict.GATE_CLOSED


def test_a_scan_that_waited_for_a_network_is_judged_by_its_own_hour(desk: Desk) -> None:
    code, seen_at = desk.stall_pass().short_code, make.morning(desk.day)
    bring_to(desk.day, DayState.CLOSED, desk.staff)
    late = desk.scan(code, at=desk.day.close_at + timedelta(minutes=5), scanned_at=seen_at)
    assert (late.verdict, late.scanned_at) == (Verdict.ADMITTED, seen_at)
    assert late.received_at == desk.day.close_at + timedelta(minutes=5)


def test_a_no_show_who_comes_after_all_hears_that_the_stall_is_gone(desk: Desk) -> None:
    code = desk.stall_pass().short_code
    service.mark_no_show(desk.held(), by=desk.staff, at=make.morning(desk.day))
    assert desk.scan(code).verdict is Verdict.RELEASED


# ── once is once ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_scan_names_the_first_time_and_the_entrance(desk: Desk) -> None:
    code = desk.stall_pass().short_code
    first = desk.scan(code, entrance="西门")
    second = desk.scan(code, entrance="东门", at=desk.day.open_at)
    view = service.scan_view(second, desk.day)
    assert (second.verdict, view.first) == (Verdict.ALREADY_IN, first)
    assert view.first is not None
    assert (view.first.entrance, view.first.scanned_at) == ("西门", make.morning(desk.day))


def test_the_same_number_again_is_the_same_scan(desk: Desk) -> None:
    code = desk.stall_pass().short_code
    one = desk.scan(code, client_id="from-one-phone")
    again = desk.scan(code, client_id="from-one-phone", at=desk.day.open_at)
    assert (again.id, again.verdict, again.scanned_at) == (one.id, Verdict.ADMITTED, one.scanned_at)
    assert db.session.scalar(sa.select(sa.func.count(Scan.id))) == 1


def test_a_scan_without_a_number_is_refused(desk: Desk) -> None:
    code = desk.stall_pass().short_code
    with refused("gate.no_client_id"):
        desk.scan(code, client_id="short")


def test_every_scan_is_kept_and_audited_whatever_the_verdict(desk: Desk) -> None:
    for code in ("junk", desk.stall_pass().short_code, desk.stall_pass().short_code):
        desk.scan(code)
    verdicts = list(db.session.scalars(sa.select(Scan.verdict).order_by(Scan.id)))
    assert verdicts == [Verdict.UNKNOWN_CODE, Verdict.ADMITTED, Verdict.ALREADY_IN]
    acts = db.session.scalars(sa.select(audit.AuditRow.detail).where(audit.AuditRow.act == "gate.scan")).all()
    assert [act["verdict"] for act in acts] == [verdict.value for verdict in verdicts]


def test_an_unknown_entrance_is_not_kept(desk: Desk) -> None:
    assert desk.scan(desk.stall_pass().short_code, entrance="<b>").entrance == ""


def test_a_known_person_is_ticked_in_once_and_then_the_pass_is_a_duplicate(desk: Desk) -> None:
    at = make.morning(desk.day)
    ticked = service.admit_from_list(desk.held(), client_id="ticked-1", by=desk.volunteer, at=at)
    assert (ticked.verdict, ticked.method) == (Verdict.ADMITTED, ScanMethod.LIST)
    again = service.admit_from_list(desk.held(), client_id="ticked-2", by=desk.volunteer, at=at)
    assert again.verdict is Verdict.ALREADY_IN
    assert desk.scan(desk.stall_pass().short_code).verdict is Verdict.ALREADY_IN


def test_the_list_admits_a_person_whose_pass_was_withdrawn(desk: Desk) -> None:
    held = desk.held()
    passes.revoke(desk.stall_pass(), RevokeReason.LOST, by=desk.staff, at=make.morning(desk.day))
    ticked = service.admit_from_list(held, client_id="ticked-1", by=desk.volunteer, at=make.morning(desk.day))
    assert ticked.verdict is Verdict.ADMITTED


def test_the_list_follows_the_same_hours(desk: Desk) -> None:
    early = desk.day.open_at - timedelta(hours=3)
    ticked = service.admit_from_list(desk.held(), client_id="ticked-1", by=desk.volunteer, at=early)
    assert ticked.verdict is Verdict.TOO_EARLY


def test_a_verdict_knows_how_many_are_in(desk: Desk) -> None:
    desk.scan(desk.stall_pass("A02").short_code)
    seen = desk.scan(desk.stall_pass("A01").short_code, at=desk.day.open_at)
    view = service.scan_view(seen, desk.day)
    assert (view.place, view.expected, view.papers_lacking) == (2, 3, 0)


# ── passes follow the plan ────────────────────────────────────────────────────────────────────────────────


def test_a_moved_vendor_gets_a_new_pass_and_the_old_one_says_so(desk: Desk) -> None:
    old, free = desk.stall_pass(), live_stalls(desk.day.venue)[5]
    moved = passes.move_vendor(desk.held(), free, by=desk.staff, at=make.morning(desk.day))
    new = desk.stall_pass("A06")
    assert (new.assignment, new.version, old.revoke_reason) == (moved, 2, RevokeReason.MOVED)
    seen = desk.scan(passes.pass_url(old))
    view = service.scan_view(seen, desk.day)
    assert (seen.verdict, view.newest) == (Verdict.REVOKED, new)


def test_a_vendor_moved_after_coming_in_is_still_in(desk: Desk) -> None:
    first = desk.scan(desk.stall_pass().short_code)
    passes.move_vendor(desk.held(), live_stalls(desk.day.venue)[5], by=desk.staff, at=desk.day.open_at)
    assert service.attendance(desk.day) == {desk.held("A06").id: first}
    assert desk.scan(desk.stall_pass("A06").short_code, at=desk.day.open_at).verdict is Verdict.ALREADY_IN


def test_swapped_vendors_both_get_new_passes(desk: Desk) -> None:
    one, other = desk.held("A01"), desk.held("A02")
    passes.swap_vendors(one, other, by=desk.staff, at=make.morning(desk.day))
    assert desk.held("A01").vendor == other.vendor
    assert [desk.stall_pass(stall).version for stall in ("A01", "A02", "A03")] == [2, 2, 1]


def test_a_no_show_makes_room_for_the_next_in_line(desk: Desk) -> None:
    day = desk.day
    day.stall_limit = 3
    waiting = make_application(day, make_vendor(desk.community, desk.staff, "候补的"), desk.staff)
    approve(waiting, by=desk.staff, at=day.open_at)
    assert passes.promote_next(day, by=desk.staff, at=day.open_at) is None
    service.mark_no_show(desk.held("A02"), by=desk.staff, at=day.open_at)
    assert list(make.passes_by_stall(day)) == ["A01", "A03"]
    promoted = passes.promote_next(day, by=desk.staff, at=day.open_at)
    assert promoted is not None
    assert desk.stall_pass(promoted.stall.label).assignment.application == waiting


def test_who_is_in_cannot_be_a_no_show(desk: Desk) -> None:
    desk.scan(desk.stall_pass().short_code)
    with refused("gate.already_in"):
        service.mark_no_show(desk.held(), by=desk.staff, at=desk.day.open_at)


def test_a_late_comer_gets_a_stall_and_a_pass_and_may_withdraw(desk: Desk) -> None:
    day = desk.day
    late = make_application(day, make_vendor(desk.community, desk.staff, "后来的"), desk.staff)
    approve(late, by=desk.staff, at=day.open_at)
    passes.place_vendor(late, live_stalls(day.venue)[5], by=desk.staff, at=day.open_at)
    code = desk.stall_pass("A06").short_code
    passes.withdraw_vendor(late, by=desk.staff, at=day.open_at)
    assert desk.scan(code).verdict is Verdict.RELEASED
    assert "A06" not in make.passes_by_stall(day)


def test_a_stall_freed_by_another_room_leaves_no_pass_that_counts(desk: Desk) -> None:
    """Whoever frees a stall without telling us: the pass is judged by the stall, not by its own row."""
    old = desk.stall_pass()
    stalls.release(old.assignment, ReleaseReason.WITHDRAWN, by=desk.staff, at=make.morning(desk.day))
    assert desk.scan(passes.pass_url(old)).verdict is Verdict.RELEASED
    assert list(make.passes_by_stall(desk.day)) == ["A02", "A03"]
    token = passes.pass_token(old)
    assert passes.verify_token(token, make.morning(desk.day)).standing is Standing.WITHDRAWN


# ── publishing and calling off ────────────────────────────────────────────────────────────────────────────


def test_a_market_that_lacks_something_is_not_published(desk: Desk) -> None:
    day = make.planned_day(desk.community, desk.staff, in_days=20, papers=False)
    with refused("gate.not_ready"):
        passes.publish_day(day, by=desk.staff, at=day.apply_until)
    assert day.state is DayState.ALLOCATED


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


def test_the_sign_in_list_knows_who_came(desk: Desk) -> None:
    desk.scan(desk.stall_pass("A03").short_code)
    out = BytesIO()
    assert service.write_sign_in_sheet(desk.day, out) == 3
    printed = text("pdfium", out.getvalue())
    assert [printed.count(word) for word in ("A01", "A03", "7:30", "齐全")] == [1, 1, 1, 3]


# ── visitors ──────────────────────────────────────────────────────────────────────────────────────────────


def count(
    desk: Desk, entrance: str, slot: int, visits: int, method: CountMethod = CountMethod.CLICKER
) -> int:
    kept = service.count_visits(
        desk.day, entrance, slot, visits, method, by=desk.volunteer, at=desk.day.open_at
    )
    return kept.visits


def test_a_count_told_twice_or_late_adds_nothing(desk: Desk) -> None:
    assert [count(desk, "东门", 1, told) for told in (12, 12, 7, 15)] == [12, 12, 12, 15]
    assert service.visits(desk.day) == 15


def test_a_person_who_corrects_the_sheet_has_the_last_word(desk: Desk) -> None:
    count(desk, "东门", 1, 15)
    assert count(desk, "东门", 1, 9, CountMethod.FULL_COUNT) == 9


def test_the_sheet_adds_up_by_entrance_and_by_slot(desk: Desk) -> None:
    for entrance, slot, visits in (("东门", 1, 10), ("东门", 2, 20), ("西门", 1, 5)):
        count(desk, entrance, slot, visits, CountMethod.FULL_COUNT)
    sheet = service.footfall(desk.day)
    assert (sheet.visits(), sheet.visits("东门"), sheet.visits(slot=1)) == (35, 30, 15)
    assert sheet.entrances == ["东门", "西门"]
    assert service.visits(desk.day) == 35


IMPOSSIBLE = [
    ("后门", 1, 5, "gate.no_entrance"),
    ("东门", 0, 5, "gate.no_slot"),
    ("东门", 7, 5, "gate.no_slot"),
    ("东门", 1, -1, "gate.bad_visits"),
    ("东门", 1, 20_001, "gate.bad_visits"),
]


def test_impossible_counts_are_refused(desk: Desk) -> None:
    for entrance, slot, visits, code in IMPOSSIBLE:
        with refused(code):
            count(desk, entrance, slot, visits)
    assert service.visits(desk.day) == 0


def test_after_the_figures_are_settled_nothing_is_counted(desk: Desk) -> None:
    bring_to(desk.day, DayState.SETTLED, desk.staff)
    with refused("gate.not_counting"):
        count(desk, "东门", 1, 5)


def test_a_place_without_named_gates_has_one(desk: Desk) -> None:
    venue = make_venue(desk.community, desk.staff, name="院子")
    venue.entrances = ""
    desk.day.venue = venue
    assert (service.footfall(desk.day).entrances, count(desk, "", 1, 5)) == ([""], 5)


# ── both engines ──────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_a_morning_at_the_gate(published: Desk) -> None:
    """Publish, print, move, scan, tick, count: each act in a unit of work of its own."""
    desk = published
    with unit_of_work():
        first = desk.scan(passes.pass_url(desk.stall_pass("A01")))
        assert first.verdict is Verdict.ADMITTED
    with unit_of_work():
        passes.move_vendor(
            desk.held("A02"), live_stalls(desk.day.venue)[5], by=desk.staff, at=desk.day.open_at
        )
    with unit_of_work():
        at = make.morning(desk.day)
        service.admit_from_list(desk.held("A06"), client_id="ticked-1", by=desk.volunteer, at=at)
        count(desk, "东门", 1, 40)
    came = {
        held.stall.label for held in stalls.assignments(desk.day) if held.id in service.attendance(desk.day)
    }
    assert (came, service.visits(desk.day)) == ({"A01", "A06"}, 40)


def test_a_refused_publication_leaves_nothing_behind(context: Flask, published: Desk) -> None:
    with pytest.raises(Refusal), unit_of_work():
        passes.publish_day(published.day, by=published.staff, at=published.day.open_at)
    assert db.session.scalar(sa.select(sa.func.count(StallPass.id))) == 3
