"""Agreements, takings, the three-way close, settling once, correcting by a second person: both engines."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from market.audit import AuditRow
from market.calendar import service as calendar
from market.calendar.models import DayStep
from market.calendar.rules import DayState, Step
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate import service as gate
from market.gate.rules import CountMethod
from market.ledger import service as ledger
from market.ledger.models import Entry
from market.ledger.queries import find_book
from market.ledger.rules import EntryKind, Line
from market.money import MAX_FEN
from market.settlement import service
from market.settlement.models import CloseWaiver, Settlement, TakingsReport
from market.settlement.rules import NO_TERMS, CloseFault, Miscount, TakingsSource, Terms, TermsKind
from market.settlement.service.queries import terms_of
from market.stalls import service as stalls
from market.stalls.rules import ReleaseReason
from market.vendors.models import Vendor
from market.vendors.rules import Category
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import bring_to
from tests.factories.settlement import FIVE_PERCENT, TWENTY_YUAN, evening, make_fund, open_market, tell
from tests.factories.stalls import stall
from tests.factories.vendors import make_vendor
from tests.settlement.conftest import Desk
from tests.trail import select_said

pytestmark = both_engines


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.raises(Refusal, match=rf"\({code.replace('.', '[.]')}\)$")


def count(model: type[Settlement] | type[Entry] | type[TakingsReport] | type[CloseWaiver]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def terms_at(vendor: Vendor, moment: datetime) -> Terms:
    return terms_of([vendor.id], moment)[vendor.id]


# ── terms ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_agreement_in_force_at_the_opening_counts_and_later_ones_never(desk: Desk) -> None:
    day = desk.open(terms=None)
    vendor = desk.held(day).vendor
    minute = timedelta(minutes=1)
    with unit_of_work():
        service.agree_terms(vendor, FIVE_PERCENT, by=desk.clerk, at=day.open_at - minute)
        service.agree_terms(vendor, NO_TERMS, by=desk.clerk, at=day.open_at + minute)
        service.agree_terms(vendor, TWENTY_YUAN, by=desk.clerk, at=day.open_at + 2 * minute)
    assert terms_at(vendor, day.open_at - 2 * minute) == NO_TERMS
    assert terms_at(vendor, day.open_at) == FIVE_PERCENT
    assert terms_at(vendor, day.open_at + minute) == NO_TERMS
    assert service.close_view(day).rows[0].terms == FIVE_PERCENT
    assert [agreed.terms.kind for agreed in service.terms_history(vendor)] == ["fixed", "none", "percent"]


def test_an_agreement_signed_at_the_opening_still_counts(desk: Desk) -> None:
    day = desk.open(terms=None)
    vendor = desk.held(day).vendor
    with unit_of_work():
        service.agree_terms(vendor, TWENTY_YUAN, by=desk.clerk, at=day.open_at)
    assert terms_at(vendor, day.open_at) == TWENTY_YUAN


def test_agreeing_to_the_same_again_is_no_new_version(desk: Desk) -> None:
    day = desk.open()
    vendor = desk.held(day).vendor
    with unit_of_work():
        again = service.agree_terms(vendor, Terms(TermsKind.PERCENT, 500, 77), by=desk.clerk, at=evening(day))
    assert again.agreed_at == day.open_at - timedelta(days=20)
    assert len(service.terms_history(vendor)) == 1
    assert (again.wording, again.agreed_by) == ("2026-2", desk.clerk.id)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Terms(TermsKind.PERCENT, 0), "percent_range"),
        (Terms(TermsKind.PERCENT, 10_001), "percent_range"),
        (Terms(TermsKind.FIXED, 0, 0), "fixed_range"),
        (Terms(TermsKind.FIXED, 0, MAX_FEN + 1), "fixed_range"),
    ],
)
def test_an_agreement_nobody_can_mean_is_refused(desk: Desk, facts: Terms, code: str) -> None:
    with unit_of_work():
        vendor = make_vendor(desk.community, desk.clerk)
    with refused(f"settlement.{code}"), unit_of_work():
        service.agree_terms(vendor, facts, by=desk.clerk, at=vendor.registered_at)
    assert service.newest_terms(vendor) is None


def test_an_agreement_entered_by_staff_names_for_whom(desk: Desk) -> None:
    with unit_of_work():
        vendor = make_vendor(desk.community, desk.clerk, "周记鲜蔬", login="zhou")
        user = person("zhou")
        service.agree_terms(vendor, FIVE_PERCENT, by=desk.clerk, at=vendor.registered_at)
        service.agree_terms(vendor, NO_TERMS, by=user, at=vendor.registered_at)
    query = select_said(AuditRow.on_behalf_of).where(AuditRow.act == "settlement.agree_terms")
    assert list(db.session.scalars(query.order_by(AuditRow.id))) == ["周记鲜蔬", None]


# ── takings ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_figures_again_are_the_same_report(desk: Desk) -> None:
    held = desk.held(desk.open())
    with unit_of_work():
        first = tell(held, 90_000, desk.clerk, source=TakingsSource.SELF)
    with unit_of_work():
        assert tell(held, 90_000, desk.clerk) is first
    assert (first.revision, count(TakingsReport)) == (1, 1)


def test_other_figures_are_the_next_revision_and_none_is_edited(desk: Desk) -> None:
    held = desk.held(desk.open())
    with unit_of_work():
        tell(held, 90_000, desk.clerk)
        tell(held, 0, desk.clerk)
        tell(held, 0, desk.clerk, chosen_fen=500)
        tell(held, 0, desk.clerk, chosen_fen=500, source=TakingsSource.ESTIMATED)
    rows = service.reports(held.day)[held.vendor_id]
    assert [(row.revision, row.takings_fen, row.chosen_fen) for row in rows] == [
        (1, 90_000, None),
        (2, 0, None),
        (3, 0, 500),
        (4, 0, 500),
    ]
    assert service.latest_report(held) is rows[-1]


def test_takings_are_not_taken_before_the_opening(desk: Desk) -> None:
    with unit_of_work():
        day = bring_to(open_market(desk.community, desk.clerk), DayState.OPEN, desk.clerk)
        day.state = DayState.SETTING_UP
    with refused("settlement.not_open"), unit_of_work():
        tell(desk.held(day), 100, desk.clerk)


def test_takings_are_not_taken_after_the_settlement(desk: Desk) -> None:
    day = desk.settled().day
    with refused("settlement.settled"), unit_of_work():
        tell(desk.held(day), 100, desk.clerk)
    with refused("settlement.settled"), unit_of_work():
        service.give_in_kind(day, desk.held(day).vendor, "大白菜", 3, by=desk.clerk, at=evening(day))


@pytest.mark.parametrize(("takings", "chosen"), [(-1, None), (MAX_FEN + 1, None), (1, -1), (1, MAX_FEN + 1)])
def test_amounts_nobody_can_mean_are_refused(desk: Desk, takings: int, chosen: int | None) -> None:
    held = desk.held(desk.open())
    with refused("settlement.amount_range"), unit_of_work():
        tell(held, takings, desk.clerk, chosen_fen=chosen)
    assert count(TakingsReport) == 0


def test_who_gave_the_stall_back_cannot_report(desk: Desk) -> None:
    day = desk.open()
    held = desk.held(day)
    with unit_of_work():
        stalls.release(held, ReleaseReason.WITHDRAWN, by=desk.clerk, at=day.open_at)
    with refused("settlement.released"), unit_of_work():
        tell(held, 100, desk.clerk)


def test_who_is_moved_keeps_what_was_reported(desk: Desk) -> None:
    day = desk.open()
    with unit_of_work():
        held = desk.held(day)
        report = tell(held, 90_000, desk.clerk)
        moved = stalls.move(held, stall(day, "A05"), by=desk.clerk, at=day.open_at)
    assert service.latest_report(moved) is report
    row = next(row for row in service.close_view(day).rows if row.assignment.id == moved.id)
    assert (row.report, row.fault) == (report, None)
    with unit_of_work():
        assert tell(moved, 80_000, desk.clerk).revision == 2


def test_the_last_time_is_the_newest_revision_of_the_market_before(desk: Desk) -> None:
    earlier = desk.open(vendors=1, in_days=8)
    vendor = desk.held(earlier).vendor
    with unit_of_work():
        tell(desk.held(earlier), 70_000, desk.clerk)
        tell(desk.held(earlier), 82_000, desk.clerk)
    later = desk.open(vendors=1, in_days=12)
    mine = desk.held(later)
    assert service.report_before(mine) is None
    with unit_of_work():
        mine.vendor = vendor
    before = service.report_before(mine)
    assert before is not None
    assert before.takings_fen == 82_000


def test_goods_are_counted_in_items_and_can_be_struck_out(desk: Desk) -> None:
    day = desk.ended()
    vendor = desk.held(day).vendor
    with unit_of_work():
        service.give_in_kind(day, vendor, " 大白菜 ", 20, by=desk.clerk, at=evening(day))
        wrong = service.give_in_kind(day, vendor, "鸡蛋", 300, by=desk.clerk, at=evening(day))
        service.void_in_kind(wrong, day, by=desk.clerk, at=evening(day))
        service.void_in_kind(wrong, day, by=desk.clerk, at=evening(day))
    assert [(item.goods, item.items) for item in service.goods(day)] == [("大白菜", 20)]
    settlement = desk.close(day)
    assert (settlement.items, settlement.contribution_fen) == (20, 8_601)


@pytest.mark.parametrize("items", [0, -1, 100_001])
def test_a_number_of_goods_nobody_can_mean_is_refused(desk: Desk, items: int) -> None:
    day = desk.open()
    with refused("settlement.items_range"), unit_of_work():
        service.give_in_kind(day, desk.held(day).vendor, "大白菜", items, by=desk.clerk, at=day.open_at)


# ── the three-way close ───────────────────────────────────────────────────────────────────────────────────


def test_the_three_counts_stand_side_by_side_in_stall_order(desk: Desk) -> None:
    view = service.close_view(desk.ended([90_000, None, 0]))
    assert [(row.assignment.stall.label, row.fault) for row in view.rows] == [
        ("A01", None),
        ("A02", CloseFault.NOT_REPORTED),
        ("A03", None),
    ]
    assert (view.assigned, view.scanned, view.reported) == (3, 3, 2)
    assert (view.takings_fen, view.contribution_fen, len(view.faults)) == (90_000, 4_500, 1)


def test_without_a_scan_a_stall_is_named_whether_it_reported_or_not(desk: Desk) -> None:
    view = service.close_view(desk.ended([90_000, None], scanned=False))
    assert [row.fault for row in view.rows] == [CloseFault.REPORTED_NOT_SCANNED, CloseFault.NOT_SCANNED]


def test_a_health_check_has_nothing_to_report(desk: Desk) -> None:
    day = desk.ended([90_000, None])
    with unit_of_work():
        desk.held(day, "A02").vendor.category = Category.HEALTH_OUTREACH
    assert service.close_view(day).faults == []


def test_an_exception_is_accepted_by_name_once(desk: Desk) -> None:
    day = desk.ended([90_000, None])
    held = desk.held(day, "A02")
    arguments = {"by": desk.second, "at": evening(day)}
    with unit_of_work():
        waiver = service.waive_fault(held, CloseFault.NOT_REPORTED, " 电话打不通 ", **arguments)  # type: ignore[arg-type]  # plain keyword values
    with unit_of_work():
        again = service.waive_fault(held, CloseFault.NOT_REPORTED, "又认一次", **arguments)  # type: ignore[arg-type]  # plain keyword values
    assert (again.id, again.reason, again.person) == (waiver.id, "电话打不通", desk.second)
    assert service.close_view(day).faults == []
    assert desk.close(day).contribution_fen == 4_500


def test_accepting_needs_a_reason_and_the_right_exception(desk: Desk) -> None:
    day = desk.ended([90_000, None])
    held, at = desk.held(day, "A02"), evening(day)
    with refused("settlement.reason_missing"), unit_of_work():
        service.waive_fault(held, CloseFault.NOT_REPORTED, "  ", by=desk.clerk, at=at)
    with refused("settlement.no_such_fault"), unit_of_work():
        service.waive_fault(held, CloseFault.GIVES_MORE_THAN_SOLD, "摊主愿意", by=desk.clerk, at=at)
    with refused("settlement.no_such_fault"), unit_of_work():
        service.waive_fault(desk.held(day), CloseFault.NOT_REPORTED, "随便", by=desk.clerk, at=at)
    assert count(CloseWaiver) == 0


def test_who_came_without_a_scan_still_owes_a_report(desk: Desk) -> None:
    day = desk.ended([None], scanned=False)
    with unit_of_work():
        service.waive_fault(
            desk.held(day), CloseFault.NOT_SCANNED, "从北门进的", by=desk.clerk, at=evening(day)
        )
    assert [row.fault for row in service.close_view(day).rows] == [CloseFault.NOT_REPORTED]
    with unit_of_work():
        tell(desk.held(day), 100, desk.clerk)
    assert service.close_view(day).faults == []


def test_a_new_figure_is_doubted_anew(desk: Desk) -> None:
    day = desk.ended([1_000])
    held = desk.held(day)
    with unit_of_work():
        tell(held, 1_000, desk.clerk, chosen_fen=2_000)
        service.waive_fault(held, CloseFault.GIVES_MORE_THAN_SOLD, "摊主愿意", by=desk.clerk, at=evening(day))
    assert service.close_view(day).faults == []
    with unit_of_work():
        tell(held, 1_000, desk.clerk, chosen_fen=200_000)
    assert [row.fault for row in service.close_view(day).faults] == [CloseFault.GIVES_MORE_THAN_SOLD]


def test_who_did_not_come_is_not_counted(desk: Desk) -> None:
    day = desk.ended([90_000, None], scanned=False)
    first, absent = desk.held(day), desk.held(day, "A02")
    with unit_of_work():
        service.waive_fault(
            first, CloseFault.REPORTED_NOT_SCANNED, "从北门进的", by=desk.clerk, at=evening(day)
        )
        service.mark_absent(absent, by=desk.clerk, at=evening(day))
    settlement = desk.close(day)
    assert (settlement.vendors, [line.assignment_id for line in settlement.lines]) == (1, [first.id])
    assert absent.release_reason is ReleaseReason.NO_SHOW
    with refused("settlement.not_in_statement"):
        desk.correct(absent, 1)


def test_who_reported_or_came_in_is_not_marked_absent(desk: Desk) -> None:
    reported = desk.ended([90_000], scanned=False)
    with refused("settlement.reported"), unit_of_work():
        service.mark_absent(desk.held(reported), by=desk.clerk, at=evening(reported))
    scanned = desk.ended([None], in_days=12)
    with refused("gate.already_in"), unit_of_work():
        service.mark_absent(desk.held(scanned), by=desk.clerk, at=evening(scanned))


def test_exceptions_are_judged_only_between_the_end_and_the_settlement(desk: Desk) -> None:
    day = desk.open()
    at = evening(day)
    for act in (
        lambda: service.waive_fault(desk.held(day), CloseFault.NOT_REPORTED, "急", by=desk.clerk, at=at),
        lambda: service.mark_absent(desk.held(day), by=desk.clerk, at=at),
    ):
        with refused("settlement.not_closed"), unit_of_work():
            act()


def test_after_the_settlement_no_exception_is_judged_any_more(desk: Desk) -> None:
    day = desk.settled().day
    held, at = desk.held(day, "A03"), evening(day)
    for act in (
        lambda: service.waive_fault(held, CloseFault.NOT_REPORTED, "急", by=desk.clerk, at=at),
        lambda: service.mark_absent(held, by=desk.clerk, at=at),
        lambda: service.undo_absent(held, by=desk.clerk, at=at),
    ):
        with refused("settlement.settled"), unit_of_work():
            act()


# ── settling ──────────────────────────────────────────────────────────────────────────────────────────────


def test_settling_posts_what_was_given_and_moves_the_day(desk: Desk) -> None:
    day = desk.ended()
    settlement = desk.close(day, seen_fen=8_601)
    db.session.expire_all()
    lines = [
        (line.assignment.stall.label, line.takings_fen, line.terms, line.chosen_fen, line.contribution_fen)
        for line in settlement.lines
    ]
    assert lines == [
        ("A01", 90_000, FIVE_PERCENT, None, 4_500),
        ("A02", 82_010, FIVE_PERCENT, None, 4_101),
        ("A03", 0, FIVE_PERCENT, None, 0),
    ]
    assert (settlement.vendors, settlement.takings_fen, settlement.contribution_fen) == (3, 172_010, 8_601)
    assert (day.state, day.steps[-1].step, settlement.settled_at) == (
        DayState.SETTLED,
        Step.SETTLE,
        evening(day),
    )
    entry = settlement.entry
    assert entry is not None
    assert (entry.source, entry.kind) == (f"settlement:{day.ref}:1", EntryKind.CONTRIBUTION)
    assert entry.lines == (Line("1003", 8_601), Line("2001", -8_601))
    assert entry.happened_on == calendar.local_date(day)
    on = entry.happened_on
    assert entry.memo == f"金秋生活集市（{on.month} 月 {on.day} 日）集市反哺"
    assert service.recompute(settlement) == []


def test_settling_again_gives_the_same_settlement(desk: Desk) -> None:
    first = desk.settled()
    with unit_of_work():
        again = service.close_day(first.day, by=desk.second, at=evening(first.day), seen_fen=1)
    assert again.id == first.id
    assert (count(Settlement), count(Entry)) == (1, 1)


def test_visits_of_the_gate_are_taken_over(desk: Desk) -> None:
    day = desk.ended()
    with unit_of_work():
        gate.count_visits(day, "东门", 1, 480, CountMethod.CLICKER, by=person("staff"), at=evening(day))
    assert desk.close(day).visits == gate.visits(day) == 480


def test_nothing_given_is_no_entry_and_needs_no_fund(desk: Desk) -> None:
    settlement = desk.settled([0, 0], terms=FIVE_PERCENT)
    assert (settlement.entry_id, settlement.contribution_fen, settlement.vendors) == (None, 0, 2)
    assert count(Entry) == 0
    assert service.recompute(settlement) == []


def test_without_a_fund_money_is_not_settled(desk: Desk, cast: Cast) -> None:
    with unit_of_work():
        theirs, clerk = find_community(cast.theirs), person("staff-b")
        day = open_market(theirs, clerk, vendors=1, with_fund=False)
        tell(desk.held(day), 90_000, clerk)
        bring_to(day, DayState.CLOSED, clerk)
    with refused("settlement.no_fund"), unit_of_work():
        service.close_day(day, by=clerk, at=evening(day))
    with unit_of_work():
        make_fund(theirs, clerk, day.close_at)
        assert service.close_day(day, by=clerk, at=evening(day)).contribution_fen == 4_500


def test_a_market_that_is_not_over_is_not_settled(desk: Desk) -> None:
    day = desk.open()
    with refused("settlement.not_closed"), unit_of_work():
        service.close_day(day, by=desk.clerk, at=evening(day))


def test_exceptions_stop_the_settlement_by_name(desk: Desk) -> None:
    day = desk.ended([None, 90_000, None])
    with pytest.raises(Refusal) as refusal, unit_of_work():
        service.close_day(day, by=desk.clerk, at=evening(day))
    names = [f"{label} {desk.held(day, label).vendor.trading_name}" for label in ("A01", "A03")]
    assert str(refusal.value) == f"还有 2 处对不上：{'、'.join(names)}。请先处理。 (settlement.exceptions)"
    assert (day.state, count(Settlement), count(Entry)) == (DayState.CLOSED, 0, 0)


def test_a_sum_that_is_no_longer_true_is_not_posted(desk: Desk) -> None:
    day = desk.ended()
    with unit_of_work():
        tell(desk.held(day), 100_000, desk.clerk)
    with refused("settlement.sum_changed") as refusal, unit_of_work():
        service.close_day(day, by=desk.clerk, at=evening(day), seen_fen=8_601)
    assert "91.01" in str(refusal.value.sentence)
    assert (count(Settlement), count(Entry)) == (0, 0)


def test_what_the_vendor_chose_this_once_is_settled(desk: Desk) -> None:
    day = desk.ended([90_000, 90_000])
    with unit_of_work():
        tell(desk.held(day), 90_000, desk.clerk, chosen_fen=0)
        tell(desk.held(day, "A02"), 90_000, desk.clerk, chosen_fen=10_000)
    settlement = desk.close(day)
    assert [line.contribution_fen for line in settlement.lines] == [0, 10_000]
    assert [line.chosen_fen for line in settlement.lines] == [0, 10_000]


# ── correcting ────────────────────────────────────────────────────────────────────────────────────────────


def figures(settlement: Settlement) -> list[tuple[int, int]]:
    return [(line.takings_fen, line.contribution_fen) for line in settlement.lines]


def test_a_correction_is_the_next_revision_with_reversal_and_new_entry(desk: Desk) -> None:
    first = desk.settled()
    held = desk.held(first.day, "A02")
    second = desk.correct(held, 28_010)
    db.session.expire_all()
    assert (second.revision, second.reason, second.person) == (2, "看错了一行", desk.second)
    assert figures(second) == [(90_000, 4_500), (28_010, 1_401), (0, 0)]
    assert figures(first) == [(90_000, 4_500), (82_010, 4_101), (0, 0)]
    assert (second.takings_fen, second.contribution_fen, second.vendors) == (118_010, 5_901, 3)
    book = ledger.book_of(desk.community)
    assert [(entry.kind, entry.lines[0]) for entry in ledger.entries(book)] == [
        (EntryKind.CONTRIBUTION, Line("1003", 8_601)),
        (EntryKind.REVERSAL, Line("1003", -8_601)),
        (EntryKind.CONTRIBUTION, Line("1003", 5_901)),
    ]
    assert second.entry is not None
    assert (second.entry.source, second.entry.reason) == (f"settlement:{first.day.ref}:2", "看错了一行")
    assert ledger.balances(book) == {"1003": 5_901, "2001": -5_901}
    assert ledger.verify(book).ok
    assert service.settlement_of(first.day) is second
    assert service.revisions(first.day) == [second, first]
    assert service.recompute(second) == []
    report = service.latest_report(held)
    assert report is not None
    assert (report.revision, report.takings_fen, report.reason) == (2, 28_010, "看错了一行")


def test_who_settled_does_not_correct(desk: Desk) -> None:
    first = desk.settled()
    held = desk.held(first.day)
    with refused("settlement.second_person") as refusal:
        desk.correct(held, 1, by=desk.clerk)
    assert refusal.value.status == 403
    desk.correct(held, 1)
    with refused("settlement.second_person"):
        desk.correct(held, 2)
    assert desk.correct(held, 2, by=desk.clerk).revision == 3


def test_the_same_correction_again_is_the_same_revision(desk: Desk) -> None:
    first = desk.settled()
    held = desk.held(first.day)
    second = desk.correct(held, 1)
    assert desk.correct(held, 1).id == second.id
    assert (count(Settlement), count(Entry)) == (2, 3)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "打 13812345678", "换\n行"])
def test_a_correction_needs_a_reason_that_can_be_published(desk: Desk, reason: str) -> None:
    first = desk.settled()
    with pytest.raises(Refusal) as refusal:
        desk.correct(desk.held(first.day), 1, reason)
    assert refusal.value.status == 422
    assert (count(Settlement), count(Entry)) == (1, 1)


def test_a_correction_that_changes_nothing_is_refused(desk: Desk) -> None:
    first = desk.settled()
    with refused("settlement.nothing_changed"):
        desk.correct(desk.held(first.day), 90_000)


def test_before_the_settlement_there_is_nothing_to_correct(desk: Desk) -> None:
    day = desk.ended()
    with refused("settlement.not_settled"):
        desk.correct(desk.held(day), 1)


def test_where_nobody_gives_and_there_is_no_fund_a_correction_posts_nothing(desk: Desk) -> None:
    first = desk.settled(terms=None, with_fund=False)
    again = desk.correct(desk.held(first.day), 80_000)
    assert (again.revision, again.takings_fen, again.entry) == (2, 162_010, None)
    assert find_book(desk.community) is None


def test_a_correction_to_nothing_only_reverses_and_back_only_posts(desk: Desk) -> None:
    first = desk.settled([90_000])
    held = desk.held(first.day)
    second = desk.correct(held, 0, "其实没卖")
    assert (second.entry_id, second.contribution_fen) == (None, 0)
    third = desk.correct(held, 90_000, "还是卖了", by=desk.clerk)
    assert third.entry is not None
    assert ledger.balances(ledger.book_of(desk.community)) == {"1003": 4_500, "2001": -4_500}
    assert count(Entry) == 3


def test_a_correction_may_change_only_what_is_given(desk: Desk) -> None:
    first = desk.settled([90_000])
    second = desk.correct(desk.held(first.day), 90_000, "摊主说这次不捐", chosen_fen=0)
    assert figures(second) == [(90_000, 0)]


def test_terms_of_a_correction_are_those_of_the_market(desk: Desk) -> None:
    first = desk.settled([90_000])
    held = desk.held(first.day)
    with unit_of_work():
        service.agree_terms(held.vendor, NO_TERMS, by=desk.clerk, at=evening(first.day))
    assert figures(desk.correct(held, 100_000)) == [(100_000, 5_000)]


def test_only_the_last_revision_of_each_market_counts(desk: Desk) -> None:
    later = desk.settled([10_000], in_days=12)
    earlier = desk.settled([20_000], in_days=11)
    corrected = desk.correct(desk.held(later.day), 30_000)
    assert service.settlements(desk.community) == [earlier, corrected]


def test_a_changed_line_is_found_when_computed_again(desk: Desk) -> None:
    settlement = desk.settled()
    with unit_of_work():
        settlement.lines[0].takings_fen += 100
        settlement.contribution_fen += 1
    assert service.recompute(settlement) == [
        Miscount("A01", 4_505, 4_500),
        Miscount("takings", 172_110, 172_010),
        Miscount("contribution", 8_601, 8_602),
    ]


def test_categories_are_published_only_together(desk: Desk) -> None:
    groups = service.public_totals(desk.settled([90_000, 82_010, 10_000]))
    assert [(group.name, group.stalls, group.contribution_fen) for group in groups] == [
        ("daily_goods", 3, 9_101)
    ]
    assert service.public_totals(desk.settled([100, 100], in_days=12)) == []
    assert service.public_totals(desk.settled([100, 100, 0], in_days=14)) == []  # two gave


def test_a_stall_is_found_only_on_its_own_day(desk: Desk) -> None:
    one, other = desk.open(), desk.open(in_days=12)
    held = desk.held(one)
    assert service.find_assignment(one, held.ref) is held
    with refused("settlement.no_stall"):
        service.find_assignment(other, held.ref)


# ── no gift without an agreement (D21) ────────────────────────────────────────────────────────────────────


def test_a_gift_of_somebody_who_signed_nothing_is_refused(desk: Desk) -> None:
    day = desk.open(terms=None)
    held = desk.held(day)
    with refused("settlement.no_agreement"), unit_of_work():
        tell(held, 90_000, desk.clerk, chosen_fen=500)
    with unit_of_work():
        tell(held, 90_000, desk.clerk, chosen_fen=0)
    assert [assignment.label for assignment in service.undecided(day)] == ["A01", "A02", "A03"]


def test_not_to_give_is_an_agreement_too(desk: Desk) -> None:
    day = desk.open(terms=NO_TERMS)
    assert service.undecided(day) == []
    with unit_of_work():
        tell(desk.held(day), 90_000, desk.clerk, chosen_fen=500)
    assert service.close_view(day).contribution_fen == 500


def test_an_agreement_signed_after_an_early_opening_does_not_count(desk: Desk) -> None:
    """The market opened ahead of its hour; what was signed in between counts for the next one."""
    day = desk.open(terms=None)
    opened = day.open_at - timedelta(minutes=30)
    with unit_of_work():
        db.session.execute(
            sa.update(DayStep).where(DayStep.to_state == DayState.OPEN).values(taken_at=opened)
        )
        service.agree_terms(
            desk.held(day).vendor, FIVE_PERCENT, by=desk.clerk, at=opened + timedelta(minutes=10)
        )
        tell(desk.held(day), 90_000, desk.clerk)
    assert service.close_view(day).contribution_fen == 0


def test_an_old_gift_without_an_agreement_is_not_posted(desk: Desk) -> None:
    """Reports of older versions may hold one."""
    day = desk.open(terms=None)
    held = desk.held(day)
    with unit_of_work():
        report = tell(held, 90_000, desk.clerk)
        report.chosen_fen = 700
    assert service.close_view(day).contribution_fen == 0
