"""What phones bring is one state, whatever the order, splitting and repetitions; controls must fail."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from market import clock
from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate import rules, service
from market.gate.models import GatePhone, HeldScan, Scan
from market.gate.rules import Brought, Entry, HeldReason, Outcome, ScanMethod, Verdict
from market.gate.service import Told
from market.passes import service as passes
from tests.cast import person
from tests.factories import gate as make
from tests.parts.statements import statements

OPEN = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
DEVICES, EVENTS = 40, 300


def heard_by_phones(seed: int) -> list[list[Entry]]:
    """What each phone saw, dated by our clock: its own is up to three hours wrong, and it knows how much."""
    chance = random.Random(seed)
    phones = []
    for device in range(DEVICES):
        ahead = timedelta(seconds=chance.randint(-3 * 3600, 3 * 3600))
        claimed = [OPEN + ahead + timedelta(milliseconds=chance.randrange(7_200_000)) for _ in range(EVENTS)]
        phones.append(
            [Entry(at - ahead, f"d{device:02d}-e{n:03d}-{n % 60:02d}") for n, at in enumerate(claimed)]
        )
    return phones


def by_holder(entries: Iterable[Entry]) -> dict[str, dict[str, Outcome]]:
    """The outcome of every scan, vendor by vendor (60 of them, by the last digits of the number)."""
    of: dict[str, list[Entry]] = {}
    for entry in entries:
        of.setdefault(entry.client_id[-2:], []).append(entry)
    return {holder: rules.merged(found) for holder, found in of.items()}


def uploads(phones: list[list[Entry]], chance: random.Random) -> list[list[Entry]]:
    """Everything in a random order, in pieces of random length, a third of them twice."""
    whole = [entry for phone in phones for entry in phone]
    chance.shuffle(whole)
    pieces = []
    while whole:
        length = chance.randint(1, 400)
        pieces.append(whole[:length])
        whole = whole[length:]
    pieces += chance.sample(pieces, len(pieces) // 3)
    chance.shuffle(pieces)
    return pieces


def test_forty_phones_in_a_thousand_orders_are_one_state() -> None:
    phones = heard_by_phones(1)
    wanted = rules.united(*phones)
    final = by_holder(wanted)
    assert sum(one == Outcome(Verdict.ADMITTED) for held in final.values() for one in held.values()) == 60
    for seed in range(1_000):
        state: frozenset[Entry] = frozenset()
        pieces = uploads(phones, random.Random(seed))
        state = rules.united(*pieces)
        assert state == wanted, seed
    assert by_holder(state) == final


def test_the_union_can_be_taken_piece_by_piece() -> None:
    phones = heard_by_phones(2)[:6]
    wanted = rules.united(*phones)
    for seed in range(50):
        state: frozenset[Entry] = frozenset()
        for piece in uploads(phones, random.Random(seed)):
            state = rules.united(state, piece)
        assert state == wanted


def test_a_merge_that_lets_in_whoever_comes_first_would_be_seen() -> None:
    """The control: by order of arrival the state depends on the order."""

    def first_come(pieces: list[list[Entry]]) -> dict[str, str]:
        came: dict[str, str] = {}
        for entry in (entry for piece in pieces for entry in piece):
            came.setdefault(entry.client_id[-2:], entry.client_id)
        return came

    phones = heard_by_phones(3)[:5]
    assert len({str(sorted(first_come(uploads(phones, random.Random(s))).items())) for s in range(5)}) > 1


MINUTE = timedelta(minutes=1)


def entry(minute: int, name: str) -> Entry:
    return Entry(OPEN + minute * MINUTE, name)


def test_after_an_undo_the_next_scan_lets_in_and_a_late_one_from_before_does_not() -> None:
    undo = OPEN + 10 * MINUTE
    told = rules.merged([entry(15, "c"), entry(5, "b"), entry(1, "a")], [undo])
    assert told == {
        "a": Outcome(Verdict.ADMITTED, undo),
        "b": Outcome(Verdict.ALREADY_IN),
        "c": Outcome(Verdict.ADMITTED),
    }
    assert rules.merged([], [undo]) == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"enrolled_at": None}, HeldReason.UNKNOWN_PHONE),
        ({"revoked_at": OPEN}, HeldReason.REVOKED_PHONE),
        ({"revoked_at": OPEN + 6 * MINUTE}, None),
        ({"enrolled_at": OPEN + 9 * MINUTE}, HeldReason.REVOKED_PHONE),
        ({"received_at": OPEN}, HeldReason.FROM_THE_FUTURE),
        ({"received_at": OPEN + timedelta(days=3)}, HeldReason.TOO_OLD),
        ({"open_at": OPEN + timedelta(hours=3)}, HeldReason.OUT_OF_HOURS),
        ({"close_at": OPEN - timedelta(hours=3)}, HeldReason.OUT_OF_HOURS),
    ],
)
def test_what_cannot_be_believed_waits_for_a_person(changes: dict[str, datetime], reason: HeldReason) -> None:
    facts: dict[str, datetime | None] = {
        "scanned_at": OPEN + 5 * MINUTE,
        "received_at": OPEN + 30 * MINUTE,
        "open_at": OPEN,
        "close_at": OPEN + timedelta(hours=4),
        "enrolled_at": OPEN - MINUTE,
    }
    assert rules.held_reason(Brought(**{**facts, **changes})) is reason  # type: ignore[arg-type]  # by name


# ── the same through the service ──


def plaza(vendors: int = 4) -> tuple[MarketDay, list[GatePhone], list[str]]:
    day = make.running_today(find_community("huaiyin"), person("staff"), vendors=vendors)
    at = clock.now()
    phones = []
    for number, gate in enumerate(day.venue.entrance_names()[:2]):
        phone = service.invite(day, gate, by=person("staff"), at=at - 60 * MINUTE)
        service.enrol(phone, f"手机 {number}", f"{number:064x}", at=at - 60 * MINUTE)
        phones.append(phone)
    return day, phones, [passes.pass_token(one) for one in passes.live_passes(day)]


def told(number: str, code: str, at: datetime, **more: object) -> Told:
    facts: dict[str, object] = {"method": ScanMethod.CAMERA, "phone_at": at, "told": Verdict.ADMITTED, **more}
    return Told(client_id=f"scan-{number:0>6}", code=code, scanned_at=at, **facts)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_uploads_leaves_the_same_rows(context: object, cast: object, seed: int) -> None:
    chance = random.Random(seed)
    with unit_of_work():
        day, phones, tokens = plaza()
        at = clock.now()
        moments = [at - timedelta(minutes=50 - n) for n in range(24)]
        heard = [(phones[n % 2], told(str(n), tokens[n % 4], moment)) for n, moment in enumerate(moments)]
        brought = [*heard, *heard[::3]]
        chance.shuffle(brought)
        for phone, one in brought:
            service.receive(day, phone, [one], at=at)
        rows = db.session.query(Scan).order_by(Scan.client_id).all()
        assert [row.client_id for row in rows] == sorted(one.client_id for _, one in heard)
        admitted = {row.client_id for row in rows if row.verdict is Verdict.ADMITTED}
        assert admitted == {f"scan-{n:06}" for n in range(4)}
        assert len(service.conflicts(day)) == 20
        assert {row.scanned_by_name for row in rows} == {"手机 0", "手机 1"}
        firsts = {one.first.client_id for one in service.conflicts(day) if one.first}
        assert firsts == admitted


def test_what_two_phones_bring_at_once_is_what_they_bring_one_after_the_other(
    context: object, cast: object
) -> None:
    """Firsts, seconds, a strange code, a typed one that leads nowhere, a name, and one number twice."""
    with unit_of_work():
        day, phones, tokens = plaza()
        at, holder = clock.now(), passes.live_passes(day)[3].assignment
        brought = [
            told("1", tokens[0], at - 9 * MINUTE),
            told("2", tokens[1], at - 8 * MINUTE),
            told("3", tokens[0], at - 7 * MINUTE),
            told("4", "hello", at - 6 * MINUTE),
            told("5", tokens[2][:-4] + "AAAA", at - 5 * MINUTE),
            told("6", holder.ref, at - 4 * MINUTE, method=ScanMethod.LIST),
            told("7", tokens[3], at - 3 * MINUTE),
            told("2", tokens[1], at - 8 * MINUTE),
            told("8", tokens[1], at - 9 * MINUTE),
        ]
        handed = [
            service.Handed(day, phones[0], brought[:5], at),
            service.Handed(day, phones[1], brought[5:], at),
        ]
        answers = service.receive_all(handed)
        assert [[verdict_of(one) for one in some] for some in answers] == [
            ["admitted", "already_in", "already_in", "unknown_code", "forged"],
            ["admitted", "already_in", "already_in", "admitted"],
        ]
        assert rows_of() == EIGHT
        assert [len(some) for some in service.receive_all(handed)] == [5, 4]
        assert rows_of() == EIGHT


EIGHT = {
    "scan-000001": "admitted",
    "scan-000002": "already_in",
    "scan-000003": "already_in",
    "scan-000004": "unknown_code",
    "scan-000005": "forged",
    "scan-000006": "admitted",
    "scan-000007": "already_in",
    "scan-000008": "admitted",
}
"""The last one came later and was earlier than the second, which hears so."""


def verdict_of(one: object) -> str:
    assert isinstance(one, service.ScanView)
    return one.scan.verdict.value


def rows_of() -> dict[str, str]:
    return {row.client_id: row.verdict.value for row in db.session.query(Scan).order_by(Scan.client_id)}


def test_however_many_scans_come_at_once_they_take_the_same_statements(context: object, cast: object) -> None:
    taken, kept = [], 0
    with unit_of_work():
        _day, phones, _tokens = plaza()
    for often in (1, 4, 16):
        with unit_of_work(), statements() as asked:
            phones = [db.session.merge(phone, load=False) for phone in phones]
            at, numbers = clock.now(), range(kept, kept := kept + often)
            some = [told(str(number), "hello", at) for number in numbers]
            service.receive_all([service.Handed(phones[0].day, phones[0], some, at)])
        taken.append(len(asked))
    assert taken == taken[:1] * 3
    lines = db.session.query(AuditRow).filter_by(act="gate.scan").order_by(AuditRow.number).all()
    assert [line.facts.keys() for line in lines] == [{f"scan:{line.object_ref}"} for line in lines]
    assert len(lines) == kept


def test_a_name_that_leads_to_no_stall_is_kept_once(context: object, cast: object) -> None:
    """A phone that did not hear the answer brings it again, and with it everything else that it keeps."""
    with unit_of_work():
        day, phones, _tokens = plaza()
        at = clock.now()
        nobody = told("1", "no-such-stall", at - MINUTE, method=ScanMethod.LIST)
        for _time in range(2):
            (seen,) = service.receive(day, phones[0], [nobody], at=at)
            assert isinstance(seen, service.ScanView)
            assert seen.scan.verdict is Verdict.UNKNOWN_CODE
        assert db.session.query(Scan).count() == 1


def test_a_revoked_phone_and_an_unknown_one_are_heard_and_wait(context: object, cast: object) -> None:
    with unit_of_work():
        day, phones, tokens = plaza()
        at = clock.now()
        service.revoke_phone(phones[0], by=person("staff"), at=at - 30 * MINUTE)
        before = told("1", tokens[0], at - 40 * MINUTE)
        after = told("2", tokens[1], at - 20 * MINUTE)
        unknown = told("3", tokens[2], at - 20 * MINUTE)
        service.receive(day, phones[0], [before, after], at=at)
        service.receive(day, None, [unknown, unknown], at=at)
        held = service.held_scans(day)
        assert {one.reason for one in held} == {HeldReason.REVOKED_PHONE, HeldReason.UNKNOWN_PHONE}
        assert db.session.query(Scan).count() == 1
        by = person("second")
        seen = service.decide_held(day, after.client_id, take=True, by=by, at=at)
        assert seen is not None
        assert seen.verdict is Verdict.ADMITTED
        assert service.decide_held(day, unknown.client_id, take=False, by=by, at=at) is None
        assert service.held_scans(day) == []
        assert db.session.query(HeldScan).count() == 2


def test_an_admission_taken_back_is_followed_by_the_next_scan(context: object, cast: object) -> None:
    with unit_of_work():
        day, phones, tokens = plaza()
        at = clock.now()
        service.receive(day, phones[0], [told("1", tokens[0], at - 20 * MINUTE)], at=at)
        (held,) = [one for one in passes.live_passes(day) if passes.pass_token(one) == tokens[0]]
        service.undo_admission(held.assignment, "扫错了人", by=person("staff"), at=at - 10 * MINUTE)
        assert held.assignment.id not in service.attendance(day)
        with pytest.raises(Refusal, match=r"gate\.not_in|没有记成进场"):
            service.undo_admission(held.assignment, "再来", by=person("staff"), at=at)
        (again,) = service.receive(day, phones[0], [told("2", tokens[0], at)], at=at)
        assert isinstance(again, service.ScanView)
        assert again.scan.verdict is Verdict.ADMITTED
        assert [row.undo_id is None for row in db.session.query(Scan).order_by(Scan.id)] == [False, True]
