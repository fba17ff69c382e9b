"""Money stays true in time: corrections are dated when made, what came too much is given back once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
import sqlalchemy as sa

from market import cli
from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, do_in_unit_of_work, guards, unit_of_work
from market.fund import disclosure, service
from market.fund.models import Refund
from market.fund.proof import fund_faults
from market.insight import service as insight
from market.ledger import service as ledger
from market.ledger.rules import Code, EntryKind, credit
from market.people.models import User
from market.settlement import service as settlement
from market.settlement.models import Settlement
from market.stalls import service as stalls
from tests.cast import person
from tests.conftest import both_engines
from tests.factories.settlement import evening
from tests.fund.conftest import AT, Desk
from tests.fund.test_service import app_of, code_of
from tests.ledger.test_races import at_once
from tests.parts.guards import drop_guards

THIS_YEAR = AT.year

CONTRIBUTING = (EntryKind.CONTRIBUTION, EntryKind.REVERSAL)


def correct(desk: Desk, day: MarketDay, fen: int) -> Settlement:
    """Today, long after the market."""
    with unit_of_work():
        held = stalls.assignments(day)[0]
        return settlement.correct_takings(held, fen, "看错了一行", by=desk.second, at=AT)


def contributed(desk: Desk, year: int) -> tuple[int, int]:
    """A year's contribution as the page of figures has it, and as the entries of that year add up."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    entries = ledger.entries(desk.fund.book, since=first, until=last)
    lines = [line for entry in entries if entry.kind in CONTRIBUTING for line in entry.lines]
    posted = sum(line.amount_fen for line in lines if line.account == Code.TRANSFER_PENDING)
    return insight.counters(desk.community, first, last).contribution_fen, posted


def income(desk: Desk, year: int) -> int:
    lines = ledger.entries(desk.fund.book, since=date(year, 1, 1), until=date(year, 12, 31))
    return -sum(line.amount_fen for entry in lines for line in entry.lines if line.account == "4101")


# ── periods ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_correction_counts_in_the_year_in_which_it_is_made(desk: Desk) -> None:
    """D18: a closed year never changes, and page, book and export agree for every year."""
    old = desk.market(100_000, in_days=-400).day
    long_ago = evening(old).year
    assert long_ago < THIS_YEAR
    desk.arrive(old, "GZ-1")
    desk.market(40_000)
    before = contributed(desk, long_ago), income(desk, long_ago)
    assert before == ((5_000, 5_000), 5_000)
    closed = correct(desk, old, 60_000)
    assert closed.entry is not None
    assert (contributed(desk, long_ago), income(desk, long_ago)) == before
    assert contributed(desk, THIS_YEAR) == (2_000 - 2_000, 2_000 - 2_000)
    assert f"{long_ago} 年" in closed.entry.memo
    assert ledger.verify(desk.fund.book).ok


def test_the_sum_of_all_years_is_what_markets_stand_at(desk: Desk) -> None:
    days = [desk.market(fen, in_days=-offset).day for fen, offset in ((80_000, 400), (50_000, 30))]
    correct(desk, days[0], 20_000)
    whole = insight.counters(desk.community).contribution_fen
    assert whole == sum(closed.contribution_fen for closed in insight.by_day(desk.community)) == 3_500


def test_a_contribution_is_income_in_the_year_in_which_the_charity_confirms_it(desk: Desk) -> None:
    old = desk.market(100_000, in_days=-400).day
    desk.arrive(old, "GZ-1", at=AT)
    assert (income(desk, evening(old).year), income(desk, THIS_YEAR)) == (0, 5_000)


# ── too much ──────────────────────────────────────────────────────────────────────────────────────────────


def spent_and_corrected(desk: Desk) -> MarketDay:
    """D19: 80 yuan arrived, all of it was spent, then the market was corrected to nothing."""
    day = desk.market(160_000).day
    desk.arrive(day, "GZ-1")
    desk.pay(desk.approved(8_000))
    correct(desk, day, 0)
    return day


def test_spent_money_that_came_too_much_is_owed_and_no_balance_is_negative(desk: Desk) -> None:
    day = spent_and_corrected(desk)
    told = disclosure.disclose(desk.fund)
    assert (told.balance_fen, told.owed_fen, told.in_transit_fen) == (0, 8_000, 0)
    assert told.came_in_fen - told.spent_fen + told.owed_fen == told.balance_fen
    asked = ask(desk, day)
    assert code_of(lambda: agree(asked)) == "ledger.not_enough"
    assert service.spendable(desk.fund) == 0
    assert code_of(lambda: desk.propose(1)) == "fund.not_enough"


def test_later_money_pays_what_is_owed(desk: Desk) -> None:
    day = spent_and_corrected(desk)
    desk.arrive(desk.market(200_000, in_days=-20).day, "GZ-2")
    asked = ask(desk, day)
    refund = do_in_unit_of_work(lambda: agree(asked))
    assert refund.entry is not None
    assert (service.owed(day), service.in_transit(day)) == (0, 0)
    told = disclosure.disclose(desk.fund)
    assert (told.balance_fen, told.owed_fen, told.at_charity_fen) == (2_000, 0, 2_000)
    assert disclosure.origin_of(refund.entry).day is day
    assert list(fund_faults(desk.fund)) == []
    assert ledger.verify(desk.fund.book).ok


def test_what_is_on_its_way_from_one_market_does_not_hide_what_another_owes(desk: Desk) -> None:
    """D20: nothing is netted across markets."""
    over = desk.market(160_000).day
    desk.arrive(over, "GZ-1")
    correct(desk, over, 0)
    desk.market(859_200, in_days=-20)
    told = disclosure.disclose(desk.fund)
    assert (told.in_transit_fen, told.owed_fen) == (42_960, 8_000)


def ask(desk: Desk, day: MarketDay) -> Refund:
    return do_in_unit_of_work(lambda: service.ask_refund(day, "TK-1", by=desk.second, at=AT))


def agree(refund: Refund, login: str = "member1") -> Refund:
    return service.agree_refund(refund, by=person(login), at=AT)


def test_a_refund_takes_two_people_and_is_posted_once(desk: Desk) -> None:
    day = desk.market(160_000).day
    desk.arrive(day, "GZ-1")
    assert code_of(lambda: service.ask_refund(day, "TK-1", by=desk.second, at=AT)) == "fund.nothing_owed"
    correct(desk, day, 100_000)
    assert code_of(lambda: service.ask_refund(day, " ", by=desk.second, at=AT)) == "fund.no_reference"
    refund = ask(desk, day)
    assert (refund.amount_fen, ask(desk, day)) == (3_000, refund)
    assert code_of(lambda: agree(refund, "staff")) == "fund.not_a_member"
    assert service.open_refunds(desk.fund) == [refund]
    with unit_of_work():
        assert agree(refund) is agree(refund, "member2") is refund
    assert refund.approver is person("member1")
    assert ledger.balance(desk.fund.book, Code.AT_CHARITY) == 5_000
    assert code_of(lambda: service.withdraw_refund(refund, by=desk.second, at=AT)) == "fund.refunded"


def test_a_refund_that_no_longer_fits_is_asked_for_again(desk: Desk) -> None:
    day = desk.market(160_000).day
    desk.arrive(day, "GZ-1")
    correct(desk, day, 100_000)
    refund = ask(desk, day)
    with unit_of_work():
        held = stalls.assignments(day)[0]
        settlement.correct_takings(held, 120_000, "又查了一遍", by=desk.clerk, at=AT)
    assert code_of(lambda: agree(refund)) == "fund.refund_changed"
    with unit_of_work():
        service.withdraw_refund(refund, by=desk.clerk, at=AT)
    assert ask(desk, day).amount_fen == 2_000


def agreements(desk: Desk) -> list[str]:
    """Eight members' words at once."""
    day = desk.market(160_000).day
    desk.arrive(day, "GZ-1")
    correct(desk, day, 100_000)
    return at_once(app_of(), words_of_members(desk, ask(desk, day).ref, times=3))


def words_of_members(desk: Desk, ref: str, *, times: int) -> list[Callable[[], str]]:
    """The words of three members, each so many times, for threads."""
    ids, fund_id = [person(f"member{n}").id for n in (1, 2, 3)], desk.fund.id

    def word(by_id: int) -> Callable[[], str]:
        def act() -> str:
            refund = db.session.scalar(sa.select(Refund).where(Refund.ref == ref, Refund.fund_id == fund_id))
            assert refund is not None
            service.agree_refund(refund, by=db.session.get_one(User, by_id), at=AT)
            return "posted"

        return act

    return [word(by_id) for by_id in ids * times]


@both_engines
def test_many_words_at_once_refund_once(desk: Desk) -> None:
    assert set(agreements(desk)) == {"posted"}
    db.session.expire_all()
    assert ledger.balance(desk.fund.book, Code.AT_CHARITY) == 5_000


@both_engines
def test_without_the_guards_a_refund_is_posted_more_than_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: no locks, keys or triggers, and everyone has looked before the first one writes."""
    day = desk.market(160_000).day
    desk.arrive(day, "GZ-1")
    correct(desk, day, 100_000)
    acts = words_of_members(desk, ask(desk, day).ref, times=1)
    drops = [f"DROP INDEX uq_entry_{key}" for key in ("source", "sequence", "number")]
    with unit_of_work():
        for statement in (*drop_guards(), *drops):
            db.session.execute(sa.text(statement))
    barrier = threading.Barrier(len(acts))

    def wait(name: str) -> None:
        if name in ("fund.agree_refund", "ledger.post"):
            with suppress(threading.BrokenBarrierError):
                barrier.wait(5)

    app = app_of()
    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "race_point", wait)
        patch.setattr(guards, "on", False)
        at_once(app, acts)
    db.session.expire_all()
    posted = [entry for entry in ledger.entries(desk.fund.book) if entry.kind is EntryKind.REFUND]
    assert len(posted) > 1


# ── books of older versions ───────────────────────────────────────────────────────────────────────────────


def test_a_market_posted_as_income_at_its_close_is_brought_in_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older versions credited 4101 when a market was closed; one entry more restates that."""
    monkeypatch.setattr(
        "market.settlement.service.postings.credit",
        lambda code, fen: credit(Code.FROM_MARKETS if code == Code.UNCONFIRMED else code, fen),
    )
    day = desk.market(100_000).day
    monkeypatch.undo()
    assert ledger.balances(desk.fund.book) == {"1003": 5_000, "4101": -5_000}
    desk.arrive(day, "GZ-1")
    assert ledger.balances(desk.fund.book) == {"1001": 5_000, "1003": 0, "2001": 0, "4101": -5_000}
    kinds = [entry.kind for entry in settlement.entries_of_market(desk.fund.book, day)]
    assert kinds == [EntryKind.CONTRIBUTION, EntryKind.RECLASSIFICATION, EntryKind.REMITTANCE]


def old_books(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[MarketDay]:
    """Three markets as an older version posted them: income at the close."""
    with monkeypatch.context() as patch:
        patch.setattr(
            "market.settlement.service.postings.credit",
            lambda code, fen: credit(Code.FROM_MARKETS if code == Code.UNCONFIRMED else code, fen),
        )
        return [desk.market(fen, in_days=-ago).day for fen, ago in ((100_000, 400), (60_000, 60), (0, 30))]


@both_engines
def test_all_old_books_are_brought_in_order_at_once_and_again_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = old_books(desk, monkeypatch)
    assert ledger.balances(desk.fund.book) == {"1003": 8_000, "4101": -8_000}
    before = ledger.entries(desk.fund.book)
    runner = app_of().test_cli_runner()
    done = runner.invoke(cli.restate, ["--community", desk.community.slug])
    assert (done.exit_code, "补记了 2 笔" in done.output) == (0, True)
    db.session.rollback()
    assert ledger.balances(desk.fund.book) == {"1003": 8_000, "2001": -8_000, "4101": 0}
    assert ledger.entries(desk.fund.book)[: len(before)] == before
    assert "补记了 0 笔" in runner.invoke(cli.restate, []).output
    db.session.rollback()
    desk.arrive(days[0], "GZ-1", at=AT)
    assert len(settlement.entries_of_market(desk.fund.book, days[0])) == 3
    assert ledger.verify(desk.fund.book).ok
    assert settlement.restate_community(find_community("songhe"), by=None, at=AT) == []
