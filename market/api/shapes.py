"""What answers look like. The descriptions are those of the OpenAPI document, which is made from here.

Money is in fen, whole numbers; moments are in UTC. A name that is here once stays: programs rely on it.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


@cache
def _said_of() -> dict[str, dict[str, str]]:
    """What stands below each name here, by shape. Read when somebody asks for the document: pydantic would
    look for it at every start, shape by shape (`use_attribute_docstrings`)."""
    module = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    return {node.name: dict(_said_in(node)) for node in module.body if isinstance(node, ast.ClassDef)}


def _said_in(shape: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for name, said in pairwise(shape.body):
        match name, said:
            case ast.AnnAssign(target=ast.Name(id=field)), ast.Expr(value=ast.Constant(value=str(text))):
                yield field, inspect.cleandoc(text)


def _describe(schema: dict[str, Any], shape: type[BaseModel]) -> None:
    """Gives a shape and its names in the document what is said of them."""
    schema.setdefault("description", inspect.getdoc(shape))  # a page of something has the words of all pages
    for one in reversed(shape.__mro__):
        for field, said in _said_of().get(one.__name__, {}).items():
            schema["properties"][field]["description"] = said


class Shape(BaseModel):
    """Anything that is answered."""

    model_config = ConfigDict(frozen=True, json_schema_extra=_describe)


class Page(Shape, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: str | None
    """What to ask for as `cursor` to read on; null at the end of the list."""


class CommunityTold(Shape):
    """A residential community that holds markets."""

    slug: str
    """How it is called in addresses."""
    name: str
    host: str
    """Who holds its markets."""
    phone: str
    """Of its office."""
    zone: str
    """Its time zone, by the IANA name."""
    division: str
    """The 12-digit division code of the region around it."""
    page: str
    """Address of its page for people."""


class MarketTold(Shape):
    """A market day that residents may know of."""

    ref: str
    theme: str
    status: str
    """planned, on, running, over, closed_early, postponed or cancelled."""
    opens_at: datetime
    ends_at: datetime
    place: str
    address: str
    page: str
    """Address of its page for people."""


class StallTold(Shape):
    """A taken stall of a market whose vendors are public."""

    label: str
    """As on the plan; two stalls of one vendor are joined by a plus."""
    vendor: str
    """The name over the stall."""
    category: str
    goods: str


class AccountTold(Shape):
    """What a settled market came to, as far as no single vendor's figure can be told from it."""

    market: str
    """Its reference."""
    vendors: int
    """How many came."""
    visits: int | None
    """As counted at the entrances; null where nobody counted."""
    takings_fen: int | None
    """What vendors said they took; null: only a sum with other markets says it."""
    contribution_fen: int | None
    """What they gave to the fund; null: only a sum with other markets says it."""


class Amount(Shape):
    """One account and what it holds or what happens on it."""

    account: str
    """A code of the chart of accounts."""
    name: str
    fen: int
    """Debit is positive, credit negative."""


class FundTold(Shape):
    """A community's fund and what its accounts hold."""

    name: str
    charity: str
    """Who holds the money."""
    purpose: str
    accounts: list[Amount]
    """What each account holds, as far as it is public: the lines of all entries and sums add up to it."""
    income_fen: int
    spent_fen: int
    at_charity_fen: int
    in_transit_fen: int
    """Given at markets, and not confirmed by the charity yet."""
    entries: int
    head: str
    """Where the journal stands; the same as on printed passes and notices."""


class EntryTold(Shape):
    """One voucher of the book."""

    ref: str
    voucher: str
    sequence: int
    kind: str
    happened_on: date
    memo: str
    lines: list[Amount]
    undoes: str | None
    """The reference of the entry that this one reverses."""
    hash: str
    """SHA-256 over this entry and the hash before it; `bundle.zip` of the fund says how."""


class SumTold(Shape):
    """Entries of several markets that are published as one sum, because too few vendors stand behind each."""

    happened_on: date
    kind: str
    memo: str
    lines: list[Amount]
    markets: list[str]
    entries: int
    """How many stand in it."""


class CountersTold(Shape):
    """What the settled markets of a year came to, or of all years."""

    year: int | None
    markets: int
    vendors: int
    """Different vendors that came at least once."""
    appearances: int
    visits: int
    counted_markets: int
    """At how many of them visits were counted."""
    contribution_fen: int
    items: int
    """Goods given in kind."""


class RegionCountersTold(CountersTold):
    """The figures of one community of a region."""

    community: str
    """How it is called in addresses."""
    name: str


class VenueTold(Shape):
    """A place where markets are held."""

    ref: str
    name: str
    address: str
    stalls: int
    """How many are drawn on its plan."""


class VendorTold(Shape):
    """A vendor of the register, as staff see it; of its number only what is needed to recognise it."""

    ref: str
    trading_name: str
    holder: str
    phone: str
    """With stars in its middle."""
    category: str
    goods: str
    power_w: int
    needs_water: bool
    needs_vehicle: bool
    width_dm: int
    """In tenths of a metre; 0: any stall will do."""
    depth_dm: int
    price_range: str
    open_flame: bool
    gas_bottle: bool
    gas_alarm: bool
    own_tent: bool
    plate: str


class DayTold(Shape):
    """A market day as staff see it, drafts too. Hours are those of the wall there."""

    ref: str
    state: str
    theme: str
    venue: str
    """Reference of the place."""
    on: date
    opens: str
    """As HH:MM; a market that closes earlier than it opens goes on over midnight."""
    closes: str
    arrive_by: str
    apply_from: datetime
    apply_until: datetime
    expected_visitors: int
    stall_limit: int
    has_donation_box: bool


class ApplicationTold(Shape):
    """That a vendor wants to come, and what was said to it."""

    ref: str
    vendor: str
    """Reference of the vendor."""
    state: str
    power_w: int
    double: bool
    """Whether two stalls side by side are asked for."""
    note: str
    submitted_at: datetime


class TakingsTold(Shape):
    """What was sold at a taken stall."""

    stall: str
    """Reference of the taking of this stall, to report with."""
    label: str
    vendor: str
    """Reference of the vendor."""
    takings_fen: int | None
    """Null: nothing was reported, or only the gift."""
    chosen_fen: int | None
    """What the vendor gives this once; null: as agreed."""
    revision: int
    """0 where nothing was reported yet."""
    source: str | None


class CountTold(Shape):
    """How many came in by an entrance in a part of the opening hours."""

    entrance: str
    """Empty where a place has one without a name."""
    slot: int
    starts_at: datetime
    ends_at: datetime
    visits: int | None
    """Null where nobody counted."""


class Mistake(Shape):
    """One thing that is wrong with what was sent."""

    field: str
    detail: str


class Problem(Shape):
    """Why there is no answer (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    """A sentence for people."""
    code: str
    """A stable word for programs."""
    errors: list[Mistake] = []
    """What is wrong, field by field; only where something sent cannot be read."""
