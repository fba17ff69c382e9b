"""Agreements with tiers and limits, and what the community suggests: typed, tried, put up, signed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.audit import AuditRow
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.settlement import service
from market.settlement.models import SuggestedTerms
from market.settlement.rules import Terms, TermsKind, Tier
from market.settlement.words import examples, terms_word
from market.vendors.rules import Category
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.factories import settlement as make
from tests.settlement.conftest import Desk
from tests.trail import select_said

SignIn = Callable[[str], FlaskClient]
LADDER = Terms(
    TermsKind.TIERS,
    tiers=(Tier(0, 300), Tier(100_000, 500)),
    floor_fen=500,
    cap_fen=20_000,
    threshold_fen=20_000,
    exempt=frozenset({Category.HAIRCUT, Category.CRAFT}),
)
THREE = Terms(TermsKind.PERCENT, basis_points=300)


def at_nine(desk: Desk) -> dict[str, object]:
    return {"by": desk.clerk, "at": make.evening(desk.open(vendors=1))}


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (Terms(TermsKind.PERCENT, 250), "营业额的 2.5%"),
        (
            Terms(TermsKind.FIXED, fixed_fen=2_000, threshold_fen=10_050),
            "每场 20.00 元，卖不到 100.50 元不捐",
        ),
        (
            LADDER,
            "1,000 元以内捐 3%，超过 1,000 元的部分捐 5%，卖不到 200 元不捐，最少 5 元，最多 200 元，"
            "手作文创、理发不用捐",
        ),
        (Terms(TermsKind.NONE), "不捐"),
        (Terms(TermsKind.NONE, exempt=frozenset({Category.HAIRCUT})), "这一类不用捐"),
    ],
)
def test_an_agreement_is_said_in_words(context: Flask, terms: Terms, said: str) -> None:
    assert terms_word(terms) == said


def test_examples_say_what_it_comes_to(context: Flask) -> None:
    assert examples(THREE)[1] == "卖 500 元，捐 15 元"
    assert examples(LADDER) == [
        "卖 100 元，不捐",
        "卖 200 元，捐 6 元",
        "卖 500 元，捐 15 元",
        "卖 1,000 元，捐 30 元",
        "卖 3,000 元，捐 130 元",
    ]


@both_engines
def test_an_agreement_is_stored_and_settled_as_one(desk: Desk) -> None:
    settled = desk.settled((300_000, 19_999, 1_000_000), terms=LADDER)
    db.session.expire_all()
    assert [line.terms for line in settled.lines] == [LADDER] * 3
    assert [line.contribution_fen for line in settled.lines] == [13_000, 0, 20_000]
    assert service.recompute(settled) == []


def test_an_exempt_vendor_gives_nothing_and_the_line_keeps_why(desk: Desk) -> None:
    goods = Terms(TermsKind.PERCENT, 500, exempt=frozenset({Category.DAILY_GOODS}))
    settled = desk.settled((90_000,), terms=goods)
    line = settled.lines[0]
    assert line.assignment.vendor.category is Category.DAILY_GOODS
    assert line.terms == Terms(TermsKind.NONE, exempt=frozenset({Category.DAILY_GOODS}))
    assert settled.contribution_fen == 0


def test_terms_nobody_can_mean_are_refused(desk: Desk) -> None:
    held = desk.held(desk.open(vendors=1))
    for terms, code in (
        (Terms(TermsKind.TIERS, tiers=(Tier(0, 300),)), "settlement.tiers_order"),
        (Terms(TermsKind.PERCENT, 300, floor_fen=2, cap_fen=1), "settlement.floor_above_cap"),
        (Terms(TermsKind.PERCENT, 300, threshold_fen=-1), "settlement.limits_range"),
    ):
        with pytest.raises(Refusal) as refused, unit_of_work():
            service.agree_terms(held.vendor, terms, by=desk.clerk, at=make.evening(held.day))
        assert refused.value.code == code


def test_a_suggestion_has_versions_and_the_same_again_is_none(desk: Desk) -> None:
    when = at_nine(desk)
    with unit_of_work():
        first = service.suggest_terms(desk.community, THREE, "管委会 11 月 20 日会议", **when)  # type: ignore[arg-type]  # by and at
        assert service.suggest_terms(desk.community, THREE, "再说一次", **when) is first  # type: ignore[arg-type]  # by and at
        second = service.suggest_terms(desk.community, LADDER, "管委会 12 月 1 日会议", **when)  # type: ignore[arg-type]  # by and at
    assert (first.version, second.version) == (1, 2)
    assert service.current_suggestion(desk.community) is second
    row = db.session.scalars(select_said(AuditRow).where(AuditRow.act == "settlement.suggest_terms")).all()[1]
    assert (row.detail["tiers"], row.detail["exempt"]) == ([[0, 300], [100_000, 500]], ["craft", "haircut"])
    with unit_of_work():
        service.suggest_terms(desk.community, Terms(TermsKind.NONE), "不再建议", **when)  # type: ignore[arg-type]  # by and at
    assert service.current_suggestion(desk.community) is None


def test_a_suggestion_names_who_decided(desk: Desk) -> None:
    when = at_nine(desk)
    with pytest.raises(Refusal) as refused, unit_of_work():
        service.suggest_terms(desk.community, THREE, "  ", **when)  # type: ignore[arg-type]  # by and at
    assert refused.value.code == "settlement.no_decision"


def test_a_rehearsal_counts_the_last_twelve_markets_and_stores_nothing(desk: Desk) -> None:
    for days in range(10, 24):
        desk.settled((100_000, 50_000, 0), in_days=days, with_fund=True)
    before = db.session.scalar(sa.select(sa.func.count()).select_from(AuditRow))
    found = service.rehearse_suggestion(desk.community, THREE)
    assert service.rehearsed_markets(desk.community) == 12
    assert (found.whole.before_fen, found.whole.after_fen) == (12 * 7_500, 12 * 4_500)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditRow)) == before


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


PAGE = "/staff/huaiyin/suggested-terms"
TRIED = "kind=tiers&tier_percent_1=3&tier_from_2=1000&tier_percent_2=5&cap=200&exempt=haircut"


def test_staff_tries_a_suggestion_before_it_is_put_up(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        make.settled_market(find_community(cast.ours), person("staff"), (90_000, 200_000, 50_000))
    staff = sign_in("staff")
    page = staff.get(f"{PAGE}?{TRIED}").text
    assert "1,000 元以内捐 3%，超过 1,000 元的部分捐 5%，最多 200 元，理发不用捐" in page
    assert "卖 500 元，捐 15 元" in page
    assert "170.00" in page  # 5 % of 900 + 2000 + 500
    with app.app_context():
        assert db.session.scalars(sa.select(SuggestedTerms)).all() == []
    answer = post(staff, f"{PAGE}?{TRIED}", PAGE, **dict(parse_qsl(TRIED)), decision="管委会 11 月会议")
    assert answer.status_code == 302
    page = staff.get(PAGE).text
    assert "第 1 版" in page
    assert "管委会 11 月会议" in page


def test_a_suggestion_without_who_decided_is_asked_for_it_and_kept(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    staff = sign_in("staff")
    answer = post(staff, f"{PAGE}?{TRIED}", PAGE, kind="percent", percent="3", decision="")
    assert answer.status_code == 422
    assert "请写是谁、什么时候这样定的" in answer.text
    assert 'value="3"' in answer.text


def test_what_makes_no_sense_is_said_and_not_tried(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("staff").get(f"{PAGE}?kind=percent&percent=3&floor=9&cap=5").text
    assert "“最少”比“最多”还大" in page
    assert "就用这个建议" not in page


def test_the_script_is_told_what_the_terms_typed_so_far_come_to(cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    address = "/staff/huaiyin/terms/preview"
    said = staff.get(f"{address}?{TRIED}").text
    assert "1,000 元以内捐 3%，超过 1,000 元的部分捐 5%，最多 200 元，理发不用捐" in said
    assert "卖 500 元，捐 15 元" in said
    senseless = staff.get(f"{address}?kind=percent&percent=3&floor=9&cap=5").text
    assert "".join(senseless.split()) == "<divdata-previewed></div>"
