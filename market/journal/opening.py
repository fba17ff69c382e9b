"""Taking into the journal what was there before: older rows, and kinds whose columns came to count later."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from market.audit import AuditRow
from market.db import db
from market.journal.kinds import Kind, facts_of
from market.journal.rules import PLATFORM, canonical
from market.journal.writing import append, kinds

OPENED = "journal.open"
"""The act of a line that says: so it was found when this began. It proves nothing of the time before."""


def open_journal(*, at: datetime) -> int:
    """Notes what is there of every kind that is not noted yet, as it is; how many facts. Twice is once."""
    known = shapes_noted()
    new = [kind for kind in kinds().kinds if known.get(kind.name) != kind.shape]
    if not new:
        return 0
    found = _found(new)
    for chain in sorted({PLATFORM, *found, *old_rows()}):
        append([_line(chain, new, found.get(chain, {}), at)])
    return sum(map(len, found.values()))


def shapes_noted() -> dict[str, str]:
    """Which columns of each kind counted when it was last taken in."""
    query = sa.select(AuditRow.detail).where(AuditRow.chain == PLATFORM, AuditRow.act == OPENED)
    noted: dict[str, str] = {}
    for detail in db.session.scalars(query.order_by(AuditRow.number)):
        noted |= detail.get("shapes", {})
    return noted


def _found(new: Iterable[Kind]) -> dict[int, dict[str, str | None]]:
    found: dict[int, dict[str, str | None]] = defaultdict(dict)
    for kind in new:
        for fact in facts_of(kind):
            found[fact.chain or PLATFORM][fact.key] = fact.digest
    return found


def _line(chain: int, new: Iterable[Kind], facts: dict[str, str | None], at: datetime) -> AuditRow:
    count, sha256 = old_rows().get(chain, (0, ""))
    return AuditRow(
        community_id=chain or None,
        act=OPENED,
        object_kind="journal",
        object_ref=str(chain),
        detail={"shapes": {kind.name: kind.shape for kind in new}, "before": [count, sha256]},
        at=at,
        chain=chain,
        facts=facts,
    )


def old_rows() -> dict[int, tuple[int, str]]:
    """The rows from before there were chains, by the chain they would be in: how many, and their hash."""
    columns = (
        AuditRow.chain,
        AuditRow.user_id,
        AuditRow.on_behalf_of,
        AuditRow.act,
        AuditRow.object_kind,
        AuditRow.object_ref,
        AuditRow.detail,
        AuditRow.at,
    )
    counts: dict[int, int] = defaultdict(int)
    hashes: dict[int, Any] = defaultdict(hashlib.sha256)
    for row in db.session.execute(sa.select(*columns).where(AuditRow.number.is_(None)).order_by(AuditRow.id)):
        counts[row.chain] += 1
        hashes[row.chain].update(canonical(dict(row._mapping)))
    return {chain: (counts[chain], hashes[chain].hexdigest()) for chain in counts}
