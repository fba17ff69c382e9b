"""The shell's commands as a person runs them, on the played demo year."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from market import cli
from market.passes.rules import Layout
from tests.bench.servers import free_port
from tests.parts import pdf

MARKET = Path(sys.executable).parent / "market"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(played_year: Path, tmp_path: Path) -> Path:
    """An instance folder with the demo year in it."""
    shutil.copy(played_year, tmp_path / "market.sqlite3")
    (tmp_path / "secret.key").write_text("a secret for tests only, long enough")
    (tmp_path / "secret.key").chmod(0o600)
    return tmp_path


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARKET_", "PORT"))}
    return {**kept, "MARKET_INSTANCE": str(folder), "MARKET_LOG_LEVEL": "error", **more}


@pytest.fixture
def market(folder: Path) -> Run:
    """Runs `market …` on that folder."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(MARKET), *words],
            env=environment(folder),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def change(folder: Path, *statements: str) -> str:
    """Edits the file as somebody with SQL and no manners would; what the database said, if it refused."""
    with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
        try:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        except sqlite3.DatabaseError as error:
            return str(error)
    return ""


def drop_triggers(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    change(folder, *(f"DROP TRIGGER {name}" for (name,) in names))


NOWHERE = [
    ("backup",), ("doctor",), ("tick",), ("setup-token",), ("keys", "rotate", "ours"),
    ("passes", "x", "--output", "/dev/null"), ("ledger", "verify"), ("ledger", "restate"),
    ("ledger", "export", "--community", "ours"),
    ("ledger", "bundle", "--community", "ours", "--output", "/dev/null"),
]  # fmt: skip


@pytest.mark.parametrize("words", NOWHERE, ids=" ".join)
def test_where_nothing_is_installed_a_command_says_so_and_leaves_nothing(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    asked = CliRunner().invoke(cli.main, list(words), env=environment(nowhere))
    assert (asked.exit_code, f"Error: {nowhere} 里还没有数据库" in asked.output) == (1, True)
    assert not nowhere.exists()


def test_an_older_database_is_a_sentence(folder: Path, market: Run) -> None:
    change(folder, "UPDATE alembic_version SET version_num = '0001'")
    for words in (["ledger", "verify"], ["backup"], ["tick"]):
        done = market(*words)
        assert (done.returncode, "不是同一版" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_a_backup_is_restored_into_an_empty_place_by_the_command(folder: Path, market: Run) -> None:
    assert market("backup").returncode == 0
    [archive] = (folder / "backups").glob("*.tar.gz")
    empty, words = folder / "empty", [str(MARKET), "restore", str(archive)]
    done = subprocess.run(words, env=environment(empty), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in empty.iterdir()) == ["market.sqlite3", "secret.key"]
    tried = market("drill", str(archive))
    assert (tried.returncode, "✕" in tried.stdout) == (0, False)
    again = subprocess.run(words, env=environment(empty), capture_output=True, text=True, check=False)
    assert (again.returncode, "不要删" in again.stderr) == (1, True)


def test_verify_says_the_sums_of_the_year(market: Run) -> None:
    done = market("ledger", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        "示例社区：11 场，62 家，306 家次，5,236 人次，营业额 209,650.00 元，反哺 10,482.50 元，物资 112 件"
        in done.stdout
    )


EDITS = {
    "update": "UPDATE entry SET memo = '改过' WHERE sequence = 5",
    "amount": "UPDATE posting SET amount_fen = amount_fen + 1 WHERE entry_id = 5 AND position = 1",
    "delete": "DELETE FROM posting WHERE entry_id = 5",
    "replace": (
        "INSERT OR REPLACE INTO posting (id, entry_id, position, account, amount_fen)"
        " SELECT id, entry_id, position, account, amount_fen + 100 FROM posting"
        " WHERE entry_id = 5 AND position = 1"
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edited_entry_is_refused_or_named(market: Run, folder: Path, edit: str) -> None:
    refused = change(folder, edit)
    before = market("ledger", "verify")
    if refused:
        assert "append-only" in refused or "只" in refused or "sealed" in refused, refused
        assert before.returncode == 0, before.stdout
        drop_triggers(folder)
        assert change(folder, edit) == ""
    after = market("ledger", "verify")
    assert after.returncode == 1
    assert "第 5 笔" in after.stdout or "2024-0005" in after.stdout, after.stdout


def test_a_dropped_trigger_alone_is_named(market: Run, folder: Path) -> None:
    drop_triggers(folder)
    done = market("ledger", "verify")
    assert done.returncode == 1
    assert "触发器" in done.stdout


def test_the_export_passes_bean_check(market: Run, folder: Path) -> None:
    target = folder / "demo.beancount"
    assert (
        market(
            "ledger", "export", "--community", "demo", "--format", "beancount", "--output", str(target)
        ).returncode
        == 0
    )
    bean_check = Path(sys.executable).parent / "bean-check"
    checked = subprocess.run([str(bean_check), str(target)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    text = target.read_text(encoding="utf-8")
    target.write_text(text.replace("1741.00", "1741.01", 1), encoding="utf-8")
    assert subprocess.run([str(bean_check), str(target)], capture_output=True, check=False).returncode != 0


def test_an_unknown_community_gets_a_sentence(market: Run) -> None:
    done = market("ledger", "export", "--community", "nowhere")
    assert done.returncode == 1
    assert "没有这个社区" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_passes_of_a_day_are_printed(market: Run, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
        (ref,) = connection.execute("SELECT ref FROM market_day WHERE state = 'published'").fetchone()
    target = folder / "passes.pdf"
    done = market("passes", ref, "--output", str(target))
    assert done.returncode == 0, done.stderr
    printed = target.read_bytes()
    codes = [pdf.codes(pdf.picture("pdfium", printed, page + 1)) for page in range(pdf.page_count(printed))]
    assert [len(found) for found in codes] == [1] * 24
    assert len({found[0] for found in codes}) == 24


def published_day(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
        (ref,) = connection.execute("SELECT ref FROM market_day WHERE state = 'published'").fetchone()
        return str(ref)


def test_passes_are_printed_as_ordered(market: Run, folder: Path) -> None:
    target = folder / "passes.pdf"
    order = ("--layout", "a4x4", "--start", "2", "--back", "--spares", "3")
    done = market("passes", published_day(folder), "--output", str(target), *order)
    assert (done.returncode, done.stdout) == (0, "27\n"), done.stderr
    assert pdf.page_count(target.read_bytes()) == 2 * 7


def test_a_cell_that_no_sheet_has_gets_a_sentence(market: Run, folder: Path) -> None:
    target = str(folder / "passes.pdf")
    done = market(
        "passes", published_day(folder), "--output", target, "--layout", "labels24", "--start", "25"
    )
    assert (done.returncode, "24" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


@pytest.mark.slow
def test_keys_are_rotated_and_revoked(market: Run, folder: Path) -> None:
    rotated = market("keys", "rotate", "demo")
    assert (rotated.returncode, "2 号密钥" in rotated.stdout) == (0, True), rotated.stderr
    revoked = market("keys", "revoke", "demo", "1")
    assert (revoked.returncode, "24 张要重新发证" in revoked.stdout) == (0, True), revoked.stderr
    assert f"/staff/demo/days/{published_day(folder)}/passes" in revoked.stdout
    unknown = market("keys", "revoke", "demo", "9")
    assert (unknown.returncode, "没有 9 号密钥" in unknown.stderr) == (1, True)


def test_every_paper_can_be_named_in_the_shell() -> None:
    layout = next(option for option in cli.passes.params if option.name == "layout").type
    assert isinstance(layout, click.Choice)
    assert sorted(layout.choices) == sorted(paper.value for paper in Layout)


def test_the_doctor_finds_the_year_healthy(market: Run) -> None:
    done = market("doctor")
    assert done.returncode == 0, done.stdout
    assert "✕" not in done.stdout


def test_the_doctor_says_what_to_mend(market: Run, folder: Path) -> None:
    (folder / "secret.key").chmod(0o644)
    done = market("doctor")
    assert done.returncode == 1
    assert "chmod 600 secret.key" in done.stdout


@pytest.mark.slow
def test_ticking_twice_is_ticking_once(market: Run, folder: Path) -> None:
    assert market("tick").returncode == 0
    with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
        once = list(connection.iterdump())
    assert market("tick").returncode == 0
    with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
        assert list(connection.iterdump()) == once


def test_the_demo_is_played_into_an_empty_database_only(market: Run) -> None:
    done = market("demo")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_server_serves_and_says_where(folder: Path) -> None:
    port = free_port()
    server = subprocess.Popen(
        [str(MARKET), "serve"],
        env=environment(folder, PORT=str(port)),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        assert _first_page(f"{address}/readyz") == 200
        assert _first_page(f"{address}/c/demo/") == 200
        assert server.stdout is not None
        assert address in server.stdout.readline()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
        if server.stdout is not None:
            server.stdout.close()


def _first_page(address: str) -> int:
    """The status once the server answers at all."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
