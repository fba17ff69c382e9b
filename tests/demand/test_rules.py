"""How wishes are counted: tables of cases, and what holds whatever is merged and whoever speaks how often."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from market.demand.rules import (
    BUSY,
    OF_ONE_NETWORK,
    Count,
    PaperKind,
    Voice,
    Votes,
    alike,
    count_wishes,
    first_week,
    head_of,
    is_late,
    key_of_word,
    network_of,
    proposed_targets,
    ranked,
    week_of,
)
from market.demand.stall_types import TYPES, type_meant

MONDAY = date(2026, 11, 23)
BEFORE = date(2026, 11, 16)

voices_of = st.lists(
    st.builds(
        Voice,
        st.integers(1, 6),
        st.sampled_from((MONDAY, BEFORE)),
        st.integers(1, 12).map("phone {}".format),
        st.integers(1, 5).map("network {}".format),
    ),
    max_size=60,
).map(lambda found: list({(v.wish, v.week, v.phone): v for v in found}.values()))
"""One phone, one thing, one week: as the unique key of the table keeps it."""
votes_of = st.lists(
    st.builds(Votes, st.integers(1, 6), st.integers(1, 30), st.sampled_from(PaperKind)), max_size=6
)
merges = st.dictionaries(st.integers(1, 6), st.integers(1, 6), max_size=6).map(
    lambda found: {child: into for child, into in found.items() if child != into}
)
verdicts = st.dictionaries(
    st.tuples(st.sampled_from((MONDAY, BEFORE)), st.integers(1, 5).map("network {}".format)), st.booleans()
)


def voice(wish: int = 1, phone: str = "p1", network: str = "n1", week: date = MONDAY) -> Voice:
    return Voice(wish, week, phone, network)


def of_house(phones: int, *, wish: int = 1, network: str = "n1") -> list[Voice]:
    return [voice(wish, f"{network} {number}", network) for number in range(phones)]


# ── tables of cases ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("voices", "count"),
    [
        ([voice()], Count(online=1)),
        ([voice(), voice(week=BEFORE)], Count(online=2)),
        (of_house(OF_ONE_NETWORK), Count(online=OF_ONE_NETWORK)),
        (of_house(OF_ONE_NETWORK + 2), Count(online=OF_ONE_NETWORK, aside=2)),
        (of_house(BUSY), Count(online=OF_ONE_NETWORK, aside=BUSY - OF_ONE_NETWORK)),
        (of_house(BUSY + 1), Count(aside=BUSY + 1)),
        ([*of_house(BUSY + 1), voice(phone="other", network="n2")], Count(online=1, aside=BUSY + 1)),
    ],
)
def test_a_network_counts_so_much(voices: list[Voice], count: Count) -> None:
    assert count_wishes(voices, (), {}, {})[1] == count


def test_a_house_that_staff_looked_at_counts_whole() -> None:
    house = of_house(BUSY + 10)
    assert count_wishes(house, (), {}, {(MONDAY, "n1"): True})[1] == Count(online=BUSY + 10)


def test_a_network_that_staff_threw_out_counts_nothing() -> None:
    assert count_wishes([voice()], (), {}, {(MONDAY, "n1"): False})[1] == Count(aside=1)


def test_a_phone_counts_once_for_all_that_means_the_same() -> None:
    both = [voice(1), voice(2), voice(2, "p2", "n2")]
    assert count_wishes(both, (), {}, {}) == {1: Count(online=1), 2: Count(online=2)}
    assert count_wishes(both, (), {2: 1}, {}) == {1: Count(online=2)}


def test_votes_on_paper_are_added_and_told_apart() -> None:
    votes = (Votes(1, 12, PaperKind.PAPER), Votes(2, 4, PaperKind.WALK))
    assert count_wishes([voice()], votes, {2: 1}, {})[1] == Count(online=1, paper=12, walk=4)


@pytest.mark.parametrize(
    ("merged", "head"),
    [({}, 1), ({1: 2}, 2), ({1: 2, 2: 3}, 3), ({1: 2, 2: 1}, 1), ({1: 3, 3: 2, 2: 3}, 2), ({2: 1}, 1)],
)
def test_the_head_of_what_means_the_same(merged: dict[int, int], head: int) -> None:
    assert head_of(1, merged) == head


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::1", "2001:db8:1::"),
        ("2001:db8:1:ff:3::1", "2001:db8:1::"),
        ("2001:db8:1:100::1", "2001:db8:1:100::"),
        ("", ""),
    ],
)
def test_what_belongs_to_one_router(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("弹棉花", "弹棉花"),
        (" 弹 棉 花！", "弹棉花"),
        ("想要弹棉花的师傅", "弹棉花"),
        ("希望有个修鞋的", "修鞋"),
        ("能不能来个修鞋的摊位呀", "修鞋"),
        ("我想要一个修鞋摊", "修鞋"),
        ("有机蔬菜", "有机蔬菜"),
        ("点心", "点心"),
        ("加湿器", "加湿器"),
        ("想要", "想要"),
        ("ＤＩＹ", "diy"),
        ("！！", ""),
    ],
)
def test_what_makes_two_ways_of_typing_one(typed: str, key: str) -> None:
    assert key_of_word(typed) == key


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("剃头", "haircut"),
        ("想要个剪头发的师傅", "haircut"),
        ("磨剪子", "knives"),
        ("改裤脚", "sewing"),
        ("量血压", "outreach"),
        ("青菜", None),
        ("弹棉花", None),
    ],
)
def test_which_stall_type_a_word_names(typed: str, code: str | None) -> None:
    found = type_meant(typed)
    assert (found.code if found else None) == code


def test_every_stall_type_is_named_by_its_own_word() -> None:
    assert [one.code for one in TYPES if type_meant(one.chinese) is not one] == []


EQUAL = (
    ("弹棉花", "弹棉花被"), ("修手表", "手表修理"), ("被套翻新", "翻新被套"), ("补锅", "补锅底"),
    ("配眼镜", "眼镜维修配眼镜"), ("教用手机", "手机教学教用手机"),
)  # fmt: skip
UNEQUAL = (
    ("弹棉花", "花卉"), ("修手表", "手机"), ("补锅", "锅碗"), ("配眼镜", "配钥匙"), ("豆腐", "豆浆"),
    ("书法课", "旧书"),
)  # fmt: skip


@pytest.mark.parametrize("pair", EQUAL)
def test_words_that_may_mean_the_same_are_offered(pair: tuple[str, str]) -> None:
    assert alike(key_of_word(pair[0]), key_of_word(pair[1]))


@pytest.mark.parametrize("pair", UNEQUAL)
def test_words_that_do_not_are_left_alone(pair: tuple[str, str]) -> None:
    assert not alike(key_of_word(pair[0]), key_of_word(pair[1]))


def test_eight_weeks_count() -> None:
    assert week_of(date(2026, 11, 29)) == MONDAY
    assert first_week(date(2026, 11, 29)) == date(2026, 10, 5)


def test_an_answer_is_due_after_fifteen_days() -> None:
    assert not is_late(date(2026, 11, 1), False, date(2026, 11, 16))
    assert is_late(date(2026, 11, 1), False, date(2026, 11, 17))
    assert not is_late(date(2026, 11, 1), True, date(2026, 12, 17))


def test_each_thing_that_enough_want_is_one_stall_to_strive_for() -> None:
    wanted = [("haircut", 14), ("repair_service", 9), ("repair_service", 5), ("craft", 4)]
    assert proposed_targets(wanted) == {"haircut": 1, "repair_service": 2}


# ── what always holds ─────────────────────────────────────────────────────────────────────────────────────


@settings(deadline=None)
@given(voices_of, votes_of, merges, verdicts)
def test_the_order_of_the_voices_plays_no_part(
    voices: list[Voice],
    votes: list[Votes],
    merged: dict[int, int],
    believed: dict[tuple[date, str], bool],
) -> None:
    there = count_wishes(voices, votes, merged, believed)
    assert there == count_wishes(voices[::-1], votes[::-1], merged, believed)


@settings(deadline=None)
@given(voices_of, votes_of, verdicts, st.integers(1, 6), st.integers(1, 6))
def test_merging_moves_no_voice(
    voices: list[Voice], votes: list[Votes], believed: dict[tuple[date, str], bool], one: int, other: int
) -> None:
    """Together they have at least what the larger had, at most what both had; the others are as they were."""
    before = count_wishes(voices, votes, {}, believed)
    after = count_wishes(voices, votes, {one: other} if one != other else {}, believed)
    nothing = Count()
    for wish in set(before) - {one, other}:
        assert after[wish] == before[wish]
    if one != other:
        apart = [before.get(wish, nothing) for wish in (one, other)]
        together = after.get(other, nothing)
        assert max(c.online for c in apart) <= together.online <= sum(c.online for c in apart)
        assert together.paper + together.walk == sum(c.paper + c.walk for c in apart)
        assert one not in after
    assert count_wishes(voices, votes, {}, believed) == before


@settings(deadline=None)
@given(voices_of, merges)
def test_no_voice_is_lost_or_made(voices: list[Voice], merged: dict[int, int]) -> None:
    """What is counted and what is set aside are together the phones of each week, once for each family."""
    counts = count_wishes(voices, (), merged, {})
    phones = {(head_of(one.wish, merged), one.week, one.phone) for one in voices}
    assert sum(count.online + count.aside for count in counts.values()) == len(phones)


@settings(deadline=None)
@given(voices_of, st.integers(1, 6), st.integers(BUSY + 1, BUSY * 3), st.integers(1, 8))
def test_machines_change_no_number(voices: list[Voice], wish: int, each: int, networks: int) -> None:
    """Whoever speaks too often is not heard at all, whatever it asks for and whatever was asked before."""
    noise = [
        voice(wish if number % 2 else 7, f"machine {network} {number}", f"machine {network}")
        for network in range(networks)
        for number in range(each)
    ]
    before, after = (count_wishes(said, (), {}, {}) for said in (voices, [*voices, *noise]))
    assert {wish: count.total for wish, count in after.items() if count.total} == {
        wish: count.total for wish, count in before.items() if count.total
    }


@settings(deadline=None)
@given(voices_of, votes_of, merges)
def test_the_ranking_goes_by_votes_then_by_who_was_first(
    voices: list[Voice], votes: list[Votes], merged: dict[int, int]
) -> None:
    counts = count_wishes(voices, votes, merged, {})
    order = ranked(counts)
    assert sorted(order) == sorted(counts)
    keys = [(-counts[wish].total, wish) for wish in order]
    assert keys == sorted(keys)
