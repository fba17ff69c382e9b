"""Every step of a use of money: in its order, by the right person, once, and with what is true now."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from market import clock
from market.communities.models import Community
from market.communities.service import find_community, profile_of
from market.db import db, do_in_unit_of_work, unit_of_work
from market.demand import service as demand
from market.demand.rules import Way as WishWay
from market.errors import Refusal
from market.fund import service as funds
from market.fund.matching import TheirLine
from market.fund.models import Proposal
from market.fund.rules import Choice, ProposalState
from market.fund.service import StatementDraft
from market.ledger import service as ledger
from market.ledger.rules import Code, EntryKind
from market.spending import service
from market.spending.models import CommitteeMeeting, FinalAccount, ResidentRemark, SpendingCase
from market.spending.rules import Cost, PhotoKind, Stage, Verdict
from market.spending.service import AccountDraft, MeetingDraft, Need, Wording
from tests.cast import person
from tests.fund.conftest import AT, Desk
from tests.fund.test_service import code_of
from tests.spending.conftest import BEGUN, FEN, MEMBERS, PHOTO, Walk, begin, date_of, desk_propose, on


def test_minutes_are_not_written_past_a_vote_that_came_since(walk: Walk) -> None:
    walk.until(Stage.VOTE)
    walk.vote("member1")
    seen = service.meeting_mark(walk.meeting)
    walk.vote("member2")
    assert code_of(lambda: walk.end(seen=seen)) == "spending.stale"
    assert walk.end(seen=service.meeting_mark(walk.meeting)).discussion == "都说该修。"


def test_a_remark_is_not_typed_or_answered_on_a_page_of_before(walk: Walk) -> None:
    walk.until(Stage.CONSULTING)
    seen = walk.story(3).mark
    who: dict[str, Any] = {"by": person("staff"), "at": on(3)}

    def typed(mark: str) -> ResidentRemark:
        return do_in_unit_of_work(lambda: service.type_remark(walk.proposal, "南侧也修", seen=mark, **who))

    def answered(mark: str) -> ResidentRemark:
        said = typed(seen)
        return do_in_unit_of_work(lambda: service.answer_remark(said, "报给物业了", seen=mark, **who))

    assert code_of(lambda: typed("0" * 16)) == "spending.stale"
    assert typed(seen) is typed(seen)
    assert code_of(lambda: answered("0" * 16)) == "spending.stale"
    assert answered(seen).answer == "报给物业了"


def test_a_vote_on_another_text_is_refused(walk: Walk) -> None:
    walk.until(Stage.VOTE)
    assert code_of(lambda: walk.vote("member1", seen="another text")) == "spending.stale"
    assert walk.vote("member1", seen=walk.proposal.text_hash).text_hash == walk.proposal.text_hash


# ── the steps themselves ──────────────────────────────────────────────────────────────────────────────────


def test_the_whole_way_leaves_what_was_not_needed_in_the_fund(walk: Walk) -> None:
    walk.until(Stage.DONE)
    assert ledger.balances(walk.desk.fund.book)["1001"] == 500_000 - 180_000
    assert ledger.balances(walk.desk.fund.book)["5102"] == 180_000
    assert walk.stage(28) is Stage.DONE
    assert ledger.verify(walk.desk.fund.book).ok
    assert code_of(lambda: walk.appraise(people=2)) == "spending.out_of_order"


def test_the_budget_is_the_amount(walk: Walk) -> None:
    assert code_of(lambda: walk.appraise(budget=(Cost("灯", FEN - 1),))) == "spending.budget_differs"
    assert code_of(lambda: walk.appraise(budget=())) == "spending.no_budget"
    assert code_of(lambda: walk.appraise(ends_on=date_of(1))) == "spending.unfit_period"
    assert code_of(lambda: walk.appraise(executor="老张 13800138000")) == "fund.unfit_text"


def test_an_appraisal_can_be_bettered_until_residents_are_asked(walk: Walk) -> None:
    walk.appraise(people=1)
    assert walk.appraise().people == 320
    assert walk.story().appraisal is not None
    assert len(walk.story().appraisals) == 2


def test_residents_have_all_their_days(walk: Walk) -> None:
    walk.until(Stage.CONSULTING)
    assert code_of(lambda: walk.close(day=9)) == "spending.still_asking"
    assert walk.close(day=10).closed_at is not None


def say(walk: Walk, words: str, address: str = "203.0.113.7", day: int = 3) -> ResidentRemark:
    return do_in_unit_of_work(lambda: service.say(walk.proposal, words, address=address, at=on(day)))


def test_what_residents_say_is_answered_before_the_committee_meets(walk: Walk) -> None:
    walk.until(Stage.CONSULTING)
    spoken = say(walk, "南侧也有两盏不亮")
    assert say(walk, " 南侧也有两盏不亮 ") is spoken
    typed = do_in_unit_of_work(
        lambda: service.type_remark(walk.proposal, "先修最黑的", by=person("staff"), at=on(10))
    )
    assert code_of(walk.close) == "spending.unanswered"
    for remark in (spoken, typed):
        answer = lambda: service.answer_remark(remark, "一起修。", by=person("staff"), at=on(10))  # noqa: B023, E731 - called at once
        do_in_unit_of_work(answer)
        assert do_in_unit_of_work(answer) is remark
        other = lambda: service.answer_remark(remark, "不修。", by=person("staff"), at=on(10))  # noqa: B023, E731 - called at once
        assert code_of(lambda: do_in_unit_of_work(other)) == "spending.answered"  # noqa: B023 - called at once
    assert walk.close().outcome == "没有不同意见。"


def test_nobody_floods_a_consultation(walk: Walk) -> None:
    walk.until(Stage.CONSULTING)
    for n in range(3):
        say(walk, f"意见 {n}")
    assert code_of(lambda: say(walk, "第四条")) == "spending.too_often"
    assert say(walk, "别处来的", "198.51.100.9").answered_at is None
    assert code_of(lambda: say(walk, "打 13800138000", "198.51.100.9")) == "spending.names_a_person"
    assert code_of(lambda: say(walk, " ", "198.51.100.9")) == "spending.no_words"
    assert code_of(lambda: say(walk, "长" * 201, "198.51.100.9")) == "spending.long_words"
    assert code_of(lambda: say(walk, "晚了", "192.0.2.1", 10)) == "spending.not_asked"


def test_too_few_members_decide_nothing(walk: Walk) -> None:
    walk.until(Stage.CALLED)
    assert code_of(lambda: walk.open("member1")) == "spending.no_quorum"
    assert code_of(lambda: walk.open(day=11)) == "spending.too_early"
    walk.open("member1", "member2")
    assert code_of(lambda: walk.vote("member3")) == "spending.absent"
    walk.open("member3")
    assert walk.vote("member3").choice is Choice.YES
    assert walk.meeting.expected == 3


def test_a_meeting_without_a_decision_is_followed_by_another(walk: Walk) -> None:
    walk.until(Stage.VOTE)
    walk.vote("member1")
    walk.end()
    assert walk.stage(12) is Stage.MEET
    assert code_of(lambda: walk.vote("member2")) == "spending.no_meeting"
    assert code_of(lambda: walk.open()) == "spending.closed"
    walk.call(day=13, held=14)
    walk.open(day=14)
    walk.vote("member2", day=14)
    assert walk.proposal.state is ProposalState.APPROVED


def test_a_proposal_that_is_named_twice_is_on_the_agenda_once(walk: Walk) -> None:
    walk.until(Stage.MEET)
    draft = MeetingDraft(on(12), "二楼会议室", person("member1"))

    def call() -> CommitteeMeeting:
        agenda = [walk.proposal, walk.proposal]
        return service.call_meeting(walk.desk.fund, draft, agenda, by=person("staff"), at=on(11))

    called = do_in_unit_of_work(call)
    assert [item.proposal for item in called.items] == [walk.proposal]
    assert do_in_unit_of_work(call) is called is walk.call()


def test_who_declared_an_interest_can_only_recuse(walk: Walk) -> None:
    walk.until(Stage.CALLED)
    declare = lambda: service.declare_interest(walk.proposal, "队长是我弟弟", by=person("member2"), at=on(12))  # noqa: E731 - twice
    assert do_in_unit_of_work(declare) is do_in_unit_of_work(declare)
    walk.open()
    assert code_of(lambda: walk.vote("member2")) == "fund.related"
    assert walk.vote("member2", Choice.RECUSE).choice is Choice.RECUSE
    walk.vote("member1")
    walk.vote("member3")
    assert walk.proposal.state is ProposalState.APPROVED


def test_a_return_says_why_and_is_applied_for_again(walk: Walk) -> None:
    walk.until(Stage.WAIT)
    assert code_of(lambda: walk.answer(Verdict.RETURNED)) == "spending.no_reason"
    walk.answer(Verdict.RETURNED, "缺三家报价")
    assert walk.stage(16) is Stage.RETURNED
    assert code_of(lambda: walk.pay()) == "spending.not_applied"
    walk.apply(day=17)
    walk.answer(day=18)
    walk.pay(day=19)
    assert [one.verdict for one in walk.story().applications] == [Verdict.RETURNED, Verdict.APPROVED]


def test_what_the_charity_has_is_neither_changed_nor_taken_back(walk: Walk) -> None:
    walk.until(Stage.WAIT)
    assert code_of(lambda: amended(walk)) == "spending.at_the_charity"
    with pytest.raises(Refusal) as refused, unit_of_work():
        service.withdraw_proposal(walk.proposal, by=walk.desk.clerk, at=on(14))
    assert refused.value.code == "spending.at_the_charity"


def amended(walk: Walk, *, by: str = "staff", **changes: Any) -> Proposal:
    one = walk.proposal
    new = Wording(one.use_type, one.purpose, "另一家工程队", one.amount_fen, one.detail)
    return do_in_unit_of_work(
        lambda: service.amend(walk.proposal, replace(new, **changes), by=person(by), at=on(16))
    )


@pytest.mark.parametrize(
    "changes",
    [{}, {"payee": "示例亮化工程队", "amount_fen": 190_000}, {"payee": "示例亮化工程队", "detail": "改了"}],
)
def test_another_payee_amount_or_text_voids_the_votes(walk: Walk, changes: dict[str, Any]) -> None:
    walk.until(Stage.APPLY)
    made = amended(walk, **changes)
    assert amended(walk, **changes) is made
    assert (made.votes, made.state) == ([], ProposalState.PROPOSED)
    assert service.story_of(made, at=on(16)).stage is Stage.APPRAISE
    assert walk.stage(16) is Stage.AMENDED
    assert code_of(lambda: walk.pay()) == "fund.not_approved"
    assert code_of(lambda: amended(walk, detail="第三种")) == "fund.decided"


def test_the_same_text_is_no_change(walk: Walk) -> None:
    walk.until(Stage.VOTE)
    assert code_of(lambda: amended(walk, payee=walk.proposal.payee)) == "spending.same_text"


def test_an_amended_proposal_frees_its_money_first(walk: Walk) -> None:
    walk.until(Stage.APPLY)
    assert amended(walk, amount_fen=500_000).amount_fen == 500_000
    assert funds.spendable(walk.desk.fund) == 0


# ── on the charity's statement ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", ["退 1 号", "FK-1"])
def test_what_came_back_is_found_by_its_own_number_or_that_of_the_payment(walk: Walk, number: str) -> None:
    walk.until(Stage.DONE)
    book = walk.desk.fund.book
    lines = [
        TheirLine(2 + place, entry.happened_on, fen, said, "")
        for place, (entry, fen, said) in enumerate(
            (entry, fen, number if entry.kind is EntryKind.UNSPENT else "FK-1" if fen < 0 else "")
            for entry, fen in ledger.moved(book, Code.AT_CHARITY, date_of(-300), date_of(100))
        )
    ]
    first, last = min(line.on for line in lines), max(line.on for line in lines)
    draft = StatementDraft("DZ-1", first, last, 0, sum(line.fen for line in lines), tuple(lines))
    read = do_in_unit_of_work(lambda: funds.read_in(walk.desk.fund, draft, by=person("staff"), at=AT))
    assert funds.compare(read).matching.differences == ()


# ── vouchers ──────────────────────────────────────────────────────────────────────────────────────────────


def test_vouchers_never_say_more_than_was_paid(walk: Walk) -> None:
    walk.until(Stage.ACCOUNT)
    walk.voucher("1", 180_000)
    assert code_of(lambda: walk.voucher("2", 6_001)) == "spending.over_budget"
    assert code_of(lambda: walk.voucher("1", 5)) == "spending.voucher_known"
    assert code_of(lambda: walk.voucher("3", 0)) == "fund.no_amount"
    assert code_of(lambda: walk.account(0)) == "spending.does_not_add_up"


def test_a_day_begins_at_midnight_in_shanghai(desk: Desk) -> None:
    """At two in the morning it is still yesterday in UTC, and a paper of yesterday is too early."""
    desk.money(500_000)
    early = clock.at_local(date_of(0), time(2), "Asia/Shanghai")
    walk = begin(desk, at=early).until(Stage.VOTE)
    with unit_of_work():
        for login in ("member1", "member2"):
            moment = clock.at_local(date_of(13), time(2), "Asia/Shanghai")
            service.vote(walk.proposal, Choice.YES, by=person(login), at=moment)
    assert code_of(lambda: walk.apply(day=12)) == "spending.unfit_date"
    walk.apply()
    walk.answer()
    walk.pay()
    assert code_of(lambda: walk.voucher(day=-1)) == "spending.unfit_date"
    assert walk.voucher(day=0).spent_on == date_of(0)


def test_a_wrong_voucher_is_taken_back(walk: Walk) -> None:
    walk.until(Stage.ACCOUNT)
    wrong = walk.voucher("1", 18_000)

    def void() -> None:
        service.void_voucher(wrong, by=person("staff"), at=on(24))

    do_in_unit_of_work(void)
    do_in_unit_of_work(void)
    assert walk.voucher("1", 180_000) is not wrong
    assert walk.story().spent_fen == 180_000


def test_a_voucher_has_four_pictures_at_most(walk: Walk) -> None:
    walk.until(Stage.ACCOUNT)
    voucher = walk.voucher()

    def add() -> object:
        return service.add_photo(voucher, PHOTO, PhotoKind.PLACE, by=person("staff"), at=on(24))

    photos = [do_in_unit_of_work(add) for _n in range(4)]
    assert len(photos) == 4
    assert code_of(lambda: do_in_unit_of_work(add)) == "spending.enough_photos"


@pytest.mark.parametrize(
    "change", [{"served": 321}, {"outcome": "换了灯。"}, {"return_reference": "退 2 号"}, {"returned_fen": 0}]
)
def test_another_account_is_not_taken_for_the_one_that_is_there(walk: Walk, change: dict[str, Any]) -> None:
    """Whoever writes other words hears that they were not kept, and how to keep them."""
    walk.until(Stage.CHECK)
    draft = replace(AccountDraft(320, "六盏灯都亮了。", 6_000, date_of(26), "退 1 号"), **change)

    def write() -> object:
        return service.write_account(walk.proposal, draft, by=person("staff"), at=on(26))

    assert code_of(lambda: do_in_unit_of_work(write)) == "spending.account_written"
    known = walk.story().account
    assert known is not None
    assert (known.served, known.outcome, known.return_reference) == (320, "六盏灯都亮了。", "退 1 号")


def test_an_account_that_nobody_checked_is_written_again(walk: Walk) -> None:
    walk.until(Stage.CHECK)
    assert walk.stage(26) is Stage.CHECK
    for _twice in range(2):
        with unit_of_work():
            service.reopen_account(walk.proposal, by=person("second"), at=on(26))
    walk.voucher("0043", 6_000, day=25)
    walk.account(0)
    walk.check()
    assert ledger.balances(walk.desk.fund.book)["1001"] == 500_000 - FEN


def test_another_account_is_not_taken_for_the_one_that_is_written(walk: Walk) -> None:
    """What a colleague typed into a page of before is refused, and not thrown away in silence."""
    walk.until(Stage.CHECK)
    first = walk.account()
    other = AccountDraft(12, "没有亮。", 6_000, date_of(26), "退 1 号")

    def write() -> object:
        return service.write_account(walk.proposal, other, by=person("second"), at=on(26))

    assert code_of(lambda: do_in_unit_of_work(write)) == "spending.account_written"
    assert (first.served, first.outcome) == (320, "六盏灯都亮了。")


def test_where_nothing_came_back_no_number_of_it_is_kept(walk: Walk) -> None:
    walk.until(Stage.ACCOUNT)
    walk.voucher(fen=FEN)
    account = walk.account(0)
    assert (account.returned_on, account.return_reference) == (None, "")


def test_other_minutes_are_not_taken_for_those_that_were_written(walk: Walk) -> None:
    walk.until(Stage.VOTE)
    walk.end()
    walk.end()

    def again() -> object:
        return service.close_meeting(walk.meeting, "另一份纪要。", by=person("second"), at=on(12))

    assert code_of(lambda: do_in_unit_of_work(again)) == "spending.done_otherwise"
    assert walk.meeting.discussion == "都说该修。"


def test_what_another_did_while_one_waited_for_the_lock_is_seen(walk: Walk) -> None:
    """The page read the account before the lock; by then a colleague has checked it."""
    walk.until(Stage.CHECK)
    with unit_of_work():
        account = walk.story().account
        assert account is not None
        by_member = sa.update(FinalAccount).values(checked_by=person("member1").id, checked_at=on(26))
        db.session.execute(by_member.execution_options(synchronize_session=False))
        service.check_account(walk.proposal, by=person("second"), at=on(27))
    assert account.checked_by == person("member1").id


# ── the short way, pieces, what is older ──────────────────────────────────────────────────────────────────


def test_a_small_use_needs_a_vote_and_vouchers(desk: Desk) -> None:
    desk.money(500_000)
    small = begin(desk, 50_000)
    assert small.stage(0) is Stage.VOTE
    for login in MEMBERS[:2]:
        small.vote(login)
    small.pay()
    small.voucher(fen=50_000)
    small.account(0)
    small.check()
    assert small.stage(28) is Stage.DONE


def test_a_large_use_in_pieces_is_named_and_refused(desk: Desk) -> None:
    desk.money(500_000)
    desk_propose(desk, 30_000)
    with pytest.raises(Refusal) as refused:
        desk_propose(desk, 20_001, purpose="路灯二期")
    assert refused.value.code == "spending.split"
    assert "北侧路灯维修 300.00" in str(refused.value.sentence)
    long = Walk(desk, desk_propose(desk, 20_001, purpose="路灯二期", long_way=True))
    assert long.stage(0) is Stage.APPRAISE
    assert desk_propose(desk, 20_001, purpose="另一件事", payee="另一家").amount_fen == 20_001


def test_pieces_far_apart_are_no_pieces(desk: Desk) -> None:
    desk.money(500_000)
    days = profile_of(desk.community).spending.split_days
    desk_propose(desk, 30_000, at=BEGUN - timedelta(days=days, minutes=1))
    assert desk_propose(desk, 30_000).amount_fen == 30_000


def test_what_is_older_than_the_steps_stays_as_it_was(desk: Desk) -> None:
    """A proposal without a case: as the database of an older version has them."""
    desk.money(500_000)
    old = begin(desk)
    with unit_of_work():
        db.session.execute(sa.delete(SpendingCase))
    assert old.stage(0) is Stage.VOTE
    for login in MEMBERS[:2]:
        old.vote(login)
    old.pay()
    assert old.stage(19) is Stage.DONE
    assert ledger.balances(desk.fund.book)["1001"] == 500_000 - FEN


def test_a_need_comes_from_the_list_of_wishes(desk: Desk) -> None:
    desk.money(500_000)
    said = do_in_unit_of_work(
        lambda: demand.ask(
            desk.community, "修路灯", token="t" * 20, address="203.0.113.7", way=WishWay.PAGE, at=BEGUN
        )
    )
    named = begin(desk, need=Need(said.wish, "网格员走访也听到过"))
    case = named.story().case
    assert case is not None
    assert case.wish is not None
    assert case.wish.word == "修路灯"
    assert amended(named).purpose == named.proposal.purpose
    foreign = do_in_unit_of_work(
        lambda: demand.ask(
            other_community(), "修路灯", token="t" * 20, address="203.0.113.7", way=WishWay.PAGE, at=BEGUN
        )
    )
    assert code_of(lambda: begin(desk, need=Need(foreign.wish))) == "spending.no_wish"


def other_community() -> Community:
    return find_community("songhe")
