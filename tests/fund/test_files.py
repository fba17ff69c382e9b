"""Long files of the fund: made once for a state of the records, whole or not at all, sent piece by piece."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from flask import Flask

from market.communities.service import find_community
from market.config import settings
from market.db import unit_of_work
from market.fund import files
from market.fund.files import FOLDER, made
from tests.cast import Cast, person
from tests.factories.settlement import settled_market
from tests.fund.test_views import FUND, Year, year as year

NAMES = ("ledger.csv", "ledger.beancount", "bundle.zip")


def kept(app: Flask, name: str) -> list[str]:
    with app.app_context():
        folder = settings().instance / FOLDER
    return sorted(path.name for path in folder.rglob(f"*{name}*") if path.suffix != ".lock")


@pytest.mark.parametrize("name", NAMES)
def test_who_has_it_already_is_sent_nothing(app: Flask, year: Year, name: str) -> None:
    client = app.test_client()
    with client.get(f"{FUND}/{name}") as first, client.get(f"{FUND}/{name}") as again:
        assert first.data == again.data
        tag = first.headers["ETag"]
        assert again.headers["ETag"] == tag
    with client.get(f"{FUND}/{name}", headers={"If-None-Match": tag}) as answer:
        assert (answer.status_code, answer.data) == (304, b"")
    with client.get(f"{FUND}/{name}", headers={"Range": "bytes=10-", "If-Range": tag}) as rest:
        assert (rest.status_code, rest.data) == (206, first.data[10:])


def test_what_is_posted_makes_another_file_and_the_old_one_goes(app: Flask, year: Year) -> None:
    client = app.test_client()
    with client.get(f"{FUND}/ledger.csv") as before:
        old, tag = before.data, before.headers["ETag"]
    with app.app_context(), unit_of_work():
        settled_market(
            find_community("huaiyin"), person("staff"), (90_000, 82_010, 70_000, 60_000), in_days=40
        )
    with client.get(f"{FUND}/ledger.csv", headers={"If-None-Match": tag}) as after:
        assert after.status_code == 200
        assert after.data != old
        assert after.headers["ETag"] != tag
    assert len(kept(app, "ledger.csv")) == 1


def test_another_language_is_another_file(app: Flask, year: Year) -> None:
    client = app.test_client()
    with client.get(f"{FUND}/ledger.csv") as chinese:
        client.set_cookie("preferences", "en")
        with client.get(f"{FUND}/ledger.csv") as english:
            assert english.data != chinese.data
            assert english.headers["ETag"] != chinese.headers["ETag"]


def test_however_many_ask_it_is_made_once(app: Flask, year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[Path] = []
    write_whole = files._write_whole

    def counted(path: Path, *more: Any) -> None:
        times.append(path)
        write_whole(path, *more)

    monkeypatch.setattr(files, "_write_whole", counted)
    together = threading.Barrier(6)

    def ask(_number: int) -> bytes:
        together.wait()
        with app.test_client().get(f"{FUND}/bundle.zip") as answer:
            return bytes(answer.data)

    with ThreadPoolExecutor(6) as crowd:
        assert len(set(crowd.map(ask, range(6)))) == 1
    assert len(times) == 1


def whole(out: BinaryIO) -> None:
    out.write(b"whole")


def test_what_breaks_while_it_is_made_leaves_nothing(context: Flask, cast: Cast) -> None:
    community = find_community(cast.ours)

    def breaks(out: BinaryIO) -> None:
        out.write(b"half")
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        made(community, "some.txt", breaks)
    assert kept(context, "some.txt") == []
    assert made(community, "some.txt", whole).path.read_bytes() == b"whole"


def test_what_a_killed_process_left_is_swept_up(context: Flask, cast: Cast) -> None:
    community = find_community(cast.ours)
    found = made(community, "some.txt", whole)
    (found.path.parent / "some.txt-xyz.unfinished").write_bytes(b"half")
    found.path.unlink()
    made(community, "some.txt", whole)
    assert kept(context, "some.txt") == [found.path.name]


def test_a_download_that_is_broken_off_harms_nobody(app: Flask, year: Year) -> None:
    client = app.test_client()
    broken = client.get(f"{FUND}/bundle.zip")
    next(iter(broken.iter_encoded()))
    broken.close()
    with client.get(f"{FUND}/bundle.zip") as again:
        assert again.data.startswith(b"PK")
        assert len(again.data) == int(again.headers["Content-Length"])
