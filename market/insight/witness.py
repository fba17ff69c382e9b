"""The heads that `verify` saw last, kept beside the database: an old backup is shorter than they."""

from __future__ import annotations

import json
from pathlib import Path

from market.journal.checkpoint import Head
from market.journal.printed import grown_since

FILE = "heads.json"


def heads_seen(folder: Path) -> dict[str, Head]:
    """By community; none before the first check."""
    path = folder / FILE
    if not path.exists():
        return {}
    return {slug: Head(*head) for slug, head in json.loads(path.read_text(encoding="utf-8")).items()}


def keep_heads(folder: Path, heads: dict[str, Head]) -> None:
    """Only after a check that found nothing wrong."""
    fresh = folder / f"{FILE}.new"
    fresh.write_text(json.dumps(heads, indent=2) + "\n", encoding="utf-8")
    fresh.replace(folder / FILE)


def still_there(chain: int, slug: str, seen: Head) -> bool:
    """Whether the journal still stands on the head that was seen, and only grew since."""
    grown = grown_since(chain, slug, seen.hash)
    return grown is not None and grown.at_line == seen.size
