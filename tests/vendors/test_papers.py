"""Papers as pictures: the rules as tables, the acts, the clock that deletes, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.audit import AuditRow
from market.communities.profile import Profile
from market.communities.profile_files import profiles
from market.communities.rules import Severity
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.photos import Photo
from market.vendors import service
from market.vendors.eligibility import DocumentFacts, PersonFacts, VendorFacts, may_stand
from market.vendors.models import Document, StallPerson, Vendor
from market.vendors.paper_rows import HandedPaper, PaperPicture
from market.vendors.papers import (
    MOST_PICTURES,
    MOST_WAITING,
    Due,
    PaperAnswer,
    PaperState,
    due_on,
    kept_for,
    needs_of,
    paper_state,
    papers_due,
)
from market.vendors.rules import Category, DocumentKind
from market.vendors.service.eligibility import vendor_facts
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.desk import refused
from tests.factories.vendors import FAR, act_for, make_vendor
from tests.vendors.conftest import Stage

TODAY = date(2026, 3, 1)
PHOTO = Photo(b"\xff\xd8 a page", 9, 7)
ZIBO = "shandong_zibo"


@pytest.fixture
def zibo() -> Profile:
    return profiles()[ZIBO]


def baker(*papers: DocumentFacts, people: tuple[PersonFacts, ...] = ()) -> VendorFacts:
    facts = VendorFacts("v", "老张", Category.COOKED_FOOD, papers, goods="馒头", people=people)
    return facts


def cert(valid_to: date | None, person: str = "", ref: str = "c") -> DocumentFacts:
    return DocumentFacts(DocumentKind.HEALTH_CERT, valid_to, TODAY, None, person, ref)


WANG, LI = PersonFacts("wang", "小王", True), PersonFacts("li", "小李", False)

# ── the rules ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "days, due",
    [
        (-1, Due.EXPIRED),
        (0, Due.WEEK),
        (7, Due.WEEK),
        (8, Due.MONTH),
        (30, Due.MONTH),
        (31, None),
    ],
)
def test_reminders_are_at_thirty_and_at_seven_days(days: int, due: Due | None) -> None:
    assert due_on(TODAY + timedelta(days=days), TODAY) is due


def test_what_is_due_is_worked_out_the_nearest_end_first(zibo: Profile) -> None:
    licence = DocumentFacts(DocumentKind.FOOD_LICENCE, TODAY + timedelta(days=20), TODAY, ref="l")
    vendor = baker(licence, cert(TODAY + timedelta(days=5)))
    found = papers_due([vendor], TODAY, zibo)
    assert [(paper.document, paper.due) for paper in found] == [("c", Due.WEEK), ("l", Due.MONTH)]
    assert found[0].key == "c:2026-03-06:week"
    assert papers_due([vendor], TODAY, zibo) == found


@pytest.mark.parametrize(
    "papers, people, due",
    [
        ((cert(TODAY - timedelta(days=1)), cert(FAR, ref="new")), (), []),  # replaced
        ((cert(TODAY, "wang"), cert(FAR, ref="holder")), (WANG,), ["c"]),  # each has their own
        ((cert(TODAY, "wang"), cert(FAR, "wang", "new")), (WANG,), []),
        ((cert(None),), (), []),  # a year from the day it was seen
        ((replace(cert(None), seen_on=TODAY - timedelta(days=340)),), (), ["c"]),
        (
            (DocumentFacts(DocumentKind.QUARANTINE_CERT, TODAY, TODAY, TODAY, ref="c"),),
            (),
            [],
        ),  # came with the goods
        (
            (DocumentFacts(DocumentKind.ENTRY_AGREEMENT, TODAY, TODAY, ref="c"),),
            (),
            [],
        ),  # signed again by itself
        (
            (DocumentFacts(DocumentKind.BUSINESS_LICENCE, TODAY, TODAY, ref="c"),),
            (),
            ["c"],
        ),  # nobody asks for it
    ],
)
def test_whom_nobody_has_to_remind(
    papers: tuple[DocumentFacts, ...], people: tuple[PersonFacts, ...], due: list[str], zibo: Profile
) -> None:
    assert [one.document for one in papers_due([baker(*papers, people=people)], TODAY, zibo)] == due


@pytest.mark.parametrize(
    "papers, people, codes",
    [
        ((cert(FAR),), (), []),
        ((cert(FAR),), (WANG,), ["health_cert_person"]),
        ((cert(FAR),), (LI,), []),
        ((cert(FAR, "wang"),), (WANG,), []),  # the stall has one, and it is Wang's
        ((cert(FAR), cert(TODAY - timedelta(days=1), "wang")), (WANG,), ["health_cert_person"]),
        ((), (WANG,), ["health_cert_missing"]),
        ((cert(TODAY - timedelta(days=1), "wang"),), (WANG,), ["health_cert_expired"]),
    ],
)
def test_each_who_handles_food_needs_a_certificate(
    papers: tuple[DocumentFacts, ...], people: tuple[PersonFacts, ...], codes: list[str], zibo: Profile
) -> None:
    found = may_stand(baker(*papers, people=people), TODAY, zibo)
    about = [finding for finding in found if finding.code.startswith("health_cert")]
    assert [finding.code for finding in about] == codes
    blocks = [finding for finding in about if finding.code.endswith("_person") and finding.blocks]
    assert blocks == []  # that person keeps off the food; the stall may stand


@pytest.mark.parametrize(
    "brought_for, seen_on, bars",
    [
        (TODAY, TODAY - timedelta(days=9), False),  # told for this market, whenever it was looked at
        (TODAY - timedelta(days=1), TODAY, True),  # yesterday's goods
        (TODAY + timedelta(days=1), TODAY, True),  # tomorrow's
        (None, TODAY - timedelta(days=2), False),  # nobody said: some days from when it was seen
        (None, TODAY - timedelta(days=9), True),
    ],
)
def test_a_paper_of_a_batch_counts_on_its_market(
    brought_for: date | None, seen_on: date, bars: bool, zibo: Profile
) -> None:
    paper = DocumentFacts(DocumentKind.QUARANTINE_CERT, None, seen_on, brought_for)
    vendor = VendorFacts("v", "肉铺", Category.MEAT_EGG_AQUATIC, (paper,), goods="鲜猪肉")
    found = [f for f in may_stand(vendor, TODAY, zibo, asked_on=TODAY) if "quarantine" in f.code]
    assert bool(found) is bars
    assert all(finding.severity is Severity.BLOCK for finding in found)


@pytest.mark.parametrize(
    "ends, waiting, refused_, state",
    [
        (None, False, False, PaperState.MISSING),
        (None, True, False, PaperState.WAITING),
        (None, False, True, PaperState.REFUSED),
        (FAR, False, True, PaperState.GOOD),  # what was seen counts, whatever was refused since
        (FAR, True, False, PaperState.WAITING),
        (TODAY, False, False, PaperState.SOON),
        (TODAY - timedelta(days=1), False, False, PaperState.EXPIRED),
        (TODAY - timedelta(days=1), False, True, PaperState.REFUSED),
        (TODAY + timedelta(days=31), False, False, PaperState.GOOD),
    ],
)
def test_how_it_stands_with_a_paper(
    ends: date | None, waiting: bool, refused_: bool, state: PaperState
) -> None:
    assert paper_state(ends, TODAY, waiting=waiting, refused=refused_) is state


def test_there_is_a_line_for_each_who_handles_food(zibo: Profile) -> None:
    lines = needs_of(baker(people=(WANG, LI)), TODAY, zibo)
    assert [line.person for line in lines if DocumentKind.HEALTH_CERT in line.kinds] == ["wang"]
    with_holder = needs_of(baker(cert(FAR), people=(WANG,)), TODAY, zibo)
    assert [line.person for line in with_holder if DocumentKind.HEALTH_CERT in line.kinds] == ["", "wang"]


KEPT_DAYS = [
    (DocumentKind.HEALTH_CERT, PaperAnswer.SEEN, 30),
    (DocumentKind.AGRI_CERT, PaperAnswer.SEEN, 183),
    (DocumentKind.QUARANTINE_CERT, PaperAnswer.SEEN, 731),
    (DocumentKind.FOOD_LICENCE, PaperAnswer.SEEN, 1096),
    (DocumentKind.FOOD_LICENCE, PaperAnswer.REFUSED, 30),
    (DocumentKind.HEALTH_CERT, PaperAnswer.REFUSED, 30),
    (DocumentKind.HEALTH_CERT, PaperAnswer.WAITING, 183),
]


@pytest.mark.parametrize("kind, answer, days", KEPT_DAYS)
def test_how_long_pictures_are_kept(kind: DocumentKind, answer: PaperAnswer, days: int) -> None:
    assert kept_for(kind, answer) == timedelta(days=days)


# ── the acts ──────────────────────────────────────────────────────────────────────────────────────────────


def handed(stage: Stage, kind: DocumentKind = DocumentKind.FOOD_LICENCE, **more: object) -> HandedPaper:
    owner = stage.vendor.user
    assert owner is not None
    return service.hand_in(stage.vendor, kind, [PHOTO], by=owner, at=clock.now(), **more)  # type: ignore[arg-type]


def seen(stage: Stage, paper: HandedPaper, number: str = "JY1") -> Document:
    return service.see_original(paper, number=number, issuer="", valid_to=FAR, by=stage.staff, at=clock.now())


def test_a_paper_counts_when_its_original_was_seen(stage: Stage) -> None:
    paper = handed(stage)
    assert DocumentKind.FOOD_LICENCE not in {document.kind for document in stage.vendor.documents}
    document = seen(stage, paper)
    assert (paper.answer, paper.document, paper.answered_by) == (PaperAnswer.SEEN, document, stage.staff.id)
    assert (document.number, document.valid_to, document.checked_by) == ("JY1", FAR, stage.staff.id)
    assert seen(stage, paper, "JY2") is document  # twice is once
    with refused("vendors.paper_answered"):
        service.refuse_paper(paper, "照片太暗", by=stage.staff, at=clock.now())


def test_more_pictures_of_what_waits_are_further_pages(stage: Stage) -> None:
    paper = handed(stage)
    assert handed(stage) is paper
    assert len(paper.pictures) == 2
    for _page in range(MOST_PICTURES - 2):
        handed(stage)
    with refused("vendors.enough_pictures"):
        handed(stage)
    seen(stage, paper)
    assert handed(stage) is not paper


def test_a_refused_paper_says_why_and_another_may_follow(stage: Stage) -> None:
    paper = handed(stage)
    with refused("vendors.no_reason"):
        service.refuse_paper(paper, " ", by=stage.staff, at=clock.now())
    service.refuse_paper(paper, "看不清编号", by=stage.staff, at=clock.now())
    service.refuse_paper(paper, "再退一次", by=stage.staff, at=clock.now())
    assert (paper.answer, paper.reason) == (PaperAnswer.REFUSED, "看不清编号")
    with refused("vendors.paper_answered"):
        seen(stage, paper)
    assert handed(stage) is not paper


def test_the_wrong_picture_is_taken_back(stage: Stage) -> None:
    paper = handed(stage)
    owner = stage.vendor.user
    assert owner is not None
    service.take_back_paper(paper, by=owner, at=clock.now())
    assert db.session.scalars(sa.select(PaperPicture)).all() == []
    assert service.waiting_papers(stage.community) == []
    kept = handed(stage)
    seen(stage, kept)
    with refused("vendors.paper_answered"):
        service.take_back_paper(kept, by=owner, at=clock.now())


@pytest.mark.parametrize("act", ["take back", "refuse"])
def test_what_another_took_back_meanwhile_is_said_to_be_gone(stage: Stage, act: str) -> None:
    """A colleague's page still shows it: it is told so, and nothing breaks."""
    paper = handed(stage)
    for table, key in ((PaperPicture, PaperPicture.paper_id), (HandedPaper, HandedPaper.id)):
        gone = sa.delete(table).where(key == paper.id)
        db.session.execute(gone.execution_options(synchronize_session=False))
    with refused("vendors.no_paper"):
        if act == "refuse":
            service.refuse_paper(paper, "看不清编号", by=stage.staff, at=clock.now())
        else:
            service.take_back_paper(paper, by=stage.staff, at=clock.now())


def test_nobody_looks_at_their_own_paper(stage: Stage) -> None:
    act_for(stage.vendor, stage.staff)
    paper = service.hand_in(stage.vendor, DocumentKind.FOOD_LICENCE, [PHOTO], by=stage.staff, at=clock.now())
    with refused("vendors.not_for_oneself"):
        seen(stage, paper)
    with refused("vendors.not_for_oneself"):
        service.refuse_paper(paper, "不行", by=stage.staff, at=clock.now())


def test_what_cannot_be_handed_in(stage: Stage) -> None:
    for kind, more, code in (
        (DocumentKind.ENTRY_AGREEMENT, {}, "vendors.signed_elsewhere"),
        (DocumentKind.QUARANTINE_CERT, {}, "vendors.which_market"),
        (DocumentKind.FOOD_LICENCE, {"brought_for": TODAY}, "vendors.which_market"),
    ):
        with refused(code):
            handed(stage, kind, **more)
    with refused("vendors.no_picture"):
        service.hand_in(stage.vendor, DocumentKind.SCALE, [], by=stage.staff, at=clock.now())


def test_what_waits_is_no_heap(stage: Stage) -> None:
    for days in range(MOST_WAITING):
        handed(stage, DocumentKind.QUARANTINE_CERT, brought_for=TODAY + timedelta(days=days))
    with refused("vendors.many_papers"):
        handed(stage)
    handed(stage, DocumentKind.QUARANTINE_CERT, brought_for=TODAY)  # one more page of what waits


def test_a_paper_of_a_batch_keeps_its_market(stage: Stage) -> None:
    document = seen(stage, handed(stage, DocumentKind.QUARANTINE_CERT, brought_for=TODAY))
    assert document.brought_for == TODAY


def test_people_come_and_go_and_their_papers_with_them(stage: Stage) -> None:
    at, by = clock.now(), stage.staff
    wang = service.add_person(stage.vendor, " 小王 ", True, by=by, at=at)
    assert service.add_person(stage.vendor, "小王", False, by=by, at=at) is wang
    assert not wang.handles_food
    document = seen(stage, handed(stage, DocumentKind.HEALTH_CERT, person=wang))
    facts = vendor_facts([stage.vendor], TODAY)[stage.vendor.id]
    assert (document.ref, wang.ref) in {(paper.ref, paper.person) for paper in facts.documents}
    service.remove_person(stage.vendor, wang.ref, by=by, at=at)
    service.remove_person(stage.vendor, wang.ref, by=by, at=at)
    facts = vendor_facts([stage.vendor], TODAY)[stage.vendor.id]
    assert document.ref not in {paper.ref for paper in facts.documents}
    assert facts.people == ()
    with refused("vendors.no_person"):
        service.find_person(stage.vendor, wang.ref)
    for number in range(12):
        service.add_person(stage.vendor, f"第{number}位", False, by=by, at=at)
    with refused("vendors.many_people"):
        service.add_person(stage.vendor, "还有一位", False, by=by, at=at)


def test_what_happens_stands_in_the_journal_without_names(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        vendor = make_vendor(community, staff)
        paper = service.hand_in(vendor, DocumentKind.SCALE, [PHOTO], by=staff, at=clock.now())
        service.refuse_paper(paper, "太暗", by=staff, at=clock.now())
        service.add_person(vendor, "小王", True, by=staff, at=clock.now())
    assert said("vendors.hand_in")["pictures"] == 1
    assert said("vendors.refuse_paper")["reason"] == "太暗"
    assert "小王" not in str(said("vendors.add_person"))


def said(act: str) -> dict[str, object]:
    """What the one line of an act says."""
    return dict(db.session.query(AuditRow).filter_by(act=act).one().detail)


# ── what is not kept ──────────────────────────────────────────────────────────────────────────────────────


@both_engines
@pytest.mark.parametrize("kind, answer, days", KEPT_DAYS)
def test_the_clock_deletes_pictures_and_leaves_the_fact(
    context: Flask, cast: Cast, kind: DocumentKind, answer: PaperAnswer, days: int
) -> None:
    at = clock.now()
    with unit_of_work():
        staff = person("staff")
        vendor = make_vendor(find_community(cast.ours), staff)
        day = TODAY if kind in (DocumentKind.AGRI_CERT, DocumentKind.QUARANTINE_CERT) else None
        paper = service.hand_in(vendor, kind, [PHOTO, PHOTO], brought_for=day, by=staff, at=at)
        if answer is PaperAnswer.SEEN:
            service.see_original(paper, number="N1", issuer="", valid_to=None, by=staff, at=at)
        if answer is PaperAnswer.REFUSED:
            service.refuse_paper(paper, "不行", by=staff, at=at)
    gone = []
    for later in (days - 1, days + 1, days + 1):
        with unit_of_work():
            gone.append(service.purge_pictures(at=at + timedelta(days=later)))
    assert gone == [0, 2, 0]
    kept = db.session.scalars(sa.select(HandedPaper)).one()
    assert (kept.answer, kept.pictures) == (answer, [])
    if answer is PaperAnswer.SEEN:
        assert kept.document is not None
        assert (kept.document.number, kept.document.checked_by) == ("N1", person("staff").id)


def test_a_forgotten_vendor_leaves_no_picture_and_no_name(stage: Stage) -> None:
    handed(stage)
    service.add_person(stage.vendor, "小王", True, by=stage.staff, at=clock.now())
    service.forget_vendor(stage.vendor, by=stage.staff, at=clock.now())
    assert db.session.scalars(sa.select(PaperPicture)).all() == []
    (left,) = db.session.scalars(sa.select(StallPerson)).all()
    db.session.refresh(left)
    assert left.name == "—"
    assert left.until is not None
    with refused("vendors.forgotten"):
        service.hand_in(stage.vendor, DocumentKind.SCALE, [PHOTO], by=stage.staff, at=clock.now())


def test_what_waits_is_told_by_community(stage: Stage) -> None:
    paper = handed(stage)
    assert service.waiting_papers(stage.community) == [paper]
    assert service.waiting_papers(find_community("songhe")) == []
    with refused("vendors.no_paper"):
        service.find_handed(find_community("songhe"), paper.ref)
    other: Vendor = make_vendor(stage.community, stage.staff, "别家")
    with refused("vendors.no_paper"):
        service.find_own_handed(other, paper.ref)
    with refused("vendors.no_picture_here"):
        service.picture_of(paper, "nosuchpict")


def test_what_runs_out_is_worked_out_for_the_whole_register(stage: Stage) -> None:
    today = clock.today(stage.community.zone)
    for number, days in (("a", -3), ("b", 6), ("c", 29), ("d", 90)):
        vendor = make_vendor(stage.community, stage.staff, f"第{number}家")
        service.check_document(
            vendor, DocumentKind.SCALE, number=number, issuer="", valid_to=today + timedelta(days=days),
            by=stage.staff, at=clock.now(),
        )  # fmt: skip
    register = service.register(stage.community)
    found = [(one.vendor.trading_name, one.paper.due) for one in service.due_papers(register, today)]
    assert found == [("第a家", Due.EXPIRED), ("第b家", Due.WEEK), ("第c家", Due.MONTH)]
    scales = [one for one in service.ending_papers(register, today) if one.paper.kind is DocumentKind.SCALE]
    assert len(scales) == 4
    assert service.due_papers([], today) == []
