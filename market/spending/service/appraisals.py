"""What is written of a proposal before residents and committee are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, race_point
from market.errors import Refusal
from market.fund.models import Proposal
from market.ledger.rules import MAX_TEXT, check_text
from market.money import yuan
from market.people.models import User
from market.spending.models import Appraisal, BudgetLine
from market.spending.rules import Cost, Stage, budget_fault
from market.spending.service.cases import (
    EVERYBODY,
    locked,
    require_role,
    require_seen,
    require_stage,
    require_text,
)

LONGEST_WHAT, LONGEST_SUITABILITY = 60, 300


@dataclass(frozen=True)
class AppraisalDraft:
    suitability: str
    beneficiaries: str
    people: int
    starts_on: date
    ends_on: date
    executor: str
    budget: tuple[Cost, ...]


def appraise(
    proposal: Proposal, draft: AppraisalDraft, *, seen: str | None = None, by: User, at: datetime
) -> Appraisal:
    """Writes the appraisal, or a better one as long as residents were not asked; the same again is once."""
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, EVERYBODY)
    if story.appraisal is not None and _draft(story.appraisal) == draft:
        return story.appraisal
    require_seen(story, seen)
    require_stage(story, *((Stage.APPRAISE, Stage.CONSULT) if story.consultation is None else ()))
    require_text(proposal)
    _check(draft, proposal.amount_fen)
    race_point("spending.appraise")
    row = Appraisal(
        proposal=proposal,
        text_hash=proposal.text_hash,
        suitability=draft.suitability.strip(),
        beneficiaries=draft.beneficiaries.strip(),
        people=draft.people,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        executor=draft.executor.strip(),
        made_by=by.id,
        made_at=at,
        lines=[BudgetLine(what=cost.what.strip(), amount_fen=cost.amount_fen) for cost in draft.budget],
    )
    db.session.add(row)
    db.session.flush()
    audit.record("spending.appraise", proposal, by=by, at=at, community=proposal.fund.community)
    return row


def _draft(row: Appraisal) -> AppraisalDraft:
    return AppraisalDraft(
        row.suitability, row.beneficiaries, row.people, row.starts_on, row.ends_on, row.executor,
        tuple(Cost(line.what, line.amount_fen) for line in row.lines),
    )  # fmt: skip


def _check(draft: AppraisalDraft, amount_fen: int) -> None:
    _check_texts(draft)
    if draft.people < 0 or draft.ends_on < draft.starts_on:
        raise Refusal("spending.unfit_period", _("请看看人数和起止日期，结束不能比开始早。"), 422)
    _check_budget(draft.budget, amount_fen)


def _check_texts(draft: AppraisalDraft) -> None:
    texts = [(draft.suitability.replace("\n", " "), LONGEST_SUITABILITY), (draft.beneficiaries, MAX_TEXT)]
    texts += [(draft.executor, MAX_TEXT), *((cost.what, LONGEST_WHAT) for cost in draft.budget)]
    if any(check_text(text, limit) is not None for text, limit in texts):
        sentence = _("请写清合不合适、谁受益、谁来做、钱怎么花；会公开，请不要写手机号或身份证号。")
        raise Refusal("fund.unfit_text", sentence, 422)


def _check_budget(budget: Sequence[Cost], amount_fen: int) -> None:
    if not budget or any(cost.amount_fen <= 0 for cost in budget):
        raise Refusal("spending.no_budget", _("请写明细，一行一样，每行都要有金额。"), 422)
    fault = budget_fault([cost.amount_fen for cost in budget], amount_fen)
    if fault:
        sentence = _(
            "明细加起来是 %(sum)s 元，提议的是 %(amount)s 元，要一样多。",
            sum=yuan(amount_fen + fault),
            amount=yuan(amount_fen),
        )
        raise Refusal("spending.budget_differs", sentence, 422)
