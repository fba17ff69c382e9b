"""How answers are counted, and where a complaint stands: facts in, verdict out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import NamedTuple

OF_ONE_NETWORK = 5
"""The first so many answers of one network count for a market: a family behind one router."""
BUSY = 20
"""A network with more answers than this to one market is set aside, all of it, until staff looked at it."""
MOST_KEPT = 200
"""So many answers of one network are kept for a market; more would say nothing new."""
MOST_PRAISE = 20
"""So many words of praise one network gives for a market."""
MOST_COMPLAINTS = 5
"""So many complaints come from one network on one day; whoever has more to say calls."""
LONGEST_SENTENCE = 60
LONGEST_TEXT = 400
LONGEST_ANSWER = 200
SCORES = range(1, 6)
"""From bad to very good, as on the form on paper."""
CONTENT = 4
"""From this on somebody is content."""


class Way(StrEnum):
    """Through which door something came in."""

    PAGE = "page"
    POSTER = "poster"


class Question(StrEnum):
    """The three taps, in their order."""

    SCORE = "score"
    POINT = "point"
    AGAIN = "again"


class Point(StrEnum):
    """What should become better first."""

    CHOICE = "choice"
    PRICE = "price"
    ORDER = "order"
    CLEAN = "clean"
    NONE = "none"


class Again(StrEnum):
    """Whether somebody comes to the next one."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class Who(StrEnum):
    """Who filled in the form on paper."""

    RESIDENT = "resident"
    VENDOR = "vendor"


class PraiseKind(StrEnum):
    """What a vendor is praised for, in one tap."""

    FAIR = "fair"
    FRESH = "fresh"
    KIND = "kind"
    SKILLED = "skilled"
    HELPFUL = "helpful"


class Voice(NamedTuple):
    """What one phone said of a market."""

    network: str
    score: int
    point: Point | None
    again: Again | None


@dataclass(frozen=True)
class Result:
    """What was said of a market, by phones and on paper."""

    online: int = 0
    paper: int = 0
    aside: int = 0
    scores: Mapping[int, int] | None = None
    points: Mapping[Point, int] | None = None
    agains: Mapping[Again, int] | None = None

    @property
    def total(self) -> int:
        return self.online + self.paper

    @property
    def content(self) -> int:
        """How many were content."""
        return sum(number for score, number in (self.scores or {}).items() if score >= CONTENT)

    @property
    def content_percent(self) -> int:
        return (self.content * 100 + self.total // 2) // self.total if self.total else 0


def busy_networks(voices: Iterable[Voice]) -> dict[str, int]:
    """The networks that answered too often for one market, and how often."""
    often = Counter(voice.network for voice in voices)
    return {network: number for network, number in often.items() if number > BUSY}


def counted(voices: Sequence[Voice], verdicts: Mapping[str, bool]) -> list[Voice]:
    """The answers that count, of all in the order in which they came: the first few of each network, none of
    a busy one, all of one that staff believe."""
    busy, heard, found = busy_networks(voices), Counter[str](), list[Voice]()
    for voice in voices:
        heard[voice.network] += 1
        believed = verdicts.get(voice.network)
        if believed is False or (believed is None and voice.network in busy):
            continue
        if believed or heard[voice.network] <= OF_ONE_NETWORK:
            found.append(voice)
    return found


class Sheet(NamedTuple):
    """One form on paper."""

    score: int
    points: tuple[Point, ...]
    again: Again | None


def result(voices: Sequence[Voice], sheets: Sequence[Sheet], verdicts: Mapping[str, bool]) -> Result:
    """The figures of a market."""
    heard = counted(voices, verdicts)
    points = Counter(v.point for v in heard if v.point is not None)
    points.update(point for sheet in sheets for point in sheet.points)
    again = [*(voice.again for voice in heard), *(sheet.again for sheet in sheets)]
    return Result(
        online=len(heard),
        paper=len(sheets),
        aside=len(voices) - len(heard),
        scores=Counter([*(v.score for v in heard), *(s.score for s in sheets)]),
        points=points,
        agains=Counter(said for said in again if said is not None),
    )


# ── complaints ────────────────────────────────────────────────────────────────────────────────────────────


class About(StrEnum):
    """What a complaint is about."""

    WEIGHT = "weight"
    QUALITY = "quality"
    PRICE = "price"
    MANNERS = "manners"
    CLEANING = "cleaning"
    NOISE = "noise"
    SAFETY = "safety"
    OTHER = "other"


class Door(StrEnum):
    """How a complaint came in."""

    PAGE = "page"
    DESK = "desk"
    PHONE = "phone"


class Rung(IntEnum):
    """Who has to answer."""

    STAFF = 0
    HEAD = 1
    STREET = 2


class Step(StrEnum):
    """What happened to a complaint."""

    ACKNOWLEDGED = "acknowledged"
    TAKEN = "taken"
    """The street took it over: from now on it answers, and the community does not."""
    ANSWERED = "answered"
    AGAIN = "again"
    """Who complained said that nothing is settled."""


class Outcome(StrEnum):
    """What an answer found."""

    CONFIRMED = "confirmed"
    UNFOUNDED = "unfounded"
    UNCLEAR = "unclear"
    AGREED = "agreed"
    """Both sides agreed; nobody says who was right."""


class Stage(StrEnum):
    """Where a complaint stands."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    AGAIN = "again"
    SETTLED = "settled"


OPEN = frozenset({Stage.RECEIVED, Stage.ACKNOWLEDGED, Stage.AGAIN})

IsOff = Callable[[date], bool]
"""Whether nobody works on a date."""


class Clock(NamedTuple):
    """The days of a ladder, as a profile says them."""

    acknowledge: int
    rungs: tuple[int, int, int]
    working: bool
    again: int


class Fact(NamedTuple):
    """A step and its date."""

    step: Step
    on: date


@dataclass(frozen=True)
class Standing:
    """Where a complaint stands on a day."""

    stage: Stage
    rung: Rung
    due: date | None
    """The last day of the rung, or of saying that it is not settled; None when it is over."""
    late: bool
    """Whether the last rung let its day pass too, or nobody said in time that it was received."""
    acknowledge_by: date
    climbed: bool = False
    """Whether a rung let its day pass, or who complained was not content."""

    @property
    def open(self) -> bool:
        return self.stage in OPEN


def due_after(start: date, days: int, is_off: IsOff) -> date:
    """The last day of a term; the day on which it begins does not count, nor those on which nobody works."""
    day = start
    for _each in range(days):
        day += timedelta(days=1)
        while is_off(day):
            day += timedelta(days=1)
    return day


def standing(received: date, facts: Iterable[Fact], rule: Clock, today: date, is_off: IsOff) -> Standing:
    """Where a complaint stands, from what happened to it and the day alone."""
    off = is_off if rule.working else _never
    acknowledge_by = due_after(received, rule.acknowledge, off)
    stage, rung, since = Stage.RECEIVED, Rung.STAFF, received
    for fact in facts:
        if fact.step in (Step.ACKNOWLEDGED, Step.TAKEN):
            stage = Stage.ACKNOWLEDGED if stage is Stage.RECEIVED else stage
            continue
        if stage is not Stage.ANSWERED:  # the clock stands still while an answer waits to be accepted
            rung, _due = _reached(rung, since, fact.on, rule, off)
        if fact.step is Step.ANSWERED:
            stage, since = Stage.ANSWERED, fact.on
        else:
            stage, rung, since = Stage.AGAIN, Rung(min(rung + 1, Rung.STREET)), fact.on
    if stage is Stage.ANSWERED:
        until = since + timedelta(days=rule.again)
        over = today > until
        done = Stage.SETTLED if over else stage
        return Standing(done, rung, None if over else until, False, acknowledge_by, rung > Rung.STAFF)
    rung, due = _reached(rung, since, today, rule, off)
    silent = stage is Stage.RECEIVED and today > acknowledge_by
    return Standing(stage, rung, due, today > due or silent, acknowledge_by, rung > Rung.STAFF)


def _reached(rung: Rung, since: date, on: date, rule: Clock, is_off: IsOff) -> tuple[Rung, date]:
    """Whose turn it is on a day, and until when: each rung begins when the one below let its day pass."""
    due = due_after(since, rule.rungs[rung], is_off)
    while on > due and rung < Rung.STREET:
        rung = Rung(rung + 1)
        due = due_after(due, rule.rungs[rung], is_off)
    return rung, due


def _never(_day: date) -> bool:
    return False


def in_window(market_on: date, days: int, today: date) -> bool:
    """Whether a market can still be spoken of."""
    return market_on <= today <= market_on + timedelta(days=days)


def tally(kinds: Collection[PraiseKind]) -> list[tuple[PraiseKind, int]]:
    """What somebody was praised for, the most frequent first."""
    often = Counter(kinds)
    return sorted(often.items(), key=lambda one: (-one[1], list(PraiseKind).index(one[0])))
