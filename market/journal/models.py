"""Where each chain of the journal ends; the lines themselves are the rows of the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Model


class Journal(Model):
    """The end of one chain: a community's, by its id, or that of no community (0). Writers lock this row."""

    __tablename__ = "journal"
    __table_args__ = (sa.Index("uq_journal_chain", "chain", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[int]
    lines: Mapped[int]
    head_hash: Mapped[str] = mapped_column(sa.String(64))
