"""The quarters of the demo's funds: compared, closed and published in time; the running one is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from market import clock
from market.demo.cast import morning
from market.demo.records import ZONE
from market.demo.year import Act
from market.fund import service as funds
from market.fund.models import Fund
from market.fund.service import quarter_notices as notices
from market.fund.service.periods import PeriodView
from market.ledger import periods
from market.ledger.models import Period
from market.ledger.spans import Span, quarters_until
from market.people.models import User

COMPARED, CONFIRMED, PUBLISHED = 12, 13, 20
"""Days after the end of a quarter; its notice is due ten days later."""
ON_ITS_WAY = "季末最后一场集市的反哺还在路上，慈善组织过几天确认。"
OWED = "有一场更正后多收的，等慈善组织退。"


@dataclass(frozen=True)
class Quarters:
    """Who keeps the fund of a community: `clerk` compares and writes, `lead` confirms and publishes."""

    fund: Fund
    clerk: User
    lead: User

    def acts(self, first: date, at: datetime) -> Iterator[Act]:
        """Of every quarter from a date on, what was to be done before a moment."""
        for span in quarters_until(first, clock.local(at, ZONE).date()):
            found: list[Period] = []
            steps = (
                (self._day(span, COMPARED, 10), partial(self._close, span, found)),
                (self._day(span, CONFIRMED, 10), partial(self._confirm, found)),
                (self._day(span, PUBLISHED, 10), partial(self._prepare, found)),
                (self._day(span, PUBLISHED, 15), partial(self._publish, found)),
            )
            yield from (step for step in steps if step[0] < at)

    def _day(self, span: Span, days: int, hour: int) -> datetime:
        return morning(span.last + timedelta(days=days), hour)

    def _close(self, span: Span, found: list[Period], at: datetime) -> None:
        """The charity's statement says what the book says; what is under way is explained."""
        today = clock.local(at, ZONE).date()
        if periods.open_quarters(self.fund.book, today)[0] != span:
            return  # before the first money there is no quarter
        view = next(view for view in funds.quarters(self.fund, today) if view.span == span)
        found.append(
            funds.close_quarter(
                self.fund,
                span.last,
                view.ours,
                reference=f"示慈对账〔{span.last.year}〕{span.quarter} 季",
                explanation=_explained(view),
                by=self.clerk,
                at=at,
            )
        )

    def _confirm(self, found: list[Period], at: datetime) -> None:
        for period in found:
            funds.confirm_quarter(period, by=self.lead, at=at)

    def _prepare(self, found: list[Period], at: datetime) -> None:
        for period in found:
            notices.prepare_notice(self.fund, period, by=self.clerk, at=at)

    def _publish(self, found: list[Period], at: datetime) -> None:
        for period in found:
            notice = notices.notice_of_period(period)
            if notice is not None:
                notices.publish_notice(notice, notice.hash, by=self.lead, at=at)


def _explained(view: PeriodView) -> str:
    said = [(view.on_its_way_fen, ON_ITS_WAY), (view.owed_fen, OWED)]
    return "".join(sentence for fen, sentence in said if fen)
