"""One line for every act, chained, with what it touched; what was there before is taken in as it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from market import audit, clock
from market.audit import AuditRow
from market.communities.models import Community
from market.communities.service import find_community
from market.db import Model, db, do_in_unit_of_work, guards, unit_of_work
from market.fund.models import Fund
from market.insight.facts import FACTS, NOT_FACTS
from market.insight.proof import verify_everything
from market.journal import writing
from market.journal.kinds import path_to_community
from market.journal.models import Journal
from market.journal.opening import OPENED, old_rows, open_journal, shapes_noted
from market.journal.printed import head_now
from market.journal.verification import check_journal, read_lines
from market.people.models import Membership
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.settlement import make_fund
from tests.parts.guards import drop_guards, put_back_guards, run

AT = clock.now()
EXISTING = 16
"""Facts of the cast with one fund: fifteen roles, and the fund."""


def lines(chain: int) -> list[AuditRow]:
    query = sa.select(AuditRow).where(AuditRow.chain == chain).order_by(AuditRow.number)
    return list(db.session.scalars(query))


def opened(cast: Cast) -> Community:
    community = find_community(cast.ours)
    with unit_of_work():
        make_fund(community, person("staff"), AT)
    return community


def test_every_table_has_facts_or_a_reason_why_not() -> None:
    named = {kind.table.name for kind in FACTS}
    assert named & set(NOT_FACTS) == set()
    assert named | set(NOT_FACTS) == set(Model.metadata.tables)
    assert all(NOT_FACTS.values())


def test_every_kind_leads_to_a_community_or_is_the_platforms() -> None:
    assert {kind.name for kind in FACTS if path_to_community(kind.table) is None} == set()


def test_an_act_is_a_line_that_tells_of_what_it_touched(context: Flask, cast: Cast) -> None:
    community = opened(cast)
    book, fund = lines(community.id)[-2:]
    assert (book.act, book.user_id, book.facts) == ("ledger.open_book", person("staff").id, {})
    assert (fund.act, fund.object_kind, list(fund.facts)) == ("fund.open_fund", "fund", ["fund:1"])
    assert [fund.number, fund.hash] == list(head_now(community.id))
    assert check_journal().fact_faults == []


def test_an_act_that_is_refused_in_a_savepoint_leaves_no_line(context: Flask, cast: Cast) -> None:
    community = find_community(cast.ours)
    before = head_now(community.id)
    with unit_of_work():
        with suppress(ZeroDivisionError), db.session.begin_nested():
            make_fund(community, person("staff"), AT)
            1 / 0  # noqa: B018 - the act fails here
        with db.session.begin_nested():
            audit.record("tests.kept", community, by=None, at=AT, community=community)
    assert [line.act for line in lines(community.id)[before.size :]] == ["tests.kept"]
    assert db.session.scalar(sa.select(Fund)) is None


def test_a_unit_of_work_that_fails_leaves_nothing_for_the_next(context: Flask, cast: Cast) -> None:
    community = find_community(cast.ours)
    before = head_now(community.id)
    with suppress(ZeroDivisionError), unit_of_work():
        make_fund(community, person("staff"), AT)
        1 / 0  # noqa: B018 - the act fails here
    with unit_of_work():
        pass
    assert head_now(community.id) == before


def test_what_nobody_named_is_a_line_too(context: Flask, cast: Cast) -> None:
    community = opened(cast)
    with unit_of_work():
        db.session.execute(sa.update(Fund).values(charity="别的慈善会"))
        db.session.scalars(sa.select(Fund)).one().purpose = "别的用途"
    last = lines(community.id)[-1]
    assert (last.act, list(last.facts)) == (writing.UNNAMED, ["fund:1"])
    with unit_of_work():
        db.session.execute(sa.delete(Fund))
    assert (lines(0)[-1].act, lines(0)[-1].facts) == (writing.UNNAMED, {"fund:1": None})
    assert check_journal().fact_faults == []


def test_what_one_act_touches_in_two_communities_is_told_in_both(context: Flask, cast: Cast) -> None:
    ours, theirs = find_community(cast.ours), find_community(cast.theirs)
    with unit_of_work():
        for membership in db.session.scalars(sa.select(Membership)):
            membership.until = AT
        audit.record("tests.end_all", ours, by=person("staff"), at=AT, community=ours)
    for chain, object_ref in ((ours.id, str(ours.id)), (theirs.id, str(ours.id)), (0, str(ours.id))):
        line = lines(chain)[-1]
        assert (line.act, line.object_ref, line.user_id) == ("tests.end_all", object_ref, person("staff").id)
        assert line.facts
    assert check_journal().fact_faults == []


def test_a_line_with_very_many_facts_is_cut(
    context: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_FACTS", 2)
    ours = find_community(cast.ours)
    before = head_now(ours.id).size
    with unit_of_work():
        for membership in db.session.scalars(sa.select(Membership).where(Membership.community_id == ours.id)):
            membership.until = AT
        audit.record("tests.end_all", ours, by=None, at=AT, community=ours)
    assert [len(line.facts) for line in lines(ours.id)[before:]] == [2, 2, 2]
    assert check_journal().fact_faults == []
    assert verify_everything().faults == 0


# ── taking in what was there ──────────────────────────────────────────────────────────────────────────────


@both_engines
@pytest.mark.own_app
def test_an_older_database_is_taken_in_and_says_so(context: Flask, cast: Cast) -> None:
    community = opened(cast)
    with unit_of_work():  # as it was before there was a journal
        values: dict[str, object] = {"number": None, "facts": {}, "salt": "", "said": "", "hash": ""}
        run(drop_guards())
        db.session.execute(sa.update(AuditRow).values(values))
        db.session.execute(sa.delete(Journal))
        run(put_back_guards())
    assert verify_everything().faults > 0
    assert do_in_unit_of_work(lambda: open_journal(at=AT)) == EXISTING
    assert verify_everything().faults == 0, verify_everything().lines
    (line,) = read_lines(community.id)
    assert line.line.act == OPENED
    assert line.line.detail["before"] == list(old_rows()[community.id])
    assert do_in_unit_of_work(lambda: open_journal(at=AT)) == 0
    with unit_of_work():
        run(drop_guards())
        db.session.execute(sa.text("DELETE FROM audit_row WHERE number IS NULL AND chain = 1"))
        run(put_back_guards())
    (fault,) = [line for line in verify_everything().lines if line.startswith("✕")]
    assert "开日志以前的操作记录" in fault


def test_a_kind_that_counts_by_other_columns_is_taken_in_anew(context: Flask, cast: Cast) -> None:
    opened(cast)
    do_in_unit_of_work(lambda: open_journal(at=AT))
    assert shapes_noted() == {kind.name: kind.shape for kind in FACTS}
    narrower = [kind if kind.name != "fund" else type(kind)(Fund, ("name",)) for kind in FACTS]
    context.extensions["journal"] = type(writing.kinds())(narrower)
    assert [fault.key for fault in check_journal().fact_faults] == ["fund:1"]
    assert do_in_unit_of_work(lambda: open_journal(at=AT)) == 1
    assert check_journal().fact_faults == []


def test_a_value_that_cannot_be_read_is_named(context: Flask, cast: Cast) -> None:
    opened(cast)
    with unit_of_work():
        db.session.execute(sa.text("UPDATE fund SET signed_on = '某日'"))
    (fault,) = [line for line in verify_everything_but_the_fund() if "读不出来" in line]
    assert "基金登记" in fault


def verify_everything_but_the_fund() -> list[str]:
    from market.insight.journal_proof import journal_faults

    return list(journal_faults(check_journal(), 0))


# ── many at once ──────────────────────────────────────────────────────────────────────────────────────────


def line_of(slug: str) -> Callable[[], None]:
    """An act for another thread."""

    def act() -> None:
        community = find_community(slug)
        audit.record("tests.act", community, by=None, at=AT, community=community)

    return act


def at_once(app: Flask, acts: list[Callable[[], None]]) -> list[str]:
    """Every act in its own thread and unit of work; what became of each."""
    start = threading.Barrier(len(acts))
    db.session.rollback()

    def run(act: Callable[[], None]) -> str:
        with app.app_context():
            start.wait(30)
            try:
                do_in_unit_of_work(act)
            except DBAPIError as error:
                return type(error).__name__
            return "written"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


REFUSED = {
    "sqlite": (
        "UPDATE audit_row SET user_id = NULL",
        "DELETE FROM audit_row",
        "REPLACE INTO audit_row SELECT * FROM audit_row",
    ),
    "postgresql": (
        "UPDATE audit_row SET user_id = NULL",
        "DELETE FROM audit_row",
        "TRUNCATE audit_row",
    ),
}


@both_engines
@pytest.mark.own_app
def test_the_database_refuses_to_change_a_line(context: Flask, cast: Cast, engine: str) -> None:
    opened(cast)
    for statement in REFUSED[engine]:
        with pytest.raises(DBAPIError, match="journal is append-only"), unit_of_work():
            db.session.execute(sa.text(statement))
    assert verify_everything().faults == 0


@both_engines
@pytest.mark.own_app
def test_without_its_trigger_a_line_can_be_deleted_and_verify_names_both(
    context: Flask, cast: Cast, engine: str
) -> None:
    opened(cast)
    with unit_of_work():
        where = " ON audit_row" if engine == "postgresql" else ""
        db.session.execute(sa.text(f"DROP TRIGGER journal_line_no_delete{where}"))
        db.session.execute(sa.text("DELETE FROM audit_row WHERE number = 1"))
    said = "\n".join(verify_everything().lines)
    assert "journal_line_no_delete" in said
    assert "缺了行" in said


@both_engines
@pytest.mark.own_app
def test_twenty_hosts_write_one_chain(context: Flask, cast: Cast) -> None:
    community = find_community(cast.ours)
    before = head_now(community.id).size
    assert at_once(context, [line_of(cast.ours)] * 20) == ["written"] * 20
    db.session.rollback()
    assert [line.number for line in lines(community.id)] == list(range(1, before + 21))
    assert check_journal().chain_faults == []


@both_engines
@pytest.mark.own_app
def test_without_the_lock_and_the_key_a_chain_is_torn(
    context: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work():
        db.session.execute(sa.text("DROP INDEX uq_audit_row_number"))
    barrier = threading.Barrier(6)

    def meet(_name: str) -> None:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(5)

    monkeypatch.setitem(context.extensions, "race_point", meet)
    monkeypatch.setattr(guards, "on", False)
    at_once(context, [line_of(cast.ours)] * 6)
    monkeypatch.undo()
    db.session.rollback()
    assert check_journal().chain_faults != []
