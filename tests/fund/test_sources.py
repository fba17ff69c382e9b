"""Partners, workshops, gifts, interest, matching, fee: typed by one, posted by another, exactly once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from market.db import do_in_unit_of_work, unit_of_work
from market.fund import service
from market.fund.models import CharityNotice, Partner
from market.fund.proof import fund_faults
from market.fund.rules import Source
from market.fund.service import NoticeDraft, PartnerDraft
from market.ledger import service as ledger
from market.ledger.rules import Code, EntryKind
from market.people import service as people
from market.people.rules import Role
from tests.cast import person
from tests.factories.sources import SPACE, WORKSHOP, draft_of, posted
from tests.fund.conftest import AT, Desk, day_of
from tests.fund.test_service import code_of

ON = day_of(AT - timedelta(days=10))


def begun(draft: PartnerDraft, days: int = 300) -> PartnerDraft:
    """The agreement as one that runs now."""
    return replace(draft, starts_on=ON - timedelta(days=days), ends_on=ON + timedelta(days=400))


def partner(desk: Desk, draft: PartnerDraft = SPACE, **changes: object) -> Partner:
    made = replace(begun(draft), **changes)  # type: ignore[arg-type]  # plain keyword values
    return do_in_unit_of_work(lambda: service.add_partner(desk.fund, made, by=desk.clerk, at=AT))


def enter(desk: Desk, draft: NoticeDraft, login: str = "staff") -> CharityNotice:
    return do_in_unit_of_work(lambda: service.enter_notice(desk.fund, draft, by=person(login), at=AT))


def confirm(notice: CharityNotice, login: str = "second") -> CharityNotice:
    return do_in_unit_of_work(lambda: service.confirm_notice(notice, by=person(login), at=AT))


def gift(fen: int = 50_000, reference: str = "JZ-1", source: Source = Source.PERSON) -> NoticeDraft:
    return draft_of(source, fen, ON, reference, donor="赵大爷" if source.has_donor else "")


def sums(desk: Desk) -> dict[str, int]:
    return ledger.balances(desk.fund.book)


# ── posted once, by two ──


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (Source.SPACE, EntryKind.SUPPORT),
        (Source.WORKSHOP, EntryKind.SUPPORT),
        (Source.PERSON, EntryKind.GIFT),
        (Source.FIRM, EntryKind.GIFT),
        (Source.INTEREST, EntryKind.INTEREST),
        (Source.MATCHING, EntryKind.MATCHING),
    ],
)
def test_each_source_is_income_of_its_own(desk: Desk, source: Source, kind: EntryKind) -> None:
    by = {Source.SPACE: SPACE, Source.WORKSHOP: WORKSHOP}
    draft = gift(source=source)
    if source in by:
        draft = replace(draft, partner=partner(desk, by[source]))
    notice = enter(desk, draft)
    assert sums(desk) == {}
    entry = confirm(notice).entry
    assert entry is not None
    assert (entry.kind, entry.happened_on, entry.posted_by) == (kind, ON, desk.second.id)
    assert sums(desk) == {"1001": 50_000, source.value: -50_000}
    assert list(fund_faults(desk.fund)) == []


def test_the_management_fee_leaves_the_fund_and_never_more_than_is_there(desk: Desk) -> None:
    fee = enter(desk, gift(600, "GLF-1", Source.FEE))
    assert code_of(lambda: confirm(fee)) == "ledger.not_enough"
    confirm(enter(desk, gift(10_000)))
    confirm(fee)
    assert sums(desk) == {"1001": 9_400, "4104": -10_000, "5201": 600}


def test_who_typed_it_does_not_confirm_it(desk: Desk) -> None:
    notice = enter(desk, gift())
    assert code_of(lambda: confirm(notice, "staff")) == "fund.second_person"
    assert confirm(notice, "member1").entry is not None


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.GATE])
def test_who_only_looks_on_confirms_and_reverses_nothing(desk: Desk, role: Role) -> None:
    with unit_of_work():
        people.appoint(desk.community, "旁观者", "onlooker", role, by=desk.second, at=AT)
    notice = enter(desk, gift())
    assert code_of(lambda: confirm(notice, "onlooker")) == "fund.may_not_confirm"
    confirm(notice)
    assert code_of(lambda: reverse(notice, "onlooker")) == "fund.may_not_confirm"


def test_typed_twice_and_confirmed_twice_is_once(desk: Desk) -> None:
    notice = enter(desk, gift())
    assert enter(desk, gift(), "second") is notice
    confirm(notice)
    confirm(notice, "member1")
    assert enter(desk, gift()) is notice
    assert sums(desk) == {"1001": 50_000, "4104": -50_000}
    assert desk.fund.book.entry_count == 1


def test_one_number_of_the_charity_is_one_arrival(desk: Desk) -> None:
    day = desk.market(100_000).day
    enter(desk, gift(reference="GZ-7"))
    assert code_of(lambda: enter(desk, gift(60_000, "GZ-7"))) == "fund.reference_taken"
    assert code_of(lambda: desk.arrive(day, "GZ-7")) == "fund.reference_taken"
    desk.arrive(day, "GZ-8")
    assert code_of(lambda: enter(desk, gift(reference="GZ-8"))) == "fund.reference_taken"


def test_what_was_typed_wrong_is_taken_back_before_it_counts(desk: Desk) -> None:
    notice = enter(desk, gift())
    do_in_unit_of_work(lambda: service.withdraw_notice(notice, by=desk.clerk, at=AT))
    assert service.waiting_notices(desk.fund) == []
    posted_one = confirm(enter(desk, gift(40_000)))
    assert (
        code_of(lambda: do_in_unit_of_work(lambda: service.withdraw_notice(posted_one, by=desk.clerk, at=AT)))
        == "fund.notice_posted"
    )


# ── corrected, never edited ──


def reverse(notice: CharityNotice, login: str, reason: str = "金额看错了") -> CharityNotice:
    return do_in_unit_of_work(lambda: service.reverse_notice(notice, reason, by=person(login), at=AT))


def test_a_wrong_one_is_reversed_by_another_and_typed_anew(desk: Desk) -> None:
    wrong = confirm(enter(desk, gift(50_000)))
    assert code_of(lambda: reverse(wrong, "second")) == "ledger.second_person"
    reverse(wrong, "staff")
    reverse(wrong, "staff")
    assert sums(desk) == {"1001": 0, "4104": 0}
    right = confirm(enter(desk, gift(5_000)))
    assert right is not wrong
    assert right.reference == wrong.reference
    assert sums(desk) == {"1001": 5_000, "4104": -5_000}
    assert [entry.kind for entry in ledger.entries(desk.fund.book)] == ["gift", "reversal", "gift"]
    assert list(fund_faults(desk.fund)) == []
    assert ledger.verify(desk.fund.book).ok


def test_nothing_is_reversed_before_it_is_posted(desk: Desk) -> None:
    notice = enter(desk, gift())
    assert code_of(lambda: reverse(notice, "second")) == "fund.not_posted"


def test_what_is_reversed_counts_no_longer_for_its_partner(desk: Desk) -> None:
    one = partner(desk)
    wrong = confirm(enter(desk, replace(gift(source=Source.SPACE), partner=one)))
    assert service.support_of(one, ON).given_fen == 50_000
    reverse(wrong, "staff")
    assert service.support_of(one, ON).given_fen == 0


def test_what_comes_after_its_quarter_was_closed_counts_now_and_says_so(desk: Desk) -> None:
    long_ago = desk.fund.signed_on + timedelta(days=30)
    late = enter(desk, replace(gift(), received_on=long_ago))
    with unit_of_work():
        service.close_month(desk.fund, day_of(AT).replace(day=1) - timedelta(days=1), by=desk.clerk, at=AT)
    entry = confirm(late).entry
    assert entry is not None
    assert entry.happened_on == day_of(AT)
    assert long_ago.isoformat() in entry.memo


# ── what is refused ──


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda draft: replace(draft, amount_fen=0), "fund.no_amount"),
        (lambda draft: replace(draft, reference=" "), "fund.no_reference"),
        (lambda draft: replace(draft, received_on=day_of(AT) + timedelta(days=1)), "fund.received_in_future"),
        (lambda draft: replace(draft, received_on=date(2000, 1, 1)), "fund.received_before"),
        (lambda draft: replace(draft, source=Source.SPACE), "fund.no_partner"),
        (lambda draft: replace(draft, donor=""), "fund.no_donor"),
        (lambda draft: replace(draft, donor="赵大爷 13812345678"), "fund.unfit_text"),
        (lambda draft: replace(draft, purpose="给 13812345678"), "fund.unfit_text"),
    ],
)
def test_what_cannot_be_typed(desk: Desk, change: Callable[[NoticeDraft], NoticeDraft], code: str) -> None:
    assert code_of(lambda: enter(desk, change(gift()))) == code


def test_a_partner_gives_after_its_agreement_began_and_in_its_own_name(desk: Desk) -> None:
    one = partner(desk)
    support = replace(gift(source=Source.SPACE), partner=one)
    early = replace(support, received_on=one.starts_on - timedelta(days=1))
    assert code_of(lambda: enter(desk, early)) == "fund.before_agreement"
    assert code_of(lambda: enter(desk, replace(support, source=Source.WORKSHOP))) == "fund.no_partner"
    assert code_of(lambda: enter(desk, replace(gift(), partner=one))) == "fund.partner_of_gift"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda draft: replace(draft, name=" "), "fund.unfit_agreement"),
        (lambda draft: replace(draft, place="问 13812345678"), "fund.unfit_agreement"),
        (lambda draft: replace(draft, source=Source.INTEREST), "fund.no_partner_kind"),
        (lambda draft: replace(draft, ends_on=date(2020, 1, 1)), "fund.partner_term"),
        (lambda draft: replace(draft, services=[" "]), "fund.no_services"),
        (lambda draft: replace(draft, source=Source.WORKSHOP), "fund.makes_nothing"),
        (lambda draft: replace(draft, wage_low_fen=9, wage_high_fen=8), "fund.wages"),
        (lambda draft: replace(draft, starts_on=date(2001, 1, 1)), "fund.partner_before"),
    ],
)
def test_what_is_no_agreement(desk: Desk, change: Callable[[PartnerDraft], PartnerDraft], code: str) -> None:
    made = change(begun(SPACE))

    def add() -> None:
        do_in_unit_of_work(lambda: service.add_partner(desk.fund, made, by=desk.clerk, at=AT))

    assert code_of(add) == code


# ── agreements ──


def test_an_agreement_entered_twice_is_one_and_a_number_names_one_only(desk: Desk) -> None:
    one = partner(desk)
    assert partner(desk) is one
    assert code_of(lambda: partner(desk, name="别家")) == "fund.agreement_taken"
    assert [service.name for service in one.services] == ["借书看书", "儿童故事会"]


def test_what_is_late_is_worked_out_from_the_agreement(desk: Desk) -> None:
    one = partner(desk)
    before = service.support_of(one, ON)
    assert before.standing.late_fen == before.standing.due_fen > 0
    confirm(enter(desk, replace(gift(one.support_fen, source=Source.SPACE), partner=one)))
    after = service.support_of(one, ON)
    assert after.standing.late_fen == before.standing.late_fen - one.support_fen
    assert (after.given_fen, after.last_given_on) == (one.support_fen, ON)


def test_an_agreement_that_ended_keeps_what_was_given_and_owes_nothing_new(desk: Desk) -> None:
    one = partner(desk)
    confirm(enter(desk, replace(gift(source=Source.SPACE), partner=one)))
    last = one.starts_on + timedelta(days=5)

    def end(on: date, reason: str = "店面搬走了") -> None:
        do_in_unit_of_work(lambda: service.end_partner(one, on, reason, by=desk.clerk, at=AT))

    assert code_of(lambda: end(one.starts_on - timedelta(days=1))) == "fund.ended_on"
    assert code_of(lambda: end(day_of(AT) + timedelta(days=1))) == "fund.ended_on"
    assert code_of(lambda: end(last, " ")) == "fund.no_end_reason"
    end(last)
    end(last)
    assert code_of(lambda: end(last + timedelta(days=1))) == "fund.partner_ended"
    found = service.support_of(one, ON)
    assert (found.given_fen, found.supports, found.standing.late_fen) == (50_000, [], 0)


def test_jobs_are_counted_on_a_day_and_the_newest_count_holds(desk: Desk) -> None:
    shop = partner(desk, WORKSHOP)

    def count(jobs: int, on: date, of: Partner = shop) -> None:
        do_in_unit_of_work(lambda: service.count_jobs(of, jobs, on, by=desk.clerk, at=AT))

    count(48, ON - timedelta(days=60))
    count(60, ON)
    count(60, ON)
    assert [one.jobs for one in service.job_counts(shop)] == [60, 48]
    jobs = service.support_of(shop, ON).jobs
    assert jobs is not None
    assert (jobs.jobs, jobs.counted_on) == (60, ON)
    assert code_of(lambda: count(5, day_of(AT) + timedelta(days=1))) == "fund.counted_on"
    assert code_of(lambda: count(-1, ON)) == "fund.jobs"
    space = partner(desk)
    assert code_of(lambda: count(5, ON, space)) == "fund.no_workshop"


def test_sums_by_source_are_those_of_the_ledger(desk: Desk) -> None:
    one, shop = partner(desk), partner(desk, WORKSHOP)
    drafts = [
        replace(gift(400_000, "A", Source.SPACE), partner=one),
        replace(gift(300_000, "B", Source.SPACE), partner=one),
        replace(gift(5_000_000, "C", Source.WORKSHOP), partner=shop),
        gift(20_000, "D"),
        replace(gift(30_000, "E", Source.FIRM), is_another=True),
        gift(321, "F", Source.INTEREST),
        replace(gift(1_000_000, "G", Source.MATCHING), is_another=True),
        gift(45_600, "H", Source.FEE),
    ]
    with unit_of_work():
        for draft in drafts:
            posted(desk.fund, draft, (desk.clerk, desk.second), AT - timedelta(days=1))
    found = service.supports_of([one, shop], ON)
    assert [support.given_fen for support in found] == [700_000, 5_000_000]
    held = sums(desk)
    assert held[Code.FROM_SPACE] == -700_000
    assert held[Code.FROM_WORKSHOPS] == -5_000_000
    assert held[Code.AT_CHARITY] == sum(draft.amount_fen for draft in drafts) - 2 * 45_600
    assert sum(held.values()) == 0


def test_the_naming_of_a_donor_is_theirs_to_change(desk: Desk) -> None:
    notice = confirm(enter(desk, replace(gift(), may_name=True)))

    def name(may: bool, of: CharityNotice) -> None:
        do_in_unit_of_work(lambda: service.set_naming(of, may, by=desk.clerk, at=AT))

    name(False, notice)
    assert not notice.may_name
    assert "赵大爷" not in " ".join(entry.memo for entry in ledger.entries(desk.fund.book))
    interest = enter(desk, gift(100, "LX-1", Source.INTEREST))
    assert code_of(lambda: name(True, interest)) == "fund.names_nobody"


def test_a_posting_that_no_notice_stands_behind_is_noticed(desk: Desk, context: Flask) -> None:
    notice = confirm(enter(desk, gift()))
    with unit_of_work():
        notice.amount_fen = 1
    assert len(list(fund_faults(desk.fund))) == 1
