"""Opening a book, posting and reversing. Nothing here changes or removes what was posted."""

from __future__ import annotations

import secrets
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TextIO

from flask_babel import lazy_gettext as _

from market import audit
from market.clock import local
from market.communities.models import Community
from market.db import db, lock_row, new_ref, race_point
from market.errors import Refusal
from market.journal.writing import head_of
from market.ledger import chain, export, kept, rules
from market.ledger.chain import Sealed
from market.ledger.chart import N_
from market.ledger.export import Together
from market.ledger.models import Book, Entry, Posting
from market.ledger.periods import booking_date
from market.ledger.queries import (
    balance,
    balances,
    book_of,
    books,
    closed_until,
    contributed,
    contributed_by_community,
    entries,
    entries_about,
    entries_about_any,
    entries_after,
    entries_without,
    entry_by_source,
    entry_of,
    find_book,
    head_fingerprint,
    last_number,
    last_posted_at,
    moved,
    newest_entries,
    reversal_of,
    undone_vouchers,
)
from market.ledger.rules import EntryKind, Line, LineFault, TextFault
from market.ledger.verification import Verification, fault_sentence, has_stood_at, sealed_entries, verify
from market.people.models import User

__all__ = [
    "Together",
    "Verification",
    "balance",
    "balances",
    "book_of",
    "booking_date",
    "books",
    "closed_until",
    "contributed",
    "contributed_by_community",
    "entries",
    "entries_about",
    "entries_about_any",
    "entries_after",
    "entries_without",
    "entry_by_source",
    "entry_of",
    "export_beancount",
    "export_csv",
    "fault_sentence",
    "find_book",
    "has_stood_at",
    "head_fingerprint",
    "moved",
    "newest_entries",
    "open_book",
    "post",
    "reversal_of",
    "reverse",
    "verify",
]

_SENTENCES = {
    LineFault.TOO_FEW: _("一笔凭证至少要有一借一贷两行，请补齐。"),
    LineFault.UNKNOWN_ACCOUNT: _("科目表里没有这个科目，请核对科目代码。"),
    LineFault.ZERO: _("分录金额不能是 0，请删去这一行或填上金额。"),
    LineFault.TOO_LARGE: _("分录金额太大了，请看看是不是多打了几个 0。"),
    LineFault.UNBALANCED: _("借方和贷方不相等，请核对金额后再记账。"),
    TextFault.EMPTY: _("摘要或原因不能空着，请写一句话说明。"),
    TextFault.TOO_LONG: _("文字太长了，请缩短后再记账。"),
    TextFault.UNPRINTABLE: _("文字里有打印不出来的字符，请删去换行等特殊字符。"),
    TextFault.PERSONAL: _("账簿要保存三十年，不能写入手机号或身份证号，请删去后再记账。"),
}


def open_book(community: Community, title: str, *, by: User, at: datetime) -> Book:
    """The book of a community's fund; opening it again gives the same book."""
    lock_row(community)
    earlier = find_book(community)
    if earlier is not None:
        return earlier
    facts = chain.BookFacts(new_ref(), community.id, at)
    book = Book(
        ref=facts.ref,
        community=community,
        title=title.strip(),
        entry_count=0,
        head_hash=chain.genesis(facts),
        opened_at=at,
        opened_by=by.id,
    )
    db.session.add(book)
    db.session.flush()
    audit.record("ledger.open_book", book, by=by, at=at, community=community)
    return book


@dataclass(frozen=True)
class _Draft:
    """What is to be posted; the same draft again is the same entry, whoever brings it and whenever."""

    source: str
    kind: EntryKind
    lines: tuple[Line, ...]
    happened_on: date
    memo: str
    reverses: Entry | None
    reason: str | None


def post(
    book: Book,
    source: str,
    kind: EntryKind,
    lines: Sequence[Line],
    *,
    happened_on: date,
    memo: str,
    by: User,
    at: datetime,
    reverses: Entry | None = None,
    reason: str | None = None,
) -> Entry:
    """Writes one balanced entry at the end of the book, exactly once per source.

    To correct an amount that is already spent, post the right entry first and reverse the wrong one after it:
    the money at the charity may not go below zero in between.
    """
    draft = _Draft(
        source, EntryKind(kind), tuple(lines), happened_on, memo.strip(), reverses, reason and reason.strip()
    )
    _check_draft(draft)
    lock_row(book)
    earlier = entry_by_source(book, source)
    if earlier is not None:
        return _the_same(earlier, draft)
    race_point("ledger.post")
    _check_period(book, draft)
    _check_reversal(book, draft, by)
    _check_money(book, draft)
    return _append(book, draft, by, at)


def _check_draft(draft: _Draft) -> None:
    _refuse_if(rules.check_lines(draft.lines))
    _refuse_if(rules.check_text(draft.memo))
    _refuse_if(rules.check_text(draft.source, rules.MAX_SOURCE))
    if draft.reason is not None:
        _refuse_if(rules.check_text(draft.reason))
    for line in draft.lines:
        if line.dimension is not None:
            _refuse_if(rules.check_text(line.dimension, rules.MAX_DIMENSION))


def _refuse_if(fault: LineFault | TextFault | None) -> None:
    if fault is not None:
        raise Refusal(f"ledger.{fault}", _SENTENCES[fault], 422)


def _the_same(earlier: Entry, draft: _Draft) -> Entry:
    stored = _Draft(
        earlier.source,
        earlier.kind,
        earlier.lines,
        earlier.happened_on,
        earlier.memo,
        earlier.reverses,
        earlier.reason,
    )
    if stored != draft:
        raise Refusal("ledger.source_taken", _("这件事已经记过账，内容却不一样。请先冲销原凭证，再记新的。"))
    return earlier


def _check_period(book: Book, draft: _Draft) -> None:
    """What is closed stays as it is; callers ask `periods.booking_date` for a date that is open."""
    closed = closed_until(book)
    if closed is not None and draft.happened_on <= closed:
        raise Refusal("ledger.period_closed", _("这个日期所在的期间已经结账，请记在现在的期间。"))


def _check_reversal(book: Book, draft: _Draft, by: User) -> None:
    original = draft.reverses
    if original is None:
        if draft.kind is EntryKind.REVERSAL:
            raise Refusal("ledger.no_original", _("冲销凭证要指明冲销哪一笔，请选择原凭证。"), 422)
        return
    if original.book_id != book.id:
        raise Refusal("ledger.other_book", _("原凭证不在这本账簿里，请核对。"))
    if original.kind is EntryKind.REVERSAL:
        raise Refusal("ledger.reversal_is_final", _("冲销凭证不能再冲销，请另记一笔正确的凭证。"))
    if draft.kind is not EntryKind.REVERSAL or draft.lines != rules.mirror(original.lines):
        raise Refusal("ledger.not_a_mirror", _("冲销要与原凭证科目、金额完全相对，请用“冲销”操作。"), 422)
    if not draft.reason:
        raise Refusal("ledger.reason_missing", _("冲销必须写明原因，请补上。"), 422)
    if reversal_of(original) is not None:
        raise _already_reversed()
    if by.id == original.posted_by:
        raise Refusal("ledger.second_person", _("冲销要由记账人以外的第二个人来做，请换一位同事。"), 403)


def _already_reversed() -> Refusal:
    return Refusal("ledger.already_reversed", _("这笔凭证已经冲销过，不能再冲销一次。"))


def _check_money(book: Book, draft: _Draft) -> None:
    code = rules.Code.AT_CHARITY
    spent = -rules.balances(draft.lines).get(code, 0)
    if spent > 0 and spent > balance(book, code):
        raise Refusal("ledger.not_enough", _("慈善组织账上本基金的钱不够付这一笔，请先核对余额。"))


def _append(book: Book, draft: _Draft, by: User, at: datetime) -> Entry:
    last_at = last_posted_at(book)
    year = draft.happened_on.year
    facts = chain.EntryFacts(
        ref=new_ref(),
        sequence=book.entry_count + 1,
        fiscal_year=year,
        number=last_number(book, year) + 1,
        kind=draft.kind.value,
        source=draft.source,
        happened_on=draft.happened_on,
        posted_at=max(at, last_at or at),  # clocks may differ, the book's does not go back
        posted_by=by.id,
        memo=draft.memo,
        lines=draft.lines,
        reverses=draft.reverses.sequence if draft.reverses else None,
        reason=draft.reason,
        journal=head_of(book.community_id),
        salt=secrets.token_hex(16),
    )
    entry = _entry(book, draft, facts)
    db.session.add(entry)
    db.session.flush()  # the triggers let the head move only to an entry that is there and balances
    race_point("ledger.keep")
    kept.keep(book, draft.happened_on, (draft.reverses or entry).kind.value, draft.lines)
    book.entry_count, book.head_hash = entry.sequence, entry.hash
    db.session.flush()
    return entry


def _entry(book: Book, draft: _Draft, facts: chain.EntryFacts) -> Entry:
    return Entry(
        ref=facts.ref,
        book=book,
        sequence=facts.sequence,
        fiscal_year=facts.fiscal_year,
        number=facts.number,
        kind=draft.kind,
        source=facts.source,
        happened_on=facts.happened_on,
        posted_at=facts.posted_at,
        posted_by=facts.posted_by,
        memo=facts.memo,
        reverses=draft.reverses,
        reason=facts.reason,
        prev_hash=book.head_hash,
        hash=chain.entry_hash(book.head_hash, facts),
        journal=facts.journal,
        salt=facts.salt,
        postings=[
            Posting(
                position=position,
                account=str(line.account),
                amount_fen=line.amount_fen,
                dimension=line.dimension,
            )
            for position, line in enumerate(facts.lines, 1)
        ],
    )


def reverse(entry: Entry, *, reason: str, by: User, at: datetime) -> Entry:
    """Undoes an entry in full, once, by a second person; the same request again gives the same reversal."""
    book = entry.book
    lock_row(book)
    earlier = reversal_of(entry)
    if earlier is not None:
        if earlier.reason != reason.strip():
            raise _already_reversed()
        return earlier
    return post(
        book,
        f"reversal:{entry.ref}",
        EntryKind.REVERSAL,
        rules.mirror(entry.lines),
        happened_on=booking_date(book, local(at, book.community.zone).date(), at),
        memo=N_("冲销 %(voucher)s") % {"voucher": entry.voucher},
        by=by,
        at=at,
        reverses=entry,
        reason=reason,
    )


def export_beancount(
    book: Book, out: TextIO, hidden: Container[str] = (), together: Sequence[Together] = ()
) -> None:
    """Writes the book as beancount text, without the entries whose refs are hidden, with sums instead."""
    export.write_beancount(_shown(book, hidden, together), out)


def export_csv(
    book: Book, out: TextIO, hidden: Container[str] = (), together: Sequence[Together] = ()
) -> None:
    """Writes the book as a spreadsheet, one row per line, in the same way."""
    export.write_csv(_shown(book, hidden, together), out)


def _shown(book: Book, hidden: Container[str], together: Sequence[Together]) -> export.Shown:
    return export.Shown(book, _entries_but(book, hidden), undone_vouchers(book), together)


def _entries_but(book: Book, hidden: Container[str]) -> Iterator[Sealed]:
    """The entries as they are read, and no book with one missing that cannot be."""
    read = 0
    for entry in sealed_entries(book):
        read += 1
        if entry.facts.ref not in hidden:
            yield entry
    if read < book.entry_count:
        raise ValueError(f"{read} of {book.entry_count} entries can be read")
