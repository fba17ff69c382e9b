"""The charity's statements, read in line by line and compared with the book whenever somebody asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from market import audit
from market.db import db, lock_row, race_point, still_there
from market.errors import NotFound, Refusal
from market.fund.charity_numbers import numbers_of, numbers_undone
from market.fund.matching import (
    NEAR,
    Found,
    Matching,
    OurLine,
    TheirLine,
    WrongSum,
    match,
    wrong_sums,
)
from market.fund.models import (
    AccountStatement,
    Fund,
    StatementLine,
    StatementRemark,
)
from market.ledger import service as ledger
from market.ledger.chain import voucher
from market.ledger.rules import Code
from market.ledger.spans import Span
from market.people.models import User
from market.typed_text import one_line

MAX_SENTENCE = 200


@dataclass(frozen=True)
class StatementDraft:
    """A statement as it was read and typed."""

    reference: str
    first_on: date
    last_on: date
    opening_fen: int
    closing_fen: int
    lines: tuple[TheirLine, ...]

    @property
    def digest(self) -> str:
        """The same for the same file, whoever reads it in and whatever it was called."""
        spelt = repr((self.first_on, self.last_on, self.opening_fen, self.closing_fen, self.lines))
        return hashlib.sha256(spelt.encode()).hexdigest()


@dataclass(frozen=True)
class Comparison:
    """What a statement and the book say of the same days."""

    statement: AccountStatement
    matching: Matching
    wrong_sums: list[WrongSum]
    ours_opening_fen: int
    ours_closing_fen: int
    remarks: dict[str, StatementRemark]
    """The newest sentence about each difference, by `about`."""

    @property
    def unexplained(self) -> int:
        """How many differences nobody said anything about."""
        return sum(about(found) not in self.remarks for found in self.matching.differences)

    @property
    def fits(self) -> bool:
        return not self.matching.differences and not self.wrong_sums


def about(found: Found) -> str:
    """Which difference a sentence is about: it stays with its line, whatever kind the difference is."""
    if found.theirs is not None:
        return f"row:{found.theirs.row}"
    return f"entry:{found.ours.entry_ref}" if found.ours is not None else ""


def read_in(fund: Fund, draft: StatementDraft, *, by: User, at: datetime) -> AccountStatement:
    """Keeps a statement line by line. The same one again is the same.

    Refuses `fund.no_statement`, `fund.no_lines`, `fund.wrong_days` and `fund.line_outside`.
    """
    _check_draft(draft)
    lock_row(fund)
    known = sa.select(AccountStatement).where(
        AccountStatement.fund_id == fund.id, AccountStatement.hash == draft.digest
    )
    earlier = db.session.scalar(known)
    if earlier is not None:
        return earlier
    race_point("fund.read_in")
    statement = AccountStatement(
        fund=fund, reference=draft.reference.strip(), first_on=draft.first_on, last_on=draft.last_on,
        opening_fen=draft.opening_fen, closing_fen=draft.closing_fen, hash=draft.digest,
        read_by=by.id, read_at=at,
    )  # fmt: skip
    statement.lines = [
        StatementLine(
            row_no=line.row, happened_on=line.on, amount_fen=line.fen, reference=line.reference,
            memo=line.text,
            balance_fen=line.balance_fen,
        )
        for line in draft.lines
    ]  # fmt: skip
    db.session.add(statement)
    db.session.flush()
    audit.record(
        "fund.read_statement", statement, by=by, at=at, community=fund.community, lines=len(draft.lines)
    )
    return statement


def _check_draft(draft: StatementDraft) -> None:
    if not draft.reference.strip():
        raise Refusal("fund.no_statement", _("请填慈善组织对账单的编号。"), 422)
    if not draft.lines:
        raise Refusal("fund.no_lines", _("这张表里一笔也没有读到。"), 422)
    if draft.first_on > draft.last_on:
        raise Refusal("fund.wrong_days", _("结束的日子比开始的还早，请看看是不是填反了。"), 422)
    days = Span(draft.first_on, draft.last_on)
    outside = next((line for line in draft.lines if not days.holds(line.on)), None)
    if outside is not None:
        sentence = _("第 %(n)s 行是 %(day)s，不在对账单的日子里。", n=outside.row, day=outside.on)
        raise Refusal("fund.line_outside", sentence, 422)


def account_statements(fund: Fund) -> list[AccountStatement]:
    """Every statement of a fund, the newest days first."""
    query = sa.select(AccountStatement).where(AccountStatement.fund_id == fund.id)
    order = (AccountStatement.last_on.desc(), AccountStatement.id.desc())
    return list(db.session.scalars(query.order_by(*order)))


def find_statement(fund: Fund, ref: str) -> AccountStatement:
    query = sa.select(AccountStatement).where(
        AccountStatement.fund_id == fund.id, AccountStatement.ref == ref
    )
    found = db.session.scalar(query)
    if found is None:
        raise _no_statement()
    return found


def _no_statement() -> NotFound:
    return NotFound("fund.no_such_statement", _("没有这张对账单，可能撤回了。"))


def _lock(statement: AccountStatement) -> None:
    """Nobody else acts on the fund; refuses `fund.no_such_statement` when it was taken out meanwhile."""
    lock_row(statement.fund)
    if not still_there(statement):
        raise _no_statement()


def statement_for(fund: Fund, first: date, last: date) -> AccountStatement | None:
    """The newest statement of exactly these days."""
    return next(
        (one for one in account_statements(fund) if (one.first_on, one.last_on) == (first, last)), None
    )


def withdraw_statement(statement: AccountStatement, *, by: User, at: datetime) -> None:
    """Takes out a statement that was read in by mistake; the book is as it was."""
    _lock(statement)
    race_point("fund.withdraw_statement")
    audit.record(
        "fund.withdraw_statement", statement, by=by, at=at, community=statement.fund.community,
        reference=statement.reference,
    )  # fmt: skip
    db.session.delete(statement)
    db.session.flush()


def explain(
    statement: AccountStatement, difference: str, sentence: str, *, by: User, at: datetime
) -> StatementRemark:
    """Why a difference is one; the same sentence again is the same.

    Refuses `fund.no_explanation` and `fund.no_such_difference`.
    """
    words = one_line(sentence).strip()
    if not words:
        raise Refusal("fund.no_explanation", _("请写一句是怎么回事。"), 422)
    _lock(statement)
    compared = compare(statement)
    if difference not in {about(found) for found in compared.matching.differences}:
        raise Refusal("fund.no_such_difference", _("这一笔现在已经对上了，不用说明。"))
    known, note = compared.remarks.get(difference), words[:MAX_SENTENCE]
    if known is not None and known.note == note:
        return known
    race_point("fund.explain")
    remark = StatementRemark(statement=statement, about=difference, note=note, writer=by, written_at=at)
    db.session.add(remark)
    db.session.flush()
    audit.record(
        "fund.explain_difference", statement, by=by, at=at, community=statement.fund.community,
        about=difference,
    )  # fmt: skip
    return remark


def compare(statement: AccountStatement) -> Comparison:
    """What fits now and what does not: an arrival that is entered later fits from then on."""
    fund, days = statement.fund, Span(statement.first_on, statement.last_on)
    theirs = [
        TheirLine(line.row_no, line.happened_on, line.amount_fen, line.reference, line.memo, line.balance_fen)
        for line in statement.lines
    ]
    opening = ledger.balance(fund.book, Code.AT_CHARITY, days.first - date.resolution)
    return Comparison(
        statement,
        match(theirs, _our_lines(fund, days), days),
        wrong_sums(theirs, statement.opening_fen, statement.closing_fen, opening),
        opening,
        ledger.balance(fund.book, Code.AT_CHARITY, days.last),
        {remark.about: remark for remark in statement.remarks},
    )


def _our_lines(fund: Fund, days: Span) -> list[OurLine]:
    """The entries that moved what the charity holds, but for those that were undone in the same days."""
    moved = ledger.moved(fund.book, Code.AT_CHARITY, days.first - NEAR, days.last + NEAR)
    entries = {entry.id for entry, _fen in moved}
    undone = {
        one for entry, _fen in moved if entry.reverses_id in entries for one in (entry.id, entry.reverses_id)
    }
    left = [(entry, fen) for entry, fen in moved if entry.id not in undone]
    numbers = numbers_of(entry for entry, _fen in left)
    undone_numbers = numbers_undone([entry for entry, _fen in left])
    return [
        OurLine(
            entry.ref, voucher(entry.fiscal_year, entry.number), entry.happened_on, fen,
            numbers.get(entry.id, ""), entry.memo, undone_numbers.get(entry.id, ()),
        )
        for entry, fen in left
    ]  # fmt: skip
