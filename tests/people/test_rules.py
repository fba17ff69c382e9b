"""Passwords, logins, how long a door stays shut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from market.people.rules import (
    COMMON_PASSWORDS,
    FORGIVEN_AFTER,
    MIN_PASSWORD,
    counted_failures,
    locked_until,
    network_of,
    password_fault,
    tidy_login,
)

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("password", "login", "fault"),
    [
        ("four plain words", "wang", None),
        ("春眠不觉晓处处闻", "wang", None),
        ("1234567", "wang", "too_short"),
        ("x" * 201, "wang", "too_long"),
        ("12345678", "wang", "common"),
        ("PassWord1", "wang", "common"),
        ("ababababab", "wang", "common"),
        ("i am WANG li", "wang li", "contains_login"),
        ("13800000001x", "13800000001", "contains_login"),
        ("anything at all", "", None),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, login: str, fault: str | None) -> None:
    assert password_fault(password, login) == fault


def test_every_common_password_would_otherwise_be_long_enough() -> None:
    assert min(map(len, COMMON_PASSWORDS)) >= MIN_PASSWORD


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (14, 512), (15, 900), (10**6, 900)],
)
def test_four_tries_are_free_then_the_wait_doubles(failures: int, seconds: int) -> None:
    assert locked_until(failures, AT) == AT + timedelta(seconds=seconds)


def test_after_a_quiet_hour_counting_begins_anew() -> None:
    assert counted_failures(30, AT, AT + FORGIVEN_AFTER - timedelta(seconds=1)) == 30
    assert counted_failures(30, AT, AT + FORGIVEN_AFTER) == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800000001", "13800000001"),
        ("１３８００００ 0001", "13800000001"),
        ("138-0000-0001 ", "13800000001"),
        (" Wang.Li ", "wang.li"),
        ("wang li", "wang li"),
        ("a-b", "a-b"),
        ("", ""),
    ],
)
def test_one_login_however_it_is_typed(typed: str, kept: str) -> None:
    assert tidy_login(typed) == kept


@given(st.text(max_size=30))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert tidy_login(tidy_login(text)) == tidy_login(text)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_a_household_is_counted_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
