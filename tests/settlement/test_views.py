"""The pages: what a vendor tells, the paper list, the close, the statement, the notice, the correction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import unit_of_work
from market.settlement import service
from market.settlement.models import TakingsReport
from market.settlement.rules import NO_TERMS, TakingsSource, Terms, TermsKind, Tier
from market.stalls import service as stalls
from tests.cast import Cast, make_user, person, post
from tests.factories import settlement as make
from tests.factories.gate import planned_day
from tests.factories.vendors import act_for, make_vendor

SignIn = Callable[[str], FlaskClient]


class Market(NamedTuple):
    """Where a held market is found from outside: its address and those of its stalls, A01 first."""

    ref: str
    stalls: tuple[str, ...]
    vendors: tuple[str, ...]

    def page(self, name: str) -> str:
        return f"/staff/huaiyin/days/{self.ref}/{name}"

    @property
    def mine(self) -> str:
        return f"/vendor/huaiyin/days/{self.ref}/takings"


Make = Callable[..., Market]


@pytest.fixture
def market(app: Flask, cast: Cast) -> Make:
    """Makes an ended market; `opened=True` an open one. The first stall's vendor signs in as `zhou`."""

    def hold(
        takings: Sequence[int | None] = (90_000, 82_010, 0),
        *,
        opened: bool = False,
        settled: bool = False,
        slug: str = cast.ours,
        **more: object,
    ) -> Market:
        with app.app_context(), unit_of_work():
            community, by = find_community(slug), person("staff" if slug == cast.ours else "staff-b")
            if opened:
                day = make.open_market(community, by, vendors=len(takings), **more)  # type: ignore[arg-type]  # plain keyword values
            else:
                day = make.ended_market(community, by, takings, **more)
            held = stalls.assignments(day)
            if slug == cast.ours:
                act_for(held[0].vendor, make_user("zhou", "周师傅"))
                act_for(held[1].vendor, make_user("wu", "吴师傅")) if len(held) > 1 else None
            if settled:
                service.close_day(day, by=by, at=make.evening(day))
            return Market(day.ref, tuple(a.ref for a in held), tuple(a.vendor.ref for a in held))

    return hold


def text(answer: object) -> str:
    """The page as people read it."""
    return unescape(answer.get_data(as_text=True))  # type: ignore[attr-defined]  # werkzeug's test response


def told(app: Flask, held: Market, stall: int = 0) -> list[tuple[int, int | None, str]]:
    """What was reported for a stall, the oldest first."""
    with app.app_context():
        day = find_day_by_ref(held.ref)
        assignment = service.find_assignment(day, held.stalls[stall])
        rows: list[TakingsReport] = service.reports(day).get(assignment.vendor_id, [])
        return [(row.takings_fen, row.chosen_fen, row.source.value) for row in rows]


# ── the vendor tells what was sold ────────────────────────────────────────────────────────────────────────


def test_a_vendor_sees_the_gift_before_it_counts(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    vendor = sign_in("zhou")
    first = post(vendor, held.mine, takings="900")
    assert first.status_code == 200
    assert "按您签的约定（营业额的 5%，自愿），捐给社区基金" in text(first)
    assert "确认，报 900.00 元" in text(first)
    assert told(app, held) == []
    second = post(vendor, held.mine, takings="900", shown="90000:4500")
    assert (second.status_code, second.headers["Location"]) == (302, held.mine)
    assert told(app, held) == [(90_000, None, "self")]
    page = text(vendor.get(held.mine))
    assert "捐给社区基金 45.00 元。谢谢您。" in page
    assert "登记回执，不是捐赠票据" in page


@pytest.mark.parametrize(
    ("typed", "shown", "words"),
    [
        ({"takings": "900", "gift": ""}, "90000:4500", "按您签的约定（营业额的 5%，自愿），捐给社区基金"),
        ({"takings": "9.01"}, "901:45", "0.45 元"),
        ({"takings": "9.10"}, "910:46", "0.46 元"),
        ({"takings": "900", "gift": "10"}, "90000:1000", "照您说的，这次捐给社区基金"),
        ({"takings": "9", "gift": "10"}, "900:1000", "捐的比卖的多"),
        ({"takings": "900", "gift": "0"}, "90000:0", "这次不捐"),
        ({"takings": "0"}, "0:0", "这次不捐"),
        ({"takings": "很多"}, "", ""),
        ({"takings": "9", "gift": "很多"}, "", ""),
        ({}, "", ""),
    ],
)
def test_what_would_be_given_is_counted_by_the_server(
    app: Flask, market: Make, sign_in: SignIn, typed: dict[str, str], shown: str, words: str
) -> None:
    held = market(opened=True)
    answer = sign_in("zhou").get(f"{held.mine}/gift", query_string=typed)
    assert answer.status_code == 200
    assert f'data-shown="{shown}"' in text(answer)
    assert words in text(answer)
    assert told(app, held) == []


def test_figures_that_were_not_shown_are_shown_first(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    answer = post(sign_in("zhou"), held.mine, takings="900", shown="82000:4500")
    assert 'value="90000:4500"' in text(answer)
    assert told(app, held) == []


def test_confirming_twice_is_reporting_once(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    vendor = sign_in("zhou")
    for _time in range(2):
        assert post(vendor, held.mine, takings="900", shown="90000:4500").status_code == 302
    assert told(app, held) == [(90_000, None, "self")]


@pytest.mark.parametrize(
    ("pick", "typed", "shown"),
    [("none", "", "确认，报 0.00 元"), ("no_gift", "900", "这次不捐，没关系。")],
)
def test_buttons_fill_in_and_wait_for_the_confirmation(
    app: Flask, market: Make, sign_in: SignIn, pick: str, typed: str, shown: str
) -> None:
    held = market(opened=True)
    answer = post(sign_in("zhou"), held.mine, takings=typed, pick=pick, shown="4500")
    assert answer.status_code == 200
    assert shown in text(answer)
    assert told(app, held) == []


def test_nothing_sold_is_a_report_and_nothing_given_is_thanked_for_nothing(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held = market(opened=True)
    vendor = sign_in("zhou")
    assert post(vendor, held.mine, takings="0", shown="0:0").status_code == 302
    assert told(app, held) == [(0, None, "self")]
    assert "这次不捐，没关系。" in text(vendor.get(held.mine))


def test_this_time_something_else_is_given(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    assert post(sign_in("zhou"), held.mine, takings="900", gift="10", shown="90000:1000").status_code == 302
    assert told(app, held) == [(90_000, 1_000, "self")]


def test_as_last_time_is_offered_with_its_figure(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True, in_days=12)
    with app.app_context(), unit_of_work():
        now = stalls.assignments(find_day_by_ref(held.ref))[0]
        before = make.ended_market(now.vendor.community, person("staff"), [82_000], in_days=8)
        earlier = stalls.assignments(before)[0]
        earlier.vendor, earlier.application.vendor = now.vendor, now.vendor
    vendor = sign_in("zhou")
    assert "820.00 元" in text(vendor.get(held.mine))
    assert "确认，报 820.00 元" in text(post(vendor, held.mine, takings="", pick="same"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-5", "金额不能是负数。没卖就填 0。"),
        ("1000000000000", "看不懂这个金额。"),
        ("999999999999", "金额太大了，请看看是不是多打了几个 0。"),
        ("九百左右", "看不懂这个金额。请只填数字，比如 900 或 900.50。"),
        ("<script>alert(1)</script>", "看不懂这个金额。"),
        ("1e3", "看不懂这个金额。"),
        ("", "请填今天卖了多少元。"),
    ],
)
@pytest.mark.parametrize("field", ["takings", "gift"])
def test_what_cannot_be_meant_gets_a_sentence_and_stays_typed(
    app: Flask, market: Make, sign_in: SignIn, field: str, typed: str, sentence: str
) -> None:
    if field == "gift" and not typed:
        typed, sentence = "-0", "金额不能是负数。"
    held = market(opened=True)
    answer = post(
        sign_in("zhou"), held.mine, **{"takings": "900", "gift": "", "shown": "90000:4500", field: typed}
    )
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert f'value="{typed}"' in text(answer)
    assert told(app, held) == []


def test_only_the_gift_is_told_by_who_does_not_say_what_was_sold(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held, vendor = market(opened=True), sign_in("zhou")
    wrong = post(vendor, held.mine, gift_only="y", only="")
    assert (wrong.status_code, "请填捐多少元；这次不捐就填 0。" in text(wrong)) == (422, True)
    assert told(app, held) == []
    for _press in range(2):
        assert post(vendor, held.mine, gift_only="y", only="20").headers["Location"] == held.mine
    assert told(app, held) == [(0, 2_000, "self")]
    page = text(vendor.get(held.mine))
    assert "只报了捐多少，没说卖了多少。" in page
    assert re.search(r'name="only"[^>]*value="20"', page)


def test_a_figure_that_waited_on_a_phone_does_not_replace_one_told_meanwhile(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held, vendor = market((90_000,), opened=True), sign_in("zhou")
    for takings in ("800", "900"):
        fen = int(takings) * 100
        assert post(vendor, held.mine, takings=takings, shown=f"{fen}:{fen // 20}").status_code == 302
    both = [(80_000, None, "self"), (90_000, None, "self")]
    for fields in ({"takings": "850"}, {"gift_only": "y", "only": "20"}):
        answer = post(vendor, held.mine, **fields, waited="1")
        assert (answer.status_code, "您存下以后，这一场又报过别的数。" in text(answer)) == (409, True)
        assert told(app, held) == both
    assert post(vendor, held.mine, takings="850", waited="2").status_code == 302
    assert told(app, held) == [*both, (85_000, None, "self")]


def test_after_the_settlement_a_vendor_reads_and_no_longer_types(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held = market(settled=True)
    vendor = sign_in("zhou")
    page = text(vendor.get(held.mine))
    assert "已经结算" in page
    assert 'name="takings"' not in page
    answer = post(vendor, held.mine, takings="1", shown="100:5")
    assert answer.status_code == 409
    assert "这一场已经结算入账" in text(answer)


def test_before_the_opening_a_vendor_is_told_when(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    with app.app_context(), unit_of_work():
        from market.calendar.rules import DayState

        find_day_by_ref(held.ref).state = DayState.SETTING_UP
    page = text(sign_in("zhou").get(held.mine))
    assert "开市以后才能报数" in page
    assert 'name="takings"' not in page


def test_a_vendor_sees_only_what_is_theirs(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market([111_100, 222_200, 333_300])
    page = text(sign_in("zhou").get(held.mine))
    assert "1,111.00" in page
    assert "2,222.00" not in page
    assert "3,333.00" not in page
    assert "第2家百货" not in page


def test_who_has_no_stall_that_day_finds_no_page(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    with app.app_context(), unit_of_work():
        act_for(make_vendor(find_community("huaiyin"), person("staff"), "没摊的"), make_user("sun", "孙师傅"))
    answer = sign_in("sun").get(held.mine)
    assert answer.status_code == 404
    assert "您这一场没有摊位" in text(answer)


# ── terms ─────────────────────────────────────────────────────────────────────────────────────────────────


def agreed(app: Flask, held: Market) -> Terms:
    with app.app_context():
        vendor = service.find_assignment(find_day_by_ref(held.ref), held.stalls[0]).vendor
        newest = service.newest_terms(vendor)
        return newest.terms if newest else NO_TERMS


def test_nothing_is_ticked_beforehand_and_giving_is_called_voluntary(market: Make, sign_in: SignIn) -> None:
    market(opened=True)
    page = text(sign_in("zhou").get("/vendor/huaiyin/terms"))
    assert "checked" not in page
    assert "捐不捐、捐多少，不影响报名、审核和分摊位。" in page
    assert "佣金" not in page


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({"kind": "percent", "percent": "２.５%"}, Terms(TermsKind.PERCENT, basis_points=250)),
        ({"kind": "fixed", "fixed": "20"}, Terms(TermsKind.FIXED, fixed_fen=2_000)),
        ({"kind": "none"}, NO_TERMS),
        ({"kind": "none", "percent": "5"}, NO_TERMS),
        (
            {
                "kind": "tiers",
                "tier_percent_1": "0",
                "tier_from_2": "1000",
                "tier_percent_2": "5%",
                "threshold": "100",
                "floor": "5",
                "cap": "200",
            },
            Terms(
                TermsKind.TIERS,
                tiers=(Tier(0, 0), Tier(100_000, 500)),
                floor_fen=500,
                cap_fen=20_000,
                threshold_fen=10_000,
            ),
        ),
        (
            {"kind": "fixed", "fixed": "20", "threshold": "100", "tier_percent_1": "3"},
            Terms(TermsKind.FIXED, fixed_fen=2_000, threshold_fen=10_000),
        ),
    ],
)
def test_three_plain_choices(
    app: Flask, market: Make, sign_in: SignIn, fields: dict[str, str], facts: Terms
) -> None:
    held = market(opened=True)
    assert post(sign_in("zhou"), "/vendor/huaiyin/terms", **fields).status_code == 302
    assert agreed(app, held) == facts


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "请选一项；不捐也是一项。"),
        ({"kind": "percent"}, "请填百分之几，比如 5。"),
        ({"kind": "percent", "percent": "101"}, "请填 0 到 100 之间的百分数"),
        ({"kind": "percent", "percent": "-1"}, "请填 0 到 100 之间的百分数"),
        ({"kind": "percent", "percent": "0"}, "请填 0.01 到 100 之间的百分数"),
        ({"kind": "fixed"}, "请填每场捐多少元，比如 20。"),
        ({"kind": "fixed", "fixed": "多一点"}, "看不懂这个金额。"),
        ({"kind": "all"}, "Not a valid choice"),
        ({"kind": "tiers", "tier_percent_1": "3"}, "分档至少要两档"),
        (
            {
                "kind": "tiers",
                "tier_percent_1": "3",
                "tier_from_2": "9",
                "tier_percent_2": "5",
                "tier_from_3": "99",
            },
            "第三档要么都填，要么都空着。",
        ),
        (
            {
                "kind": "tiers",
                "tier_percent_1": "3",
                "tier_from_2": "99",
                "tier_percent_2": "5",
                "tier_from_3": "9",
                "tier_percent_3": "6",
            },
            "分档要从低到高",
        ),
        ({"kind": "percent", "percent": "3", "floor": "9", "cap": "5"}, "“最少”比“最多”还大"),
    ],
)
def test_an_unclear_choice_gets_a_sentence(
    app: Flask, market: Make, sign_in: SignIn, fields: dict[str, str], sentence: str
) -> None:
    held = market(opened=True)
    answer = post(sign_in("zhou"), "/vendor/huaiyin/terms", **fields)
    assert answer.status_code == 422
    if fields.get("kind") != "all":
        assert sentence in text(answer)
    assert agreed(app, held) == make.FIVE_PERCENT


def test_what_it_comes_to_is_shown_before_it_is_signed(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    phone = sign_in("zhou")
    part = text(phone.get("/vendor/huaiyin/terms/preview?kind=percent&percent=3"))
    assert "卖 500 元，捐 15 元" in part
    looked = post(phone, "/vendor/huaiyin/terms", kind="percent", percent="3", look="y")
    assert looked.status_code == 200
    assert "卖 500 元，捐 15 元" in text(looked)
    assert "卖" not in text(phone.get("/vendor/huaiyin/terms/preview?kind=percent&percent=300"))
    for nothing in ("", "?kind=percent", "?kind=percent&percent=0", "?kind=none"):
        assert "卖" not in text(phone.get(f"/vendor/huaiyin/terms/preview{nothing}"))
    assert agreed(app, held) == make.FIVE_PERCENT


def test_the_suggestion_is_one_of_the_choices_and_is_signed_as_it_stands(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held = market(opened=True)
    assert post(sign_in("zhou"), "/vendor/huaiyin/terms", kind="suggested").status_code == 422
    three = Terms(TermsKind.PERCENT, basis_points=300, cap_fen=5_000)
    with app.app_context(), unit_of_work():
        staff, community = person("staff"), find_community("huaiyin")
        service.suggest_terms(community, three, "管委会会议", by=staff, at=staff.created_at)
    page = text(sign_in("zhou").get("/vendor/huaiyin/terms"))
    assert "营业额的 3%，最多 50 元" in page
    assert "checked" not in page
    assert post(sign_in("zhou"), "/vendor/huaiyin/terms", kind="suggested").status_code == 302
    assert agreed(app, held) == three
    assert "照社区第 1 版建议" in text(sign_in("zhou").get("/vendor/huaiyin/terms"))


def test_staff_enters_terms_from_the_signed_paper(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    page = f"/staff/huaiyin/vendors/{held.vendors[0]}/terms"
    assert post(sign_in("staff"), page, kind="fixed", fixed="30").status_code == 302
    assert agreed(app, held) == Terms(TermsKind.FIXED, fixed_fen=3_000)
    assert "每场 30.00 元" in text(sign_in("zhou").get("/vendor/huaiyin/terms"))


def test_staff_looks_first_at_what_it_comes_to_and_keeps_what_was_typed(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held, staff = market(opened=True), sign_in("staff")
    page = f"/staff/huaiyin/vendors/{held.vendors[0]}/terms"
    looked = post(staff, page, kind="percent", percent="3", look="y")
    assert (looked.status_code, "卖 500 元，捐 15 元" in text(looked)) == (200, True)
    wrong = post(staff, page, kind="fixed", fixed="很多")
    assert (wrong.status_code, 'value="很多"' in text(wrong)) == (422, True)
    assert agreed(app, held) == make.FIVE_PERCENT


# ── the paper list ────────────────────────────────────────────────────────────────────────────────────────


def sheet(held: Market, **rows: str) -> dict[str, str]:
    """Fields of the list: `a01="900"`; `seen` and gifts can be given as `seen_a01`, `gift_a01`."""
    fields = {}
    for name, value in rows.items():
        kind, _sep, label = name.rpartition("_")
        fields[f"{kind or 'takings'}-{held.stalls[int(label[1:]) - 1]}"] = value
    return fields


def test_the_list_saves_every_changed_row_at_once(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market([None, None, None])
    fields = sheet(held, a01="９００", a02="0", a03="", gift_a01="12.5", estimated_a02="y")
    answer = post(sign_in("staff"), held.page("takings"), **fields)
    assert (answer.status_code, answer.headers["Location"]) == (302, held.page("settlement"))
    assert told(app, held, 0) == [(90_000, 1_250, "staff")]
    assert told(app, held, 1) == [(0, None, "estimated")]
    assert told(app, held, 2) == []


def test_one_wrong_row_saves_nothing_and_keeps_everything_typed(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held = market([None, None, None])
    fields = sheet(held, a01="900", a02="-3", a03="很多", gift_a03="一点")
    answer = post(sign_in("staff"), held.page("takings"), **fields)
    assert answer.status_code == 422
    page = text(answer)
    assert "有 2 行要改一改，一行都还没存" in page
    for kept in (
        'value="900"',
        'value="-3"',
        'value="很多"',
        'value="一点"',
        "金额不能是负数",
        "看不懂这个金额",
    ):
        assert kept in page
    assert [told(app, held, stall) for stall in range(3)] == [[], [], []]


def test_rows_that_were_not_touched_stay_as_the_vendor_told(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held = market([None, None])
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(held.ref)
        make.tell(
            service.find_assignment(day, held.stalls[0]), 90_000, person("zhou"), source=TakingsSource.SELF
        )
    fields = sheet(held, a01="900", seen_a01="1", a02="50", seen_a02="0")
    assert post(sign_in("staff"), held.page("takings"), **fields).status_code == 302
    assert told(app, held, 0) == [(90_000, None, "self")]
    assert told(app, held, 1) == [(5_000, None, "staff")]


def test_what_the_vendor_told_meanwhile_is_not_overwritten_unseen(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held = market([None])
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(held.ref)
        make.tell(
            service.find_assignment(day, held.stalls[0]), 90_000, person("zhou"), source=TakingsSource.SELF
        )
    staff = sign_in("staff")
    answer = post(staff, held.page("takings"), **sheet(held, a01="800", seen_a01="0"))
    assert answer.status_code == 422
    assert "刚才改成了 900.00 元（摊主自己报）。您填的要是对，再存一次。" in text(answer)
    assert told(app, held) == [(90_000, None, "self")]
    untouched = post(staff, held.page("takings"), **sheet(held, a01="", seen_a01="0"))
    assert untouched.status_code == 302
    again = post(staff, held.page("takings"), **sheet(held, a01="800", seen_a01="1"))
    assert again.status_code == 302
    assert told(app, held) == [(90_000, None, "self"), (80_000, None, "staff")]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"a01": "", "seen_a01": "1"}, "这家已经报过数，不能变回空的。没卖请填 0。"),
        ({"a02": "", "gift_a02": "5"}, "请先填卖了多少；没卖填 0。"),
        ({"a02": "不说"}, "不说卖了多少的，请填捐了多少；不捐填 0。"),
        ({"a02": "10000000000000"}, "看不懂这个金额。"),
        ({"a02": "5", "seen_a02": "x" * 40, "gift_a02": "-1"}, "金额不能是负数。"),
    ],
)
def test_a_row_that_cannot_be_meant_is_named(
    app: Flask, market: Make, sign_in: SignIn, rows: dict[str, str], sentence: str
) -> None:
    held = market([90_000, None])
    answer = post(sign_in("staff"), held.page("takings"), **sheet(held, **rows))
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert (told(app, held, 0), told(app, held, 1)) == ([(90_000, None, "staff")], [])


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [("880\r\n540\r\n770", ""), ("880 540 770", ""), ("186\t2", ""), ("880\r\n", "880"), (" 880\t", "880")],
)
def test_cells_of_a_table_pasted_into_one_row_are_never_one_amount(
    app: Flask, market: Make, sign_in: SignIn, pasted: str, kept: str
) -> None:
    """Without the script of the page, which fills the rows below."""
    held = market([None, None])
    answer = post(sign_in("staff"), held.page("takings"), **sheet(held, a01=pasted, a02="5"))
    if kept:
        assert (answer.status_code, told(app, held)) == (302, [(int(kept) * 100, None, "staff")])
    else:
        assert (answer.status_code, told(app, held)) == (422, [])
        assert "这里好像有几个数。一格只填一个数" in text(answer)


def test_a_figure_far_from_what_is_usual_is_asked_about_once_in_the_list(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held, staff = market([None, None]), sign_in("staff")
    typed = sheet(held, a01="99,999,999", a02="5")
    asked = post(staff, held.page("takings"), **typed)
    assert asked.status_code == 422
    tick = f'name="sure-{held.stalls[0]}" value="9999999900"'
    for part in ("99,999,999.00 元？", tick, "确定是 99,999,999.00 元", 'value="99,999,999"', 'value="5"'):
        assert part in text(asked)
    assert (told(app, held, 0), told(app, held, 1)) == ([], [])
    other = post(
        staff, held.page("takings"), **(typed | sheet(held, a01="88,888,888", sure_a01="9999999900"))
    )
    assert other.status_code == 422
    meant = post(staff, held.page("takings"), **(typed | sheet(held, sure_a01="9999999900")))
    assert (meant.status_code, told(app, held, 0)) == (302, [(9_999_999_900, None, "staff")])


def test_a_vendor_is_asked_once_about_a_figure_far_from_what_is_usual(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held, vendor = market(opened=True), sign_in("zhou")
    for typed in ({}, {"shown": "9999999900:499999995"}):
        page = post(vendor, held.mine, takings="99,999,999", **typed)
        assert 'name="sure" value="9999999900"' in text(page)
        assert "99,999,999.00 元？" in text(page)
    assert (page.status_code, told(app, held)) == (422, [])
    post(vendor, held.mine, takings="99,999,999", shown="9999999900:499999995", sure="9999999900")
    assert told(app, held) == [(9_999_999_900, None, "self")]


def test_a_correction_far_from_what_is_usual_is_asked_about_once(market: Make, sign_in: SignIn) -> None:
    held, second = market(settled=True), sign_in("second")
    fields = {"assignment": held.stalls[1], "takings": "99,999,999", "reason": "看错了"}
    asked = post(second, held.page("corrections"), **fields)
    assert asked.status_code == 422
    for part in ("99,999,999.00 元？", 'name="sure" value="9999999900"', 'value="看错了"'):
        assert part in text(asked)
    assert post(second, held.page("corrections"), sure="9999999900", **fields).status_code == 302


def test_what_is_usual_is_what_was_sold_at_other_markets(
    app: Flask, cast: Cast, market: Make, sign_in: SignIn
) -> None:
    with app.app_context(), unit_of_work():
        make.ended_market(find_community(cast.ours), person("staff"), (50_000, 110_000), in_days=3)
    held, staff = market([None, None]), sign_in("staff")
    asked = post(staff, held.page("takings"), **sheet(held, a01="5501"))
    assert "5,501.00 元？平常是 500.00 到 1,100.00 元，请再看一眼。" in text(asked)
    assert post(staff, held.page("takings"), **sheet(held, a01="5500")).status_code == 302


def test_a_figure_for_a_stall_that_is_not_on_the_list_is_not_lost_unseen(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held = market([None])
    answer = post(sign_in("staff"), held.page("takings"), **sheet(held, a01="900"), **{"takings-gone": "5"})
    assert answer.status_code == 422
    assert "有一行的摊位刚刚换过" in text(answer)
    assert 'value="900"' in text(answer)
    assert told(app, held) == []


def test_the_list_of_a_settled_market_only_reads(market: Make, sign_in: SignIn) -> None:
    held = market(settled=True)
    staff = sign_in("staff")
    assert "存好这一页" not in text(staff.get(held.page("takings")))
    answer = post(staff, held.page("takings"), **sheet(held, a01="1", seen_a01="1"))
    assert answer.status_code == 409
    assert "这一场已经结算入账" in text(answer)


# ── the close ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_button_names_the_sum_and_posts_it(market: Make, sign_in: SignIn) -> None:
    held = market()
    staff = sign_in("staff")
    assert "收市并入账 86.01 元" in text(staff.get(held.page("settlement")))
    answer = post(staff, held.page("settlement"), seen="8601")
    assert (answer.status_code, answer.headers["Location"]) == (302, held.page("statement"))
    page = text(staff.get(held.page("statement")))
    assert "钱已经记进社区基金的账" in page
    for part in ("86.01", "1,720.10", "复算相符", "王社工于", f"/c/huaiyin/fund/markets/{held.ref}"):
        assert part in page
    assert staff.get(held.page("settlement")).headers["Location"] == held.page("statement")
    assert post(staff, held.page("takings"), held.page("settlement"), seen="8601").status_code == 302


@pytest.mark.parametrize("seen", ["8600", "", "x", "-1", "9" * 30])
def test_a_sum_that_was_not_on_the_button_is_not_posted(market: Make, sign_in: SignIn, seen: str) -> None:
    held = market()
    staff = sign_in("staff")
    answer = post(staff, held.page("settlement"), seen=seen)
    assert answer.status_code == (409 if seen else 422)
    assert "收市并入账 86.01 元" in text(answer)
    assert staff.get(held.page("statement")).headers["Location"] == held.page("settlement")


def test_exceptions_are_named_and_each_can_be_resolved(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market([90_000, None, None], scanned=False)
    with app.app_context(), unit_of_work():
        find_day_by_ref(held.ref).state = "open"  # type: ignore[assignment]  # the gate admits only before the end
        make.come_in(service.find_assignment(find_day_by_ref(held.ref), held.stalls[1]), person("gate"))
        find_day_by_ref(held.ref).state = "closed"  # type: ignore[assignment]  # and back again
    staff = sign_in("staff")
    page = text(staff.get(held.page("settlement")))
    for sentence in (
        "还有 3 处对不上",
        "报了数，但没有扫码进场",
        "到场了，还没有报数",
        "有摊位，没有扫码进场，也没有报数",
    ):
        assert sentence in page
    assert "收市并入账" not in page
    blocked = post(staff, held.page("settlement"), seen="4500")
    assert blocked.status_code == 409
    assert "还有 3 处对不上：A01" in text(blocked)

    waive = held.page("close-waivers")
    fields = {"assignment": held.stalls[0], "fault": "reported_not_scanned"}
    without = post(staff, held.page("settlement"), waive, **fields, reason=" ")
    assert (without.status_code, "请写一句原因。" in text(without)) == (422, True)
    assert post(staff, held.page("settlement"), waive, **fields, reason="从北门进的").status_code == 302
    fields = {"assignment": held.stalls[1], "fault": "not_reported"}
    assert post(staff, held.page("settlement"), waive, **fields, reason="电话打不通").status_code == 302
    absent = post(staff, held.page("settlement"), held.page("absences"), assignment=held.stalls[2])
    assert absent.status_code == 302
    page = text(staff.get(held.page("settlement")))
    assert "从北门进的（王社工）" in page
    assert "收市并入账 45.00 元" in page


def test_who_was_marked_absent_by_mistake_is_back_with_what_is_asked(market: Make, sign_in: SignIn) -> None:
    held, staff = market([90_000, None], scanned=False), sign_in("staff")
    page, absences = held.page("settlement"), held.page("absences")
    assert post(staff, page, absences, assignment=held.stalls[1]).status_code == 302
    assert "记成没来的 1 家" in text(staff.get(page))
    for _press in range(2):
        assert post(staff, page, f"{absences}/removal", assignment=held.stalls[1]).status_code == 302
    back = text(staff.get(page))
    assert "记成没来的" not in back
    assert "还有 2 处对不上" in back
    assert post(staff, page, f"{absences}/removal").status_code == 422


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("close-waivers", {"assignment": "nobodyhere", "fault": "not_reported", "reason": "没事"}, 404),
        ("close-waivers", {"assignment": "", "fault": "not_reported", "reason": "没事"}, 422),
        ("close-waivers", {"assignment": "x", "fault": "anything", "reason": "没事"}, 422),
        ("absences", {"assignment": "nobodyhere"}, 404),
        ("absences", {}, 422),
    ],
)
def test_an_answer_to_no_question_changes_nothing(
    market: Make, sign_in: SignIn, action: str, fields: dict[str, str], status: int
) -> None:
    held = market([None])
    staff = sign_in("staff")
    assert post(staff, held.page("settlement"), held.page(action), **fields).status_code == status
    assert "还有 1 处对不上" in text(staff.get(held.page("settlement")))


def test_a_market_that_is_not_over_shows_its_counts_but_no_button(market: Make, sign_in: SignIn) -> None:
    held = market(opened=True)
    page = text(sign_in("staff").get(held.page("settlement")))
    assert "这一场还没有收市" in page
    assert "收市并入账" not in page


def test_goods_are_entered_and_struck_out(market: Make, sign_in: SignIn) -> None:
    held = market()
    staff = sign_in("staff")
    page = held.page("goods")
    assert post(staff, page, assignment=held.stalls[0], goods="大白菜", items="20 件").status_code == 302
    assert "大白菜" in text(staff.get(page))
    wrong = post(staff, page, assignment=held.stalls[0], goods="鸡蛋", items="一筐")
    assert (wrong.status_code, "请填整数件数" in text(wrong), 'value="一筐"' in text(wrong)) == (
        422,
        True,
        True,
    )
    action = next(part for part in text(staff.get(page)).split('"') if part.endswith("/voiding"))
    gone = post(staff, page, held.page("goods/abcdefghij/voiding"))
    assert (gone.status_code, "这一场没有登记过这些物品。" in text(gone)) == (404, True)
    assert post(staff, page, action).status_code == 302
    assert "还没有人捐东西" in text(staff.get(page))


# ── statement, notice, correction ─────────────────────────────────────────────────────────────────────────


def test_the_notice_has_totals_and_nobodys_name(market: Make, sign_in: SignIn) -> None:
    held = market((90_000, 42_010, 40_000), settled=True)
    page = text(sign_in("staff").get(held.page("statement/notice")))
    for part in ("86.01 元", "3 家", "日用百货", "示例慈善总会", "（盖章）"):
        assert part in page
    for secret in ("1,720.10", "900.00", "第1家百货", "A01"):
        assert secret not in page


def test_the_notice_names_the_same_goods_of_several_givers_once(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held, staff = market(), sign_in("staff")
    for stall, items in zip(held.stalls, ("3", "5"), strict=False):
        post(staff, held.page("goods"), assignment=stall, goods="大白菜", items=items)
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(held.ref)
        service.close_day(day, by=person("staff"), at=make.evening(day))
    notice = re.sub("<[^>]+>", "", text(staff.get(held.page("statement/notice"))))
    assert (notice.count("大白菜"), "大白菜 8" in notice) == (1, True)


def test_the_notice_of_a_market_where_two_give_says_no_sum(market: Make, sign_in: SignIn) -> None:
    """D22: whoever is one of two would know the other's gift."""
    page = text(sign_in("staff").get(market(settled=True).page("statement/notice")))
    assert ("86.01" in page, "日用百货" in page, "合并公布" in page) == (False, False, True)


def test_a_correction_takes_a_second_person(market: Make, sign_in: SignIn) -> None:
    held = market(settled=True)
    page = held.page("corrections")
    fields = {"assignment": held.stalls[1], "takings": "280.10", "reason": "8 和 2 看错了"}
    first, second = sign_in("staff"), sign_in("second")
    assert "更正要由第二位同事来做" in text(first.get(page))
    refused = post(first, page, **fields)
    assert (refused.status_code, 'value="280.10"' in text(refused)) == (403, True)
    assert post(second, page, **fields).status_code == 302
    statement = text(second.get(held.page("statement")))
    for part in ("59.01", "更正：8 和 2 看错了", "第 1 次更正", "86.01 元", "李书记"):
        assert part in statement
    assert "8 和 2 看错了" in text(second.get(held.page("statement/notice")))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"takings": "-1"}, "金额不能是负数。"),
        ({"takings": ""}, "请填实际卖了多少元。"),
        ({"takings": "900"}, "数和原来一样，没有要更正的。"),
        ({"reason": ""}, "请写一句更正的原因。"),
        ({"reason": "打 13812345678"}, "不要写手机号或身份证号。"),
        ({"assignment": "nobodyhere"}, ""),
    ],
)
def test_a_correction_that_cannot_be_meant_gets_a_sentence(
    market: Make, sign_in: SignIn, fields: dict[str, str], sentence: str
) -> None:
    held = market(settled=True)
    typed = {"assignment": held.stalls[0], "takings": "1", "reason": "看错了", **fields}
    answer = post(sign_in("second"), held.page("corrections"), **typed)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "改过几次" not in text(sign_in("staff").get(held.page("statement")))


def test_of_who_told_only_the_gift_the_gift_is_corrected(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market([90_000, 82_010, None])
    staff, second = sign_in("staff"), sign_in("second")
    told_so = post(staff, held.page("takings"), **sheet(held, a03="不说", gift_a03="20"))
    assert told_so.status_code == 302
    assert post(staff, held.page("settlement"), seen="10601").status_code == 302
    fields = {"assignment": held.stalls[2], "gift": "30", "reason": "少看了一张"}
    assert post(second, held.page("corrections"), **fields).status_code == 302
    statement = text(second.get(held.page("statement")))
    assert "116.01" in statement
    assert "更正：少看了一张" in statement


def test_before_the_settlement_its_pages_lead_to_the_close(market: Make, sign_in: SignIn) -> None:
    held = market()
    staff = sign_in("staff")
    for name in ("statement", "statement/notice", "corrections"):
        assert staff.get(held.page(name)).headers["Location"] == held.page("settlement")


# ── whose market ──────────────────────────────────────────────────────────────────────────────────────────

PAGES = ("settlement", "takings", "goods", "statement", "statement/notice", "corrections")
ACTIONS = (
    "settlement",
    "takings",
    "close-waivers",
    "absences",
    "goods",
    "goods/abcdefghij/voiding",
    "corrections",
)


def test_the_market_of_another_community_is_not_there(market: Make, sign_in: SignIn) -> None:
    ours, theirs = market(), market(slug="songhe")
    staff = sign_in("staff")
    for name in PAGES:
        assert staff.get(f"/staff/huaiyin/days/{theirs.ref}/{name}").status_code == 404, name
    for name in ACTIONS:
        address = f"/staff/huaiyin/days/{theirs.ref}/{name}"
        assert post(staff, ours.page("settlement"), address).status_code == 404, name
    foreign = f"/staff/huaiyin/vendors/{theirs.vendors[0]}/terms"
    assert staff.get(foreign).status_code == 404
    assert post(staff, ours.page("settlement"), foreign, kind="none").status_code == 404
    assert sign_in("zhou").get(f"/vendor/huaiyin/days/{theirs.ref}/takings").status_code == 404


def test_a_stall_of_another_market_is_not_touched(app: Flask, market: Make, sign_in: SignIn) -> None:
    ours, theirs = market([None]), market([None], slug="songhe")
    staff = sign_in("staff")
    fields = {"assignment": theirs.stalls[0], "fault": "not_reported", "reason": "没事"}
    assert post(staff, ours.page("settlement"), ours.page("close-waivers"), **fields).status_code == 404
    assert post(staff, ours.page("settlement"), ours.page("absences"), **fields).status_code == 404
    goods = post(staff, ours.page("goods"), assignment=theirs.stalls[0], goods="白菜", items="1")
    assert goods.status_code == 422
    post(staff, ours.page("takings"), **{f"takings-{theirs.stalls[0]}": "900"})
    assert told(app, theirs) == []


@pytest.mark.parametrize("login", ["staff-b", "gate", "member1", "zhou", "viewer"])
def test_only_staff_of_the_community_settles(market: Make, sign_in: SignIn, login: str) -> None:
    held = market()
    client = sign_in(login)
    assert {client.get(held.page(name)).status_code for name in PAGES} == {403}


def test_without_gifts_the_fund_is_said_to_stay_as_it_is(market: Make, sign_in: SignIn) -> None:
    held, staff = market(terms=None), sign_in("staff")
    assert post(staff, held.page("settlement"), seen="0").status_code == 302
    assert "这一场没有人捐，基金的账不变。" in text(staff.get(held.page("statement")))


def test_without_gifts_and_without_a_fund_nothing_is_said_to_be_posted(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held, staff = market(terms=None, with_fund=False), sign_in("staff")
    closed = post(staff, held.page("settlement"), seen="0")
    assert closed.headers["Location"] == held.page("statement")
    page = text(staff.get(held.page("statement")))
    assert "这一场没有人捐，社区也还没有登记基金，所以没有记账。" in page
    assert "钱已经记进" not in page
    account = app.test_client().get(f"/c/huaiyin/fund/markets/{held.ref}")
    assert account.status_code == 200
    assert "社区也还没有登记基金，所以没有账。" in text(account)


# ── who has not decided yet ───────────────────────────────────────────────────────────────────────────────


def test_agreements_of_a_market_are_typed_in_as_one_list(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        clerk = person("staff")
        day = planned_day(find_community(cast.ours), clerk, vendors=3)
        ref, held = day.ref, [assignment.ref for assignment in stalls.assignments(day)]
    client, page = sign_in("staff"), f"/staff/huaiyin/days/{ref}/agreements"
    assert "3 家还没定捐不捐" in client.get(f"/staff/huaiyin/days/{ref}").text
    wrong = post(client, page, **{f"{held[0]}-kind": "percent", f"{held[1]}-kind": "none"})
    assert wrong.status_code == 422
    assert "请填百分之几" in wrong.text
    typed = {f"{held[0]}-kind": "percent", f"{held[0]}-percent": "5", f"{held[1]}-kind": "none"}
    assert post(client, page, **typed).status_code == 302
    told = client.get(page).text
    assert "记下了 2 家" in told
    assert held[2] in told
    assert held[0] not in told
    assert post(client, page, **{f"{held[2]}-kind": "none"}).status_code == 302
    assert "都定好了" in client.get(page).text
