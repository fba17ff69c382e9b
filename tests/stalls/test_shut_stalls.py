"""Part of a market does not take place: who stands there is told and not let in, and gets another stall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref
from market.db import db, unit_of_work
from market.errors import NotFound
from market.gate import service as gate, words as gate_words
from market.gate.rules import ScanFacts, Verdict, admit
from market.notices.rules import Channel
from market.notices.service import tell
from market.notices.words import words_of
from market.stalls import service
from market.stalls.models import Assignment
from tests.cast import person, post
from tests.factories.calendar import make_venue
from tests.factories.desk import refused
from tests.factories.gate import morning, passes_by_stall, scan_code
from tests.factories.stalls import held_by, stall
from tests.notices.conftest import Published, pending, published as published  # the fixture

NOW = clock.now()


def tell_everybody(day: MarketDay) -> None:
    seen = [message.seen for message in pending(day).values()]
    tell(day, seen, channel=Channel.CALL, by=person("staff"), at=clock.now())


def flood(day: MarketDay, *labels: str) -> None:
    flooded = [stall(day, label) for label in labels]
    service.shut(day, flooded, "积水", by=person("staff"), at=clock.now())


def said(day: MarketDay, name: str) -> str:
    return words_of(pending(day)[name]).sentence


def shown(held: Assignment) -> tuple[Verdict, str]:
    """What the gate says of the vendor's pass in the morning."""
    day = held.day
    with db.session.begin_nested() as looked:
        code = passes_by_stall(day)[held.stall.label].short_code
        seen = scan_code(day, code, person("gate"), at=morning(day))
        found = seen.verdict, gate_words.answer(gate.scan_view(seen, day)).detail
        looked.rollback()
    return found


def test_the_stall_comes_after_the_pass_and_before_the_papers() -> None:
    shut = ScanFacts(known=True, signed=True, stall_shut=True)
    assert admit(replace(shut, barred=True), NOW) is Verdict.STALL_SHUT
    assert admit(replace(shut, revoked=True), NOW) is Verdict.REVOKED
    assert admit(ScanFacts(known=True, signed=True), NOW) is Verdict.ADMITTED


def test_whoever_stands_there_is_told_once_and_not_let_in(published: Published) -> None:
    with published.app.app_context(), unit_of_work():
        day = find_day_by_ref(published.ref)
        tell_everybody(day)
        held = held_by(day, "甲")
        flood(day, held.label)
        assert list(pending(day)) == ["甲"]
        assert f"您的 {held.label} 号摊位不开：积水。" in said(day, "甲")
        assert shown(held) == (
            Verdict.STALL_SHUT,
            f"{held.label} 号今天不开：积水。请商户等一等，叫社区工作人员给他换一个摊位，换好再扫新的证。",
        )
        tell_everybody(day)
        flood(day, held.label)
        assert pending(day) == {}
        service.open_again(day, held.stall, by=person("staff"), at=clock.now())
        assert "又能开了" in said(day, "甲")
        assert shown(held)[0] is Verdict.ADMITTED


def test_another_stall_mends_it_and_nobody_comes_to_stand_where_it_is_shut(published: Published) -> None:
    with published.app.app_context(), unit_of_work():
        day, by = find_day_by_ref(published.ref), person("staff")
        tell_everybody(day)
        held = held_by(day, "甲")
        flood(day, held.label, "A05")
        with refused("stalls.misfit"):
            service.move(held, stall(day, "A05"), by=by, at=clock.now())
        moved = service.move(held, stall(day, "A06"), by=by, at=clock.now())
        assert shown(moved)[0] is Verdict.ADMITTED
        sentence = said(day, "甲")
        assert "换到 A06 号" in sentence
        assert "不开" not in sentence
        assert service.offer_stall(day, stall(day, "A05"), by=by, at=clock.now()) is None


def test_who_is_first_told_of_a_stall_hears_at_once_that_it_is_shut(published: Published) -> None:
    with published.app.app_context(), unit_of_work():
        day = find_day_by_ref(published.ref)
        flood(day, held_by(day, "甲").label)
        assert pending(day)["甲"].kinds == ("gate.placed", "stalls.shut")


def test_what_is_flooded_on_one_date_is_dry_on_another(published: Published) -> None:
    with published.app.app_context(), unit_of_work():
        day, by = find_day_by_ref(published.ref), person("staff")
        flood(day, held_by(day, "甲").label)
        on = calendar.local_date(day)
        draft = calendar.shifted_draft(day, on.replace(year=on.year + 1))
        gate.move_day(day, draft, public_note="改期。", by=by, at=clock.now())
        assert service.shut_stalls(day) == {}
        assert shown(held_by(day, "甲"))[0] is Verdict.ADMITTED


def test_a_reason_is_owed_and_numbers_of_people_are_not_published(published: Published) -> None:
    with published.app.app_context(), unit_of_work():
        day, by, at = find_day_by_ref(published.ref), person("staff"), clock.now()
        one = stall(day, "A01")
        for stalls_, reason, code in (
            ([one], " ", "stalls.shut_reason"),
            ([], "积水", "stalls.shut_reason"),
            ([one], "找 13911112222", "stalls.personal_data"),
        ):
            with refused(code):
                service.shut(day, stalls_, reason, by=by, at=at)
        foreign = make_venue(day.community, by, name="东院").stalls[0]
        with pytest.raises(NotFound):
            service.shut(day, [foreign], "积水", by=by, at=at)


def test_staff_shut_stalls_and_everybody_reads_it(
    published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff, page = sign_in("staff"), f"/staff/huaiyin/days/{published.ref}/shut-stalls"
    with published.app.app_context():
        ref = stall(find_day_by_ref(published.ref), published.label).ref
    assert post(staff, page, stalls=[ref]).status_code == 422
    assert post(staff, page, stalls=[ref], reason="积水").status_code == 302
    said_there = staff.get(page).get_data(as_text=True)
    assert "甲还在这里，请给他换一个。" in said_there
    public = f"/c/huaiyin/markets/{published.ref}"
    sentence = f"{published.label} 号这一场不开：积水。"
    residents = published.app.test_client()
    assert sentence in residents.get(public).get_data(as_text=True)
    home = sign_in("gate").get("/vendor/huaiyin/").get_data(as_text=True)
    assert "您的摊位这一场不开：积水。" in home
    assert page in staff.get(f"/staff/huaiyin/days/{published.ref}").get_data(as_text=True)
    assert post(staff, page, f"{page}/{ref}/removal").status_code == 302
    assert sentence not in residents.get(public).get_data(as_text=True)


def test_a_whole_zone_and_what_is_near_an_entrance_are_shut_at_once_and_taken_back(
    published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff, page = sign_in("staff"), f"/staff/huaiyin/days/{published.ref}/shut-stalls"
    with published.app.app_context(), unit_of_work():
        find_day_by_ref(published.ref).venue.entrances = "东门、西门"
    offered = staff.get(page).get_data(as_text=True)
    assert "A 区 · 6" in offered
    assert "靠近西门" in offered
    assert post(staff, page, parts=["zone-A"], reason="积水").status_code == 302
    with published.app.app_context():
        day = find_day_by_ref(published.ref)
        shut = {row.stall.ref for row in service.shut_stalls(day).values()}
        assert len(shut) == len(day.venue.stalls)
    assert "“积水”的 6 个一起又开" in staff.get(page).get_data(as_text=True)
    assert post(staff, page, f"{page}/removals", stalls=sorted(shut)).status_code == 302
    with published.app.app_context():
        assert service.shut_stalls(find_day_by_ref(published.ref)) == {}
    assert post(staff, page, parts=["door-1"], reason="修路").status_code == 302
    with published.app.app_context():
        day = find_day_by_ref(published.ref)
        west = [row.stall.x_dm for row in service.shut_stalls(day).values()]
        assert west
        open_still = [one.x_dm for one in day.venue.stalls if one.id not in service.shut_stalls(day)]
        assert max(west) <= min(open_still, default=max(west))
