"""Many phones at once: one pass lets one in; and what happens when the guards are off."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.gate import service
from market.gate.models import FootfallCount, Scan
from market.gate.rules import CountMethod, ScanMethod, Verdict
from market.passes import service as passes
from market.passes.models import PassRevocation
from market.passes.rules import RevokeReason
from market.people.models import User
from market.stalls.models import Assignment, PassVersion
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.desk import Desk
from tests.factories.gate import morning, running_today
from tests.races import at_once, guards_off

pytestmark = both_engines


def scanning(desk: Desk, code: str, client_id: str, *, late: bool = False) -> Callable[[], str]:
    """An act for another thread: scans and answers with the verdict. Who comes late earns no point, whose own
    key would hold back the others."""
    day_id, by_id, at = desk.day.id, desk.volunteer.id, desk.day.open_at if late else morning(desk.day)

    def act() -> str:
        day, by = db.session.get_one(MarketDay, day_id), db.session.get_one(User, by_id)
        seen = service.scan(
            day, code, client_id=client_id, method=ScanMethod.CAMERA, scanned_at=at, by=by, at=at
        )
        return seen.verdict.value

    return act


def ticking(desk: Desk, number: int) -> Callable[[], str]:
    held_id, by_id, at = desk.held().id, desk.volunteer.id, morning(desk.day)

    def act() -> str:
        held, by = db.session.get_one(Assignment, held_id), db.session.get_one(User, by_id)
        return service.admit_from_list(held, client_id=f"tick-{number:04}", by=by, at=at).verdict.value

    return act


def admitted() -> int:
    query = sa.select(sa.func.count(Scan.id)).where(Scan.verdict == Verdict.ADMITTED)
    return db.session.scalar(query) or 0


def test_fifty_scans_of_one_pass_let_one_in(context: Flask, published: Desk) -> None:
    code = passes.pass_url(published.stall_pass())
    answers = at_once(context, [scanning(published, code, f"phone-{n:04}") for n in range(50)])
    assert Counter(answers) == {"admitted": 1, "already_in": 49}
    assert (admitted(), db.session.scalar(sa.select(sa.func.count(Scan.id)))) == (1, 50)


def test_phones_that_are_served_together_let_one_in_and_hear_their_own_answers(
    context: Flask, cast: Cast
) -> None:
    with unit_of_work():
        day = running_today(find_community(cast.ours), person("staff"))
        keys = [f"{number:064x}" for number in range(20)]
        for key in keys:
            service.enrol_own(day, "", key, by=person("staff"), at=clock.now())
        ref, code = day.ref, passes.pass_token(passes.live_passes(day)[0])
    answers: dict[str, str] = {}

    def bring(key: str) -> None:
        moment = clock.now().timestamp() * 1000
        scan = {"id": key[-12:], "code": code, "method": "camera", "seen_at": moment, "phone_at": moment}
        headers = {"Authorization": f"Phone {key}"}
        body = {"day": ref, "scans": [scan], "counts": [], "waiting": 0}
        answer = context.test_client().post("/door/scans", json=body, headers=headers).get_json()
        answers.update({told["id"]: told["verdict"] for told in answer["scans"]})

    threads = [threading.Thread(target=bring, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers.keys() == {key[-12:] for key in keys}
    rows = [row.verdict.value for row in db.session.scalars(sa.select(Scan))]
    assert Counter(rows) == {"admitted": 1, "already_in": 19}


def test_without_the_guards_one_pass_lets_several_in(
    context: Flask, published: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No locks, no unique key, and everyone has looked before the first one writes."""
    code = published.stall_pass().short_code
    acts = [scanning(published, code, f"phone-{n:04}", late=True) for n in range(8)]
    with guards_off(context, monkeypatch, "gate.scan", together=8, indices=["uq_scan_admitted"]):
        at_once(context, acts)
    assert admitted() >= 2


def test_one_scan_sent_twenty_times_is_one_scan(context: Flask, published: Desk) -> None:
    code = published.stall_pass().short_code
    answers = at_once(context, [scanning(published, code, "the-same-scan") for _ in range(20)])
    assert answers == ["admitted"] * 20
    assert db.session.scalar(sa.select(sa.func.count(Scan.id))) == 1


def test_a_scan_and_a_tick_at_once_let_one_in(context: Flask, published: Desk) -> None:
    code = published.stall_pass().short_code
    acts = [scanning(published, code, f"phone-{n:04}") for n in range(10)]
    answers = at_once(context, acts + [ticking(published, n) for n in range(10)])
    assert Counter(answers) == {"admitted": 1, "already_in": 19}


def test_ten_replacements_at_once_leave_one_pass_that_counts(context: Flask, published: Desk) -> None:
    held_id, by_id, at = published.held().id, published.staff.id, morning(published.day)

    def replace() -> str:
        held, by = db.session.get_one(Assignment, held_id), db.session.get_one(User, by_id)
        return f"{passes.reissue(held, RevokeReason.LOST, by=by, at=at).version:02}"

    answers = at_once(context, [replace] * 10)
    assert sorted(answers) == [f"{version:02}" for version in range(2, 12)]
    assert published.stall_pass().version == 11


def test_without_the_guards_replacements_count_side_by_side(
    context: Flask, published: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No locks and no unique keys: a pass is taken back more than once, and two share a version. (PostgreSQL
    keeps writers of one assignment apart by itself.)"""
    with unit_of_work():
        for index in ("uq_pass_revocation_pass", "uq_pass_version_version"):
            db.session.execute(sa.text(f"DROP INDEX {index}"))
    held_id, by_id, at = published.held().id, published.staff.id, morning(published.day)

    def replace() -> str:
        held, by = db.session.get_one(Assignment, held_id), db.session.get_one(User, by_id)
        return f"{passes.reissue(held, RevokeReason.LOST, by=by, at=at).version}"

    with guards_off(context, monkeypatch, "passes.revoke", "stalls.raise_version", together=6):
        at_once(context, [replace] * 6)
    rows = sa.select(PassVersion.version).where(PassVersion.assignment_id == held_id)
    versions = Counter(db.session.scalars(rows))
    taken_back = Counter(db.session.scalars(sa.select(PassRevocation.pass_id)))
    assert max(*versions.values(), *taken_back.values()) >= 2


def test_counts_told_at_once_are_one_row_with_the_highest_figure(context: Flask, published: Desk) -> None:
    day_id, by_id, at = published.day.id, published.volunteer.id, published.day.open_at

    def telling(visits: int) -> Callable[[], str]:
        def act() -> str:
            day, by = db.session.get_one(MarketDay, day_id), db.session.get_one(User, by_id)
            service.count_visits(day, "东门", 1, visits, CountMethod.CLICKER, by=by, at=at)
            return "told"

        return act

    assert at_once(context, [telling(visits) for visits in range(1, 21)]) == ["told"] * 20
    rows = list(db.session.scalars(sa.select(FootfallCount)))
    assert [row.visits for row in rows] == [20]
