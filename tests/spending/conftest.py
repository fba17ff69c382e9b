"""A fund with money, and shorthand for the whole way of a use of it, a day or more for each step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from market import clock
from market.db import db, do_in_unit_of_work
from market.fund.models import Payment, Proposal, Vote
from market.fund.rules import Choice, UseType
from market.photos import Photo
from market.spending import service
from market.spending.models import (
    Appraisal,
    CharityApplication,
    CommitteeMeeting,
    Consultation,
    FinalAccount,
    SpendingVoucher,
)
from market.spending.rules import Cost, Stage, Verdict
from market.spending.service import AccountDraft, AppraisalDraft, MeetingDraft, VoucherDraft
from tests.cast import person
from tests.fund.conftest import AT, Desk, desk as desk

FEN = 186_000
"""Above what may go the simple way."""
BEGUN = AT - timedelta(days=30)
MEMBERS = ("member1", "member2", "member3")


def on(day: int) -> datetime:
    """A moment so many days after the beginning."""
    return BEGUN + timedelta(days=day)


def date_of(day: int) -> date:
    return clock.local(on(day), "Asia/Shanghai").date()


APPRAISAL = AppraisalDraft(
    suitability="晚上看不清路，老人摔过跤，在基金用途里。",
    beneficiaries="小区北侧 4 栋楼的居民",
    people=320,
    starts_on=date_of(20),
    ends_on=date_of(26),
    executor="亮化工程队",
    budget=(Cost("灯头和线", 126_000), Cost("人工", 60_000)),
)


@dataclass
class Walk:
    """One proposal on its whole way; each step as whoever takes it."""

    desk: Desk
    proposal: Proposal

    def story(self, day: float = 29) -> service.Story:
        return service.story_of(self.proposal, at=on(int(day)))

    def stage(self, day: int) -> Stage:
        db.session.expire_all()
        return self.story(day).stage

    def appraise(
        self, *, by: str = "staff", day: int = 1, seen: str | None = None, **changes: Any
    ) -> Appraisal:
        draft = replace(APPRAISAL, **changes)
        return do_in_unit_of_work(
            lambda: service.appraise(self.proposal, draft, seen=seen, by=person(by), at=on(day))
        )

    def consult(self, *, by: str = "staff", day: int = 2, seen: str | None = None) -> Consultation:
        return do_in_unit_of_work(
            lambda: service.consult(self.proposal, "东门公告栏", seen=seen, by=person(by), at=on(day))
        )

    def close(
        self, outcome: str = "没有不同意见。", *, by: str = "staff", day: int = 10, seen: str | None = None
    ) -> Consultation:
        return do_in_unit_of_work(
            lambda: service.close_consultation(self.proposal, outcome, seen=seen, by=person(by), at=on(day))
        )

    def call(self, *, by: str = "staff", day: int = 11, held: int = 12) -> CommitteeMeeting:
        return do_in_unit_of_work(
            lambda: service.call_meeting(
                self.desk.fund,
                MeetingDraft(on(held), "二楼会议室", person("member1")),
                [self.proposal],
                by=person(by),
                at=on(day),
            )
        )

    @property
    def meeting(self) -> CommitteeMeeting:
        return service.meetings(self.desk.fund)[0]

    def open(self, *logins: str, by: str = "staff", day: int = 12) -> CommitteeMeeting:
        there = [person(login).id for login in logins or MEMBERS]
        return do_in_unit_of_work(
            lambda: service.open_meeting(self.meeting, there, by=person(by), at=on(day))
        )

    def vote(
        self, login: str, choice: Choice = Choice.YES, *, day: int = 12, seen: str | None = None
    ) -> Vote:
        return do_in_unit_of_work(
            lambda: service.vote(self.proposal, choice, seen=seen, by=person(login), at=on(day))
        )

    def end(self, *, by: str = "staff", day: int = 12, seen: str | None = None) -> CommitteeMeeting:
        return do_in_unit_of_work(
            lambda: service.close_meeting(
                self.meeting, "都说该修。", "列席，没有意见。", seen=seen, by=person(by), at=on(day)
            )
        )

    def apply(self, *, by: str = "staff", day: int = 13, seen: str | None = None) -> CharityApplication:
        return do_in_unit_of_work(
            lambda: service.apply(self.proposal, date_of(day), "纪要", seen=seen, by=person(by), at=on(day))
        )

    def answer(
        self,
        verdict: Verdict = Verdict.APPROVED,
        reason: str = "",
        *,
        by: str = "second",
        day: int = 16,
        seen: str | None = None,
    ) -> CharityApplication:
        return do_in_unit_of_work(
            lambda: service.note_answer(
                self.proposal, verdict, "批 1 号", date_of(day), reason, seen=seen, by=person(by), at=on(day)
            )
        )

    def pay(self, *, by: str = "second", day: int = 18, seen: str | None = None) -> Payment:
        return do_in_unit_of_work(
            lambda: service.record_payment(
                self.proposal, date_of(day), "FK-1", seen=seen, by=person(by), at=on(day)
            )
        )

    def voucher(
        self,
        number: str = "0042",
        fen: int = 180_000,
        *,
        by: str = "staff",
        day: int = 24,
        seen: str | None = None,
    ) -> SpendingVoucher:
        draft = VoucherDraft(number, "灯头、线、人工", fen, date_of(day))
        return do_in_unit_of_work(
            lambda: service.add_voucher(self.proposal, draft, seen=seen, by=person(by), at=on(day))
        )

    def account(
        self, returned_fen: int = 6_000, *, by: str = "staff", day: int = 26, seen: str | None = None
    ) -> FinalAccount:
        draft = AccountDraft(320, "六盏灯都亮了。", returned_fen, date_of(day), "退 1 号")
        return do_in_unit_of_work(
            lambda: service.write_account(self.proposal, draft, seen=seen, by=person(by), at=on(day))
        )

    def check(self, *, by: str = "second", day: int = 27, seen: str | None = None) -> FinalAccount:
        return do_in_unit_of_work(
            lambda: service.check_account(self.proposal, seen=seen, by=person(by), at=on(day))
        )

    def until(self, stage: Stage) -> Walk:
        """Takes every step up to where this one comes next."""
        steps = (
            (Stage.APPRAISE, lambda: None),
            (Stage.CONSULT, self.appraise),
            (Stage.CONSULTING, self.consult),
            (Stage.ANSWER, lambda: None),
            (Stage.MEET, self.close),
            (Stage.CALLED, self.call),
            (Stage.VOTE, self.open),
            (Stage.APPLY, self._decide),
            (Stage.WAIT, self.apply),
            (Stage.PAY, self.answer),
            (Stage.ACCOUNT, self.pay),
            (Stage.CHECK, self._account),
            (Stage.DONE, self.check),
        )
        for reached, step in steps:
            step()
            if reached is stage:
                return self
        raise AssertionError(stage)

    def _decide(self) -> None:
        self.vote("member1")
        self.vote("member2")
        self.end()

    def _account(self) -> None:
        self.voucher()
        self.account()


def begin(desk: Desk, fen: int = FEN, **facts: Any) -> Walk:
    """A proposal that has to go the long way."""
    return Walk(desk, desk_propose(desk, fen, **facts))


def desk_propose(desk: Desk, fen: int, **facts: Any) -> Proposal:
    known: dict[str, Any] = {
        "use_type": UseType.REPAIRS,
        "purpose": "北侧路灯维修",
        "payee": "示例亮化工程队",
        "detail": "北侧 6 盏路灯不亮。",
        "by": desk.clerk,
        "at": BEGUN,
        **facts,
    }
    return do_in_unit_of_work(lambda: service.propose(desk.fund, amount_fen=fen, **known))


@pytest.fixture
def walk(desk: Desk) -> Walk:
    desk.money(500_000)
    return begin(desk)


PHOTO = Photo(b"\xff\xd8\xff\xe0jpeg", 800, 600)
