"""Many past markets like one that the services made: its rows written again, a day earlier each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.db import Model, db
from market.fund.models import Fund, Remittance
from market.settlement.models import Settlement, SettlementLine
from market.stalls.models import Assignment
from market.vendors.models import Application
from tests.factories.settlement import settled_market

TAKINGS = (90_000, 82_010, 70_000, 60_000)
FEW_EVERY = 10
"""Each tenth market has two givers only, so that it is published in a sum with others."""

Row = dict[str, Any]


class Past(NamedTuple):
    """A market that is there, and what it gave."""

    number: int
    ref: str
    day_id: int
    settlement_id: int
    fen: int


def pattern(community: Any, by: Any) -> Settlement:
    """The one that the others are like."""
    return settled_market(community, by, TAKINGS)


def past_markets(one: Settlement, count: int) -> list[Past]:
    """So many of them before it; their entries are still to be posted."""
    day, closed, found = _row(one.day), _row(one), []
    lines = [(_row(line), _row(line.assignment), _row(line.assignment.application)) for line in one.lines]
    rows: dict[type[Model], list[Row]] = {MarketDay: [], Application: [], Assignment: [], Settlement: []}
    rows[SettlementLine] = []
    for number in range(1, count + 1):
        past = Past(number, f"m{number:09d}", 10_000_000 + number, 10_000_000 + number, 0)
        fen = 0
        rows[MarketDay].append({**_earlier(day, number), "id": past.day_id, "ref": past.ref})
        for place, (line, held, asked) in enumerate(lines):
            id_ = 100_000_000 + 10 * number + place
            named = {"id": id_, "ref": f"a{id_}"}
            rows[Application].append({**asked, **named, "day_id": past.day_id})
            rows[Assignment].append({**held, **named, "day_id": past.day_id, "application_id": id_})
            gift = 0 if number % FEW_EVERY == 0 and place > 1 else line["contribution_fen"]
            fen += gift
            of_line = {"id": id_, "settlement_id": past.settlement_id, "assignment_id": id_}
            rows[SettlementLine].append({**line, **of_line, "contribution_fen": gift})
        own = {"id": past.settlement_id, "ref": past.ref, "day_id": past.day_id, "entry_id": None}
        rows[Settlement].append({**closed, **own, "contribution_fen": fen})
        found.append(past._replace(fen=fen))
    for model, some in rows.items():
        db.session.execute(sa.insert(model), some)
    return found


def _row(one: Model) -> Row:
    return {column.key: getattr(one, column.key) for column in sa.inspect(type(one)).column_attrs}


def _earlier(row: Row, days: int) -> Row:
    back = timedelta(days=days)
    return {name: value - back if isinstance(value, datetime) else value for name, value in row.items()}


def arrived(fund: Fund, at: datetime, past: Past, given: int, came: int) -> None:
    """The two entries of a market are posted: what it gave, and that it came."""
    closed = Settlement.__table__
    posted = sa.update(closed).where(closed.c.id == past.settlement_id).values(entry_id=given)  # type: ignore[arg-type]  # a table
    db.session.execute(posted)
    named = {"fund_id": fund.id, "day_id": past.day_id, "amount_fen": past.fen, "entry_id": came}
    told = {"reference": past.ref, "confirmed_by": fund.book.opened_by, "confirmed_at": at}
    db.session.execute(sa.insert(Remittance), [{**named, **told}])
