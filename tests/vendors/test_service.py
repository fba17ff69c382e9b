"""Acts of the register, of papers and of applications."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from market import audit, clock
from market.calendar import service as calendar
from market.calendar.rules import DayState, Step
from market.communities.service import find_community
from market.db import db
from market.errors import NotFound, Refusal
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.places.service import live_stalls, retire_stall
from market.vendors import service
from market.vendors.models import Application, Vendor
from market.vendors.rules import ApplicationState, Category, DocumentKind
from tests.cast import make_user, person
from tests.factories.calendar import bring_to, make_day, make_venue
from tests.factories.vendors import draft, make_application, make_vendor, show_papers
from tests.trail import select_said
from tests.vendors.conftest import Stage

A, C, D = ApplicationState, Category, DocumentKind


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    assert str(caught.value.sentence)
    return caught.value.code


def audited(act: str) -> list[audit.AuditRow]:
    return list(db.session.scalars(select_said(audit.AuditRow).where(audit.AuditRow.act == act)))


# ── the register ──────────────────────────────────────────────────────────────────────────────────────────


def test_staff_enter_a_vendor_without_an_account(stage: Stage) -> None:
    vendor = service.register_vendor(
        stage.community,
        draft("  单家修鞋 ", holder="单师傅", phone="138 1111 2222"),
        by=stage.staff,
        at=clock.now(),
    )
    assert (vendor.trading_name, vendor.phone, vendor.user, vendor.pinyin) == (
        "单家修鞋", "13811112222", None, "shan jia xiu xie",
    )  # fmt: skip
    assert [row.on_behalf_of for row in audited("vendors.register_vendor")][-1] == "单家修鞋"


def test_a_vendor_that_registers_itself_acts_for_nobody_else(stage: Stage) -> None:
    user = make_user("13811112222", "李姐")
    vendor = service.register_vendor(
        stage.community, draft("李姐理发", phone="13811112222"), by=user, at=clock.now(), user=user
    )
    assert service.vendor_of(user, stage.community) is vendor
    assert [(m.role, m.community_id) for m in user.memberships] == [(Role.VENDOR, stage.community.id)]
    assert audited("vendors.register_vendor")[-1].on_behalf_of is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": "12345"}, "vendors.bad_phone"),
        ({"trading_name": "  "}, "vendors.no_name"),
        ({"goods": ""}, "vendors.no_name"),
        ({"power_w": -1}, "vendors.bad_power"),
        ({"power_w": 20_001}, "vendors.bad_power"),
    ],
)
def test_a_bad_registration_is_refused(stage: Stage, changes: dict[str, object], code: str) -> None:
    facts = draft(**{"trading_name": "某摊", **changes})  # type: ignore[arg-type]  # plain keyword values
    assert (
        code_of(lambda: service.register_vendor(stage.community, facts, by=stage.staff, at=clock.now()))
        == code
    )


def test_a_number_stands_once_in_a_register_and_again_in_another(stage: Stage) -> None:
    facts = draft(phone=stage.vendor.phone)
    assert (
        code_of(lambda: service.register_vendor(stage.community, facts, by=stage.staff, at=clock.now()))
        == "vendors.phone_taken"
    )
    theirs = service.register_vendor(find_community("songhe"), facts, by=person("staff-b"), at=clock.now())
    assert theirs.phone == stage.vendor.phone


def test_only_staff_may_enter_a_telephone_at_home(stage: Stage) -> None:
    at_home = draft("没手机的老刘", phone="0533-1234567")
    vendor = service.register_vendor(stage.community, at_home, by=stage.staff, at=clock.now())
    assert vendor.phone == "05331234567"
    user = make_user("lao-liu", "老刘")
    facts = draft(phone="0533-7654321")
    assert (
        code_of(lambda: service.register_vendor(stage.community, facts, by=user, at=clock.now(), user=user))
        == "vendors.bad_phone"
    )


def test_an_edit_is_sorted_anew_and_names_what_changed(stage: Stage) -> None:
    service.edit_vendor(
        stage.vendor,
        draft("仇记卤味", holder="仇老板", phone=stage.vendor.phone),
        by=stage.staff,
        at=clock.now(),
    )
    assert stage.vendor.pinyin == "qiu ji lu wei"
    assert audited("vendors.edit_vendor")[-1].detail == {"changed": ["holder", "trading_name"]}


def test_a_new_number_of_ones_own_is_the_new_login(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, login="13800007777", phone="13800007777")
    assert vendor.user is not None
    service.edit_vendor(vendor, draft(phone="13900007777"), by=vendor.user, at=clock.now())
    assert (vendor.phone, vendor.user.login) == ("13900007777", "13900007777")


def test_a_new_number_of_ones_own_holds_in_every_community_at_once(stage: Stage) -> None:
    user = make_user("13800007777", "老张")
    at, facts = clock.now(), draft(phone="13800007777")
    shops = [
        service.register_vendor(find_community(slug), facts, by=user, at=at, user=user)
        for slug in ("huaiyin", "songhe")
    ]
    service.edit_vendor(shops[0], draft(phone="13900007777"), by=user, at=clock.now())
    assert [shop.phone for shop in shops] == ["13900007777"] * 2
    service.change_number(user, "139 0000 8888", by=user, at=clock.now())
    assert ([shop.phone for shop in shops], user.login) == (["13900008888"] * 2, "13900008888")


def test_a_number_that_another_vendor_has_elsewhere_changes_nothing_anywhere(stage: Stage) -> None:
    user = make_user("13800007777", "老张")
    for slug in ("huaiyin", "songhe"):
        community = find_community(slug)
        service.register_vendor(community, draft(phone="13800007777"), by=user, at=clock.now(), user=user)
    make_vendor(find_community("songhe"), stage.staff, phone="13900007777")
    code = code_of(lambda: service.change_number(user, "13900007777", by=user, at=clock.now()))
    assert (code, user.login) == ("vendors.phone_taken", "13800007777")


def test_staff_cannot_change_the_login_of_an_account_used_elsewhere(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, login="13800007777", phone="13800007777")
    assert vendor.user is not None
    people.grant(vendor.user, Role.GATE, community=find_community("songhe"), at=clock.now())
    assert (
        code_of(
            lambda: service.edit_vendor(vendor, draft(phone="13900007777"), by=stage.staff, at=clock.now())
        )
        == "vendors.phone_is_login"
    )


def test_a_number_that_somebody_signs_in_with_is_taken(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, login="13800007777", phone="13800007777")
    make_user("13900007777", "别人")
    facts = draft(phone="13900007777")
    assert (
        code_of(lambda: service.edit_vendor(vendor, facts, by=stage.staff, at=clock.now()))
        == "vendors.phone_taken"
    )


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["陈记面馆", "老张豆浆坊", "仇记卤味", "单家修鞋"]),
        ("记", ["陈记面馆", "仇记卤味"]),
        ("sjxx", ["单家修鞋"]),
        ("SJ", ["单家修鞋"]),
        ("qiuji", ["仇记卤味"]),
        ("lu wei", ["仇记卤味"]),
        ("配钥匙", ["单家修鞋"]),
        ("2222", ["单家修鞋"]),
        ("222", []),
        ("没有这家", []),
        ("zs", ["老张豆浆坊"]),
    ],
)
def test_finding_a_vendor(stage: Stage, search: str, found: list[str]) -> None:
    for name, holder, phone in (
        ("单家修鞋", "单师傅", "13811112222"),
        ("仇记卤味", "仇老板", "13811113333"),
        ("陈记面馆", "陈姐", "13811114444"),
    ):
        goods = "修鞋、配钥匙" if name == "单家修鞋" else "吃的"
        make_vendor(stage.community, stage.staff, name, holder=holder, phone=phone, goods=goods)
    names = [hit.name for hit in service.search_register(stage.community, search)]
    assert names == sorted(found, key=["陈记面馆", "老张豆浆坊", "仇记卤味", "单家修鞋"].index)


@pytest.mark.parametrize(
    "search",
    [
        "138 0000 0012",
        "+86 138-0000-0012",
        "\u202d13800000012\u202c",
        "０００１２",
        "买买提•吐",
        "买买提・吐尔逊",
        "买买提吐",
        "ＡＢＣ烤馕",
        "烤\u200b馕",
        "烤 馕",
        "馕 买买提",
    ],
)
def test_a_vendor_is_found_as_our_lists_print_it_and_as_it_was_copied(stage: Stage, search: str) -> None:
    make_vendor(
        stage.community, stage.staff, "abc烤馕", holder="买买提·吐尔逊", phone="13800000012", goods="馕"
    )
    found = [hit.name for hit in service.search_register(stage.community, search)]
    assert found == ["abc烤馕"]


def test_another_communitys_vendor_is_not_found(stage: Stage) -> None:
    theirs = find_community("songhe")
    with pytest.raises(NotFound):
        service.find_vendor(theirs, stage.vendor.ref)
    assert service.register(theirs) == []


def test_who_is_no_vendor_here_is_told_so(stage: Stage) -> None:
    assert code_of(lambda: service.vendor_of(stage.staff, stage.community)) == "vendors.not_a_vendor"


# ── the one-time link ─────────────────────────────────────────────────────────────────────────────────────


def test_a_link_makes_the_account_and_signs_in(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, "没账号的老刘", phone="13811112222")
    user = people.use_sign_in_link(
        service.open_account(vendor, by=stage.staff, at=clock.now()), at=clock.now()
    )
    assert (user.login, vendor.user) == ("13811112222", user)
    assert service.vendor_of(user, stage.community) is vendor


def test_a_second_link_is_for_the_same_account(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, phone="13811112222")
    service.open_account(vendor, by=stage.staff, at=clock.now())
    first = vendor.user
    service.open_account(vendor, by=stage.staff, at=clock.now())
    assert vendor.user is first


@pytest.mark.parametrize("role", [Role.STAFF, Role.GATE, Role.VENDOR])
def test_a_link_into_an_account_that_can_do_more_elsewhere_opens_this_community_only(
    stage: Stage, role: Role
) -> None:
    vendor = make_vendor(stage.community, stage.staff, login="13811112222")
    assert vendor.user is not None
    people.grant(vendor.user, role, community=find_community("songhe"), at=clock.now())
    secret = service.open_account(vendor, by=stage.staff, at=clock.now())
    assert people.find_sign_in_link(secret, at=clock.now()).community_id == stage.community.id


@pytest.mark.parametrize("role", [Role.STAFF, Role.GATE, Role.COMMITTEE, Role.PLATFORM])
def test_no_link_for_an_account_that_is_more_than_a_stall_here(stage: Stage, role: Role) -> None:
    vendor = make_vendor(stage.community, stage.staff, login="13811112222")
    assert vendor.user is not None
    where = None if role is Role.PLATFORM else stage.community
    people.grant(vendor.user, role, community=where, at=clock.now())
    assert (
        code_of(lambda: service.open_account(vendor, by=stage.staff, at=clock.now()))
        == "vendors.link_elsewhere"
    )


def test_no_link_to_whoever_has_the_number_that_staff_typed(stage: Stage) -> None:
    user = make_user("13811112222", "别处的书记")
    people.grant(user, Role.STAFF, community=find_community("songhe"), at=clock.now())
    vendor = make_vendor(stage.community, stage.staff, phone="13811112222")
    assert (
        code_of(lambda: service.open_account(vendor, by=stage.staff, at=clock.now()))
        == "vendors.link_elsewhere"
    )
    assert vendor.user is None


def test_no_account_without_a_mobile_number(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, phone="0533-1234567")
    assert (
        code_of(lambda: service.open_account(vendor, by=stage.staff, at=clock.now())) == "vendors.bad_phone"
    )


# ── papers ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_number_renews_the_term_and_another_number_is_another_paper(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, papers=False)
    terms = [date(2026, 1, 1), date(2027, 1, 1)]
    for valid_to in terms:
        service.check_document(
            vendor,
            D.HEALTH_CERT,
            number=" JK-1 ",
            issuer="疾控",
            valid_to=valid_to,
            by=stage.staff,
            at=clock.now(),
        )
    service.check_document(
        vendor, D.HEALTH_CERT, number="JK-2", issuer="", valid_to=None, by=person("second"), at=clock.now()
    )
    assert [(d.number, d.valid_to, d.checker.login) for d in vendor.documents] == [
        ("JK-1", terms[1], "staff"),
        ("JK-2", None, "second"),
    ]


def test_a_paper_without_a_number_is_refused(stage: Stage) -> None:
    assert (
        code_of(
            lambda: service.check_document(
                stage.vendor,
                D.HEALTH_CERT,
                number="  ",
                issuer="",
                valid_to=None,
                by=stage.staff,
                at=clock.now(),
            )
        )
        == "vendors.no_number"
    )


@pytest.mark.parametrize(
    ("category", "signed"),
    [(C.DAILY_GOODS, [D.ENTRY_AGREEMENT]), (C.COOKED_FOOD, [D.ENTRY_AGREEMENT, D.FOOD_UNDERTAKING])],
)
def test_agreements_hold_until_the_end_of_the_season(
    stage: Stage, category: Category, signed: list[DocumentKind]
) -> None:
    vendor = make_vendor(stage.community, stage.staff, category=category, papers=False)
    documents = service.sign_agreements(vendor, by=stage.staff, at=clock.now())
    assert [document.kind for document in documents] == signed
    assert {(d.valid_to.month, d.valid_to.day) for d in documents if d.valid_to} == {(12, 31)}
    assert service.agreements_missing(vendor, clock.today(stage.community.zone)) == []


def test_signing_twice_is_signing_once(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, papers=False)
    first = service.sign_agreements(vendor, by=stage.staff, at=clock.now())
    assert service.sign_agreements(vendor, by=stage.staff, at=clock.now()) == first
    assert len(vendor.documents) == 1


def test_readiness_speaks_of_each_vendor_in_their_order(stage: Stage) -> None:
    lacking = make_vendor(stage.community, stage.staff, "没签协议的", papers=False)
    findings = service.document_readiness(stage.day, [stage.vendor, lacking])
    assert [(f.code, f.subject) for f in findings] == [
        ("entry_agreement_missing", f"{lacking.ref}:entry_agreement")
    ]


def test_a_waived_finding_blocks_no_more(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, category=C.GRAIN_SEASONING, papers=False)
    service.sign_agreements(vendor, by=stage.staff, at=clock.now())
    (finding,) = [f for f in service.document_readiness(stage.day, [vendor]) if f.blocks]
    calendar.waive(stage.day, finding.code, finding.subject, "备案正在办", by=stage.staff, at=clock.now())
    db.session.expire(stage.day, ["waivers"])
    assert [f.blocks for f in service.document_readiness(stage.day, [vendor]) if f.code == finding.code] == [
        False
    ]


def test_a_hundred_vendors_are_judged_in_one_query(stage: Stage) -> None:
    vendors = [make_vendor(stage.community, stage.staff, f"第{n}家") for n in range(100)]
    db.session.flush()
    counted: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *call: counted.append(call[2]))
    assert service.findings_by_vendor(vendors, date(2026, 11, 28)) == {vendor.id: [] for vendor in vendors}
    assert len(counted) == 1


# ── applying ──────────────────────────────────────────────────────────────────────────────────────────────


def own(vendor: Vendor) -> User:
    """The account that acts for it."""
    assert vendor.user is not None
    return vendor.user


def test_applying_takes_the_needs_of_the_register_unless_others_are_given(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, power_w=1_500)
    assert make_application(stage.day, vendor, stage.staff).power_w == 1_500
    assert make_application(stage.day, stage.vendor, stage.staff, power_w=300).power_w == 300


def test_applying_twice_is_applying_once(stage: Stage) -> None:
    first = service.apply(stage.day, stage.vendor, by=own(stage.vendor), at=clock.now())
    later = clock.now() + timedelta(minutes=1)
    second = service.apply(stage.day, stage.vendor, by=own(stage.vendor), at=later, note="早点排")
    assert first is second
    assert (second.note, second.submitted_at < later) == ("早点排", True)
    assert len(service.applications(stage.day)) == 1


@pytest.mark.parametrize("state", [A.REJECTED, A.WITHDRAWN])
def test_applying_again_after_no_stands_at_the_end_of_the_same_row(
    stage: Stage, state: ApplicationState
) -> None:
    first = make_application(stage.day, stage.vendor, stage.staff, state=state)
    other = make_application(stage.day, make_vendor(stage.community, stage.staff, "后来的"), stage.staff)
    later = clock.now() + timedelta(minutes=5)
    again = service.apply(stage.day, stage.vendor, by=own(stage.vendor), at=later)
    assert again is first
    assert (again.state, again.decision_note, again.decided_by) == (A.SUBMITTED, "", None)
    assert service.applications(stage.day) == [other, again]


def test_saying_that_the_papers_are_there_keeps_the_place_in_the_queue(stage: Stage) -> None:
    first = make_application(stage.day, stage.vendor, stage.staff, state=A.NEEDS_MORE)
    make_application(stage.day, make_vendor(stage.community, stage.staff, "后来的"), stage.staff)
    bring_to(stage.day, DayState.REVIEWING, stage.staff)
    service.apply(stage.day, stage.vendor, by=own(stage.vendor), at=clock.now() + timedelta(minutes=5))
    assert first.state is A.SUBMITTED
    assert service.applications(stage.day)[0] is first


def test_an_approved_vendor_who_presses_again_stays_approved(stage: Stage) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff, state=A.APPROVED)
    service.apply(stage.day, stage.vendor, by=own(stage.vendor), at=clock.now(), power_w=9_000)
    assert (application.state, application.power_w) == (A.APPROVED, 0)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (DayState.DRAFT, "vendors.not_yet"),
        (DayState.PREPARED, "vendors.not_yet"),
        (DayState.REVIEWING, "vendors.too_late"),
        (DayState.PUBLISHED, "vendors.too_late"),
        (DayState.CANCELLED, "vendors.too_late"),
    ],
)
def test_outside_the_window_a_vendor_is_told_so(stage: Stage, state: DayState, code: str) -> None:
    day = make_day(stage.community, stage.staff, state=state, in_days=30)
    at = day.apply_from + timedelta(days=1)
    assert code_of(lambda: service.apply(day, stage.vendor, by=own(stage.vendor), at=at)) == code


def test_staff_enter_people_after_the_window(stage: Stage) -> None:
    bring_to(stage.day, DayState.REVIEWING, stage.staff)
    application = make_application(stage.day, stage.vendor, stage.staff)
    assert (application.state, application.submitted_by) == (A.SUBMITTED, stage.staff.id)
    assert audited("vendors.apply")[-1].on_behalf_of == stage.vendor.trading_name


def test_staff_cannot_enter_people_when_it_is_over(stage: Stage) -> None:
    calendar.take_step(stage.day, Step.CANCEL, by=stage.staff, at=clock.now(), public_note="大风。")
    assert code_of(lambda: make_application(stage.day, stage.vendor, stage.staff)) == "vendors.closed"


def test_a_stall_of_another_place_or_off_the_plan_cannot_be_wished_for(stage: Stage) -> None:
    elsewhere = make_venue(stage.community, stage.staff, name="北广场").stalls
    db.session.flush()
    gone = live_stalls(stage.day.venue)[0]
    retire_stall(gone, by=stage.staff, at=clock.now())
    for stall in (*elsewhere[:1], gone):
        wish = partial(make_application, stage.day, stage.vendor, stage.staff, wanted_stall=stall)
        assert code_of(wish) == "vendors.bad_stall"


def test_a_vendor_of_another_community_cannot_apply(stage: Stage) -> None:
    theirs = make_vendor(find_community("songhe"), person("staff-b"))
    with pytest.raises(NotFound):
        make_application(stage.day, theirs, stage.staff)


# ── review ────────────────────────────────────────────────────────────────────────────────────────────────


def put_in(application: Application, state: ApplicationState) -> None:
    """As the room of the stalls would."""
    application.state = state
    db.session.flush()


ACTS: dict[ApplicationState, Callable[[Application, User], None]] = {
    A.APPROVED: lambda a, by: service.approve(a, by=by, at=clock.now()),
    A.NEEDS_MORE: lambda a, by: service.ask_for_documents(a, "缺健康证", by=by, at=clock.now()),
    A.REJECTED: lambda a, by: service.reject(a, "满了", by=by, at=clock.now()),
}


@pytest.mark.parametrize("wanted", list(ACTS))
@pytest.mark.parametrize("state", list(A))
def test_each_decision_in_each_state(stage: Stage, state: ApplicationState, wanted: ApplicationState) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff)
    put_in(application, state)
    act = partial(ACTS[wanted], application, stage.staff)
    if state is A.WITHDRAWN:
        assert code_of(act) == "vendors.withdrawn"
    elif state in (A.ALLOCATED, A.WAITLISTED):
        assert code_of(act) == "vendors.placed"
    else:
        act()
        assert application.state is wanted


def test_a_decision_says_who_and_what(stage: Stage) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff)
    service.ask_for_documents(application, " 请带健康证来 ", by=stage.staff, at=clock.now())
    assert (application.decision_note, application.decided_by) == ("请带健康证来", stage.staff.id)
    service.approve(application, by=person("second"), at=clock.now())
    assert (application.decision_note, application.decided_by) == ("", person("second").id)


def test_the_same_decision_twice_is_one(stage: Stage) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff, state=A.APPROVED)
    service.approve(application, by=person("second"), at=clock.now())
    assert application.decided_by == stage.staff.id
    assert len(audited("vendors.approved")) == 1


@pytest.mark.parametrize("act", [service.ask_for_documents, service.reject])
def test_no_without_a_reason_is_refused(stage: Stage, act: Callable[..., None]) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff)
    assert code_of(lambda: act(application, "  ", by=stage.staff, at=clock.now())) == "vendors.no_reason"


def test_nothing_is_decided_after_the_market(stage: Stage) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff)
    bring_to(stage.day, DayState.CLOSED, stage.staff)
    assert code_of(lambda: service.approve(application, by=stage.staff, at=clock.now())) == "vendors.closed"


def test_all_with_complete_papers_are_approved_at_once(stage: Stage) -> None:
    complete = make_application(stage.day, stage.vendor, stage.staff)
    lacking = make_application(
        stage.day, make_vendor(stage.community, stage.staff, "没证的", papers=False), stage.staff
    )
    mended = make_vendor(stage.community, stage.staff, "补好了的", papers=False)
    asked = make_application(stage.day, mended, stage.staff, state=A.NEEDS_MORE)
    refused = make_application(
        stage.day, make_vendor(stage.community, stage.staff, "回绝的"), stage.staff, state=A.REJECTED
    )
    show_papers(mended, stage.staff)
    assert service.approve_complete(stage.day, by=stage.staff, at=clock.now()) == [complete, asked]
    assert [a.state for a in (lacking, refused)] == [A.SUBMITTED, A.REJECTED]
    assert service.approve_complete(stage.day, by=stage.staff, at=clock.now()) == []


# ── coming off ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (A.SUBMITTED, ""),
        (A.NEEDS_MORE, ""),
        (A.APPROVED, ""),
        (A.WAITLISTED, ""),
        (A.WITHDRAWN, ""),
        (A.ALLOCATED, "vendors.placed"),
        (A.REJECTED, "vendors.rejected"),
    ],
)
def test_withdrawing_in_each_state(stage: Stage, state: ApplicationState, code: str) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff)
    put_in(application, state)
    act = partial(service.withdraw, application, by=own(stage.vendor), at=clock.now())
    if code:
        assert code_of(act) == code
    else:
        act()
        assert application.state is A.WITHDRAWN


def test_nobody_withdraws_from_a_market_that_is_over(stage: Stage) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff)
    bring_to(stage.day, DayState.CLOSED, stage.staff)
    assert code_of(lambda: service.withdraw(application, by=stage.staff, at=clock.now())) == "vendors.closed"


def test_history_is_newest_market_first(stage: Stage) -> None:
    later = make_day(
        stage.community, stage.staff, venue=stage.day.venue, in_days=15, state=DayState.OPEN_FOR_APPLICATION
    )
    second = make_application(later, stage.vendor, stage.staff, at=clock.now())
    first = make_application(stage.day, stage.vendor, stage.staff, at=clock.now() + timedelta(seconds=1))
    assert service.history(stage.vendor) == [second, first]


def test_an_application_of_another_community_is_not_found(stage: Stage) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff)
    assert service.find_application(stage.community, application.ref) is application
    with pytest.raises(NotFound):
        service.find_application(find_community("songhe"), application.ref)


# ── forgetting ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_forgotten_vendor_keeps_its_trading_name_only(stage: Stage) -> None:
    user = own(stage.vendor)
    service.forget_vendor(stage.vendor, by=stage.staff, at=clock.now())
    vendor = stage.vendor
    assert (vendor.trading_name, vendor.holder, vendor.user) == ("老张豆浆坊", "—", None)
    assert vendor.forgotten
    assert (user.disabled_at is not None, user.password_hash) == (True, None)
    assert people.find_user("13800009999") is None
    service.forget_vendor(vendor, by=stage.staff, at=clock.now())
    assert len(audited("vendors.forget_vendor")) == 1


def test_an_account_with_other_roles_outlives_the_vendor(stage: Stage) -> None:
    user = own(stage.vendor)
    people.grant(user, Role.GATE, community=stage.community, at=clock.now())
    service.forget_vendor(stage.vendor, by=stage.staff, at=clock.now())
    assert [m.role for m in user.memberships if m.until is None] == [Role.GATE]
    assert user.login == "13800009999"


def test_nobody_who_is_expected_is_forgotten(stage: Stage) -> None:
    make_application(stage.day, stage.vendor, stage.staff)
    assert (
        code_of(lambda: service.forget_vendor(stage.vendor, by=stage.staff, at=clock.now()))
        == "vendors.still_expected"
    )


def test_two_years_of_silence_are_forgotten(stage: Stage) -> None:
    silent = make_vendor(stage.community, stage.staff, "两年没来的")
    make_application(stage.day, stage.vendor, stage.staff, state=A.WITHDRAWN)
    assert service.forget_inactive(at=clock.now() + timedelta(days=729)) == 0
    silent.registered_at = stage.vendor.registered_at = clock.now() - timedelta(days=800)
    db.session.flush()
    assert service.forget_inactive(at=clock.now()) == 1
    assert (silent.forgotten, stage.vendor.forgotten) == (True, False)
    assert service.forget_inactive(at=clock.now()) == 0
