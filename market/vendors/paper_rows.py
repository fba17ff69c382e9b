"""Papers that vendors hand in as pictures; the pictures are deleted one day, the rows of the papers stay."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model, Referable, str_enum
from market.people.models import User
from market.vendors.models import Document, StallPerson, Vendor
from market.vendors.papers import PaperAnswer
from market.vendors.rules import DocumentKind

WAITS = sa.text("answer = 'waiting'")


class HandedPaper(Referable, Model):
    """A paper as a vendor handed it in, and what became of it. It counts when its original was seen: as a
    `Document`, which stays when the pictures are gone."""

    __tablename__ = "handed_paper"
    __table_args__ = (
        sa.Index("ix_handed_paper_waiting", "vendor_id", sqlite_where=WAITS, postgresql_where=WAITS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    kind: Mapped[DocumentKind] = mapped_column(str_enum(DocumentKind))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stall_person.id"))
    """Whose it is, of the people at the stall."""
    brought_for: Mapped[date | None]
    """The market whose goods it comes with."""
    handed_at: Mapped[datetime]
    handed_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    answer: Mapped[PaperAnswer] = mapped_column(str_enum(PaperAnswer), default=PaperAnswer.WAITING)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why it was refused: the vendor reads it."""
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    """What it became when its original was seen."""

    vendor: Mapped[Vendor] = relationship()
    person: Mapped[StallPerson | None] = relationship()
    document: Mapped[Document | None] = relationship()
    sender: Mapped[User] = relationship(foreign_keys=[handed_by])
    answerer: Mapped[User | None] = relationship(foreign_keys=[answered_by])
    pictures: Mapped[list[PaperPicture]] = relationship(back_populates="paper", order_by="PaperPicture.id")

    @property
    def waits(self) -> bool:
        return self.answer is PaperAnswer.WAITING


class PaperPicture(Referable, Model):
    """One page of it: JPEG, drawn anew by us."""

    __tablename__ = "paper_picture"

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("handed_paper.id"), index=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    width: Mapped[int]
    height: Mapped[int]

    paper: Mapped[HandedPaper] = relationship(back_populates="pictures")
