"""Posting and reversing on both engines: once, balanced, numbered, by two people, never beyond the money."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.ledger import service
from market.ledger.chain import fingerprint
from market.ledger.models import Book, Entry, Posting
from market.ledger.rules import CHART, EntryKind, Line, mirror
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.ledger.conftest import AT, DAY, Desk, given, spent

pytestmark = both_engines


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.raises(Refusal, match=rf"\({code.replace('.', '[.]')}\)$")


def test_opening_a_book_again_gives_the_same_book(desk: Desk) -> None:
    with unit_of_work():
        again = service.open_book(desk.community, "另一个名字", by=desk.second, at=AT)
    assert (again.id, again.title) == (desk.book.id, "槐荫社区发展基金")
    assert service.book_of(desk.community) is desk.book
    assert service.books() == [desk.book]


def test_a_community_without_a_fund_is_told_so(desk: Desk, cast: Cast) -> None:
    with refused("ledger.no_book"):
        service.book_of(find_community(cast.theirs))


def test_an_entry_is_posted_with_number_lines_and_hash(desk: Desk) -> None:
    with unit_of_work():
        entry = desk.post("settlement:a:1", given(1_741_00, "年货"), memo=" 第 1 场 ")
    db.session.expire_all()
    assert (entry.voucher, entry.sequence, entry.memo) == ("2024-0001", 1, "第 1 场")
    assert entry.lines == (Line("1001", 1_741_00), Line("4101", -1_741_00, "年货"))
    assert [CHART[posting.account].name for posting in entry.postings] == ["存于慈善组织", "集市反哺"]
    assert (desk.book.entry_count, desk.book.head_hash) == (1, entry.hash)


def test_numbers_count_within_the_fiscal_year_and_the_sequence_through_all(year: Desk) -> None:
    rows = [(entry.sequence, entry.voucher) for entry in service.entries(year.book)]
    numbers = ["2024-0001", "2024-0002", "2024-0003", "2024-0004", "2024-0005", "2025-0001"]
    assert rows == list(enumerate(numbers, 1))


def test_posting_the_same_source_again_gives_the_same_entry(desk: Desk) -> None:
    with unit_of_work():
        first = desk.post("settlement:a:1", given(100))
    with unit_of_work():
        again = service.post(
            desk.book,
            "settlement:a:1",
            EntryKind.CONTRIBUTION,
            given(100),
            happened_on=DAY,
            memo="集市反哺",
            by=desk.second,
            at=AT + timedelta(days=9),
        )
    assert again is first
    assert desk.book.entry_count == 1


def test_the_same_source_with_other_content_is_refused(desk: Desk) -> None:
    with unit_of_work():
        desk.post("settlement:a:1", given(100))
    changes: list[dict[str, Any]] = [
        {"lines": given(101)},
        {"lines": given(100, "蔬菜")},
        {"memo": "别的摘要"},
        {"day": date(2024, 1, 28)},
        {"kind": EntryKind.GOODS},
        {"reason": "更正"},
    ]
    for change in changes:
        with refused("ledger.source_taken"), unit_of_work():
            desk.post("settlement:a:1", **({"lines": given(100)} | change))
    assert desk.book.entry_count == 1


def test_lines_that_are_no_entry_are_refused(desk: Desk) -> None:
    cases: list[tuple[str, list[Line]]] = [
        ("too_few_lines", []),
        ("too_few_lines", [Line("1001", 5)]),
        ("unbalanced", [Line("1001", 5), Line("4101", -4)]),
        ("zero_line", [Line("1001", 0), Line("4101", 0)]),
        ("unknown_account", [Line("1001", 5), Line("1009", -5)]),
        ("line_too_large", [Line("1001", 10**12 + 1), Line("4101", -(10**12) - 1)]),
        ("text_empty", given(5, " ")),
        ("personal_data", given(5, "张三13812345678")),
    ]
    for code, lines in cases:
        with refused(f"ledger.{code}") as refusal, unit_of_work():
            desk.post("settlement:a:1", lines)
        assert refusal.value.status == 422
    assert (desk.book.entry_count, service.entries(desk.book)) == (0, [])


def test_a_text_that_must_not_stay_is_refused(desk: Desk) -> None:
    for text, code in {
        "": "text_empty",
        "x" * 201: "text_too_long",
        "a\nb": "text_unprintable",
        "13812345678": "personal_data",
    }.items():
        with refused(f"ledger.{code}"), unit_of_work():
            desk.post("settlement:a:1", given(5), memo=text)
        with refused(f"ledger.{code}"), unit_of_work():
            desk.post("settlement:a:1", given(5), reason=text)
    with refused("ledger.text_too_long"), unit_of_work():
        desk.post("x" * 121, given(5))


def test_more_than_the_charity_holds_is_refused(desk: Desk) -> None:
    with unit_of_work():
        desk.post("settlement:a:1", given(100))
    with refused("ledger.not_enough"), unit_of_work():
        desk.post("payment:1", spent(101), kind=EntryKind.SPENDING)
    with unit_of_work():
        desk.post("payment:1", spent(100), kind=EntryKind.SPENDING)
    assert service.balance(desk.book, "1001") == 0


def test_a_gift_that_is_spent_cannot_be_reversed_before_the_right_one_is_posted(desk: Desk) -> None:
    with unit_of_work():
        wrong = desk.post("settlement:a:1", given(100))
        desk.post("payment:1", spent(90), kind=EntryKind.SPENDING)
    with refused("ledger.not_enough"), unit_of_work():
        desk.reverse(wrong)
    with unit_of_work():
        desk.post("settlement:a:2", given(95), reason="更正第 1 次报数")
        desk.reverse(wrong)
    assert service.balances(desk.book) == {"1001": 5, "4101": -95, "5103": 90}
    assert service.verify(desk.book).ok


def test_a_reversal_mirrors_its_original_and_both_know_each_other(desk: Desk) -> None:
    with unit_of_work():
        entry = desk.post("settlement:a:1", given(100, "蔬菜"))
        reversal = desk.reverse(entry, at=AT + timedelta(hours=10))
    assert reversal.lines == mirror(entry.lines)
    assert (reversal.kind, reversal.reason, reversal.memo) == (
        EntryKind.REVERSAL,
        "报错了金额",
        "冲销 2024-0001",
    )
    assert reversal.happened_on == date(2024, 1, 28)
    assert (reversal.reverses, entry.reversed_by) == (entry, reversal)
    assert service.reversal_of(entry) is reversal
    assert service.balances(desk.book) == {"1001": 0, "4101": 0}


def test_reversing_again_for_the_same_reason_gives_the_same_reversal(desk: Desk) -> None:
    with unit_of_work():
        entry = desk.post("settlement:a:1", given(100))
        first = desk.reverse(entry)
    with unit_of_work():
        assert desk.reverse(entry, at=AT + timedelta(days=3)) is first
    with refused("ledger.already_reversed"), unit_of_work():
        desk.reverse(entry, reason="另一个原因")


def test_who_posted_cannot_reverse(desk: Desk) -> None:
    with unit_of_work():
        entry = desk.post("settlement:a:1", given(100))
    with refused("ledger.second_person") as refusal, unit_of_work():
        service.reverse(entry, reason="报错了", by=desk.clerk, at=AT)
    assert refusal.value.status == 403


def test_a_reversal_needs_a_reason_and_is_final(desk: Desk) -> None:
    with unit_of_work():
        entry = desk.post("settlement:a:1", given(100))
    with refused("ledger.text_empty"), unit_of_work():
        desk.reverse(entry, reason=" ")
    with unit_of_work():
        reversal = desk.reverse(entry)
    with refused("ledger.reversal_is_final"), unit_of_work():
        service.reverse(reversal, reason="再冲回来", by=desk.clerk, at=AT)


def test_a_reversal_by_the_side_door_is_refused(desk: Desk, cast: Cast) -> None:
    with unit_of_work():
        entry = desk.post("settlement:a:1", given(100))
        theirs = service.open_book(
            find_community(cast.theirs), "松鹤社区发展基金", by=person("staff-b"), at=AT
        )

    def post(
        book: Book, kind: EntryKind, lines: list[Line], original: Entry | None, reason: str | None
    ) -> None:
        service.post(
            book,
            "x",
            kind,
            lines,
            happened_on=DAY,
            memo="冲",
            by=desk.second,
            at=AT,
            reverses=original,
            reason=reason,
        )

    back = list(mirror(entry.lines))
    for code, arguments in {
        "no_original": (desk.book, EntryKind.REVERSAL, back, None, "错"),
        "other_book": (theirs, EntryKind.REVERSAL, back, entry, "错"),
        "not_a_mirror": (desk.book, EntryKind.REVERSAL, given(100), entry, "错"),
        "reason_missing": (desk.book, EntryKind.REVERSAL, back, entry, None),
    }.items():
        with refused(f"ledger.{code}"), unit_of_work():
            post(*arguments)
    with refused("ledger.not_a_mirror"), unit_of_work():
        post(desk.book, EntryKind.SPENDING, back, entry, "错")
    with unit_of_work():
        desk.reverse(entry)
    with refused("ledger.already_reversed"), unit_of_work():
        post(desk.book, EntryKind.REVERSAL, back, entry, "错")


def test_the_books_clock_does_not_go_back(desk: Desk) -> None:
    with unit_of_work():
        first = desk.post("settlement:a:1", given(100), at=AT + timedelta(seconds=5))
        second = desk.post("settlement:b:1", given(100), at=AT)
    assert second.posted_at == first.posted_at
    assert service.verify(desk.book).ok


def test_balances_can_be_read_as_of_a_day(year: Desk) -> None:
    assert service.balances(year.book) == {"1001": 650_00, "4101": -800_00, "5103": 150_00}
    assert service.balances(year.book, date(2024, 4, 21)) == {"1001": 600_00, "4101": -600_00}
    assert service.balance(year.book, "1001", date(2024, 2, 24)) == 100_00
    assert service.balance(year.book, "1201") == 0


def test_the_fingerprint_on_the_notice_is_that_of_the_last_entry(year: Desk) -> None:
    assert service.head_fingerprint(year.book) == fingerprint(service.entries(year.book)[-1].hash)


def test_entries_can_be_chosen(year: Desk) -> None:
    def sequences(**wanted: Any) -> list[int]:
        return [entry.sequence for entry in service.entries(year.book, **wanted)]

    assert sequences() == [1, 2, 3, 4, 5, 6]
    assert sequences(newest_first=True, limit=2) == [6, 5]
    assert sequences(kind=EntryKind.REVERSAL) == [4]
    assert sequences(since=date(2024, 4, 20), until=date(2024, 12, 31)) == [3, 4, 5]


def test_an_entry_is_found_only_in_its_own_book(year: Desk, cast: Cast) -> None:
    with unit_of_work():
        theirs = service.open_book(
            find_community(cast.theirs), "松鹤社区发展基金", by=person("staff-b"), at=AT
        )
    entry = service.entries(year.book)[0]
    assert service.entry_of(year.book, entry.ref) is entry
    assert service.entry_by_source(year.book, "settlement:1:1") is entry
    assert service.entry_by_source(theirs, "settlement:1:1") is None
    with refused("ledger.no_entry"):
        service.entry_of(theirs, entry.ref)


def test_a_refused_act_leaves_nothing_behind(year: Desk) -> None:
    before = service.verify(year.book)
    with refused("ledger.not_enough"), unit_of_work():
        desk_before = year.post("settlement:9:1", given(1))
        assert desk_before.sequence == 7
        year.post("payment:9", spent(10**9), kind=EntryKind.SPENDING)
    after = service.verify(year.book)
    assert (after.entries, after.head) == (before.entries, before.head) == (6, year.book.head_hash)
    assert after.ok


@dataclass
class Walk:
    """Random acts on a book, and what a plain model says the accounts must then hold."""

    desk: Desk
    chance: random.Random
    model: Counter[str] = field(default_factory=Counter)
    live: dict[str, Entry] = field(default_factory=dict)

    def give(self, step: int) -> list[Line]:
        lines = given(self.chance.randint(1, 500))
        self.live[f"s:{step}"] = self.desk.post(f"s:{step}", lines, memo=f"{step}")
        return lines

    def spend(self, step: int) -> list[Line]:
        lines = spent(self.chance.randint(1, 500))
        self.live[f"p:{step}"] = self.desk.post(f"p:{step}", lines, memo=f"{step}", kind=EntryKind.SPENDING)
        return lines

    def again(self, step: int) -> list[Line]:
        known = self.live[self.chance.choice(sorted(self.live))]
        assert self.desk.post(known.source, list(known.lines), memo=known.memo, kind=known.kind) is known
        return []

    def undo(self, step: int) -> list[Line]:
        known = self.live[self.chance.choice(sorted(self.live))]
        self.desk.reverse(known, reason=f"第 {step} 步")
        return list(mirror(known.lines))

    def spoil(self, step: int) -> list[Line]:
        self.desk.post(f"b:{step}", given(5)[:1])
        return []

    def go(self, step: int) -> str:
        """One act; the code of the refusal, or nothing."""
        act = self.chance.choice((self.give, self.spend, self.again, self.undo, self.spoil))
        try:
            with unit_of_work():
                lines = act(step)
        except Refusal as refusal:
            return refusal.code
        for line in lines:
            self.model[line.account] += line.amount_fen
        return ""


@pytest.mark.parametrize("seed", range(3))
def test_random_acts_keep_the_book_and_a_plain_model_equal(desk: Desk, seed: int) -> None:
    walk = Walk(desk, random.Random(seed))
    with unit_of_work():
        walk.model.update({line.account: line.amount_fen for line in walk.give(-1)})
    seen = set()
    for step in range(60):
        seen.add(walk.go(step))
        assert service.balances(desk.book) == dict(sorted(walk.model.items()))
        assert walk.model["1001"] >= 0
    assert seen == {"", "ledger.not_enough", "ledger.already_reversed", "ledger.too_few_lines"}
    assert service.verify(desk.book).ok
    assert db.session.scalar(sa.select(sa.func.sum(Posting.amount_fen))) == 0
