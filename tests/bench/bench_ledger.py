"""How long it takes to verify a book and its journal, against reading and hashing the same bytes."""

from __future__ import annotations

import hashlib
import resource
import secrets
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from market.app import create_app
from market.audit import AuditRow
from market.communities.rules import RegionLevel
from market.communities.service import create_community, create_region
from market.config import Settings
from market.db import db, unit_of_work
from market.fund.service import open_fund
from market.insight.proof import verify_everything
from market.journal.kinds import facts_of
from market.journal.models import Journal
from market.journal.rules import LineFacts, genesis, line_hash, said_hash, shown_facts
from market.journal.writing import kinds, write
from market.ledger import chain, kept, service as ledger
from market.ledger.models import Book, Entry, Posting
from market.ledger.rules import EntryKind, Line, credit, debit
from market.people.models import User
from market.people.service import create_user
from tests.bench.harness import Measurement, alternate, bench
from tests.parts.guards import drop_guards, put_back_guards, run

AT = datetime(2026, 1, 2, tzinfo=UTC)
MANY, VERY_MANY = 100_000, 1_000_000


@contextmanager
def _installation(folder: Path) -> Iterator[None]:
    app = create_app(Settings(instance=folder, secret_key="x" * 40, log_level="error"))
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


@lru_cache
def filled(entries: int) -> Path:
    """An installation with one book of so many entries, each told of by a line of the journal."""
    folder = Path(tempfile.mkdtemp(prefix="market-ledger-"))
    with _installation(folder):
        upgrade()
        with unit_of_work():
            region = create_region("370303001000", "示例街道", RegionLevel.STREET, at=AT)
            community = create_community(
                "big", "大社区", region, host_org="居委会", phone="0533-000-0000", zone="Asia/Shanghai",
                by=None, at=AT,
            )  # fmt: skip
            fund = open_fund(
                community, "大社区基金", charity="示例慈善总会", agreement_no="2026-1", signed_on=AT.date(),
                purpose="社区公益", by=create_user("clerk", "记账", None, at=AT), at=AT,
            )  # fmt: skip
            write()
            _fill(fund.book, entries)
    return folder


def _fill(book: Book, count: int) -> None:
    """Everything at once, as a million single acts would have left it."""
    run(drop_guards())
    journal = db.session.scalars(sa.select(Journal).where(Journal.chain == book.community_id)).one_or_none()
    number, at = (journal.lines, journal.head_hash) if journal else (0, genesis(book.community_id))
    head = chain.genesis(chain.BookFacts(book.ref, book.community_id, book.opened_at))
    for start in range(0, count, 10_000):
        rows, lines = _entries(book, range(start + 1, min(start + 10_000, count) + 1), head, at)
        head = rows[-1]["hash"]
        db.session.execute(sa.insert(Entry.__table__), rows)  # type: ignore[arg-type]  # a table
        db.session.execute(sa.insert(Posting.__table__), lines)  # type: ignore[arg-type]  # a table
    db.session.execute(
        sa.update(Book.__table__).values(entry_count=count, head_hash=head)  # type: ignore[arg-type]  # a table
    )
    end, length = at, number
    for told, end, length in _told(book.community_id, number, at):  # noqa: B007 - the last ones count
        db.session.execute(sa.insert(AuditRow.__table__), told)  # type: ignore[arg-type]  # a table
    if journal is not None:
        journal.lines, journal.head_hash = length, end
    else:
        db.session.add(Journal(chain=book.community_id, lines=length, head_hash=end))
    db.session.execute(sa.text(kept.FILL))
    run(put_back_guards())


def _entries(
    book: Book, sequences: range, head: str, journal: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows, lines = [], []
    for sequence in sequences:
        facts = chain.EntryFacts(
            f"e{sequence}", sequence, 2026, sequence, "receipt", f"bench:{sequence}", _day(sequence),
            _at(sequence), book.opened_by, f"第 {sequence} 笔收款",
            (Line("1001", 100), Line("4104", -100)), None, None, journal,
        )  # fmt: skip
        row = {**facts._asdict(), "id": sequence, "book_id": book.id, "prev_hash": head}
        head = row["hash"] = chain.entry_hash(head, facts)
        for name in ("lines", "reverses"):
            del row[name]
        rows.append(row)
        for position, line in enumerate(facts.lines, 1):
            said = {"account": line.account, "amount_fen": line.amount_fen}
            lines.append({"entry_id": sequence, "position": position, **said})
    return rows, lines


def _at(sequence: int) -> datetime:
    """Another moment for each, as in life."""
    return AT + timedelta(seconds=20 * sequence, microseconds=sequence)


def _day(sequence: int) -> date:
    return date(2026, 1, 2) + timedelta(days=sequence % 360)


def _told(community_id: int, number: int, head: str) -> Iterator[tuple[list[dict[str, Any]], str, int]]:
    """Lines of the journal, ten thousand at a time, with its head and length after them."""
    rows, kind, public = [], kinds().by_table["entry"], kinds().public
    for fact in facts_of(kind):
        number += 1
        told = {fact.key: fact.digest}
        line = LineFacts(
            community_id, number, community_id, None, None, "bench.act", "entry", "x", {}, _at(number), told
        )
        salt = f"{number:032x}"
        said = said_hash(line, salt)
        head = line_hash(head, said, shown_facts(line.facts, public))
        rows.append({**line._asdict(), "salt": salt, "said": said, "hash": head})
        if len(rows) == 10_000:
            yield rows, head, number
            rows = []
    if rows:
        yield rows, head, number


def _verify(folder: Path) -> float:
    with _installation(folder):
        began = time.process_time()
        report = verify_everything()
        taken = time.process_time() - began
    if report.faults:
        raise RuntimeError(report.lines[:3])
    return taken


def _read_and_hash(folder: Path) -> float:
    """The raw limit: every row of the four tables out of SQLite, and its text through SHA-256."""
    began = time.process_time()
    with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
        for table in ("entry", "posting", "audit_row"):
            for row in connection.execute(f"SELECT * FROM {table}"):
                hashlib.sha256(repr(row).encode()).digest()
    return time.process_time() - began


@bench("ledger.verify.100k", unit="s", goal="value <= 2")
def hundred_thousand() -> Measurement:
    """100,000 entries and as many lines of the journal, both ways; in seconds of the processor."""
    folder = filled(MANY)
    ours = min(_verify(folder) for _turn in range(3))
    return Measurement.of(
        ours, min(_read_and_hash(folder) for _turn in range(3)), "reading and hashing the rows"
    )


@bench("ledger.verify.1m", unit="s", goal="ratio <= 11")
def million() -> Measurement:
    """Ten times as many take ten times as long; the peak of memory is printed."""
    ours = _verify(filled(VERY_MANY))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Measurement.of(ours, _verify(filled(MANY)), f"a tenth of them; {peak:,} MB at the most")


FEW = 1_000


def _post(folder: Path, count: int = 40) -> float:
    """Processor time of one entry, posted at the end of the book and told by the journal."""
    with _installation(folder):
        began = time.process_time()
        for _turn in range(count):
            with unit_of_work():
                book = ledger.books()[0]
                by = db.session.get_one(User, book.opened_by)
                lines = [debit("1001", 100), credit("4104", 100)]
                day, source = date(2026, 12, 30), f"post:{secrets.token_hex(8)}"
                ledger.post(
                    book, source, EntryKind.CONTRIBUTION, lines, happened_on=day, memo="收款", by=by,
                    at=datetime(2027, 1, 1, tzinfo=UTC),
                )  # fmt: skip
        return (time.process_time() - began) / count * 1_000


def _page(folder: Path, count: int = 12) -> float:
    """Processor time of the fund's page, made anew each time."""
    app = create_app(Settings(instance=folder, secret_key="x" * 40, log_level="error"))
    with app.app_context():
        client, times = app.test_client(), []
        for turn in range(count):
            began = time.process_time()
            answer = client.get("/c/big/fund", query_string={"n": turn})
            times.append(time.process_time() - began)
            if answer.status_code != 200:
                raise RuntimeError(answer.status)
        db.session.remove()
        db.engine.dispose()
    return statistics.median(times[2:]) * 1_000


def _grown(measure: Callable[[Path], float]) -> Measurement:
    large, small = filled(VERY_MANY), filled(FEW)
    ours, control = alternate(lambda: measure(large), lambda: measure(small))
    return Measurement.of(ours, control, "the same with a thousand entries")


@bench("ledger.post.growth", unit="ms", goal="ratio <= 1.5")
def posting() -> Measurement:
    """An entry costs at a million what it costs at a thousand."""
    return _grown(_post)


@bench("pages.fund.growth", unit="ms", goal="ratio <= 1.5")
def fund_page() -> Measurement:
    """So does the fund's page."""
    return _grown(_page)
