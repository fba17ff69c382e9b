"""Money through all its acts in any order, against a model of a few lines; and what happens without a guard.

`MARKET_SOAK=3000` runs so many examples of 80 steps (`make soak`) instead of the short profile.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import integers, sampled_from

from market.clock import local
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.fund import service
from market.fund.models import Fund
from market.fund.proof import fund_faults
from market.fund.published import public_book
from market.fund.rules import Choice, Figures, UseType
from market.ledger import periods, service as ledger, spans, triggers
from market.ledger.rules import Code, EntryKind
from market.ledger.spans import PeriodKind
from market.settlement import service as settlement
from market.settlement.rules import TakingsSource
from market.spending import service as spending
from market.stalls import service as stalls
from market.stalls.models import Assignment
from tests.cast import person
from tests.conftest import both_engines
from tests.factories.settlement import ended_market
from tests.fund.conftest import AT, Desk
from tests.fund.test_service import app_of

SOAK = int(os.environ.get("MARKET_SOAK", "0"))
PROFILE = settings(
    max_examples=SOAK or 5,
    stateful_step_count=80 if SOAK else 18,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=tuple(Phase) if SOAK else (Phase.explicit, Phase.reuse, Phase.generate),
)

TAKINGS = (20_000, 30_000, 40_000)
START = AT - timedelta(days=330)


# ── the model ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Market:
    """What one market holds: what each vendor sold, what the charity has of it."""

    takings: list[int]
    settled: bool = False
    settler: str = ""
    arrived: int = 0

    @property
    def given(self) -> int:
        return sum((fen * 5 + 50) // 100 for fen in self.takings) if self.settled else 0


@dataclass
class Model:
    """Everything that must hold, in plain numbers."""

    markets: list[Market]
    spent: int = 0
    closed: dict[spans.Span, dict[str, int]] = field(default_factory=dict)
    """The sums of what is closed, as they were then."""

    def balances(self) -> dict[str, int]:
        on_way = sum(max(0, one.given - one.arrived) for one in self.markets)
        owed = sum(max(0, one.arrived - one.given) for one in self.markets)
        income = sum(min(one.given, one.arrived) for one in self.markets)
        held = sum(one.arrived for one in self.markets) - self.spent
        sums = {
            Code.AT_CHARITY: held,
            Code.TRANSFER_PENDING: on_way,
            Code.UNCONFIRMED: -on_way,
            Code.REFUNDABLE: -owed,
            Code.FROM_MARKETS: -income,
            Code.VISITS: self.spent,
        }
        return {code.value: fen for code, fen in sums.items() if fen}


class CrashError(Exception):
    """The process ends here."""


# ── the machine ───────────────────────────────────────────────────────────────────────────────────────────


class Money(RuleBasedStateMachine):
    """Two staff, three members, three markets."""

    days: tuple[int, ...]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(unit_of_work())
        self.model = Model([Market(list(TAKINGS)) for _day in self.days])
        self.now, self.skew, self.count = START, timedelta(0), 0

    def teardown(self) -> None:
        db.session.rollback()
        self.stack.close()

    @property
    def at(self) -> datetime:
        return self.now + self.skew

    @property
    def fund(self) -> Fund:
        return service.require_fund(find_community("huaiyin"))

    def held(self, market: int) -> list[Assignment]:
        query = sa.select(Assignment).where(Assignment.day_id == self.days[market])
        day = db.session.scalars(query.limit(1)).one().day
        return stalls.assignments(day)

    def act(self, deed: Callable[[], object]) -> bool:
        """Does something, and says whether it was done; what is refused changes nothing."""
        self.now += timedelta(hours=1)
        done = False
        with suppress(Refusal), db.session.begin_nested():
            deed()
            done = True
        db.session.expire_all()
        return done

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────────

    @rule(days=integers(1, 50))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(days=integers(-60, 2))
    def clock_is_wrong(self, days: int) -> None:
        self.skew = timedelta(days=days)

    # ── markets ───────────────────────────────────────────────────────────────────────────────────────────

    @rule(market=integers(0, 2), stall=integers(0, 2), fen=sampled_from((0, 10_010, 35_000)))
    def report(self, market: int, stall: int, fen: int) -> None:
        held, by = self.held(market)[stall], person("staff")
        if self.act(
            lambda: settlement.report_takings(held, fen, source=TakingsSource.STAFF, by=by, at=self.at)
        ):
            self.model.markets[market].takings[stall] = fen

    @rule(market=integers(0, 2), who=sampled_from(("staff", "second")))
    def close(self, market: int, who: str) -> None:
        day = self.held(market)[0].day
        known = self.model.markets[market]
        assert self.act(lambda: settlement.close_day(day, by=person(who), at=self.at))
        if not known.settled:
            known.settled, known.settler = True, who

    @rule(
        market=integers(0, 2),
        stall=integers(0, 2),
        fen=sampled_from((0, 12_000, 50_000)),
        who=sampled_from(("staff", "second")),
    )
    def correct(self, market: int, stall: int, fen: int, who: str) -> None:
        held, known = self.held(market)[stall], self.model.markets[market]
        if self.act(lambda: settlement.correct_takings(held, fen, "看错了一行", by=person(who), at=self.at)):
            known.takings[stall] = fen

    @rule(market=integers(0, 2), who=sampled_from(("staff", "second", "member1")))
    def arrive(self, market: int, who: str) -> None:
        day, known = self.held(market)[0].day, self.model.markets[market]
        self.count += 1
        reference, by = f"GZ-{self.count}", person(who)
        if self.act(lambda: service.confirm_remittance(day, reference, by=by, at=self.at)):
            known.arrived = known.given

    @rule(market=integers(0, 2))
    def ask_refund(self, market: int) -> None:
        day = self.held(market)[0].day
        self.act(lambda: service.ask_refund(day, "TK", by=person("staff"), at=self.at))

    @precondition(lambda self: bool(service.open_refunds(self.fund)))
    @rule(agrees=sampled_from(("member1", "member2", "staff", "")))
    def answer_refund(self, agrees: str) -> None:
        refund = service.open_refunds(self.fund)[0]
        market, fen = self.days.index(refund.day_id), refund.amount_fen
        if not agrees:
            self.act(lambda: service.withdraw_refund(refund, by=person("staff"), at=self.at))
        elif self.act(lambda: service.agree_refund(refund, by=person(agrees), at=self.at)):
            self.model.markets[market].arrived -= fen

    @precondition(lambda self: any(one.arrived for one in self.model.markets))
    @rule(fen=sampled_from((300, 2_000, 4_500)), ago=integers(0, 40))
    def spend(self, fen: int, ago: int) -> None:
        if self.act(lambda: self._spend(fen, ago)):
            self.model.spent += fen

    def _spend(self, fen: int, ago: int) -> None:
        proposal = spending.propose(
            self.fund, UseType.VISITS, "慰问走访", payee="居民委员会", amount_fen=fen, by=person("staff"),
            at=self.at,
        )  # fmt: skip
        for member in ("member1", "member2"):
            spending.vote(proposal, Choice.YES, by=person(member), at=self.at)
        paid_on = local(self.at, self.fund.community.zone).date() - timedelta(days=ago)
        spending.record_payment(proposal, paid_on, "FK", by=person("second"), at=self.at)

    # ── what goes wrong on the way ────────────────────────────────────────────────────────────────────────

    @rule(
        market=integers(0, 2),
        act=sampled_from(("close", "arrive", "correct")),
        where=sampled_from(
            ("ledger.post", "settlement.close_day", "fund.remit", "settlement.correct_takings")
        ),
    )
    def crash(self, market: int, act: str, where: str) -> None:
        """The process ends in the middle: nothing of it happened, or all of it."""

        def end(name: str) -> None:
            if name == where:
                raise CrashError

        before, extensions = self.sums(), app_of().extensions
        extensions["race_point"] = end
        held = self.held(market)[0]
        deeds: dict[str, Callable[[], object]] = {
            "close": lambda: settlement.close_day(held.day, by=person("staff"), at=self.at),
            "arrive": lambda: service.confirm_remittance(held.day, "X", by=person("member1"), at=self.at),
            "correct": lambda: settlement.correct_takings(held, 7, "看错", by=person("second"), at=self.at),
        }
        with suppress(CrashError, Refusal), db.session.begin_nested():
            deeds[act]()
            raise CrashError  # after the last statement and before the commit
        extensions.pop("race_point")
        db.session.expire_all()
        assert self.sums() == before

    @rule(market=integers(0, 2))
    def reverse_again(self, market: int) -> None:
        """What was reversed is not reversed again, and what counts is not reversed by who posted it."""
        day = self.held(market)[0].day
        for closed in settlement.revisions(day)[1:]:
            if closed.entry is not None:
                again = partial(ledger.reverse, closed.entry, reason="再来", by=person("staff"), at=self.at)
                assert not self.act(again)

    # ── periods ───────────────────────────────────────────────────────────────────────────────────────────

    @rule()
    def close_month(self) -> None:
        span = service.next_month(self.fund, local(self.at, "Asia/Shanghai").date())
        if span is not None and self.act(
            lambda: service.close_month(self.fund, span.first, by=person("staff"), at=self.at)
        ):
            self.keep(span)

    @rule(confirms=sampled_from(("second", "member1", "staff", "")))
    def close_quarter(self, confirms: str) -> None:
        """Closed by staff; then confirmed by another, refused to the same, or taken back."""
        today = local(self.at, "Asia/Shanghai").date()
        span = next(iter(periods.open_quarters(self.fund.book, today)), None)
        if span is None:  # the clock is behind the newest quarter that is closed
            return
        if self.act(lambda: self._close_quarter(span)):
            period = next(p for p in periods.periods(self.fund.book, PeriodKind.QUARTER) if p.span == span)
            if confirms and self.act(
                lambda: service.confirm_quarter(period, by=person(confirms), at=self.at)
            ):
                self.keep(span)
            else:
                assert self.act(lambda: service.withdraw_quarter(period, by=person("staff"), at=self.at))

    def _close_quarter(self, span: spans.Span) -> None:
        service.close_quarter(
            self.fund, span.first, Figures(0, 0, 0), reference="DZ", explanation="还在核", by=person("staff"),
            at=self.at,
        )  # fmt: skip

    def keep(self, span: spans.Span) -> None:
        self.model.closed[span] = self.moved(span)

    def moved(self, span: spans.Span) -> dict[str, int]:
        return ledger.balances(self.fund.book, since=span.first, until=span.last)

    # ── what must hold ────────────────────────────────────────────────────────────────────────────────────

    def sums(self) -> dict[str, int]:
        return {code: fen for code, fen in ledger.balances(self.fund.book).items() if fen}

    @invariant()
    def the_accounts_hold_what_the_model_says(self) -> None:
        assert self.sums() == self.model.balances()
        assert self.sums().get("1001", 0) >= 0
        for number, known in enumerate(self.model.markets):
            day = self.held(number)[0].day
            assert service.in_transit(day) == max(0, known.given - known.arrived)
            assert service.owed(day) == max(0, known.arrived - known.given)

    @invariant()
    def what_is_closed_stays_as_it_was(self) -> None:
        assert {span: self.moved(span) for span in self.model.closed} == self.model.closed

    @invariant()
    def the_book_verifies_and_each_market_has_one_entry_that_counts(self) -> None:
        if db.engine.dialect.name == "postgresql":  # what is checked at the end of a transaction, now
            db.session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
            db.session.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
        found = ledger.verify(self.fund.book)
        assert found.ok, (found.faults, found.trigger_faults)
        assert list(fund_faults(self.fund)) == []
        contributions = ledger.entries(self.fund.book, kind=EntryKind.CONTRIBUTION)
        live = {entry.id for entry in contributions if entry.reversed_by is None}
        newest = settlement.settlements(self.fund.community)
        assert live == {closed.entry_id for closed in newest if closed.entry_id is not None}
        assert all(settlement.recompute(closed) == [] for closed in newest)

    @invariant()
    def every_sum_by_period_is_the_book_s(self) -> None:
        """D18, D22: by quarter what is public adds up to the whole, and to the book but for what waits."""
        seen = public_book(self.fund.community)
        sums = seen.balances()
        assert sum(sums.values()) == 0
        entries = ledger.entries(self.fund.book)
        if not entries:
            return
        last = max(entry.happened_on for entry in entries)
        quarters = spans.quarters_until(min(entry.happened_on for entry in entries), last)
        assert seen.contributed() == sum(seen.contributed(*span) for span in quarters)
        if not seen.waiting:
            assert {code: fen for code, fen in sums.items() if fen} == self.sums()


def machine(days: tuple[int, ...]) -> type[Money]:
    return type("Here", (Money,), {"days": days})


@pytest.fixture
def days(desk: Desk) -> tuple[int, ...]:
    """Three markets that are over and not settled."""
    with unit_of_work():
        held = [ended_market(desk.community, desk.clerk, TAKINGS, in_days=-ago) for ago in (40, 30, 20)]
        found = tuple(day.id for day in held)
    db.session.rollback()
    return found


@both_engines
def test_money_stays_true_whatever_happens(days: tuple[int, ...]) -> None:
    run_state_machine_as_test(machine(days), settings=PROFILE)


# ── controls ──────────────────────────────────────────────────────────────────────────────────────────────

Story = Callable[[Money], None]


def driven(days: tuple[int, ...], story: Story) -> None:
    """The machine, driven by hand, with every invariant at the end."""
    it = machine(days)()
    try:
        story(it)
        it.the_accounts_hold_what_the_model_says()
        it.what_is_closed_stays_as_it_was()
        it.the_book_verifies_and_each_market_has_one_entry_that_counts()
        it.every_sum_by_period_is_the_book_s()
    finally:
        it.teardown()


def corrected_after_arrival(it: Money) -> None:
    it.close(0, "staff")
    it.arrive(0, "member1")
    it.correct(0, 0, 0, "second")


def spent_then_refunded(it: Money) -> None:
    it.close(0, "staff")
    it.arrive(0, "member1")
    it.spend(4_500, 0)
    it.correct(0, 2, 0, "second")
    it.ask_refund(0)
    it.answer_refund("member1")


def corrected_after_the_close(it: Money) -> None:
    it.close(0, "staff")
    it.now = START + timedelta(days=120)
    it.close_quarter("member1")
    assert it.model.closed
    it.skew = START - it.now
    it.close(1, "staff")


def settled_twice(it: Money) -> None:
    it.close(0, "staff")
    it.close(0, "second")


def no_trigger_of_periods() -> None:
    for statement in triggers.drop_period_statements("sqlite"):
        db.session.execute(sa.text(statement))


GUARDS: dict[str, tuple[Story, str, object]] = {
    "restating": (
        corrected_after_arrival,
        "market.settlement.service.corrections.restate",
        lambda *_a, **_k: None,
    ),
    "money": (spent_then_refunded, "market.ledger.service._check_money", lambda *_a: None),
    "period": (
        corrected_after_the_close,
        "market.ledger.periods.spans.booking_date",
        lambda happened_on, _closed, _today: happened_on,
    ),
    "once": (settled_twice, "market.settlement.service.close.settlement_of", lambda _day: None),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_without_one_guard_the_machine_fails(
    days: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    story, name, without = GUARDS[guard]
    driven(days, story)
    with unit_of_work():
        no_trigger_of_periods()
        db.session.execute(sa.text("DROP INDEX uq_settlement_revision"))
    monkeypatch.setattr("market.ledger.service._check_period", lambda *_a: None)
    monkeypatch.setattr(name, without)
    monkeypatch.setattr("market.ledger.verification.triggers.faults", lambda _connection: [])
    with pytest.raises(AssertionError):
        driven(days, story)
