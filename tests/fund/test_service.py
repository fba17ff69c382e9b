"""Money arrives once, is promised once, voted on once per member, and paid once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import cast

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from market.calendar.models import MarketDay
from market.db import db, do_in_unit_of_work, unit_of_work
from market.errors import Refusal
from market.fund import disclosure, service
from market.fund.models import Payment, Proposal, Remittance, Vote
from market.fund.rules import Choice, ProposalState, UseType
from market.ledger import service as ledger
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.settlement import service as settlement
from market.spending import service as spending
from market.stalls import service as stalls
from tests.cast import Cast, make_user, person
from tests.conftest import both_engines
from tests.factories.settlement import evening, make_fund
from tests.fund.conftest import AT, Desk, day_of
from tests.ledger.test_races import INDICES, without_triggers
from tests.races import at_once, guards_off


def code_of(act: Callable[[], object]) -> str:
    """The code with which an act is refused."""
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


# ── opening ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_community_has_one_fund(desk: Desk) -> None:
    def again() -> None:
        with unit_of_work():
            make_fund(desk.community, desk.clerk, AT)

    assert code_of(again) == "fund.exists"
    assert service.fund_of(desk.community) is desk.fund


def test_without_a_fund_it_is_said_how_to_get_one(desk: Desk, cast: Cast) -> None:
    from market.communities.service import find_community

    theirs = find_community(cast.theirs)
    assert service.fund_of(theirs) is None
    assert code_of(lambda: service.require_fund(theirs)) == "fund.none"


# ── arriving ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_contribution_is_on_its_way_until_the_charity_confirms(desk: Desk) -> None:
    day = desk.market(100_000, 82_010).day
    assert service.in_transit(day) == 9_101
    assert ledger.balances(desk.fund.book) == {"1003": 9_101, "2001": -9_101}
    remittance = desk.arrive(day, " GZ-1 ")
    assert (remittance.amount_fen, remittance.reference) == (9_101, "GZ-1")
    assert service.in_transit(day) == 0
    assert ledger.balances(desk.fund.book) == {"1001": 9_101, "1003": 0, "2001": 0, "4101": -9_101}


def test_the_same_reference_again_is_the_same_confirmation(desk: Desk) -> None:
    day, other = desk.market(100_000).day, desk.market(40_000, in_days=-60).day
    first = desk.arrive(day, "GZ-1")
    assert desk.arrive(day, "GZ-1") is first
    assert code_of(lambda: desk.arrive(day, "GZ-2")) == "fund.nothing_in_transit"
    assert code_of(lambda: desk.arrive(other, "GZ-1")) == "fund.reference_taken"
    assert code_of(lambda: desk.arrive(other, "  ")) == "fund.no_reference"
    assert desk.fund.book.entry_count == 3


def test_a_correction_upwards_is_on_its_way_again(desk: Desk) -> None:
    day = desk.market(100_000).day
    desk.arrive(day, "GZ-1")
    correct(desk, day, 140_000)
    assert service.in_transit(day) == 2_000
    assert desk.arrive(day, "GZ-2", login="member3").amount_fen == 2_000
    assert ledger.balances(desk.fund.book) == {"1001": 7_000, "1003": 0, "2001": 0, "4101": -7_000}


def test_after_a_correction_downwards_the_charity_holds_too_much_and_the_page_says_so(desk: Desk) -> None:
    day = desk.market(100_000).day
    desk.arrive(day, "GZ-1")
    correct(desk, day, 60_000)
    assert (service.in_transit(day), service.owed(day)) == (0, 2_000)
    assert code_of(lambda: desk.arrive(day, "GZ-2", login="member3")) == "fund.nothing_in_transit"
    told = disclosure.disclose(desk.fund)
    assert (told.income_fen, told.at_charity_fen) == (3_000, 5_000)
    assert (told.in_transit_fen, told.owed_fen) == (0, 2_000)
    assert told.balance_fen == told.came_in_fen - told.spent_fen + told.owed_fen == 5_000


def correct(desk: Desk, day: MarketDay, fen: int) -> None:
    with unit_of_work():
        held = stalls.assignments(day)[0]
        settlement.correct_takings(
            held, fen, "看错了一行", by=desk.second, at=evening(day) + timedelta(days=1)
        )


def confirming(desk: Desk) -> Callable[[str], Callable[[], str]]:
    """Acts that enter what arrived of one market, under any number of the charity's."""
    day_id, by_id = desk.market(100_000).day.id, desk.second.id

    def confirm(reference: str) -> Callable[[], str]:
        def act() -> str:
            day, by = db.session.get_one(MarketDay, day_id), db.session.get_one(User, by_id)
            return service.confirm_remittance(day, reference, by=by, at=evening(day)).reference

        return act

    return confirm


@both_engines
def test_a_confirmation_entered_by_many_at_once_is_one(desk: Desk) -> None:
    confirm = confirming(desk)
    same = at_once(app_of(), [confirm("GZ-1")] * 10)
    assert same == ["GZ-1"] * 10
    assert at_once(app_of(), [confirm(f"GZ-{n}") for n in range(2, 6)]) == ["fund.nothing_in_transit"] * 4
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Remittance)) == 1
    assert ledger.balance(desk.fund.book, "1001") == 5_000


@both_engines
def test_without_the_guards_one_arrival_is_posted_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    confirm = confirming(desk)
    acts = [confirm("GZ-1"), confirm("GZ-2")]
    without_triggers()
    with guards_off(app_of(), monkeypatch, together=2, indices=INDICES):
        at_once(app_of(), acts)
    assert ledger.balance(desk.fund.book, "1001") == 10_000
    assert not ledger.verify(desk.fund.book).ok


def app_of() -> Flask:
    return cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's own method


# ── proposing ─────────────────────────────────────────────────────────────────────────────────────────────


def test_no_more_is_proposed_than_lies_at_the_charity_and_is_free(desk: Desk) -> None:
    desk.market(999_900, in_days=-60)
    assert code_of(lambda: desk.propose(1)) == "fund.not_enough"
    desk.money(10_000)
    first = desk.propose(6_000)
    assert service.spendable(desk.fund) == 4_000
    assert code_of(lambda: desk.propose(4_001)) == "fund.not_enough"
    desk.propose(4_000)
    with unit_of_work():
        spending.withdraw_proposal(first, by=desk.clerk, at=AT)
    assert service.spendable(desk.fund) == 6_000


@both_engines
def test_two_proposals_at_once_do_not_promise_the_same_money(desk: Desk) -> None:
    desk.money(10_000)
    fund_id, by_id = desk.fund.id, desk.clerk.id

    def act() -> str:
        fund, by = db.session.get_one(type(desk.fund), fund_id), db.session.get_one(User, by_id)
        return spending.propose(
            fund, UseType.VISITS, "慰问走访", payee="居委会", amount_fen=6_000, by=by, at=AT
        ).state.value

    assert sorted(at_once(app_of(), [act] * 6)) == ["fund.not_enough"] * 5 + ["proposed"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fen": 0}, "fund.no_amount"),
        ({"fen": -5}, "fund.no_amount"),
        ({"purpose": " "}, "fund.unfit_text"),
        ({"payee": ""}, "fund.unfit_text"),
        ({"payee": "老张 13800138000"}, "fund.unfit_text"),
        ({"detail": "请打 １３８００１３８０００"}, "fund.unfit_text"),
    ],
)
def test_what_cannot_stand_in_public_is_not_proposed(
    desk: Desk, changes: dict[str, object], code: str
) -> None:
    desk.money(10_000)
    assert code_of(lambda: desk.propose(**changes)) == code  # type: ignore[arg-type]  # plain keyword values


# ── voting ────────────────────────────────────────────────────────────────────────────────────────────────


def test_more_than_half_decide_and_the_rest_come_too_late(desk: Desk) -> None:
    desk.money(10_000)
    proposal = desk.propose()
    desk.vote(proposal, "member1")
    assert (proposal.state, proposal.decided_at) == (ProposalState.PROPOSED, None)
    desk.vote(proposal, "member3")
    assert proposal.state is ProposalState.APPROVED
    assert proposal.decided_at == AT - timedelta(days=2)
    assert code_of(lambda: desk.vote(proposal, "member2")) == "fund.decided"


def test_a_member_speaks_once(desk: Desk) -> None:
    desk.money(10_000)
    proposal = desk.propose()
    first = desk.vote(proposal, "member1")
    assert desk.vote(proposal, "member1") is first
    assert code_of(lambda: desk.vote(proposal, "member1", Choice.NO)) == "fund.voted"
    assert [(vote.user.login, vote.choice) for vote in proposal.votes] == [("member1", Choice.YES)]


@pytest.mark.parametrize("login", ["staff", "gate", "platform", "member1-b"])
def test_only_members_of_this_committee_vote(desk: Desk, login: str) -> None:
    desk.money(10_000)
    proposal = desk.propose()
    assert code_of(lambda: desk.vote(proposal, login)) == "fund.not_a_member"


def test_an_even_or_small_committee_does_not_vote(desk: Desk) -> None:
    desk.money(10_000)
    proposal = desk.propose()
    with unit_of_work():
        people.grant(make_user("m4", "委员丁"), Role.COMMITTEE, community=desk.community, at=AT)
    assert code_of(lambda: desk.vote(proposal, "member1")) == "fund.committee_even"
    for login in ("m4", "member2"):
        leave(login)
    assert code_of(lambda: desk.vote(proposal, "member1")) == "fund.committee_too_small"


def leave(login: str) -> None:
    with unit_of_work():
        membership = next(m for m in person(login).memberships if m.role is Role.COMMITTEE)
        people.revoke(membership, by=person("staff"), at=AT)


def test_the_word_of_somebody_who_left_does_not_count(desk: Desk) -> None:
    desk.money(10_000)
    proposal = desk.propose()
    desk.vote(proposal, "member1")
    leave("member1")
    with unit_of_work():
        people.grant(make_user("m4", "委员丁"), Role.COMMITTEE, community=desk.community, at=AT)
    states = []
    for login in ("member2", "m4"):
        desk.vote(proposal, login)
        states.append(proposal.state)
    assert states == [ProposalState.PROPOSED, ProposalState.APPROVED]


def change_text(proposal: Proposal) -> None:
    with unit_of_work():
        db.session.execute(sa.update(Proposal).where(Proposal.id == proposal.id).values(payee="别人"))


def test_a_changed_text_voids_the_vote_and_the_payment(desk: Desk) -> None:
    desk.money(20_000)
    open_one, passed = desk.propose(), desk.approved()
    for proposal in (open_one, passed):
        change_text(proposal)
    assert code_of(lambda: desk.vote(open_one, "member1")) == "fund.text_changed"
    assert code_of(lambda: desk.pay(passed)) == "fund.text_changed"
    assert ledger.balance(desk.fund.book, "1001") == 20_000


@both_engines
def test_two_who_cast_the_last_vote_at_once_decide_once(desk: Desk) -> None:
    desk.money(10_000)
    proposal = desk.propose()
    desk.vote(proposal, "member1")

    def say(login: str) -> Callable[[], str]:
        proposal_id, user_id = proposal.id, person(login).id

        def act() -> str:
            found, by = db.session.get_one(Proposal, proposal_id), db.session.get_one(User, user_id)
            spending.vote(found, Choice.YES, by=by, at=AT)
            return found.state.value

        return act

    answers = at_once(app_of(), [say("member2"), say("member3")])
    assert sorted(answers) == ["approved", "fund.decided"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 2


@both_engines
def test_without_the_guards_a_vote_is_taken_after_the_decision(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.money(10_000)
    proposal = desk.propose()
    desk.vote(proposal, "member1")
    proposal_id, members = proposal.id, [person(login).id for login in ("member2", "member3")]

    def say(user_id: int) -> Callable[[], str]:
        def act() -> str:
            found, by = db.session.get_one(Proposal, proposal_id), db.session.get_one(User, user_id)
            return spending.vote(found, Choice.YES, by=by, at=AT).choice.value

        return act

    without_triggers()
    with guards_off(app_of(), monkeypatch, together=2, indices=INDICES):
        assert at_once(app_of(), [say(one) for one in members]) == ["yes", "yes"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 3


@both_engines
def test_a_member_who_taps_many_times_at_once_votes_once(desk: Desk) -> None:
    desk.money(10_000)
    proposal_id, user_id = desk.propose().id, person("member1").id

    def act() -> str:
        found, by = db.session.get_one(Proposal, proposal_id), db.session.get_one(User, user_id)
        return spending.vote(found, Choice.NO, by=by, at=AT).choice.value

    assert at_once(app_of(), [act] * 8) == ["no"] * 8
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 1


# ── paying ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_payment_is_posted_and_leads_back_to_its_proposal(desk: Desk) -> None:
    desk.money(10_000)
    proposal = desk.approved(6_000)
    payment = desk.pay(proposal)
    assert proposal.state is ProposalState.PAID
    sums = {"1001": 4_000, "1003": 0, "2001": 0, "4101": -10_000, "5103": 6_000}
    assert ledger.balances(desk.fund.book) == sums
    assert disclosure.origin_of(payment.entry).proposal is proposal
    assert desk.pay(proposal) is payment
    assert code_of(lambda: desk.pay(proposal, "FK-2")) == "fund.paid"


def test_what_may_not_be_paid(desk: Desk) -> None:
    desk.money(20_000)
    open_one, passed = desk.propose(), desk.approved()
    tomorrow = day_of(AT + timedelta(days=1))
    assert code_of(lambda: desk.pay(open_one)) == "fund.not_approved"
    assert code_of(lambda: desk.pay(passed, login="staff")) == "fund.second_person"
    assert code_of(lambda: desk.pay(passed, " ")) == "fund.no_payment_reference"
    assert code_of(lambda: desk.pay(passed, paid_on=tomorrow)) == "fund.paid_in_future"
    assert code_of(lambda: desk.pay(passed, paid_on=date(1, 1, 1))) == "fund.paid_before"
    with unit_of_work():
        spending.withdraw_proposal(passed, by=desk.clerk, at=AT)
        spending.withdraw_proposal(passed, by=desk.clerk, at=AT)
    assert code_of(lambda: desk.pay(passed)) == "fund.not_approved"
    assert ledger.balance(desk.fund.book, "1001") == 20_000


def test_what_is_paid_or_rejected_is_not_taken_back(desk: Desk) -> None:
    desk.money(20_000)
    paid, rejected = desk.approved(), desk.propose()
    desk.pay(paid)
    for login in ("member1", "member2"):
        desk.vote(rejected, login, Choice.NO)

    def take_back(proposal: Proposal) -> Callable[[], None]:
        act = lambda: spending.withdraw_proposal(proposal, by=desk.clerk, at=AT)  # noqa: E731 - one line an act
        return lambda: do_in_unit_of_work(act)

    assert [code_of(take_back(one)) for one in (paid, rejected)] == ["fund.decided"] * 2


@both_engines
def test_a_payment_recorded_by_many_at_once_is_one_entry(desk: Desk) -> None:
    desk.money(10_000)
    proposal_id, user_id = desk.approved(6_000).id, desk.second.id

    def act() -> str:
        found, by = db.session.get_one(Proposal, proposal_id), db.session.get_one(User, user_id)
        return spending.record_payment(found, day_of(AT), "FK-1", by=by, at=AT).reference

    assert at_once(app_of(), [act] * 10) == ["FK-1"] * 10
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1
    assert ledger.balance(desk.fund.book, "1001") == 4_000
    assert ledger.verify(desk.fund.book).ok


@both_engines
def test_two_payments_against_one_balance_do_not_both_pass(desk: Desk) -> None:
    """Were more promised than is there (by hand, in the database), the ledger is the last to refuse."""
    desk.money(10_000)
    ids = [desk.approved(6_000).id]
    with unit_of_work():
        db.session.execute(sa.update(Proposal).values(state=ProposalState.WITHDRAWN))
    ids.append(desk.approved(6_000).id)
    with unit_of_work():
        db.session.execute(sa.update(Proposal).values(state=ProposalState.APPROVED))
    user_id = desk.second.id

    def pay(proposal_id: int) -> Callable[[], str]:
        def act() -> str:
            found, by = db.session.get_one(Proposal, proposal_id), db.session.get_one(User, user_id)
            return spending.record_payment(found, day_of(AT), f"FK-{proposal_id}", by=by, at=AT).reference[:2]

        return act

    assert sorted(at_once(app_of(), [pay(one) for one in ids])) == ["FK", "ledger.not_enough"]
    assert ledger.balance(desk.fund.book, "1001") == 4_000
