"""When something leaves, how often it is tried, where it may go."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from market.outbox.rules import (
    BACK_OFF,
    KNOWN_ANYWAY,
    ROBOT_BYTES,
    Quiet,
    cut_lines,
    disturbs,
    fits_robot,
    is_allowed,
    next_try,
    reminds,
    sms_free_at,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ORIGINS = "https://qyapi.weixin.qq.com http://127.0.0.1:9000"
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}")


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (Quiet(), "20T20:59", None),
        (Quiet(), "20T21:00", "21T08:00"),
        (Quiet(), "20T23:59", "21T08:00"),
        (Quiet(), "21T00:00", "21T08:00"),
        (Quiet(), "21T07:59", "21T08:00"),
        (Quiet(), "21T08:00", None),
        (Quiet(time(12, 30), time(14, 0)), "20T13:00", "20T14:00"),
        (Quiet(time(12, 30), time(14, 0)), "20T14:00", None),
        (Quiet(time(0, 0), time(0, 0)), "20T03:00", None),
    ],
)
def test_quiet_hours_end(quiet: Quiet, now: str, until: str | None) -> None:
    assert quiet.until(wall(now)) == (wall(until) if until else None)


@pytest.mark.parametrize(
    ("kinds", "needed", "told"),
    [
        (("calendar.cancelled",), "21T07:40", True),
        (("calendar.postponed",), "21T07:40", True),
        (("stalls.shut",), "21T08:30", True),
        (("calendar.cancelled",), "21T18:00", False),
        (("calendar.cancelled",), "25T07:40", False),
        (("stalls.moved",), "21T07:40", False),
        (("gate.placed", "stalls.shut"), "21T07:40", True),
        ((), "21T07:40", False),
    ],
)
def test_only_what_would_be_in_vain_tomorrow_disturbs(
    kinds: tuple[str, ...], needed: str, told: bool
) -> None:
    assert disturbs(kinds, wall(needed), wall("21T08:00")) is told


def test_it_is_tried_for_about_three_days_and_then_held() -> None:
    waits = [next_try(attempt, AT) for attempt in range(1, len(BACK_OFF) + 2)]
    assert waits[0] == AT + timedelta(minutes=1)
    assert waits[-1] is None
    assert timedelta(hours=70) < sum(BACK_OFF, timedelta()) < timedelta(hours=74)
    assert sorted(BACK_OFF) == list(BACK_OFF)


@pytest.mark.parametrize(
    ("now", "told", "reminded"),
    [
        ("20T09:59", None, False),
        ("20T10:00", None, True),
        ("20T20:00", None, True),
        ("19T12:00", None, False),
        ("21T07:00", None, False),
        ("20T12:00", timedelta(hours=1), False),
        ("20T12:00", KNOWN_ANYWAY, True),
    ],
)
def test_who_is_reminded_on_the_day_before(now: str, told: timedelta | None, reminded: bool) -> None:
    told_at = AT - told if told is not None else None
    assert reminds(wall(now), wall("21T08:00"), told_at, AT) is reminded


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-def", True),
        ("http://127.0.0.1:9000/cgi-bin/webhook/send?key=abc", True),
        ("http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc", False),
        ("https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=abc", False),
        ("https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=abc", False),
        ("https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send?key=abc", False),
        ("https://user:pw@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc", False),
        ("https://evil.example/cgi-bin/webhook/send?key=abc", False),
        ("https://qyapi.weixin.qq.com/cgi-bin/gettoken?key=abc", False),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/../gettoken?key=abc", False),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send", False),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", False),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a#b", False),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a\r\nHost: x", False),
        ("https://qyapi.weixin.qq.com\\.evil.example/cgi-bin/webhook/send?key=a", False),
        ("http://127.0.0.1/cgi-bin/webhook/send?key=abc", False),
        ("http://127.0.0.1:99999/cgi-bin/webhook/send?key=abc", False),
        ("http://[::1]:9000/cgi-bin/webhook/send?key=abc", False),
        ("http://169.254.169.254/cgi-bin/webhook/send?key=abc", False),
        ("file:///cgi-bin/webhook/send?key=abc", False),
        ("", False),
    ],
)
def test_only_robots_at_known_places_are_asked(url: str, allowed: bool) -> None:
    assert is_allowed(url, ORIGINS) is allowed


def test_a_text_for_a_robot_is_cut_at_a_line_and_says_where_the_rest_is() -> None:
    text = "\n".join(f"A{number:03d} 第{number}家百货" for number in range(300))
    cut = cut_lines(text, "全部名单：https://market.example")
    lines = cut.splitlines()
    assert len(cut.encode()) <= ROBOT_BYTES < len(cut.encode()) + len(lines[0].encode()) + 10
    assert lines[-1] == "全部名单：https://market.example"
    assert lines[:-1] == text.splitlines()[: len(lines) - 1]
    assert cut_lines("短", "…") == "短"


def test_a_robot_says_as_many_texts_at_once_as_fit() -> None:
    assert fits_robot([]) == 0
    assert fits_robot(["字" * 900]) == 1
    assert fits_robot(["字" * 300] * 5) == 2
    assert fits_robot(["短"] * 20) == 20


@pytest.mark.parametrize(
    ("ago", "wait"),
    [
        ([], 0 * MINUTE),
        ([30 * MINUTE], 0 * MINUTE),
        ([timedelta(seconds=20)], timedelta(seconds=40)),
        ([MINUTE], 0 * MINUTE),
        ([10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 40 * MINUTE], 0 * MINUTE),
        ([10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 40 * MINUTE, 50 * MINUTE], 10 * MINUTE),
        ([HOUR * number for number in range(2, 11)], 0 * MINUTE),
        ([HOUR * number for number in range(2, 12)], 13 * HOUR),
        ([HOUR * number for number in range(2, 14)], 13 * HOUR),
        ([DAY - MINUTE] * 10, MINUTE),
        ([DAY] * 10, 0 * MINUTE),
    ],
)
def test_a_number_gets_no_flood_of_text_messages(ago: list[timedelta], wait: timedelta) -> None:
    assert sms_free_at([AT - one for one in ago], AT) == AT + wait
