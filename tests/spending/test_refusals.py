"""Every step of a use of money, in one table: out of order, by the wrong person, twice, with a stale page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from market.audit import AuditRow
from market.db import db, do_in_unit_of_work, unit_of_work
from market.fund.models import Proposal
from market.people import service as people
from market.people.rules import Role
from market.spending import service
from market.spending.models import DeclaredInterest, ResidentRemark, SpendingVoucher
from market.spending.rules import Stage
from tests.cast import make_user, person
from tests.fund.conftest import AT
from tests.fund.test_service import code_of
from tests.spending.conftest import Walk, desk_propose, on

Act = Callable[..., object]

OURS, ROLE, MEMBER = "spending.out_of_order", "spending.not_yours", "fund.not_a_member"
STALE, OTHER = "spending.stale", "spending.done_otherwise"
OLD = "0" * 16
"""The mark of a page that was opened before the last step."""


def remark(
    walk: Walk, words: str = "南侧也修", *, by: str = "staff", seen: str | None = None
) -> ResidentRemark:
    return do_in_unit_of_work(
        lambda: service.type_remark(walk.proposal, words, seen=seen, by=person(by), at=on(3))
    )


def interest(walk: Walk, what: str = "队长是我弟弟", *, by: str = "member3") -> DeclaredInterest:
    return do_in_unit_of_work(lambda: service.declare_interest(walk.proposal, what, by=person(by), at=on(12)))


def void(walk: Walk, *, by: str = "staff") -> SpendingVoucher:
    """Takes back the first voucher there ever was; notes one where there is none."""
    found = db.session.scalar(sa.select(SpendingVoucher).order_by(SpendingVoucher.id)) or walk.voucher()
    do_in_unit_of_work(lambda: service.void_voucher(found, by=person(by), at=on(24)))
    return found


def reopen(walk: Walk, *, by: str = "staff") -> object:
    do_in_unit_of_work(lambda: service.reopen_account(walk.proposal, by=person(by), at=on(26)))
    return walk.story().account


def withdraw(walk: Walk, *, by: str = "staff") -> Proposal:
    do_in_unit_of_work(lambda: service.withdraw_proposal(walk.proposal, by=person(by), at=on(14)))
    return walk.proposal


def amend(walk: Walk, payee: str = "另一家工程队", *, by: str = "staff", seen: str | None = None) -> Proposal:
    one = walk.proposal
    new = service.Wording(one.use_type, one.purpose, payee, one.amount_fen, one.detail)
    return do_in_unit_of_work(lambda: service.amend(one, new, seen=seen, by=person(by), at=on(16)))


def propose(walk: Walk, fen: int = 100_000, *, by: str = "staff") -> Proposal:
    return desk_propose(walk.desk, fen, purpose="另一件事", payee="另一家", by=person(by))


def asked(walk: Walk, place: str) -> object:
    return do_in_unit_of_work(lambda: service.consult(walk.proposal, place, by=person("staff"), at=on(2)))


def ended(walk: Walk, discussion: str) -> object:
    return do_in_unit_of_work(
        lambda: service.close_meeting(walk.meeting, discussion, by=person("staff"), at=on(12))
    )


def account(walk: Walk, **said: Any) -> object:
    """With the paper that it is about, where nobody noted it yet."""
    if not walk.story().vouchers and walk.proposal.payment is not None:
        walk.voucher()
    return walk.account(**said)


def vote(walk: Walk, *, by: str = "member1", seen: str | None = None) -> object:
    return walk.vote(by, seen=seen)


@dataclass(frozen=True)
class Row:
    """One step: when its turn is, and what is answered to whoever takes it otherwise."""

    turn: Stage
    take: Act
    early: tuple[Stage, str] | None
    """Where it stands before; None: nothing comes before it."""
    late: tuple[Stage, Act, str] | None
    """Where it stands after, another word, and its answer; None: there is no other word to say."""
    wrong: tuple[tuple[str, str], ...]
    stale: tuple[Stage, Act, str] | None = None
    """None: the step takes the mark of its page (`seen`), and an old one is `spending.stale`."""


STEPS: dict[str, Row] = {
    "propose": Row(
        Stage.APPRAISE,
        propose,
        None,
        (Stage.VOTE, lambda walk: propose(walk, 400_000), "fund.not_enough"),
        (("gate", ROLE), ("staff-b", ROLE)),
        stale=(Stage.APPRAISE, lambda walk: propose(walk, 400_000), "fund.not_enough"),
    ),
    "appraise": Row(
        Stage.APPRAISE,
        Walk.appraise,
        None,
        (Stage.CONSULTING, lambda walk: walk.appraise(people=1), OURS),
        (("gate", ROLE), ("staff-b", ROLE)),
    ),
    "consult": Row(
        Stage.CONSULT,
        Walk.consult,
        (Stage.APPRAISE, OURS),
        (Stage.CONSULTING, lambda walk: asked(walk, "西门"), OTHER),
        (("member1", ROLE), ("staff-b", ROLE)),
    ),
    "remark": Row(
        Stage.CONSULTING,
        remark,
        (Stage.CONSULT, "spending.not_asked"),
        (Stage.MEET, lambda walk: remark(walk, "晚了"), "spending.not_asked"),
        (("member1", ROLE), ("gate", ROLE)),
    ),
    "close": Row(
        Stage.ANSWER,
        Walk.close,
        (Stage.CONSULT, OURS),
        (Stage.MEET, lambda walk: walk.close("有人反对。"), OTHER),
        (("member1", ROLE), ("gate", ROLE)),
    ),
    "call": Row(
        Stage.MEET,
        Walk.call,
        (Stage.CONSULTING, OURS),
        (Stage.VOTE, lambda walk: walk.call(held=14), OURS),
        (("gate", ROLE), ("member1-b", ROLE)),
        stale=(Stage.CALLED, lambda walk: walk.call(held=14), OURS),
    ),
    "interest": Row(
        Stage.CALLED,
        interest,
        None,
        (Stage.APPLY, interest, "fund.decided"),
        (("staff", MEMBER), ("member1-b", MEMBER)),
        stale=(Stage.APPLY, interest, "fund.decided"),
    ),
    "open": Row(
        Stage.CALLED,
        Walk.open,
        (Stage.CALLED, "spending.too_early"),
        (Stage.APPLY, Walk.open, "spending.closed"),
        (("gate", ROLE), ("platform", ROLE)),
        stale=(Stage.APPLY, lambda walk: walk.open("member3"), "spending.closed"),
    ),
    "vote": Row(
        Stage.VOTE,
        vote,
        (Stage.CALLED, "spending.no_meeting"),
        (Stage.APPLY, lambda walk: walk.vote("member3"), "fund.decided"),
        (("staff", MEMBER), ("member1-b", MEMBER)),
    ),
    "end": Row(
        Stage.VOTE,
        Walk.end,
        None,
        (Stage.APPLY, lambda walk: ended(walk, "说了别的。"), OTHER),
        (("gate", ROLE), ("staff-b", ROLE)),
    ),
    "apply": Row(
        Stage.APPLY,
        Walk.apply,
        (Stage.VOTE, OURS),
        (Stage.WAIT, lambda walk: walk.apply(day=14), OTHER),
        (("member1", ROLE), ("staff-b", ROLE)),
    ),
    "answer": Row(
        Stage.WAIT,
        Walk.answer,
        (Stage.APPLY, OURS),
        (Stage.PAY, lambda walk: walk.answer(reason="改了"), OURS),
        (("gate", ROLE), ("viewer", ROLE)),
    ),
    "pay": Row(
        Stage.PAY,
        Walk.pay,
        (Stage.WAIT, "spending.not_applied"),
        (Stage.ACCOUNT, lambda walk: walk.pay(day=17), "fund.paid"),
        (("staff", "fund.second_person"), ("gate", ROLE)),
    ),
    "voucher": Row(
        Stage.ACCOUNT,
        Walk.voucher,
        (Stage.PAY, OURS),
        (Stage.CHECK, lambda walk: walk.voucher("0043", 1), OURS),
        (("member1", ROLE), ("gate", ROLE)),
    ),
    "void": Row(
        Stage.ACCOUNT,
        void,
        None,
        (Stage.CHECK, void, OURS),
        (("member1", ROLE), ("gate", ROLE)),
        stale=(Stage.CHECK, void, OURS),
    ),
    "account": Row(
        Stage.ACCOUNT,
        account,
        (Stage.PAY, OURS),
        (Stage.CHECK, lambda walk: walk.account(0), "spending.account_written"),
        (("gate", ROLE), ("staff-b", ROLE)),
    ),
    "reopen": Row(
        Stage.CHECK,
        reopen,
        None,
        (Stage.DONE, reopen, OURS),
        (("gate", ROLE), ("staff-b", ROLE)),
        stale=(Stage.DONE, reopen, OURS),
    ),
    "check": Row(
        Stage.CHECK,
        Walk.check,
        (Stage.ACCOUNT, OURS),
        None,
        (("staff", "fund.second_person"), ("gate", ROLE)),
    ),
    "amend": Row(
        Stage.APPLY,
        amend,
        None,
        (Stage.WAIT, amend, "spending.at_the_charity"),
        (("gate", ROLE), ("staff-b", ROLE)),
    ),
    "withdraw": Row(
        Stage.VOTE,
        withdraw,
        None,
        (Stage.WAIT, withdraw, "spending.at_the_charity"),
        (("gate", ROLE), ("staff-b", ROLE)),
        stale=(Stage.ACCOUNT, withdraw, "fund.decided"),
    ),
}
"""Every step, in the order of the way."""


def said() -> int:
    """How many lines the journal has."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(AuditRow)) or 0


EARLY = [(name, *row.early) for name, row in STEPS.items() if row.early is not None]
LATE = [(name, *row.late) for name, row in STEPS.items() if row.late is not None]
WRONG = [(name, login, code) for name, row in STEPS.items() for login, code in row.wrong]


@pytest.mark.parametrize(("step", "stands", "code"), EARLY)
def test_before_its_turn_it_is_refused(walk: Walk, step: str, stands: Stage, code: str) -> None:
    walk.until(stands)
    taken: dict[str, Act] = {"open": lambda one: one.open(day=11)}
    assert code_of(lambda: taken.get(step, STEPS[step].take)(walk)) == code


@pytest.mark.parametrize(("step", "stands", "otherwise", "code"), LATE)
def test_after_its_turn_another_word_is_refused_and_not_dropped(
    walk: Walk, step: str, stands: Stage, otherwise: Act, code: str
) -> None:
    walk.until(stands)
    assert code_of(lambda: otherwise(walk)) == code


@pytest.mark.parametrize(("step", "login", "code"), WRONG)
def test_by_the_wrong_person_it_is_refused(walk: Walk, step: str, login: str, code: str) -> None:
    walk.until(STEPS[step].turn)
    assert code_of(lambda: STEPS[step].take(walk, by=login)) == code


def test_a_supervisor_takes_no_step(walk: Walk) -> None:
    with unit_of_work():
        people.grant(make_user("watch", "监督员"), Role.SUPERVISOR, community=walk.desk.community, at=AT)
    walk.until(Stage.CALLED)
    assert code_of(lambda: walk.open("member1", "member2", "watch")) == "spending.not_members"
    for name, row in STEPS.items():
        if name not in ("void", "account"):
            assert code_of(lambda: row.take(walk, by="watch")) in (ROLE, MEMBER), name  # noqa: B023 - called at once


@pytest.mark.parametrize("step", [name for name in STEPS if name != "propose"])
def test_taken_twice_it_is_taken_once(walk: Walk, step: str) -> None:
    """Two proposals that are alike are two: what makes a form sent twice one is the form."""
    walk.until(STEPS[step].turn)
    first = STEPS[step].take(walk)
    lines = said()
    assert STEPS[step].take(walk) is first
    assert said() == lines


@pytest.mark.parametrize("step", STEPS)
def test_with_a_page_of_before_it_is_refused(walk: Walk, step: str) -> None:
    """Whoever opened the page before the last step was taken decides about something else."""
    stands, take, code = STEPS[step].stale or (STEPS[step].turn, with_old_page(step), STALE)
    walk.until(stands)
    assert code_of(lambda: take(walk)) == code


def with_old_page(step: str) -> Act:
    return lambda walk: STEPS[step].take(walk, seen=OLD)
