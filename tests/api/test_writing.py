"""What programs do with a key: once, as the person who made it, and no more than that person may today."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import Model, db, unit_of_work
from market.gate.models import FootfallCount
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.programs import service as programs
from market.programs.models import KeptAnswer, ProgramKey
from market.programs.rules import ANSWER_KEPT, Right
from market.settlement.models import TakingsReport
from market.stalls import service as stalls
from market.vendors.models import Application, Vendor
from tests.cast import Cast, person
from tests.factories.calendar import bring_to
from tests.factories.gate import running_today
from tests.factories.programs import ALL, Program, make_key

TOFU: dict[str, Any] = {
    "trading_name": "新来的豆腐", "holder": "张师傅", "phone": "13811112222", "category": "bakery_drinks",
    "goods": "豆腐",
}  # fmt: skip


@dataclass
class Place:
    """A community with a market that runs today, and a program of its staff."""

    app: Flask
    program: Program
    secret: str
    day: str
    stall: str
    vendor: str
    venue: str
    entrance: str

    def day_sent(self) -> dict[str, Any]:
        at = clock.now()
        return {
            "venue": self.venue, "theme": "新的一场", "on": (at + timedelta(days=40)).date().isoformat(),
            "opens": "08:00", "closes": "11:30", "arrive_by": "07:40",
            "apply_from": (at + timedelta(days=1)).isoformat(),
            "apply_until": (at + timedelta(days=30)).isoformat(),
            "expected_visitors": 500, "stall_limit": 3,
        }  # fmt: skip

    def acts(self) -> dict[Right, tuple[str, dict[str, Any]]]:
        """A real call for each right."""
        return {
            Right.VENDORS: ("/vendors", TOFU),
            Right.APPLICATIONS: (f"/days/{self.day}/applications", {"vendor": self.vendor}),
            Right.TAKINGS: (f"/days/{self.day}/takings", {"stall": self.stall, "takings_fen": 12_300}),
            Right.COUNTS: (f"/days/{self.day}/counts", {"entrance": self.entrance, "slot": 1, "visits": 7}),
            Right.DAYS: ("/days", self.day_sent()),
        }

    def with_key(self, secret: str) -> Program:
        return Program(self.app, secret, "huaiyin")


@pytest.fixture
def place(app: Flask, cast: Cast) -> Place:
    with app.app_context():
        with unit_of_work():
            day = running_today(find_community(cast.ours), person("staff"))
            bring_to(day, DayState.OPEN, person("staff"))
            found = stalls.assignments(day)[0]
            entrance = (day.venue.entrance_names() or [""])[0]
            values = day.ref, found.ref, found.vendor.ref, day.venue.ref, entrance
        secret = make_key(cast.ours)
        return Place(app, Program(app, secret, cast.ours), secret, *values)


def count(app: Flask, model: type[Model]) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def code_of(answer: Any) -> tuple[int, str]:
    told = json.loads(answer.data)
    assert answer.mimetype == "application/problem+json", answer.data
    return answer.status_code, told["code"]


# ── each act ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_vendor_is_registered_and_changed(place: Place) -> None:
    made = place.program.post("/vendors", TOFU)
    assert made.status_code == 201, made.text
    assert made.json["phone"] == "138****2222"
    read = place.program.get(f"/vendors/{made.json['ref']}")
    assert read.json == made.json
    assert read.headers["ETag"] == made.headers["ETag"]
    changed = place.program.patch(f"/vendors/{made.json['ref']}", {"power_w": 1500}, read.headers["ETag"])
    assert changed.json == {**made.json, "power_w": 1500}
    again = place.program.patch(f"/vendors/{made.json['ref']}", {"power_w": 900}, read.headers["ETag"])
    assert code_of(again) == (412, "api.other_version")
    assert code_of(place.program.patch(f"/vendors/{made.json['ref']}", {"power_w": 900})) == (
        428, "api.no_version"
    )  # fmt: skip
    with place.app.app_context():
        vendor = db.session.scalars(sa.select(Vendor).where(Vendor.ref == made.json["ref"])).one()
        assert (vendor.phone, vendor.power_w) == ("13811112222", 1500)


def test_takings_and_counts_are_those_of_the_pages(place: Place) -> None:
    sold = place.program.post(*place.acts()[Right.TAKINGS])
    assert (sold.status_code, sold.json["takings_fen"], sold.json["source"]) == (201, 12_300, "staff")
    assert sold.json in place.program.get(f"/days/{place.day}/takings").json["items"]
    counted = place.program.post(*place.acts()[Right.COUNTS])
    assert (counted.status_code, counted.json["visits"]) == (201, 7)
    assert counted.json in place.program.get(f"/days/{place.day}/counts").json["items"]
    with place.app.app_context():
        report = db.session.scalars(sa.select(TakingsReport)).one()
        assert (report.takings_fen, report.assignment.ref) == (12_300, place.stall)
        assert db.session.scalars(sa.select(FootfallCount.visits)).one() == 7


def test_a_draft_is_made_changed_and_applied_to(place: Place) -> None:
    made = place.program.post("/days", place.day_sent())
    assert (made.status_code, made.json["state"]) == (201, "draft"), made.text
    assert made.json["venue"] == place.venue
    etag = made.headers["ETag"]
    changed = place.program.patch(f"/days/{made.json['ref']}", {"theme": "换个名字"}, etag)
    assert changed.json == {**made.json, "theme": "换个名字"}
    applied = place.program.post(f"/days/{place.day}/applications", {"vendor": place.vendor})
    assert applied.json["vendor"] == place.vendor
    running = place.program.get(f"/days/{place.day}")
    late = place.program.patch(f"/days/{place.day}", {"theme": "太晚了"}, running.headers["ETag"])
    assert code_of(late) == (409, "api.no_draft")


def test_it_is_the_makers_doing_and_the_journal_says_by_which_program(place: Place) -> None:
    place.program.post("/vendors", TOFU)
    with place.app.app_context():
        line = db.session.scalars(
            sa.select(AuditRow).where(AuditRow.act == "vendors.register_vendor").order_by(AuditRow.id.desc())
        ).first()
        key = db.session.scalars(sa.select(ProgramKey)).one()
        assert line is not None
        assert (line.user_id, line.detail["program"]) == (person("staff").id, key.ref)


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_right_opens_its_act_and_no_other(place: Place) -> None:
    """Real bodies and commits: keys of one right, and each act with each of them."""
    for right in (one for one in ALL if one is not Right.READ):
        with place.app.app_context():
            program = place.with_key(make_key("huaiyin", rights=(right,)))
        for wanted, (path, sent) in place.acts().items():
            answer = program.post(path, {**sent, "phone": "13811113333"} if path == "/vendors" else sent)
            if wanted is right:
                assert answer.status_code == 201, (right, answer.text)
            else:
                assert code_of(answer) == (403, "programs.no_right"), (right, wanted)
        assert code_of(program.get("/vendors")) == (403, "programs.no_right")


@pytest.mark.parametrize("login", ["second", "gate", "member1", "viewer", "platform", "staff-b"])
def test_nobody_makes_a_key_for_more_than_they_may(place: Place, login: str) -> None:
    """Each right × each role: what the pages are open to."""
    roles = {"second": set(ALL), "gate": {Right.COUNTS}}.get(login, set())
    with place.app.app_context():
        user, community = person(login), find_community("huaiyin")
        assert {right for right in ALL if programs.may_today(user, right, community)} == roles


def _lost(user: User) -> None:
    staff = next(one for one in user.memberships if one.role is Role.STAFF)
    people.revoke(staff, by=person("second"), at=clock.now())


def _gone(user: User) -> None:
    user.disabled_at = clock.now()


def _revoked(user: User) -> None:
    key = db.session.scalars(sa.select(ProgramKey)).one()
    programs.revoke_key(key, by=user, at=clock.now())


def _over(_user: User) -> None:
    db.session.scalars(sa.select(ProgramKey)).one().expires_at = clock.now()


@pytest.mark.parametrize("happens", [_lost, _gone, _revoked, _over])
def test_a_key_dies_at_once(place: Place, happens: Callable[[User], None]) -> None:
    assert place.program.get("/vendors").status_code == 200
    with place.app.app_context(), unit_of_work():
        happens(person("staff"))
    for path, sent in place.acts().values():
        assert code_of(place.program.post(path, sent)) == (401, "programs.bad_key")
    dead = place.program.get("/vendors")
    assert code_of(dead) == (401, "programs.bad_key")
    assert dead.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_is_only_at_the_gate_any_more_counts_and_does_nothing_else(place: Place) -> None:
    with place.app.app_context(), unit_of_work():
        people.grant(person("staff"), Role.GATE, community=find_community("huaiyin"), at=clock.now())
        _lost(person("staff"))
    for right, (path, sent) in place.acts().items():
        answer = place.program.post(path, sent)
        assert answer.status_code == (201 if right is Right.COUNTS else 403), (right, answer.text)


def test_a_key_keeps_to_its_community(place: Place, cast: Cast) -> None:
    with place.app.app_context():
        theirs = make_key(cast.theirs, "staff-b")
    stranger = place.with_key(theirs)
    for path, sent in place.acts().values():
        assert code_of(stranger.post(path, sent)) == (403, "programs.other_place")
    for path in ("/vendors", f"/vendors/{place.vendor}", "/days", f"/days/{place.day}", "/venues"):
        assert code_of(stranger.get(path)) == (403, "programs.other_place")
    at_home = Program(place.app, theirs, cast.theirs)
    assert code_of(at_home.get(f"/vendors/{place.vendor}")) == (404, "vendors.no_vendor")
    assert code_of(at_home.post(f"/days/{place.day}/counts", place.acts()[Right.COUNTS][1]))[0] == 404


def test_no_cookie_opens_anything(place: Place, sign_in: Callable[[str], Any]) -> None:
    client = sign_in("staff")
    before = count(place.app, Vendor)
    for path, sent in place.acts().values():
        answer = client.post(place.program.root + path, json=sent, headers={"Idempotency-Key": "a"})
        assert code_of(answer) == (401, "programs.key_missing")
    assert code_of(client.get(place.program.root + "/vendors")) == (401, "programs.key_missing")
    assert count(place.app, Vendor) == before


# ── once ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_call_that_comes_again_is_done_once(place: Place) -> None:
    first = place.program.post("/vendors", TOFU, call="call-1")
    again = place.program.post("/vendors", TOFU, call="call-1")
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    other = place.program.post("/vendors", {**TOFU, "goods": "豆花"}, call="call-1")
    assert code_of(other) == (422, "programs.call_reused")
    assert code_of(place.program.post("/vendors", TOFU, call="call-2")) == (409, "vendors.phone_taken")
    assert code_of(place.program.post("/vendors", TOFU, call="")) == (400, "api.no_call_name")


def test_what_was_refused_may_be_sent_again_under_the_same_name(place: Place) -> None:
    bad = {**TOFU, "phone": "123"}
    assert code_of(place.program.post("/vendors", bad, call="call-1")) == (422, "vendors.bad_phone")
    assert place.program.post("/vendors", TOFU, call="call-1").status_code == 201


def test_answers_are_forgotten_after_their_time(place: Place) -> None:
    place.program.post("/vendors", TOFU, call="call-1")
    with place.app.app_context():
        for at, left in ((clock.now(), 1), (clock.now() + ANSWER_KEPT + timedelta(hours=1), 0)):
            with unit_of_work():
                programs.forget_answers(at=at)
            assert count(place.app, KeptAnswer) == left


# ── what is sent ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"power_w": "1500"}, "power_w"),
        ({"power_w": 1.5}, "power_w"),
        ({"power_w": -1}, "power_w"),
        ({"needs_water": "yes"}, "needs_water"),
        ({"trading_name": ""}, "trading_name"),
        ({"trading_name": "长" * 61}, "trading_name"),
        ({"category": "gold"}, "category"),
        ({"user_id": 1}, "user_id"),
        ({"community_id": 2}, "community_id"),
        ({"may_use_reserved": True}, "may_use_reserved"),
        ({"registered_by": 1}, "registered_by"),
    ],
)
def test_what_cannot_be_is_named_field_by_field(place: Place, change: dict[str, Any], field: str) -> None:
    before = count(place.app, Vendor)
    answer = place.program.post("/vendors", {**TOFU, **change})
    assert code_of(answer) == (422, "api.bad_fields")
    assert [one["field"] for one in answer.json["errors"]] == [field]
    assert all(one["detail"] for one in answer.json["errors"])
    assert count(place.app, Vendor) == before


def test_all_that_is_missing_is_named_at_once(place: Place) -> None:
    answer = place.program.post("/vendors", {"goods": "豆腐"})
    assert {one["field"] for one in answer.json["errors"]} == set(TOFU) - {"goods"}


def test_amounts_are_whole_fen(place: Place) -> None:
    path, sent = place.acts()[Right.TAKINGS]
    for figure in (12.5, "12300", -1, 10**20, None, True):
        answer = place.program.post(path, {**sent, "takings_fen": figure})
        assert code_of(answer) == (422, "api.bad_fields"), figure
    assert count(place.app, TakingsReport) == 0


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"data": b"a=b", "content_type": "application/x-www-form-urlencoded"}, 415, "api.no_json"),
        ({"data": b"{", "content_type": "application/json"}, 400, "api.bad_json"),
        ({"data": b"\xff", "content_type": "application/json"}, 400, "api.bad_json"),
        ({"data": b'"' + b"a" * 70_000 + b'"', "content_type": "application/json"}, 413, "api.too_large"),
        ({"data": b"[" * 20_000, "content_type": "application/json"}, 400, "api.bad_json"),
        ({"data": b"[]", "content_type": "application/json"}, 422, "api.bad_fields"),
    ],
)
def test_what_is_no_body_is_refused(place: Place, more: dict[str, Any], status: int, code: str) -> None:
    answer = place.program.send("POST", "/vendors", headers={"Idempotency-Key": "a"}, **more)
    assert code_of(answer) == (status, code)


def test_a_theme_names_nobody(place: Place) -> None:
    answer = place.program.post("/days", {**place.day_sent(), "theme": "找 13812345678"})
    assert code_of(answer) == (422, "api.names_a_person")
    assert count(place.app, MarketDay) == 1


def test_dates_far_away_are_slips(place: Place) -> None:
    for name, value in (("on", "0001-01-01"), ("apply_from", "9999-12-31T23:59:59-12:00")):
        answer = place.program.post("/days", {**place.day_sent(), name: value})
        assert code_of(answer) == (422, "api.bad_fields")


# ── how much ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def few(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A minute that does not end, with sixty calls in it."""
    noon = clock.now().replace(second=10)
    monkeypatch.setattr(clock, "now", lambda: noon)
    known = place.app.extensions["settings"]
    place.app.extensions["settings"] = known.model_copy(update={"api_calls": 60})
    place.app.extensions.pop("call_shares", None)
    return place


def test_a_key_has_so_many_calls_in_a_minute(few: Place) -> None:
    first = few.program.get("/venues")
    assert first.headers["RateLimit-Policy"] == '"key";q=60;w=60'
    assert first.headers["RateLimit"] == '"key";r=59;t=50'
    assert [few.program.get("/venues").status_code for _n in range(59)] == [200] * 59
    over = few.program.get("/venues")
    assert code_of(over) == (429, "programs.too_fast")
    assert over.headers["Retry-After"] == "50"
    assert few.with_key("").get("").status_code == 200  # an address has its own


def test_an_address_has_so_many_too_also_with_keys_that_open_nothing(few: Place) -> None:
    guesser, reader = few.with_key("mk_guess"), few.with_key("")
    assert {guesser.get("/venues").status_code for _n in range(30)} == {401}
    assert {reader.get("").status_code for _n in range(30)} == {200}
    assert guesser.get("/venues").status_code == reader.get("").status_code == 429
    assert few.program.get("/venues").status_code == 200


def test_processes_share_one_allowance(few: Place) -> None:
    """Each with shares of its own, as on several hosts: together they never pass it."""
    served = 0
    for _host in range(4):
        few.app.extensions.pop("call_shares", None)
        served += sum(few.program.get("/venues").status_code == 200 for _n in range(20))
    assert served == 60


def test_use_is_noted_to_the_minute(few: Place) -> None:
    few.program.get("/venues")
    with few.app.app_context():
        key = db.session.scalars(sa.select(ProgramKey)).one()
        assert key.used_at == clock.now().replace(second=0, microsecond=0)


# ── nothing leaks ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_secret_stands_nowhere(
    place: Place, sign_in: Callable[[str], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither in the database, nor in a log, nor on a page that is opened later."""
    place.program.post("/vendors", TOFU)
    place.with_key(place.secret + "x").post("/vendors", TOFU)
    place.program.post("/vendors", {"goods": place.secret})
    client = sign_in("staff")
    pages = [client.get(f"/staff/huaiyin/{page}").get_data(as_text=True) for page in ("programs", "team")]
    written = capfd.readouterr()
    hidden = place.secret[8:]
    assert [page for page in pages if hidden in page] == []
    assert hidden not in written.out + written.err
    with place.app.app_context():
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(sa.select(table)):
                assert hidden not in str(tuple(row)), table.name
        assert count(place.app, Application) > 0
