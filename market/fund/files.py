"""Files that everybody may take along: each is made once for a state of the records, however many ask."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, NamedTuple, cast

import sqlalchemy as sa
from flask_babel import get_locale

from market.communities.models import Community
from market.config import settings
from market.db import db
from market.journal.models import Journal
from market.revisions import EVERYBODY, PageRevision
from market.sqlite import write_lock

FOLDER = ".files"
"""In the folder of the installation; no backup takes along what can be made anew."""

TRIES = 3
"""How often a file is made anew because the records moved meanwhile (where a reader sees each new line)."""

Write = Callable[[BinaryIO], None]


class Made(NamedTuple):
    """A file that is there, and what names the state of the records that it shows."""

    path: Path
    tag: str


def tag_of(community: Community) -> str:
    """Where the records of a community end, and what else its files follow: all that its pages show, the
    language, the program."""
    revisions = (
        sa.select(PageRevision.number).where(PageRevision.community_id == one).scalar_subquery()
        for one in (EVERYBODY, community.id)
    )
    query = sa.select(Journal.lines, Journal.head_hash, *revisions).where(Journal.chain == community.id)
    state = db.session.execute(query).first() or (0,)
    parts = [*state, get_locale(), _program()]
    return f"{state[0]}-{hashlib.sha256(repr([str(part) for part in parts]).encode()).hexdigest()[:20]}"


@cache
def _program() -> str:
    """Another program may write the same records otherwise."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].glob("**/*.[pm][yo]")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def made(community: Community, name: str, write: Write) -> Made:
    """The file as the records are now; made where it is not there yet, by one of those who ask at once."""
    folder = settings().instance / FOLDER / str(community.id)
    found = _there(folder, community, name)
    if found.path.exists():
        return found
    folder.mkdir(parents=True, exist_ok=True)
    with write_lock(str(folder / f"{name}.lock")):
        return found if found.path.exists() else _make(found, community, name, write)


def _there(folder: Path, community: Community, name: str) -> Made:
    tag = tag_of(community)
    return Made(folder / f"{tag}-{name}", tag)


def _make(found: Made, community: Community, name: str, write: Write) -> Made:
    for _try in range(TRIES):
        _write_whole(found.path, name, write)
        now = found if _stands_still() else _there(found.path.parent, community, name)
        if now == found:
            break
        found.path.unlink()
        db.session.expire_all()
        found = now
    else:
        _write_whole(found.path, name, write)
    _forget_older(found.path, name)
    return found


def _stands_still() -> bool:
    """Whether what a request reads is one moment of the records from its first look to its last."""
    return db.session.connection().dialect.name == "sqlite"


def _write_whole(path: Path, name: str, write: Write) -> None:
    """It is whole or not there: nobody takes along half a book."""
    for left_over in path.parent.glob(f"{name}-*.unfinished"):
        left_over.unlink(missing_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f"{name}-", suffix=".unfinished", delete=False) as out:
        try:
            write(cast("BinaryIO", out))
        except BaseException:
            out.close()
            Path(out.name).unlink()
            raise
    Path(out.name).replace(path)


def _forget_older(path: Path, name: str) -> None:
    """Whoever reads an older one reads it to its end; Windows keeps it until then."""
    for older in path.parent.glob(f"*-{name}"):
        if older != path:
            with suppress(OSError):
                older.unlink()
