"""The chain of hashes: whatever is changed in a stored book is found, and the first wrong entry named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from market.ledger.chain import (
    BookFacts,
    EntryFacts,
    Fault,
    FaultCode,
    Sealed,
    canonical,
    entry_facts,
    entry_hash,
    fingerprint,
    genesis,
    spelt_entry,
    verify_chain,
    voucher,
    witnessed,
)
from market.ledger.rules import EntryKind, Line, mirror

OPENED = datetime(2024, 1, 1, tzinfo=UTC)
BOOK = BookFacts("bookbookbo", 7, OPENED)
LINES = (Line("1001", 100_00), Line("4101", -100_00, "蔬菜水果"))
SPENT = (Line("5103", 30_00), Line("1001", -30_00))

Chain = list[Sealed]


def replace(one: Any, **changes: Any) -> Any:
    return one._replace(**changes)


def contribution(sequence: int, happened_on: date, number: int) -> EntryFacts:
    return EntryFacts(
        ref=f"entry{sequence:05d}",
        sequence=sequence,
        fiscal_year=happened_on.year,
        number=number,
        kind=EntryKind.CONTRIBUTION,
        source=f"settlement:{sequence}:1",
        happened_on=happened_on,
        posted_at=OPENED + timedelta(days=sequence),
        posted_by=1,
        memo=f"第 {sequence} 场集市反哺",
        lines=LINES,
    )


def sealed(facts: list[EntryFacts]) -> tuple[BookFacts, Chain]:
    head, entries = genesis(BOOK), []
    for entry in facts:
        entries.append(Sealed(entry, head, entry_hash(head, entry)))
        head = entries[-1].hash
    return replace(BOOK, entry_count=len(entries), head_hash=head), entries


def a_year() -> list[EntryFacts]:
    """Three contributions, one reversed by a second person, one spending, one of the next year."""
    first, second, third = (contribution(n, date(2024, n, 20), n) for n in (1, 2, 3))
    reversal = replace(
        contribution(4, date(2024, 4, 1), 4),
        kind=EntryKind.REVERSAL,
        lines=mirror(LINES),
        reverses=2,
        reason="多报了一笔",
        posted_by=2,
    )
    spending = replace(contribution(5, date(2024, 5, 1), 5), kind=EntryKind.SPENDING, lines=SPENT)
    return [first, second, third, reversal, spending, contribution(6, date(2025, 1, 5), 1)]


def codes(faults: list[Fault]) -> list[tuple[int, FaultCode]]:
    return [(fault.sequence, fault.code) for fault in faults]


def test_an_untouched_book_has_no_fault() -> None:
    assert verify_chain(*sealed(a_year())) == []


def test_an_empty_book_has_no_fault() -> None:
    assert verify_chain(*sealed([])) == []


def change_amount(facts: EntryFacts) -> EntryFacts:
    return facts._replace(lines=(Line("1001", 999_00), Line("4101", -999_00, "蔬菜水果")))


def a_second_later(facts: EntryFacts) -> datetime:
    assert isinstance(facts.posted_at, datetime)
    return facts.posted_at + timedelta(seconds=1)


CHANGES: dict[str, Callable[[EntryFacts], EntryFacts]] = {
    "amount": change_amount,
    "account": lambda facts: replace(facts, lines=(Line("1001", 100_00), Line("4104", -100_00, "蔬菜水果"))),
    "dimension": lambda facts: replace(facts, lines=(Line("1001", 100_00), Line("4101", -100_00))),
    "order of lines": lambda facts: replace(facts, lines=facts.lines[::-1]),
    "ref": lambda facts: replace(facts, ref="xxxxxxxxxx"),
    "kind": lambda facts: replace(facts, kind=EntryKind.GOODS),
    "source": lambda facts: replace(facts, source="settlement:9:9"),
    "day": lambda facts: replace(facts, happened_on=date(2024, 3, 21)),
    "moment": lambda facts: replace(facts, posted_at=a_second_later(facts)),
    "person": lambda facts: replace(facts, posted_by=9),
    "memo": lambda facts: replace(facts, memo="第 3 场集市反哺 "),
    "reason": lambda facts: replace(facts, reason="后补的原因"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_one_changed_entry_is_one_fault_that_names_it(what: str) -> None:
    book, entries = sealed(a_year())
    entries[2] = replace(entries[2], facts=CHANGES[what](entries[2].facts))
    fault = verify_chain(book, entries)[0]
    assert (fault.sequence, fault.voucher, fault.code) == (3, "2024-0003", FaultCode.HASH)
    assert str(fault).startswith("#3 2024-0003 hash ")
    assert codes(verify_chain(book, entries)) == [(3, FaultCode.HASH)]


def test_a_hash_made_anew_for_a_changed_entry_breaks_the_link_behind_it() -> None:
    book, entries = sealed(a_year())
    changed = change_amount(entries[2].facts)
    entries[2] = Sealed(changed, entries[2].prev_hash, entry_hash(entries[2].prev_hash, changed))
    assert codes(verify_chain(book, entries)) == [(4, FaultCode.LINK)]


def test_a_hash_that_is_no_hash_is_a_fault_and_not_a_crash() -> None:
    book, entries = sealed(a_year())
    entries[2] = replace(entries[2], prev_hash="没有")
    assert codes(verify_chain(book, entries)) == [(3, FaultCode.LINK), (3, FaultCode.HASH)]


def test_a_missing_entry_is_named_by_its_place() -> None:
    book, entries = sealed(a_year())
    del entries[2]
    assert codes(verify_chain(book, entries)) == [
        (3, FaultCode.GAP),
        (4, FaultCode.NUMBER),
        (4, FaultCode.LINK),
    ]


def test_a_missing_last_entry_is_seen_by_the_book() -> None:
    book, entries = sealed(a_year())
    assert codes(verify_chain(book, entries[:-1])) == [(6, FaultCode.HEAD)]


def test_an_entry_too_many_is_seen_by_the_book() -> None:
    book, entries = sealed(a_year())
    before = replace(book, entry_count=5, head_hash=entries[4].hash)
    assert codes(verify_chain(before, entries)) == [(6, FaultCode.HEAD)]


def test_a_changed_head_is_a_fault_of_the_last_entry() -> None:
    book, entries = sealed(a_year())
    assert codes(verify_chain(replace(book, head_hash="0" * 64), entries)) == [(6, FaultCode.HEAD)]


def test_two_swapped_entries_are_found() -> None:
    book, entries = sealed(a_year())
    first, second = entries[0].facts, entries[2].facts
    entries[0] = replace(entries[0], facts=replace(first, memo=second.memo, source=second.source))
    entries[2] = replace(entries[2], facts=replace(second, memo=first.memo, source=first.source))
    assert codes(verify_chain(book, entries)) == [(1, FaultCode.HASH), (3, FaultCode.HASH)]


def test_a_chain_cannot_be_moved_to_another_book() -> None:
    book, entries = sealed(a_year())
    assert codes(verify_chain(replace(book, community_id=8), entries)) == [(1, FaultCode.LINK)]


def rebuilt(place: int, **changes: Any) -> list[tuple[int, FaultCode]]:
    """Faults of a book in which one entry was wrong from the start and all hashes are right."""
    facts = a_year()
    facts[place] = replace(facts[place], **changes)
    return codes(verify_chain(*sealed(facts)))


@pytest.mark.parametrize(
    ("place", "changes", "code"),
    [
        (2, {"number": 4}, FaultCode.NUMBER),
        (2, {"fiscal_year": 2023, "number": 1}, FaultCode.NUMBER),
        (2, {"posted_at": OPENED}, FaultCode.TIME),
        (2, {"lines": (Line("1001", 5), Line("4101", -4))}, FaultCode.LINES),
        (2, {"lines": (Line("1001", 5), Line("9999", -5))}, FaultCode.LINES),
        (2, {"lines": (Line("1001", 5),)}, FaultCode.LINES),
        (2, {"source": "settlement:1:1"}, FaultCode.SOURCE),
        (3, {"reverses": 9}, FaultCode.REVERSAL),
        (3, {"reverses": None}, FaultCode.REVERSAL),
        (3, {"reason": None}, FaultCode.REVERSAL),
        (3, {"kind": EntryKind.SPENDING}, FaultCode.REVERSAL),
        (3, {"posted_by": 1}, FaultCode.REVERSAL),
        (3, {"lines": (Line("1001", -5), Line("4101", 5))}, FaultCode.NOT_A_MIRROR),
        (4, {"lines": (Line("5103", 201_00), Line("1001", -201_00))}, FaultCode.OVERDRAWN),
        (
            4,
            {"kind": EntryKind.REVERSAL, "reverses": 4, "reason": "再冲", "lines": LINES},
            FaultCode.REVERSAL,
        ),
    ],
)
def test_an_entry_that_was_never_right_is_found_behind_right_hashes(
    place: int, changes: dict[str, Any], code: FaultCode
) -> None:
    assert rebuilt(place, **changes)[0] == (place + 1, code)


def test_a_second_reversal_of_one_entry_is_found() -> None:
    facts = a_year()
    twice = replace(facts[3], sequence=5, number=5, source="again", posted_at=OPENED + timedelta(days=5))
    assert codes(verify_chain(*sealed([*facts[:4], twice]))) == [(5, FaultCode.DOUBLE_REVERSAL)]


@given(st.integers(1, 40), st.data())
@settings(max_examples=60)
def test_any_one_changed_entry_of_any_book_is_the_first_fault(size: int, data: st.DataObject) -> None:
    book, entries = sealed([contribution(n, date(2024, 1, 27), n) for n in range(1, size + 1)])
    place = data.draw(st.integers(0, size - 1))
    what = data.draw(st.sampled_from(sorted(CHANGES)))
    entries[place] = replace(entries[place], facts=CHANGES[what](entries[place].facts))
    assert verify_chain(book, entries)[0].sequence == place + 1


def test_the_spelling_of_the_facts_is_fixed() -> None:
    spelled = canonical(entry_facts(contribution(1, date(2024, 1, 27), 1))).decode()
    assert spelled == (
        '{"fiscal_year":2024,"happened_on":"2024-01-27","kind":"contribution",'
        '"lines":[["1001",10000,null],["4101",-10000,"蔬菜水果"]],"memo":"第 1 场集市反哺","number":1,'
        '"posted_at":"2024-01-02T00:00:00.000000+00:00","posted_by":1,"reason":null,"ref":"entry00001",'
        '"reverses":null,"sequence":1,"source":"settlement:1:1"}'
    )


TEXTS = st.text(max_size=12) | st.sampled_from(['"', "\\\\", "\\n\\x00\\x1f\\x7f", "蔬菜\\u2028", "🥬"])
WORDS = TEXTS.filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text))
NUMBERS = st.integers(-(10**20), 10**20)
MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(
    st.builds(
        EntryFacts, WORDS, NUMBERS, NUMBERS, NUMBERS, st.sampled_from(EntryKind) | WORDS, WORDS, st.dates(),
        MOMENTS, NUMBERS, WORDS, st.lists(st.builds(Line, WORDS, NUMBERS, st.none() | WORDS)).map(tuple),
        st.none() | NUMBERS, st.none() | WORDS, st.none() | WORDS, st.none() | WORDS,
    )
)  # fmt: skip
def test_what_is_spelt_at_once_is_spelt_as_the_encoder_spells_it(facts: EntryFacts) -> None:
    assert spelt_entry(facts) == canonical(entry_facts(facts)).decode()
    assert isinstance(facts.posted_at, datetime)
    as_text = facts._replace(posted_at=facts.posted_at.isoformat(timespec="microseconds"))
    assert spelt_entry(as_text) == spelt_entry(facts)


def test_the_hash_of_known_facts_never_changes() -> None:
    """Old books must stay verifiable: a release that breaks this test breaks every chain that exists."""
    book, _entries = sealed(a_year())
    assert book.head_hash == "2329693b1208019ae3e1ea29b906f0744bda7130ce9c7a5c9fe7c0ec3227d9e2"
    assert genesis(BOOK) == "8645c0b92502bc6de54b66150843a9c91bb993031077fedde2d1349cd28e0b8e"


def test_what_has_no_spelling_is_not_hashed() -> None:
    with pytest.raises(TypeError, match="no canonical spelling of set"):
        canonical({"lines": {1}})


def test_a_fingerprint_is_four_groups_of_four_digits() -> None:
    assert fingerprint("0" * 63 + "1") == "0000 0000 0000 0000"
    assert fingerprint("0" * 28 + "ffff" + "0" * 32) == "0000 0000 0006 5535"
    assert fingerprint("f" * 64) == "4607 4317 6821 1455"


def test_what_was_printed_is_found_again_in_the_book() -> None:
    book, entries = sealed(a_year())
    hashes = [entry.hash for entry in entries]
    assert witnessed(book, hashes, fingerprint(entries[2].hash))
    assert witnessed(book, hashes, entries[5].hash.upper())
    assert witnessed(book, [], fingerprint(genesis(book)))
    assert not witnessed(book, hashes[:2], fingerprint(entries[2].hash))


def test_a_voucher_number_has_at_least_four_digits() -> None:
    assert [voucher(2024, 12), voucher(2024, 12345)] == ["2024-0012", "2024-12345"]
