"""Cuts the power of a modelled disk: which settings of SQLite lose what was acknowledged?

    python -m tests.soak.power_cuts [--cuts N] [--seed N]

A disk may forget whatever was written after the last sync, in any mixture. So every write and every sync is
recorded while transactions run, and a cut is a moment in that record: what each file had at its last sync,
plus a random half of the sectors written since. `kill -9` cannot show this: the kernel survives it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import apsw

from market import sqlite

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""

TRANSACTIONS = 400
PAGES_TO_CHECKPOINT = 40
"""So that many checkpoints fall into one record."""

LEVELS = ("FULL", "NORMAL", "OFF")


class Write(NamedTuple):
    """Bytes at a place of a file; no bytes: the file ends there."""

    file: str
    offset: int
    data: bytes | None


class Sync(NamedTuple):
    """From here on the disk has everything that was written to the file before."""

    file: str


class Acknowledged(NamedTuple):
    """The transaction of this number was committed, and somebody was told."""

    number: int


class Deletion(NamedTuple):
    """The file is gone. SQLite syncs the folder where it matters, so it is gone at once."""

    file: str


Event = Write | Sync | Acknowledged | Deletion


class _RecordedFile(apsw.VFSFile):
    def __init__(
        self, record: list[Event], filename: apsw.URIFilename | str | None, flags: list[int]
    ) -> None:
        super().__init__("", filename, flags)
        name = filename.filename() if isinstance(filename, apsw.URIFilename) else filename or ""
        self._record, self._name = record, Path(name).name

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._record.append(Write(self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._record.append(Write(self._name, newsize, None))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._record.append(Sync(self._name))


class _RecordingDisk(apsw.VFS):
    def __init__(self, record: list[Event]) -> None:
        super().__init__("recording", "")
        self._record = record

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> _RecordedFile:
        return _RecordedFile(self._record, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self._record.append(Deletion(Path(filename).name))


def record_transactions(level: str, chance: random.Random) -> list[Event]:
    """Everything that reached the disk while transactions ran with our settings and this `synchronous`."""
    record: list[Event] = []
    disk = _RecordingDisk(record)
    with tempfile.TemporaryDirectory(prefix="market-cuts-") as folder:
        connection = apsw.Connection(f"{folder}/market", vfs="recording")
        for pragma, (value, _answer) in sqlite.settings().items():
            connection.execute(f"PRAGMA {pragma} = {level if pragma == 'synchronous' else value}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_TO_CHECKPOINT}")
        connection.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, memo TEXT)")
        connection.execute("CREATE TABLE head (entries INTEGER); INSERT INTO head VALUES (0)")
        for number in range(1, TRANSACTIONS + 1):
            with connection:
                memo = "账" * chance.randrange(1, 900)
                connection.execute("INSERT INTO entry VALUES (?, ?)", (number, memo))
                connection.execute("UPDATE head SET entries = entries + 1")
            record.append(Acknowledged(number))
        connection.close()
    disk.unregister()
    return record


@dataclass
class _Disk:
    """One file: what it surely has, and what was written since."""

    safe: bytearray = field(default_factory=bytearray)
    unsafe: list[Write] = field(default_factory=list)

    def sync(self) -> None:
        for write in self.unsafe:
            _apply(self.safe, write)
        self.unsafe.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        left = bytearray(self.safe)
        for write in self.unsafe:
            for part in _sectors(write):
                if chance.random() < 0.5:
                    _apply(left, part)
        return bytes(left)


def _apply(content: bytearray, write: Write) -> None:
    if write.data is None:
        del content[write.offset :]
        return
    if len(content) < write.offset:
        content.extend(bytes(write.offset - len(content)))
    content[write.offset : write.offset + len(write.data)] = write.data


def _sectors(write: Write) -> Iterator[Write]:
    if write.data is None:
        yield write
        return
    position = 0
    while position < len(write.data):
        size = SECTOR - (write.offset + position) % SECTOR
        yield Write(write.file, write.offset + position, write.data[position : position + size])
        position += size


class Outcome(NamedTuple):
    """What was left after one cut."""

    intact: bool
    lost: int
    """Acknowledged transactions that are gone."""


def cut(record: list[Event], at: int, chance: random.Random) -> Outcome:
    """The power goes before the event of this index; then the database is opened again."""
    disks: dict[str, _Disk] = {}
    acknowledged = 0
    for event in record[:at]:
        if isinstance(event, Acknowledged):
            acknowledged = event.number
        elif isinstance(event, Deletion):
            disks.pop(event.file, None)
        elif isinstance(event, Sync):
            disks.setdefault(event.file, _Disk()).sync()
        else:
            disks.setdefault(event.file, _Disk()).unsafe.append(event)
    with tempfile.TemporaryDirectory(prefix="market-cut-") as folder:
        for name, disk in disks.items():
            (Path(folder) / name).write_bytes(disk.after_cut(chance))
        return _open(Path(folder) / "market", acknowledged)


def _open(path: Path, acknowledged: int) -> Outcome:
    engine = sqlite.module()
    connection = engine.connect(str(path))
    try:
        healthy = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        numbers = [number for (number,) in connection.execute("SELECT number FROM entry ORDER BY number")]
        (entries,) = connection.execute("SELECT entries FROM head").fetchone() or (0,)
    except engine.DatabaseError:
        return Outcome(intact=False, lost=acknowledged)
    finally:
        connection.close()
    whole = numbers == list(range(1, len(numbers) + 1)) and entries == len(numbers)
    return Outcome(intact=healthy and whole, lost=max(0, acknowledged - len(numbers)))


def cut_often(level: str, cuts: int, seed: int) -> list[Outcome]:
    """One record, and so many cuts at random moments after its first transaction."""
    chance = random.Random(seed)
    record = record_transactions(level, chance)
    first = next(index for index, event in enumerate(record) if isinstance(event, Acknowledged))
    return [cut(record, chance.randrange(first, len(record)), chance) for _number in range(cuts)]


def summary(level: str, outcomes: list[Outcome]) -> str:
    """One line: how many are intact, how many lost something that was acknowledged, and how much at most."""
    intact = sum(outcome.intact for outcome in outcomes)
    losing = [outcome.lost for outcome in outcomes if outcome.lost]
    return (
        f"synchronous={level}: {intact}/{len(outcomes)} intact, {len(losing)} lost acknowledged transactions"
        f" (up to {max(losing, default=0)})"
    )


def main(say: Callable[[str], None] = print) -> None:
    """Tries the three levels; ends with 1 if the one we use loses anything, or a weaker one loses nothing."""
    parser = argparse.ArgumentParser(prog="tests.soak.power_cuts")
    parser.add_argument("--cuts", type=int, default=400)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    asked = parser.parse_args()
    say(f"{asked.cuts} cuts, seed {asked.seed}, SQLite {apsw.sqlite_lib_version()}")
    sure = {}
    for level in LEVELS:
        outcomes = cut_often(level, asked.cuts, asked.seed)
        say(summary(level, outcomes))
        sure[level] = all(outcome == Outcome(intact=True, lost=0) for outcome in outcomes)
    sys.exit(0 if sure == {"FULL": True, "NORMAL": False, "OFF": False} else 1)


if __name__ == "__main__":
    main()
