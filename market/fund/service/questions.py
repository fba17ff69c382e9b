"""Questions about a line of the book or a notice: asked by anybody, answered in public."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.clock import local
from market.db import db, lock_row, race_point
from market.demand.marks import network_mark, phone_mark, salt_for
from market.demand.rules import week_of
from market.errors import NotFound, Refusal
from market.fund.models import Fund
from market.fund.published import public_book
from market.fund.question_rows import FundQuestion
from market.fund.service.funds import refuse_onlooker
from market.fund.service.quarter_notices import find_published
from market.ledger import service as ledger
from market.ledger.rules import check_text
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.typed_text import one_line

MAX_QUESTION = 200
MAX_ANSWER = 400
MOST_OF_PHONE = 3
MOST_OF_NETWORK = 20
"""So many questions of one phone, and of one network, are taken in a week."""


def ask(fund: Fund, about: str, text: str, *, token: str, address: str, at: datetime) -> FundQuestion:
    """A resident asks, without a name. The same question of the same phone in a week is one.

    No line of the journal: nobody acted who has a name, and a machine could fill it. Refuses
    `fund.unfit_question`, `fund.asked_too_often`, and what is not public.
    """
    question = _checked(fund, about, text)
    week = week_of(local(at, fund.community.zone).date())
    salt = salt_for(week)
    phone = phone_mark(fund.community, week, token, salt)
    network = network_mark(fund.community, week, address, salt)
    lock_row(fund)
    here = sa.select(FundQuestion).where(FundQuestion.fund_id == fund.id, FundQuestion.week == week)
    same = here.where(FundQuestion.phone == phone, FundQuestion.about == about, FundQuestion.text == question)
    known = db.session.scalar(same)
    if known is not None:
        return known
    _refuse_too_many(here, phone, network)
    race_point("fund.ask")
    found = FundQuestion(
        fund=fund, about=about, text=question, asked_at=at, week=week, phone=phone, network=network
    )
    db.session.add(found)
    db.session.flush()
    return found


def _refuse_too_many(here: sa.Select[Any], phone: str, network: str) -> None:
    for column, mark, most in (
        (FundQuestion.phone, phone, MOST_OF_PHONE),
        (FundQuestion.network, network, MOST_OF_NETWORK),
    ):
        counted = sa.select(sa.func.count()).select_from(here.where(column == mark).subquery())
        if (db.session.scalar(counted) or 0) >= most:
            sentence = _("这一周问得够多了，先答完再问。着急的事，请打监督电话。")
            raise Refusal("fund.asked_too_often", sentence, 429)


def _checked(fund: Fund, about: str, text: str) -> str:
    """The question on one line, about something that everybody can see."""
    subject_of(fund, about)
    question = one_line(text)
    if check_text(question or "", MAX_QUESTION) is not None:
        sentence = _("请用一两句话问清楚，最多 200 个字；会公开，请不要写手机号、身份证号。")
        raise Refusal("fund.unfit_question", sentence, 422)
    return question


def subject_of(fund: Fund, about: str) -> tuple[str, str]:
    """(kind, ref) of what a question is about: an entry that is shown, or a published notice."""
    kind, _colon, ref = about.partition(":")
    if kind == "entry":
        entry = ledger.entry_of(fund.book, ref)
        if entry.id not in public_book(fund.community).hidden:
            return kind, ref
    elif kind == "notice":
        return kind, find_published(fund, ref).ref
    raise NotFound("fund.no_subject", _("没有这笔账，或者它不单独公布。"))


def ask_as_supervisor(fund: Fund, about: str, text: str, *, by: User, at: datetime) -> FundQuestion:
    """The supervisor asks, by name and in public at once. The same question again is the same."""
    if by.id not in {one.id for one in people.members(fund.community, Role.SUPERVISOR)}:
        raise Refusal("fund.no_supervisor", _("只有监督员从这里问。居民在公示页上问。"), 403)
    question = _checked(fund, about, text)
    lock_row(fund)
    same = sa.select(FundQuestion).where(
        FundQuestion.fund_id == fund.id,
        FundQuestion.about == about,
        FundQuestion.text == question,
        FundQuestion.asked_by == by.id,
    )
    known = db.session.scalar(same)
    if known is not None:
        return known
    race_point("fund.ask")
    week = week_of(local(at, fund.community.zone).date())
    found = FundQuestion(fund=fund, about=about, text=question, asked_at=at, week=week, asked_by=by.id)
    db.session.add(found)
    db.session.flush()
    audit.record("fund.ask_as_supervisor", found, by=by, at=at, community=fund.community)
    return found


def answer(question: FundQuestion, text: str, *, by: User, at: datetime) -> FundQuestion:
    """Staff or a member answers, for everybody to read. The same again is the same; another answer is refused
    (`fund.answered`), because the first was read already."""
    fund, said = question.fund, one_line(text)
    refuse_onlooker(fund, by)
    if check_text(said or "", MAX_ANSWER) is not None:
        sentence = _("请把话写清楚，最多 400 个字；会公开，请不要写手机号、身份证号。")
        raise Refusal("fund.unfit_answer", sentence, 422)
    lock_row(fund)
    db.session.refresh(question)
    if question.answer == said:
        return question
    if not question.is_open:
        raise Refusal("fund.answered", _("这个问题已经有人答了，或者放到一边了。"))
    race_point("fund.answer")
    question.answer, question.answered_by, question.answered_at = said, by.id, at
    db.session.flush()
    audit.record("fund.answer", question, by=by, at=at, community=fund.community)
    return question


def put_aside(question: FundQuestion, *, by: User, at: datetime) -> None:
    """It is abuse or somebody's private matter: it is not published, and counted. A supervisor's stays."""
    fund = question.fund
    refuse_onlooker(fund, by)
    lock_row(fund)
    db.session.refresh(question)
    if question.put_aside_at is not None:
        return
    if question.asked_by is not None:
        raise Refusal("fund.supervisors_question", _("监督员问的，不能放到一边，请回答。"))
    if question.is_answered:
        raise Refusal("fund.answered", _("这个问题已经有人答了，或者放到一边了。"))
    question.put_aside_by, question.put_aside_at = by.id, at
    db.session.flush()
    audit.record("fund.put_aside", question, by=by, at=at, community=fund.community)


def find_question(fund: Fund, ref: str) -> FundQuestion:
    """A question of this fund."""
    query = sa.select(FundQuestion).where(FundQuestion.fund_id == fund.id, FundQuestion.ref == ref)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("fund.no_question", _("没有这个问题。"))
    return found


def public_questions(fund: Fund, about: str | None = None) -> list[FundQuestion]:
    """What everybody reads, the newest first: answered ones, and the supervisor's."""
    return [one for one in _questions(fund, about) if one.can_be_seen() and one.put_aside_at is None]


def open_questions(fund: Fund) -> list[FundQuestion]:
    """What waits for an answer, the oldest first."""
    return [one for one in reversed(_questions(fund, None)) if one.is_open]


def put_aside_count(fund: Fund) -> int:
    """How many were put aside."""
    query = sa.select(sa.func.count()).select_from(FundQuestion)
    query = query.where(FundQuestion.fund_id == fund.id, FundQuestion.put_aside_at.is_not(None))
    return db.session.scalar(query) or 0


def _questions(fund: Fund, about: str | None) -> list[FundQuestion]:
    query = sa.select(FundQuestion).where(FundQuestion.fund_id == fund.id)
    if about is not None:
        query = query.where(FundQuestion.about == about)
    joined = query.options(joinedload(FundQuestion.asker), joinedload(FundQuestion.answerer))
    return list(db.session.scalars(joined.order_by(FundQuestion.id.desc())))
