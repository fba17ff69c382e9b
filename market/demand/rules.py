"""How wishes are counted: a published rule over stored voices, and nothing that is kept beside them."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from market.typed_text import search_key

WEEKS = 8
"""Voices and votes count for so many weeks, the running one among them; who still wants it says so again."""
OF_ONE_NETWORK = 3
"""So many voices of one network count for one thing in one week: a family behind one router."""
BUSY = 20
"""A network with more voices than this in a week is set aside, all of that week, until staff looked at it."""
MOST_KEPT = 200
"""So many voices of one network are kept in a week; more would say nothing new."""
ENOUGH = 5
"""From so many votes on a wish is everybody's: it goes into the mix of a market, and stands on the poster."""
ANSWER_WITHIN = timedelta(days=15)
"""By then who asked for something should have an answer."""
LONGEST_WORD = 12
MOST_PEOPLE = 5000
LIKE_ENOUGH = 0.5
"""Two words with this part of the shorter one's pairs of letters in common may mean the same: people say."""


class Way(StrEnum):
    """Through which door a voice came in."""

    PAGE = "page"
    POSTER = "poster"
    MARKET = "market"
    SEARCH = "search"


class PaperKind(StrEnum):
    """How voices were collected that no telephone brought."""

    PAPER = "paper"
    WALK = "walk"


class WishState(StrEnum):
    """What the community last said; NEW when it said nothing yet."""

    NEW = "new"
    LOOKING = "looking"
    HERE = "here"
    NOT_FOUND = "not_found"
    UNFIT = "unfit"


ANSWERS = (WishState.LOOKING, WishState.HERE, WishState.NOT_FOUND, WishState.UNFIT)
NEEDS_REASON = frozenset({WishState.HERE, WishState.NOT_FOUND, WishState.UNFIT})
"""A no says why, and who says that there is one says where."""


class Voice(NamedTuple):
    """One phone, one thing, one week."""

    wish: int
    week: date
    phone: str
    network: str


class Votes(NamedTuple):
    """What staff counted on paper or at the doors."""

    wish: int
    people: int
    kind: PaperKind


class Count(NamedTuple):
    """What a wish has, by how it was said."""

    online: int = 0
    paper: int = 0
    walk: int = 0
    aside: int = 0
    """Voices that are kept and not counted."""

    @property
    def total(self) -> int:
        return self.online + self.paper + self.walk


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def first_week(day: date) -> date:
    """The first week that still counts."""
    return week_of(day) - timedelta(weeks=WEEKS - 1)


def network_of(address: str) -> str:
    """What belongs to one router: an address, and of the long ones the part that a household is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 56), strict=False).network_address)
    return str(found)


# ── merging ───────────────────────────────────────────────────────────────────────────────────────────────


def head_of(wish: int, merged: Mapping[int, int]) -> int:
    """The wish under which this one is counted; `merged` leads from each to the one that it means.

    Should several lead in a circle, the smallest of them stands for all.
    """
    way = [wish]
    while way[-1] in merged:
        following = merged[way[-1]]
        if following in way:
            return min(way[way.index(following) :])
        way.append(following)
    return way[-1]


def heads(wishes: Iterable[int], merged: Mapping[int, int]) -> dict[int, int]:
    """The head of each."""
    return {wish: head_of(wish, merged) for wish in wishes}


# ── counting ──────────────────────────────────────────────────────────────────────────────────────────────


def busy_networks(voices: Iterable[Voice]) -> dict[tuple[date, str], int]:
    """The networks that spoke too often in a week, and how often. Merging plays no part."""
    spoken = Counter((voice.week, voice.network) for voice in voices)
    return {where: often for where, often in spoken.items() if often > BUSY}


def count_wishes(
    voices: Collection[Voice],
    votes: Iterable[Votes],
    merged: Mapping[int, int],
    believed: Mapping[tuple[date, str], bool],
) -> dict[int, Count]:
    """What each head has. A phone counts once a week for everything that means the same.

    `believed` says what staff decided of a network in a week: all its voices count, or none.
    """
    left_out = {where for where in busy_networks(voices) if not believed.get(where, False)}
    left_out |= {where for where, good in believed.items() if not good}
    online = _count_online(voices, merged, left_out, {where for where, good in believed.items() if good})
    paper: Counter[tuple[int, PaperKind]] = Counter()
    for one in votes:
        paper[head_of(one.wish, merged), one.kind] += one.people
    everything = _phones(voices, merged)
    found = {*everything, *(wish for wish, _kind in paper)}
    return {
        wish: Count(
            online[wish], paper[wish, PaperKind.PAPER], paper[wish, PaperKind.WALK],
            len(everything.get(wish, ())) - online[wish],
        )
        for wish in found
    }  # fmt: skip


def _phones(voices: Iterable[Voice], merged: Mapping[int, int]) -> dict[int, dict[tuple[date, str], str]]:
    """For each head the phones of each week, each with the network it is counted under."""
    found: dict[int, dict[tuple[date, str], str]] = defaultdict(dict)
    for voice in voices:
        phones = found[head_of(voice.wish, merged)]
        known = phones.get((voice.week, voice.phone))
        phones[voice.week, voice.phone] = voice.network if known is None else min(known, voice.network)
    return found


def _count_online(
    voices: Iterable[Voice],
    merged: Mapping[int, int],
    left_out: Collection[tuple[date, str]],
    whole: Collection[tuple[date, str]],
) -> Counter[int]:
    heard = [voice for voice in voices if (voice.week, voice.network) not in left_out]
    counted: Counter[int] = Counter()
    for wish, phones in _phones(heard, merged).items():
        of_network = Counter((week, network) for (week, _phone), network in phones.items())
        for where, often in of_network.items():
            counted[wish] += often if where in whole else min(often, OF_ONE_NETWORK)
    return counted


def ranked(counts: Mapping[int, Count]) -> list[int]:
    """The most wanted first; of two alike the one that was asked for first."""
    return sorted(counts, key=lambda wish: (-counts[wish].total, wish))


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────

_SAID_BEFORE = re.compile(
    r"^(?:我们?|咱们?|大家|社区)?(?:希望|想要|想|能不能|可不可以|能否|盼)(?:能|可以)?"
    r"(?:有|来|加|增加|安排|请|要)?(?:一?个|一?位|一些)?|^(?:要|来|加|增加|有|请)(?:一?个|一?位|一些)"
)
_SAID_AFTER = re.compile(r"(?:的)?(?:摊位|摊子|摊儿|摊|师傅|老师|的人|服务)?(?:吗|呢|吧|啊|呀)?$")
_NOT_A_LETTER = re.compile(r"[\W_]+")


def key_of_word(word: str) -> str:
    """By what two ways of typing one thing are known as one: 想要个修鞋的师傅 is 修鞋."""
    letters = _NOT_A_LETTER.sub("", search_key(word))
    bare = _SAID_AFTER.sub("", _SAID_BEFORE.sub("", letters))
    return bare or letters


def _pairs(word: str) -> frozenset[str]:
    return frozenset(word[at : at + 2] for at in range(len(word) - 1)) or frozenset({word})


def alike(one: str, other: str) -> bool:
    """Whether two keys may mean the same: most of the shorter one's pairs of letters stand in the other."""
    first, second = _pairs(one), _pairs(other)
    return len(first & second) / min(len(first), len(second)) >= LIKE_ENOUGH


def most_alike(key: str, known: Mapping[int, str], most: int = 3) -> list[int]:
    """Up to three wishes whose words may mean the same, to be looked at by whoever types."""
    found = [wish for wish, other in known.items() if other != key and alike(key, other)]
    return sorted(found, key=lambda wish: (-len(_pairs(key) & _pairs(known[wish])), wish))[:most]


# ── what follows ──────────────────────────────────────────────────────────────────────────────────────────


def is_late(asked_on: date, answered: bool, today: date) -> bool:
    """Whether an answer is overdue."""
    return not answered and today - asked_on > ANSWER_WITHIN


def proposed_targets(wanted: Sequence[tuple[str, int]]) -> dict[str, int]:
    """How many stalls of each category to strive for: one for each thing that enough people want.

    `wanted`: a category and the votes of one wish.
    """
    return dict(sorted(Counter(category for category, votes in wanted if votes >= ENOUGH).items()))
