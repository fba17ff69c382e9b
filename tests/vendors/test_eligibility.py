"""One pure rule says who may stand: papers, goods, changes nobody has looked at, and who is kept away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from market.calendar.rules import Finding
from market.communities.profile_files import profiles
from market.communities.rules import Mender, Severity
from market.vendors.eligibility import DocumentFacts, VendorFacts, by_name, may_stand, stops
from market.vendors.rules import Category, DocumentKind
from market.vendors.words import barred_sentence, finding_sentence, lacks_sentence

ZIBO, HUNAN = profiles()["shandong_zibo"], profiles()["hunan"]
C, D = Category, DocumentKind
ON = date(2026, 11, 28)
DAY = timedelta(days=1)
FAR = ON + 365 * DAY


def paper(kind: DocumentKind, valid_to: date | None = FAR, seen_on: date | None = None) -> DocumentFacts:
    return DocumentFacts(kind, valid_to, seen_on)


ENTRY = paper(D.ENTRY_AGREEMENT)
FOOD = (ENTRY, paper(D.FOOD_UNDERTAKING), paper(D.FOOD_STALL_CARD), paper(D.HEALTH_CERT))
DAILY = VendorFacts("abcdefghjk", "王家百货", C.DAILY_GOODS, (ENTRY,), "针头线脑")
BUTCHER = VendorFacts("mnpqrstuvw", "鲜肉铺", C.MEAT_EGG_AQUATIC, FOOD, "猪肉")


def found(vendor: VendorFacts, asked_on: date | None = None) -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in may_stand(vendor, ON, ZIBO, asked_on=asked_on)]


def test_who_has_all_papers_may_stand() -> None:
    assert found(DAILY) == []


@pytest.mark.parametrize(
    ("goods", "law"),
    [
        ("散装白酒", "山东省三小条例 30"),
        ("香烟", "烟草专卖法"),
        ("烟花爆竹", "烟花爆竹安全管理条例"),
        ("处方药", "药品管理法"),
        ("活鸡", "动物防疫法"),
    ],
)
def test_banned_goods_block_with_their_law(goods: str, law: str) -> None:
    (finding,) = may_stand(replace(DAILY, goods=goods), ON, ZIBO)
    assert (finding.code, finding.severity, finding.law) == ("stand_banned", Severity.BLOCK, law)
    assert (finding.mender, finding.due) == (Mender.VENDOR, ON)


BATCH = ("quarantine_cert_missing", Severity.BLOCK)
REMINDER = ("quarantine_cert_to_bring", Severity.WARN)


@pytest.mark.parametrize(
    ("papers", "asked_on", "expected"),
    [
        ((), None, [REMINDER]),
        ((), ON - DAY, [REMINDER]),
        ((), ON, [BATCH]),
        ((paper(D.QUARANTINE_CERT, ON, ON),), ON, []),
        ((paper(D.QUARANTINE_CERT, None, ON - 3 * DAY),), ON, []),
        ((paper(D.QUARANTINE_CERT, None, ON - 4 * DAY),), ON, [BATCH]),
        ((paper(D.QUARANTINE_CERT, ON - DAY, ON - DAY),), ON, [BATCH]),
        ((paper(D.QUARANTINE_CERT, FAR, ON - 30 * DAY),), ON, [BATCH]),
    ],
)
def test_meat_shows_the_paper_of_its_batch_on_the_day(
    papers: tuple[DocumentFacts, ...], asked_on: date | None, expected: list[tuple[str, Severity]]
) -> None:
    assert found(replace(BUTCHER, documents=FOOD + papers), asked_on) == expected


def test_until_staff_have_looked_the_stricter_of_both_holds() -> None:
    changed = replace(DAILY, before=((C.COOKED_FOOD, "煎饼"),))
    assert [code for code, _severity in found(changed)] == [
        "food_permit_missing", "health_cert_missing", "food_undertaking_missing",
    ]  # fmt: skip
    assert found(replace(changed, documents=FOOD)) == []


def test_goods_that_contradict_the_category_are_noticed() -> None:
    assert found(replace(DAILY, goods="煎饼")) == [("stand_elsewhere", Severity.OVERRIDABLE)]
    changed = replace(DAILY, goods="煎饼", before=((C.COOKED_FOOD, "煎饼"),), documents=FOOD)
    assert found(changed) == [("stand_elsewhere", Severity.OVERRIDABLE)]


def test_whom_staff_keep_away_may_not_stand() -> None:
    (finding,) = may_stand(replace(DAILY, excluded="三次没来也没说"), ON, ZIBO)
    assert (finding.code, finding.severity, finding.mender) == (
        "stand_excluded",
        Severity.BLOCK,
        Mender.STAFF,
    )


def test_a_flame_matters_only_where_the_region_says_so() -> None:
    hot = replace(DAILY, burns=True)
    assert found(hot) == []
    cold = ZIBO.model_copy(update={"stand": ZIBO.stand.model_copy(update={"open_flame": Severity.BLOCK})})
    assert [one.code for one in may_stand(hot, ON, cold)] == ["stand_open_flame"]


def test_a_flame_is_no_matter_unless_the_venue_forbids_it() -> None:
    hot = replace(DAILY, burns=True)
    assert may_stand(DAILY, ON, ZIBO, no_flame=True) == []
    (finding,) = may_stand(hot, ON, ZIBO, no_flame=True)
    assert (finding.code, finding.severity) == ("stand_flame_not_here", Severity.BLOCK)
    assert "请改用电" in barred_sentence("张记", [finding])


def test_a_gas_bottle_needs_an_alarm_and_an_extinguisher() -> None:
    (finding,) = may_stand(replace(DAILY, burns=True, gas_unsafe=True), ON, ZIBO)
    assert (finding.code, finding.severity) == ("stand_gas_unsafe", Severity.BLOCK)
    assert (finding.law, finding.mender) == ("安全生产法 36", Mender.VENDOR)


@pytest.mark.parametrize(
    ("seen_on", "lacks"), [(ON - 365 * DAY, False), (ON - 366 * DAY, True), (None, False)]
)
def test_a_health_certificate_without_an_end_counts_for_a_year(seen_on: date | None, lacks: bool) -> None:
    papers = (*FOOD[:3], paper(D.HEALTH_CERT, None, seen_on))
    cook = replace(DAILY, category=C.COOKED_FOOD, documents=papers, goods="烧饼")
    assert ("health_cert_expired" in [code for code, _severity in found(cook)]) is lacks


def test_the_same_vendor_owes_other_papers_elsewhere() -> None:
    old = (
        ENTRY,
        paper(D.FOOD_UNDERTAKING),
        paper(D.FOOD_STALL_CARD, None, ON - 400 * DAY),
        paper(D.HEALTH_CERT),
    )
    cook = replace(DAILY, category=C.COOKED_FOOD, documents=old, goods="烧饼")
    assert may_stand(cook, ON, ZIBO) == []
    (finding,) = may_stand(cook, ON, HUNAN)
    assert (finding.code, finding.law) == ("food_permit_expired", "湖南省三小条例；食品摊贩登记管理办法")


def test_more_papers_never_make_it_worse() -> None:
    cook = replace(DAILY, category=C.COOKED_FOOD, goods="烧饼", documents=())
    before = {one.code for one in stops(may_stand(cook, ON, ZIBO))}
    for document in FOOD:
        cook = replace(cook, documents=(*cook.documents, document))
        after = {one.code for one in stops(may_stand(cook, ON, ZIBO))}
        assert after < before
        before = after
    assert before == set()


def test_only_a_finding_that_may_be_overridden_is_let_pass_by_a_name() -> None:
    elsewhere = may_stand(replace(DAILY, goods="煎饼"), ON, ZIBO)
    assert by_name(elsewhere)
    assert stops([replace(one, waived=True) for one in elsewhere]) == []
    banned = may_stand(replace(DAILY, goods="香烟"), ON, ZIBO)
    assert not by_name(banned)
    assert stops([replace(one, waived=True) for one in banned]) != []


def test_the_sentence_says_what_lacks_and_what_to_do(context: Flask) -> None:
    lacks = stops(may_stand(replace(DAILY, category=C.COOKED_FOOD, goods="烧饼"), ON, ZIBO))
    told = barred_sentence("张记", lacks)
    assert told.startswith("张记还不能出摊：还没有食品经营许可证")
    assert told.endswith("请商户补齐，看过原件登记好再来办。")
    elsewhere = stops(may_stand(replace(DAILY, goods="煎饼"), ON, ZIBO))
    assert "写了卖现做的吃食，报的却是日用百货" in lacks_sentence(elsewhere)
    assert "写明原因，由您负责" in barred_sentence("张记", elsewhere)
    assert "谁都不能放行" in barred_sentence("张记", may_stand(replace(DAILY, goods="香烟"), ON, ZIBO))


def test_the_words_of_the_profile_come_in_both_languages(context: Flask) -> None:
    (finding,) = may_stand(replace(DAILY, goods="香烟"), ON, ZIBO)
    assert "香烟" in finding_sentence(finding)
    with context.test_request_context(), force_locale("en"):
        assert "tobacco" in finding_sentence(finding)
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in english(finding))


def english(finding: Finding) -> str:
    """The sentence without the vendor's name, which stays as it is."""
    return finding_sentence(finding).replace("王家百货", "")
