"""What a vendor lacks, when one may apply, what earns a point, who may stand on a reserved stall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from market.calendar.rules import DayState, Severity
from market.communities.profile_files import profiles
from market.vendors.eligibility import DocumentFacts, VendorFacts, may_stand
from market.vendors.rules import (
    FOOD_CATEGORIES,
    ApplyFault,
    Category,
    Conduct,
    DocumentKind,
    DocumentState,
    apply_fault,
    came_in_time,
    document_state,
    is_plausible_side,
    may_stand_on_reserved,
    reported_in_time,
    season_end,
)
from market.vendors.words import (
    CATEGORY_WORDS,
    CONDUCT_WORDS,
    DOCUMENT_WORDS,
    GROUPS,
    finding_sentence,
    in_a_row,
    knows,
    missing_words,
)

ZIBO = profiles()["shandong_zibo"]
C, D, S = Category, DocumentKind, DayState
ON = date(2026, 11, 28)
DAY = timedelta(days=1)
FAR = ON + 365 * DAY

ENTRY, PROMISE = DocumentFacts(D.ENTRY_AGREEMENT, FAR), DocumentFacts(D.FOOD_UNDERTAKING, FAR)
CARD, HEALTH = DocumentFacts(D.FOOD_STALL_CARD, None), DocumentFacts(D.HEALTH_CERT, FAR)


def found(category: Category, *documents: DocumentFacts) -> list[tuple[str, Severity]]:
    facts = VendorFacts("abcdefghjk", "老张豆浆坊", category, documents)
    return [(finding.code, finding.severity) for finding in may_stand(facts, ON, ZIBO)]


@pytest.mark.parametrize(
    ("category", "documents", "expected"),
    [
        (C.DAILY_GOODS, (), [("entry_agreement_missing", Severity.BLOCK)]),
        (C.DAILY_GOODS, (ENTRY,), []),
        (C.DAILY_GOODS, (DocumentFacts(D.ENTRY_AGREEMENT, None),), []),
        (
            C.DAILY_GOODS,
            (DocumentFacts(D.ENTRY_AGREEMENT, ON - DAY),),
            [("entry_agreement_expired", Severity.BLOCK)],
        ),
        (C.DAILY_GOODS, (DocumentFacts(D.ENTRY_AGREEMENT, ON),), []),
        (
            C.COOKED_FOOD,
            (ENTRY, PROMISE, CARD, DocumentFacts(D.HEALTH_CERT, ON)),
            [("health_cert_expires_soon", Severity.WARN)],
        ),
        (
            C.COOKED_FOOD,
            (ENTRY, PROMISE, CARD, DocumentFacts(D.HEALTH_CERT, ON + 29 * DAY)),
            [("health_cert_expires_soon", Severity.WARN)],
        ),
        (C.COOKED_FOOD, (ENTRY, PROMISE, CARD, DocumentFacts(D.HEALTH_CERT, ON + 30 * DAY)), []),
        (
            C.COOKED_FOOD,
            (),
            [
                ("entry_agreement_missing", Severity.BLOCK),
                ("food_permit_missing", Severity.BLOCK),
                ("health_cert_missing", Severity.BLOCK),
                ("food_undertaking_missing", Severity.BLOCK),
            ],
        ),
        (C.COOKED_FOOD, (ENTRY, PROMISE, CARD, HEALTH), []),
        (C.COOKED_FOOD, (ENTRY, PROMISE, DocumentFacts(D.SMALL_EATERY, FAR), HEALTH), []),
        (C.COOKED_FOOD, (ENTRY, PROMISE, DocumentFacts(D.SMALL_WORKSHOP, FAR), HEALTH), []),
        (C.COOKED_FOOD, (ENTRY, PROMISE, DocumentFacts(D.FOOD_LICENCE, FAR), HEALTH), []),
        (
            C.COOKED_FOOD,
            (ENTRY, PROMISE, DocumentFacts(D.PREPACKED_FILING, FAR), HEALTH),
            [("food_permit_missing", Severity.BLOCK)],
        ),
        (
            C.COOKED_FOOD,
            (ENTRY, PROMISE, CARD, DocumentFacts(D.HEALTH_CERT, ON - 8 * DAY)),
            [("health_cert_expired", Severity.BLOCK)],
        ),
        (C.COOKED_FOOD, (ENTRY, PROMISE, CARD, DocumentFacts(D.HEALTH_CERT, ON - 8 * DAY), HEALTH), []),
        (C.GRAIN_SEASONING, (ENTRY, PROMISE), [("prepacked_permit_missing", Severity.OVERRIDABLE)]),
        (C.GRAIN_SEASONING, (ENTRY, PROMISE, DocumentFacts(D.PREPACKED_FILING, None)), []),
        (C.GRAIN_SEASONING, (ENTRY, PROMISE, DocumentFacts(D.FOOD_LICENCE, FAR)), []),
        (C.HEALTH_OUTREACH, (ENTRY,), [("outreach_filing_missing", Severity.WARN)]),
        (C.REPAIR_SERVICE, (ENTRY,), []),
        (C.PRODUCE, (ENTRY,), []),
    ],
)
def test_what_a_vendor_lacks(
    category: Category, documents: tuple[DocumentFacts, ...], expected: list[tuple[str, Severity]]
) -> None:
    assert found(category, *documents) == expected


def test_a_finding_says_who_which_law_and_until_when() -> None:
    facts = VendorFacts("abcdefghjk", "仇记卤味", C.COOKED_FOOD, (ENTRY, PROMISE, CARD))
    (finding,) = may_stand(facts, ON, ZIBO)
    assert (finding.subject, finding.law, finding.due) == ("abcdefghjk:health_cert", "食品安全法 45", ON)
    assert finding_sentence(finding) == "仇记卤味没有健康证。"


def test_the_warning_is_due_on_the_last_valid_day() -> None:
    filing = DocumentFacts(D.OUTREACH_FILING, ON + 5 * DAY)
    facts = VendorFacts("a", "x", C.HEALTH_OUTREACH, (ENTRY, filing))
    assert [finding.due for finding in may_stand(facts, ON, ZIBO)] == [ON + 5 * DAY]


def test_every_finding_has_a_sentence_and_a_name() -> None:
    for category in C:
        for terms in (None, ON - DAY, ON + DAY):
            held = tuple(DocumentFacts(kind, terms) for kind in D) if terms else ()
            facts = VendorFacts("a", "x", category, held)
            assert all(knows(f) and finding_sentence(f).startswith("x") for f in may_stand(facts, ON, ZIBO))


def test_what_to_bring_is_said_in_one_sentence() -> None:
    lacks = may_stand(VendorFacts("a", "x", C.COOKED_FOOD, (ENTRY, CARD)), ON, ZIBO)
    assert missing_words(lacks) == "请补：健康证和食品安全承诺书。"
    assert missing_words([]) == ""


def test_papers_in_one_word() -> None:
    assert document_state([]) is DocumentState.COMPLETE
    assert (
        document_state(may_stand(VendorFacts("a", "x", C.HEALTH_OUTREACH, (ENTRY,)), ON, ZIBO))
        is DocumentState.SOON
    )
    assert document_state(may_stand(VendorFacts("a", "x", C.DAILY_GOODS), ON, ZIBO)) is DocumentState.LACKING


def test_all_food_and_only_food_promises_food_safety() -> None:
    for profile in profiles().values():
        owe = {c for c in C if "food_undertaking" in {duty.code for duty in profile.duties_of([c])}}
        assert owe == FOOD_CATEGORIES


def test_every_category_and_paper_has_a_word_and_a_group() -> None:
    assert set(CATEGORY_WORDS) == set(C)
    assert set(DOCUMENT_WORDS) == set(D)
    assert sorted(c for _group, categories in GROUPS for c in categories) == sorted(C)


# ── when one may apply ────────────────────────────────────────────────────────────────────────────────────

FROM, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
WITHIN = datetime(2026, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "at", "fault"),
    [
        (S.DRAFT, WITHIN, ApplyFault.NOT_YET),
        (S.PREPARED, WITHIN, ApplyFault.NOT_YET),
        (S.OPEN_FOR_APPLICATION, FROM - DAY, ApplyFault.NOT_YET),
        (S.OPEN_FOR_APPLICATION, FROM, None),
        (S.OPEN_FOR_APPLICATION, UNTIL, None),
        (S.OPEN_FOR_APPLICATION, UNTIL + timedelta(seconds=1), ApplyFault.TOO_LATE),
        (S.REVIEWING, WITHIN, ApplyFault.TOO_LATE),
        (S.PUBLISHED, WITHIN, ApplyFault.TOO_LATE),
        (S.POSTPONED, WITHIN, ApplyFault.TOO_LATE),
        (S.SETTLED, UNTIL, ApplyFault.TOO_LATE),
    ],
)
def test_when_a_vendor_may_apply(state: DayState, at: datetime, fault: ApplyFault | None) -> None:
    assert apply_fault(state, FROM, UNTIL, at, on_behalf=False) == fault


@pytest.mark.parametrize("state", list(S))
def test_staff_may_enter_people_until_the_market_is_over(state: DayState) -> None:
    over = {S.CLOSED, S.SETTLING, S.SETTLED, S.ARCHIVED, S.CANCELLED, S.POSTPONED}
    expected = ApplyFault.CLOSED if state in over else None
    assert apply_fault(state, FROM, UNTIL, UNTIL + DAY, on_behalf=True) == expected


# ── seasons, numbers, codes ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("signed", "end"),
    [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 11, 30), date(2026, 12, 31)),
        (date(2026, 12, 1), date(2027, 12, 31)),
    ],
)
def test_a_season_ends_with_the_year_and_december_counts_for_the_next(signed: date, end: date) -> None:
    assert season_end(signed) == end


# ── the stand, reserved stalls, points ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dm", "plausible"),
    [(0, True), (1, False), (4, False), (5, True), (100, True), (101, False), (-1, False)],
)
def test_a_side_of_a_stand_is_half_a_metre_to_ten_or_not_said(dm: int, plausible: bool) -> None:
    assert is_plausible_side(dm) is plausible


@pytest.mark.parametrize("category", list(C))
def test_public_benefit_stands_on_reserved_stalls_by_itself_and_others_by_staff(category: Category) -> None:
    by_itself = category in (C.HEALTH_OUTREACH, C.PUBLIC_SERVICE)
    assert may_stand_on_reserved(category, False) is by_itself
    assert may_stand_on_reserved(category, True) is True


ARRIVE_BY = datetime(2026, 11, 28, 7, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "in_time"), [(-7200, True), (0, True), (59, True), (60, False), (3600, False)]
)
def test_who_comes_within_the_last_minute_comes_in_time(seconds: int, in_time: bool) -> None:
    assert came_in_time(ARRIVE_BY + timedelta(seconds=seconds), ARRIVE_BY) is in_time


@pytest.mark.parametrize(("days", "in_time"), [(-1, True), (0, True), (1, True), (2, False), (30, False)])
def test_takings_are_told_in_time_until_the_day_after(days: int, in_time: bool) -> None:
    assert reported_in_time(ON + days * DAY, ON) is in_time


def test_every_point_has_a_word() -> None:
    assert set(CONDUCT_WORDS) == set(Conduct)


# ── lists in the reader's language ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "words", "sentence"),
    [
        ("zh_Hans_CN", ["健康证"], "健康证"),
        ("zh_Hans_CN", ["健康证", "义诊备案"], "健康证和义诊备案"),
        ("zh_Hans_CN", ["甲", "乙", "丙"], "甲、乙和丙"),
        ("en", ["a", "b"], "a and b"),
        ("en", ["a", "b", "c"], "a, b, and c"),
    ],
)
def test_a_list_is_joined_as_its_reader_would(
    app: Flask, language: str, words: list[str], sentence: str
) -> None:
    with app.test_request_context(), force_locale(language):
        assert in_a_row(words) == sentence
