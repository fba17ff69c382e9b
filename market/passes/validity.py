"""Which passes count: asked of the assignments whenever somebody wants to know."""

from __future__ import annotations

import sqlalchemy as sa

from market.db import db
from market.passes.models import PassRevocation
from market.stalls.models import Assignment, PassVersion


def counting() -> sa.Select[PassVersion]:
    """The passes that count: of stalls that are held, of their newest version, and not taken back."""
    taken_back = sa.exists().where(PassRevocation.pass_id == PassVersion.id)
    return (
        sa.select(PassVersion)
        .join(PassVersion.assignment)
        .where(PassVersion.version == Assignment.version, Assignment.released_at.is_(None), ~taken_back)
    )


def counts(shown: PassVersion) -> bool:
    """The same of one pass."""
    held = shown.assignment
    return held.released_at is None and shown.version == held.version and revocation_of(shown) is None


def revocation_of(shown: PassVersion) -> PassRevocation | None:
    """Who took a pass back, when and why."""
    return db.session.scalar(sa.select(PassRevocation).where(PassRevocation.pass_id == shown.id))
