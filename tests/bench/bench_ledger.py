"""How long it takes to verify a book and its journal, against reading and hashing the same bytes."""

from __future__ import annotations

import hashlib
import resource
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_migrate import upgrade

from market.app import create_app
from market.audit import AuditRow
from market.communities.rules import RegionLevel
from market.communities.service import create_community, create_region
from market.config import Settings
from market.db import db, unit_of_work
from market.fund.files import FOLDER
from market.fund.models import Fund
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
from tests.bench.markets import Past, arrived, past_markets, pattern
from tests.parts.guards import drop_guards, put_back_guards, run

AT = datetime(2026, 1, 2, tzinfo=UTC)
YEAR = 2039
"""Of the entries: later than whatever the services posted before."""
MANY, VERY_MANY = 100_000, 1_000_000


@contextmanager
def _installation(folder: Path) -> Iterator[None]:
    app = create_app(Settings(instance=folder, secret_key="x" * 40, log_level="error"))
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


@lru_cache
def filled(entries: int, markets: int = 0) -> Path:
    """An installation with one book of so many entries, each told of by a line of the journal.

    So many markets are behind the book, each with a contribution and its arrival; the rest are of a kind that
    needs no record beside it.
    """
    folder = Path(tempfile.mkdtemp(prefix="market-ledger-"))
    with _installation(folder):
        upgrade()
        with unit_of_work():
            region = create_region("370303001000", "示例街道", RegionLevel.STREET, at=AT)
            community = create_community(
                "big", "大社区", region, host_org="居委会", phone="0533-000-0000", zone="Asia/Shanghai",
                by=None, at=AT,
            )  # fmt: skip
            clerk = create_user("clerk", "记账", None, at=AT)
            fund = open_fund(
                community, "大社区基金", charity="示例慈善总会", agreement_no="2026-1", signed_on=AT.date(),
                purpose="社区公益", by=clerk, at=AT,
            )  # fmt: skip
            past = past_markets(pattern(community, clerk), markets) if markets else []
            write()
            fill(fund, entries, past)
    return folder


def fill(fund: Fund, count: int, past: Sequence[Past] = ()) -> None:
    """Everything at once, as a million single acts would have left it."""
    run(drop_guards())
    book = fund.book
    chain_of = journal_of(book.community_id)
    number, at = chain_of.lines, chain_of.head_hash
    head, first = book.head_hash, book.entry_count + 1
    plan = _Plan(count, past, first)
    for start in range(first, count + 1, 10_000):
        rows, lines = _entries(book, range(start, min(start + 10_000, count + 1)), head, at, plan)
        head = rows[-1]["hash"]
        db.session.execute(sa.insert(Entry.__table__), rows)  # type: ignore[arg-type]  # a table
        db.session.execute(sa.insert(Posting.__table__), lines)  # type: ignore[arg-type]  # a table
    db.session.execute(
        sa.update(Book.__table__).values(entry_count=count, head_hash=head)  # type: ignore[arg-type]  # a table
    )
    for place, one in enumerate(past):
        given = plan.place(place)
        arrived(fund, AT, one, _id(given), _id(given + 1))
    end, length = at, number
    for told, end, length in _told(book.community_id, number, at, first):  # noqa: B007 - the last ones count
        db.session.execute(sa.insert(AuditRow.__table__), told)  # type: ignore[arg-type]  # a table
    chain_of.lines, chain_of.head_hash = length, end
    db.session.flush()
    db.session.execute(sa.text("DELETE FROM kept_sum"))
    db.session.execute(sa.text(kept.FILL))
    run(put_back_guards())
    db.session.expire(book)


def journal_of(chain_: int) -> Journal:
    """The end of a chain, made where it has no line yet."""
    found = db.session.scalars(sa.select(Journal).where(Journal.chain == chain_)).one_or_none()
    if found is None:
        found = Journal(chain=chain_, lines=0, head_hash=genesis(chain_))
        db.session.add(found)
        db.session.flush()
    return found


class _Plan(NamedTuple):
    """Which entry is of which market."""

    length: int
    past: Sequence[Past]
    first: int = 1

    def place(self, market: int) -> int:
        """The sequence of its contribution; the newest of all are of the newest market, which comes first."""
        every = self.length // (len(self.past) + 1)
        return self.length - 1 - market * every

    def kind(self, sequence: int) -> tuple[str, str, tuple[Line, ...]]:
        """What an entry is: kind, source, lines."""
        if self.past:
            every = self.length // (len(self.past) + 1)
            market, off = divmod(self.length - 1 - sequence + 1, every)
            if off in (0, 1) and market < len(self.past):
                one = self.past[market]
                if off == 1:
                    return "contribution", f"settlement:{one.ref}:1", contribution(one.fen)
                return "remittance", f"remittance:{one.ref}:1", remittance(one.fen)
        return "refund", f"bench:{sequence}", (Line("1001", 100), Line("4104", -100))


def contribution(fen: int) -> tuple[Line, ...]:
    """As a market is posted when it is settled."""
    return Line("1003", fen), Line("2001", -fen)


def remittance(fen: int) -> tuple[Line, ...]:
    """As its arrival is."""
    return Line("1001", fen), Line("1003", -fen), Line("2001", fen), Line("4101", -fen)


def _id(sequence: int) -> int:
    """The ids that are written at once are far above those that the services gave."""
    return 10_000_000 + sequence


def _entries(
    book: Book, sequences: range, head: str, journal: str, plan: _Plan
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows, lines = [], []
    for sequence in sequences:
        kind, source, of_entry = plan.kind(sequence)
        facts = chain.EntryFacts(
            f"e{sequence}", sequence, YEAR, sequence - plan.first + 1, kind, source, _day(sequence),
            _at(sequence), book.opened_by, f"第 {sequence} 笔收款",
            of_entry, None, None, journal, f"{sequence:032x}",
        )  # fmt: skip
        row = {**facts._asdict(), "id": _id(sequence), "book_id": book.id, "prev_hash": head}
        head = row["hash"] = chain.entry_hash(head, facts)
        for name in ("lines", "reverses"):
            del row[name]
        rows.append(row)
        for position, line in enumerate(facts.lines, 1):
            said = {"account": line.account, "amount_fen": line.amount_fen}
            lines.append({"entry_id": _id(sequence), "position": position, **said})
    return rows, lines


def _at(sequence: int) -> datetime:
    """Another moment for each, as in life."""
    return datetime(YEAR, 1, 2, tzinfo=UTC) + timedelta(seconds=20 * sequence, microseconds=sequence)


def _day(sequence: int) -> date:
    return date(YEAR, 1, 2) + timedelta(days=sequence % 360)


def _told(
    community_id: int, number: int, head: str, first: int
) -> Iterator[tuple[list[dict[str, Any]], str, int]]:
    """Lines of the journal, ten thousand at a time, with its head and length after them."""
    rows, kind, public = [], kinds().by_table["entry"], kinds().public
    for fact in (fact for fact in facts_of(kind) if fact.id >= _id(first)):
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
    """As the command does it: how long somebody waits, in seconds."""
    with _installation(folder):
        began = time.perf_counter()
        report = verify_everything(on_two_cores=True)
        taken = time.perf_counter() - began
    if report.faults:
        raise RuntimeError(report.lines[:3])
    return taken


def _read_and_hash(folder: Path) -> float:
    """The raw limit: every row of the four tables out of SQLite, and its text through SHA-256."""
    began = time.perf_counter()
    with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
        for table in ("entry", "posting", "audit_row"):
            for row in connection.execute(f"SELECT * FROM {table}"):
                hashlib.sha256(repr(row).encode()).digest()
    return time.perf_counter() - began


@bench("ledger.verify.100k", unit="s", goal="value <= 2")
def hundred_thousand() -> Measurement:
    """100,000 entries and as many lines of the journal, both ways; in seconds, on two cores."""
    folder = filled(MANY)
    ours = min(_verify(folder) for _turn in range(3))
    return Measurement.of(
        ours, min(_read_and_hash(folder) for _turn in range(3)), "reading and hashing the rows"
    )


@bench("ledger.verify.1m", unit="s", goal="ratio <= 11", long=True)
def million() -> Measurement:
    """Ten times as many take ten times as long; the peak of memory is printed."""
    large, small = filled(VERY_MANY), filled(MANY)
    ours, control = alternate(lambda: _verify(large), lambda: _verify(small), rounds=3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Measurement.of(ours, control, f"a tenth of them; {peak:,} MB at the most")


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
                day, source = date(YEAR, 12, 30), f"post:{secrets.token_hex(4)}"
                ledger.post(
                    book, source, EntryKind.CONTRIBUTION, lines, happened_on=day, memo="收款", by=by,
                    at=datetime(YEAR + 1, 1, 1, tzinfo=UTC),
                )  # fmt: skip
        return (time.process_time() - began) / count * 1_000


def _page(folder: Path, count: int = 12) -> float:
    """Processor time of the fund's page, made anew each time; what is public is known after the first."""
    app = create_app(Settings(instance=folder, secret_key="x" * 40, log_level="error"))
    with app.app_context():
        client, times = app.test_client(), []
        for _turn in range(count):
            app.wsgi_app._pages.clear()  # type: ignore[attr-defined]  # a kept page would be no page
            began = time.process_time()
            answer = client.get("/c/big/fund")
            times.append(time.process_time() - began)
            if answer.status_code != 200:
                raise RuntimeError(answer.status)
        db.session.remove()
        db.engine.dispose()
    return statistics.median(times[2:]) * 1_000


MARKETS, FEW_MARKETS = 2_000, 100
"""Behind the large book forty years of a market each week; behind the small one, two."""


def _grown(measure: Callable[[Path], float]) -> Measurement:
    large, small = filled(VERY_MANY, MARKETS), filled(FEW, FEW_MARKETS)
    ours, control = alternate(lambda: measure(large), lambda: measure(small))
    return Measurement.of(ours, control, f"a thousand entries and {FEW_MARKETS} markets, not {MARKETS:,}")


@bench("ledger.post.growth", unit="ms", goal="ratio <= 1.5", long=True)
def posting() -> Measurement:
    """An entry costs at a million what it costs at a thousand."""
    return _grown(_post)


@bench("pages.fund.growth", unit="ms", goal="ratio <= 1.5", long=True)
def fund_page() -> Measurement:
    """So does the fund's page."""
    return _grown(_page)


EXPORTS = ("ledger.csv", "ledger.beancount", "bundle.zip")

TAKEN = r"""
import pathlib, re, sys, time
from market.app import create_app
from market.config import Settings
app = create_app(Settings(instance=pathlib.Path(sys.argv[1]), secret_key="x" * 40, log_level="error"))
client = app.test_client()
def most():
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path("/proc/self/status").read_text())[1])
client.get("/c/big/fund").close()
before, began = most(), time.process_time()
with client.get("/c/big/fund/" + sys.argv[2]) as answer:
    size = sum(len(part) for part in answer.iter_encoded())
grown = most() - before
print(answer.status_code, size, grown // 1024, time.process_time() - began)
"""


def _taken(folder: Path, name: str) -> tuple[int, float, float]:
    """Bytes, growth of the process in MB and seconds of a processor to make a file and send it."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    command = [sys.executable, "-c", TAKEN, str(folder), name]
    status, size, grown, seconds = subprocess.check_output(command, text=True).split()
    if status != "200":
        raise RuntimeError(f"{name}: {status}")
    return int(size), float(grown), float(seconds)


@bench("ledger.export.100k", unit="MB", goal="value <= 100")
def export() -> Measurement:
    """How much a process grows by the files of a book, the worst of them."""
    large, small = filled(MANY), filled(FEW)
    taken = {name: _taken(large, name) for name in EXPORTS}
    words = [
        f"{name} {size / 1e6:.1f} MB in {seconds:.1f} s" for name, (size, _grown, seconds) in taken.items()
    ]
    worst = max(grown for _size, grown, _seconds in taken.values())
    few = max(_taken(small, name)[1] for name in EXPORTS)
    return Measurement(worst, few, worst / max(few, 1), f"a thousand entries; {', '.join(words)}")
