"""One file that holds a whole installation: its database, its key, whatever else lies in its folder.

A gzipped tar with `manifest.json` in front: when and by which version it was made, the heads of the journals
at that moment, and the SHA-256 of every file in it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Literal, cast

from pydantic import BaseModel, ValidationError

from market.errors import Refusal

MANIFEST = "manifest.json"
DATABASE = {"sqlite": "market.sqlite3", "postgresql": "market.dump"}
"""Under which name the database is in the archive."""
LEFT_OUT = ("market.sqlite3", "backups", "README.md")
"""What lies in the folder of an installation and is not copied as a file: the database has its own way."""
QUICK = 3
"""gzip's level: twice as fast as the usual one, a tenth larger."""


class Manifest(BaseModel):
    """What an archive says of itself."""

    format: Literal[1] = 1
    made_at: datetime
    version: str
    """Of the program."""
    schema_revision: str
    engine: Literal["sqlite", "postgresql"]
    own_key: bool
    """Whether the key file is inside; otherwise it is a setting, kept where the settings are."""
    heads: dict[str, str]
    """Of each community's journal, by slug, as they are printed: what was written down then."""
    files: dict[str, str]
    """SHA-256 by name."""


def beside_database(instance: Path) -> Iterator[Path]:
    """The files of an installation's folder that are copied as they are."""
    for path in sorted(instance.rglob("*")):
        top = path.relative_to(instance).parts[0]
        if path.is_file() and not top.startswith((*LEFT_OUT, ".")) and not path.name.endswith(".lock"):
            yield path


def pack(folder: Path, manifest: Manifest, target: Path) -> None:
    """Writes the files of a folder as one archive, readable by its owner only; it is whole or not there."""
    unfinished = target.with_suffix(".unfinished")
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    try:
        unfinished.touch(mode=0o600)
        with (
            unfinished.open("wb") as raw,
            tarfile.open(fileobj=raw, mode="w:gz", compresslevel=QUICK) as archive,
        ):
            for name in (MANIFEST, *manifest.files):
                archive.add(folder / name, arcname=name)
            archive.close()
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def unpack(archive: Path, folder: Path) -> Manifest:
    """Unpacks into a folder and compares every file with what the manifest says.

    Raises Refusal("upkeep.damaged") with the name of what is wrong or missing.
    """
    try:
        with tarfile.open(archive, mode="r:gz") as packed:
            for member in packed:
                _extract(packed, member, folder)
            while cast("IO[bytes]", packed.fileobj).read(1 << 20):
                pass  # to its end, where gzip compares all that it read with its checksum
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValidationError) as error:
        raise Refusal("upkeep.damaged", f"{archive.name} 读不出来，换一份备份：{error}") from error
    for name, wanted in manifest.files.items():
        if not (folder / name).is_file() or sha256(folder / name) != wanted:
            raise Refusal("upkeep.damaged", f"{archive.name} 里的 {name} 坏了，换一份备份。")
    return manifest


def _extract(packed: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Writes one file, of whose name and kind nothing is believed. (`filter=` is younger than Debian 12.)"""
    target = folder / member.name
    content = packed.extractfile(member) if member.isfile() else None
    if content is None or not target.resolve().is_relative_to(folder.resolve()):
        raise tarfile.TarError(f"{member.name!r} does not belong in a backup")
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
