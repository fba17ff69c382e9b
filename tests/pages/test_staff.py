"""The desk and the page of a day: what they say, what they refuse, and what they keep of what was typed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.allocation.market_rules import Quota
from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.communities.service import find_community
from market.db import unit_of_work
from market.gate.rules import CountMethod
from market.gate.service import admit_from_list, count_visits
from market.pages.application_words import look_of
from market.stalls import service as stalls
from market.vendors.rules import ApplicationState
from tests.cast import Cast, person, post
from tests.factories.calendar import ZONE, bring_to, make_day, make_venue
from tests.factories.gate import running_today
from tests.factories.vendors import fill_day

S = DayState
SignIn = Callable[[str], FlaskClient]


def today() -> date:
    """Asked anew by every test: a run may go on past midnight."""
    return clock.today(ZONE)


class Ground(NamedTuple):
    """A client of our clerk, and the reference of our plaza."""

    app: Flask
    clerk: FlaskClient
    venue: str

    def day(self, **facts: Any) -> str:
        """Makes a market day and gives its reference."""
        with self.app.app_context(), unit_of_work():
            return make_day(find_community("huaiyin"), person("staff"), **facts).ref

    def of(self, ref: str, look: Callable[[MarketDay], Any]) -> Any:
        """Something of a day, as the database has it now."""
        with self.app.app_context():
            return look(service.find_day_by_ref(ref))

    def get(self, address: str) -> str:
        answer = self.clerk.get(address)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)


@pytest.fixture
def ground(app: Flask, cast: Cast, sign_in: SignIn) -> Ground:
    with app.app_context(), unit_of_work():
        venue = make_venue(find_community(cast.ours), person("staff")).ref
    return Ground(app, sign_in("staff"), venue)


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def first_button(page: str) -> str:
    """The primary act of a screen; there is only one."""
    found = re.findall(r'(?s)<(?:a|summary|button) class="btn first"[^>]*>(.*?)</(?:a|summary|button)>', page)
    assert len(found) == 1, found
    return plain(found[0].partition('<span class="back">')[0])


def typed(ground: Ground, in_days: int = 30, **changes: Any) -> dict[str, Any]:
    """A form as a clerk fills it in, for a market so many days from today."""
    on = today() + timedelta(days=in_days)
    return {
        "venue": ground.venue,
        "theme": "冬储菜集",
        "on": on.isoformat(),
        "opens": "08:00",
        "closes": "11:30",
        "arrive_by": "07:40",
        "apply_from": f"{on - timedelta(days=14)}T08:00",
        "apply_until": f"{on - timedelta(days=7)}T18:00",
        "expected_visitors": "1,200",
        "stall_limit": "6",
        **changes,
    }


NEW, DAYS = "/staff/huaiyin/days/new", "/staff/huaiyin/days"


# ── the desk ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_community_draws_its_place_first(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in("staff-b")
    page = client.get("/staff/songhe/").get_data(as_text=True)
    assert first_button(page) == "先画场地"
    answer = client.get("/staff/songhe/days/new")
    assert (answer.status_code, answer.location) == (302, "/staff/songhe/venues/new")


def test_with_a_place_and_no_day_the_first_market_comes_next(ground: Ground) -> None:
    assert first_button(ground.get("/staff/huaiyin/")) == "排第一场集市"


def test_with_everything_done_the_last_market_is_offered_again(ground: Ground) -> None:
    ref = ground.day(in_days=-30, state=S.SETTLED)
    page = ground.get("/staff/huaiyin/")
    assert first_button(page) == "照样再办一场"
    assert f'href="/staff/huaiyin/days/new?like={ref}"' in page


def test_the_desk_shows_the_most_urgent_day_and_its_next_act(ground: Ground) -> None:
    ground.day(in_days=20, theme="后一场")
    ground.day(in_days=-2, state=S.CLOSED, theme="没入账的一场")
    page = ground.get("/staff/huaiyin/")
    heading = re.search(r"<h2><a [^>]*>(.*?)</a></h2>", page)
    assert heading is not None
    assert heading[1] == "没入账的一场"
    assert first_button(page) == "对账入账"
    assert "后一场" in page


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (S.DRAFT, "准备好了"),
        (S.PREPARED, "开始报名"),
        (S.OPEN_FOR_APPLICATION, "看报名"),
        (S.REVIEWING, "排摊位"),
        (S.ALLOCATED, "先补齐再发布"),
        (S.PUBLISHED, "打印摊位证"),
        (S.SETTING_UP, "打印摊位证"),
        (S.OPEN, "收市"),
        (S.CLOSED, "对账入账"),
        (S.SETTLING, "接着对账"),
        (S.SETTLED, "照样再办一场"),
        (S.ARCHIVED, "照样再办一场"),
        (S.POSTPONED, "定新日子"),
        (S.CANCELLED, "照样再办一场"),
    ],
)
def test_every_state_has_its_one_next_act(ground: Ground, state: DayState, act: str) -> None:
    ref = ground.day(in_days=30, state=state)
    assert first_button(ground.get(f"{DAYS}/{ref}")) == act


def test_on_the_day_itself_vendors_are_let_in_and_the_market_opens(ground: Ground) -> None:
    for state, act in ((S.PUBLISHED, "让商户进场"), (S.SETTING_UP, "开市")):
        ref = ground.day(in_days=0, state=state)
        assert first_button(ground.get(f"{DAYS}/{ref}")) == act
        with ground.app.app_context(), unit_of_work():
            day = service.find_day_by_ref(ref)
            service.take_step(day, Step.CANCEL, by=person("staff"), at=clock.now(), reason="试过了。")


def test_waiting_applications_come_before_the_plan(ground: Ground) -> None:
    ref = ground.day(state=S.REVIEWING)
    with ground.app.app_context(), unit_of_work():
        day, by = service.find_day_by_ref(ref), person("staff")
        fill_day(day, by, 2, state=ApplicationState.SUBMITTED)
    page = ground.get("/staff/huaiyin/")
    assert first_button(page) == "审核 2 家报名"
    assert "报名截止了：2 家报名，2 家等审核。" in plain(page)


def test_a_complete_plan_may_be_published(ground: Ground) -> None:
    ref = ground.day(state=S.REVIEWING)
    with ground.app.app_context(), unit_of_work():
        day, by = service.find_day_by_ref(ref), person("staff")
        fill_day(day, by, 2)
        stalls.compute_plan(day, by=by, at=clock.now())
        bring_to(day, S.ALLOCATED, by)
    page = ground.get(f"{DAYS}/{ref}")
    assert first_button(page) == "发布并打印"
    assert f'action="/staff/huaiyin/days/{ref}/publication"' in page
    assert "摊位排好了：2 家有摊位，0 家候补。还没有发布。" in plain(page)


def test_all_days_stand_in_one_list_by_pages(ground: Ground) -> None:
    for number in range(21):
        ground.day(in_days=10 + number, theme=f"第{number}场")
    first, second = ground.get(DAYS), ground.get(f"{DAYS}?page=2")
    assert re.findall(r'<td data-label="主题">(.*?)</td>', second) == ["第0场"]
    assert len(re.findall(r'<td data-label="主题">', first)) == 20
    assert "第0场" in ground.get(f"{DAYS}?page=99999")
    assert "第20场" in ground.get(f"{DAYS}?page=nonsense")


# ── writing a day down ────────────────────────────────────────────────────────────────────────────────────


def test_a_day_is_written_down_in_the_hours_of_the_wall(ground: Ground) -> None:
    answer = post(ground.clerk, NEW, DAYS, **typed(ground, has_donation_box="y"))
    assert answer.status_code == 302
    ref = answer.location.rpartition("/")[2]
    on = today() + timedelta(days=30)
    day = ground.of(ref, service.draft_of)
    assert (day.theme, day.on, day.opens.isoformat(), day.expected_visitors, day.has_donation_box) == (
        "冬储菜集", on, "08:00:00", 1200, True,
    )  # fmt: skip
    assert ground.of(ref, lambda d: clock.local(d.apply_until, ZONE).isoformat()[:16]) == (
        f"{on - timedelta(days=7)}T18:00"
    )


@pytest.mark.parametrize("later", [0, 21])
def test_the_window_of_a_first_market_follows_its_date(ground: Ground, later: int) -> None:
    """There is no market yet that the form could be filled in from."""
    shown = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', ground.get(NEW)))
    on = date.fromisoformat(shown["on"]) + timedelta(days=later)
    fields = {
        name: shown[name] for name in shown if name not in ("csrf_token", "form_id", "has_donation_box")
    }
    fields |= {"on": str(on), "theme": "头一场", "venue": ground.venue}
    ref = post(ground.clerk, NEW, DAYS, **fields).location.rpartition("/")[2]
    window = ground.of(ref, lambda d: [clock.local(x, ZONE).date() for x in (d.apply_from, d.apply_until)])
    assert window == [on - timedelta(days=21), on - timedelta(days=7)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"theme": ""}, "请给这场集市起个主题，比如：金秋生活集市。"),
        ({"theme": "集" * 31}, "主题最多 30 个字。"),
        ({"on": "2020-01-01"}, "这一天已经过去了，请选今天或以后的日子。"),
        ({"on": "0001-01-01"}, "请看看年份是不是填错了。"),
        ({"on": "9999-12-31"}, "请看看年份是不是填错了。"),
        ({"on": "下周六"}, "请选一个日期，比如 2026-11-28。"),
        ({"on": ""}, "请选日期。"),
        ({"closes": "07:00"}, "收市要晚于开市，请看看两个时间是不是填反了。"),
        ({"closes": "25:00"}, "请填时间，比如 8:00。"),
        ({"arrive_by": "09:00"}, "商户进场要在开市以前，请把进场时间改早一点。"),
        ({"apply_until": "2099-01-01T08:00"}, "报名要在开市以前截止。"),
        ({"apply_from": "2099-01-01T08:00"}, "报名截止要晚于报名开始。"),
        ({"apply_from": "0001-01-01T00:00"}, "请看看年份是不是填错了。"),
        ({"expected_visitors": "1000000000000"}, "预计人次请填 0 到 100,000 之间的整数。"),
        ({"expected_visitors": "很多"}, "请只填数字，比如 600。"),
        ({"expected_visitors": "9" * 5000}, "请只填数字，比如 600。"),
        ({"stall_limit": "0"}, "摊位数请填 1 到 500 之间的整数。"),
        ({"stall_limit": "7"}, "这个场地没有这么多摊位。"),
        ({"theme": "冬储 138 1234 5678"}, "请不要写手机号或身份证号。"),
        ({"venue": ""}, "请选场地。"),
    ],
)
def test_what_cannot_be_is_said_and_everything_typed_is_kept(
    ground: Ground, changes: dict[str, Any], sentence: str
) -> None:
    fields = typed(ground, **changes)
    answer = post(ground.clerk, NEW, DAYS, **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in plain(page)
    for name in ("theme", "on", "opens", "closes", "expected_visitors", "stall_limit"):
        field = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
        assert field is not None
        assert f'value="{fields[name]}"' in field[0]


def test_a_place_of_another_community_cannot_be_chosen(ground: Ground) -> None:
    with ground.app.app_context(), unit_of_work():
        theirs = make_venue(find_community("songhe"), person("staff-b")).ref
    answer = post(ground.clerk, NEW, DAYS, **typed(ground, venue=theirs))
    assert answer.status_code == 404


def test_a_taken_place_is_refused_and_everything_typed_is_kept(ground: Ground) -> None:
    ground.day(in_days=30, theme="先来的")
    answer = post(ground.clerk, NEW, DAYS, **typed(ground))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "这个场地那天已经有一场「先来的」了，请换个日子、时间或场地。" in plain(page)
    assert 'value="冬储菜集"' in page


def test_a_new_form_is_filled_in_like_the_last_market_four_weeks_later(ground: Ground) -> None:
    ref = ground.day(in_days=3, theme="冬储菜集", expected_visitors=700)
    page = ground.get(f"{NEW}?like={ref}")
    values = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    assert (values["theme"], values["expected_visitors"]) == ("冬储菜集", "700")
    assert values["on"] == (today() + timedelta(days=3 + 28)).isoformat()
    assert values["like"] == ref


def test_the_quotas_and_duties_of_the_market_it_was_filled_in_from_come_along(ground: Ground) -> None:
    ref = ground.day(in_days=3)
    with ground.app.app_context(), unit_of_work():
        by, at, day = person("staff"), clock.now(), service.find_day_by_ref(ref)
        stalls.set_quotas(day, {"produce": Quota(1, 6)}, by=by, at=at)
        stalls.set_duties(day, {"A": "李网格"}, by=by, at=at)
    answer = post(ground.clerk, NEW, DAYS, **typed(ground, like=ref))
    made = answer.location.rsplit("/", 1)[1]
    assert ground.of(made, stalls.quotas) == {"produce": Quota(1, 6)}
    assert ground.of(made, stalls.duties) == {"A": "李网格"}
    other = post(ground.clerk, NEW, DAYS, **typed(ground, in_days=40, like="0123456789"))
    assert other.status_code == 404


def test_an_edit_shows_what_stands_and_changes_it(ground: Ground) -> None:
    ref = ground.day(in_days=30)
    page = ground.get(f"{DAYS}/{ref}/edit")
    values = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    assert (values["theme"], values["opens"]) == ("金秋生活集市", "08:00")
    answer = post(ground.clerk, f"{DAYS}/{ref}/edit", **typed(ground, theme="腊八集市"))
    assert answer.status_code == 302
    assert ground.of(ref, lambda day: day.theme) == "腊八集市"


def test_a_postponed_day_gets_its_new_date_and_residents_read_it(ground: Ground) -> None:
    ref = ground.day(in_days=10, state=S.PUBLISHED)
    with ground.app.app_context(), unit_of_work():
        bring_to(service.find_day_by_ref(ref), S.POSTPONED, person("staff"))
    assert f'value="{today() + timedelta(days=10 + 28)}"' in ground.get(f"{DAYS}/{ref}/edit")
    on = today() + timedelta(days=40)
    assert post(ground.clerk, f"{DAYS}/{ref}/edit", **typed(ground, 40)).status_code == 302
    assert ground.of(ref, lambda day: (day.state, service.local_date(day))) == (S.PREPARED, on)
    note = ground.of(ref, lambda day: day.public_note)
    assert note.startswith("原定")
    assert f"{on.month} 月 {on.day} 日" in note.partition("改到")[2]
    assert note in plain(ground.app.test_client().get(f"/c/huaiyin/markets/{ref}").get_data(as_text=True))


def test_fewer_stalls_than_vendors_placed_are_refused(ground: Ground) -> None:
    ref = ground.day(in_days=30, state=S.REVIEWING)
    with ground.app.app_context(), unit_of_work():
        day, by = service.find_day_by_ref(ref), person("staff")
        fill_day(day, by, 3)
        stalls.compute_plan(day, by=by, at=clock.now())
    answer = post(ground.clerk, f"{DAYS}/{ref}/edit", **typed(ground, stall_limit="2"))
    assert answer.status_code == 409
    assert "已经排了 3 家，摊位数不能比这个少。" in plain(answer.get_data(as_text=True))


@pytest.mark.parametrize("state", [S.SETTLED, S.CANCELLED, S.OPEN])
def test_a_day_that_is_over_has_no_form(ground: Ground, state: DayState) -> None:
    ref = ground.day(state=state)
    assert ground.clerk.get(f"{DAYS}/{ref}/edit").status_code == 409


def test_one_click_copies_a_day(ground: Ground) -> None:
    ref = ground.day(in_days=3, state=S.PUBLISHED, theme="冬储菜集")
    answer = post(ground.clerk, f"{DAYS}/{ref}", f"{DAYS}/{ref}/copies", on=today() + timedelta(days=31))
    assert answer.status_code == 302
    copy = answer.location.rpartition("/")[2]
    assert ground.of(copy, lambda d: (d.state, d.theme)) == (S.DRAFT, "冬储菜集")
    again = post(ground.clerk, f"{DAYS}/{ref}", f"{DAYS}/{ref}/copies", on=today() + timedelta(days=31))
    assert (again.status_code, "已经有一场" in again.get_data(as_text=True)) == (409, True)


# ── steps, overrides, papers ──────────────────────────────────────────────────────────────────────────────


def test_a_step_is_taken_and_stands_in_the_history(ground: Ground) -> None:
    ref = ground.day(in_days=30)
    page = f"{DAYS}/{ref}"
    assert post(ground.clerk, page, f"{page}/steps", step="prepare").status_code == 302
    assert ground.of(ref, lambda day: day.state) is S.PREPARED
    assert "准备好了 王社工" in plain(ground.get(page))


@pytest.mark.parametrize(
    ("state", "step", "status", "sentence"),
    [
        (S.DRAFT, "open_applications", 409, "这场集市现在是「草稿」，不能「开始报名」。"),
        (S.ALLOCATED, "publish", 422, "这一步有自己的页面"),
        (S.CLOSED, "settle", 422, "这一步有自己的页面"),
        (S.PUBLISHED, "cancel", 422, "这一步有自己的页面"),
        (S.PUBLISHED, "open", 409, "还没到开市那天，到了当天再点。"),
        (S.OPEN, "close", 422, "还没到收市时间。提前收市请写一句原因，居民会看到。"),
        (S.DRAFT, "fly", 422, ""),
    ],
)
def test_a_wrong_step_is_refused_with_a_sentence(
    ground: Ground, state: DayState, step: str, status: int, sentence: str
) -> None:
    ref = ground.day(in_days=30, state=state)
    answer = post(ground.clerk, f"{DAYS}/{ref}", f"{DAYS}/{ref}/steps", step=step)
    assert answer.status_code == status
    assert sentence in plain(answer.get_data(as_text=True))
    assert ground.of(ref, lambda day: day.state) is state


def test_closing_early_tells_residents_why(ground: Ground) -> None:
    ref = ground.day(in_days=1, state=S.OPEN)
    page = f"{DAYS}/{ref}"
    assert post(ground.clerk, page, f"{page}/steps", step="close", reason="下大雨。").status_code == 302
    assert ground.of(ref, lambda d: (d.closed_early, d.public_note)) == (True, "下大雨。")


def test_closing_early_says_before_what_counts(ground: Ground) -> None:
    with ground.app.app_context(), unit_of_work():
        day = running_today(find_community("huaiyin"), person("staff"))
        at = clock.now()
        bring_to(day, S.OPEN, person("staff"))
        admit_from_list(stalls.assignments(day)[0], client_id="client-early-1", by=person("staff"), at=at)
        ref = day.ref
    page = plain(ground.get(f"{DAYS}/{ref}"))
    assert "已经进场的 1 家都算数，照样报数、入账。还没有数人，收市以后还可以补。还有 2 家没到" in page
    with ground.app.app_context(), unit_of_work():
        day, at = service.find_day_by_ref(ref), clock.now()
        count_visits(day, "东门", 1, 120, CountMethod.FULL_COUNT, by=person("staff"), at=at)
    assert "数到的 120 人次也算数。" in plain(ground.get(f"{DAYS}/{ref}"))


def test_an_override_is_offered_only_where_the_rules_allow_it(ground: Ground) -> None:
    ref = ground.day(in_days=30, expected_visitors=1_500, has_donation_box=True)
    page = f"{DAYS}/{ref}"
    offered = re.findall(r'name="code" value="(\w+)"', ground.get(page))
    assert offered == ["crowd_licence"]
    refused = post(ground.clerk, page, f"{page}/waivers", code="donation_box", subject="M08", reason="就这样")
    assert refused.status_code == 404
    empty = post(ground.clerk, page, f"{page}/waivers", code="crowd_licence", subject="M05", reason="")
    assert (empty.status_code, "请写清楚为什么可以这样办" in empty.get_data(as_text=True)) == (422, True)
    done = post(ground.clerk, page, f"{page}/waivers", code="crowd_licence", subject="M05", reason="分三时段")
    assert done.status_code == 302
    words = plain(ground.get(page))
    assert "放行 预计 1,500 人" in words
    assert "王社工" in words
    assert "分三时段" in words


def test_what_is_missing_names_law_person_and_last_day(ground: Ground) -> None:
    ref = ground.day(in_days=30, expected_visitors=1_500)
    last = today() + timedelta(days=10)
    assert (
        "必须 预计 1,500 人，到 1,000 人要有公安机关的安全许可（M05），提前 20 天申请。 "
        f"大型群众性活动安全管理条例 2、12、13 · 找公安机关 · 最晚 {last.month} 月 {last.day} 日"
    ) in plain(ground.get(f"{DAYS}/{ref}"))


def test_a_paper_is_entered_and_the_lack_goes(ground: Ground) -> None:
    ref = ground.day(in_days=30, expected_visitors=1_500)
    page = f"{DAYS}/{ref}"
    fields = {
        "kind": "M05",
        "number": "公安〔2026〕8 号",
        "issuer": "公安分局",
        "filed_on": today().isoformat(),
    }
    wrong = post(ground.clerk, page, f"{page}/papers", **{**fields, "filed_on": "昨天"})
    kept = wrong.get_data(as_text=True)
    assert (wrong.status_code, 'value="公安〔2026〕8 号"' in kept, 'value="昨天"' in kept) == (
        422,
        True,
        True,
    )
    assert post(ground.clerk, page, f"{page}/papers", **fields).status_code == 302
    words = plain(ground.get(page))
    assert "M05 公安机关安全许可 公安〔2026〕8 号 · 公安分局" in words
    assert "要有公安机关的安全许可" not in words


# ── whose day it is ───────────────────────────────────────────────────────────────────────────────────────

GETS = ["/staff/{0}/days/{1}", "/staff/{0}/days/{1}/edit", "/staff/{0}/days/new?like={1}"]
POSTS = ["edit", "copies", "steps", "waivers", "papers"]


@pytest.mark.parametrize("address", GETS)
def test_a_day_of_another_community_is_not_found(ground: Ground, sign_in: SignIn, address: str) -> None:
    ref = ground.day(in_days=30)
    with ground.app.app_context(), unit_of_work():
        make_venue(find_community("songhe"), person("staff-b"))
    neighbour = sign_in("staff-b")
    assert neighbour.get(address.format("songhe", ref)).status_code == 404
    assert neighbour.get(address.format("huaiyin", ref)).status_code == 403


@pytest.mark.parametrize("act", POSTS)
def test_nobody_acts_on_a_day_of_another_community(ground: Ground, sign_in: SignIn, act: str) -> None:
    ref = ground.day(in_days=30)
    neighbour = sign_in("staff-b")
    for slug, status in (("songhe", 404), ("huaiyin", 403)):
        answer = post(
            neighbour, "/staff/songhe/", f"/staff/{slug}/days/{ref}/{act}", step="prepare",
            **typed(ground, theme="别家改的"),
        )  # fmt: skip
        assert answer.status_code == status
    assert ground.of(ref, lambda day: (day.state, day.theme)) == (S.DRAFT, "金秋生活集市")


def test_the_desk_is_for_staff(ground: Ground, sign_in: SignIn) -> None:
    assert ground.app.test_client().get("/staff/huaiyin/").location.startswith("/sign-in")
    for login in ("gate", "member1", "viewer"):
        assert sign_in(login).get("/staff/huaiyin/").status_code == 403


# ── a market that is over ─────────────────────────────────────────────────────────────────────────────────


def test_nobody_has_a_stall_and_nobody_waits_when_a_market_is_over(ground: Ground) -> None:
    states = (ApplicationState.ALLOCATED, ApplicationState.WAITLISTED)
    with ground.app.test_request_context():
        before = [str(look_of(state, S.PUBLISHED)[1]) for state in states]
        after = [str(look_of(state, S.SETTLED)[1]) for state in states]
        called_off = [str(look_of(state, S.CANCELLED)[1]) for state in states]
    assert (before, after) == (["排好摊位", "候补"], ["出过摊", "没排上"])
    assert called_off == before


def test_stalls_are_laid_out_before_a_market_is_published_and_not_after(ground: Ground) -> None:
    for state, first in ((S.REVIEWING, True), (S.PUBLISHED, False), (S.SETTLED, False)):
        ref = ground.day(state=state, in_days=10 + list(S).index(state))
        with ground.app.app_context(), unit_of_work():
            day, staff = service.find_day_by_ref(ref), person("staff")
            before, day.state = day.state, S.OPEN_FOR_APPLICATION
            fill_day(day, staff, 1)
            day.state = before
        page = ground.get(f"{DAYS}/{ref}/applications")
        assert ('class="btn first"' in page and "去排摊位" in page) == first
