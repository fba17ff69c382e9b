"""Backup, restore, and the drill that shows that the backup is one."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal, cast

import sqlalchemy as sa
from flask_migrate import upgrade

from market.app import create_app
from market.communities.service import communities
from market.config import Settings
from market.db import db
from market.errors import Refusal
from market.insight.proof import verify_everything
from market.journal.printed import head_now
from market.upkeep.archive import DATABASE, Manifest, beside_database, pack, sha256, unpack
from market.upkeep.databases import copy_database, fill_database, spare_database

NAME = "market-{:%Y%m%dT%H%M%SZ}.tar.gz"
PATTERN = "market-*T*Z.tar.gz"
KEPT = 30
"""How many backups stay in a folder unless somebody says otherwise: a month of nights."""


def back_up(settings: Settings, folder: Path, *, keep: int = KEPT, at: datetime) -> Path:
    """Writes the whole installation into one file while it runs; then only the newest `keep` stay.

    Raises Refusal where the copy cannot be made; the older backups are all there then.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / NAME.format(at)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as name:
        pack(Path(name), _collect(settings, Path(name), at=at), target)
    for old in backups(folder)[keep:]:
        old.unlink()
    return target


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, the newest first."""
    return sorted(folder.glob(PATTERN), reverse=True)


def _collect(settings: Settings, folder: Path, *, at: datetime) -> Manifest:
    """Copies everything into a folder. The heads are asked for first: what is copied has them and goes on."""
    engine = cast('Literal["sqlite", "postgresql"]', db.engine.dialect.name)
    heads = {one.slug: head_now(one.id).short for one in communities()}
    revision = db.session.scalar(sa.text("SELECT version_num FROM alembic_version")) or ""
    db.session.rollback()
    copy_database(settings.database_url, folder / DATABASE[engine])
    for path in beside_database(settings.instance):
        copied = folder / path.relative_to(settings.instance)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return Manifest(
        made_at=at,
        version=version("neighbourhood-market"),
        schema_revision=revision,
        engine=engine,
        own_key="secret.key" in files,
        heads=heads,
        files={name: sha256(folder / name) for name in files},
    )


def restore(archive: Path, settings: Settings) -> Manifest:
    """Puts a backup into an empty installation: its folder, and its database.

    Raises Refusal: damaged archive, another engine, something there already. Nothing is ever overwritten.
    """
    with tempfile.TemporaryDirectory(prefix="market-restore-") as name:
        manifest = unpack(archive, Path(name))
        _refuse_other_engine(manifest, settings)
        there = [file for file in manifest.files if (settings.instance / file).exists()]
        if there:
            raise Refusal(
                "upkeep.not_empty",
                f"{settings.instance} 里已经有 {there[0]}。先把整个文件夹挪开（不要删），再恢复。",
            )
        fill_database(settings.database_url, Path(name) / DATABASE[manifest.engine])
        for file in manifest.files:
            if file != DATABASE[manifest.engine]:
                target = settings.instance / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(name) / file, target)
                target.chmod(0o600)
    return manifest


def _refuse_other_engine(manifest: Manifest, settings: Settings) -> None:
    wanted = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if wanted != manifest.engine:
        raise Refusal(
            "upkeep.other_engine",
            f"这份备份是 {manifest.engine} 的，这里配置的是 {wanted}：请先改 MARKET_DATABASE。",
        )


@dataclass(frozen=True)
class Drill:
    """What came out of trying a backup."""

    manifest: Manifest
    seconds: float
    """From the archive to the last line verified."""
    lines: list[str]
    """What was checked, in sentences."""
    faults: int


def drill(archive: Path, settings: Settings) -> Drill:
    """Restores a backup into a spare place, verifies everything in it, and takes the place away again.

    Raises Refusal as `restore` does.
    """
    begun = time.monotonic()
    with _spare_place(settings) as spare:
        manifest = restore(archive, spare)
        lines, faults = _examine(spare, manifest)
    return Drill(manifest, time.monotonic() - begun, lines, faults)


@contextmanager
def _spare_place(settings: Settings) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="market-drill-") as name:
        elsewhere = {"instance": Path(name), "secret_key": settings.secret_key}
        if settings.database_url.startswith("sqlite"):
            yield settings.model_copy(update={**elsewhere, "database": ""})
        else:
            with spare_database(settings.database_url) as url:
                yield settings.model_copy(update={**elsewhere, "database": url})


def _examine(spare: Settings, manifest: Manifest) -> tuple[list[str], int]:
    """Brings the restored installation up to date, and verifies everything in it and its noted heads."""
    with _opened(spare):
        upgrade()
        report = verify_everything(list(manifest.heads.values()), on_two_cores=True)
    return report.lines, report.faults


@contextmanager
def _opened(settings: Settings) -> Iterator[None]:
    with create_app(settings).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()
