"""Puts small errors into the rules of money, shares and passes, and says which of them no test noticed.

`make mutants` runs it by hand, for some minutes. An error that nobody could notice, because the program does
the same with it, is written down below with its reason; any other that survives is a test that is missing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
MUTMUT = str(Path(sys.executable).with_name("mutmut"))

SAME_ANYWAY = {
    "There are as many ends as tiers, always.": (
        "for tier, end in zip(tiers, ends, strict=None):",
        "for tier, end in zip(tiers, ends, ):",
        "for tier, end in zip(tiers, ends, strict=False):",
    ),
    "The highest byte first is what Python takes when it is told nothing.": (
        'return int.from_bytes(_decode(token)[2:5], )',
        'return b"".join(value.to_bytes(size, ) for value, size in fields)',
        'valid_from = EPOCH + QUARTER * int.from_bytes(payload[12:15], )',
        'community=int.from_bytes(payload[2:5], ),',
        'market_day=int.from_bytes(payload[5:8], ),',
        'serial=int.from_bytes(payload[8:12], ),',
        'return b"".join(value.to_bytes(2, ) for value in values)',
    ),
    "A multiple of FAR_BELOW is above one as soon as it is above nothing.": (
        "too_little = 1 < takings_fen * FAR_BELOW < usual.least_fen",
    ),
    "What is doubted is far above the most or below the least, so it is never the most itself.": (
        "return usual if usual is not None and gift_fen >= usual.most_fen else None",
    ),
}  # fmt: skip
"""Lines as an error makes them, by why nobody can notice it."""


def survivors() -> dict[str, str]:
    """Errors that no test noticed: their names, and the line as the error made it."""
    said = _mutmut("results")
    names = re.findall(r"^\s*(\S+): (?:survived|no tests)$", said, re.MULTILINE)
    return {name: _changed(_mutmut("show", name)) for name in names}


def _changed(shown: str) -> str:
    """The first line that stands in a difference anew."""
    return next(
        line[1:].strip() for line in shown.splitlines() if line[:1] == "+" and not line.startswith("+++")
    )


def _mutmut(*words: str) -> str:
    return subprocess.run([MUTMUT, *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def main() -> None:
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    subprocess.run([MUTMUT, "run", *sys.argv[1:]], cwd=ROOT, check=True)
    known = {line: reason for reason, lines in SAME_ANYWAY.items() for line in lines}
    unnoticed = {name: line for name, line in survivors().items() if line not in known}
    for name, line in unnoticed.items():
        click.echo(f"{name}\n  {line}")
    sys.exit(f"{len(unnoticed)} errors were noticed by no test." if unnoticed else 0)


if __name__ == "__main__":
    main()
