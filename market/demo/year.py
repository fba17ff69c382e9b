"""One market of the demo year as a list of acts, each at the moment at which it happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from market import clock
from market.allocation.rules import Method
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayPermitKind, Step
from market.calendar.service import DayDraft
from market.demo.cast import Cast, morning
from market.demo.records import ApplicationRow, CorrectionRow, CountRow, GoodsRow, MarketRow
from market.demo.register import SELLS_MEAT, Register, check_batch
from market.fund import service as funds
from market.gate import service as gate
from market.gate.rules import SLOTS, CountMethod, ScanMethod
from market.notices import service as notices
from market.notices.rules import Channel
from market.passes import service as passes
from market.people.models import User
from market.settlement import service as settlement
from market.settlement.rules import TakingsSource
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor

Act = tuple[datetime, Callable[[datetime], object]]
"""When, and what; acts of different markets are played in the order of their moments."""

CREATED, PREPARED, CALLED, CALL_ENDED, PLANNED, LEFT, PUBLISHED = 25, 20, 14, 7, 5, 3, 2
"""Days before the market (domain §3.1)."""
SETTLED, CORRECTED, REMITTED = 1, 2, 3
"""Days after it."""
RULED_FROM, AGREED_AFTER, DEADLINE = 10, 12, 20
"""From this market on the clock settles, so many hours after the end."""
ANNOUNCED_CLOSE = time(11, 30)
"""Until when the market that the rain ended was announced."""
RAIN = "下雨，10:10 提前收市。谢谢冒雨来的街坊，下一场见。"
NO_SHOW_AFTER = timedelta(minutes=20)
CALL_FROM, CALL_UNTIL = 8, 18
CALL_HOURS = 10


def spread(first: date, index: int, count: int, days: int) -> datetime:
    """The moment of one of `count` acts that come in evenly over the daytime of some days."""
    minutes = (2 * index + 1) * days * CALL_HOURS * 60 // (2 * count)
    day, minute = divmod(minutes, CALL_HOURS * 60)
    return morning(first + timedelta(days=day), CALL_FROM, 5) + timedelta(minutes=minute)


@dataclass
class MarketPlay:
    """Plays the acts of one row of markets.csv."""

    cast: Cast
    register: Register
    row: MarketRow
    days: list[MarketDay] = field(default_factory=list)

    @property
    def day(self) -> MarketDay:
        return self.days[0]

    def acts(self) -> Iterator[Act]:
        """Everything from the first plan to the charity's confirmation."""
        yield from self._before()
        yield from self._applying()
        yield from self._at_the_gate()
        yield from self._counting()
        yield from self._closing()

    # ── before ────────────────────────────────────────────────────────────────────────────────────────────

    def _before(self) -> Iterator[Act]:
        yield self._earlier(CREATED, 10), self._create
        yield self._earlier(PREPARED, 10), partial(self._step, Step.PREPARE)
        yield self._earlier(CALLED, CALL_FROM), partial(self._step, Step.OPEN_APPLICATIONS)
        yield self._earlier(CALL_ENDED, CALL_UNTIL), self._tick
        yield self._earlier(CALL_ENDED, CALL_UNTIL, 30), self._report_to_regulator
        yield self._earlier(PLANNED, 15), self._plan
        yield self._earlier(PUBLISHED, 16), self._publish
        yield self._earlier(PUBLISHED, 18), self._tell

    def _earlier(self, days: int, hour: int, minute: int = 0) -> datetime:
        return morning(self.row.on - timedelta(days=days), hour, minute)

    def _create(self, at: datetime) -> None:
        row = self.row
        draft = DayDraft(
            venue=self.cast.venue,
            theme=row.theme,
            on=row.on,
            opens=row.open_at,
            closes=self._announced_close,
            arrive_by=(datetime.combine(row.on, row.open_at) - timedelta(minutes=15)).time(),
            apply_from=self._earlier(CALLED, CALL_FROM),
            apply_until=self._earlier(CALL_ENDED, CALL_UNTIL),
            expected_visitors=row.visits // 50 * 50 + 50,
            stall_limit=row.stalls_open,
        )
        self.days[:] = [calendar.create_day(self.cast.community, draft, by=self.cast.staff, at=at)]

    @property
    def _rained(self) -> bool:
        return "提前收市" in self.row.story

    @property
    def _announced_close(self) -> time:
        return ANNOUNCED_CLOSE if self._rained else self.row.close_at

    def _step(self, step: Step, at: datetime) -> None:
        calendar.take_step(self.day, step, by=self.cast.staff, at=at)

    def _tick(self, at: datetime) -> None:
        calendar.take_due_steps(at=at)

    def _report_to_regulator(self, at: datetime) -> None:
        number = f"示街食报〔{self.row.on.year}〕{self.row.number:02d} 号"
        issuer, filed_on = "示例区市场监督管理局", clock.local(at, self.cast.zone).date()
        calendar.add_day_permit(
            self.day, DayPermitKind.REGULATOR_REPORT, number, issuer, filed_on, by=self.cast.staff, at=at
        )

    def _plan(self, at: datetime) -> None:
        """The allocation places exactly those whom the record places; anything else is a fault of ours."""
        stalls.choose_method(self.day, Method.FIRST_COME.value, by=self.cast.staff, at=at)
        stalls.compute_plan(self.day, by=self.cast.staff, at=at)
        placed = {assignment.vendor_id for assignment in stalls.assignments(self.day)}
        waiting = [application.vendor_id for application in stalls.waiting_list(self.day)]
        rows = [row for row in self.row.applications if not row.refused_because]
        first = [row for row in rows if not row.placement.startswith("waitlist")]
        if placed != {self._vendor(row).id for row in first}:
            raise RuntimeError(f"market {self.row.number}: other vendors are placed than in the record")
        if waiting != [self._vendor(row).id for row in rows if row not in first]:
            raise RuntimeError(f"market {self.row.number}: others wait than in the record")

    def _publish(self, at: datetime) -> None:
        passes.publish_day(self.day, by=self.cast.staff, at=at)

    def _tell(self, at: datetime) -> None:
        """Who has an account reads it, the others are called."""
        people = notices.messages([self.day], at=at)
        calls = [message.seen for message in people if not message.can_read]
        notices.tell(self.day, calls, channel=Channel.CALL, by=self.cast.staff, at=at)
        for row in self.row.applications:
            vendor = self._vendor(row)
            if vendor.user is not None:
                seen = [message.seen for message in people]
                notices.tell(self.day, seen, channel=Channel.APP, by=vendor.user, at=at, only=[vendor])

    def _vendor(self, row: ApplicationRow | GoodsRow | CorrectionRow) -> Vendor:
        return self.register[row.vendor]

    # ── applications ──────────────────────────────────────────────────────────────────────────────────────

    def _applying(self) -> Iterator[Act]:
        rows = self.row.applications
        called = self.row.on - timedelta(days=CALLED)
        for index, row in enumerate(rows):
            applied_at = spread(called, index, len(rows), CALLED - CALL_ENDED)
            yield applied_at, partial(self._apply, row)
            yield self._earlier(CALL_ENDED, 19) + timedelta(minutes=index), partial(self._review, row)
            if row.placement == "withdrawn":
                yield self._earlier(LEFT, 20), partial(self._withdraw, row)

    def _apply(self, row: ApplicationRow, at: datetime) -> None:
        vendor = self._vendor(row)
        vendors.apply(self.day, vendor, by=vendor.user or self.cast.staff, at=at)

    def _review(self, row: ApplicationRow, at: datetime) -> None:
        application = self._application(row)
        if row.refused_because:
            vendors.reject(application, row.refused_because, by=self.cast.staff, at=at)
        else:
            vendors.approve(application, by=self.cast.staff, at=at)

    def _withdraw(self, row: ApplicationRow, at: datetime) -> None:
        vendor = self._vendor(row)
        by = vendor.user or self.cast.staff
        stalls.withdraw(self._application(row), by=by, at=at)

    def _application(self, row: ApplicationRow) -> Application:
        application = vendors.of_day(self.day, self._vendor(row))
        if application is None:
            raise RuntimeError(f"market {self.row.number}: {row.vendor} has not applied")
        return application

    # ── the morning ───────────────────────────────────────────────────────────────────────────────────────

    def _at_the_gate(self) -> Iterator[Act]:
        opens = self.row.moment(self.row.open_at)
        yield opens - timedelta(hours=2), self._tick
        yield opens, self._tick
        came = [row for row in self.row.applications if row.attendance == "attended"]
        for index, row in enumerate(came):
            if row.arrived_at is None:
                continue
            arrives = self.row.moment(row.arrived_at)
            if row.vendor in SELLS_MEAT:
                yield arrives - timedelta(minutes=1), partial(self._show_batch, row)
            yield arrives, partial(self._arrive, row, index)
        for row in self.row.applications:
            if row.attendance == "no_show":
                yield opens + NO_SHOW_AFTER, partial(self._miss, row)
            if row.placement == "waitlist→placed":
                yield opens + NO_SHOW_AFTER + timedelta(minutes=1), partial(self._promote, row)

    def _show_batch(self, row: ApplicationRow, at: datetime) -> None:
        check_batch(self._vendor(row), self.row.on, by=self.cast.staff, at=at)

    def _arrive(self, row: ApplicationRow, index: int, at: datetime) -> None:
        """Most show the code, some read it out, and who has neither is on the list."""
        assignment = self._assignment(row)
        client_id = f"demo-{self.row.number:02d}-{row.vendor}"
        entrance = self.cast.venue.entrance_names()[index % 2]
        shown = passes.pass_of(assignment)
        if shown is None or index % 9 == 4:
            gate.admit_from_list(assignment, client_id=client_id, entrance=entrance, by=self.cast.gate, at=at)
            return
        typed = index % 5 == 3
        gate.scan(
            self.day,
            shown.short_code if typed else passes.pass_token(shown),
            client_id=client_id,
            method=ScanMethod.TYPED if typed else ScanMethod.CAMERA,
            entrance=entrance,
            scanned_at=at,
            by=self.cast.gate,
            at=at,
        )

    def _assignment(self, row: ApplicationRow | CorrectionRow) -> Assignment:
        assignment = stalls.assignment_of(self.day, self._vendor(row))
        if assignment is None:
            raise RuntimeError(f"market {self.row.number}: {row.vendor} holds no stall")
        return assignment

    def _miss(self, row: ApplicationRow, at: datetime) -> None:
        gate.mark_no_show(self._assignment(row), by=self.cast.gate, at=at)

    def _promote(self, row: ApplicationRow, at: datetime) -> None:
        promoted = stalls.promote_next(self.day, by=self.cast.staff, at=at)
        if promoted is None or promoted.vendor_id != self._vendor(row).id:
            raise RuntimeError(f"market {self.row.number}: {row.vendor} was next in line")

    # ── visitors, the close ───────────────────────────────────────────────────────────────────────────────

    def _counting(self) -> Iterator[Act]:
        closes = self.row.moment(self.row.close_at)
        for count in self.row.counts:
            yield min(closes, self._slot_end(count.slot)), partial(self._count, count)
        yield closes, self._close

    def _slot_end(self, slot: int) -> datetime:
        """The counts are those of equal parts of the announced hours."""
        opens, announced = self.row.moment(self.row.open_at), self.row.moment(self._announced_close)
        return opens + (announced - opens) * slot / SLOTS

    def _count(self, count: CountRow, at: datetime) -> None:
        method = CountMethod(count.method)
        gate.count_visits(
            self.day, count.entrance, count.slot, count.visits, method, by=self.cast.gate, at=at
        )

    def _close(self, at: datetime) -> None:
        note = RAIN if self._rained else None
        calendar.take_step(self.day, Step.CLOSE, by=self.cast.staff, at=at, public_note=note)

    def _closing(self) -> Iterator[Act]:
        closes = self.row.moment(self.row.close_at)
        came = [row for row in self.row.applications if row.attendance == "attended"]
        for index, row in enumerate(came):
            if index % 8 != 5:
                yield closes + timedelta(minutes=5), partial(self._leave_clean, row)
            yield closes + timedelta(minutes=10 + 3 * index), partial(self._report, row)
        for index, goods in enumerate(self.row.goods):
            yield closes + timedelta(minutes=20 + 2 * index), partial(self._give, goods)
        yield self._later(SETTLED, 10), self._settle
        for number, wrong in enumerate(self.row.corrections):
            by = self.cast.staff if number % 2 else self.cast.secretary  # never who did it last
            yield self._later(CORRECTED, 15 + number), partial(self._correct, wrong, by)
        yield self._later(REMITTED, 11), self._remit

    def _later(self, days: int, hour: int) -> datetime:
        return morning(self.row.on + timedelta(days=days), hour)

    def _leave_clean(self, row: ApplicationRow, at: datetime) -> None:
        gate.tick_clean(self._assignment(row), True, by=self.cast.gate, at=at)

    def _report(self, row: ApplicationRow, at: datetime) -> None:
        user = self._vendor(row).user
        settlement.report_takings(
            self._assignment(row),
            self._first_told(row),
            source=TakingsSource.SELF if user else TakingsSource.STAFF,
            by=user or self.cast.staff,
            at=at,
        )

    def _first_told(self, row: ApplicationRow) -> int:
        """What was reported at first, which a later correction may have changed."""
        wrong = [c.first_fen for c in self.row.corrections if c.vendor == row.vendor]
        return wrong[0] if wrong else row.takings_fen or 0

    def _give(self, row: GoodsRow, at: datetime) -> None:
        settlement.give_in_kind(self.day, self._vendor(row), row.goods, row.items, by=self.cast.staff, at=at)

    def _settle(self, at: datetime) -> None:
        """By hand at first; since the community has a rule, the clock does it, as `market tick` would."""
        if self.row.number == RULED_FROM:
            settlement.set_close_rule(
                self.cast.community, automatic=True, after_hours=AGREED_AFTER, deadline_hours=DEADLINE,
                by=self.cast.staff, at=self.day.open_at,
            )  # fmt: skip
        if self.row.number < RULED_FROM:
            settlement.close_day(self.day, by=self.cast.staff, at=at)
        elif settlement.settle_when_due(self.day.id, at=at) is None:
            raise RuntimeError(f"market {self.row.number}: the clock does not settle it")

    def _correct(self, row: CorrectionRow, by: User, at: datetime) -> None:
        settlement.correct_takings(self._assignment(row), row.right_fen, row.note, by=by, at=at)

    def _remit(self, at: datetime) -> None:
        reference = f"示慈收 {self.row.on.year}-{self.row.number:03d}"
        by = self.cast.members[0] if self.row.corrections else self.cast.secretary
        funds.confirm_remittance(self.day, reference, by=by, at=at)
