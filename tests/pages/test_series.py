"""A series over HTTP: dates with what they are to people, ticks, drafts, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from market import clock
from market.allocation.market_rules import Quota
from market.calendar import service
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import unit_of_work
from market.stalls import service as stalls
from tests.cast import csrf_token, person, post
from tests.factories.calendar import make_day, make_venue
from tests.pages.test_staff import DAYS, NEW, Ground, plain, today

S = DayState
SERIES = f"{DAYS}/series"
WEEK = timedelta(weeks=1)


def asked(**changes: Any) -> dict[str, str]:
    """Every week for six weeks, on the weekday of today."""
    usual = {
        "rhythm": "weekly",
        "weekday": today().weekday(),
        "since": today() + WEEK,
        "until": today() + 6 * WEEK,
    }
    return {name: str(value) for name, value in {**usual, **changes}.items()}


def dates(page: str) -> list[str]:
    return re.findall(r'name="dates"\s+value="([^"]+)"', page)


def send(ground: Ground, path: str, fields: dict[str, Any]) -> TestResponse:
    """Posts a form in which one name may come several times."""
    token = csrf_token(ground.get(f"{DAYS}/new"))
    return ground.clerk.post(path, data={**fields, "csrf_token": token})


def chosen(ground: Ground, ticked: Iterable[date], **changes: Any) -> TestResponse:
    form = {**asked(**changes), "like": last(ground), "theme": "冬日集"}
    return send(ground, SERIES, {**form, "dates": [str(on) for on in ticked]})


def last(ground: Ground) -> str:
    with ground.app.app_context():
        found = service.last_held(find_community("huaiyin"))
        assert found is not None
        return found.ref


def test_without_any_market_there_is_nothing_to_repeat(ground: Ground) -> None:
    answer = ground.clerk.get(SERIES)
    assert (answer.status_code, answer.location) == (302, NEW)


def test_the_dates_of_a_rhythm_are_shown_all_ticked(ground: Ground) -> None:
    ground.day(in_days=-30, state=S.SETTLED, theme="邻里集")
    first = ground.get(SERIES)
    assert ('value="邻里集"' in first, dates(first)) == (True, [])
    page = ground.get(f"{SERIES}?{urlencode(asked())}")
    assert dates(page) == [str(today() + week * WEEK) for week in range(1, 7)]
    assert page.count("checked") >= 6
    assert "6 天，不合适的去掉勾" in plain(page)


def test_a_date_that_is_taken_cannot_be_ticked_and_another_market_is_named(ground: Ground) -> None:
    ground.day(in_days=-30, state=S.SETTLED)
    ground.day(in_days=14, theme="先来的")
    with ground.app.app_context(), unit_of_work():
        community, by = find_community("huaiyin"), person("staff")
        west = make_venue(community, by, name="西广场")
        make_day(community, by, venue=west, in_days=21, theme="旧书市")
    page = ground.get(f"{SERIES}?{urlencode(asked())}")
    boxes = re.findall(r'(?s)<input\s+type="checkbox"\s+id="on-([^"]+)"(.*?)>', page)
    assert [on for on, rest in boxes if "disabled" in rest] == [str(today() + 2 * WEEK)]
    assert "那天已经有「先来的」" in plain(page)
    assert "那天已经有「旧书市」" in plain(page)


def test_holidays_and_what_is_not_announced_stand_beside_the_dates(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.day(in_days=-30, state=S.SETTLED)
    monkeypatch.setattr(clock, "today", lambda _zone: date(2026, 9, 1))
    fields = asked(weekday=5, since="2026-09-05", until="2027-02-28")
    words = plain(ground.get(f"{SERIES}?{urlencode(fields)}"))
    for expected in (
        "9 月 26 日 星期六 中秋节放假",
        "10 月 10 日 星期六 调休上班日",
        "2027 年 2 月 6 日 星期六 春节放假",
        "2027 年 2 月 20 日 星期六 元宵节",
        "2027 年怎么放假、哪天调休，还没有公布。",
    ):
        assert expected in words
    assert "2026 年怎么放假" not in words


def test_ticked_dates_become_drafts_with_the_rules_of_the_market_they_are_like(ground: Ground) -> None:
    ref = ground.day(in_days=-30, state=S.SETTLED)
    with ground.app.app_context(), unit_of_work():
        day = service.find_day_by_ref(ref)
        draft = service.copy_day(day, today() + 50 * WEEK, by=person("staff"), at=clock.now())
        stalls.set_quotas(draft, {"produce": Quota(1, 6)}, by=person("staff"), at=clock.now())
        rules = draft.ref
    ticked = [today() + week * WEEK for week in (1, 3)]
    form = {**asked(), "like": rules, "theme": "冬日集", "dates": [str(on) for on in ticked]}
    answer = send(ground, SERIES, form)
    assert answer.status_code == 302
    refs = re.findall(r"ref=(\w+)", answer.location)
    made = [(ground.of(one, service.local_date), ground.of(one, lambda d: d.state)) for one in refs]
    assert made == [(on, S.DRAFT) for on in ticked]
    assert {str(ground.of(one, stalls.quotas)) for one in refs} == {str({"produce": Quota(1, 6)})}
    page = plain(ground.get(answer.location))
    assert "冬日集 · 草稿" in page


def test_a_series_made_by_mistake_goes_at_once(ground: Ground) -> None:
    ground.day(in_days=-30, state=S.SETTLED)
    answer = chosen(ground, [today() + week * WEEK for week in (1, 2, 3)])
    refs = re.findall(r"ref=(\w+)", answer.location)
    assert send(ground, f"{DAYS}/deletions", {"ref": refs}).location == "/staff/huaiyin/"
    with ground.app.app_context():
        assert [day.state for day in service.days(find_community("huaiyin"))] == [S.SETTLED]
    assert "删掉了 3 份草稿，没有留下什么。" in plain(ground.get("/staff/huaiyin/"))


def test_one_that_is_no_draft_any_more_keeps_all(ground: Ground) -> None:
    ground.day(in_days=-30, state=S.SETTLED)
    refs = re.findall(r"ref=(\w+)", chosen(ground, [today() + WEEK, today() + 2 * WEEK]).location)
    post(ground.clerk, f"{DAYS}/{refs[1]}", f"{DAYS}/{refs[1]}/steps", step="prepare")
    send(ground, f"{DAYS}/deletions", {"ref": refs})
    assert "只有草稿可以删" in plain(ground.get(f"{DAYS}/{refs[0]}"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"since": "2020-01-01"}, "这一天已经过去了"),
        ({"until": "2020-01-01"}, "最后一天要在第一天以后。"),
        ({"until": "2099-01-01"}, "这一天太远了"),
        ({"since": "下周"}, "请选一个日期"),
        ({"rhythm": "daily"}, ""),
        ({"weekday": "9"}, ""),
        ({"theme": ""}, "请给这场集市起个主题"),
    ],
)
def test_what_cannot_be_is_said(ground: Ground, changes: dict[str, str], sentence: str) -> None:
    ground.day(in_days=-30, state=S.SETTLED)
    answer = ground.clerk.get(f"{SERIES}?{urlencode(asked(**changes))}")
    assert answer.status_code == 422
    assert sentence in plain(answer.get_data(as_text=True))


def test_nothing_ticked_and_dates_that_were_never_shown_are_refused(ground: Ground) -> None:
    ground.day(in_days=-30, state=S.SETTLED)
    none = chosen(ground, [])
    assert (none.status_code, "一天也没有选" in plain(none.get_data(as_text=True))) == (422, True)
    strange = chosen(ground, [today() + timedelta(3)])
    assert strange.status_code == 422
    with ground.app.app_context():
        assert len(service.days(find_community("huaiyin"))) == 1


def test_a_new_form_is_like_the_last_market_held_and_a_mistaken_copy_leaves_no_trace(ground: Ground) -> None:
    held = ground.day(in_days=-30, state=S.SETTLED, theme="真办过的")
    answer = post(ground.clerk, f"{DAYS}/{held}", f"{DAYS}/{held}/copies", on=today() + 3 * WEEK)
    copy = answer.location.rpartition("/")[2]
    post(ground.clerk, f"{DAYS}/{copy}/edit", theme="弄错的", **_written(ground, copy))
    assert "弄错的" in ground.get(f"{DAYS}/{copy}")
    assert 'value="真办过的"' in ground.get(NEW)
    page = ground.get(f"{DAYS}/{copy}")
    assert "删掉这份草稿" in plain(page)
    assert send(ground, f"{DAYS}/deletions", {"ref": copy}).location == "/staff/huaiyin/"
    assert ground.clerk.get(f"{DAYS}/{copy}").status_code == 404
    fresh = ground.get(NEW)
    assert ('value="真办过的"' in fresh, "弄错的" in fresh) == (True, False)
    again = post(ground.clerk, f"{DAYS}/{held}", f"{DAYS}/{held}/copies", on=today() + 3 * WEEK)
    assert again.status_code == 302


def _written(ground: Ground, ref: str) -> dict[str, Any]:
    page = ground.get(f"{DAYS}/{ref}/edit")
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    for name in ("csrf_token", "theme", "has_donation_box"):
        fields.pop(name, None)
    return {**fields, "venue": ground.of(ref, lambda d: d.venue.ref)}


def test_only_a_draft_offers_to_be_deleted(ground: Ground) -> None:
    ref = ground.day(in_days=30, state=S.PREPARED)
    assert "删掉这份草稿" not in plain(ground.get(f"{DAYS}/{ref}"))
