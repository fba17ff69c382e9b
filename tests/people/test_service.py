"""Accounts, sessions, links and the first set-up, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.communities.models import Region
from market.communities.service import find_community
from market.db import db, do_in_unit_of_work, unit_of_work
from market.errors import Refusal
from market.people import service
from market.people.models import Membership, SetupToken, SignInFailure, SignInLink, User, UserSession
from market.people.rules import Role
from market.people.service import accounts, sessions
from tests.cast import PASSWORD, Cast, make_user, person
from tests.conftest import both_engines
from tests.races import at_once

AT = clock.now()
SECOND = timedelta(seconds=1)


def attempt(login: str, password: str = "wrong", *, address: str = "192.0.2.1", at: datetime = AT) -> str:
    """`in`, `no`, or the code of the refusal."""
    try:
        user = do_in_unit_of_work(lambda: service.sign_in(login, password, address=address, at=at))
    except Refusal as refusal:
        return refusal.code
    return "in" if user else "no"


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is slow on purpose; here only how often it is asked matters."""
    monkeypatch.setattr(
        sessions, "_password_matches", lambda stored, password: bool(stored) and password == PASSWORD
    )


@both_engines
def test_four_tries_are_free_and_then_one_has_to_wait(context: Flask, cast: Cast, fast: None) -> None:
    assert [attempt("staff") for _ in range(5)] == ["no"] * 5
    assert attempt("staff", PASSWORD) == "people.locked"
    assert attempt("staff", PASSWORD, at=AT + SECOND) == "in"
    assert attempt("staff") == "no"


@pytest.mark.usefixtures("fast")
def test_the_wait_doubles_with_every_further_failure(context: Flask, cast: Cast) -> None:
    at = AT
    for _ in range(5):
        attempt("staff", at=at)
    for wait in (1, 2, 4, 8):
        assert attempt("staff", PASSWORD, at=at + wait * SECOND - SECOND) == "people.locked"
        at += wait * SECOND
        assert attempt("staff", at=at) == "no"
    assert attempt("staff", PASSWORD, at=at + timedelta(hours=2)) == "in"


@pytest.mark.usefixtures("fast")
def test_a_login_that_does_not_exist_answers_like_a_wrong_password(context: Flask, cast: Cast) -> None:
    known = [attempt("staff", address="192.0.2.1") for _ in range(7)]
    unknown = [attempt("nobody", address="192.0.2.2") for _ in range(7)]
    assert known == unknown == ["no"] * 5 + ["people.locked"] * 2


def test_an_unknown_login_is_hashed_too(context: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str | None] = []

    def count(stored: str | None, _password: str) -> bool:
        hashed.append(stored)
        return False

    monkeypatch.setattr(sessions, "_password_matches", count)
    attempt("staff")
    attempt("nobody")
    assert [stored is None for stored in hashed] == [False, True]
    assert accounts._NOBODY.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


@pytest.mark.usefixtures("fast")
def test_many_logins_from_one_address_shut_that_address_only(context: Flask, cast: Cast) -> None:
    assert [attempt(f"guess{n}") for n in range(25)] == ["no"] * 25
    assert attempt("staff", PASSWORD) == "people.locked"
    assert attempt("staff", PASSWORD, address="198.51.100.9") == "in"


@pytest.mark.usefixtures("fast")
def test_slips_of_a_year_do_not_shut_out_an_office(context: Flask, cast: Cast) -> None:
    for week in range(60):
        assert attempt(f"colleague{week}", at=AT + timedelta(days=7 * week)) == "no"
    assert attempt("staff", PASSWORD, at=AT + timedelta(days=420)) == "in"
    with unit_of_work():
        service.purge_sessions(at=AT + timedelta(days=500))
    assert db.session.scalars(sa.select(SignInFailure)).all() == []


@both_engines
def test_tries_at_the_same_moment_are_all_counted(context: Flask, cast: Cast, fast: None) -> None:
    def act() -> str:
        service.refuse_while_locked("staff", "192.0.2.1", at=AT)
        return "in" if service.finish_sign_in("staff", False, address="192.0.2.1", at=AT) else "no"

    answers = at_once(context, [act] * 12)
    assert (answers.count("no"), answers.count("people.locked")) == (5, 7)


def test_a_disabled_account_does_not_open(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        secret = service.start_session(person("gate"), device="", at=AT)
        link = service.make_sign_in_link(person("gate"), by=person("staff"), at=AT)
        person("gate").disabled_at = AT
    assert attempt("gate", PASSWORD) == "no"
    assert service.find_session(secret, at=AT) is None
    assert not acts(secret, cast.ours)
    with pytest.raises(Refusal, match="link_spent"):
        service.find_sign_in_link(link, at=AT)


# ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────


def begin(login: str) -> str:
    return do_in_unit_of_work(lambda: service.start_session(person(login), device="phone", at=AT))


def lives(secret: str, after: timedelta, *, seen: timedelta = timedelta()) -> bool:
    with unit_of_work():
        db.session.execute(sa.update(UserSession).values(seen_at=AT + seen))
    found = service.find_session(secret, at=AT + after) is not None
    assert acts(secret, "huaiyin", after) is found, "an act and a page know the same sessions"
    return found


def acts(secret: str, slug: str, after: timedelta = timedelta()) -> bool:
    return service.signed_in(secret, slug, at=AT + after) is not None


def test_who_acts_is_known_by_what_holds_in_the_reach_of_the_session(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        ours, theirs = find_community(cast.ours), find_community(cast.theirs)
        service.grant(person("staff"), Role.COMMITTEE, community=theirs, at=AT)
        whole = service.start_session(person("staff"), device="", at=AT)
        here = service.start_session(person("staff"), device="", at=AT, community_id=ours.id)
        numbers = {Role.STAFF: ours.id, Role.COMMITTEE: theirs.id}
    for secret, roles in ((whole, {Role.STAFF, Role.COMMITTEE}), (here, {Role.STAFF})):
        found = service.signed_in(secret, cast.ours, at=AT)
        assert found is not None
        assert {one.role: one.community_id for one in found.memberships} == {r: numbers[r] for r in roles}
    assert not acts(whole, "nowhere")
    assert not acts("no such secret", cast.ours)


def test_a_session_of_staff_ends_after_an_idle_hour_or_twelve_hours(context: Flask, cast: Cast) -> None:
    secret, hour = begin("staff"), timedelta(hours=1)
    assert lives(secret, hour)
    assert not lives(secret, hour + SECOND)
    assert lives(secret, 12 * hour, seen=12 * hour)
    assert not lives(secret, 12 * hour + SECOND, seen=12 * hour)


def test_a_vendors_phone_stays_signed_in_for_a_month_until_there_is_more_to_guard(
    context: Flask, cast: Cast
) -> None:
    with unit_of_work():
        community = find_community(cast.ours)
        service.grant(make_user("zhang", "老张"), Role.VENDOR, community=community, at=AT)
    secret, day = begin("zhang"), timedelta(days=1)
    assert lives(secret, 30 * day)
    assert not lives(secret, 30 * day + SECOND)
    assert not lives(secret, 90 * day + SECOND, seen=90 * day)
    with unit_of_work():
        service.grant(person("zhang"), Role.STAFF, community=find_community(cast.ours), at=AT)
    assert not lives(secret, timedelta(hours=2))


def test_a_new_password_signs_out_everywhere(context: Flask, cast: Cast) -> None:
    secrets = [begin("staff"), begin("staff"), begin("gate")]
    with unit_of_work():
        service.set_password(person("staff"), "another four words", by=person("staff"), at=AT)
    assert [service.find_session(secret, at=AT) is not None for secret in secrets] == [False, False, True]


def test_signing_out_ends_one_session(context: Flask, cast: Cast) -> None:
    secrets = [begin("staff"), begin("staff")]
    with unit_of_work():
        service.end_session(secrets[0])
        service.end_session("no such secret")
    assert [service.find_session(secret, at=AT) is not None for secret in secrets] == [False, True]


def test_old_sessions_are_deleted(context: Flask, cast: Cast) -> None:
    begin("staff")
    assert do_in_unit_of_work(lambda: service.purge_sessions(at=AT + timedelta(days=90))) == 0
    assert do_in_unit_of_work(lambda: service.purge_sessions(at=AT + timedelta(days=91))) == 1


def test_only_hashes_of_secrets_are_stored(context: Flask, cast: Cast) -> None:
    secret = begin("staff")
    with unit_of_work():
        link = service.make_sign_in_link(person("gate"), by=person("staff"), at=AT)
    stored = [*db.session.scalars(sa.select(UserSession.secret_hash))]
    stored += db.session.scalars(sa.select(SignInLink.secret_hash))
    assert len(stored) == 2
    assert not any(part in kept for kept in stored for part in (secret, link))


# ── one-time links ────────────────────────────────────────────────────────────────────────────────────────


def link_for(login: str, by: str = "staff") -> str:
    return do_in_unit_of_work(lambda: service.make_sign_in_link(person(login), by=person(by), at=AT))


@both_engines
def test_a_link_opened_by_many_at_once_lets_one_in(context: Flask, cast: Cast) -> None:
    secret = link_for("gate")
    answers = at_once(context, [lambda: service.use_sign_in_link(secret, at=AT).login] * 10)
    assert sorted(answers) == ["gate"] + ["people.link_spent"] * 9


def test_looking_at_a_link_does_not_use_it(context: Flask, cast: Cast) -> None:
    secret = link_for("gate")
    for _ in range(3):
        assert service.find_sign_in_link(secret, at=AT).user.login == "gate"
    assert do_in_unit_of_work(lambda: service.use_sign_in_link(secret, at=AT)).login == "gate"


def test_a_link_lives_three_days_or_until_the_next_one(context: Flask, cast: Cast) -> None:
    first, other = link_for("gate"), link_for("member1", by="member2")
    assert service.find_sign_in_link(first, at=AT + timedelta(days=3)).user.login == "gate"
    with pytest.raises(Refusal, match="link_spent"):
        service.find_sign_in_link(first, at=AT + timedelta(days=3) + SECOND)
    second = link_for("gate")
    with pytest.raises(Refusal, match="link_spent"):
        service.find_sign_in_link(first, at=AT)
    assert service.find_sign_in_link(second, at=AT).user.login == "gate"
    assert service.find_sign_in_link(other, at=AT).user.login == "member1"


def test_staff_let_a_committee_member_in_for_the_first_time_only(context: Flask, cast: Cast) -> None:
    """D23: the access of those who decide is not in the hands of those who spend."""
    with unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        service.appoint(community, "新委员", "new-member", Role.COMMITTEE, by=by, at=AT)
    secret = link_for("new-member")
    assert link_for("new-member") != secret
    first = link_for("new-member")
    do_in_unit_of_work(lambda: service.use_sign_in_link(first, at=AT))
    with pytest.raises(Refusal, match="not_yours"):
        link_for("new-member")
    assert link_for("new-member", by="member1")
    assert service.made_links(person("staff"), [person("new-member").id])
    assert not service.made_links(person("member1"), [person("new-member").id])
    made = [link.maker.login for link in service.links_for(person("new-member"))]
    assert made == ["member1", "staff"]


def test_staff_let_a_supervisor_in_for_the_first_time_only(context: Flask, cast: Cast) -> None:
    """A supervisor watches what staff do with the fund, as the committee does."""
    with unit_of_work():
        service.appoint(
            find_community(cast.ours), "监督员", "supervisor", Role.SUPERVISOR, by=person("staff"), at=AT
        )
    secret = link_for("supervisor")
    with unit_of_work():
        service.use_sign_in_link(secret, at=AT)
    with pytest.raises(Refusal, match="not_yours"):
        link_for("supervisor")
    assert link_for("supervisor", by="member1")


@pytest.mark.parametrize("login", ["platform", "staff-b", "viewer", "member1-b"])
def test_nobody_makes_a_link_into_an_account_that_can_do_more(context: Flask, cast: Cast, login: str) -> None:
    """Else any staff could name the platform's administrator as a helper and walk in as them."""
    with unit_of_work():
        service.appoint(find_community(cast.ours), "谁", login, Role.GATE, by=person("staff"), at=AT)
    with pytest.raises(Refusal, match="not_yours"):
        link_for(login)
    assert link_for(login, by="platform")


def test_staff_of_either_community_let_somebody_of_both_in_to_their_own(context: Flask, cast: Cast) -> None:
    ours, theirs = find_community(cast.ours), find_community(cast.theirs)
    with unit_of_work():
        service.grant(person("gate"), Role.GATE, community=theirs, at=AT)
    for by, community in (("staff", ours), ("staff-b", theirs)):
        with unit_of_work():
            secret = service.make_sign_in_link(
                person("gate"), by=person(by), at=AT, community=find_community(community.slug)
            )
        assert service.find_sign_in_link(secret, at=AT).community_id == community.id
    with pytest.raises(Refusal, match="not_yours"), unit_of_work():
        service.make_sign_in_link(person("gate"), by=person("gate-b"), at=AT, community=theirs)


def test_a_spent_link_opens_again_on_the_telephone_it_signed_in(context: Flask, cast: Cast) -> None:
    secret = link_for("gate")
    do_in_unit_of_work(lambda: service.use_sign_in_link(secret, at=AT))
    own, foreign = begin("gate"), begin("member1")
    later = AT + timedelta(days=1)
    for stranger in ("", foreign, "no such session"):
        with pytest.raises(Refusal, match="link_spent"):
            service.find_sign_in_link(secret, at=later, session_secret=stranger)
    assert (
        do_in_unit_of_work(
            lambda: service.spend_sign_in_link(secret, at=later, session_secret=own).user.login
        )
        == "gate"
    )
    with unit_of_work():
        service.end_session(own)
    with pytest.raises(Refusal, match="link_spent"):
        service.find_sign_in_link(secret, at=later, session_secret=own)


def test_a_spent_link_of_staff_stays_spent(context: Flask, cast: Cast) -> None:
    secret = link_for("second")
    do_in_unit_of_work(lambda: service.use_sign_in_link(secret, at=AT))
    with pytest.raises(Refusal, match="link_spent"):
        service.find_sign_in_link(secret, at=AT, session_secret=begin("second"))


# ── roles ─────────────────────────────────────────────────────────────────────────────────────────────────


def revoke(login: str, role: Role) -> Callable[[], str]:
    membership_id = next(m.id for m in person(login).memberships if m.role is role)

    def act() -> str:
        service.revoke(db.session.get_one(Membership, membership_id), by=person("second"), at=AT)
        return "gone"

    return act


@both_engines
def test_two_who_remove_each_other_leave_one(context: Flask, cast: Cast) -> None:
    answers = at_once(context, [revoke("staff", Role.STAFF), revoke("second", Role.STAFF)])
    assert sorted(answers) == ["gone", "people.last_staff"]
    assert len(service.members(find_community(cast.ours), Role.STAFF)) == 1


def test_a_disabled_colleague_is_no_reason_to_keep_and_no_one_to_rely_on(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        person("second").disabled_at = AT
    with pytest.raises(Refusal, match="last_staff"):
        do_in_unit_of_work(revoke("staff", Role.STAFF))
    assert do_in_unit_of_work(revoke("second", Role.STAFF)) == "gone"


def test_a_role_taken_and_given_again_is_in_force_once(context: Flask, cast: Cast) -> None:
    do_in_unit_of_work(revoke("gate", Role.GATE))
    do_in_unit_of_work(revoke("gate", Role.GATE))
    for _ in range(2):
        with unit_of_work():
            service.grant(person("gate"), Role.GATE, community=find_community(cast.ours), at=AT)
    in_force = [m for m in person("gate").memberships if m.until is None]
    assert (len(person("gate").memberships), len(in_force)) == (2, 1)


@both_engines
def test_a_role_given_by_many_at_once_is_one_role(context: Flask, cast: Cast) -> None:
    def give() -> str:
        service.grant(person("gate"), Role.COMMITTEE, community=find_community(cast.ours), at=AT)
        return "given"

    assert at_once(context, [give] * 6) == ["given"] * 6
    roles = [m.role for m in person("gate").memberships if m.until is None]
    assert sorted(roles) == [Role.COMMITTEE, Role.GATE]


def test_the_same_login_is_not_taken_twice(context: Flask, cast: Cast) -> None:
    for login in ("staff", " STAFF ", "ｓｔａｆｆ"):
        with pytest.raises(Refusal, match="login_taken"):
            do_in_unit_of_work(lambda login=login: service.create_user(login, "x", None, at=AT))  # type: ignore[misc]  # the default binds the loop's value


# ── first set-up ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_fresh_installation_has_nobody(context: Flask) -> None:
    for table in (User, UserSession, SignInLink, SetupToken, Region):
        assert db.session.scalars(sa.select(table)).all() == []
    assert not service.is_set_up()


@both_engines
def test_the_first_of_many_becomes_administrator_and_the_token_burns(context: Flask) -> None:
    token = do_in_unit_of_work(lambda: service.make_setup_token(at=AT))

    def become(number: int) -> Callable[[], str]:
        name = f"admin number {number}"
        return lambda: service.use_setup_token(token, name, "管理员", "four plain words", at=AT).login

    answers = at_once(context, [become(number) for number in range(5)])
    assert answers.count("people.bad_setup_token") == 4
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 1
    with pytest.raises(Refusal, match="already_set_up"):
        do_in_unit_of_work(lambda: service.make_setup_token(at=AT))


def test_a_newer_token_ends_the_older_one_and_a_weak_password_burns_nothing(context: Flask) -> None:
    first = do_in_unit_of_work(lambda: service.make_setup_token(at=AT))
    second = do_in_unit_of_work(lambda: service.make_setup_token(at=AT))

    def use(token: str, password: str = "four plain words") -> str:
        return do_in_unit_of_work(
            lambda: service.use_setup_token(token, "admin", "我", password, at=AT).login
        )

    with pytest.raises(Refusal, match="bad_setup_token"):
        use(first)
    with pytest.raises(Refusal, match="weak_password"):
        use(second, "12345678")
    assert use(f" {second}\n") == "admin"
