"""Runs the suite at other hours and on other dates, and lists which tests failed when.

`make clocks` runs it by hand: a moment takes minutes. Without `--at` these are the 24 hours of a day and the
dates on which calendars go wrong, most of them while UTC and Shanghai stand on different days. All other
arguments are pytest's. Browsers, PostgreSQL and slow tests are left out unless `-m` says otherwise.
"""

from __future__ import annotations

import argparse
import calendar
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "instance" / "clocks"
SHIFTED_PYTHON = ROOT / "tests" / "parts" / "shifted_clock"
LIBRARY = "*/faketime/libfaketimeMT.so.1"
QUICK = "not browser and not postgres and not slow"

HALF_PAST = [time(hour, 30) for hour in range(24)]
EVENING = time(16, 30)
"""In UTC; in Shanghai it is past midnight."""


def moments(year: int) -> Iterator[datetime]:
    """The hours of one day of a year, the ends of its months, its last day, and February of a leap year."""
    leap = next(candidate for candidate in count(year) if calendar.isleap(candidate))
    month_ends = [date(year, month, calendar.monthrange(year, month)[1]) for month in range(1, 13)]
    for hour in HALF_PAST:
        yield datetime.combine(date(year, 3, 10), hour, UTC)
    for day in [*month_ends, date(leap, 2, 28), date(leap, 2, 29)]:
        yield datetime.combine(day, EVENING, UTC)
    for day in (date(year, 12, 31), date(leap, 2, 29)):
        yield datetime.combine(day, time(23, 30), UTC)
        yield datetime.combine(day, time(4, 30), UTC)


def library() -> Path:
    """What shifts the clock of every program it is loaded into."""
    found = next(Path("/usr/lib").glob(LIBRARY), None)
    if found is None:
        sys.exit("The clock cannot be shifted: install the Debian package libfaketime.")
    return found


def surroundings(moment: datetime) -> dict[str, str]:
    """The environment in which programs begin at a moment and go on from there, and so do those they start.

    The distance is told, not the moment: told the moment, every program would begin there anew. Only the
    clock on the wall is shifted: waiting goes by the monotonic one, and dates of files stay as they are, or
    Python would take its compiled modules for outdated ones.
    """
    distance = round((moment - datetime.now(UTC)) / timedelta(seconds=1))
    return {
        **os.environ,
        "LD_PRELOAD": str(library()),
        "FAKETIME": f"{distance:+d}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # or waiting threads spin, and races take minutes
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(SHIFTED_PYTHON), os.environ.get("PYTHONPATH")])),
        "CI": "1",  # hypothesis tries the same cases at every moment
    }


def failed_at(moment: datetime, arguments: list[str]) -> list[str]:
    """The tests that fail at a moment; what pytest said is kept in `LOGS`."""
    with tempfile.TemporaryDirectory(prefix="clocks-") as folder:
        # A folder of its own: by the shifted clock, the usual one looks abandoned and would be cleared.
        command = [sys.executable, "-m", "pytest", "-q", "-rfE", "-p", "no:cacheprovider"]
        command += [f"--basetemp={folder}/pytest", "-m", QUICK, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=surroundings(moment), capture_output=True, text=True, check=False
        )
    (LOGS / f"{moment:%Y-%m-%dT%H%M}.txt").write_text(done.stdout + done.stderr)
    failed = re.findall(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", done.stdout, re.MULTILINE)
    return failed or ([f"pytest ended with {done.returncode}"] if done.returncode else [])


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.clocks", allow_abbrev=False)
    parser.add_argument(
        "--at", action="append", type=datetime.fromisoformat, help="a moment in UTC, as 2027-12-31T23:30"
    )
    asked, arguments = parser.parse_known_args()
    chosen = [moment.replace(tzinfo=UTC) for moment in asked.at or []]
    LOGS.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for moment in chosen or moments(datetime.now(UTC).year + 1):
        failed = failed_at(moment, arguments)
        wrong += len(failed)
        report = [f"{moment:%Y-%m-%d %H:%M} UTC: {len(failed)} failed", *failed]
        print(*report, sep="\n  ", flush=True)  # noqa: T201 - run by hand, this is its answer
    sys.exit(f"{wrong} failed; what pytest said is in {LOGS.relative_to(ROOT)}." if wrong else 0)


if __name__ == "__main__":
    main()
