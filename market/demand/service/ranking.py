"""What residents want, worked out from the stored voices whenever it is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import clock
from market.communities.models import Community
from market.db import db
from market.demand.models import (
    NetworkVerdict,
    Wish,
    WishAnswer,
    WishListing,
    WishMerge,
    WishVoice,
    WishVotes,
)
from market.demand.rules import (
    ENOUGH,
    Count,
    Voice,
    Votes,
    WishState,
    busy_networks,
    count_wishes,
    first_week,
    head_of,
    is_late,
    key_of_word,
    most_alike,
    ranked,
    week_of,
)
from market.demand.stall_types import type_meant
from market.errors import NotFound
from market.vendors.rules import Category

NOTHING = Count()


@dataclass(frozen=True)
class Wanted:
    """One line of the list: a wish together with everything that means the same."""

    wish: Wish
    others: tuple[Wish, ...]
    """What was merged into it."""
    count: Count
    listed: bool
    category: Category | None
    answers: tuple[WishAnswer, ...]
    """Public entries that were not taken back, the newest first."""
    hidden: bool = False
    """Whether staff said that it does not belong into the list."""
    shown_others: tuple[Wish, ...] = ()
    """Those of `others` whose words everybody may read."""

    @property
    def state(self) -> WishState:
        return self.answers[0].state if self.answers else WishState.NEW

    @property
    def answer(self) -> WishAnswer | None:
        return self.answers[0] if self.answers else None

    @property
    def family(self) -> tuple[Wish, ...]:
        return (self.wish, *self.others)

    @property
    def is_everybodys(self) -> bool:
        """Whether enough people want it."""
        return self.count.total >= ENOUGH

    def late(self, today: date) -> bool:
        asked_on = clock.local(self.wish.made_at, self.wish.community.zone).date()
        return self.is_everybodys and is_late(asked_on, bool(self.answers), today)


def wanted(community: Community, on: date) -> list[Wanted]:
    """Everything that anybody asked for, the most wanted first, as it stood on a day."""
    wishes = {wish.id: wish for wish in _wishes(community)}
    if not wishes:
        return []
    merged = merges_in_force(community)
    counts = _counts(community, on, merged)
    listings, answers = _listings(community), _answers(community)
    families: dict[int, list[Wish]] = defaultdict(list)
    for wish in wishes.values():
        families[head_of(wish.id, merged)].append(wish)
    order = ranked({head: counts.get(head, NOTHING) for head in families})
    return [_line(wishes[head], families[head], counts, listings, answers) for head in order]


def _line(
    head: Wish,
    family: Iterable[Wish],
    counts: Mapping[int, Count],
    listings: Mapping[int, WishListing],
    answers: Mapping[int, list[WishAnswer]],
) -> Wanted:
    others = tuple(wish for wish in family if wish is not head)
    decided = listings.get(head.id)
    category = head.type.category if head.type is not None else decided.category if decided else None
    return Wanted(
        wish=head,
        others=others,
        count=counts.get(head.id, NOTHING),
        listed=_is_listed(head, listings),
        category=category,
        answers=tuple(answers.get(head.id, ())),
        hidden=decided is not None and not decided.listed,
        shown_others=tuple(wish for wish in others if _is_listed(wish, listings)),
    )


def _is_listed(wish: Wish, listings: Mapping[int, WishListing]) -> bool:
    """A stall type always is, unless staff took it out; a word of somebody's own when staff let it in."""
    decided = listings.get(wish.id)
    return decided.listed if decided is not None else wish.type is not None


def _wishes(community: Community) -> list[Wish]:
    query = sa.select(Wish).where(Wish.community_id == community.id).order_by(Wish.id)
    return list(db.session.scalars(query))


def _counts(community: Community, on: date, merged: Mapping[int, int]) -> dict[int, Count]:
    return count_wishes(voices(community, on), _votes(community, on), merged, verdicts(community))


def voices(community: Community, on: date) -> list[Voice]:
    """The voices of the weeks that count on a day."""
    query = (
        sa.select(WishVoice.wish_id, WishVoice.week, WishVoice.phone, WishVoice.network)
        .join(Wish, Wish.id == WishVoice.wish_id)
        .where(Wish.community_id == community.id)
        .where(WishVoice.week >= first_week(on), WishVoice.week <= week_of(on))
    )
    return [Voice(*row) for row in db.session.execute(query)]


def _votes(community: Community, on: date) -> list[Votes]:
    query = (
        sa.select(WishVotes.wish_id, WishVotes.people, WishVotes.kind)
        .join(Wish, Wish.id == WishVotes.wish_id)
        .where(Wish.community_id == community.id, WishVotes.ended_at.is_(None))
        .where(WishVotes.collected_on >= first_week(on), WishVotes.collected_on <= on)
    )
    return [Votes(*row) for row in db.session.execute(query)]


def places_of_votes(community: Community) -> dict[int, list[str]]:
    """Where votes on paper and at doors were collected, by wish, each place once."""
    query = (
        sa.select(WishVotes.wish_id, WishVotes.place)
        .join(Wish, Wish.id == WishVotes.wish_id)
        .where(Wish.community_id == community.id, WishVotes.ended_at.is_(None))
        .order_by(WishVotes.id)
    )
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for wish, place in db.session.execute(query):
        found[wish][place] = None
    return {wish: list(places) for wish, places in found.items()}


def merges_in_force(community: Community) -> dict[int, int]:
    """Which wish means the same as which other."""
    query = (
        sa.select(WishMerge.wish_id, WishMerge.into_id)
        .join(Wish, Wish.id == WishMerge.wish_id)
        .where(Wish.community_id == community.id, WishMerge.ended_at.is_(None))
    )
    return dict(db.session.execute(query).all())


def verdicts(community: Community) -> dict[tuple[date, str], bool]:
    """What staff said last of each network that spoke often."""
    query = sa.select(NetworkVerdict).where(NetworkVerdict.community_id == community.id)
    return {
        (row.week, row.network): row.counts for row in db.session.scalars(query.order_by(NetworkVerdict.id))
    }


def _listings(community: Community) -> dict[int, WishListing]:
    query = sa.select(WishListing).join(WishListing.wish).where(Wish.community_id == community.id)
    return {row.wish_id: row for row in db.session.scalars(query.order_by(WishListing.id))}


def _answers(community: Community) -> dict[int, list[WishAnswer]]:
    query = sa.select(WishAnswer).join(WishAnswer.wish).where(Wish.community_id == community.id)
    query = query.where(WishAnswer.ended_at.is_(None)).order_by(WishAnswer.id.desc())
    found: dict[int, list[WishAnswer]] = defaultdict(list)
    for row in db.session.scalars(query):
        found[row.wish_id].append(row)
    return found


@dataclass(frozen=True)
class BusyNetwork:
    """A network that spoke too often in a week, and what staff said of it."""

    week: date
    network: str
    voices: int
    words: tuple[str, ...]
    """What it asked for, the most frequent first."""
    counts: bool | None


def networks_aside(community: Community, on: date) -> list[BusyNetwork]:
    """What staff should look at: the networks that spoke too often, the newest week first."""
    heard, said = voices(community, on), verdicts(community)
    words = {wish.id: wish.word for wish in _wishes(community)} if heard else {}
    found = [
        BusyNetwork(week, network, often, _asked(heard, week, network, words), said.get((week, network)))
        for (week, network), often in busy_networks(heard).items()
    ]
    return sorted(found, key=lambda one: (-one.week.toordinal(), -one.voices, one.network))


def _asked(heard: Iterable[Voice], week: date, network: str, words: Mapping[int, str]) -> tuple[str, ...]:
    often: dict[str, int] = defaultdict(int)
    for voice in heard:
        if (voice.week, voice.network) == (week, network):
            often[words[voice.wish]] += 1
    return tuple(sorted(often, key=lambda word: (-often[word], word)))


# ── one wish ──────────────────────────────────────────────────────────────────────────────────────────────


def find_wish(community: Community, ref: str) -> Wish:
    wish = db.session.scalar(sa.select(Wish).where(Wish.community_id == community.id, Wish.ref == ref))
    if wish is None:
        raise NotFound("demand.no_wish", _("单子上没有这一样。请回到“想要什么摊位”再看看。"))
    return wish


def wish_meant(community: Community, word: str) -> Wish | None:
    """The wish that a typed word is a name for; None when nobody asked for it yet."""
    query = sa.select(Wish).where(Wish.community_id == community.id, Wish.key == meant_key(word))
    return db.session.scalar(query)


def meant_key(word: str) -> str:
    """By what a word is kept: the stall type's where it is a name for one."""
    known = type_meant(word)
    return key_of_word(known.chinese if known is not None else word)


def suggestions(word: str, lines: Iterable[Wanted]) -> list[Wanted]:
    """Up to three lines that may mean what was typed."""
    known = {line.wish.id: line for line in lines}
    return [
        known[wish] for wish in most_alike(meant_key(word), {i: line.wish.key for i, line in known.items()})
    ]


Done = WishVotes | WishMerge | WishAnswer | WishListing


def history(wish: Wish) -> list[Done]:
    """Everything that staff did about a wish, what was taken back among it, the newest first."""
    of_merge = sa.or_(WishMerge.wish_id == wish.id, WishMerge.into_id == wish.id)
    merges = sa.select(WishMerge).where(of_merge).options(joinedload(WishMerge.person))
    votes = sa.select(WishVotes).where(WishVotes.wish_id == wish.id).options(joinedload(WishVotes.person))
    said = sa.select(WishAnswer).where(WishAnswer.wish_id == wish.id).options(joinedload(WishAnswer.person))
    listed = sa.select(WishListing).where(WishListing.wish_id == wish.id)
    rows: list[Done] = [
        *db.session.scalars(merges.options(joinedload(WishMerge.wish), joinedload(WishMerge.into))),
        *db.session.scalars(votes),
        *db.session.scalars(said),
        *db.session.scalars(listed.options(joinedload(WishListing.person))),
    ]
    return sorted(rows, key=done_at, reverse=True)


def done_at(row: Done) -> datetime:
    """When something was done."""
    if isinstance(row, WishVotes):
        return row.noted_at
    if isinstance(row, WishMerge):
        return row.merged_at
    return row.answered_at if isinstance(row, WishAnswer) else row.decided_at
