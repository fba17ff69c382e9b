"""The public file: its own program finds that everything follows, and names each change made to it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask

from market.communities.service import find_community
from market.fund import recompute
from market.fund.bundle import write_bundle
from market.fund.service import fund_of
from market.journal.printed import head_now
from market.money import yuan
from market.settlement.commitments import opening
from market.vendors.models import Vendor
from tests.demo_year import OURS

Change = Callable[[Any], object]


def bundle_of(app: Flask, slug: str = OURS) -> bytes:
    with app.app_context():
        fund = fund_of(find_community(slug))
        assert fund is not None
        out = io.BytesIO()
        write_bundle(fund, out)
        return out.getvalue()


@pytest.fixture(scope="module")
def bundle(year_app: Flask) -> bytes:
    return bundle_of(year_app)


def run(folder: Path, bundle: bytes, *more: str) -> subprocess.CompletedProcess[str]:
    """The program out of the file, in a Python without anything else."""
    file = folder / "bundle.zip"
    file.write_bytes(bundle)
    with ZipFile(file) as opened:
        (folder / "recompute.py").write_bytes(opened.read("recompute.py"))
    command = [sys.executable, "-I", "-S", "recompute.py", "bundle.zip", *more]
    return subprocess.run(
        command, cwd=folder, env={}, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_the_demo_follows_from_its_bundle(bundle: bytes, year_app: Flask, tmp_path: Path) -> None:
    with year_app.app_context():
        head = head_now(find_community(OURS).id)
    done = run(tmp_path, bundle, "--head", head.short)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert head.short.replace(" ", "") in done.stdout.replace(" ", "")
    wrong = run(tmp_path, bundle, "--head", f"{head.size - 1}-{head.short.partition('-')[2]}")
    assert (wrong.returncode, "the printed head" in wrong.stdout) == (1, True)


def test_the_same_books_make_the_same_file(bundle: bytes, year_app: Flask) -> None:
    assert bundle_of(year_app) == bundle


def test_nothing_in_it_names_a_vendor_or_what_one_sold(bundle: bytes, year_app: Flask) -> None:
    with ZipFile(io.BytesIO(bundle)) as opened:
        names = [name for name in opened.namelist() if name not in ("README.txt", "recompute.py")]
        text = "".join(opened.read(name).decode() for name in names)
    with year_app.app_context():
        from market.db import db

        for vendor in db.session.query(Vendor):
            assert vendor.trading_name not in text
            assert vendor.ref not in text
    for one in json.loads(ZipFile(io.BytesIO(bundle)).read("settlements.json")):
        assert all(total["stalls"] >= 3 for total in one["totals"])
        assert len(set(one["leaves"])) == one["vendors"]


def changed(bundle: bytes, name: str, change: Change) -> bytes:
    out = io.BytesIO()
    with ZipFile(io.BytesIO(bundle)) as before, ZipFile(out, "w") as after:
        for one in before.namelist():
            text = before.read(one).decode()
            if one == name:
                value = json.loads(text)
                change(value)
                text = json.dumps(value, ensure_ascii=False)
            after.writestr(one, text)
    return out.getvalue()


def _amount(book: Any) -> None:
    lines = book["entries"][0]["facts"]["lines"]
    lines[0][1], lines[1][1] = lines[0][1] + 100, lines[1][1] - 100


ALONE = {"stalls": 1, "contribution_fen": 1}
CHANGES: dict[str, tuple[str, Change]] = {
    "its hash": ("book.json", _amount),
    "the sum of its lines": ("book.json", lambda b: b["entries"][3]["facts"]["lines"][0].__setitem__(1, 5)),
    "its place": ("book.json", lambda b: b["entries"].pop(2)),
    "the head of the book": ("book.json", lambda b: b["entries"].pop()),
    "the fund's page, balance_fen": ("public.json", lambda p: p["sums"].update(balance_fen=1)),
    "what the accounts hold": ("public.json", lambda p: p["accounts"].update({"1001": 1})),
    "what the markets gave": ("public.json", lambda p: p.update(contributed_fen=1)),
    "posted": ("settlements.json", lambda s: s[0].update(contribution_fen=1)),
    "its lines": ("settlements.json", lambda s: s[0]["leaves"].pop()),
    "contributions of no market": ("settlements.json", lambda s: s.pop()),
    "small groups": ("settlements.json", lambda s: s[0].update(totals=[ALONE])),
}


@pytest.mark.parametrize("named", CHANGES)
def test_each_change_of_the_file_is_named(bundle: bytes, tmp_path: Path, named: str) -> None:
    done = run(tmp_path, changed(bundle, *CHANGES[named]))
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{named}: stated" in done.stdout


def test_a_signature_of_somebody_else_is_named(
    bundle: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = io.BytesIO()
    with ZipFile(io.BytesIO(bundle)) as before, ZipFile(out, "w") as after:
        for one in before.namelist():
            text = before.read(one).decode()
            if one == "checkpoint.txt":
                text = text[:-12] + ("A" if text[-12] != "A" else "B") + text[-11:]
            after.writestr(one, text)
    file = tmp_path / "bundle.zip"
    file.write_bytes(out.getvalue())
    assert recompute.main([str(file)]) == 1
    assert capsys.readouterr().out == "✕ the signature: stated True, computed False\n"


def test_a_vendor_opens_its_own_line(bundle: bytes, year_app: Flask, tmp_path: Path) -> None:
    with year_app.app_context():
        from market.insight.service import by_day

        closed = by_day(find_community(OURS))[0]
        texts = [opening(line) for line in closed.lines]
        given = yuan(closed.contribution_fen)
    for text in texts[:3]:
        (tmp_path / "mine.json").write_text(text, encoding="utf-8")
        assert run(tmp_path, bundle, "--line", "mine.json").returncode == 0, (given, text)
    more = json.loads(texts[0])
    more["says"]["takings_fen"] += 100_000
    (tmp_path / "mine.json").write_text(json.dumps(more), encoding="utf-8")
    done = run(tmp_path, bundle, "--line", "mine.json")
    assert "your line is among the published ones: stated True, computed False" in done.stdout
