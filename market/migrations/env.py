"""Alembic's entry: migrates under the application's own connection settings and write lock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from market.db import MIGRATION_LOCK, Model, db, write_lock


def run() -> None:
    with write_lock(), db.engine.connect().execution_options(write=True) as connection:
        if connection.dialect.name == "postgresql":
            # Several hosts may start at once; the second finds the work done.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=True,
            compare_type=True,
            user_module_prefix="market.db.",
        )
        context.run_migrations()
        connection.commit()


run()
