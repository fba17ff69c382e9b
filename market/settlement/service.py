"""Settling a market: exactly once, posted in the same transaction, corrected in the open."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import Step
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.ledger import service as ledger
from market.ledger.chart import N_
from market.ledger.models import Entry
from market.ledger.reading import find_book
from market.ledger.rules import Code, EntryKind, check_text, credit, debit
from market.money import yuan
from market.people.models import User
from market.settlement.arrivals import admit_from_paper
from market.settlement.closing import (
    CLOSE_STATES,
    CloseRow,
    CloseView,
    check_closing,
    close_view,
    mark_absent,
    waive_fault,
)
from market.settlement.models import Settlement, SettlementLine
from market.settlement.reading import (
    find_assignment,
    find_goods,
    goods,
    latest_report,
    newest_terms,
    public_totals,
    recompute,
    report_before,
    reports,
    revisions,
    settlement_of,
    settlements,
    terms_at,
    terms_history,
)
from market.settlement.rules import TakingsSource, share
from market.settlement.takings import (
    TAKINGS_STATES,
    add_report,
    agree_terms,
    check_amounts,
    check_reporting,
    give_in_kind,
    report_takings,
    void_in_kind,
)
from market.stalls.models import Assignment

__all__ = [
    "CLOSE_STATES",
    "TAKINGS_STATES",
    "CloseRow",
    "CloseView",
    "admit_from_paper",
    "agree_terms",
    "check_reporting",
    "close_day",
    "close_view",
    "correct_takings",
    "find_assignment",
    "find_goods",
    "give_in_kind",
    "goods",
    "latest_report",
    "mark_absent",
    "newest_terms",
    "public_totals",
    "recompute",
    "report_before",
    "report_takings",
    "reports",
    "revisions",
    "settlement_of",
    "settlements",
    "terms_at",
    "terms_history",
    "void_in_kind",
    "waive_fault",
]


def close_day(day: MarketDay, *, by: User, at: datetime, seen_fen: int | None = None) -> Settlement:
    """Settles a market and posts what was given, exactly once: closing again gives the same settlement.

    `seen_fen` is the sum that the person read on the button; when it is no longer true, nothing is posted.
    Refuses `settlement.not_closed`, `settlement.exceptions`, `settlement.sum_changed`, `settlement.no_fund`.
    """
    lock_row(day)
    earlier = settlement_of(day)
    if earlier is not None:
        return earlier
    check_closing(day)
    view = close_view(day)
    _check_agreement(view, seen_fen)
    race_point("settlement.close_day")
    settlement = _settlement(view, by=by, at=at)
    calendar.take_step(day, Step.SETTLE, by=by, at=at)
    audit.record(
        "settlement.close_day",
        settlement,
        by=by,
        at=at,
        revision=1,
        contribution_fen=settlement.contribution_fen,
    )
    return settlement


def _check_agreement(view: CloseView, seen_fen: int | None) -> None:
    if view.faults:
        names = "、".join(
            f"{row.assignment.label} {row.assignment.vendor.trading_name}" for row in view.faults
        )
        raise Refusal(
            "settlement.exceptions",
            _("还有 %(n)s 处对不上：%(names)s。请先处理。", n=len(view.faults), names=names),
        )
    if seen_fen is not None and seen_fen != view.contribution_fen:
        sentence = _(
            "刚才有人改了数，现在合计是 %(sum)s 元。请核对后再按一次。", sum=yuan(view.contribution_fen)
        )
        raise Refusal("settlement.sum_changed", sentence)
    if view.contribution_fen and find_book(view.day.community) is None:
        raise Refusal("settlement.no_fund", _("还没有开设社区基金，钱没有地方入账。请先到“社区基金”开设。"))


def _settlement(view: CloseView, *, by: User, at: datetime) -> Settlement:
    """The first revision, with its lines and its entry."""
    settlement = Settlement(
        community_id=view.day.community_id,
        day=view.day,
        revision=1,
        vendors=len(view.rows),
        visits=view.visits,
        items=view.items,
        takings_fen=view.takings_fen,
        contribution_fen=view.contribution_fen,
        person=by,
        settled_at=at,
        lines=[
            SettlementLine(
                assignment=row.assignment,
                takings_fen=row.takings_fen,
                terms=row.terms,
                chosen_fen=row.chosen_fen,
                contribution_fen=row.contribution_fen,
            )
            for row in view.rows
        ],
    )
    return _save(settlement, by=by, at=at)


def _save(settlement: Settlement, *, by: User, at: datetime) -> Settlement:
    settlement.entry = _post(settlement, by=by, at=at)
    db.session.add(settlement)
    db.session.flush()
    return settlement


def _post(settlement: Settlement, *, by: User, at: datetime) -> Entry | None:
    """The entry: on its way to the charity, given by the market. Nothing given is no entry."""
    if settlement.contribution_fen == 0:
        return None
    day = settlement.day
    opened = clock.local(day.open_at, day.community.zone).date()
    fen = settlement.contribution_fen
    return ledger.post(
        ledger.book_of(day.community),
        f"settlement:{day.ref}:{settlement.revision}",
        EntryKind.CONTRIBUTION,
        [debit(Code.TRANSFER_PENDING, fen), credit(Code.FROM_MARKETS, fen)],
        happened_on=opened,
        memo=_memo(settlement) % {"theme": day.theme, "month": opened.month, "day": opened.day},
        by=by,
        at=at,
        reason=settlement.reason or None,
    )


def _memo(settlement: Settlement) -> str:
    if settlement.revision == 1:
        return N_("%(theme)s（%(month)s 月 %(day)s 日）集市反哺")
    return N_("%(theme)s（%(month)s 月 %(day)s 日）集市反哺，更正")


# ── correction ────────────────────────────────────────────────────────────────────────────────────────────


def correct_takings(
    assignment: Assignment,
    takings_fen: int,
    reason: str,
    *,
    by: User,
    at: datetime,
    chosen_fen: int | None = None,
) -> Settlement:
    """Corrects one vendor's takings after the settlement: a new revision, the old entry reversed, a new one.

    It takes a reason and a second person. The same correction again gives the same revision.
    """
    day = assignment.day
    lock_row(day)
    latest = settlement_of(day)
    if latest is None:
        raise Refusal("settlement.not_settled", _("这一场还没有结算，直接改报数就行。"))
    line = _line_of(latest, assignment)
    reason = _checked_reason(reason)
    check_amounts(takings_fen, chosen_fen)
    same = (line.takings_fen, line.chosen_fen) == (takings_fen, chosen_fen)
    if same and latest.settled_by == by.id and latest.reason == reason:
        return latest
    _check_second_person(latest, by)
    if same:
        raise Refusal("settlement.nothing_changed", _("数和原来一样，没有要更正的。"), 422)
    race_point("settlement.correct_takings")
    report = latest_report(assignment)
    add_report(assignment, report, takings_fen, chosen_fen, TakingsSource.STAFF, reason, by=by, at=at)
    settlement = _corrected(latest, line, takings_fen, chosen_fen, reason, by=by, at=at)
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


def _corrected(
    latest: Settlement,
    wrong: SettlementLine,
    takings_fen: int,
    chosen_fen: int | None,
    reason: str,
    *,
    by: User,
    at: datetime,
) -> Settlement:
    lines = [_copied(line) for line in latest.lines if line is not wrong]
    right = _copied(wrong)
    right.takings_fen, right.chosen_fen = takings_fen, chosen_fen
    right.contribution_fen = share(takings_fen, wrong.terms, chosen_fen)
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
        lines=lines,
    )
    if latest.entry is not None:
        ledger.reverse(latest.entry, reason=reason, by=by, at=at)
    return _save(settlement, by=by, at=at)


def _copied(line: SettlementLine) -> SettlementLine:
    return SettlementLine(
        assignment=line.assignment,
        takings_fen=line.takings_fen,
        terms=line.terms,
        chosen_fen=line.chosen_fen,
        contribution_fen=line.contribution_fen,
    )
