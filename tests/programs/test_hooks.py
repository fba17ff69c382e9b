"""Servers that are told: under TLS, signed, again until they take it, and nowhere but where they are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, do_in_unit_of_work, unit_of_work
from market.errors import Refusal
from market.outbox.rules import BACK_OFF, LEASE, SPREAD_S, Fault, SendState
from market.programs import service
from market.programs.models import HookDelivery, Webhook
from market.programs.rules import DISABLED_AFTER, SUBSCRIBED, Event
from market.programs.service.deliveries import claim_hooks
from tests.cast import Cast, person, post
from tests.factories.calendar import bring_to, make_day
from tests.parts.receivers import Hook, Post
from tests.parts.tls import certificate, secured_hook


@dataclass
class Told:
    """A community, a subscription, and the server that it names."""

    hook: Hook
    secret: str
    ref: str
    day: str

    @property
    def row(self) -> Webhook:
        return service.find_hook(find_community("huaiyin"), self.ref)

    def rows(self) -> list[HookDelivery]:
        return list(db.session.scalars(sa.select(HookDelivery).order_by(HookDelivery.id)))

    def cancel(self) -> None:
        with unit_of_work():
            bring_to(find_day_by_ref(self.day), DayState.CANCELLED, person("staff"))

    def go(self, at: datetime) -> int:
        """What the clock does."""
        for number in service.hooks_with_news(at):
            do_in_unit_of_work(lambda number=number: service.plan(number, at))  # type: ignore[misc]  # bound
        taken = service.send_hooks(lambda: at)
        db.session.expire_all()
        return taken

    def is_signed(self, sent: Post) -> bool:
        """What whoever gets it would ask."""
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        headers = {name.lower(): value for name, value in sent.headers.items()}
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + sent.body
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return headers["webhook-signature"] == f"v1,{expected}"


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(app: Flask, papers: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A server on this machine, which the platform has named as one that may be told."""
    known = app.extensions["settings"]
    app.extensions["settings"] = known.model_copy(update={"hook_networks": "127.0.0.0/8 ::1"})
    monkeypatch.setenv("SSL_CERT_FILE", str(papers[0]))
    with secured_hook(*papers) as found:
        yield found


def subscribed(server: Hook, cast: Cast) -> Told:
    """A market that takes applications, and a subscription since."""
    with unit_of_work():
        day = make_day(find_community(cast.ours), person("staff"), state=DayState.OPEN_FOR_APPLICATION).ref
    with unit_of_work():
        hook, secret = service.subscribe(
            find_community(cast.ours), f"https://127.0.0.1:{server.port}/hook", SUBSCRIBED,
            by=person("staff"), at=clock.now(),
        )  # fmt: skip
        return Told(server, secret, hook.ref, day)


@pytest.fixture
def told(server: Hook, context: Flask, cast: Cast) -> Told:
    """For tests of services: the application's context is there."""
    return subscribed(server, cast)


def test_what_happens_is_told_once_and_signed(told: Told) -> None:
    assert told.go(clock.now()) == 0  # what was before it subscribed
    told.cancel()
    at = clock.now()
    assert (told.go(at), told.go(at)) == (1, 0)
    (sent,) = told.hook.posts
    assert told.is_signed(sent)
    assert sent.path == "/hook"
    assert sent.json["type"] == "market.cancelled"
    assert sent.json["data"]["market"] == told.day
    assert sent.json["data"]["read"].endswith(f"/api/v1/communities/huaiyin/markets/{told.day}")
    assert [row.state for row in told.rows()] == [SendState.SENT]


def test_what_was_not_taken_is_sent_again_under_the_same_number(told: Told) -> None:
    moods = iter(["503", "drop", ""])
    told.hook.mood = lambda: next(moods)
    told.cancel()
    at = clock.now()
    for wait, state in (
        (timedelta(), SendState.DUE),
        (BACK_OFF[0], SendState.DUE),
        (BACK_OFF[1], SendState.SENT),
    ):
        at += wait + timedelta(seconds=SPREAD_S)
        told.go(at)
        assert [row.state for row in told.rows()] == [state]
    first, last = told.hook.posts
    assert first.headers["webhook-id"] == last.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != last.headers["webhook-timestamp"]
    assert all(map(told.is_signed, (first, last)))
    assert (told.row.failures, told.row.disabled_at) == (0, None)


def test_a_host_that_dies_leaves_it_to_the_next(told: Told) -> None:
    told.cancel()
    at = clock.now()
    for number in service.hooks_with_news(at):
        do_in_unit_of_work(lambda number=number: service.plan(number, at))  # type: ignore[misc]  # bound
    assert len(do_in_unit_of_work(lambda: claim_hooks(at))[1]) == 1
    assert told.go(at + LEASE - timedelta(seconds=1)) == 0
    assert told.go(at + LEASE) == 1


def test_after_many_failures_it_is_left_alone_until_somebody_says_so(told: Told) -> None:
    told.hook.mood = lambda: "500"
    with unit_of_work():
        told.row.failures = DISABLED_AFTER - 1
    told.cancel()
    at = clock.now()
    told.go(at)
    assert (told.row.failures, told.row.disabled_at) == (DISABLED_AFTER, at)
    told.hook.mood = lambda: ""
    later = at + timedelta(days=1)
    assert told.go(later) == 0
    with unit_of_work():
        service.resume(told.row, by=person("staff"), at=later)
    assert told.go(later) == 1
    assert len(told.hook.posts) == 1


def test_who_was_ended_is_told_nothing_more(told: Told) -> None:
    told.cancel()
    at = clock.now()
    told.go(at)
    with unit_of_work():
        service.unsubscribe(told.row, by=person("staff"), at=at)
    for act in (
        lambda: service.send_again(told.rows()[0], by=person("staff"), at=at),
        lambda: service.resume(told.row, by=person("staff"), at=at),
    ):
        with pytest.raises(Refusal) as caught:
            do_in_unit_of_work(act)
        assert caught.value.code == "programs.hook_ended"
    assert [row.state for row in told.rows()] == [SendState.SENT]


def test_nothing_is_planned_for_a_server_that_was_ended_while_it_was_looked_at(told: Told) -> None:
    told.cancel()
    at = clock.now()
    (number,) = service.hooks_with_news(at)
    with unit_of_work():
        service.unsubscribe(told.row, by=person("staff"), at=at)
    assert do_in_unit_of_work(lambda: service.plan(number, at)) == 0
    assert told.rows() == []


@pytest.mark.parametrize("mood", ["301", "302", "307", "404"])
def test_it_goes_nowhere_else(told: Told, mood: str) -> None:
    told.hook.mood = lambda: mood
    told.cancel()
    told.go(clock.now())
    (row,) = told.rows()
    assert (row.state, row.fault, row.detail) == (SendState.DUE, Fault.REFUSED, mood)
    assert told.hook.posts == []


def test_a_server_that_wants_nothing_more_gets_nothing_more(told: Told) -> None:
    told.hook.mood = lambda: "410"
    told.cancel()
    told.go(clock.now())
    assert [row.state for row in told.rows()] == [SendState.FAILED]
    assert told.row.disabled_at is not None


def test_where_it_leads_is_asked_each_time(context: Flask, told: Told) -> None:
    """A name may lead to the open internet when it is subscribed, and to our own machines afterwards."""
    known = context.extensions["settings"]
    context.extensions["settings"] = known.model_copy(update={"hook_networks": ""})
    told.cancel()
    told.go(clock.now())
    assert [(row.state, row.fault) for row in told.rows()] == [(SendState.DUE, Fault.NOT_ALLOWED)]
    assert told.hook.posts == []


def test_a_server_with_another_certificate_hears_nothing(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)[0]))
    told.cancel()
    told.go(clock.now())
    assert [row.fault for row in told.rows()] == [Fault.UNREACHABLE]
    assert told.hook.posts == []


def test_a_draft_is_told_to_nobody(told: Told) -> None:
    with unit_of_work():
        day = make_day(find_community("huaiyin"), person("staff"), state=DayState.DRAFT, in_days=30)
        hidden, at = day.ref, clock.now()
        db.session.add(
            HookDelivery(
                webhook=told.row, line=10_000, event=Event.MARKET_MOVED, subject=hidden, happened_at=at,
                not_before=at,
            )
        )  # fmt: skip
    told.go(clock.now())
    assert [row.state for row in told.rows() if row.subject == hidden] == [SendState.OVERTAKEN]
    assert told.hook.posts == []


def test_nobody_is_told_of_another_community(told: Told, cast: Cast) -> None:
    with unit_of_work():
        theirs = make_day(find_community(cast.theirs), person("staff-b"), state=DayState.OPEN_FOR_APPLICATION)
        bring_to(theirs, DayState.CANCELLED, person("staff-b"))
    told.go(clock.now())
    assert told.rows() == []


def test_staff_try_it_see_it_and_end_it(
    app: Flask, cast: Cast, server: Hook, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        told = subscribed(server, cast)
    client, here = sign_in("staff"), f"/staff/huaiyin/programs/hooks/{told.ref}"
    assert post(client, here, f"{here}/test").status_code == 302
    with app.app_context():
        told.go(clock.now())
        again = told.rows()[0].ref
    (sent,) = server.posts
    assert sent.json["type"] == "test"
    page = client.get(here).get_data(as_text=True)
    assert sent.headers["webhook-id"] in page
    assert told.secret[6:] not in page
    assert post(client, here, f"/staff/huaiyin/programs/deliveries/{again}/again").status_code == 302
    with app.app_context():
        told.go(clock.now())
    assert [one.headers["webhook-id"] for one in server.posts] == [sent.headers["webhook-id"]] * 2
    assert post(client, here, f"{here}/end").status_code == 302
    with app.app_context():
        told.cancel()
        assert told.go(clock.now()) == 0


def test_staff_subscribe_and_make_a_key_and_see_each_secret_once(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    client, here = sign_in("staff"), "/staff/huaiyin/programs"
    bad = post(client, here, f"{here}/hooks", url="http://example.org", events="market.moved")
    assert bad.status_code == 422
    assert "http://example.org" in bad.get_data(as_text=True)
    made = post(client, here, f"{here}/hooks", url="https://example.org/a", events="market.moved")
    assert made.status_code == 200
    until = (clock.now() + timedelta(days=60)).date().isoformat()
    assert post(client, here, f"{here}/keys", name="食堂", until=until).status_code == 422
    key = post(client, here, f"{here}/keys", name="食堂", rights="counts", until=until)
    secrets = [found[1] for one in (made, key) if (found := SECRET.search(one.get_data(as_text=True)))]
    assert len(secrets) == 2
    page = client.get(here).get_data(as_text=True)
    assert "食堂" in page
    assert "https://example.org/a" in page
    assert [one for one in secrets if one in page] == []
    with app.app_context():
        (row,) = service.keys_of(find_community(cast.ours))
    assert post(client, here, f"{here}/keys/{row.ref}/revocation").status_code == 302
    answer = app.test_client().get(
        "/api/v1/communities/huaiyin", headers={"Authorization": f"Bearer {secrets[1]}"}
    )
    assert answer.status_code == 401


SECRET = re.compile(r'value="((?:whsec_|mk_)[^"]+)"')
