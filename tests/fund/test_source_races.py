"""What several people do at once with partners, notices, goods, statements; and the harm without guards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from market.communities.service import find_community
from market.db import Model, db, do_in_unit_of_work
from market.fund import service
from market.fund.goods_rows import GoodsLot
from market.fund.matching import TheirLine
from market.fund.models import AccountStatement, CharityNotice, Fund, Partner
from market.fund.rules import GoodsWay, Source
from market.fund.service import GoodsDraft, Keeping, StatementDraft
from market.ledger import service as ledger
from tests.cast import person
from tests.conftest import both_engines
from tests.factories.sources import SPACE, draft_of
from tests.fund.conftest import AT, Desk, day_of
from tests.fund.test_service import app_of
from tests.ledger.test_races import INDICES, without_triggers
from tests.races import at_once, guards_off

TODAY = day_of(AT)
Act = Callable[[], str]


def ours() -> Fund:
    """The fund as the thread that asks reads it."""
    return service.require_fund(find_community("huaiyin"))


def stored(model: type[Model]) -> int:
    db.session.rollback()  # what this thread has read is older than what the others wrote
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def unguarded(monkeypatch: pytest.MonkeyPatch, point: str, acts: Sequence[Act], *indices: str) -> list[str]:
    with guards_off(app_of(), monkeypatch, point, together=len(acts), indices=indices):
        return at_once(app_of(), acts)


def counted(act: Act, calls: list[Act]) -> Act:
    """The same act, noting each time that it begins."""

    def begun() -> str:
        calls.append(act)
        return act()

    return begun


# ── the charity's notices ─────────────────────────────────────────────────────────────────────────────────


def typed() -> str:
    draft = draft_of(Source.PERSON, 20_000, TODAY, "JZ-1", donor="赵大爷")
    return service.enter_notice(ours(), draft, by=person("staff"), at=AT).ref


@both_engines
def test_a_notice_typed_by_many_at_once_is_one(desk: Desk) -> None:
    assert len(set(at_once(app_of(), [typed] * 5))) == stored(CharityNotice) == 1


@both_engines
def test_without_the_guards_it_is_typed_more_than_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch, "fund.enter_notice", [typed] * 3, "uq_charity_notice_reference")
    assert stored(CharityNotice) > 1


def confirming() -> list[Act]:
    notice_id = do_in_unit_of_work(
        lambda: (
            service.enter_notice(
                ours(),
                draft_of(Source.PERSON, 20_000, TODAY, "JZ-1", donor="赵大爷"),
                by=person("staff"),
                at=AT,
            ).id
        )
    )

    def by(login: str) -> Act:
        def act() -> str:
            notice = db.session.get_one(CharityNotice, notice_id)
            return str(service.confirm_notice(notice, by=person(login), at=AT).entry_id)

        return act

    return [by(login) for login in ("second", "member1", "member2")]


@both_engines
def test_a_notice_confirmed_by_three_at_once_is_posted_once(desk: Desk) -> None:
    assert len(set(at_once(app_of(), confirming()))) == 1
    assert ledger.balance(desk.fund.book, "1001") == 20_000


@both_engines
def test_without_the_guards_it_is_posted_more_than_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    acts = confirming()
    without_triggers()
    unguarded(monkeypatch, "fund.confirm_notice", acts, *INDICES)
    assert ledger.balance(desk.fund.book, "1001") > 20_000


# ── partners ──────────────────────────────────────────────────────────────────────────────────────────────


def agreed() -> str:
    return service.add_partner(ours(), SPACE, by=person("staff"), at=AT).ref


@both_engines
def test_an_agreement_entered_by_many_at_once_is_one(desk: Desk) -> None:
    calls: list[Act] = []
    assert len(set(at_once(app_of(), [counted(agreed, calls)] * 5))) == stored(Partner) == 1
    assert len(calls) == 5


@both_engines
def test_without_the_lock_only_the_database_keeps_it_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses, and the act is done again: so whoever came second looked before the first had written."""
    calls: list[Act] = []
    unguarded(monkeypatch, "fund.add_partner", [counted(agreed, calls)] * 3)
    assert len(calls) > 3


def endings() -> list[Act]:
    partner_id = do_in_unit_of_work(lambda: service.add_partner(ours(), SPACE, by=person("staff"), at=AT).id)

    def on(days: int) -> Act:
        def act() -> str:
            partner = db.session.get_one(Partner, partner_id)
            service.end_partner(partner, TODAY - timedelta(days=days), "搬走了", by=person("staff"), at=AT)
            return "ended"

        return act

    return [on(1), on(2)]


@both_engines
def test_of_two_ends_at_once_one_counts(desk: Desk) -> None:
    assert sorted(at_once(app_of(), endings())) == ["ended", "fund.partner_ended"]


@both_engines
def test_without_the_guards_the_second_end_takes_the_place_of_the_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unguarded(monkeypatch, "fund.end_partner", endings()) == ["ended", "ended"]


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────────────


def handing_out(desk: Desk) -> list[Act]:
    draft = GoodsDraft("大米", 9, TODAY, Keeping("储藏室"))
    lot_id = do_in_unit_of_work(
        lambda: service.receive_goods(desk.community, draft, by=person("staff"), at=AT).id
    )

    def act() -> str:
        lot = db.session.get_one(GoodsLot, lot_id)
        service.send_out(lot, GoodsWay.GIVEN, 4, "几户老人", TODAY, by=person("staff"), at=AT)
        return "given"

    return [act] * 3


def left() -> int:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(sa.select(GoodsLot)).one().left


@both_engines
def test_goods_given_out_at_once_are_never_more_than_there_are(desk: Desk) -> None:
    assert sorted(at_once(app_of(), handing_out(desk))) == ["fund.goods_short", "given", "given"]
    assert left() == 1


@both_engines
def test_without_the_guards_more_is_given_than_there_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch, "fund.send_out", handing_out(desk))
    assert left() < 0


# ── statements ────────────────────────────────────────────────────────────────────────────────────────────


def reading() -> str:
    draft = StatementDraft("DZ-1", TODAY, TODAY, 0, 500, (TheirLine(2, TODAY, 500, "GZ-0", ""),))
    return service.read_in(ours(), draft, by=person("staff"), at=AT).ref


@both_engines
def test_a_statement_read_in_by_many_at_once_is_one(desk: Desk) -> None:
    calls: list[Act] = []
    assert len(set(at_once(app_of(), [counted(reading, calls)] * 5))) == stored(AccountStatement) == 1
    assert len(calls) == 5


@both_engines
def test_without_the_lock_only_the_database_keeps_a_statement_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Act] = []
    unguarded(monkeypatch, "fund.read_in", [counted(reading, calls)] * 3)
    assert len(calls) > 3
