"""The whole proof: an honest year passes, and every seeded damage is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from market.cli import verify
from market.db import db, unit_of_work
from market.fund import service as fund
from market.fund.models import Payment, Proposal, Remittance
from market.fund.rules import Choice, ProposalState, UseType
from market.insight.proof import verify_everything
from market.ledger import service as ledger, triggers
from market.ledger.rules import EntryKind
from market.settlement.models import Settlement, SettlementLine
from market.spending import service as spending
from tests.cast import person
from tests.conftest import both_engines
from tests.factories.settlement import evening
from tests.ledger.conftest import DAY, given
from tests.settlement.conftest import Desk

HONEST = 6
"""Lines of a proof that finds nothing wrong: the book, the fund; counters and journals of two communities."""


def change(statement: sa.Update | sa.Delete) -> None:
    """What somebody does by hand in the database."""
    with unit_of_work():
        db.session.execute(statement)


@pytest.fixture
def year(desk: Desk) -> Settlement:
    """Two markets, one corrected and confirmed by the charity, one payment; the corrected settlement."""
    settled = desk.settled((100_000, 82_010))
    desk.settled((40_000,), in_days=20)
    last = desk.correct(desk.held(settled.day), 200_000)
    after = evening(settled.day) + timedelta(days=1)
    with unit_of_work():
        fund.confirm_remittance(settled.day, "GZ-1", by=person("member1"), at=after)
        found = fund.require_fund(desk.community)
        proposal = spending.propose(
            found, UseType.VISITS, "慰问走访", payee="居委会", amount_fen=5_000, by=desk.clerk, at=after
        )
        for login in ("member1", "member2"):
            spending.vote(proposal, Choice.YES, by=person(login), at=after)
        spending.record_payment(proposal, DAY, "FK-1", by=desk.second, at=after)
    return last


def faults() -> list[str]:
    db.session.rollback()
    report = verify_everything()
    wrong = [line for line in report.lines if line.startswith("✕")]
    assert len(wrong) == report.faults
    return wrong


@both_engines
def test_an_honest_year_passes(desk: Desk, year: Settlement) -> None:
    report = verify_everything()
    assert report.faults == 0, report.lines
    assert all(line.startswith("✓") for line in report.lines)
    assert any("2 场" in line and "反哺 161.01 元" in line for line in report.lines)


@pytest.mark.usefixtures("year")
def test_an_honest_year_passes_on_the_command_line(desk: Desk) -> None:
    from flask import current_app

    answer = current_app.test_cli_runner().invoke(verify)
    assert answer.exit_code == 0, answer.output
    assert "账本指纹" in answer.output


def test_a_changed_line_of_a_settlement_is_named(desk: Desk, year: Settlement) -> None:
    change(sa.update(SettlementLine).where(SettlementLine.id == year.lines[0].id).values(takings_fen=1))
    found = faults()
    assert found
    assert all("结算复算不符" in line for line in found)
    assert year.day.theme in found[0]


def test_a_changed_sum_of_a_settlement_is_named_with_both_figures(desk: Desk, year: Settlement) -> None:
    change(sa.update(Settlement).where(Settlement.id == year.id).values(contribution_fen=1))
    found = faults()
    assert any("结算 0.01 元，账上 141.01 元" in line for line in found)


def test_a_settlement_without_its_entry_is_named(desk: Desk, year: Settlement) -> None:
    change(sa.update(Settlement).where(Settlement.id == year.id).values(entry_id=None))
    found = faults()
    assert any("账上 0.00 元" in line for line in found)
    assert any("没有对应的结算" in line for line in found)


def test_a_contribution_that_no_market_gave_is_named(desk: Desk, year: Settlement) -> None:
    with unit_of_work():
        ledger.post(
            ledger.book_of(desk.community), "settlement:nowhere:1", EntryKind.CONTRIBUTION, given(100),
            happened_on=DAY, memo="不知哪来的", by=desk.clerk, at=evening(year.day),
        )  # fmt: skip
    assert len([line for line in faults() if "没有对应的结算" in line]) == 1


def test_a_superseded_entry_that_still_counts_is_named(desk: Desk, year: Settlement) -> None:
    """The first revision's entry was reversed; the latest's must not be."""
    with unit_of_work():
        assert year.entry is not None
        ledger.reverse(year.entry, reason="偷偷冲掉", by=desk.clerk, at=evening(year.day) + timedelta(days=2))
    assert any("现行结算的凭证" in line for line in faults())


@pytest.mark.parametrize("name", ["entry", "posting"])
def test_a_dropped_trigger_is_named(desk: Desk, year: Settlement, name: str) -> None:
    statement = next(one for one in triggers.drop_statements("sqlite") if name in one)
    with unit_of_work():
        db.session.execute(sa.text(statement))
    assert any("触发器" in line for line in faults())


def test_a_confirmation_that_differs_from_its_entry_is_named(desk: Desk, year: Settlement) -> None:
    change(sa.update(Remittance).values(amount_fen=1))
    assert any("到账登记" in line for line in faults())


def test_a_confirmation_that_was_deleted_leaves_a_stray_entry(desk: Desk, year: Settlement) -> None:
    change(sa.delete(Remittance))
    assert any("没有对应的到账登记" in line for line in faults())


def test_a_payment_that_was_deleted_leaves_a_stray_entry(desk: Desk, year: Settlement) -> None:
    change(sa.delete(Payment))
    assert any("没有对应的付款登记" in line for line in faults())


def test_a_paid_proposal_whose_text_was_changed_is_named(desk: Desk, year: Settlement) -> None:
    change(sa.update(Proposal).values(payee="别人"))
    assert any("内容在表决后改过" in line for line in faults())


def test_a_paid_proposal_without_its_votes_is_named(desk: Desk, year: Settlement) -> None:
    change(sa.update(Proposal).values(amount_fen=4_000))
    assert len(faults()) >= 1
    change(sa.update(Proposal).values(amount_fen=5_000, state=ProposalState.APPROVED))
    assert any("付过款" in line for line in faults())


def test_each_community_says_what_it_came_to(desk: Desk, year: Settlement) -> None:
    assert len(verify_everything().lines) == HONEST
