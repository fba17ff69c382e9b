"""A head on paper: the fund's page says whether it holds, `verify` takes it, and an old copy is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market.config import settings
from market.db import db, unit_of_work
from market.insight.proof import verify_everything
from market.insight.witness import FILE, heads_seen
from market.journal.checkpoint import Head, Signer, read_checkpoint, signer_of
from market.journal.printed import grown_since, head_now
from market.ledger import service as ledger
from tests.journal.conftest import Year, year as year
from tests.journal.forgeries import cut_the_tail, put_back_the_old_copy
from tests.parts.guards import drop_guards, put_back_guards, run
from tests.settlement.conftest import desk as desk

SignIn = Callable[[str], FlaskClient]


def wrong(*printed: str, witness: Path | None = None) -> list[str]:
    db.session.rollback()
    return [line for line in verify_everything(printed, witness).lines if line.startswith("✕")]


def test_verify_takes_heads_and_fingerprints_of_any_time(year: Year) -> None:
    book = ledger.book_of(year.desk.community)
    fingerprint = ledger.head_fingerprint(book)
    assert wrong(year.middle.short, year.end.short, year.note, year.end.hash, fingerprint) == []
    for never in ("1-0000 0000 0000 0000", "999-" + year.end.short.partition("-")[2], "abc", "9" * 16):
        (sentence,) = wrong(never)
        assert never in sentence
        assert "对不上" in sentence


def test_what_was_put_in_after_a_head_and_does_not_continue_it_is_no_growth(year: Year) -> None:
    middle = year.middle
    with unit_of_work():
        run(drop_guards())
        db.session.execute(
            sa.text("UPDATE audit_row SET facts = '{\"entry:x\": null}' WHERE number = :number"),
            {"number": middle.size + 1},
        )
    assert grown_since(year.chain, "huaiyin", middle.short) is None
    assert grown_since(year.chain, "huaiyin", year.end.short) is not None


def test_a_checkpoint_is_read_only_with_the_key_and_the_name_that_signed_it(year: Year) -> None:
    signer = signer_of("huaiyin", settings())
    assert read_checkpoint(year.note, signer.verifier) == year.end
    assert signer.checkpoint(year.end) == year.note
    assert read_checkpoint(year.note.replace(f"\n{year.end.size}\n", "\n1\n"), signer.verifier) is None
    assert read_checkpoint(year.note, signer_of("songhe", settings()).verifier) is None
    assert read_checkpoint("anything\nelse\n", signer.verifier) is None
    broken = year.note.rsplit(" ", 1)[0] + " AAA\n"
    assert read_checkpoint(broken, signer.verifier) is None
    assert Signer("x", signer.key).verifier != signer.verifier


def test_the_heads_of_the_last_check_are_a_witness(year: Year, tmp_path: Path) -> None:
    assert heads_seen(tmp_path) == {}
    assert wrong(witness=tmp_path) == []
    assert heads_seen(tmp_path)["huaiyin"] == year.end
    kept = (tmp_path / FILE).read_text(encoding="utf-8")
    with unit_of_work():
        db.session.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        drop_and_put_back(year)
    (sentence,) = wrong(witness=tmp_path)
    assert "可能换回了旧的备份" in sentence
    assert (tmp_path / FILE).read_text(encoding="utf-8") == kept


def drop_and_put_back(year: Year) -> None:
    run(drop_guards())
    put_back_the_old_copy(year)
    run(put_back_guards())


@pytest.mark.parametrize(
    ("head", "said"),
    [("middle", "账从那时起只增加"), ("book", "账本到某一笔为止的指纹"), ("never", "就是账被换过")],
)
def test_residents_ask_about_a_head_on_the_fund_page(
    year: Year, sign_in: SignIn, head: str, said: str
) -> None:
    typed = {
        "middle": year.middle.short,
        "book": ledger.head_fingerprint(ledger.book_of(year.desk.community)),
        "never": "7-0000 0000 0000 0000",
    }[head]
    client = sign_in("staff")
    db.session.remove()
    answer = client.get("/c/huaiyin/fund/head", query_string={"head": typed})
    assert answer.status_code == 200
    assert said in answer.text
    page = client.get("/c/huaiyin/fund").text
    assert year.end.short in page
    note = client.get("/c/huaiyin/fund/checkpoint.txt")
    verifier = note.headers["X-Verifier-Key"]
    assert read_checkpoint(note.text, verifier) == Head(year.end.size, year.end.hash)


def test_a_cut_tail_is_named_where_only_a_head_knows(year: Year) -> None:
    with unit_of_work():
        run(drop_guards())
        cut_the_tail(year)
        run(put_back_guards())
    assert head_now(year.chain).size == year.end.size - 1
    assert any("对不上" in line for line in wrong(year.end.short))
