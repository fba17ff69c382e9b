"""Residents are asked, speak, and are answered."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.clock import local
from market.db import db, lock_row, race_point
from market.demand.marks import network_mark, salt_for
from market.demand.rules import week_of
from market.errors import NotFound, Refusal
from market.fund.models import Proposal
from market.ledger.rules import check_text
from market.people.models import User
from market.spending.models import Consultation, ResidentRemark
from market.spending.rules import LONGEST_REMARK, MOST_REMARKS, Stage, Way
from market.spending.service.cases import (
    WORKERS,
    locked,
    require_role,
    require_same,
    require_seen,
    require_stage,
    require_text,
    rule_of,
    story_of,
)
from market.typed_text import names_a_person, one_line

LONGEST_ANSWER, LONGEST_PLACE = 300, 120


def consult(
    proposal: Proposal, place: str, *, seen: str | None = None, by: User, at: datetime
) -> Consultation:
    """Asks the residents, for as many whole days as the city profile says; once."""
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, WORKERS)
    if story.consultation is not None:
        require_same(story.consultation, place=place.strip())
        return story.consultation
    require_seen(story, seen)
    require_stage(story, Stage.CONSULT)
    require_text(proposal)
    if check_text(place, LONGEST_PLACE) is not None:
        raise Refusal("fund.unfit_text", _("请写公告贴在哪里。"), 422)
    race_point("spending.consult")
    row = Consultation(
        proposal=proposal,
        text_hash=proposal.text_hash,
        ends_on=story.today + timedelta(days=rule_of(proposal.fund).consult_days),
        place=place.strip(),
        opened_by=by.id,
        opened_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("spending.consult", proposal, by=by, at=at, community=proposal.fund.community)
    return row


def say(proposal: Proposal, words: str, *, address: str, at: datetime) -> ResidentRemark:
    """A resident says something on the page, without signing in. The same again from there is once.

    No line of the journal: nobody acted who has a name. Bounded as wishes are, by the network of this week.
    """
    consultation = _open_consultation(proposal, at)
    text = _fit(words)
    week = week_of(local(at, proposal.fund.community.zone).date())
    network = network_mark(proposal.fund.community, week, address, salt_for(week))
    spoken = [one for one in consultation.remarks if one.network == network]
    known = next((one for one in spoken if one.words == text), None)
    if known is not None:
        return known
    if len(spoken) >= MOST_REMARKS:
        sentence = _("这个网络已经提了几条，先不记了。还想说，请打社区电话，或到居委会说一声。")
        raise Refusal("spending.too_often", sentence, 429)
    return _add_remark(consultation, text, Way.PAGE, network, None, at)


def type_remark(
    proposal: Proposal, words: str, *, seen: str | None = None, by: User, at: datetime
) -> ResidentRemark:
    """Staff type what somebody wrote on paper or said to them."""
    require_role(proposal.fund, by, WORKERS)
    lock_row(proposal)
    require_seen(story_of(proposal, at=at), seen)
    consultation = _open_consultation(proposal, at, late=True)
    text = _fit(words)
    known = next((one for one in consultation.remarks if one.words == text and one.way is Way.PAPER), None)
    if known is not None:
        return known
    row = _add_remark(consultation, text, Way.PAPER, "", by, at)
    audit.record("spending.type_remark", proposal, by=by, at=at, community=proposal.fund.community)
    return row


def _open_consultation(proposal: Proposal, at: datetime, *, late: bool = False) -> Consultation:
    """Paper may be typed until the consultation is closed; the page ends with its last day."""
    lock_row(proposal)
    story = story_of(proposal, at=at)
    stages = (Stage.CONSULTING, Stage.ANSWER) if late else (Stage.CONSULTING,)
    if story.consultation is None or story.stage not in stages:
        raise Refusal("spending.not_asked", _("现在不在征求意见的日子里。有话请打社区电话。"))
    return story.consultation


def _fit(words: str) -> str:
    text = one_line(words)
    if not text:
        raise Refusal("spending.no_words", _("请写一句您的意见。"), 422)
    if names_a_person(text):
        raise Refusal("spending.names_a_person", _("请只写意见，不要写手机号或身份证号。"), 422)
    if len(text) > LONGEST_REMARK:
        raise Refusal("spending.long_words", _("请写短一点，最多 %(n)s 个字。", n=LONGEST_REMARK), 422)
    return text


def _add_remark(
    consultation: Consultation, text: str, way: Way, network: str, by: User | None, at: datetime
) -> ResidentRemark:
    race_point("spending.say")
    row = ResidentRemark(
        consultation=consultation,
        words=text,
        way=way,
        network=network,
        said_at=at,
        noted_by=by.id if by is not None else None,
    )
    db.session.add(row)
    db.session.flush()
    return row


def answer_remark(
    remark: ResidentRemark,
    answer: str,
    *,
    hidden: bool = False,
    seen: str | None = None,
    by: User,
    at: datetime,
) -> ResidentRemark:
    """The community answers what somebody said; from then on everybody reads both.

    Another answer is refused (`spending.answered`).
    """
    proposal = remark.consultation.proposal
    lock_row(proposal)
    lock_row(remark)
    require_role(proposal.fund, by, WORKERS)
    text = answer.strip()
    if remark.answered_at is not None:
        if (remark.answer, remark.hidden) != (text, hidden):
            raise Refusal("spending.answered", _("这条意见已经答复了，不能再改。"))
        return remark
    story = story_of(proposal, at=at)
    require_seen(story, seen)
    require_stage(story, Stage.CONSULTING, Stage.ANSWER)
    if check_text(text.replace("\n", " "), LONGEST_ANSWER) is not None:
        raise Refusal("fund.unfit_text", _("请写一句答复；会公开，请不要写手机号或身份证号。"), 422)
    remark.answer, remark.hidden = text, hidden
    remark.answered_by, remark.answered_at = by.id, at
    db.session.flush()
    audit.record("spending.answer_remark", proposal, by=by, at=at, community=proposal.fund.community)
    return remark


def close_consultation(
    proposal: Proposal, outcome: str, *, seen: str | None = None, by: User, at: datetime
) -> Consultation:
    """After the last day, when every remark has its answer; once."""
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, WORKERS)
    consultation = story.consultation
    if consultation is not None and consultation.closed_at is not None:
        require_same(consultation, outcome=outcome.strip())
        return consultation
    require_seen(story, seen)
    if consultation is not None and story.stage is Stage.CONSULTING:
        raise Refusal("spending.still_asking", _("公告期还没有过，居民还可以提意见。"))
    require_stage(story, Stage.ANSWER)
    if consultation is None:
        raise AssertionError("a consultation to close")
    left = db.session.scalar(
        sa.select(sa.func.count()).where(
            ResidentRemark.consultation_id == consultation.id, ResidentRemark.answered_at.is_(None)
        )
    )
    if left:
        raise Refusal("spending.unanswered", _("还有 %(n)s 条意见没有答复。", n=left))
    if check_text(outcome.replace("\n", " "), LONGEST_ANSWER) is not None:
        raise Refusal("fund.unfit_text", _("请写一句征求意见的结果；会公开。"), 422)
    race_point("spending.close_consultation")
    consultation.outcome = outcome.strip()
    consultation.closed_by, consultation.closed_at = by.id, at
    db.session.flush()
    audit.record("spending.close_consultation", proposal, by=by, at=at, community=proposal.fund.community)
    return consultation


def find_remark(proposal: Proposal, ref: str) -> ResidentRemark:
    """What a resident said about this proposal."""
    query = (
        sa.select(ResidentRemark)
        .join(Consultation)
        .where(Consultation.proposal_id == proposal.id, ResidentRemark.ref == ref)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("spending.no_remark", _("没有这条意见。"))
    return found
