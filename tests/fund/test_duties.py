"""Who does one step of the money does not do the next: every step takes two people."""

from __future__ import annotations

import pytest

from market.db import do_in_unit_of_work, unit_of_work
from market.fund import service
from market.fund.rules import Choice, ProposalState, same_name
from market.people import service as people
from market.people.rules import Role
from tests.cast import person
from tests.factories.settlement import evening
from tests.fund.conftest import AT, Desk
from tests.fund.test_service import code_of


def test_who_settled_does_not_confirm_that_the_money_arrived(desk: Desk) -> None:
    day = desk.market(100_000).day

    def confirm(login: str) -> None:
        do_in_unit_of_work(lambda: service.confirm_remittance(day, "GZ-1", by=person(login), at=evening(day)))

    assert code_of(lambda: confirm("staff")) == "fund.settled_by_you"
    confirm("member1")
    assert service.in_transit(day) == 0


@pytest.mark.parametrize("choice", [Choice.YES, Choice.NO])
def test_who_proposed_or_is_paid_can_only_recuse_themselves(desk: Desk, choice: Choice) -> None:
    desk.money(10_000)
    own = desk.propose(by=person("member1"))
    assert code_of(lambda: desk.vote(own, "member1", choice)) == "fund.related"
    paid = desk.propose(2_000, payee=f" {person('member2').display_name} ")
    assert code_of(lambda: desk.vote(paid, "member2", choice)) == "fund.related"
    assert desk.vote(paid, "member2", Choice.RECUSE).choice is Choice.RECUSE
    desk.vote(paid, "member1")
    desk.vote(paid, "member3")
    assert paid.state is ProposalState.APPROVED


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("张三", " 张 三", True), ("Ａda", "ada", True), ("张三", "张三丰", False)],
)
def test_a_name_is_the_same_however_it_is_spaced(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


def test_who_let_a_voter_in_does_not_pay(desk: Desk) -> None:
    """D23: one person made the members' links, voted as all of them and paid."""
    desk.money(10_000)
    with unit_of_work():
        for n in (4, 5):
            people.appoint(desk.community, f"委员{n}", f"late{n}", Role.COMMITTEE, by=desk.second, at=AT)
    for n in (4, 5):
        secret = do_in_unit_of_work(
            lambda n=n: people.make_sign_in_link(person(f"late{n}"), by=desk.second, at=AT)  # type: ignore[misc]
        )
        do_in_unit_of_work(lambda secret=secret: people.use_sign_in_link(secret, at=AT))  # type: ignore[misc]
    proposal = desk.propose()
    for login in ("member1", "late4", "late5"):
        desk.vote(proposal, login)
    assert code_of(lambda: desk.pay(proposal)) == "fund.holds_their_access"
    assert desk.pay(proposal, login="member3").entry is not None
