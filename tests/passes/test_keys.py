"""Signing keys: never readable as stored, replaced without harm, revoked without mercy."""

from __future__ import annotations

import pytest
from flask import Flask

from market.config import settings
from market.db import db
from market.errors import Refusal
from market.gate.rules import Verdict
from market.passes import keys, service as passes
from market.passes.models import PassKey
from market.passes.rules import RevokeReason, Standing
from tests.factories.desk import Desk
from tests.factories.gate import morning
from tests.passes.test_token import to_bytes

pytestmark = pytest.mark.own_app


def lose_the_secret(app: Flask) -> None:
    """The installation is given another secret, as after a move without its key file."""
    app.extensions["settings"] = settings().model_copy(update={"secret_key": "another secret, as long as it"})


def signed_by(token: str) -> int:
    """The number of the key that a token names."""
    return to_bytes(token)[1]


def test_the_private_half_is_not_stored_as_it_is(desk: Desk) -> None:
    key = keys.signing_key(desk.community)
    raw = keys.private_key(key).private_bytes_raw()
    assert raw not in bytes(key.wrapped_private_key)
    assert len(key.wrapped_private_key) == keys.NONCE_BYTES + 32 + 16


def test_one_community_has_one_key_for_all_its_markets(desk: Desk) -> None:
    again = keys.ensure_key(desk.community, by=desk.staff, at=desk.day.open_at)
    assert (again, again.key_id) == (keys.find_key(desk.community, 1), 1)


def test_a_new_key_leaves_printed_passes_valid(desk: Desk) -> None:
    code = passes.pass_url(desk.stall_pass("A01"))
    key = keys.rotate_key(desk.community, by=desk.staff, at=morning(desk.day))
    assert key.key_id == 2
    assert desk.scan(code).verdict is Verdict.ADMITTED


def test_nothing_signed_with_a_revoked_key_is_believed(desk: Desk) -> None:
    code, token = passes.pass_url(desk.stall_pass()), passes.pass_token(desk.stall_pass())
    keys.revoke_key(keys.signing_key(desk.community), by=desk.staff, at=morning(desk.day))
    assert desk.scan(code).verdict is Verdict.FORGED
    assert passes.verify_token(token, morning(desk.day)).standing is Standing.NOT_OURS


def test_after_a_revoked_key_new_passes_come_from_another(desk: Desk) -> None:
    keys.revoke_key(keys.signing_key(desk.community), by=desk.staff, at=morning(desk.day))
    passes.reissue_all(desk.day, RevokeReason.KEY_CHANGED, by=desk.staff, at=morning(desk.day))
    assert {signed_by(passes.pass_token(p)) for p in passes.live_passes(desk.day)} == {2}
    assert desk.scan(passes.pass_url(desk.stall_pass())).verdict is Verdict.ADMITTED


def test_after_a_revoked_key_what_a_phone_shows_is_signed_with_another_at_once(desk: Desk) -> None:
    keys.revoke_key(keys.signing_key(desk.community), by=desk.staff, at=morning(desk.day))
    token = passes.pass_token(desk.stall_pass())
    assert (signed_by(token), len(passes.outdated(desk.day))) == (2, 3)
    assert desk.scan(token).verdict is Verdict.ADMITTED


def test_passes_given_after_a_key_was_put_away_are_not_doubted_with_it(desk: Desk) -> None:
    first, at = keys.signing_key(desk.community), morning(desk.day)
    keys.rotate_key(desk.community, by=desk.staff, at=at)
    passes.reissue_all(desk.day, RevokeReason.LOST, by=desk.staff, at=at)
    keys.revoke_key(first, by=desk.staff, at=desk.day.open_at)
    assert (keys.passes_by_day(first), passes.outdated(desk.day)) == ([], [])


def test_a_lost_secret_is_refused_with_the_way_out_and_repaired_by_new_passes(
    context: Flask, desk: Desk
) -> None:
    lose_the_secret(context)
    with pytest.raises(Refusal) as refused:
        passes.pass_token(desk.stall_pass())
    assert refused.value.code == "gate.key_lost"
    assert len(passes.outdated(desk.day)) == 3
    passes.reissue_all(desk.day, RevokeReason.KEY_CHANGED, by=desk.staff, at=morning(desk.day))
    assert passes.outdated(desk.day) == []
    assert desk.scan(passes.pass_url(desk.stall_pass())).verdict is Verdict.ADMITTED


def test_printed_passes_are_still_checked_when_the_secret_is_lost(context: Flask, desk: Desk) -> None:
    code = passes.pass_url(desk.stall_pass())
    lose_the_secret(context)
    assert desk.scan(code).verdict is Verdict.ADMITTED


def test_a_swapped_private_half_does_not_open(desk: Desk) -> None:
    one = keys.signing_key(desk.community)
    other = keys.rotate_key(desk.community, by=desk.staff, at=morning(desk.day))
    one.wrapped_private_key = other.wrapped_private_key
    assert not keys.can_sign(one)


def test_the_256th_key_is_refused(desk: Desk) -> None:
    db.session.add(
        PassKey(
            community_id=desk.community.id,
            key_id=255,
            public_key=b"-",
            wrapped_private_key=b"-",
            made_at=desk.day.created_at,
        )
    )
    with pytest.raises(Refusal) as refused:
        keys.rotate_key(desk.community, by=desk.staff, at=morning(desk.day))
    assert refused.value.code == "gate.no_key_left"


def test_a_revoked_key_names_the_markets_that_need_new_passes(desk: Desk) -> None:
    key = keys.find_key(desk.community, 1)
    keys.revoke_key(key, by=None, at=morning(desk.day))
    assert keys.passes_by_day(key) == [(desk.day, 3)]
    assert len(passes.outdated(desk.day)) == 3
    passes.reissue_all(desk.day, RevokeReason.KEY_CHANGED, by=desk.staff, at=morning(desk.day))
    assert (keys.passes_by_day(key), passes.outdated(desk.day)) == ([], [])


def test_a_key_of_another_community_is_not_found(desk: Desk) -> None:
    with pytest.raises(Refusal) as refused:
        keys.find_key(desk.other, 1)
    assert (refused.value.code, refused.value.status) == ("gate.no_key", 404)
