"""Heads that were printed or written down: whether the journal stood there, and only grew since."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from market.audit import AuditRow
from market.config import settings
from market.db import db
from market.journal.checkpoint import Head, read_checkpoint, signer_of
from market.journal.models import Journal
from market.journal.rules import fingerprint, genesis, line_hash, shown_facts
from market.journal.writing import kinds
from market.stored import stream

_SHORT = re.compile(r"(\d{1,18})[-\uff0d—– ]\s*((?:\d{4}\s*){4})")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Grown:
    """The journal stood at a printed head, and every line since continues it."""

    at_line: int
    written_at: datetime | None
    """When the line was written after which it stood there; None before the first."""
    lines_now: int


def head_now(chain: int) -> Head:
    """Where a chain stands."""
    found = db.session.execute(
        sa.select(Journal.lines, Journal.head_hash).where(Journal.chain == chain)
    ).first()
    return Head(*found) if found is not None else Head(0, genesis(chain))


def checkpoint_of(chain: int, slug: str) -> str:
    """The signed head of a community as it is now."""
    return signer_of(slug, settings()).checkpoint(head_now(chain))


def grown_since(chain: int, slug: str, printed: str) -> Grown | None:
    """Whether a head in any form (signed, short, whole hash) was one of this journal, which only grew since.

    None: it never stood there, or what came after does not continue it.
    """
    wanted = _read(slug, printed.strip())
    if wanted is None:
        return None
    size, digits = wanted
    found = _line(chain, size, digits)
    if found is None:
        return None
    now = head_now(chain)
    return Grown(found[0], found[2], now.size) if _leads_to(chain, found[0], found[1], now) else None


def typed_head(text: str) -> str:
    """A head as it was typed, or out of the address that a scanned code holds."""
    address = urlsplit(text.strip())
    asked = parse_qs(address.query).get("head") if address.scheme.lower() in ("http", "https") else None
    return asked[0] if asked else text.strip()


def _read(slug: str, printed: str) -> tuple[int | None, str] | None:
    """How many lines, and the hash or its sixteen digits; None when it is no head, or a forged one."""
    if "\n" in printed:
        head = read_checkpoint(f"{printed}\n", signer_of(slug, settings()).verifier)
        return (head.size, head.hash) if head is not None else None
    if (short := _SHORT.fullmatch(printed)) is not None:
        return int(short[1]), re.sub(r"\s", "", short[2])
    return (None, printed.lower()) if _HASH.fullmatch(printed.lower()) else None


def _line(chain: int, size: int | None, wanted: str) -> tuple[int, str, datetime | None] | None:
    """The line after which the journal stood at this head: its number, its hash, when it was written."""
    query = sa.select(AuditRow.number, AuditRow.hash, AuditRow.at).where(AuditRow.chain == chain)
    query = query.where(AuditRow.hash == wanted if size is None else AuditRow.number == size)
    row: Any = db.session.execute(query).first() or (0, genesis(chain), None)
    fits = wanted in (row[1], fingerprint(row[1]).replace(" ", "")) and size in (None, row[0])
    return (row[0], row[1], row[2]) if fits else None


def _leads_to(chain: int, number: int, head: str, end: Head) -> bool:
    """Whether the lines after a head, hashed one after the other, lead to where the journal stands now."""
    table: Any = AuditRow.__table__
    query = sa.select(table.c.number, table.c.said, table.c.facts, table.c.hash)
    query = query.where(table.c.chain == chain, table.c.number > number).order_by(table.c.number)
    public = kinds().public
    for row in stream(query):
        head = line_hash(head, row.said, shown_facts(row.facts, public))
        if (row.number, row.hash) != (number + 1, head):
            return False
        number = row.number
    return (number, head) == end
