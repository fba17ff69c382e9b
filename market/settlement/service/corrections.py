"""Correcting what was closed, in the open, by a second person."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask_babel import lazy_gettext as _

from market import audit
from market.db import lock_row, race_point
from market.errors import Refusal
from market.ledger import service as ledger
from market.ledger.rules import check_text
from market.people.models import User
from market.settlement.models import Settlement, SettlementLine
from market.settlement.rules import TakingsSource, share
from market.settlement.service.postings import restate, save
from market.settlement.service.queries import latest_report, settlement_of
from market.settlement.service.takings import add_report, check_amounts, check_gift, check_gift_only
from market.stalls.models import Assignment


def correct_takings(
    assignment: Assignment,
    takings_fen: int,
    reason: str,
    *,
    by: User,
    at: datetime,
    chosen_fen: int | None = None,
    gift_only: bool = False,
) -> Settlement:
    """Corrects one vendor's takings after the settlement: a new revision, the old entry reversed, a new one.

    It takes a reason and a second person. The same correction again gives the same revision. `gift_only`
    corrects the gift of a vendor who never said what was sold.
    """
    day = assignment.day
    lock_row(day)
    latest = settlement_of(day)
    if latest is None:
        raise Refusal("settlement.not_settled", _("这一场还没有结算，直接改报数就行。"))
    line = _line_of(latest, assignment)
    reason = _checked_reason(reason)
    check_amounts(takings_fen, chosen_fen)
    check_gift(assignment, chosen_fen)
    check_gift_only(takings_fen, chosen_fen, gift_only)
    if gift_only and not line.gift_only:
        raise Refusal("settlement.takings_known", _("请填实际卖了多少元。没卖就填 0。"), 422)
    right = Figures(takings_fen, chosen_fen, gift_only)
    same = Figures(line.takings_fen, line.chosen_fen, line.gift_only) == right
    if same and latest.settled_by == by.id and latest.reason == reason:
        return latest
    _check_second_person(latest, by)
    if same:
        raise Refusal("settlement.nothing_changed", _("数和原来一样，没有要更正的。"), 422)
    race_point("settlement.correct_takings")
    report = latest_report(assignment)
    source = TakingsSource.STAFF
    add_report(assignment, report, takings_fen, chosen_fen, source, reason, by=by, at=at, gift_only=gift_only)
    settlement = _corrected(latest, line, right, reason, by=by, at=at)
    audit.record(
        "settlement.correct_takings", settlement, by=by, at=at, on_behalf_of=assignment.vendor.trading_name,
        revision=settlement.revision, contribution_fen=settlement.contribution_fen, reason=reason,
    )  # fmt: skip
    return settlement


def _line_of(settlement: Settlement, assignment: Assignment) -> SettlementLine:
    for line in settlement.lines:
        if line.assignment_id == assignment.id:
            return line
    raise Refusal("settlement.not_in_statement", _("结算单里没有这个摊位，不能更正。"))


def _checked_reason(reason: str) -> str:
    fault = check_text(reason)
    if fault is not None:
        raise Refusal(
            f"settlement.{fault}",
            _("请写一句更正的原因（最多 200 字），会公示；不要写手机号或身份证号。"),
            422,
        )
    return reason.strip()


def _check_second_person(latest: Settlement, by: User) -> None:
    if latest.settled_by == by.id:
        sentence = _("上一次是您结算的，更正要由第二位同事来做。请把这一页交给他。")
        raise Refusal("settlement.second_person", sentence, 403)


class Figures(NamedTuple):
    """What a vendor sold and gives this once."""

    takings_fen: int
    chosen_fen: int | None
    gift_only: bool


def _corrected(
    latest: Settlement,
    wrong: SettlementLine,
    figures: Figures,
    reason: str,
    *,
    by: User,
    at: datetime,
) -> Settlement:
    lines = [_copied(line) for line in latest.lines if line is not wrong]
    right = _copied(wrong)
    right.takings_fen, right.chosen_fen, right.gift_only = figures
    right.contribution_fen = share(figures.takings_fen, wrong.terms, figures.chosen_fen)
    lines.insert(latest.lines.index(wrong), right)
    settlement = Settlement(
        community_id=latest.community_id,
        day=latest.day,
        revision=latest.revision + 1,
        vendors=latest.vendors,
        visits=latest.visits,
        items=latest.items,
        takings_fen=sum(line.takings_fen for line in lines),
        contribution_fen=sum(line.contribution_fen for line in lines),
        person=by,
        settled_at=at,
        reason=reason,
        stall_fee=latest.stall_fee,
        lines=lines,
    )
    if latest.entry is not None:
        ledger.reverse(latest.entry, reason=reason, by=by, at=at)
    save(settlement, by=by, at=at)
    restate(latest.day, by=by, at=at)
    return settlement


def _copied(line: SettlementLine) -> SettlementLine:
    return SettlementLine(
        assignment=line.assignment,
        takings_fen=line.takings_fen,
        terms=line.terms,
        chosen_fen=line.chosen_fen,
        gift_only=line.gift_only,
        contribution_fen=line.contribution_fen,
        fee_fen=line.fee_fen,
    )
