"""Book, Entry and Posting: rows that the database itself refuses to change (see triggers.py)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.communities.models import Community
from market.db import DerivedShown, Model, Referable, Shown, str_enum
from market.ledger.chain import voucher
from market.ledger.rules import (
    MAX_DIMENSION,
    MAX_LINE_FEN,
    MAX_SOURCE,
    MAX_TEXT,
    EntryKind,
    Line,
)
from market.ledger.spans import PeriodKind, Span
from market.people.models import User

# Uniqueness is an index, not a constraint of the table: the control tests must be able to take it away.


class Book(Referable, Shown, Model):
    """The book of one community's fund. Counter and head are one locked row: no number is given twice."""

    __tablename__ = "book"
    __table_args__ = (
        sa.Index("uq_book_community", "community_id", unique=True),
        sa.CheckConstraint("entry_count >= 0", name="count_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"))
    title: Mapped[str] = mapped_column(sa.String(100))
    entry_count: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[str] = mapped_column(sa.String(64))
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    community: Mapped[Community] = relationship()


class Entry(Referable, Shown, Model):
    """One voucher: why money moved, when, by whom, and what the entry before it was."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.Index(
            "uq_entry_source",
            "book_id",
            "source",
            unique=True,
            postgresql_ops={"source": "varchar_pattern_ops"},
        ),
        sa.Index("uq_entry_sequence", "book_id", "sequence", unique=True),
        sa.Index("uq_entry_number", "book_id", "fiscal_year", "number", unique=True),
        sa.Index("uq_entry_reverses", "reverses_id", unique=True),
        sa.CheckConstraint("sequence > 0 AND number > 0", name="counted_from_one"),
        sa.CheckConstraint("(reverses_id IS NULL) = (kind <> 'reversal')", name="reversal_has_original"),
        sa.CheckConstraint("reverses_id IS NULL OR reason IS NOT NULL", name="reversal_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(sa.ForeignKey("book.id"))
    sequence: Mapped[int]
    fiscal_year: Mapped[int]
    number: Mapped[int]
    kind: Mapped[EntryKind] = mapped_column(str_enum(EntryKind))
    source: Mapped[str] = mapped_column(sa.String(MAX_SOURCE))
    happened_on: Mapped[date] = mapped_column(index=True)
    posted_at: Mapped[datetime]
    posted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    memo: Mapped[str] = mapped_column(sa.String(MAX_TEXT))
    reverses_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    reason: Mapped[str | None] = mapped_column(sa.String(MAX_TEXT))
    prev_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    journal: Mapped[str | None] = mapped_column(sa.String(64))
    """The head of the community's journal when it was posted; None in books older than the journal."""
    salt: Mapped[str | None] = mapped_column(sa.String(32))
    """Random: from the hash of an entry nobody can guess what it says. None in entries of before."""

    book: Mapped[Book] = relationship()
    postings: Mapped[list[Posting]] = relationship(
        back_populates="entry", order_by="Posting.position", lazy="selectin"
    )
    reverses: Mapped[Entry | None] = relationship(remote_side="Entry.id", back_populates="reversed_by")
    reversed_by: Mapped[Entry | None] = relationship(back_populates="reverses")

    @property
    def voucher(self) -> str:
        """`2024-0012`."""
        return voucher(self.fiscal_year, self.number)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The postings as rules know them."""
        return tuple(Line(row.account, row.amount_fen, row.dimension) for row in self.postings)


class Posting(Shown, Model):
    """One line of an entry: debit positive, credit negative."""

    __tablename__ = "posting"
    __table_args__ = (
        sa.Index("uq_posting_position", "entry_id", "position", unique=True),
        sa.CheckConstraint("amount_fen <> 0", name="amount_not_zero"),
        sa.CheckConstraint(f"amount_fen BETWEEN -{MAX_LINE_FEN} AND {MAX_LINE_FEN}", name="amount_bounded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    position: Mapped[int]
    account: Mapped[str] = mapped_column(sa.String(4), index=True)
    amount_fen: Mapped[int]
    dimension: Mapped[str | None] = mapped_column(sa.String(MAX_DIMENSION))

    entry: Mapped[Entry] = relationship(back_populates="postings")


class KeptSum(DerivedShown, Model):
    """What one account moved in one month by one kind of entry: derived, see kept.py."""

    __tablename__ = "kept_sum"
    __table_args__ = (sa.Index("uq_kept_sum", "book_id", "month", "kind", "account", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(sa.ForeignKey("book.id"))
    month: Mapped[str] = mapped_column(sa.String(7))
    """`2024-03`."""
    kind: Mapped[str] = mapped_column(sa.String(40))
    """What the entry is, or what the one is that it undoes."""
    account: Mapped[str] = mapped_column(sa.String(4))
    amount_fen: Mapped[int]


class Period(Referable, Shown, Model):
    """A month or a quarter that is closed: nothing is dated up to its last day any more.

    A quarter counts as closed for good when a second person has confirmed it; until then it can be withdrawn.
    """

    __tablename__ = "period"
    __table_args__ = (
        sa.Index("uq_period_span", "book_id", "kind", "first_on", unique=True),
        sa.CheckConstraint("first_on <= last_on", name="span"),
        sa.CheckConstraint("confirmed_by <> closed_by", name="two_persons"),
        sa.CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        sa.CheckConstraint("kind = 'quarter' OR confirmed_by IS NULL", name="months_need_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(sa.ForeignKey("book.id"))
    kind: Mapped[PeriodKind] = mapped_column(str_enum(PeriodKind))
    first_on: Mapped[date]
    last_on: Mapped[date]
    entry_count: Mapped[int]
    """How many entries the book had, and …"""
    head_hash: Mapped[str] = mapped_column(sa.String(64))
    """… its newest hash when the period was closed: what came later is dated later."""
    closed_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    closed_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None]

    book: Mapped[Book] = relationship()
    closer: Mapped[User] = relationship(foreign_keys=[closed_by])
    confirmer: Mapped[User | None] = relationship(foreign_keys=[confirmed_by])

    @property
    def span(self) -> Span:
        return Span(self.first_on, self.last_on)

    @property
    def is_final(self) -> bool:
        """Whether nobody can take it back: a month at once, a quarter with its second person."""
        return self.kind is PeriodKind.MONTH or self.confirmed_at is not None
