"""The book as everybody may see it: what would give one vendor's figure away stands in a sum."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from flask import current_app

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import profile_of
from market.db import db
from market.ledger import service as ledger
from market.ledger.models import Book, Entry
from market.ledger.queries import find_book
from market.ledger.rules import Code, EntryKind, Line, balances
from market.revisions import state_seen
from market.settlement import service as settlement
from market.settlement.models import Settlement, SettlementLine
from market.settlement.publishing import Pool, Told, pools, shown_alone
from market.stalls.models import Assignment


class Withheld(NamedTuple):
    """A voucher that is not shown by itself."""

    sequence: int
    ref: str
    salt: str | None
    happened_on: date
    lines: tuple[Line, ...]
    is_gift: bool
    """Whether it is a market's contribution, or undoes one."""

    @classmethod
    def of(cls, entry: Entry) -> Withheld:
        gift = (entry.reverses or entry).kind is EntryKind.CONTRIBUTION
        return cls(entry.sequence, entry.ref, entry.salt, entry.happened_on, entry.lines, gift)


class JointDay(NamedTuple):
    """One of the markets behind a sum."""

    id: int
    ref: str
    theme: str


@dataclass(frozen=True)
class JointLine:
    """Vouchers of several markets as one sum."""

    happened_on: date
    kind: EntryKind
    """Contribution: what was given. Remittance: what the charity then received or gave back."""
    lines: tuple[Line, ...]
    days: tuple[JointDay, ...]
    entries: int

    @property
    def contribution_fen(self) -> int:
        """What it adds to what markets contributed."""
        own = [line.amount_fen for line in self.lines if line.account == Code.TRANSFER_PENDING]
        return sum(own) if self.kind is EntryKind.CONTRIBUTION else 0


@dataclass(frozen=True)
class MarketFigures:
    """What may be said of one market."""

    contribution_fen: int | None
    """None: only a sum with other markets says it, or will."""
    takings_fen: int | None
    corrected: bool = False
    """Whether there was a correction that stands in a sum with others only."""
    groups: bool = False
    """Whether totals by category may be said: what was given at first, and never corrected."""


@dataclass
class PublicBook:
    """What of a community's book is public, and how."""

    community: Community
    book: Book | None
    figures: dict[int, MarketFigures] = field(default_factory=dict)
    """By day; only markets for which something is held back."""
    silent: set[int] = field(default_factory=set)
    """Revisions whose contribution stands in a sum with others only, by id."""
    sold: dict[int, int | None] = field(default_factory=dict)
    """By day: of which revision the takings may be said, None of none."""
    hidden: dict[int, Withheld] = field(default_factory=dict)
    """Vouchers that are not shown by themselves, by id."""
    loaded: list[Entry] = field(default_factory=list)
    """Their rows, as long as the request lasts: what asks for one of them later finds it there."""
    joint: list[JointLine] = field(default_factory=list)
    aside: Counter[str] = field(default_factory=Counter)
    """`set_aside` of all time, added up once: pages ask for it each time they are made."""
    market_count: int = 0
    given_fen: int = 0
    """What all of these markets gave, as it counts now."""
    withheld_fen: int = 0
    """What is not said of single markets, of what they gave as it counts now."""
    waiting: int = 0
    """How many vouchers are in no sum yet, because too few vendors would be in it."""

    def of(self, closed: Settlement) -> MarketFigures:
        """What may be said of a market."""
        plain = MarketFigures(closed.contribution_fen, closed.takings_fen, groups=closed.revision == 1)
        return self.figures.get(closed.day_id, plain)

    def of_revision(self, one: Settlement) -> MarketFigures:
        """What may be said of one revision of a market."""
        if one.day_id not in self.figures:
            return self.of(one)
        given = None if one.id in self.silent else one.contribution_fen
        sold = one.takings_fen if self.sold[one.day_id] == one.id else None
        return MarketFigures(given, sold, groups=self.figures[one.day_id].groups)

    def balances(self, until: date | None = None, since: date | None = None) -> dict[str, int]:
        """What the accounts hold, or moved between two dates, as far as it is public."""
        if self.book is None:
            return {}
        sums = Counter(ledger.balances(self.book, until, since))
        sums.update(self.aside if since is None and until is None else self.set_aside(since, until))
        return {code: sums[code] for code in sorted(sums)}

    def set_aside(self, since: date | None = None, until: date | None = None) -> Counter[str]:
        """By how much what is public of each account is another than what it holds, or moved meanwhile."""
        sums: Counter[str] = Counter()
        for line in self._lines(self.hidden.values(), since, until):
            sums[line.account] -= line.amount_fen
        for line in self._lines(self.joint, since, until):
            sums[line.account] += line.amount_fen
        return sums

    def contributed(self, since: date | None = None, until: date | None = None) -> int:
        """What markets contributed between two dates, both included, as far as it is public."""
        if self.book is None:
            return 0
        held_back = (entry for entry in self.hidden.values() if entry.is_gift)
        pending = (
            line.amount_fen
            for line in self._lines(held_back, since, until)
            if line.account == Code.TRANSFER_PENDING
        )
        together = (line.contribution_fen for line in self.joint if _within(line.happened_on, since, until))
        return ledger.contributed(self.book, since, until) - sum(pending) + sum(together)

    def _lines(
        self, things: Iterable[Withheld | JointLine], since: date | None, until: date | None
    ) -> Iterator[Line]:
        for thing in things:
            if _within(thing.happened_on, since, until):
                yield from thing.lines

    def newest(self, limit: int) -> list[Entry]:
        """The newest vouchers that are shown by themselves."""
        withheld = {entry.sequence for entry in self.hidden.values()}
        return ledger.newest_entries(self.book, limit, withheld) if self.book is not None else []


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)


def public_book(community: Community) -> PublicBook:
    """What everybody may see of a community's markets and its fund.

    It is worked out once for a state of what is public, for whatever pages are made of it.
    """
    seen, book = state_seen(), find_book(community)
    if seen is None:
        return _worked_out(community, book)
    known: dict[int, tuple[object, PublicBook]] = current_app.extensions.setdefault(KNOWN, {})
    state, there = (seen, book.head_hash if book is not None else ""), known.get(community.id)
    if there is not None and there[0] == state:
        return replace(there[1], community=community, book=book)
    found = _worked_out(community, book)
    if len(known) >= MOST_KNOWN:
        known.clear()
    # without the rows, which belong to this request
    known[community.id] = state, replace(found, community=cast("Community", None), book=None, loaded=[])
    return found


KNOWN = "public_books"
MOST_KNOWN = 64
"""Communities whose public book is kept by a process."""


def _worked_out(community: Community, book: Book | None) -> PublicBook:
    smallest = profile_of(community).disclosure.smallest_group
    found = PublicBook(community, book)
    found.market_count, found.given_fen = _all_markets(community)
    if not _any_small(community, smallest):
        return found
    revisions = _revisions(community)
    told, members = _told(revisions)
    sums = pools(told, smallest)
    _say_figures(found, revisions, members, sums, smallest)
    if found.book is not None:
        _Telling(found, found.book, members, sums).run()
        found.aside = found.set_aside()
    return found


def newest_settlements(community_id: int) -> sa.Select[Any]:
    """The settlements of a community that count, by id: the newest of each market."""
    every = sa.select(sa.func.max(Settlement.id)).where(Settlement.community_id == community_id)
    return every.group_by(Settlement.day_id)


def _all_markets(community: Community) -> tuple[int, int]:
    """How many markets were settled, and what they gave."""
    fen = sa.func.coalesce(sa.func.sum(Settlement.contribution_fen), 0)
    query = sa.select(sa.func.count(), fen).where(Settlement.id.in_(newest_settlements(community.id)))
    count, given = db.session.execute(query).one()
    return int(count), int(given)


def _any_small(community: Community, smallest: int) -> bool:
    """Whether any market had so few givers or sellers, or was corrected, that something is held back."""
    gives, sells = SettlementLine.contribution_fen > 0, SettlementLine.takings_fen > 0
    vendors = [sa.func.count(sa.distinct(sa.case((has, Assignment.vendor_id)))) for has in (gives, sells)]
    query = (
        sa.select(Settlement.id)
        .outerjoin(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .outerjoin(Assignment, Assignment.id == SettlementLine.assignment_id)
        .where(Settlement.community_id == community.id)
        .group_by(Settlement.id, Settlement.revision)
        .having(sa.or_(Settlement.revision > 1, *(counted < smallest for counted in vendors)))
    )
    return db.session.scalar(query.limit(1)) is not None


@dataclass(frozen=True)
class _Revision:
    """One revision with the figures of its vendors."""

    id: int
    day_id: int
    entry_id: int | None
    gifts: Counter[int]
    takings: Counter[int]


def _revisions(community: Community) -> list[_Revision]:
    """Every revision of every market, in the order in which they were settled."""
    query = (
        sa.select(
            Settlement.id,
            Settlement.day_id,
            Settlement.entry_id,
            Assignment.vendor_id,
            SettlementLine.contribution_fen,
            SettlementLine.takings_fen,
        )
        .outerjoin(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .outerjoin(Assignment, Assignment.id == SettlementLine.assignment_id)
        .where(Settlement.community_id == community.id)
        .order_by(Settlement.id)
    )
    found: dict[int, _Revision] = {}
    for id_, day_id, entry_id, vendor_id, gift, takings in db.session.execute(query):
        revision = found.setdefault(id_, _Revision(id_, day_id, entry_id, Counter(), Counter()))
        if vendor_id is not None:
            revision.gifts[vendor_id] += gift
            revision.takings[vendor_id] += takings
    return list(found.values())


def _told(revisions: Sequence[_Revision]) -> tuple[list[Told], list[list[_Revision]]]:
    """What is told of gifts, and the revisions behind each; one that changed no gift goes with the last."""
    told: list[Told] = []
    behind: list[list[_Revision]] = []
    newest: dict[int, int] = {}
    for revision in revisions:
        last = newest.get(revision.day_id)
        if last is not None and told[last].figures == revision.gifts:
            behind[last].append(revision)
            continue
        newest[revision.day_id] = len(told)
        told.append(Told(revision.day_id, revision.gifts))
        behind.append([revision])
    return told, behind


def _say_figures(
    found: PublicBook,
    revisions: Sequence[_Revision],
    members: Sequence[Sequence[_Revision]],
    sums: Sequence[Pool],
    smallest: int,
) -> None:
    by_day: defaultdict[int, list[_Revision]] = defaultdict(list)
    for revision in revisions:
        by_day[revision.day_id].append(revision)
    alone: dict[int, int] = {}
    mixed: set[int] = set()
    for pool in sums:
        for member in pool.members:
            newest = members[member][-1]
            if pool.joint:
                mixed.add(newest.day_id)
                found.silent.update(revision.id for revision in members[member])
            else:
                alone[newest.day_id] = newest.gifts.total()
    for day_id, of_day in by_day.items():
        found.withheld_fen += of_day[-1].gifts.total() - alone.get(day_id, 0)
        sold = shown_alone([revision.takings for revision in of_day], smallest)
        found.sold[day_id] = None if sold is None else of_day[sold].id
        found.figures[day_id] = MarketFigures(
            alone.get(day_id),
            None if sold is None else of_day[sold].takings.total(),
            corrected=day_id in mixed,
            groups=day_id in alone and day_id not in mixed and len(of_day) == 1,
        )


class _Telling:
    """Goes through the vouchers of the markets in joint sums, and finds when a sum can be told.

    What was given is told when the last revision of its sum is posted. What the charity then received or gave
    back is told when nothing of those markets is on its way or owed: until then it would say the parts.
    """

    def __init__(
        self,
        found: PublicBook,
        book: Book,
        members: Sequence[Sequence[_Revision]],
        sums: Sequence[Pool],
    ) -> None:
        self.found, self.book = found, book
        self.pool_of: dict[int, Pool] = {}
        """By the revision's entry, and by the entry that its reversal undoes."""
        self.by_revision = {
            revision.id: pool for pool in sums for member in pool.members for revision in members[member]
        }
        self.of_day: defaultdict[int, list[_Revision]] = defaultdict(list)
        for of_member in members:
            for revision in of_member:
                self.of_day[revision.day_id].append(revision)
        self.mixed = {members[member][0].day_id for pool in sums if pool.joint for member in pool.members}
        self.positions: dict[int, Counter[str]] = {}
        self.open: dict[int, set[int]] = {}
        """Which entries of a sum are still to come, by the sum."""
        self.gifts: defaultdict[int, list[Entry]] = defaultdict(list)
        self.moved: list[Entry] = []
        self.days: dict[str, MarketDay] = {}
        self.last: dict[int, Pool] = {}

    def run(self) -> None:
        entries = sorted(self._entries(), key=lambda pair: pair[1].sequence)
        self._expect()
        for day_id, entry in entries:
            self._go_on(day_id, entry)
        waiting = [entry for gifts in self.gifts.values() for entry in gifts] + self.moved
        self.found.waiting = len(waiting)

    def _entries(self) -> Iterator[tuple[int, Entry]]:
        self.days = {day.ref: day for day in _days(self.mixed)}
        for entry in settlement.entries_of_markets(self.book, list(self.days.values())):
            yield self.days[_market_of(entry)].id, entry

    def _expect(self) -> None:
        """Which sum each entry of a contribution belongs to, and what each sum waits for."""
        for day_id in self.mixed:
            before: _Revision | None = None
            for revision in sorted(self.of_day[day_id], key=lambda one: one.id):
                pool = self.by_revision[revision.id]
                if before is not None and before.entry_id is not None:
                    self.pool_of[-before.entry_id] = pool
                    self.open.setdefault(id(pool), set()).add(-before.entry_id)
                if revision.entry_id is not None:
                    self.pool_of[revision.entry_id] = pool
                    self.open.setdefault(id(pool), set()).add(revision.entry_id)
                before = revision

    def _go_on(self, day_id: int, entry: Entry) -> None:
        mark = -entry.reverses_id if entry.reverses_id is not None else entry.id
        pool = self.pool_of.get(mark) or self.last.get(day_id)
        position = self.positions.setdefault(day_id, Counter())
        for line in entry.lines:
            position[line.account] += line.amount_fen
        if pool is None:
            return
        self.last[day_id] = pool
        if not pool.joint:
            return
        self.found.hidden[entry.id] = Withheld.of(entry)
        self.found.loaded.append(entry)
        if mark in self.pool_of:
            self.gifts[id(pool)].append(entry)
            self.open[id(pool)].discard(mark)
            if pool.complete and not self.open[id(pool)]:
                self._tell(self.gifts.pop(id(pool)), EntryKind.CONTRIBUTION)
        else:
            self.moved.append(entry)
        if self.moved and not self.gifts and self._all_final():
            self._tell(self.moved, EntryKind.REMITTANCE)
            self.moved = []

    def _all_final(self) -> bool:
        under_way = (Code.TRANSFER_PENDING, Code.UNCONFIRMED, Code.REFUNDABLE)
        joint = {day_id for day_id, pool in self.last.items() if pool.joint}
        return not any(self.positions[day_id][code] for day_id in joint for code in under_way)

    def _tell(self, entries: Sequence[Entry], kind: EntryKind) -> None:
        sums = balances(line for entry in entries for line in entry.lines)
        lines = tuple(Line(code, fen) for code, fen in sums.items() if fen)
        named = (self.days[ref] for ref in dict.fromkeys(map(_market_of, entries)))
        days = tuple(JointDay(day.id, day.ref, day.theme) for day in named)
        newest = max(entries, key=lambda entry: entry.sequence)
        self.found.joint.append(JointLine(newest.happened_on, kind, lines, days, len(entries)))


def _days(ids: Iterable[int]) -> Iterator[MarketDay]:
    every = sorted(ids)
    for start in range(0, len(every), DAYS_AT_ONCE):
        some = every[start : start + DAYS_AT_ONCE]
        yield from db.session.scalars(sa.select(MarketDay).where(MarketDay.id.in_(some)))


DAYS_AT_ONCE = 500


def _market_of(entry: Entry) -> str:
    """The reference of the market that an entry is of: `settlement:<ref>:2`."""
    return (entry.reverses or entry).source.split(":")[1]
