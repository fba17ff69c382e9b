"""The three-way close: assigned × scanned × reported, side by side, and the exceptions by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db, lock_row
from market.errors import Refusal
from market.gate import service as gate
from market.gate.models import Scan
from market.gate.service import Footfall
from market.people.models import User
from market.settlement.models import CloseWaiver, InKindItem, TakingsReport
from market.settlement.rules import (
    NO_TERMS,
    CloseFault,
    CloseGap,
    Completeness,
    StallFactsAtClose,
    TakingsSource,
    Terms,
    close_fault,
    close_faults,
    close_gaps,
    share,
)
from market.settlement.service import queries
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors.rules import BENEFIT_CATEGORIES

CLOSE_STATES = (DayState.CLOSED, DayState.SETTLING)
"""States in which a market is settled: it has ended, and its money is not in the book yet."""


@dataclass(frozen=True)
class CloseRow:
    """One stall at the close."""

    assignment: Assignment
    scan: Scan | None
    report: TakingsReport | None
    terms: Terms
    waivers: tuple[CloseWaiver, ...] = ()
    agreed: bool = True
    """Whether the vendor had signed anything before the opening."""

    @property
    def takings_fen(self) -> int:
        return self.report.takings_fen if self.report else 0

    @property
    def gift_only(self) -> bool:
        """Whether only the gift was told."""
        return self.report is not None and self.report.gift_only

    @property
    def chosen_fen(self) -> int | None:
        """What the vendor chose to give this once; without an agreement there is no gift to choose."""
        return self.report.chosen_fen if self.report and self.agreed else None

    @property
    def contribution_fen(self) -> int:
        """What this vendor gives; without a report nothing."""
        return share(self.takings_fen, self.terms, self.chosen_fen)

    @property
    def fault(self) -> CloseFault | None:
        """What does not agree and is neither resolved nor accepted."""
        return close_fault(self.facts())

    @property
    def faults(self) -> list[CloseFault]:
        """The same, all of them."""
        return close_faults(self.facts())

    def facts(self) -> StallFactsAtClose:
        return StallFactsAtClose(
            vendor_ref=self.assignment.vendor.ref,
            scanned=self.scan is not None,
            takings_fen=self.report.takings_fen if self.report else None,
            contribution_fen=self.contribution_fen,
            waived=frozenset(waiver.fault for waiver in self.waivers),
            sells=self.assignment.vendor.category not in BENEFIT_CATEGORIES,
            gift_only=self.gift_only,
        )


@dataclass(frozen=True)
class CloseView:
    """A market day as it stands before it is settled: rows in stall order, goods, visits, totals."""

    day: MarketDay
    rows: list[CloseRow]
    goods: list[InKindItem] = field(default_factory=list)
    footfall: Footfall | None = None
    absent: list[Assignment] = field(default_factory=list)
    """Who was marked as not come, while that can be taken back."""

    @property
    def visits(self) -> int:
        return self.footfall.visits() if self.footfall else 0

    @property
    def counted(self) -> int | None:
        """Visits; None: nobody counted."""
        return self.footfall.counted if self.footfall else None

    @property
    def gaps(self) -> list[tuple[CloseGap, int]]:
        """What is missing and may stay so."""
        reports = [row.report for row in self.rows if row.report is not None]
        sheet = self.footfall
        return close_gaps(
            Completeness(
                counted_cells=len(sheet.counts) if sheet else 0,
                uncounted_cells=sheet.uncounted_cells if sheet else 0,
                without_takings=sum(row.facts().sells and row.report is None for row in self.rows),
                gift_only=sum(row.gift_only for row in self.rows),
                estimated=sum(report.source is TakingsSource.ESTIMATED for report in reports),
                not_scanned=self.assigned - self.scanned,
            )
        )

    @property
    def assigned(self) -> int:
        return len(self.rows)

    @property
    def scanned(self) -> int:
        return sum(row.scan is not None for row in self.rows)

    @property
    def reported(self) -> int:
        return sum(row.report is not None for row in self.rows)

    @property
    def faults(self) -> list[CloseRow]:
        """The rows that somebody still has to look at."""
        return [row for row in self.rows if row.fault is not None]

    @property
    def takings_fen(self) -> int:
        return sum(row.takings_fen for row in self.rows)

    @property
    def contribution_fen(self) -> int:
        return sum(row.contribution_fen for row in self.rows)

    @property
    def items(self) -> int:
        return sum(item.items for item in self.goods)


def close_view(day: MarketDay) -> CloseView:
    """The three counts of every stall that is held, with the terms that were in force at the opening."""
    held = stalls.assignments(day)
    scans, reports, waivers = gate.attendance(day), queries.reports(day), queries.waivers(day)
    agreed = queries.agreed_for(day, [assignment.vendor_id for assignment in held])
    rows = [
        CloseRow(
            assignment,
            scans.get(assignment.id),
            reports[assignment.vendor_id][-1] if assignment.vendor_id in reports else None,
            agreed.get(assignment.vendor_id, NO_TERMS),
            tuple(waivers.get(assignment.id, ())),
            assignment.vendor_id in agreed,
        )
        for assignment in held
    ]
    return CloseView(day, rows, queries.goods(day), gate.footfall(day), stalls.absent(day))


def waive_fault(
    assignment: Assignment, fault: CloseFault, reason: str, *, by: User, at: datetime
) -> CloseWaiver:
    """Accepts an exception by name, with the reason; twice is once.

    Refuses `settlement.no_such_fault` when that is not what is wrong with the stall (any more).
    """
    day = assignment.day
    lock_row(day)
    check_closing(day)
    earlier = db.session.scalar(
        sa.select(CloseWaiver).where(CloseWaiver.assignment_id == assignment.id, CloseWaiver.fault == fault)
    )
    if earlier is not None:
        return earlier
    if not reason.strip():
        raise Refusal("settlement.reason_missing", _("请写一句为什么可以认下，公示和审计时要看。"), 422)
    row = next((row for row in close_view(day).rows if row.assignment.id == assignment.id), None)
    if row is None or row.fault is not fault:
        raise Refusal("settlement.no_such_fault", _("这一处已经有人处理过了，请刷新后再看。"))
    waiver = CloseWaiver(
        day_id=day.id,
        assignment_id=assignment.id,
        fault=fault,
        reason=reason.strip(),
        person=by,
        waived_at=at,
    )
    db.session.add(waiver)
    db.session.flush()
    audit.record("settlement.waive_fault", assignment, by=by, at=at, fault=fault.value, reason=waiver.reason)
    return waiver


def mark_absent(assignment: Assignment, *, by: User, at: datetime) -> None:
    """The vendor did not come: the stall is given back as a no-show, and nothing is expected of it."""
    lock_row(assignment.day)
    check_closing(assignment.day)
    if queries.latest_report(assignment) is not None:
        raise Refusal("settlement.reported", _("这家报过数，不能记成没来。来了没扫码，请选“认下”。"))
    gate.mark_no_show(assignment, by=by, at=at)


def undo_absent(missed: Assignment, *, by: User, at: datetime) -> None:
    """The vendor was there after all; what it sold is asked again. Refuses as `gate.undo_no_show` does."""
    lock_row(missed.day)
    check_closing(missed.day)
    gate.undo_no_show(missed, by=by, at=at)


def check_closing(day: MarketDay) -> None:
    """Refuses unless the market has ended and is not settled."""
    if queries.settlement_of(day) is not None:
        raise Refusal("settlement.settled", _("这一场已经结算入账。要改数，请让第二位同事做“更正”。"))
    if day.state not in CLOSE_STATES:
        raise Refusal("settlement.not_closed", _("这一场还没有收市。请先在集市页点“收市”，再来结算。"))
