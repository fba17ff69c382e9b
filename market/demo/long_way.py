"""The whole way of a use of money in the demo: each step on its day, by whoever takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from market.demo.cast import morning
from market.demo.year import Act
from market.fund.models import Fund, Proposal
from market.fund.rules import Choice, UseType
from market.people.models import User
from market.photos import Photo
from market.spending import service as spending
from market.spending.models import CommitteeMeeting
from market.spending.rules import Cost, PhotoKind, Verdict
from market.spending.service import AccountDraft, AppraisalDraft, MeetingDraft, Need, VoucherDraft

PROPOSED, APPRAISED, ASKED, ANSWERED, CALLED = 16, 15, 14, 6, 4
"""Days before the meeting."""
APPLIED, APPROVED = 1, 5
"""Days after it."""
VOUCHERS, ACCOUNTED, CHECKED = 12, 13, 15
"""Days after the payment."""


@dataclass(frozen=True)
class Plan:
    """What somebody wants to do, what it costs, and how it went."""

    use_type: UseType
    purpose: str
    payee: str
    detail: str
    origin: str
    suitability: str
    beneficiaries: str
    people: int
    budget: tuple[tuple[str, int], ...]
    """What, and how many yuan."""
    votes: tuple[Choice, ...]
    """In the order of the members, until it is decided."""
    remarks: tuple[tuple[str, str], ...] = ()
    """What residents wrote, and what they were answered."""
    discussion: str = "看了明细和公告期的意见，逐项议过。"
    outcome: str = ""

    @property
    def amount_fen(self) -> int:
        return sum(yuan * 100 for _what, yuan in self.budget)


SAID = {Choice.NO: "再找一家比比价。", Choice.RECUSE: "收款方是我家亲戚，我回避。"}


@dataclass
class LongWay:
    """One plan on its way; `clerk` writes, `lead` proposes, the members meet."""

    fund: Fund
    lead: User
    clerk: User
    members: tuple[User, ...]
    plan: Plan
    met_on: date
    photos: Mapping[PhotoKind, Photo] = field(default_factory=dict)
    """Of the first voucher, and of what was done."""
    found: list[Proposal] = field(default_factory=list)
    meeting: list[CommitteeMeeting] = field(default_factory=list)

    @property
    def proposal(self) -> Proposal:
        return self.found[0]

    def until_paid(self, paid_on: date, reference: str) -> Iterator[Act]:
        """Every step up to the checked account."""
        yield from self.until_voted()
        yield self._at(0, 12), self._close_meeting
        yield self._at(APPLIED, 10), self._apply
        yield self._at(APPROVED, 15), self._approved
        yield morning(paid_on, 10), partial(self._pay, paid_on, reference)
        yield morning(paid_on + timedelta(days=VOUCHERS), 10), partial(self._vouchers, paid_on)
        yield morning(paid_on + timedelta(days=ACCOUNTED), 10), self._account
        yield morning(paid_on + timedelta(days=CHECKED), 10), self._check

    def until_voted(self) -> Iterator[Act]:
        """Up to the votes that the plan names; the meeting is still in session."""
        yield from self.until_asked()
        yield self._at(-ANSWERED, 10), self._close_consultation
        yield self._at(-CALLED, 10), self._call
        yield self._at(0, 8), self._open
        for number, choice in enumerate(self.plan.votes):
            yield self._at(0, 9 + number), partial(self._vote, number, choice)

    def until_asked(self) -> Iterator[Act]:
        """Up to what residents have said so far."""
        yield self._at(-PROPOSED, 16), self._propose
        yield self._at(-APPRAISED, 10), self._appraise
        yield self._at(-ASKED, 9), self._consult
        for number, (words, answer) in enumerate(self.plan.remarks):
            yield self._at(number + 1 - ASKED, 17), partial(self._remark, words, answer)

    def _at(self, days: int, hour: int) -> datetime:
        return morning(self.met_on + timedelta(days=days), hour)

    def _propose(self, at: datetime) -> None:
        plan = self.plan
        self.found[:] = [
            spending.propose(
                self.fund, plan.use_type, plan.purpose, payee=plan.payee, amount_fen=plan.amount_fen,
                detail=plan.detail, need=Need(origin=plan.origin), long_way=True, by=self.lead, at=at,
            )
        ]  # fmt: skip

    def _appraise(self, at: datetime) -> None:
        plan, first = self.plan, self.met_on + timedelta(days=14)
        draft = AppraisalDraft(
            suitability=plan.suitability,
            beneficiaries=plan.beneficiaries,
            people=plan.people,
            starts_on=first,
            ends_on=first + timedelta(days=20),
            executor=plan.payee,
            budget=tuple(Cost(what, yuan * 100) for what, yuan in plan.budget),
        )
        spending.appraise(self.proposal, draft, by=self.clerk, at=at)

    def _consult(self, at: datetime) -> None:
        spending.consult(self.proposal, "服务中心门口公告栏", by=self.clerk, at=at)

    def _remark(self, words: str, answer: str, at: datetime) -> None:
        said = spending.type_remark(self.proposal, words, by=self.clerk, at=at)
        if answer:
            spending.answer_remark(said, answer, by=self.clerk, at=at + timedelta(minutes=20))

    def _close_consultation(self, at: datetime) -> None:
        outcome = "没有不同意见。" if not self.plan.remarks else "意见都答复了，没有人反对。"
        spending.close_consultation(self.proposal, outcome, by=self.clerk, at=at)

    def _call(self, at: datetime) -> None:
        draft = MeetingDraft(self._at(0, 8), "服务中心二楼会议室", self.members[0])
        self.meeting[:] = [spending.call_meeting(self.fund, draft, [self.proposal], by=self.clerk, at=at)]

    def _open(self, at: datetime) -> None:
        there = [member.id for member in self.members]
        spending.open_meeting(self.meeting[0], there, by=self.clerk, at=at)

    def _vote(self, number: int, choice: Choice, at: datetime) -> None:
        remark = SAID.get(choice, "")
        spending.vote(self.proposal, choice, by=self.members[number], at=at, remark=remark)

    def _close_meeting(self, at: datetime) -> None:
        spending.close_meeting(self.meeting[0], self.plan.discussion, by=self.clerk, at=at)

    def _apply(self, at: datetime) -> None:
        spending.apply(self.proposal, at.date(), "会议纪要、明细", by=self.clerk, at=at)

    def _approved(self, at: datetime) -> None:
        number = f"示慈批〔{at.year}〕{at:%m%d} 号"
        spending.note_answer(self.proposal, Verdict.APPROVED, number, at.date(), by=self.clerk, at=at)

    def _pay(self, paid_on: date, reference: str, at: datetime) -> None:
        spending.record_payment(self.proposal, paid_on, reference, by=self.clerk, at=at)

    def _vouchers(self, paid_on: date, at: datetime) -> None:
        for number, (what, yuan) in enumerate(self.plan.budget, 1):
            draft = VoucherDraft(
                f"{paid_on:%y%m%d}{number:02d}", what, yuan * 100, paid_on + timedelta(days=10)
            )
            voucher = spending.add_voucher(self.proposal, draft, by=self.clerk, at=at)
            for kind, photo in self.photos.items() if number == 1 else ():
                spending.add_photo(voucher, photo, kind, by=self.clerk, at=at)

    def _account(self, at: datetime) -> None:
        draft = AccountDraft(self.plan.people, self.plan.outcome)
        spending.write_account(self.proposal, draft, by=self.clerk, at=at)

    def _check(self, at: datetime) -> None:
        spending.check_account(self.proposal, by=self.lead, at=at)
