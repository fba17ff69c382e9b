"""Looking, finding, looking again; incidents; links that open for a day; what is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image

from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.inspection import service
from market.inspection.models import FindingPhoto, Incident, SpotCheck
from market.inspection.rules import MOST_USES, LinkState, Result
from market.inspection.service import IncidentDraft, Problem
from market.people.models import User
from market.photos import LONGEST_SIDE, Photo, read_photo
from market.stalls import service as stalls
from market.stalls.models import Assignment
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.gate import planned_day, published_day

HOUR = timedelta(hours=1)


class Plaza:
    """A published market, its stalls, and somebody who goes round."""

    def __init__(self, day: MarketDay, by: User) -> None:
        self.day, self.by = day, by
        self.at: datetime = day.open_at - HOUR
        self.held: list[Assignment] = stalls.assignments(day)

    def look(
        self, *problems: Problem, held: int | None = 0, client_id: str = "c1", round_no: int = 1
    ) -> SpotCheck:
        place = self.held[held] if held is not None else None
        with unit_of_work():
            return service.check_spot(
                self.day, place, round_no, problems, client_id=client_id, by=self.by, at=self.at
            )


@pytest.fixture
def plaza(context: Flask, cast: Cast) -> Plaza:
    with unit_of_work():
        by = person("staff")
        return Plaza(published_day(find_community(cast.ours), by), by)


def spots(plaza: Plaza, round_no: int = 1) -> dict[str, Result | None]:
    return {
        spot.held.label if spot.held else "plaza": spot.result
        for spot in service.round_of(plaza.day, round_no)
    }


def said(act: str) -> list[AuditRow]:
    return list(db.session.query(AuditRow).filter_by(act=act))


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.raises(Refusal, match=code.replace(".", r"\."))


def test_a_look_without_problems_is_fine_and_only_for_its_round(plaza: Plaza) -> None:
    plaza.look()
    assert spots(plaza) == {"A01": Result.FINE, "A02": None, "A03": None, "plaza": None}
    assert set(spots(plaza, 2).values()) == {None}


def test_the_same_look_twice_is_one(plaza: Plaza) -> None:
    problem = Problem("waste", Result.STOPPED)
    plaza.look(problem)
    plaza.look(problem)
    assert (db.session.query(SpotCheck).count(), len(service.open_findings(plaza.day))) == (1, 1)


def test_the_plaza_is_looked_at_too(plaza: Plaza) -> None:
    plaza.look(Problem("fire_lane", Result.STOPPED, "三轮车挡着"), held=None)
    (found,) = service.open_findings(plaza.day)
    assert (found.where, found.note, spots(plaza)["plaza"]) == (None, "三轮车挡着", Result.STOPPED)


def test_what_was_mended_on_the_spot_is_known_and_not_open(plaza: Plaza) -> None:
    plaza.look(Problem("waste", Result.MENDED))
    assert (len(service.findings_of(plaza.day)), service.open_findings(plaza.day)) == (1, [])


def test_what_is_to_be_mended_is_open_until_somebody_closes_it(plaza: Plaza) -> None:
    plaza.look(Problem("aisle", Result.TO_MEND, "货堆出来了", plaza.at + HOUR))
    (found,) = service.open_findings(plaza.day)
    assert (found.overdue(plaza.at), found.overdue(plaza.at + 2 * HOUR)) == (False, True)
    with unit_of_work():
        service.follow_up(found, "还没搬", closes=False, by=plaza.by, at=plaza.at + HOUR)
    assert service.open_findings(plaza.day) == [found]
    with unit_of_work():
        first = service.follow_up(found, "搬走了", closes=True, by=plaza.by, at=plaza.at + 2 * HOUR)
        again = service.follow_up(found, "搬走了", closes=True, by=plaza.by, at=plaza.at + 2 * HOUR)
    assert (first.id, service.open_findings(plaza.day)) == (again.id, [])
    assert found.closing is not None
    assert (found.closing.person.login, found.closing.noted_at) == ("staff", plaza.at + 2 * HOUR)
    with refused("inspection.settled"), unit_of_work():
        service.follow_up(found, "又堆了", closes=False, by=plaza.by, at=plaza.at + 3 * HOUR)


@pytest.mark.parametrize(
    "problem, code",
    [
        (Problem("a_blessing", Result.STOPPED), "inspection.no_item"),
        (Problem("waste", Result.FINE), "inspection.no_item"),
        (Problem("fire_lane", Result.STOPPED), "inspection.no_item"),
        (Problem("waste", Result.TO_MEND), "inspection.no_hour"),
    ],
)
def test_what_nobody_can_have_seen_there_is_refused(plaza: Plaza, problem: Problem, code: str) -> None:
    with refused(code):
        plaza.look(problem)
    assert db.session.query(SpotCheck).count() == 0


def test_no_round_is_noted_before_anybody_stands_there(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        by = person("staff")
        early = Plaza(planned_day(find_community(cast.ours), by), by)
    with refused("inspection.not_now"):
        early.look()
    with refused("inspection.not_now"), unit_of_work():
        service.make_link(early.day, "市场监管所", by=by, at=early.at)


def test_who_looked_and_what_was_wrong_stands_in_the_journal(plaza: Plaza) -> None:
    plaza.look(Problem("waste", Result.STOPPED))
    (line,) = said("inspection.check_spot")
    assert line.detail["wrong"] == {"waste": "stopped"}
    assert {key.split(":")[0] for key in line.facts} == {"spotcheck", "finding"}


# ── photos ────────────────────────────────────────────────────────────────────────────────────────────────


def picture(kind: str = "JPEG", size: tuple[int, int] = (2000, 1000), **more: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "orange").save(out, kind, **more)
    return out.getvalue()


def test_a_photo_is_drawn_anew_small_upright_and_without_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "36.8N 118.0E"
    kept = read_photo(BytesIO(picture(exif=exif)))
    shown = Image.open(BytesIO(kept.content))
    assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (640, 1280), {})
    assert (kept.width, kept.height, LONGEST_SIDE) == (640, 1280, 1280)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_pictures_become_the_same_kind(kind: str) -> None:
    assert Image.open(BytesIO(read_photo(BytesIO(picture(kind))).content)).format == "JPEG"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"%PDF-1.7",
        picture()[:300],
        picture("GIF"),
    ],
    ids=["nothing", "svg", "pdf", "cut off", "gif"],
)
def test_what_is_no_photo_is_refused_whatever_it_is_called(sent: bytes) -> None:
    with refused("photos.unreadable"):
        read_photo(BytesIO(sent))


def test_a_small_file_that_unfolds_into_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.photos.MOST_PIXELS", 1_000_000)
    with refused("photos.too_large"):
        read_photo(BytesIO(picture("PNG")))
    monkeypatch.setattr("market.photos.MOST_BYTES", 1_000)
    with refused("photos.too_large"):
        read_photo(BytesIO(picture()))


def test_photos_go_when_the_matter_is_long_settled(plaza: Plaza) -> None:
    photo = Photo(b"jpeg", 1, 1)
    plaza.look(
        Problem("waste", Result.MENDED, photos=(photo,)), Problem("aisle", Result.STOPPED, photos=(photo,))
    )
    for days, left in ((29, 2), (31, 1), (179, 1), (181, 0)):
        with unit_of_work():
            service.forget_old(at=plaza.at + timedelta(days=days))
        assert db.session.query(FindingPhoto).count() == left, days


# ── incidents ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_incident_is_noted_once_and_ended_once(plaza: Plaza) -> None:
    draft = IncidentDraft(plaza.at, "B03 旁边", "老人滑倒", "120、王主任")
    with unit_of_work():
        notes = [
            service.note_incident(plaza.day, draft, client_id="i1", by=plaza.by, at=plaza.at)
            for _n in range(2)
        ]
    (one,) = set(notes)
    with unit_of_work():
        service.end_incident(one, "送医院，没有大碍", by=plaza.by, at=plaza.at + HOUR)
        service.end_incident(one, "", by=plaza.by, at=plaza.at + 2 * HOUR)
    assert (one.done, one.ended_at) == ("送医院，没有大碍", plaza.at + HOUR)
    with refused("inspection.ended"), unit_of_work():
        service.end_incident(one, "别的说法", by=plaza.by, at=plaza.at + 2 * HOUR)
    with unit_of_work():
        service.forget_old(at=plaza.at + timedelta(days=1100))
    db.session.expire_all()
    assert [(i.what, i.done, i.ended_at) for i in db.session.query(Incident)] == [("", "", plaza.at + HOUR)]


def test_nothing_happened_tomorrow(plaza: Plaza) -> None:
    draft = IncidentDraft(plaza.at + HOUR, "东门", "吵架")
    with refused("inspection.not_yet"), unit_of_work():
        service.note_incident(plaza.day, draft, client_id="i1", by=plaza.by, at=plaza.at)


def test_forgetting_a_vendor_forgets_the_words_about_its_stall(plaza: Plaza) -> None:
    plaza.look(Problem("waste", Result.STOPPED, "老王没扫", photos=(Photo(b"jpeg", 1, 1),)))
    with unit_of_work():
        service.forget_texts(plaza.held[0].vendor)
    db.session.expire_all()
    (found,) = service.findings_of(plaza.day)
    assert (found.note, found.photos, found.result) == ("", [], Result.STOPPED)


# ── the link of an authority ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def secret(plaza: Plaza) -> str:
    with unit_of_work():
        made = service.make_link(plaza.day, "市场监管所 王", by=plaza.by, at=plaza.at)
    return made


def test_looking_spends_nothing_and_opening_is_counted(plaza: Plaza, secret: str) -> None:
    for _look in range(5):
        assert service.linked_day(secret, at=plaza.at).openings == []
    with unit_of_work():
        opening = service.open_link(secret, at=plaza.at)
    assert service.opened_page(secret, opening.ref, at=plaza.at + timedelta(minutes=59)) is opening
    with refused("inspection.opening_over"):
        service.opened_page(secret, opening.ref, at=plaza.at + HOUR)
    assert [line.user_id for line in said("inspection.open_link")] == [None]


def test_a_link_ends_with_the_date_of_its_market(plaza: Plaza, secret: str) -> None:
    (link,) = service.links_of(plaza.day)
    assert link.expires_at - plaza.day.open_at < timedelta(days=1)
    with refused("inspection.link_over"):
        service.linked_day(secret, at=link.expires_at)
    with refused("inspection.day_over"), unit_of_work():
        service.make_link(plaza.day, "城管", by=plaza.by, at=link.expires_at)


def test_a_link_that_was_taken_back_also_shuts_what_it_opened(plaza: Plaza, secret: str) -> None:
    with unit_of_work():
        opening = service.open_link(secret, at=plaza.at)
        service.revoke_link(service.links_of(plaza.day)[0], by=plaza.by, at=plaza.at)
    for ask in (
        lambda: service.linked_day(secret, at=plaza.at),
        lambda: service.open_link(secret, at=plaza.at),
        lambda: service.opened_page(secret, opening.ref, at=plaza.at),
    ):
        with refused("inspection.link_revoked"), unit_of_work():
            ask()


@both_engines
def test_a_link_is_not_opened_for_ever(plaza: Plaza, secret: str) -> None:
    with unit_of_work():
        for _use in range(MOST_USES):
            service.open_link(secret, at=plaza.at)
    with refused("inspection.link_spent"), unit_of_work():
        service.open_link(secret, at=plaza.at)
    assert service.state_of(service.links_of(plaza.day)[0], plaza.at) is LinkState.SPENT


def test_a_secret_of_nobody_opens_nothing(plaza: Plaza) -> None:
    with refused("inspection.link_wrong"):
        service.linked_day("nosecret", at=plaza.at)
    assert db.session.query(AuditRow).filter_by(act="inspection.open_link").count() == 0
