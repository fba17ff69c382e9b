"""Moving a market over HTTP: what a date breaks is named before and after, and one press moves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from market import clock
from market.calendar import holidays, service
from market.calendar.models import MarketDay
from market.calendar.rules import DayPermitKind, DayState
from market.communities.service import find_community
from market.db import unit_of_work
from market.passes import service as passes
from market.places.rules import VenuePermitKind
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.rules import ApplicationState
from tests.cast import person, post
from tests.factories import gate as make
from tests.factories.calendar import make_day, make_venue
from tests.factories.vendors import make_application, make_vendor
from tests.pages.test_staff import DAYS, Ground, plain, today

S = DayState
DAY = timedelta(days=1)


def published(ground: Ground, in_days: int = 10, **changes: Any) -> str:
    """A market with three vendors on their stalls and passes in their hands."""
    with ground.app.app_context(), unit_of_work():
        day = make.published_day(find_community("huaiyin"), person("staff"), in_days=in_days, **changes)
        return day.ref


def address(ref: str, on: date | str = "", **more: str) -> str:
    asked = {"on": str(on), **more} if on else {}
    return f"{DAYS}/{ref}/move" + (f"?{urlencode(asked)}" if asked else "")


def preview(ground: Ground, ref: str, on: date, **more: str) -> str:
    """What stands beside the form, as words."""
    page = ground.get(address(ref, on, **more))
    return plain(page.partition('id="preview"')[2].partition("</section>")[0])


def pressed(ground: Ground, ref: str, on: date, **changes: str) -> Any:
    """Presses the button of the preview, with what its form holds."""
    page = ground.get(address(ref, on)).partition('id="preview"')[2]
    form = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    note = re.search(r'(?s)<textarea[^>]*name="public_note"[^>]*>(.*?)</textarea>', page)
    fields = {**form, "public_note": note[1].strip() if note else "", **changes}
    fields.pop("csrf_token", None)
    return post(ground.clerk, address(ref), **fields)


def change(ground: Ground, ref: str, act: Callable[[MarketDay, Any], Any]) -> None:
    """Does something to a day, by our clerk."""
    with ground.app.app_context(), unit_of_work():
        act(service.find_day_by_ref(ref), person("staff"))


# ── one form ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_published_market_moves_by_a_day_and_keeps_everything(ground: Ground) -> None:
    ref, on = published(ground), today() + 11 * DAY
    assert "3 家的报名和审核、3 个摊位和3 张摊位证都留着，不用重新办。" in preview(ground, ref, on)
    before = ground.of(ref, lambda d: [a.ref for a in stalls.assignments(d)])
    answer = pressed(ground, ref, on)
    assert (answer.status_code, answer.location) == (302, f"{DAYS}/{ref}#lacks")
    assert ground.of(ref, lambda d: (d.state, service.local_date(d))) == (S.PUBLISHED, on)
    assert ground.of(ref, lambda d: [a.ref for a in stalls.assignments(d)]) == before
    assert ground.of(ref, lambda d: len(passes.live_passes(d))) == 3
    residents = ground.app.test_client().get(f"/c/huaiyin/markets/{ref}").get_data(as_text=True)
    assert f"改到 {on.month} 月 {on.day} 日" in plain(residents)


def test_the_date_stands_first_and_looking_changes_nothing(ground: Ground) -> None:
    ref, on = published(ground), today() + 17 * DAY
    page = ground.get(address(ref, on))
    assert re.findall(r'name="(on|opens|venue)"', page)[:3] == ["on", "opens", "venue"]
    assert ground.of(ref, service.local_date) == today() + 10 * DAY
    assert f'href="/staff/huaiyin/days/{ref}/move?on={today() + 11 * DAY}#preview"' in page


def test_nothing_to_say_is_said(ground: Ground) -> None:
    ref = ground.day(in_days=30)
    words = preview(ground, ref, an_ordinary_day(40))
    assert "文件、证照、别的集市，都碰不上。" in words


def test_hours_alone_may_change(ground: Ground) -> None:
    ref, on = published(ground), today() + 10 * DAY
    assert "就这样改" in preview(ground, ref, on, opens="09:00")
    answer = pressed(ground, ref, on, opens="09:00", public_note="晚一小时。")
    assert answer.status_code == 302
    assert ground.of(ref, lambda d: service.draft_of(d).opens.hour) == 9


@pytest.mark.parametrize("state", [S.OPEN, S.CLOSED, S.SETTLED, S.POSTPONED, S.CANCELLED])
def test_what_has_its_own_way_has_no_such_form(ground: Ground, state: DayState) -> None:
    ref = ground.day(state=state)
    assert ground.clerk.get(address(ref)).status_code == 409
    assert "/move" not in ground.get(f"{DAYS}/{ref}")


# ── mistakes ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"on": "2020-01-01"}, "这一天已经过去了"),
        ({"on": "下周六"}, "请选一个日期"),
        ({"closes": "06:00"}, "收市要晚于开市"),
        ({"arrive_by": "23:00"}, "商户进场要在开市以前"),
        ({"venue": ""}, "请选场地。"),
    ],
)
def test_what_cannot_be_is_said_before_and_has_no_button(
    ground: Ground, asked: dict[str, str], sentence: str
) -> None:
    ref = published(ground)
    answer = ground.clerk.get(address(ref, **{"on": str(today() + 12 * DAY), **asked}))
    page = answer.get_data(as_text=True)
    assert (answer.status_code, sentence in plain(page)) == (422, True)
    assert 'id="preview"' not in page


def test_a_taken_place_is_said_before_and_refused_after(ground: Ground) -> None:
    ref, other = published(ground), ground.day(in_days=14, theme="先来的")
    on = today() + 14 * DAY
    answer = ground.clerk.get(address(ref, on))
    assert "这个场地那天已经有一场「先来的」了" in plain(answer.get_data(as_text=True))
    assert 'id="preview"' not in answer.get_data(as_text=True)
    fields = {
        "on": str(on),
        "opens": "08:00",
        "closes": "11:30",
        "arrive_by": "07:40",
        "public_note": "改了。",
    }
    refused = post(ground.clerk, address(ref), **fields, venue=ground.venue)
    assert refused.status_code == 409
    assert ground.of(ref, service.local_date) == today() + 10 * DAY
    assert ground.of(other, service.local_date) == on


def test_residents_are_owed_a_word(ground: Ground) -> None:
    ref, on = published(ground), today() + 11 * DAY
    answer = pressed(ground, ref, on, public_note=" ")
    assert (answer.status_code, "请写一句为什么" in plain(answer.get_data(as_text=True))) == (422, True)


def test_a_place_of_another_community_cannot_be_chosen(ground: Ground) -> None:
    with ground.app.app_context(), unit_of_work():
        theirs = make_venue(find_community("songhe"), person("staff-b")).ref
    assert ground.clerk.get(address(published(ground), today() + 11 * DAY, venue=theirs)).status_code == 404


# ── what the date breaks ──────────────────────────────────────────────────────────────────────────────────


def test_a_filing_for_the_old_date_is_named_before_and_after(ground: Ground) -> None:
    ref, on = published(ground), today() + 18 * DAY

    def file(day: MarketDay, by: Any) -> None:
        kind = DayPermitKind.REGULATOR_REPORT
        service.add_day_permit(day, kind, "食报 5 号", "监管所", today(), by=by, at=clock.now())

    change(ground, ref, file)
    assert "向市场监管所报备（M04）是按" in preview(ground, ref, on)
    assert "食报 5 号" in preview(ground, ref, on)
    pressed(ground, ref, on)
    assert "不算数了 向市场监管所报备（M04）是按" in plain(ground.get(f"{DAYS}/{ref}"))


def test_a_document_that_ends_before_is_named_with_its_vendor(ground: Ground) -> None:
    ref, on = published(ground), today() + 20 * DAY

    def shorten(day: MarketDay, _by: Any) -> None:
        held = stalls.assignments(day)[0].vendor
        for document in held.documents:
            document.valid_to = today() + 15 * DAY

    change(ground, ref, shorten)
    assert "第1家百货的入场经营协议" in preview(ground, ref, on)
    assert "第1家百货" not in preview(ground, ref, today() + 12 * DAY)
    pressed(ground, ref, on)
    assert "第1家百货的入场经营协议" in plain(ground.get(f"{DAYS}/{ref}"))


def test_what_ends_for_many_is_one_line(ground: Ground) -> None:
    ref, on = published(ground), today() + 20 * DAY

    def shorten(day: MarketDay, _by: Any) -> None:
        for held in stalls.assignments(day):
            for document in held.vendor.documents:
                document.valid_to = today() + 15 * DAY

    change(ground, ref, shorten)
    words = "3 家的入场经营协议到那天已经过期：第1家百货、第2家百货和第3家百货。"
    assert f"必须 {words}" in preview(ground, ref, on)


def test_a_permit_of_the_place_that_ends_before_is_named(ground: Ground) -> None:
    ref, on = published(ground), today() + 20 * DAY

    def shorten(day: MarketDay, _by: Any) -> None:
        for paper in day.venue.permits:
            if paper.kind is VenuePermitKind.DESIGNATION:
                paper.valid_to = today() + 15 * DAY

    change(ground, ref, shorten)
    assert "还没有登记政府指定场所和时段的文件（M02）。" in preview(ground, ref, on)
    assert "M02" not in preview(ground, ref, today() + 12 * DAY)


def test_an_override_of_a_filing_is_named(ground: Ground) -> None:
    ref, on = published(ground), today() + 20 * DAY
    change(
        ground,
        ref,
        lambda day, by: service.waive(day, "regulator_report", "M04", "当面报过", by=by, at=clock.now()),
    )
    words = "M04还没办、由王社工负责放行，只对原来的日子算数。"
    assert words in preview(ground, ref, on).replace("M04 ", "M04")


def test_another_market_on_that_date_is_named_before_and_after(ground: Ground) -> None:
    ref, on = published(ground), today() + 20 * DAY
    with ground.app.app_context(), unit_of_work():
        community, by = find_community("huaiyin"), person("staff")
        make_day(community, by, venue=make_venue(community, by, name="西广场"), in_days=20, theme="旧书市")
    sentence = "那天还有一场「旧书市」：8:00–11:30，在西广场。"
    assert sentence in preview(ground, ref, on)
    pressed(ground, ref, on)
    assert sentence in plain(ground.get(f"{DAYS}/{ref}"))


def test_a_vendor_who_is_promised_elsewhere_is_named_and_another_communitys_list_is_not(
    ground: Ground,
) -> None:
    ref, on = published(ground), today() + 20 * DAY
    with ground.app.app_context(), unit_of_work():
        mine = [held.vendor for held in stalls.assignments(service.find_day_by_ref(ref))]
        community, by = find_community("huaiyin"), person("staff")
        other = make_day(
            community, by, venue=make_venue(community, by, name="西广场"), in_days=20,
            state=S.OPEN_FOR_APPLICATION,
        )  # fmt: skip
        make_application(other, mine[0], by)
        songhe, theirs = find_community("songhe"), person("staff-b")
        there = make_day(songhe, theirs, in_days=20, state=S.OPEN_FOR_APPLICATION)
        make_application(there, make_vendor(songhe, theirs, "同一个人", phone=mine[1].phone), theirs)
    words = preview(ground, ref, on)
    assert "那天在别的集市也有摊位或报名：第1家百货。" in words


def test_who_stands_on_a_published_market_elsewhere_is_known_by_the_number(ground: Ground) -> None:
    ref, on = published(ground), today() + 20 * DAY
    with ground.app.app_context(), unit_of_work():
        phone = stalls.assignments(service.find_day_by_ref(ref))[0].vendor.phone
        songhe, theirs = find_community("songhe"), person("staff-b")
        there = make.published_day(songhe, theirs, in_days=20)
        stalls.assignments(there)[0].vendor.phone = phone
    assert "那天在别的集市也有摊位或报名：第1家百货。" in preview(ground, ref, on)


def test_who_said_no_is_not_called_back_but_named(ground: Ground) -> None:
    ref, on = published(ground), today() + 20 * DAY

    def withdraw(day: MarketDay, by: Any) -> None:
        stalls.withdraw(stalls.assignments(day)[2].application, by=by, at=clock.now())

    change(ground, ref, withdraw)
    assert "说过来不了的还是算退出：第3家百货。" in preview(ground, ref, on)
    pressed(ground, ref, on)
    states = ground.of(ref, lambda d: [a.state for a in vendors.applications(d)])
    assert states.count(ApplicationState.WITHDRAWN) == 1


def test_festivals_are_named_and_what_nobody_knows_yet(ground: Ground) -> None:
    ref = published(ground)
    springs = [date.fromisoformat(f"{year}-{row.split()[1]}") for year, row in holidays.FESTIVALS.items()]
    spring = next(day for day in springs if day > today())
    words = preview(ground, ref, spring)
    assert "那天春节放假" in words
    unknown = f"{spring.year} 年怎么放假、哪天调休，还没有公布。"
    assert (unknown in words) is not holidays.is_announced(spring.year)


# ── the window of applications ────────────────────────────────────────────────────────────────────────────


def test_the_window_follows_and_is_no_reason_to_refuse(ground: Ground) -> None:
    ref = ground.day(in_days=15, state=S.OPEN_FOR_APPLICATION)
    old = ground.of(ref, lambda d: d.apply_until)
    on = today() + 22 * DAY
    assert "报名时间跟着日子走" in preview(ground, ref, on)
    assert pressed(ground, ref, on).status_code == 302
    assert ground.of(ref, lambda d: d.apply_until) == old + 7 * DAY
    soon = today() + DAY
    assert pressed(ground, ref, soon).status_code == 302
    assert ground.of(ref, lambda d: d.apply_until <= d.open_at)


def test_a_window_may_be_written_over_but_not_into_nonsense(ground: Ground) -> None:
    ref, on = ground.day(in_days=15, state=S.OPEN_FOR_APPLICATION), today() + 22 * DAY
    answer = pressed(ground, ref, on, apply_until=f"{on + DAY}T18:00")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "报名要在开市以前截止。" in plain(page)) == (422, True)
    assert f'value="{on + DAY}T18:00"' in page
    assert pressed(ground, ref, on, apply_until=f"{on - DAY}T09:00").status_code == 302
    assert ground.of(ref, lambda d: clock.local(d.apply_until, d.community.zone).hour) == 9


def test_once_nobody_applies_any_more_no_window_is_asked_for(ground: Ground) -> None:
    page = ground.get(address(published(ground), today() + 20 * DAY))
    assert 'name="apply_until"' not in page


# ── to another place ──────────────────────────────────────────────────────────────────────────────────────


def test_another_place_is_chosen_in_the_same_form(ground: Ground) -> None:
    ref, on = published(ground), today() + 10 * DAY
    with ground.app.app_context(), unit_of_work():
        west = make_venue(find_community("huaiyin"), person("staff"), name="西广场").ref
        small = make_venue(find_community("huaiyin"), person("staff"), name="小院", stalls=2).ref
    refused = plain(ground.clerk.get(address(ref, on, venue=small)).get_data(as_text=True))
    assert "新场地没有这些摊位号：A03。" in refused
    assert "3 个摊位" in preview(ground, ref, on, venue=west)
    assert pressed(ground, ref, on, venue=west, public_note="换到西广场。").status_code == 302
    assert ground.of(ref, lambda d: [a.stall.venue.name for a in stalls.assignments(d)]) == ["西广场"] * 3


# ── the form of a draft ───────────────────────────────────────────────────────────────────────────────────


def test_in_the_form_of_a_draft_the_window_follows_when_only_the_date_is_changed(ground: Ground) -> None:
    ref = ground.day(in_days=30)
    page = ground.get(f"{DAYS}/{ref}/edit")
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    fields.pop("csrf_token")
    fields.pop("has_donation_box", None)
    old = ground.of(ref, lambda d: d.apply_until)
    early = {**fields, "venue": ground.venue, "on": (today() + 20 * DAY).isoformat()}
    assert post(ground.clerk, f"{DAYS}/{ref}/edit", **early).status_code == 302
    assert ground.of(ref, lambda d: d.apply_until) == old - 10 * DAY


def an_ordinary_day(ahead: int) -> date:
    """A date that is no festival, of a year whose holidays are known; else any."""
    days = [today() + (ahead + n) * DAY for n in range(120)] + [today() + n * DAY for n in range(1, ahead)]
    known = [day for day in days if holidays.is_announced(day.year) and not holidays.marks(day)]
    if not known:
        pytest.skip("no ordinary day of a known year lies ahead")
    return known[0]
