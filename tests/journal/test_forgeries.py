"""The past changed by plain SQL: named by `verify`, by a printed head, or by both (table in SECURITY.md)."""

from __future__ import annotations

from contextlib import suppress

import pytest
import sqlalchemy as sa

from market.config import ROOT
from market.db import db, unit_of_work
from market.insight.proof import verify_everything
from market.journal.checkpoint import Signer
from market.journal.printed import grown_since, head_now
from tests.conftest import both_engines
from tests.journal.conftest import Year
from tests.journal.forgeries import FORGERIES, PRINTED, VERIFY, Forgery
from tests.parts.guards import drop_guards, put_back_guards, run

SECURITY = ROOT / "SECURITY.md"


class UndoError(Exception):
    """Leaves a unit of work without a trace."""


def seen(year: Year, forgery: Forgery) -> tuple[tuple[str, ...], str]:
    """By what a change is named, and what `verify` says; the change is undone."""
    by: list[str] = []
    said: list[str] = []
    with suppress(UndoError), unit_of_work():
        forge(year, forgery)
        report = verify_everything()
        said = [line for line in report.lines if line.startswith("✕")]
        assert len(said) == report.faults
        by = [VERIFY] * bool(said) + [PRINTED] * (grown_since(year.chain, "huaiyin", year.end.short) is None)
        raise UndoError
    return tuple(by), "\n".join(said)


def forge(year: Year, forgery: Forgery) -> None:
    """As somebody would who may write into the database and knows the program."""
    dialect = db.engine.dialect.name
    if dialect == "sqlite":
        db.session.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
    else:
        db.session.execute(sa.text("SET LOCAL session_replication_role = 'replica'"))
    run(drop_guards())
    for step in forgery.how:
        if callable(step):
            step(year)
        else:
            db.session.execute(sa.text(step))
    run(put_back_guards())
    db.session.expire_all()


@pytest.mark.slow
@both_engines
@pytest.mark.own_app
def test_every_change_of_the_past_is_named(year: Year) -> None:
    assert verify_everything().faults == 0, verify_everything().lines
    found = {forgery.what: seen(year, forgery) for forgery in FORGERIES}
    assert {what: by for what, (by, _said) in found.items()} == {
        forgery.what: forgery.seen_by for forgery in FORGERIES
    }
    silent = [forgery.what for forgery in FORGERIES if forgery.named not in found[forgery.what][1]]
    assert silent == []
    assert verify_everything().faults == 0


def test_there_are_at_least_thirty_of_them() -> None:
    assert len({forgery.what for forgery in FORGERIES}) == len(FORGERIES) >= 30


def test_the_heads_printed_before_are_still_heads(year: Year) -> None:
    assert year.middle.size < year.end.size == head_now(year.chain).size
    for printed in (year.middle.short, year.middle.hash, year.end.short, year.note, "0-" + "0" * 16):
        grown = grown_since(year.chain, "huaiyin", printed)
        assert (grown is None) is printed.startswith("0-")
        if grown is not None:
            assert grown.lines_now == year.end.size


def test_a_head_that_another_key_signed_is_none(year: Year) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    forged = Signer(year.note.splitlines()[0], Ed25519PrivateKey.generate()).checkpoint(year.end)
    assert forged.splitlines()[:3] == year.note.splitlines()[:3]
    assert grown_since(year.chain, "huaiyin", year.note) is not None
    assert grown_since(year.chain, "huaiyin", forged) is None


def table() -> str:
    rows = [f"| {one.what} | {' and '.join(one.seen_by)} |" for one in FORGERIES]
    return "\n".join(["| what was changed by plain SQL | named by |", "|---|---|", *rows])


def test_the_table_stands_in_security() -> None:
    assert table() in SECURITY.read_text(encoding="utf-8"), table()
