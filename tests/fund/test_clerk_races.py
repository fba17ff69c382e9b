"""Two clerks do the same at once: it is done once, and the second hears the same; the harm without guards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from market import audit
from market.db import db, do_in_unit_of_work, unit_of_work
from market.fund import service
from market.fund.goods_rows import GoodsLot, GoodsOut
from market.fund.matching import TheirLine
from market.fund.models import AccountStatement, CharityNotice, JobCount, Refund, StatementRemark
from market.fund.rules import GoodsWay, Source
from market.fund.service import GoodsDraft, Keeping, StatementDraft
from market.ledger import service as ledger
from market.people.models import User
from market.settlement import service as settlement
from market.settlement.models import InKindItem
from market.stalls import service as stalls
from tests.cast import person
from tests.conftest import both_engines
from tests.factories.settlement import ended_market, evening
from tests.factories.sources import WORKSHOP, draft_of, posted
from tests.fund.conftest import AT, Desk
from tests.fund.test_service import app_of
from tests.fund.test_source_races import TODAY, Act, counted, ours, stored, unguarded
from tests.ledger.test_races import INDICES, without_triggers
from tests.races import at_once, guards_off

pytestmark = both_engines

SHELF = Keeping("储藏室")
GIFT = draft_of(Source.PERSON, 20_000, TODAY, "JZ-1", donor="赵大爷")


def clerks(act: Callable[[User], str], *logins: str) -> list[Act]:
    """What each of two clerks does; they are read anew in their own unit of work."""

    def of(user_id: int) -> Act:
        return lambda: act(db.session.get_one(User, user_id))

    return [of(person(login).id) for login in logins or ("staff", "second")]


def lines_said() -> str:
    """How many lines the act will leave in the journal."""
    return str(sum(isinstance(thing, audit.AuditRow) for _savepoints, thing in audit.waiting()))


def without_keys(monkeypatch: pytest.MonkeyPatch, acts: Sequence[Act]) -> list[str]:
    """The acts with nothing at all to keep the book in order."""
    without_triggers()
    with guards_off(app_of(), monkeypatch, together=len(acts), indices=(*INDICES, "uq_entry_reverses")):
        return at_once(app_of(), acts)


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────────────


def storing(desk: Desk) -> list[Act]:
    with unit_of_work():
        day = ended_market(desk.community, desk.clerk, (100_000,), in_days=-20)
        vendor = stalls.assignments(day)[0].vendor
        item_id = settlement.give_in_kind(day, vendor, "大白菜", 18, by=desk.clerk, at=evening(day)).id
        settlement.close_day(day, by=desk.clerk, at=evening(day))

    def act(by: User) -> str:
        return service.store_item(db.session.get_one(InKindItem, item_id), SHELF, by=by, at=AT).ref

    return clerks(act)


def test_what_was_given_at_a_market_is_taken_into_store_once(desk: Desk) -> None:
    assert len(set(at_once(app_of(), storing(desk)))) == stored(GoodsLot) == 1


def test_without_the_lock_only_the_database_keeps_it_from_being_stored_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It refuses, and the act is done again: so whoever came second looked before the first had written."""
    calls: list[Act] = []
    unguarded(monkeypatch, "fund.store_item", [counted(act, calls) for act in storing(desk)])
    assert len(calls) > 2


def receiving(by: User) -> str:
    draft = GoodsDraft("大米", 20, TODAY, SHELF, donor="示例粮店")
    return service.receive_goods(ours().community, draft, by=by, at=AT).ref


def test_two_gifts_that_are_alike_are_two_lots(desk: Desk) -> None:
    """The same from one shop, twice on one day; a form that is sent twice is looked at in test_goods.py."""
    assert len(set(at_once(app_of(), clerks(receiving)))) == stored(GoodsLot) == 2


def voiding(desk: Desk) -> list[Act]:
    """Each at a moment of its own, and told when it was taken back."""

    def send() -> int:
        lot = service.receive_goods(desk.community, GoodsDraft("大米", 9, TODAY, SHELF), by=desk.clerk, at=AT)
        return service.send_out(lot, GoodsWay.GIVEN, 4, "几户老人", TODAY, by=desk.clerk, at=AT).id

    out_id, moments = do_in_unit_of_work(send), iter([AT, AT + timedelta(seconds=5)])

    def act(by: User) -> str:
        out = db.session.get_one(GoodsOut, out_id)
        service.void_out(out, by=by, at=next(moments))
        return f"{out.voided_at}"

    return clerks(act)


def test_a_handing_out_is_taken_back_once(desk: Desk) -> None:
    assert len(set(at_once(app_of(), voiding(desk)))) == 1


def test_without_the_guards_it_is_taken_back_at_two_moments(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(set(unguarded(monkeypatch, "fund.void_out", voiding(desk)))) == 2


# ── workshops ─────────────────────────────────────────────────────────────────────────────────────────────


def counting(desk: Desk) -> list[Act]:
    partner_ref = do_in_unit_of_work(
        lambda: service.add_partner(desk.fund, WORKSHOP, by=desk.clerk, at=AT).ref
    )

    def act(by: User) -> str:
        partner = service.find_partner(ours(), partner_ref)
        return str(service.count_jobs(partner, 60, TODAY, by=by, at=AT).id)

    return clerks(act)


def test_a_count_of_jobs_typed_by_two_is_one(desk: Desk) -> None:
    assert len(set(at_once(app_of(), counting(desk)))) == stored(JobCount) == 1


def test_without_the_guards_it_is_counted_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch, "fund.count_jobs", counting(desk))
    assert stored(JobCount) == 2


# ── the charity's notices ─────────────────────────────────────────────────────────────────────────────────


def withdrawing(desk: Desk) -> list[Act]:
    ref = do_in_unit_of_work(lambda: service.enter_notice(desk.fund, GIFT, by=desk.clerk, at=AT).ref)

    def act(by: User) -> str:
        service.withdraw_notice(service.find_notice(ours(), ref), by=by, at=AT)
        return "withdrawn"

    return clerks(act)


def test_a_notice_taken_back_by_two_is_taken_back_by_one(desk: Desk) -> None:
    assert sorted(at_once(app_of(), withdrawing(desk))) == ["fund.no_notice", "withdrawn"]
    assert stored(CharityNotice) == 0


@pytest.mark.filterwarnings("ignore:DELETE statement on table")
def test_without_the_guards_both_say_that_they_took_it_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unguarded(monkeypatch, "fund.withdraw_notice", withdrawing(desk)) == ["withdrawn"] * 2


def test_a_notice_taken_back_while_it_is_confirmed_is_either(desk: Desk) -> None:
    """It is gone, or it is posted and stays: never posted without its notice."""
    first, _other = withdrawing(desk)
    ref = service.waiting_notices(ours())[0].ref

    def confirm(by: User) -> str:
        service.confirm_notice(service.find_notice(ours(), ref), by=by, at=AT)
        return "posted"

    answers = at_once(app_of(), [first, clerks(confirm, "member1")[0]])
    assert answers in (["withdrawn", "fund.no_notice"], ["fund.notice_posted", "posted"])
    assert ledger.balance(desk.fund.book, "1001") == stored(CharityNotice) * 20_000


def reversing(desk: Desk) -> list[Act]:
    with unit_of_work():
        ref = posted(desk.fund, GIFT, (desk.clerk, desk.second), AT - timedelta(hours=2)).ref

    def act(by: User) -> str:
        service.reverse_notice(service.find_notice(ours(), ref), "金额抄错了", by=by, at=AT)
        return lines_said()

    return clerks(act, "staff", "member1")


def test_a_posted_notice_is_undone_once(desk: Desk) -> None:
    assert sorted(at_once(app_of(), reversing(desk)))[0] == "0"
    assert ledger.balance(desk.fund.book, "1001") == 0
    assert ledger.verify(desk.fund.book).ok


@pytest.mark.filterwarnings("ignore:Multiple rows returned")
def test_without_the_guards_it_is_undone_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    without_keys(monkeypatch, reversing(desk))
    assert ledger.balance(desk.fund.book, "1001") == -20_000


def naming(desk: Desk) -> list[Act]:
    with unit_of_work():
        named = draft_of(Source.PERSON, 20_000, TODAY, "JZ-1", donor="赵大爷", may_name=True)
        ref = posted(desk.fund, named, (desk.clerk, desk.second), AT - timedelta(hours=2)).ref

    def act(by: User) -> str:
        notice = service.find_notice(ours(), ref)
        service.set_naming(notice, False, by=by, at=AT)
        return f"{lines_said()} {notice.may_name}"

    return clerks(act)


def test_a_name_is_taken_off_the_page_once(desk: Desk) -> None:
    assert sorted(at_once(app_of(), naming(desk))) == ["0 False", "1 False"]


def test_without_the_guards_it_is_said_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unguarded(monkeypatch, "fund.set_naming", naming(desk)) == ["1 False"] * 2


# ── giving back ───────────────────────────────────────────────────────────────────────────────────────────


def refunding(desk: Desk) -> str:
    """The address of a refund that a member has not agreed to yet."""
    day = desk.market(160_000).day
    desk.arrive(day, "GZ-1")
    with unit_of_work():
        held = stalls.assignments(day)[0]
        settlement.correct_takings(held, 100_000, "看错了一行", by=desk.second, at=AT)
    return do_in_unit_of_work(lambda: service.ask_refund(day, "TK-1", by=desk.second, at=AT).ref)


def agreeing(desk: Desk) -> list[Act]:
    """Each told who agreed."""
    ref = refunding(desk)

    def act(by: User) -> str:
        return str(service.agree_refund(service.find_refund(ours(), ref), by=by, at=AT).agreed_by)

    return clerks(act, "member1", "member2")


def test_whoever_agreed_first_to_a_refund_stays_the_one(desk: Desk) -> None:
    assert len(set(at_once(app_of(), agreeing(desk)))) == 1


def test_without_the_guards_each_thinks_it_was_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(set(without_keys(monkeypatch, agreeing(desk)))) == 2


def taking_back(desk: Desk) -> list[Act]:
    ref = refunding(desk)

    def act(by: User) -> str:
        service.withdraw_refund(service.find_refund(ours(), ref), by=by, at=AT)
        return "withdrawn"

    return clerks(act)


def test_a_refund_taken_back_by_two_is_taken_back_by_one(desk: Desk) -> None:
    assert sorted(at_once(app_of(), taking_back(desk))) == ["fund.no_refund", "withdrawn"]
    assert stored(Refund) == 0


@pytest.mark.filterwarnings("ignore:DELETE statement on table")
def test_without_the_guards_both_took_the_refund_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unguarded(monkeypatch, "fund.withdraw_refund", taking_back(desk)) == ["withdrawn"] * 2


# ── statements ────────────────────────────────────────────────────────────────────────────────────────────


def statement_of(desk: Desk) -> str:
    """The address of a statement with one line that the book does not have."""
    draft = StatementDraft("DZ-1", TODAY, TODAY, 0, 500, (TheirLine(2, TODAY, 500, "GZ-0", ""),))
    return do_in_unit_of_work(lambda: service.read_in(desk.fund, draft, by=desk.clerk, at=AT).ref)


def explaining(ref: str) -> list[Act]:
    def act(by: User) -> str:
        found = service.find_statement(ours(), ref)
        return str(service.explain(found, "row:2", "不是我们的", by=by, at=AT).id)

    return clerks(act)


def test_a_difference_explained_by_two_in_the_same_words_is_explained_once(desk: Desk) -> None:
    assert len(set(at_once(app_of(), explaining(statement_of(desk))))) == stored(StatementRemark) == 1


def test_without_the_guards_it_is_explained_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch, "fund.explain", explaining(statement_of(desk)))
    assert stored(StatementRemark) == 2


def taking_out(ref: str) -> list[Act]:
    def act(by: User) -> str:
        service.withdraw_statement(service.find_statement(ours(), ref), by=by, at=AT)
        return "withdrawn"

    return clerks(act)


def test_a_statement_taken_out_by_two_is_taken_out_by_one(desk: Desk) -> None:
    answers = at_once(app_of(), taking_out(statement_of(desk)))
    assert sorted(answers) == ["fund.no_such_statement", "withdrawn"]
    assert stored(AccountStatement) == 0


@pytest.mark.filterwarnings("ignore:DELETE statement on table")
def test_without_the_guards_both_took_the_statement_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    acts = taking_out(statement_of(desk))
    assert unguarded(monkeypatch, "fund.withdraw_statement", acts) == ["withdrawn"] * 2


def test_a_statement_taken_out_while_it_is_explained_leaves_no_sentence_behind(desk: Desk) -> None:
    ref = statement_of(desk)
    answers = at_once(app_of(), [taking_out(ref)[0], explaining(ref)[1]])
    assert answers[0] == "withdrawn"
    assert (stored(AccountStatement), stored(StatementRemark)) == (0, 0)
