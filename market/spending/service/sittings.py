"""The committee comes together: called, begun with enough members, closed with its minutes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from market import audit
from market.clock import local
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.fund.models import Fund, Proposal
from market.ledger.rules import check_text
from market.people.models import User
from market.spending.models import AgendaItem, Attendance, CommitteeMeeting
from market.spending.rules import Stage, has_quorum, least_present
from market.spending.service.cases import (
    EVERYBODY,
    locked,
    members_here,
    require_role,
    require_same,
    require_stage,
    rule_of,
    stale,
)

LONGEST_PLACE, LONGEST_DISCUSSION, LONGEST_SUPERVISION = 60, 500, 300


@dataclass(frozen=True)
class MeetingDraft:
    held_at: datetime
    place: str
    chair: User


def call_meeting(
    fund: Fund, draft: MeetingDraft, agenda: Sequence[Proposal], *, by: User, at: datetime
) -> CommitteeMeeting:
    """Calls the committee together about proposals that are ready for it. The same again is once, and so is
    a proposal that is named twice.
    """
    lock_row(fund)
    require_role(fund, by, EVERYBODY)
    known = _same(fund, draft, agenda)
    if known is not None:
        return known
    _check(fund, draft, at)
    if not agenda:
        raise Refusal("spending.no_agenda", _("请至少选一项要议的提议。"), 422)
    for proposal in agenda:
        require_stage(locked(proposal, at=at), Stage.MEET)
    race_point("spending.call_meeting")
    meeting = CommitteeMeeting(
        fund=fund,
        held_at=draft.held_at,
        place=draft.place.strip(),
        chair=draft.chair,
        called_by=by.id,
        called_at=at,
        items=[AgendaItem(proposal=proposal) for proposal in dict.fromkeys(agenda)],
    )
    db.session.add(meeting)
    db.session.flush()
    audit.record("spending.call_meeting", meeting, by=by, at=at, community=fund.community)
    return meeting


def _same(fund: Fund, draft: MeetingDraft, agenda: Sequence[Proposal]) -> CommitteeMeeting | None:
    wanted = {proposal.id for proposal in agenda}
    return next(
        (
            one
            for one in meetings(fund)
            if one.closed_at is None
            and (one.held_at, one.place, one.chair_id) == (draft.held_at, draft.place.strip(), draft.chair.id)
            and {item.proposal_id for item in one.items} == wanted
        ),
        None,
    )


def _check(fund: Fund, draft: MeetingDraft, at: datetime) -> None:
    if check_text(draft.place, LONGEST_PLACE) is not None:
        raise Refusal("fund.unfit_text", _("请写在哪里开会。"), 422)
    if draft.chair.id not in members_here(fund):
        raise Refusal("spending.chair", _("主持人要是管委会委员。"), 422)
    zone = fund.community.zone
    if local(draft.held_at, zone).date() < local(at, zone).date():
        raise Refusal("spending.past", _("开会的日子已经过了，请看看是不是选错了。"), 422)


def open_meeting(
    meeting: CommitteeMeeting, present: Collection[int], *, by: User, at: datetime
) -> CommitteeMeeting:
    """Notes who is there and begins; refused (`spending.no_quorum`) when they are too few.

    Called again it adds who came late; nobody who was noted is struck off.
    """
    lock_row(meeting)
    require_role(meeting.fund, by, EVERYBODY)
    if meeting.closed_at is not None:
        raise Refusal("spending.closed", _("这次会已经散了。"))
    zone = meeting.fund.community.zone
    if local(at, zone).date() < local(meeting.held_at, zone).date():
        raise Refusal("spending.too_early", _("还没到开会的日子，不能点名。"))
    members = members_here(meeting.fund)
    known = {one.user_id for one in meeting.present}
    there = known | {*present}
    if there - known - members.keys():
        raise Refusal("spending.not_members", _("点名的人里有不是委员的，请看看。"), 422)
    rule = rule_of(meeting.fund)
    if not has_quorum(len(there & members.keys()), len(members), rule):
        least = least_present(len(members), rule)
        sentence = _(
            "到的人不够：应到 %(all)s 人，至少要到 %(least)s 人，这次不能表决。",
            all=len(members),
            least=least,
        )
        raise Refusal("spending.no_quorum", sentence)
    if meeting.opened_at is not None and there == known:
        return meeting
    race_point("spending.open_meeting")
    meeting.present += [Attendance(user=members[one]) for one in sorted(there - known)]
    if meeting.opened_at is None:
        meeting.opened_by, meeting.opened_at = by.id, at
    meeting.expected = max(meeting.expected, len(members))  # somebody may become a member during it
    db.session.flush()
    audit.record("spending.open_meeting", meeting, by=by, at=at, community=meeting.fund.community)
    return meeting


def meeting_mark(meeting: CommitteeMeeting) -> str:
    """Of what a page of a meeting showed: other when somebody came or voted since."""
    votes = sorted((item.proposal_id, len(item.proposal.votes)) for item in meeting.items)
    states = sorted((item.proposal_id, item.proposal.state.value) for item in meeting.items)
    there = sorted(one.user_id for one in meeting.present)
    parts = (meeting.closed_at is not None, there, votes, states)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def close_meeting(
    meeting: CommitteeMeeting,
    discussion: str,
    supervision: str = "",
    *,
    seen: str | None = None,
    by: User,
    at: datetime,
) -> CommitteeMeeting:
    """Writes what was said and ends the meeting; what is not decided by then needs another one. The
    same again is once.

    Refuses `spending.stale` who did not see the last vote, `spending.done_otherwise` other minutes after
    the first.
    """
    lock_row(meeting)
    require_role(meeting.fund, by, EVERYBODY)
    said = (discussion.strip(), supervision.strip())
    if meeting.closed_at is not None:
        require_same(meeting, discussion=said[0], supervision=said[1])
        return meeting
    for text, limit in ((discussion, LONGEST_DISCUSSION), (supervision or "-", LONGEST_SUPERVISION)):
        if check_text(text.replace("\n", " "), limit) is not None:
            raise Refusal("fund.unfit_text", _("请写讨论要点；会公开，请不要写手机号或身份证号。"), 422)
    for item in meeting.items:  # nobody's vote falls between the count and the end
        lock_row(item.proposal)
    if seen is not None and seen != meeting_mark(meeting):
        raise stale()
    race_point("spending.close_meeting")
    meeting.discussion, meeting.supervision = said
    meeting.closed_by, meeting.closed_at = by.id, at
    db.session.flush()
    audit.record("spending.close_meeting", meeting, by=by, at=at, community=meeting.fund.community)
    return meeting


def meetings(fund: Fund) -> list[CommitteeMeeting]:
    """Every meeting, newest first."""
    query = (
        sa.select(CommitteeMeeting)
        .where(CommitteeMeeting.fund_id == fund.id)
        .options(selectinload(CommitteeMeeting.items).selectinload(AgendaItem.proposal))
        .order_by(CommitteeMeeting.id.desc())
    )
    return list(db.session.scalars(query).unique())


def find_meeting(fund: Fund, ref: str) -> CommitteeMeeting:
    """A meeting of this committee."""
    found = db.session.scalar(
        sa.select(CommitteeMeeting).where(CommitteeMeeting.fund_id == fund.id, CommitteeMeeting.ref == ref)
    )
    if found is None:
        raise NotFound("spending.no_such_meeting", _("没有这次会议。"))
    return found
