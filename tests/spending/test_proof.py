"""An account that was changed past us is named, and an entry without one."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from market.db import db, unit_of_work
from market.ledger import service as ledger
from market.ledger.rules import Code, EntryKind, credit, debit
from market.spending.models import FinalAccount, SpendingVoucher
from market.spending.proof import spending_faults
from market.spending.rules import Stage
from tests.cast import person
from tests.fund.conftest import AT, day_of
from tests.spending.conftest import Walk


def faults(walk: Walk) -> list[str]:
    db.session.expire_all()
    return list(spending_faults(walk.desk.fund))


def test_a_whole_way_agrees_with_the_book(walk: Walk) -> None:
    walk.until(Stage.DONE)
    assert faults(walk) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (sa.update(FinalAccount).values(spent_fen=170_000), "花的加上退的，不等于拨付的"),
        (sa.update(SpendingVoucher).values(amount_fen=1), "票据加起来不是这个数"),
        (sa.update(FinalAccount).values(returned_fen=5_000, spent_fen=181_000), "退回的钱和账上对不上"),
        (sa.update(FinalAccount).values(entry_id=None), "没有对应的决算"),
    ],
)
def test_what_was_changed_past_us_is_named(walk: Walk, change: Any, sentence: str) -> None:
    walk.until(Stage.DONE)
    with unit_of_work():
        db.session.execute(change)
    assert any(sentence in fault for fault in faults(walk))


def test_an_entry_without_an_account_is_named(walk: Walk) -> None:
    with unit_of_work():
        ledger.post(
            walk.desk.fund.book, "unspent:nothing", EntryKind.UNSPENT,
            [debit(Code.AT_CHARITY, 100), credit("5102", 100)],
            happened_on=day_of(AT), memo="没有决算", by=person("staff"), at=AT,
        )  # fmt: skip
    assert ["没有对应的决算" in fault for fault in faults(walk)] == [True]
