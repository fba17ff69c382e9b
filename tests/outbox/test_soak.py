"""The long test of `make soak` played short, and what it would find."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from market.db import db, unit_of_work
from market.notices.models import Telling
from market.outbox import service
from market.outbox.models import Outgoing
from tests.soak import outbox
from tests.soak.outbox import Soak

SEED = 20261127


@pytest.fixture
def soak() -> Iterator[Soak]:
    with outbox.soaking("sqlite") as found:
        yield found


@pytest.mark.slow
def test_two_hosts_one_of_them_killed_lose_nothing_while_every_second_try_fails(soak: Soak) -> None:
    said: list[str] = []
    assert outbox.bring_and_kill(soak, 30, random.Random(SEED), said.append, 240) == []
    assert said[0].startswith("killed one host")


@pytest.mark.slow
def test_what_must_not_be_is_found(soak: Soak) -> None:
    outbox.make_messages(soak, 4)
    with soak.app.app_context():
        service.send_due()
        assert outbox.faults(soak) == []
        soak.box.received[0].replace_header("Message-ID", "<another@market.example>")
        with unit_of_work():
            db.session.execute(sa.delete(Telling))
            last = db.session.scalars(sa.select(Outgoing).order_by(Outgoing.id.desc())).first()
            assert last is not None
            last.attempts += 1
    found = {line.split(":")[0] for line in outbox.faults(soak)}
    assert found == {"lost", "under another number", "not noted as told"}
