"""Acts about wishes, on both databases: one voice a week, machines, merging, answers, forgetting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.demand import service
from market.demand.marks import network_mark, salt_of
from market.demand.models import Wish, WishSalt, WishVoice
from market.demand.rules import BUSY, MOST_KEPT, OF_ONE_NETWORK, Count, PaperKind, Way, WishState, week_of
from market.demand.service import Said, VotesDraft, Wanted
from market.errors import Refusal
from market.vendors.rules import Category
from tests.cast import Cast, person
from tests.conftest import both_engines

TODAY = date(2026, 11, 25)
AT = clock.at_local(TODAY, time(10), "Asia/Shanghai")
HOME = "203.0.113.1"


@pytest.fixture
def ours(context: Flask, cast: Cast) -> Iterator[Community]:
    with unit_of_work():
        yield find_community(cast.ours)


def ask(ours: Community, word: str, phone: str = "p1", address: str = HOME, at: datetime = AT) -> Said:
    return service.ask(ours, word, token=phone, address=address, way=Way.PAGE, at=at)


def ask_from_homes(ours: Community, word: str, homes: int, first: int = 1) -> None:
    for home in range(first, first + homes):
        ask(ours, word, f"home {home}", f"198.51.100.{home}")


def votes(ours: Community, at: datetime = AT) -> dict[str, int]:
    day = clock.local(at, ours.zone).date()
    return {line.wish.word: line.count.total for line in service.wanted(ours, day)}


def line(ours: Community, word: str) -> Wanted:
    return next(one for one in service.wanted(ours, TODAY) if word in {wish.word for wish in one.family})


def wish(ours: Community, word: str) -> Wish:
    found = service.wish_meant(ours, word)
    assert found is not None
    return found


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code


# ── a phone asks ──────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_one_phone_is_one_voice_a_week(ours: Community) -> None:
    assert ask(ours, "理发").new
    assert not ask(ours, "剃头").new
    assert not ask(ours, "理发", address="203.0.113.99").new
    assert votes(ours) == {"理发": 1}
    next_week = AT + timedelta(days=7)
    assert ask(ours, "理发", at=next_week).new
    assert votes(ours, next_week) == {"理发": 2}


def test_words_for_one_thing_are_one_wish(ours: Community) -> None:
    ask(ours, "想要个剪头发的师傅", "p1", "203.0.113.1")
    ask(ours, "理发", "p2", "203.0.113.2")
    ask(ours, "弹棉花", "p1", "203.0.113.1")
    ask(ours, "希望有弹棉花的", "p2", "203.0.113.2")
    assert votes(ours) == {"理发": 2, "弹棉花": 2}


def test_what_was_said_can_be_unsaid(ours: Community) -> None:
    said = ask(ours, "理发")
    assert service.said_by(ours, "p1", at=AT) == {said.wish.id}
    assert not service.take_back(said.wish, token="p2", at=AT)
    assert service.take_back(said.wish, token="p1", at=AT)
    assert not service.take_back(said.wish, token="p1", at=AT)
    assert votes(ours) == {"理发": 0}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("！！", "demand.no_word"),
        ("请给我们小区安排一个每周都来的修鞋师傅好不好", "demand.long_word"),
        ("打 13812345678", "demand.names_a_person"),
        ("烟花", "demand.banned"),
    ],
)
def test_what_is_no_wish_is_refused(ours: Community, word: str, code: str) -> None:
    with refused(code):
        ask(ours, word)
    assert service.wanted(ours, TODAY) == []


def test_votes_of_eight_weeks_ago_no_longer_count(ours: Community) -> None:
    ask(ours, "理发")
    assert votes(ours, AT + timedelta(weeks=7)) == {"理发": 1}
    assert votes(ours, AT + timedelta(weeks=8)) == {"理发": 0}


# ── machines, and houses behind one router ────────────────────────────────────────────────────────────────


def test_five_thousand_wishes_from_fifty_addresses_change_no_ranking(ours: Community) -> None:
    """Each looks like a phone of its own; half of them push the last, half something that nobody wants."""
    for word, homes in (("理发", 12), ("磨刀", 9), ("修鞋", 7), ("弹棉花", 3)):
        ask_from_homes(ours, word, homes)
    before = [(one.wish.word, one.count.total) for one in service.wanted(ours, TODAY)]
    for number in range(5_000):
        word = "弹棉花" if number % 2 else f"假的{number % 40}"
        ask(ours, word, f"machine {number}", f"192.0.2.{number % 50}")
    after = [(one.wish.word, one.count.total) for one in service.wanted(ours, TODAY) if one.count.total]
    assert after == before
    aside = service.networks_aside(ours, TODAY)
    assert [one.voices for one in aside] == [100] * 50


def test_a_house_behind_one_router_is_looked_at_and_counts(ours: Community) -> None:
    for flat in range(BUSY + 5):
        said = ask(ours, "修鞋", f"flat {flat}", "203.0.113.40")
        assert said.aside == (flat >= BUSY)
    assert line(ours, "修鞋").count == Count(aside=BUSY + 5)
    (found,) = service.networks_aside(ours, TODAY)
    assert (found.voices, found.words, found.counts) == (BUSY + 5, ("修鞋",), None)
    staff = person("staff")
    service.say_of_network(ours, found.week, found.network, counts=True, by=staff, at=AT)
    assert line(ours, "修鞋").count == Count(online=BUSY + 5)
    assert not ask(ours, "修鞋", "one more flat", "203.0.113.40").aside
    service.say_of_network(ours, found.week, found.network, counts=False, by=staff, at=AT)
    assert line(ours, "修鞋").count == Count(aside=BUSY + 6)


def test_a_family_counts_up_to_its_share(ours: Community) -> None:
    for phone in range(OF_ONE_NETWORK + 1):
        ask(ours, "理发", f"phone {phone}")
    assert votes(ours) == {"理发": OF_ONE_NETWORK}


def test_a_network_fills_no_disk(ours: Community) -> None:
    for number in range(MOST_KEPT):
        ask(ours, "理发", f"machine {number}")
    with refused("demand.too_often"):
        ask(ours, "理发", "one more")


# ── who it was ────────────────────────────────────────────────────────────────────────────────────────────


def test_neither_address_nor_phone_is_stored(ours: Community) -> None:
    ask(ours, "理发", "a phone's token", "203.0.113.77")
    row = db.session.scalars(sa.select(WishVoice)).one()
    for kept in (row.phone, row.network):
        assert "203" not in kept
        assert "token" not in kept
    columns = {column.name for column in WishVoice.__table__.columns}
    assert columns == {"id", "wish_id", "week", "phone", "network", "way"}


def test_two_weeks_of_one_phone_have_nothing_in_common(ours: Community) -> None:
    for week in range(3):
        ask(ours, "理发", at=AT + timedelta(weeks=week))
    rows = db.session.scalars(sa.select(WishVoice)).all()
    assert len({row.phone for row in rows}) == len({row.network for row in rows}) == 3


def test_what_leads_back_is_deleted_when_the_week_is_over(ours: Community) -> None:
    """With the salt the network can be found again; without it nobody can, and the numbers stay."""
    ask(ours, "理发", address="203.0.113.7")
    week = week_of(TODAY)
    salt = salt_of(week)
    assert salt is not None
    row = db.session.scalars(sa.select(WishVoice)).one()
    assert network_mark(ours, week, "203.0.113.7", salt) == row.network
    assert service.forget_marks(at=AT + timedelta(days=4)) == 0
    assert service.forget_marks(at=AT + timedelta(days=8)) == 1
    assert db.session.scalars(sa.select(WishSalt)).all() == []
    assert votes(ours) == {"理发": 1}
    assert service.said_by(ours, "p1", at=AT) == set()


# ── staff ─────────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_votes_on_paper_count_and_can_be_taken_back(ours: Community) -> None:
    staff = person("staff")
    draft = VotesDraft("弹棉花", PaperKind.PAPER, 12, "3 号楼", TODAY, "小高")
    row = service.add_votes(ours, draft, by=staff, at=AT)
    assert line(ours, "弹棉花").count == Count(paper=12)
    assert line(ours, "弹棉花").listed
    service.undo(service.find_entry(row.wish, row.ref), by=staff, at=AT)
    service.undo(row, by=staff, at=AT)
    assert line(ours, "弹棉花").count == Count()
    assert row in service.history(row.wish)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"people": 0}, "demand.bad_people"),
        ({"people": 5001}, "demand.bad_people"),
        ({"collected_on": TODAY + timedelta(days=1)}, "demand.bad_date"),
        ({"place": "找 13812345678"}, "demand.names_a_person"),
    ],
)
def test_wrong_votes_are_refused(ours: Community, changes: dict[str, object], code: str) -> None:
    draft = replace(VotesDraft("磨刀", PaperKind.WALK, 3, "门口", TODAY), **changes)  # type: ignore[arg-type]  # plain values
    with refused(code):
        service.add_votes(ours, draft, by=person("staff"), at=AT)


@both_engines
def test_merging_is_undone_by_one_press(ours: Community) -> None:
    staff = person("staff")
    ask_from_homes(ours, "弹棉花", 4)
    ask_from_homes(ours, "被套翻新", 3, first=3)
    one, other = wish(ours, "被套翻新"), wish(ours, "弹棉花")
    row = service.merge(one, other, by=staff, at=AT)
    assert service.merge(one, other, by=staff, at=AT) is row
    assert votes(ours) == {"弹棉花": 5}
    with refused("demand.same_wish"):
        service.merge(other, one, by=staff, at=AT)
    service.undo(service.find_entry(other, row.ref), by=staff, at=AT)
    assert votes(ours) == {"弹棉花": 4, "被套翻新": 3}
    service.merge(other, one, by=staff, at=AT)
    assert votes(ours) == {"被套翻新": 5}


def test_a_voice_moves_the_list_where_it_counts_under_another_name(ours: Community) -> None:
    """旧被 is not in the list; merged into 缝补, which is, each voice for it changes a number there."""
    staff = person("staff")
    ask(ours, "旧被")
    ask(ours, "缝补")
    assert not voice_of(ours, "旧被", "p2").moves_pages
    service.merge(wish(ours, "旧被"), wish(ours, "缝补"), by=staff, at=AT)
    assert voice_of(ours, "旧被", "p3").moves_pages
    assert votes(ours) == {"缝补": 3}


def voice_of(ours: Community, word: str, phone: str) -> WishVoice:
    made = ask(ours, word, phone, f"198.51.100.{phone[1:]}").wish
    query = sa.select(WishVoice).where(WishVoice.wish_id == made.id).order_by(WishVoice.id.desc())
    return db.session.scalars(query.limit(1)).one()


def test_what_is_merged_goes_nowhere_else(ours: Community) -> None:
    staff = person("staff")
    for word in ("弹棉花", "被套翻新", "旧被"):
        ask(ours, word)
    service.merge(wish(ours, "被套翻新"), wish(ours, "弹棉花"), by=staff, at=AT)
    with refused("demand.merged_already"):
        service.merge(wish(ours, "被套翻新"), wish(ours, "旧被"), by=staff, at=AT)


def test_the_state_is_the_last_entry_that_stands(ours: Community) -> None:
    staff = person("staff")
    ask(ours, "修鞋")
    found = wish(ours, "修鞋")
    assert line(ours, "修鞋").state is WishState.NEW
    service.answer(found, WishState.LOOKING, "", by=staff, at=AT)
    last = service.answer(found, WishState.NOT_FOUND, "师傅回老家了。", by=staff, at=AT)
    assert line(ours, "修鞋").state is WishState.NOT_FOUND
    service.undo(last, by=staff, at=AT)
    assert line(ours, "修鞋").state is WishState.LOOKING


@pytest.mark.parametrize("state", [WishState.HERE, WishState.NOT_FOUND, WishState.UNFIT])
def test_a_no_says_why(ours: Community, state: WishState) -> None:
    ask(ours, "修鞋")
    with refused("demand.reason_missing"):
        service.answer(wish(ours, "修鞋"), state, " ", by=person("staff"), at=AT)


def test_a_word_of_somebodys_own_waits_for_staff(ours: Community) -> None:
    staff = person("staff")
    ask(ours, "弹棉花")
    assert not line(ours, "弹棉花").listed
    service.list_wish(wish(ours, "弹棉花"), listed=True, category=Category.CRAFT, by=staff, at=AT)
    assert (line(ours, "弹棉花").listed, line(ours, "弹棉花").category) == (True, Category.CRAFT)
    service.list_wish(wish(ours, "弹棉花"), listed=False, category=None, by=staff, at=AT)
    assert (line(ours, "弹棉花").listed, line(ours, "弹棉花").hidden) == (False, True)


def test_another_communitys_wish_does_not_exist(ours: Community, cast: Cast) -> None:
    said = ask(ours, "理发")
    with refused("demand.no_wish"):
        service.find_wish(find_community(cast.theirs), said.wish.ref)
    assert service.wanted(find_community(cast.theirs), TODAY) == []


def test_an_answer_that_is_due_is_late(ours: Community) -> None:
    ask_from_homes(ours, "修鞋", 5)
    later = TODAY + timedelta(days=16)
    assert not line(ours, "修鞋").late(TODAY)
    assert line(ours, "修鞋").late(later)
    service.answer(wish(ours, "修鞋"), WishState.LOOKING, "在问。", by=person("staff"), at=AT)
    assert not line(ours, "修鞋").late(later)
