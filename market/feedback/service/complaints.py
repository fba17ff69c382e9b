"""Complaints: taken in without a name, acknowledged, answered in time or by the next rung, published."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit, clock
from market.calendar import service as calendar
from market.calendar.holidays import MarkKind, marks
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.profile import ComplaintRule
from market.communities.service import profile_of
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.feedback import rules
from market.feedback.marks import marks_of
from market.feedback.models import Complaint, ComplaintPhone, ComplaintStep, Praise, VendorSide
from market.feedback.rules import (
    LONGEST_ANSWER,
    LONGEST_TEXT,
    MOST_COMPLAINTS,
    About,
    Clock,
    Door,
    Fact,
    Outcome,
    Stage,
    Standing,
    Step,
)
from market.feedback.service.voices import CALLED_OFF, days_spoken_of
from market.people.models import User
from market.stalls import service as stalls
from market.typed_text import names_a_person
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import Conduct

DIGITS = 12
"""Of a receipt: written down by hand, and no use to whoever guesses, since it shows nobody's name."""
TEXT_KEPT = timedelta(days=365)
"""What was complained about is kept so long; that there was a complaint, and how it ended, stays."""
NEWEST = 20


@dataclass(frozen=True)
class ComplaintDraft:
    """What somebody complains about."""

    about: About
    text: str
    door: Door = Door.PAGE
    day: MarketDay | None = None
    vendor: Vendor | None = None
    phone: str = ""


@dataclass(frozen=True)
class Case:
    """A complaint with what happened to it, and where it stands."""

    complaint: Complaint
    steps: tuple[ComplaintStep, ...]
    standing: Standing

    @property
    def answers(self) -> list[ComplaintStep]:
        return [step for step in self.steps if step.step is Step.ANSWERED]

    @property
    def answer(self) -> ComplaintStep | None:
        return self.answers[-1] if self.answers else None

    @property
    def taken(self) -> bool:
        """Whether the street took it over."""
        return any(step.step is Step.TAKEN for step in self.steps)

    @property
    def public(self) -> bool:
        """Whether everybody may read how it ended."""
        return not self.standing.open and self.answer is not None and self.answer.public


def rule_of(community: Community) -> ComplaintRule:
    """What the region says of complaints."""
    return profile_of(community).complaints


def clock_of(community: Community) -> Clock:
    rule = rule_of(community)
    rungs = (rule.first_days, rule.second_days, rule.third_days)
    return Clock(rule.acknowledge_days, rungs, rule.working_days, rule.again_days)


def is_off(on: date) -> bool:
    """Whether nobody works on a date: weekends that are not worked, and days off that were announced."""
    kinds = {mark.kind for mark in marks(on)}
    if MarkKind.WORKDAY in kinds:
        return False
    return MarkKind.DAY_OFF in kinds or on.weekday() >= 5


# ── taking one in ─────────────────────────────────────────────────────────────────────────────────────────


def complain(
    community: Community,
    draft: ComplaintDraft,
    *,
    token: str = "",
    address: str = "",
    by: User | None = None,
    at: datetime,
) -> Complaint:
    """Somebody complains; `by` is who typed it for them. The same words again from the same phone on the same
    day are the same complaint.

    Refuses `feedback.no_text`, `feedback.long_text`, `feedback.names_a_person`, `feedback.not_there`,
    `feedback.not_yet`, and what nobody typed for them also `feedback.too_late` and `feedback.too_often`.
    """
    _refuse_draft(community, draft, at)
    if by is None and draft.day is not None:
        _refuse_late(draft.day, at)
    row = Complaint(
        community_id=community.id,
        day_id=draft.day.id if draft.day else None,
        vendor_id=draft.vendor.id if draft.vendor else None,
        about=draft.about,
        text=draft.text.strip(),
        door=draft.door,
        receipt=_new_receipt(),
        made_at=at,
        noted_by=by.id if by else None,
    )
    if by is None:
        lock_row(community)  # two presses at once are one
        known = _mark(community, row, token, address, at)
        if known is not None:
            return known
        race_point("feedback.complain")
    db.session.add(row)
    db.session.flush()
    if draft.phone:
        db.session.add(ComplaintPhone(complaint_id=row.id, number=draft.phone))
        db.session.flush()
    if by is not None:
        audit.record("feedback.complain", row, by=by, at=at, about=draft.about.value, door=draft.door.value)
    return row


def _refuse_draft(community: Community, draft: ComplaintDraft, at: datetime) -> None:
    if not draft.text.strip():
        raise Refusal("feedback.no_text", _("请写一两句，是什么事。"), 422)
    if len(draft.text) > LONGEST_TEXT:
        raise Refusal("feedback.long_text", _("请写短一点，最多 %(n)s 个字。", n=LONGEST_TEXT), 422)
    if names_a_person(draft.text):
        sentence = _("请不要在这里写手机号或身份证号；要回电，写到电话那一格。")
        raise Refusal("feedback.names_a_person", sentence, 422)
    if draft.day is not None:
        _refuse_early(draft.day, at)
    if draft.vendor is not None and (
        draft.day is None or stalls.assignment_of(draft.day, draft.vendor) is None
    ):
        raise Refusal("feedback.not_there", _("这一家那天没有摊位。"), 422)


def _refuse_early(day: MarketDay, at: datetime) -> None:
    if at < day.open_at or day.state in CALLED_OFF:
        raise Refusal("feedback.not_yet", _("这一场还没开市。开市以后再来说。"))


def _refuse_late(day: MarketDay, at: datetime) -> None:
    """The page ends some days after a market; whoever calls or comes later is heard all the same."""
    if not _in_window(day, at):
        window = rule_of(day.community).window_days
        sentence = _("这一场已经过了 %(n)s 天，网上不收了。请打社区电话。", n=window)
        raise Refusal("feedback.too_late", sentence)


def _in_window(day: MarketDay, at: datetime) -> bool:
    today = clock.local(at, day.community.zone).date()
    return rules.in_window(calendar.local_date(day), rule_of(day.community).window_days, today)


def days_to_complain_of(community: Community, at: datetime) -> list[MarketDay]:
    """The newest markets of which the page still takes complaints, the newest first."""
    return [day for day in days_spoken_of(community, at, past=3) if _in_window(day, at)]


def _mark(community: Community, row: Complaint, token: str, address: str, at: datetime) -> Complaint | None:
    """Marks a complaint with its phone; the one that this phone made already, with the same words."""
    today = clock.local(at, community.zone).date()
    row.phone, row.network = marks_of(community, today, token, address)
    mine = sa.select(Complaint).where(Complaint.community_id == community.id)
    same = mine.where(Complaint.phone == row.phone, Complaint.text == row.text)
    known = db.session.scalar(same.where(Complaint.vendor_id.is_not_distinct_from(row.vendor_id)))
    if known is not None:
        return known
    heard = mine.where(Complaint.network == row.network).subquery()
    if (db.session.scalar(sa.select(sa.func.count()).select_from(heard)) or 0) >= MOST_COMPLAINTS:
        sentence = _("今天从这个网络来的投诉太多了。请打社区电话，或到服务台说。")
        raise Refusal("feedback.too_often", sentence, 429)
    return None


def _new_receipt() -> str:
    return "".join(secrets.choice("0123456789") for _each in range(DIGITS))


# ── finding ───────────────────────────────────────────────────────────────────────────────────────────────


def find_complaint(community: Community, ref: str) -> Complaint:
    return _found(Complaint.ref == ref, community)


def find_by_receipt(community: Community, typed: str) -> Complaint:
    """By the number on the receipt, with or without spaces. Refuses `feedback.no_complaint`."""
    return _found(Complaint.receipt == "".join(typed.split()).replace("-", ""), community)


def _found(condition: sa.ColumnElement[bool], community: Community) -> Complaint:
    query = sa.select(Complaint).where(Complaint.community_id == community.id, condition)
    row = db.session.scalar(query)
    if row is None:
        raise NotFound("feedback.no_complaint", _("没有这个回执号。请看看是不是抄错了一位。"))
    return row


def case_of(complaint: Complaint, at: datetime) -> Case:
    """A complaint as it stands now."""
    return cases([complaint], at)[0]


def cases(rows: Iterable[Complaint], at: datetime) -> list[Case]:
    """The same for several, in their order."""
    found = list(rows)
    query = sa.select(ComplaintStep).where(ComplaintStep.complaint_id.in_([row.id for row in found]))
    steps: dict[int, list[ComplaintStep]] = defaultdict(list)
    for step in db.session.scalars(query.order_by(ComplaintStep.id)) if found else ():
        steps[step.complaint_id].append(step)
    return [Case(row, tuple(steps[row.id]), _standing(row, steps[row.id], at)) for row in found]


def _standing(row: Complaint, steps: Iterable[ComplaintStep], at: datetime) -> Standing:
    zone = row.community.zone
    facts = [Fact(step.step, clock.local(step.done_at, zone).date()) for step in steps]
    received, today = clock.local(row.made_at, zone).date(), clock.local(at, zone).date()
    return rules.standing(received, facts, clock_of(row.community), today, is_off)


def open_cases(community: Community, at: datetime) -> list[Case]:
    """Every complaint that waits for an answer, however old: what is due first stands first."""
    found = cases(db.session.scalars(_of(community, OPEN)), at)
    return sorted(found, key=lambda one: one.standing.due or date.max)


def answered_cases(community: Community, at: datetime, *, offset: int = 0, most: int = NEWEST) -> list[Case]:
    """Those that were answered, the newest first."""
    query = _of(community, ~OPEN).order_by(Complaint.id.desc())
    return cases(db.session.scalars(query.offset(offset).limit(most)), at)


def waiting(community: Community) -> int:
    """How many complaints wait for an answer."""
    return _count(_of(community, OPEN))


def answered(community: Community) -> int:
    """How many were answered."""
    return _count(_of(community, ~OPEN))


def public_cases(community: Community, at: datetime) -> list[Case]:
    """What everybody may read, the newest first."""
    query = _of(community, ~OPEN, ComplaintStep.public.is_(True)).order_by(Complaint.id.desc())
    return [case for case in cases(db.session.scalars(query.limit(NEWEST)), at) if case.public]


def beside_last_step(query: sa.Select[Complaint]) -> sa.Select[Complaint]:
    """Complaints, each beside the last thing that happened to it, if any."""
    last = sa.select(sa.func.max(ComplaintStep.id)).group_by(ComplaintStep.complaint_id)
    newest = sa.and_(ComplaintStep.complaint_id == Complaint.id, ComplaintStep.id.in_(last))
    return query.outerjoin(ComplaintStep, newest)


OPEN = sa.or_(ComplaintStep.id.is_(None), ComplaintStep.step != Step.ANSWERED)
"""Of complaints beside their last step: those that wait for an answer, as `Standing.open` says it."""


def _of(community: Community, *which: sa.ColumnElement[bool]) -> sa.Select[Complaint]:
    mine = sa.select(Complaint).where(Complaint.community_id == community.id, *which)
    return beside_last_step(mine).options(joinedload(Complaint.vendor), joinedload(Complaint.day))


def _count(query: sa.Select[Complaint]) -> int:
    return db.session.scalar(query.with_only_columns(sa.func.count(Complaint.id))) or 0


def complaints_about(vendor: Vendor, at: datetime, most: int | None = NEWEST) -> list[Case]:
    """What a vendor is asked about, the newest first; None: all of it."""
    query = sa.select(Complaint).where(Complaint.vendor_id == vendor.id)
    query = query.options(joinedload(Complaint.day)).order_by(Complaint.id.desc()).limit(most)
    return cases(db.session.scalars(query), at)


def phone_of_complaint(complaint: Complaint) -> str:
    """The number to call back on; empty when there is none, or no longer."""
    query = sa.select(ComplaintPhone.number).where(ComplaintPhone.complaint_id == complaint.id)
    return db.session.scalar(query) or ""


# ── what happens to one ───────────────────────────────────────────────────────────────────────────────────


def acknowledge(complaint: Complaint, *, by: User, at: datetime) -> None:
    """Somebody took it up; twice is once. Refuses `feedback.answered` and `feedback.street_answers`."""
    lock_row(complaint)
    case = case_of(complaint, at)
    _refuse_taken(case)
    if case.standing.stage is Stage.ACKNOWLEDGED:
        return
    if case.standing.stage is not Stage.RECEIVED:
        raise Refusal("feedback.answered", _("这一件已经答复过了。"))
    add_step(complaint, Step.ACKNOWLEDGED, by, at)
    audit.record("feedback.acknowledge", complaint, by=by, at=at)


def answer(
    complaint: Complaint, outcome: Outcome, sentence: str, *, public: bool, by: User, at: datetime
) -> ComplaintStep:
    """The community says what was found, unless the street took it over (`feedback.street_answers`)."""
    lock_row(complaint)
    _refuse_taken(case_of(complaint, at))
    return say_found(complaint, outcome, sentence, public=public, by=by, at=at)


def _refuse_taken(case: Case) -> None:
    if case.taken:
        raise Refusal("feedback.street_answers", _("街道接手了这一件，由街道答复。有情况请告诉街道。"))


def say_found(
    complaint: Complaint, outcome: Outcome, sentence: str, *, public: bool, by: User, at: datetime
) -> ComplaintStep:
    """What whoever has to answer found. Saying it again corrects what was said, until it is settled.

    A confirmed one costs the vendor a point of that market, as the published rule says; when it turns out
    otherwise, the point is given back. Refuses `feedback.no_sentence`, `feedback.names_a_person` and
    `feedback.settled`.
    """
    text = sentence.strip()
    if not text or len(text) > LONGEST_ANSWER:
        sentence_ = _("请写一句答复，最多 %(n)s 个字。", n=LONGEST_ANSWER)
        raise Refusal("feedback.no_sentence", sentence_, 422)
    if names_a_person(text):
        raise Refusal("feedback.names_a_person", _("请不要写手机号或身份证号。"), 422)
    case = case_of(complaint, at)
    if case.standing.stage is Stage.SETTLED:
        raise Refusal("feedback.settled", _("这一件已经办完了，不能再改。"))
    last = case.steps[-1] if case.steps else None
    same = last is not None and (last.outcome, last.sentence, last.public) == (outcome, text, public)
    if last is not None and same and last.step is Step.ANSWERED:
        return last
    step = add_step(complaint, Step.ANSWERED, by, at, outcome=outcome, sentence=text, public=public)
    audit.record("feedback.answer_complaint", complaint, by=by, at=at, outcome=outcome.value, public=public)
    _note_conduct(complaint, by=by, at=at)
    return step


def _note_conduct(complaint: Complaint, *, by: User, at: datetime) -> None:
    if complaint.day is None or complaint.vendor is None:
        return
    query = sa.select(Complaint).where(
        Complaint.day_id == complaint.day_id, Complaint.vendor_id == complaint.vendor_id
    )
    found = [case.answer for case in cases(db.session.scalars(query), at)]
    confirmed = any(one is not None and one.outcome is Outcome.CONFIRMED for one in found)
    note = vendors.note_conduct if confirmed else vendors.take_back_conduct
    note(complaint.vendor, complaint.day, Conduct.COMPLAINT, by=by, at=at)


def say_not_settled(complaint: Complaint, *, at: datetime) -> None:
    """Who holds the receipt says that nothing is settled: the next rung takes it up. Twice is once.

    Refuses `feedback.no_answer_yet` and `feedback.settled`.
    """
    lock_row(complaint)
    stage = case_of(complaint, at).standing.stage
    if stage is Stage.AGAIN:
        return
    if stage is Stage.SETTLED:
        raise Refusal("feedback.settled", _("这一件已经办完了。还有事，请再投诉一次，或打社区电话。"))
    if stage is not Stage.ANSWERED:
        raise Refusal("feedback.no_answer_yet", _("还没有答复，请再等一等。到期没答复，会自动转到上一级。"))
    add_step(complaint, Step.AGAIN, None, at)


def add_step(
    complaint: Complaint,
    step: Step,
    by: User | None,
    at: datetime,
    *,
    outcome: Outcome | None = None,
    sentence: str = "",
    public: bool = False,
) -> ComplaintStep:
    """Writes down that something happened to it."""
    row = ComplaintStep(
        complaint=complaint,
        step=step,
        outcome=outcome,
        sentence=sentence,
        public=public,
        done_at=at,
        done_by=by.id if by else None,
    )
    db.session.add(row)
    db.session.flush()
    return row


def tell_side(complaint: Complaint, vendor: Vendor, text: str, *, by: User, at: datetime) -> VendorSide:
    """The vendor says how it was. Refuses `feedback.no_complaint`, `feedback.no_text`, `feedback.settled`."""
    lock_row(complaint)
    if complaint.vendor_id != vendor.id:
        raise NotFound("feedback.no_complaint", _("没有这件事。"))
    if case_of(complaint, at).standing.stage is Stage.SETTLED:
        raise Refusal("feedback.settled", _("这一件已经办完了，不能再改。"))
    said = text.strip()
    if not said or len(said) > LONGEST_TEXT:
        raise Refusal("feedback.no_text", _("请写一两句，是什么事。"), 422)
    last = side_of(complaint)
    if last is not None and last.text == said:
        return last
    row = VendorSide(complaint=complaint, text=said, said_at=at, said_by=by.id)
    db.session.add(row)
    db.session.flush()
    audit.record("feedback.tell_side", complaint, by=by, at=at)
    return row


def side_of(complaint: Complaint) -> VendorSide | None:
    """What the vendor said last."""
    query = sa.select(VendorSide).where(VendorSide.complaint_id == complaint.id)
    return db.session.scalar(query.order_by(VendorSide.id.desc()).limit(1))


def sides_of(vendor: Vendor) -> list[VendorSide]:
    """Everything that a vendor said to complaints, the newest first."""
    query = sa.select(VendorSide).join(VendorSide.complaint).where(Complaint.vendor_id == vendor.id)
    return list(db.session.scalars(query.order_by(VendorSide.id.desc())))


# ── forgetting, and counting ──────────────────────────────────────────────────────────────────────────────


def forget_phone(complaint: Complaint, *, by: User, at: datetime) -> None:
    """Deletes the number at once, as somebody asked; twice is once."""
    if not phone_of_complaint(complaint):
        return
    db.session.execute(sa.delete(ComplaintPhone).where(ComplaintPhone.complaint_id == complaint.id))
    audit.record("feedback.forget_phone", complaint, by=by, at=at)


def forget_old(*, at: datetime) -> int:
    """Deletes numbers that nobody calls any more, and the words of old complaints; how many."""
    rows = list(
        db.session.scalars(
            sa.select(Complaint).where(Complaint.id.in_(sa.select(ComplaintPhone.complaint_id)))
        )
    )
    over = [case.complaint.id for case in cases(rows, at) if _phone_is_over(case, at)]
    if over:
        db.session.execute(sa.delete(ComplaintPhone).where(ComplaintPhone.complaint_id.in_(over)))
    old = sa.select(Complaint).where(Complaint.made_at < at - TEXT_KEPT, Complaint.text != "")
    texts = list(db.session.scalars(old.limit(500)))
    for row in texts:
        row.text = ""
    ids = [row.id for row in texts]
    if ids:
        db.session.execute(sa.delete(VendorSide).where(VendorSide.complaint_id.in_(ids)))
    db.session.flush()
    return len(over) + len(texts)


def _phone_is_over(case: Case, at: datetime) -> bool:
    days = timedelta(days=rule_of(case.complaint.community).keep_phone_days)
    last = case.answer.done_at if case.answer is not None and not case.standing.open else None
    return at > last + days if last is not None else at > case.complaint.made_at + TEXT_KEPT


def forget_texts(vendor: Vendor) -> None:
    """What was said about a vendor and by it, when the vendor is forgotten; that something was, stays."""
    for praise in db.session.scalars(sa.select(Praise).where(Praise.vendor_id == vendor.id)):
        praise.sentence = ""
    mine = sa.select(Complaint.id).where(Complaint.vendor_id == vendor.id)
    db.session.execute(sa.delete(VendorSide).where(VendorSide.complaint_id.in_(mine)))
    for row in db.session.scalars(sa.select(Complaint).where(Complaint.vendor_id == vendor.id)):
        row.text = ""
    db.session.flush()
