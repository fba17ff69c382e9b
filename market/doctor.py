"""A health check in sentences: the database's build and settings, migrations, keys, disk and clock."""

from __future__ import annotations

import shutil
from typing import NamedTuple

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from market import sqlite
from market.config import Settings
from market.db import MIGRATIONS, db

FREE_DISK = 200 * 1024 * 1024


class Check(NamedTuple):
    name: str
    well: bool
    sentence: str


def examine(app: Flask) -> list[Check]:
    """Every check, in the order in which one would mend them."""
    settings: Settings = app.extensions["settings"]
    return [_reachable(), _migrated(), *_engine_checks(), _disk(settings), _secret(settings)]


def database_answers() -> bool:
    """Whether the database can be read."""
    try:
        db.session.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def is_migrated() -> bool:
    """Whether the schema is the one this program was written for."""
    wanted = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    try:
        context = MigrationContext.configure(db.session.connection())
        return context.get_current_revision() == wanted
    except SQLAlchemyError:
        db.session.rollback()
        return False


def _reachable() -> Check:
    answers = database_answers()
    return Check("数据库", answers, "能读" if answers else "连不上，请检查 MARKET_DATABASE")


def _migrated() -> Check:
    current = is_migrated()
    return Check("数据库版本", current, "最新" if current else "不是最新，运行 market serve 会自动更新")


def _engine_checks() -> list[Check]:
    if db.engine.dialect.name != "sqlite":
        return [_durable_postgresql()]
    version = sqlite.module().sqlite_version
    if sqlite.journal_mode() == "wal":
        return [Check("SQLite", True, f"{version}，WAL，synchronous=FULL")]
    sentence = f"{version} 的 WAL 有损坏数据的缺陷，已改用较慢的 DELETE 日志；装上 pysqlite3 就能用 WAL"
    return [Check("SQLite", True, sentence)]


def _durable_postgresql() -> Check:
    names = ("fsync", "synchronous_commit", "full_page_writes")
    off = [name for name in names if db.session.scalar(sa.text(f"SHOW {name}")) == "off"]
    return Check("PostgreSQL", not off, "断电不丢账" if not off else f"断电会丢账：{'、'.join(off)} 被关掉了")


def has_room(settings: Settings) -> bool:
    """Whether the disk takes what is written there for a while yet."""
    return _free(settings) > FREE_DISK


def _free(settings: Settings) -> int:
    try:
        return shutil.disk_usage(settings.instance).free
    except OSError:  # the folder is gone
        return 0


def _disk(settings: Settings) -> Check:
    free = _free(settings)
    return Check("磁盘", free > FREE_DISK, f"还有 {free // 1024**2:,} MB")


def _secret(settings: Settings) -> Check:
    path = settings.instance / "secret.key"
    private = settings.secret_key is not None or not path.exists() or path.stat().st_mode & 0o077 == 0
    return Check("密钥文件", private, "只有本程序能读" if private else f"请运行 chmod 600 {path.name}")
