"""The audit trail as tests read it: while the unit of work is still running."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from market.journal.writing import write


def select_said(*columns: Any) -> sa.Select[Any]:
    """A query of what was said so far; the lines of acts are written when their unit of work ends."""
    write()
    return sa.select(*columns)
