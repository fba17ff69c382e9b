"""The charity is asked for the money, and answers."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, race_point
from market.errors import Refusal
from market.fund.models import Proposal
from market.ledger.rules import check_text
from market.people.models import User
from market.spending.models import CharityApplication
from market.spending.rules import Stage, Verdict
from market.spending.service.cases import (
    EVERYBODY,
    WORKERS,
    locked,
    require_role,
    require_same,
    require_seen,
    require_stage,
    require_text,
)

LONGEST_REASON, LONGEST_ENCLOSED, LONGEST_NUMBER = 200, 120, 60


def apply(
    proposal: Proposal,
    applied_on: date,
    enclosed: str = "",
    *,
    seen: str | None = None,
    by: User,
    at: datetime,
) -> CharityApplication:
    """Notes that form 12 went to the charity; once as long as it is not returned."""
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, WORKERS)
    known = story.application
    if known is not None and known.verdict is not Verdict.RETURNED:
        require_same(known, applied_on=applied_on, enclosed=enclosed.strip())
        return known
    require_seen(story, seen)
    require_stage(story, Stage.APPLY, Stage.RETURNED)
    require_text(proposal)
    decided = proposal.decided_at or proposal.proposed_at
    if not story.date_of(decided) <= applied_on <= story.today:
        raise Refusal("spending.unfit_date", _("日期要在表决以后、今天以前，请看看是不是选错了。"), 422)
    if enclosed and check_text(enclosed, LONGEST_ENCLOSED) is not None:
        raise Refusal("fund.unfit_text", _("附件请写名称，不要写手机号或身份证号。"), 422)
    race_point("spending.apply")
    row = CharityApplication(
        proposal=proposal,
        text_hash=proposal.text_hash,
        applied_on=applied_on,
        enclosed=enclosed.strip(),
        applied_by=by.id,
        applied_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("spending.apply", proposal, by=by, at=at, community=proposal.fund.community)
    return row


def note_answer(
    proposal: Proposal,
    verdict: Verdict,
    number: str,
    answered_on: date,
    reason: str = "",
    *,
    seen: str | None = None,
    by: User,
    at: datetime,
) -> CharityApplication:
    """What the charity answered, with its number; a return says why. The same again is once."""
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, EVERYBODY)
    known, number, reason = story.application, number.strip(), reason.strip()
    if known is not None and (known.verdict, known.number, known.reason) == (verdict, number, reason):
        return known
    require_seen(story, seen)
    require_stage(story, Stage.WAIT)
    if known is None:
        raise AssertionError("an application that waits")
    if verdict is Verdict.WAITING:
        raise Refusal("spending.no_verdict", _("请选是批准了，还是退回来了。"), 422)
    if check_text(number, LONGEST_NUMBER) is not None:
        raise Refusal("spending.no_number", _("请填慈善组织答复的编号。"), 422)
    if check_text(reason or ("" if verdict is Verdict.RETURNED else "-"), LONGEST_REASON) is not None:
        raise Refusal("spending.no_reason", _("请写一句为什么退回；会公开。"), 422)
    if not known.applied_on <= answered_on <= story.today:
        raise Refusal("spending.unfit_date", _("日期要在申请以后、今天以前，请看看是不是选错了。"), 422)
    race_point("spending.note_answer")
    known.verdict, known.number, known.answered_on, known.reason = verdict, number, answered_on, reason
    known.answered_by, known.answered_at = by.id, at
    db.session.flush()
    audit.record(
        "spending.note_answer",
        proposal,
        by=by,
        at=at,
        community=proposal.fund.community,
        verdict=verdict.value,
    )
    return known
