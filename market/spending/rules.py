"""How a use of the fund's money goes from a need to its vouchers, as facts say it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from market.communities.profile import SpendingRule
from market.fund.rules import ProposalState, same_name


class Step(StrEnum):
    """What may be asked of a proposal, beside the vote and the payment, which always are."""

    APPRAISAL = "appraisal"
    CONSULTATION = "consultation"
    MEETING = "meeting"
    APPLICATION = "application"
    ACCOUNTING = "accounting"


class Stage(StrEnum):
    """Where a proposal stands, said by what has to happen next."""

    APPRAISE = "appraise"
    CONSULT = "consult"
    CONSULTING = "consulting"
    ANSWER = "answer"
    MEET = "meet"
    """Nobody called a meeting about it yet."""
    CALLED = "called"
    """A meeting about it was called and has not begun."""
    VOTE = "vote"
    APPLY = "apply"
    WAIT = "wait"
    """The charity has the application."""
    RETURNED = "returned"
    PAY = "pay"
    ACCOUNT = "account"
    CHECK = "check"
    """The account is written, and waits for a second person."""
    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    AMENDED = "amended"


ENDED = frozenset({Stage.DONE, Stage.REJECTED, Stage.WITHDRAWN, Stage.AMENDED})


class Verdict(StrEnum):
    """What the charity said of an application."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"


class Way(StrEnum):
    """How a resident's remark came."""

    PAGE = "page"
    PAPER = "paper"


class PhotoKind(StrEnum):
    VOUCHER = "voucher"
    PLACE = "place"
    """What was done, without the faces of those who were helped."""


FULL = tuple(Step)

MOST_REMARKS = 3
"""From one network on one matter; whoever has more to say comes to the office."""
LONGEST_REMARK = 200


class Cost(NamedTuple):
    """One line of a budget."""

    what: str
    amount_fen: int


@dataclass(frozen=True)
class Facts:
    """What is known of a proposal when somebody asks how it stands."""

    state: ProposalState
    needs: frozenset[Step]
    amended: bool = False
    appraised: bool = False
    consulted_until: date | None = None
    """The last day on which residents may speak; None before anybody asked them."""
    answered: bool = False
    """The consultation was closed, with every remark answered."""
    called: bool = False
    in_session: bool = False
    verdict: Verdict | None = None
    """Of the newest application."""
    accounted: bool = False
    checked: bool = False


class AccountStanding(StrEnum):
    """How it stands with the account of a payment."""

    DUE = "due"
    LATE = "late"
    """Its day has passed, and it is not written."""
    IN_TIME = "in_time"
    WRITTEN_LATE = "written_late"


class AccountDue(NamedTuple):
    """The clock of a payment: vouchers and account are expected so many days after it."""

    due_on: date
    written_on: date | None
    today: date

    @property
    def days(self) -> int:
        """How many days are left, or with a minus how many it is late."""
        return (self.due_on - (self.written_on or self.today)).days

    @property
    def standing(self) -> AccountStanding:
        if self.written_on is not None:
            return AccountStanding.IN_TIME if self.days >= 0 else AccountStanding.WRITTEN_LATE
        return AccountStanding.DUE if self.days >= 0 else AccountStanding.LATE


def account_due(
    needs: frozenset[Step], paid_on: date | None, written_on: date | None, days: int, today: date
) -> AccountDue | None:
    """The clock; None where nothing is paid, or the way that was taken asks for no account."""
    if paid_on is None or Step.ACCOUNTING not in needs:
        return None
    return AccountDue(paid_on + timedelta(days=days), written_on, today)


def stage(facts: Facts, today: date) -> Stage:
    """What has to happen next, or how it ended."""
    if facts.amended:
        return Stage.AMENDED
    if facts.state is ProposalState.WITHDRAWN:
        return Stage.WITHDRAWN
    if facts.state is ProposalState.REJECTED:
        return Stage.REJECTED
    if facts.state is ProposalState.PROPOSED:
        return _before_the_vote(facts, today)
    return _after_payment(facts) if facts.state is ProposalState.PAID else _after_the_vote(facts)


def _before_the_vote(facts: Facts, today: date) -> Stage:
    if Step.APPRAISAL in facts.needs and not facts.appraised:
        return Stage.APPRAISE
    if Step.CONSULTATION in facts.needs and not facts.answered:
        if facts.consulted_until is None:
            return Stage.CONSULT
        return Stage.CONSULTING if today <= facts.consulted_until else Stage.ANSWER
    if Step.MEETING in facts.needs and not facts.in_session:
        return Stage.CALLED if facts.called else Stage.MEET
    return Stage.VOTE


def _after_the_vote(facts: Facts) -> Stage:
    if Step.APPLICATION not in facts.needs or facts.verdict is Verdict.APPROVED:
        return Stage.PAY
    if facts.verdict is None:
        return Stage.APPLY
    return Stage.WAIT if facts.verdict is Verdict.WAITING else Stage.RETURNED


def _after_payment(facts: Facts) -> Stage:
    if Step.ACCOUNTING not in facts.needs or facts.checked:
        return Stage.DONE
    return Stage.CHECK if facts.accounted else Stage.ACCOUNT


def needs_of(amount_fen: int, rule: SpendingRule, *, long_way: bool) -> tuple[Step, ...]:
    """What is asked of a use of this size."""
    if long_way or amount_fen > rule.simple_fen:
        return FULL
    asked = {
        Step.APPRAISAL: rule.simple_appraisal,
        Step.CONSULTATION: rule.simple_consultation,
        Step.MEETING: rule.simple_meeting,
        Step.APPLICATION: rule.simple_application,
        Step.ACCOUNTING: True,
    }
    return tuple(step for step, wanted in asked.items() if wanted)


class Use(NamedTuple):
    """A use of money that was proposed before."""

    ref: str
    purpose: str
    payee: str
    amount_fen: int


def pieces(new: Use, earlier: Iterable[Use], rule: SpendingRule) -> list[Use]:
    """Earlier uses with which this one would go round the long way, together too large for the short one."""
    alike = [one for one in earlier if _alike(new, one)]
    together = new.amount_fen + sum(one.amount_fen for one in alike)
    return alike if new.amount_fen <= rule.simple_fen < together else []


def _alike(one: Use, other: Use) -> bool:
    return same_name(one.payee, other.payee) or same_name(one.purpose, other.purpose)


def has_quorum(present: int, members: int, rule: SpendingRule) -> bool:
    """Whether so many may decide."""
    return members > 0 and present * 100 >= members * rule.quorum_percent


def least_present(members: int, rule: SpendingRule) -> int:
    """How many must be there."""
    return -(-members * rule.quorum_percent // 100)


def budget_fault(lines: Sequence[int], amount_fen: int) -> int:
    """By how much the lines miss the amount; 0 when they add up."""
    return sum(lines) - amount_fen
