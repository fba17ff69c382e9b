"""The files of the demo year, read into rows with types."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from market import clock
from market.money import parse_yuan
from market.settlement.rules import Terms, TermsKind
from market.vendors.rules import Category

DATA = Path(__file__).parent / "data"
ZONE = "Asia/Shanghai"


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


@dataclass(frozen=True)
class VendorRow:
    """A vendor and what was agreed before the season."""

    code: str
    trading_name: str
    holder: str
    category: Category
    goods: str
    phone: str
    power_w: int
    terms: Terms
    registered_on: date


@dataclass(frozen=True)
class ApplicationRow:
    """What became of one application."""

    vendor: str
    review: str
    placement: str
    attendance: str
    arrived_at: time | None
    takings_fen: int | None
    contribution_fen: int

    @property
    def refused_because(self) -> str:
        """Why the review said no; empty when it said yes."""
        return self.review.partition("rejected: ")[2]


@dataclass(frozen=True)
class CountRow:
    """Visits counted at one entrance in one slot."""

    entrance: str
    slot: int
    visits: int
    method: str


@dataclass(frozen=True)
class GoodsRow:
    """Goods given in kind."""

    vendor: str
    goods: str
    items: int


@dataclass(frozen=True)
class CorrectionRow:
    """A takings report that was wrong, found after the market was settled."""

    vendor: str
    note: str
    first_fen: int
    right_fen: int
    first_contribution_fen: int


@dataclass(frozen=True)
class MarketRow:
    """A market day with everything that happened on it, and the totals it must come to."""

    number: int
    on: date
    open_at: time
    close_at: time
    theme: str
    stalls_open: int
    vendors: int
    visits: int
    takings_fen: int
    contribution_fen: int
    items: int
    story: str
    applications: tuple[ApplicationRow, ...]
    counts: tuple[CountRow, ...]
    goods: tuple[GoodsRow, ...]
    corrections: tuple[CorrectionRow, ...]

    def moment(self, wall: time) -> datetime:
        """A time on the wall on the day of the market."""
        return clock.at_local(self.on, wall, ZONE)


@dataclass(frozen=True)
class SpendingRow:
    """A decision of the committee and its payment."""

    purpose: str
    amount_fen: int
    decided_on: date
    paid_on: date


def vendors() -> list[VendorRow]:
    """Every vendor, in the order of registration."""
    return [
        VendorRow(
            code=row["vendor"],
            trading_name=row["trading_name"],
            holder=row["holder"],
            category=Category(row["category"]),
            goods=row["goods"],
            phone=row["phone"],
            power_w=round(float(row["power_kw"]) * 1000),
            terms=_terms(row),
            registered_on=date.fromisoformat(row["registered_on"]),
        )
        for row in _rows("vendors")
    ]


def _terms(row: dict[str, str]) -> Terms:
    kind = TermsKind(row["agreement"])
    percent = round(float(row["percent"] or 0) * 100)
    return Terms(kind, basis_points=percent, fixed_fen=_fen(row["fixed_yuan"] or "0"))


def _fen(yuan: str) -> int:
    return parse_yuan(yuan)


def markets() -> list[MarketRow]:
    """Every market day, in order."""
    return [
        MarketRow(
            number=int(row["market"]),
            on=date.fromisoformat(row["date"]),
            open_at=time.fromisoformat(row["open_at"]),
            close_at=time.fromisoformat(row["close_at"]),
            theme=row["theme"],
            stalls_open=int(row["stalls_open"]),
            vendors=int(row["vendors"]),
            visits=int(row["visits"]),
            takings_fen=_fen(row["takings_yuan"]),
            contribution_fen=int(row["contribution_fen"]),
            items=int(row["items"]),
            story=row["story"],
            applications=tuple(_applications(row["market"])),
            counts=tuple(_counts(row["market"])),
            goods=tuple(_goods(row["market"])),
            corrections=tuple(_corrections(row["market"])),
        )
        for row in _rows("markets")
    ]


def _applications(market: str) -> Iterator[ApplicationRow]:
    for row in _rows("applications"):
        if row["market"] == market:
            yield ApplicationRow(
                vendor=row["vendor"],
                review=row["review"],
                placement=row["placement"],
                attendance=row["attendance"],
                arrived_at=time.fromisoformat(row["arrived_at"]) if row["arrived_at"] else None,
                takings_fen=_fen(row["takings_yuan"]) if row["takings_yuan"] else None,
                contribution_fen=int(row["contribution_fen"] or 0),
            )


def _counts(market: str) -> Iterator[CountRow]:
    for row in _rows("footfall"):
        if row["market"] == market:
            yield CountRow(row["entrance"], int(row["slot"]), int(row["count"]), row["method"])


def _goods(market: str) -> Iterator[GoodsRow]:
    for row in _rows("goods"):
        if row["market"] == market:
            yield GoodsRow(row["vendor"], row["goods"], int(row["items"]))


def _corrections(market: str) -> Iterator[CorrectionRow]:
    for row in _rows("corrections"):
        if row["market"] == market:
            yield CorrectionRow(
                row["vendor"],
                row["note"].replace(",", "，"),  # a comma of the file's, read by residents
                _fen(row["first_reported_yuan"]),
                _fen(row["corrected_yuan"]),
                int(row["first_contribution_fen"]),
            )


def spending() -> list[SpendingRow]:
    """What the fund was used for, in order."""
    return [
        SpendingRow(
            row["purpose"],
            int(row["amount_fen"]),
            date.fromisoformat(row["decided_on"]),
            date.fromisoformat(row["paid_on"]),
        )
        for row in _rows("spending")
    ]
