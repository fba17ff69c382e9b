"""The public file: its own program finds that everything follows, and names each change made to it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, strategies as st

from market.communities.service import find_community
from market.db import db
from market.fund import recompute
from market.fund.bundle import write_bundle
from market.fund.published import public_book
from market.fund.service import fund_of
from market.journal.printed import head_now
from market.journal.rules import canonical
from market.money import yuan
from market.settlement.commitments import opening
from market.settlement.models import Settlement
from market.settlement.rules import Terms, TermsKind, Tier, share, terms_facts
from market.vendors.models import Vendor
from market.vendors.rules import Category
from tests.demo_year import OURS
from tests.fund.conftest import Desk

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


def _last_shown(settlements: Any) -> Any:
    return next(one for one in reversed(settlements) if one["contribution_fen"])


def _withheld(book: Any) -> Any:
    return next(entry for entry in book["entries"] if "withheld" in entry)


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
    "contributions of no market": ("settlements.json", lambda s: s.remove(_last_shown(s))),
    "markets of the sums": ("book.json", lambda b: b["together"][0]["markets"].append("x")),
    "entries that are withheld": ("book.json", lambda b: b.update(waiting=b["waiting"] + 1)),
    "in the journal": ("book.json", lambda b: _withheld(b).update(hash="0" * 64)),
    "withheld": ("settlements.json", lambda s: _last_shown(s).update(contribution_fen=None)),
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


RATES, FEN = st.integers(0, 10_000), st.integers(0, 300_000)
STEPS = st.lists(st.tuples(st.integers(1, 300_000), RATES), min_size=1, max_size=3, unique_by=lambda s: s[0])
TERMS = st.builds(
    Terms,
    st.sampled_from(TermsKind),
    RATES,
    FEN,
    STEPS.map(lambda steps: (Tier(0, 300), *(Tier(*step) for step in sorted(steps)))),
    FEN,
    FEN,
    FEN,
    st.sampled_from((frozenset(), frozenset({Category.CRAFT}))),
)


@given(FEN, TERMS, st.none() | FEN)
def test_the_program_reckons_a_share_as_the_market_does(
    takings: int, terms: Terms, chosen: int | None
) -> None:
    says = {"takings_fen": takings, "terms": json.loads(canonical(terms_facts(terms))), "chosen_fen": chosen}
    assert recompute.share(says) == share(takings, terms, chosen)


def test_what_is_withheld_stands_as_a_hash_only(bundle: bytes, year_app: Flask) -> None:
    with ZipFile(io.BytesIO(bundle)) as opened:
        book, settlements = (json.loads(opened.read(f"{name}.json")) for name in ("book", "settlements"))
    with year_app.app_context():
        community = find_community(OURS)
        seen = public_book(community)
        hidden = {entry.sequence for entry in seen.hidden.values()}
        assert hidden
        withheld = {entry["withheld"]["sequence"] for entry in book["entries"] if "withheld" in entry}
        assert withheld == hidden
        by_place = {(one.day.ref, one.revision): one for one in db.session.scalars(sa.select(Settlement))}
        for told in settlements:
            one = by_place[told["market"], told["revision"]]
            entry = one.entry_id in seen.hidden if one.entry_id else told["contribution_fen"] is None
            assert (told["contribution_fen"] is None) == entry
            assert told["takings_fen"] in (None, one.takings_fen)
            newest = max(place[1] for place in by_place if place[0] == one.day.ref) == one.revision
            if newest and told["takings_fen"] is not None:
                assert told["takings_fen"] == seen.of(one).takings_fen


def test_an_entry_of_before_is_withheld_with_its_address(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a salt its hash could be guessed from; so neither address nor line is shown."""
    no_salt = SimpleNamespace(token_hex=lambda _bytes: None)
    monkeypatch.setattr("market.ledger.service.secrets", no_salt)
    desk.market(100_000, 200_000)
    desk.market(100_000, 200_000, 300_000, in_days=-20)
    hidden = list(public_book(desk.community).hidden.values())
    assert [entry.salt for entry in hidden] == [None, None]
    out = io.BytesIO()
    write_bundle(desk.fund, out)
    with ZipFile(out) as opened:
        texts = [opened.read(name).decode() for name in opened.namelist()]
    assert not any(entry.ref in text for entry in hidden for text in texts)
    done = run(tmp_path, out.getvalue())
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
