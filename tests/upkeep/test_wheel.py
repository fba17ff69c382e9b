"""The wheel holds everything: unpacked anywhere, the program runs in an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from market.config import ROOT
from tests.bench.servers import free_port

NEEDED = ("market", "templates", "static", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
BUILD = "import setuptools.build_meta as backend; print(backend.build_wheel('out'))"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what pip would put into site-packages."""
    source = tmp_path_factory.mktemp("source")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, "-c", BUILD], cwd=source, check=True, capture_output=True)
    [wheel] = (source / "out").glob("*.whl")
    folder = tmp_path_factory.mktemp("site-packages")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.fixture
def environment(unpacked: Path, tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARKET_", "PORT"))}
    return {**kept, "PYTHONPATH": str(unpacked), "MARKET_LOG_LEVEL": "error"}


@pytest.mark.slow
def test_every_page_style_script_and_migration_is_inside(unpacked: Path) -> None:
    for name, there in (
        ("templates", unpacked / "market" / "beside" / "templates"),
        ("static", unpacked / "market" / "beside" / "static"),
        ("market", unpacked / "market"),
    ):
        wanted = {path.relative_to(ROOT / name) for path in (ROOT / name).rglob("*") if path.is_file()}
        wanted = {path for path in wanted if path.suffix not in (".pyc", ".po", ".cfg", ".md")}
        found = {path.relative_to(there) for path in there.rglob("*") if path.is_file()}
        assert wanted - found == set()


def test_no_tests_and_no_instance_are_inside(unpacked: Path) -> None:
    assert sorted(path.name for path in unpacked.iterdir() if path.suffix != ".dist-info") == ["market"]


@pytest.fixture
def address(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-c", "from market.cli import main; main()", "serve"]
    with subprocess.Popen(command, cwd=tmp_path, env={**environment, "MARKET_PORT": f"{port}"}) as server:
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        server.wait(30)


def read(url: str) -> str:
    for _try in range(300):
        with suppress(OSError), urllib.request.urlopen(url) as answer:
            return str(answer.read().decode())
        time.sleep(0.2)
    raise TimeoutError(url)


@pytest.mark.slow
def test_it_serves_in_an_empty_folder(address: str, tmp_path: Path) -> None:
    page = read(f"{address}/")
    assert "<title>" in page
    [style] = [part.split('"')[0] for part in page.split('href="') if part.startswith("/static/css/base")]
    assert "{" in read(f"{address}{style}")
    assert (tmp_path / "instance" / "market.sqlite3").exists()
