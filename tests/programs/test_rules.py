"""Where servers may be, what is told, and how it is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from market.outbox.channels.parcel import Undelivered
from market.outbox.rules import Fault
from market.programs.rules import (
    Event,
    all_may_be_reached,
    event_of,
    may_be_reached,
    may_be_told,
    message_headers,
    networks,
    seconds_left,
    signature,
    window_of,
)
from market.programs.service.deliveries import where


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook", "https://user:pass@example.org/", "https://example.org/#part",
        "https://example.org:22/", "https://example.org:port/", "https://", "ftp://example.org/",
        "https://exa mple.org/", "https://example.org\\@10.0.0.1/", "https://例子.中国/",
        "https://a/" + "b" * 300,
    ],
)  # fmt: skip
def test_what_is_no_address_for_a_subscription(url: str) -> None:
    assert not may_be_told(url)


@pytest.mark.parametrize("url", ["https://example.org", "https://example.org:8443/a?b=c"])
def test_what_is_one(url: str) -> None:
    assert may_be_told(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "", "localhost", "0x7f000001",
    ],
)  # fmt: skip
def test_nothing_of_our_own_is_reached(address: str) -> None:
    assert not may_be_reached(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_the_open_internet_is(address: str) -> None:
    assert may_be_reached(address)


def test_a_network_that_was_named_is_reached_and_nothing_beside_it() -> None:
    ours = networks("10.20.0.0/16 fd00:20::/32")
    assert may_be_reached("10.20.3.4", ours)
    assert may_be_reached("fd00:20::1", ours)
    assert not may_be_reached("10.21.0.1", ours)
    assert not may_be_reached("127.0.0.1", ours)


def test_one_wrong_address_of_a_name_is_enough() -> None:
    assert all_may_be_reached(["93.184.216.34"])
    assert not all_may_be_reached(["93.184.216.34", "127.0.0.1"])
    assert not all_may_be_reached([])


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://127.0.0.1:8443/", "https://[::1]/", "https://2130706433/"]
)
def test_a_name_that_leads_here_is_not_followed(url: str) -> None:
    with pytest.raises(Undelivered) as refused:
        where(url)
    assert refused.value.fault is Fault.NOT_ALLOWED


def test_a_message_is_signed_as_the_scheme_has_it() -> None:
    """The example of the Standard Webhooks specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    at = datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC)
    headers = message_headers(secret, "msg_1", b"{}", at)
    expected = hmac.new(
        base64.b64decode(secret[6:]), f"msg_1.{headers['webhook-timestamp']}.{{}}".encode(), hashlib.sha256
    )
    assert headers["webhook-id"] == "msg_1"
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected.digest()).decode()


@pytest.mark.parametrize(
    ("act", "step", "event"),
    [
        ("calendar.take_step", "publish", Event.MARKET_PUBLISHED),
        ("calendar.take_step", "cancel", Event.MARKET_CANCELLED),
        ("calendar.take_step", "postpone", Event.MARKET_CANCELLED),
        ("calendar.take_step", "reschedule", Event.MARKET_MOVED),
        ("calendar.take_step", "open", None),
        ("calendar.move_day", "", Event.MARKET_MOVED),
        ("settlement.close_day", "", Event.MARKET_SETTLED),
        ("settlement.correct_takings", "", None),
        ("fund.confirm_remittance", "", Event.CONTRIBUTION_CONFIRMED),
        ("fund.publish_notice", "", Event.NOTICE_PUBLISHED),
        ("vendors.apply", "", None),
    ],
)
def test_what_is_told(act: str, step: str, event: Event | None) -> None:
    assert event_of(act, step) is event


def test_a_minute_has_sixty_seconds() -> None:
    first = datetime(2026, 11, 28, 1, 0, 0, tzinfo=UTC)
    assert seconds_left(first) == 60
    assert seconds_left(first.replace(second=59, microsecond=900_000)) == 1
    assert window_of(first.replace(second=59)) == window_of(first)
    assert window_of(first.replace(minute=1)) == window_of(first) + 1
