"""Three pictures of the fund with the same numbers as a table: where money came from and went, what was there
at the end of each month, and what was decided against what was paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from market.db import db
from market.fund.models import Fund
from market.fund.published import PublicBook
from market.fund.rules import ProposalState, UseType, money_of, moves_beside
from market.fund.service import proposals
from market.ledger.models import KeptSum
from market.ledger.rules import CHART, Code, Kind

WIDTH, HEIGHT = 340, 150
"""Of a picture, in its own units: a phone shows it in its full size."""
BAR = 34
MONTHS_SHOWN = 24
GAP = 4


class Part(NamedTuple):
    """A piece of a bar, numbered as in the table."""

    number: int
    name: str
    fen: int
    x: float
    width: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def has_room(self) -> bool:
        """Whether its number can be read inside it."""
        return self.width >= 14


@dataclass(frozen=True)
class Flow:
    """Where all money came from, and where it is: both bars are as long."""

    came: list[Part]
    went: list[Part]

    @property
    def total_fen(self) -> int:
        return sum(part.fen for part in self.came)


def flow_of(seen: PublicBook) -> Flow:
    """All money since the fund began, as far as it is public."""
    sums = seen.balances()
    beside = moves_beside(sums)
    came = [(CHART[code].name, fen) for code, fen in money_of(sums, Kind.INCOME).items()]
    came += [(CHART[code].name, fen) for code, fen in beside.items() if fen > 0]
    went = [(CHART[code].name, fen) for code, fen in money_of(sums, Kind.EXPENSE).items()]
    went += [(CHART[code].name, -fen) for code, fen in beside.items() if fen < 0]
    went.append((CHART[Code.AT_CHARITY].name, sums.get(Code.AT_CHARITY, 0)))
    return Flow(parts(came, 1), parts(went, len([fen for _name, fen in came if fen > 0]) + 1))


def parts(amounts: Iterable[tuple[str, int]], first: int) -> list[Part]:
    """Pieces of a bar of the whole width, as long as what they stand for; nothing is no piece."""
    known = [(name, fen) for name, fen in amounts if fen > 0]
    total, found, x = sum(fen for _name, fen in known), [], 0.0
    for number, (name, fen) in enumerate(known, first):
        width = round(fen * WIDTH / total, 2)
        found.append(Part(number, name, fen, round(x, 2), width))
        x += width
    return found


class Month(NamedTuple):
    """What lay at the charity at the end of a month."""

    month: str
    fen: int
    x: float
    y: float
    width: float
    height: float


def months_of(fund: Fund, seen: PublicBook) -> list[Month]:
    """The newest months in which anything moved or nothing did, the oldest first."""
    moved: Counter[str] = Counter()
    query = sa.select(KeptSum.month, sa.func.sum(KeptSum.amount_fen)).where(
        KeptSum.book_id == fund.book_id, KeptSum.account == Code.AT_CHARITY.value
    )
    for month, fen in db.session.execute(query.group_by(KeptSum.month)):
        moved[month] += int(fen)
    held_back = [(thing.happened_on, thing.lines, -1) for thing in seen.hidden.values()]
    together = [(line.happened_on, line.lines, 1) for line in seen.joint]
    for on, lines, sign in (*held_back, *together):
        at_charity = sum(line.amount_fen for line in lines if line.account == Code.AT_CHARITY)
        moved[f"{on:%Y-%m}"] += sign * at_charity
    return columns(running(moved)[-MONTHS_SHOWN:])


def running(moved: Counter[str]) -> list[tuple[str, int]]:
    """What was there at the end of every month from the first that moved to the last."""
    found, held = [], 0
    for month in _between(min(moved), max(moved)) if moved else ():
        held += moved[month]
        found.append((month, held))
    return found


def _between(first: str, last: str) -> Iterable[str]:
    year, month = (int(part) for part in first.split("-"))
    while (name := f"{year:04d}-{month:02d}") <= last:
        yield name
        year, month = year + month // 12, month % 12 + 1


def columns(held: Sequence[tuple[str, int]]) -> list[Month]:
    """A column for each month, the highest as high as the picture."""
    most = max([fen for _month, fen in held] or [0]) or 1
    step = WIDTH / max(len(held), 1)
    found = []
    for place, (month, fen) in enumerate(held):
        height = round(max(fen, 0) * HEIGHT / most, 1)
        x, width = round(place * step, 1), round(max(step - GAP, 1), 1)
        found.append(Month(month, fen, x, round(HEIGHT - height, 1), width, height))
    return found


class Plan(NamedTuple):
    """What the committee decided on for one sort of use, and what of it was paid."""

    use: UseType
    planned_fen: int
    paid_fen: int
    planned_width: float
    paid_width: float


def plans_of(fund: Fund) -> list[Plan]:
    """By use, what was decided and not taken back, against what was paid."""
    planned: Counter[UseType] = Counter()
    paid: Counter[UseType] = Counter()
    for one in proposals(fund):
        if one.payment is not None:
            paid[one.use_type] += one.amount_fen
        if one.payment is not None or one.state is ProposalState.APPROVED:
            planned[one.use_type] += one.amount_fen
    most = max([*planned.values(), *paid.values(), 1])
    return [
        Plan(use, planned[use], paid[use], _width(planned[use], most), _width(paid[use], most))
        for use in UseType
        if planned[use] or paid[use]
    ]


def _width(fen: int, most: int) -> float:
    return round(fen * WIDTH / most, 1)
