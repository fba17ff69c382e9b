"""A backup is one when it was restored and everything in it verifies; and what it is otherwise."""

from __future__ import annotations

import shutil
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from market.config import Settings
from market.db import db, unit_of_work
from market.errors import Refusal
from market.upkeep.archive import DATABASE, Manifest
from market.upkeep.backup import back_up, backups, drill, restore
from tests.cast import Cast
from tests.conftest import both_engines
from tests.parts.postgres import installed_programs

AT = datetime(2027, 3, 6, 3, 17, tzinfo=UTC)


@pytest.fixture
def installed(
    context: Flask,
    cast: Cast,
    tmp_path: Path,
    engine: str,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """The settings of a running installation with people, a market day, a key of its own and a photo."""
    monkeypatch.setenv("PATH", f"{installed_programs()}:/usr/bin:/bin")
    instance = tmp_path / "installed"
    (instance / "photos").mkdir(parents=True)
    (instance / "photos" / "stall.jpg").write_bytes(b"\xff\xd8 a stall")
    (instance / "secret.key").write_text("s" * 64)
    (instance / "market.sqlite3.lock").touch()
    return Settings(instance=instance, database=database_url)


def emptied(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(update={"instance": folder, "database": ""})


@both_engines
def test_a_backup_restores_and_everything_in_it_verifies(installed: Settings, tmp_path: Path) -> None:
    archive = back_up(installed, tmp_path / "nightly", at=AT)
    tried = drill(archive, installed)
    assert archive.name == "market-20270306T031700Z.tar.gz"
    assert archive.stat().st_mode & 0o777 == 0o600
    assert (tried.faults, [line for line in tried.lines if line.startswith("✕")]) == (0, [])
    assert any("印过的校验码对得上" in line for line in tried.lines)
    assert set(tried.manifest.files) == {DATABASE[tried.manifest.engine], "photos/stall.jpg", "secret.key"}


@both_engines
def test_a_drill_leaves_nothing_behind(
    installed: Settings, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spare"))
    (tmp_path / "spare").mkdir()
    drill(back_up(installed, tmp_path / "nightly", at=AT), installed)
    assert list((tmp_path / "spare").iterdir()) == []
    if engine == "postgresql":
        names = db.session.scalars(sa.text("SELECT datname FROM pg_database")).all()
        assert [name for name in names if name.startswith("market_drill")] == []


def test_a_restored_installation_is_the_one_that_was_backed_up(installed: Settings, tmp_path: Path) -> None:
    archive = back_up(installed, tmp_path / "nightly", at=AT)
    elsewhere = emptied(installed, tmp_path / "elsewhere")
    restore(archive, elsewhere)
    assert (elsewhere.instance / "secret.key").read_text() == "s" * 64
    assert (elsewhere.instance / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (elsewhere.instance / "photos" / "stall.jpg").read_bytes() == b"\xff\xd8 a stall"
    assert sorted(path.name for path in elsewhere.instance.iterdir()) == [
        "market.sqlite3",
        "photos",
        "secret.key",
    ]


@both_engines
def test_nothing_that_is_there_is_overwritten(installed: Settings, tmp_path: Path, engine: str) -> None:
    archive = back_up(installed, tmp_path / "nightly", at=AT)
    taken = installed.model_copy(update={"instance": tmp_path / "empty"})
    with pytest.raises(Refusal) as refused:
        restore(archive, taken)
    assert refused.value.code == "upkeep.not_empty"
    again = emptied(installed, installed.instance)
    with pytest.raises(Refusal) as refused:
        restore(archive, again)
    assert refused.value.code == ("upkeep.not_empty" if engine == "sqlite" else "upkeep.other_engine")


def test_only_the_newest_stay(installed: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "nightly"
    made = [back_up(installed, folder, keep=3, at=AT + timedelta(days=n)) for n in range(5)]
    assert backups(folder) == made[:1:-1]
    assert sorted(folder.iterdir()) == made[2:]


def test_a_backup_that_fails_leaves_the_older_ones_and_no_half_of_itself(
    installed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = back_up(installed, tmp_path / "nightly", at=AT)

    def full(*_words: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "add", full)
    with pytest.raises(OSError, match="No space"):
        back_up(installed, tmp_path / "nightly", keep=1, at=AT + timedelta(days=1))
    assert list((tmp_path / "nightly").iterdir()) == [first]


@pytest.mark.parametrize("damage", ["cut off", "a hole", "no archive"])
def test_a_damaged_backup_is_named(installed: Settings, tmp_path: Path, damage: str) -> None:
    archive = back_up(installed, tmp_path / "nightly", at=AT)
    whole = archive.read_bytes()
    middle = len(whole) // 2
    archive.write_bytes(
        {
            "cut off": whole[:middle],
            "a hole": whole[:middle] + bytes(512) + whole[middle + 512 :],
            "no archive": b"PK\x03\x04 something else",
        }[damage]
    )
    with pytest.raises(Refusal) as refused:
        drill(archive, installed)
    assert refused.value.code == "upkeep.damaged"


def test_a_file_exchanged_inside_is_named(installed: Settings, tmp_path: Path) -> None:
    archive = back_up(installed, tmp_path / "nightly", at=AT)
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "open", filter="data")
    (tmp_path / "open" / "secret.key").write_text("x" * 64)
    with tarfile.open(archive, "w:gz") as packed:
        for path in sorted((tmp_path / "open").rglob("*.*")):
            packed.add(path, arcname=path.relative_to(tmp_path / "open"))
    with pytest.raises(Refusal, match=r"secret\.key 坏了"):
        drill(archive, installed)


@both_engines
def test_a_drill_says_when_the_records_themselves_are_wrong(
    installed: Settings, tmp_path: Path, engine: str
) -> None:
    """Whole as a file, and still no backup of this fund: what was decided had been changed before."""
    with unit_of_work():
        db.session.execute(sa.text("UPDATE membership SET role = 'committee' WHERE role = 'gate'"))
    tried = drill(back_up(installed, tmp_path / "nightly", at=AT), installed)
    assert tried.faults > 0


def test_without_the_program_of_postgresql_it_says_what_to_install(
    installed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    elsewhere = installed.model_copy(update={"database": "postgresql+psycopg://market@127.0.0.1:1/market"})
    with pytest.raises(Refusal) as refused:
        back_up(elsewhere, tmp_path / "nightly", at=AT)
    assert refused.value.code == "upkeep.no_program"
    assert "postgresql-client" in refused.value.sentence


def test_the_manifest_says_where_the_key_is(installed: Settings, tmp_path: Path) -> None:
    (installed.instance / "secret.key").unlink()
    shutil.rmtree(installed.instance / "photos")
    archive = back_up(installed, tmp_path / "nightly", at=AT)
    with tarfile.open(archive) as packed:
        said = packed.extractfile("manifest.json")
        assert said is not None
        manifest = Manifest.model_validate_json(said.read())
    assert (manifest.own_key, list(manifest.files)) == (False, ["market.sqlite3"])
