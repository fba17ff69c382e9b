"""Scans, the changes that passes follow, and visits: what the service promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask

from market import audit
from market.calendar.rules import DayState
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate import service
from market.gate.models import Scan
from market.gate.rules import CountMethod, Sample, Sampling, ScanMethod, Verdict, Way
from market.gate.service import Inside
from market.passes import service as passes
from market.passes.models import StallPass
from market.passes.rules import RevokeReason, Standing
from market.passes.token import ALPHABET
from market.passes.validity import counts
from market.places.service import live_stalls
from market.stalls import service as stalls
from market.stalls.models import PassVersion
from market.stalls.rules import ReleaseReason
from market.stalls.short_code import format_code
from market.vendors.service import approve
from tests.cast import person
from tests.conftest import both_engines
from tests.factories import gate as make
from tests.factories.calendar import bring_to, make_venue
from tests.factories.desk import Desk, forged, refused
from tests.factories.vendors import make_application, make_vendor
from tests.parts.pdf import text
from tests.trail import select_said

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
    acts = db.session.scalars(
        select_said(audit.AuditRow.detail).where(audit.AuditRow.act == "gate.scan")
    ).all()
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
    assert (view.place, view.expected, view.lacks) == (2, 3, ())


# ── passes follow the plan ────────────────────────────────────────────────────────────────────────────────


def test_a_moved_vendor_gets_a_new_pass_and_the_old_one_says_so(desk: Desk) -> None:
    old, free = desk.stall_pass(), live_stalls(desk.day.venue)[5]
    moved = stalls.move(desk.held(), free, by=desk.staff, at=make.morning(desk.day))
    new = desk.stall_pass("A06")
    assert (new.assignment, new.version, counts(old.shown)) == (moved, 2, False)
    seen = desk.scan(passes.pass_url(old))
    view = service.scan_view(seen, desk.day)
    assert (seen.verdict, view.newest) == (Verdict.REVOKED, new)


def test_a_vendor_moved_after_coming_in_is_still_in(desk: Desk) -> None:
    first = desk.scan(desk.stall_pass().short_code)
    stalls.move(desk.held(), live_stalls(desk.day.venue)[5], by=desk.staff, at=desk.day.open_at)
    assert service.attendance(desk.day) == {desk.held("A06").id: first}
    assert desk.scan(desk.stall_pass("A06").short_code, at=desk.day.open_at).verdict is Verdict.ALREADY_IN


def test_swapped_vendors_both_get_new_passes(desk: Desk) -> None:
    one, other = desk.held("A01"), desk.held("A02")
    stalls.swap(one, other, by=desk.staff, at=make.morning(desk.day))
    assert desk.held("A01").vendor == other.vendor
    assert [desk.stall_pass(stall).version for stall in ("A01", "A02", "A03")] == [2, 2, 1]


def test_a_no_show_makes_room_for_the_next_in_line(desk: Desk) -> None:
    day = desk.day
    day.stall_limit = 3
    waiting = make_application(day, make_vendor(desk.community, desk.staff, "候补的"), desk.staff)
    approve(waiting, by=desk.staff, at=day.open_at)
    assert stalls.promote_next(day, by=desk.staff, at=day.open_at) is None
    service.mark_no_show(desk.held("A02"), by=desk.staff, at=day.open_at)
    assert list(make.passes_by_stall(day)) == ["A01", "A03"]
    promoted = stalls.promote_next(day, by=desk.staff, at=day.open_at)
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
    stalls.place(late, live_stalls(day.venue)[5], by=desk.staff, at=day.open_at)
    code = desk.stall_pass("A06").short_code
    stalls.withdraw(late, by=desk.staff, at=day.open_at)
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


# ── paper ────────────────────────────────────────────────────────────────────────────────────────────────


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
        stalls.move(desk.held("A02"), live_stalls(desk.day.venue)[5], by=desk.staff, at=desk.day.open_at)
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
    assert db.session.scalar(sa.select(sa.func.count(PassVersion.id))) == 3


# ── presses and samples ───────────────────────────────────────────────────────────────────────────────────


def press(desk: Desk, number: int, client_id: str, way: Way = Way.IN, entrance: str = "东门") -> None:
    at = desk.day.open_at
    service.tap(desk.day, entrance, way, number, client_id=client_id, tapped_at=at, by=desk.volunteer, at=at)


def test_a_press_told_twice_is_one_and_the_last_is_taken_back(desk: Desk) -> None:
    for number, client_id in ((1, "a"), (1, "b"), (1, "b"), (-1, "c"), (-1, "c")):
        press(desk, number, client_id)
    assert service.footfall(desk.day).counts["东门", 1].visits == 1


def test_presses_from_two_phones_at_one_entrance_add_up(desk: Desk) -> None:
    press(desk, 3, "a1")
    press(desk, 4, "b1")
    assert service.visits(desk.day) == 7


def test_nothing_is_taken_back_below_nothing(desk: Desk) -> None:
    press(desk, 1, "a")
    for way, number, code in ((Way.IN, -2, "gate.nothing_to_undo"), (Way.OUT, -1, "gate.nothing_to_undo"),
                              (Way.IN, 51, "gate.bad_tap"), (Way.IN, 0, "gate.bad_tap")):  # fmt: skip
        with refused(code):
            press(desk, number, "x", way)
    with refused("gate.no_entrance"):
        press(desk, 1, "y", entrance="后门")
    assert service.visits(desk.day) == 1


def test_who_left_is_taken_from_who_came(desk: Desk) -> None:
    day, at = desk.day, desk.day.open_at + timedelta(minutes=5)
    assert service.inside(day, service.footfall(day), at) is None
    press(desk, 9, "a")
    guessed = service.inside(day, service.footfall(day), at)
    press(desk, 2, "b", Way.OUT)
    counted = service.inside(day, service.footfall(day), at)
    assert (guessed, counted) == (Inside(9, is_counted=False), Inside(7, is_counted=True))
    assert service.inside(day, service.footfall(day), day.close_at + timedelta(hours=1)) is None


def test_a_sample_keeps_what_was_really_counted(desk: Desk) -> None:
    sample = Sample(12, Sampling.FIVE_OF_THIRTY, 600)
    service.count_sample(desk.day, "东门", 1, sample, by=desk.volunteer, at=desk.day.open_at)
    kept = service.footfall(desk.day).counts["东门", 1]
    assert (kept.visits, kept.sample, kept.method) == (72, sample, CountMethod.SAMPLE)
    count(desk, "东门", 1, 80, CountMethod.FULL_COUNT)
    assert (kept.visits, kept.sample) == (80, None)
    with refused("gate.bad_factor"):
        wrong = Sample(12, Sampling.OTHER, 0)
        service.count_sample(desk.day, "东门", 1, wrong, by=desk.volunteer, at=desk.day.open_at)


def test_a_part_of_the_day_nobody_counted_is_not_nothing(desk: Desk) -> None:
    count(desk, "东门", 2, 0, CountMethod.FULL_COUNT)
    curve = service.footfall(desk.day).curve
    assert [(slot.visits, slot.uncounted) for slot in curve[:3]] == [(None, 2), (0, 1), (None, 2)]
