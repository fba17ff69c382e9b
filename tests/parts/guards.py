"""The triggers that keep the past as it is: taken away by tests that forge, and put back."""

from __future__ import annotations

import sqlalchemy as sa

from market.db import db
from market.journal import triggers as journal
from market.ledger import triggers as ledger


def drop_guards() -> list[str]:
    """What takes away everything that refuses a change of the past."""
    dialect = db.engine.dialect.name
    return [
        *ledger.drop_statements(dialect),
        *ledger.drop_sum_statements(dialect),
        *journal.drop_statements(dialect),
    ]


def put_back_guards() -> list[str]:
    """What brings it back."""
    dialect = db.engine.dialect.name
    return [
        *ledger.create_statements(dialect),
        *ledger.create_sum_statements(dialect),
        *journal.create_statements(dialect),
    ]


def run(statements: list[str]) -> None:
    for statement in statements:
        db.session.execute(sa.text(statement))
