"""The plan page without a script: every act is a form, every answer tells what happened and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import unit_of_work
from market.passes import service as passes
from market.stalls import service
from market.vendors.rules import Category
from tests.cast import Cast, person, post
from tests.factories.calendar import bring_to
from tests.factories.gate import give_passes
from tests.factories.stalls import approved, crowd, day_under_review, held_by, stall
from tests.stalls.desk import Desk, words


def test_the_page_shows_who_stands_where_and_why_and_that_it_is_proven(desk_of: Callable[..., Desk]) -> None:
    scores: list[int] = []

    def note(day: MarketDay) -> None:
        run = service.latest_run(day)
        scores.append(run.objective if run else 0)

    text = desk_of(note).text()
    assert "5 家有摊位，0 家候补，空着 31 个。当天最多开 36 个。" in text
    assert f"已证明最优：排下 5 家，总分 {scores[0]:,}，没有更好的排法。" in text
    assert "A01 号摊位在 A 区，与您的品类相符。" in text
    assert "已用 3,500 瓦，上限 12,000 瓦" in text


def test_a_plan_that_is_not_proven_says_how_far_it_may_be_from_the_best(desk_of: Callable[..., Desk]) -> None:
    def doubt(day: MarketDay) -> None:
        run = service.latest_run(day)
        assert run is not None
        run.proven, run.bound = False, 560

    text = desk_of(doubt).text()
    assert "时间到了还没证明最优，最多可能到 560。" in text
    assert "已证明最优" not in text


def test_one_button_lays_the_whole_plan(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(lambda day: crowd(day, person("staff")), planned=False)
    before = desk.text()  # nobody waits in vain, and for no reason, before anything was given out
    assert "还没排。5 家等着排，空着 36 个。当天最多开 36 个。" in before
    assert ("家候补" in before, "您是候补" in before) == (False, False)
    status, text = desk.act("plan-runs")
    assert (status, "分好了：5 家有摊位，0 家候补。" in text, "摊位定了，回到这一场" in text) == (
        302,
        True,
        True,
    )


def test_without_applications_the_page_says_what_to_do_first(desk_of: Callable[..., Desk]) -> None:
    status, text = desk_of(planned=False).act("plan-runs")
    assert (status, "还没有通过审核的报名。请先审核报名，再分摊位。" in text) == (409, True)


def test_a_plan_laid_by_hand_is_confirmed(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(lambda day: crowd(day, person("staff")), planned=False)
    status, _text = desk.act("plan-confirmation")
    assert status == 409
    desk.act("moves", **desk.refs("周记鲜蔬", "A04"))
    answer = post(desk.client, desk.page, f"/staff/huaiyin/days/{desk.ref}/plan-confirmation")
    assert (answer.status_code, answer.location) == (302, f"/staff/huaiyin/days/{desk.ref}")
    assert desk.labels() == {"周记鲜蔬": "A04"}


def test_a_vendor_is_moved_and_the_answer_offers_the_way_back(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    _status, text = desk.act("moves", **desk.refs("周记鲜蔬", "A09"))
    assert "周记鲜蔬从 A01 换到 A09 号。 撤回这一步" in text
    assert "自动分好以后又人工调整过。" in text
    _status, text = desk.undo()
    assert "周记鲜蔬从 A09 换到 A01 号。" in text
    assert desk.labels()["周记鲜蔬"] == "A01"


def test_two_vendors_swap(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    status, text = desk.act("moves", **desk.refs("周记鲜蔬", "B01", "王家百货"))
    assert (status, "周记鲜蔬和王家百货对调了。" in text) == (302, True)
    assert (desk.labels()["周记鲜蔬"], desk.labels()["王家百货"]) == ("B01", "A01")


def test_a_move_to_a_stall_that_was_free_a_moment_ago_reads_who_has_it(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    fields = desk.refs("周记鲜蔬", "B01")
    status, text = desk.act("moves", **fields)
    assert (status, "B01 已经给了 王家百货。可以让两家对调，或换一个空摊位。" in text) == (409, True)
    assert desk.labels()["周记鲜蔬"] == "A01"


def test_a_swap_with_somebody_who_has_moved_on_is_refused(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    fields = desk.refs("周记鲜蔬", "B01", "王家百货")
    desk.act("moves", **desk.refs("王家百货", "B02"))
    status, text = desk.act("moves", **fields)
    assert (status, "王家百货已经不在 B01 号了" in text) == (409, True)


def test_hard_rules_are_told_and_what_was_chosen_is_kept(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    fields = desk.refs("老张豆浆坊", "A09")
    answer = post(desk.client, desk.page, f"/staff/huaiyin/days/{desk.ref}/moves", **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "A09 号没有电，老张豆浆坊需要 2000 瓦。请换一个带电的摊位。" in words(page)
    assert f'<option selected value="{fields["who"]}">' in page


def test_an_empty_choice_is_asked_again(desk_of: Callable[..., Desk]) -> None:
    status, text = desk_of().act("moves", who="", to="")
    assert (status, "请选一家。" in text, "请选一个摊位。" in text) == (422, True, True)


def test_only_stalls_that_are_possible_are_offered(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    page = desk.client.get(f"{desk.page}?who={desk.refs('老张豆浆坊', 'A01')['who']}").get_data(as_text=True)
    offered = re.findall(r"<option[^>]*>([A-F]\d\d)[^<]*</option>", page[page.index('id="to"') :])
    assert offered == ["C02", "C03", "C04", "C05", "C06", "C07", "C08"]


def test_a_vendor_goes_back_to_the_waiting_list_and_comes_up_again(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    who = desk.refs("周记鲜蔬", "A01")["who"]
    status, text = desk.act("releases", who=who)
    assert (status, "周记鲜蔬回到候补，A01 号空出来了。" in text) == (302, True)
    assert "请周记鲜蔬补到 A01 号" in text
    assert "工作人员把您从 A01 号调了出来，您是候补第 1 位。" in text
    status, text = desk.act("promotions")
    assert (status, "周记鲜蔬补到 A01 号。" in text) == (302, True)


def test_nobody_to_promote_is_said(desk_of: Callable[..., Desk]) -> None:
    status, text = desk_of().act("promotions")
    assert (status, "候补名单里现在没有人用得上空着的摊位。" in text) == (302, True)


def test_a_vendor_who_stays_at_home_frees_the_stall(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    status, text = desk.act("releases", who=desk.refs("周记鲜蔬", "A01")["who"], leaves="1")
    assert (status, "周记鲜蔬这一场不来了，摊位空出来了。" in text) == (302, True)
    assert "周记鲜蔬" not in desk.labels()


def test_after_publication_a_move_gives_a_new_pass_and_nobody_is_sent_back(
    app: Flask, desk_of: Callable[..., Desk]
) -> None:
    def publish(day: MarketDay) -> None:
        bring_to(day, DayState.PUBLISHED, person("staff"))
        give_passes(day, person("staff"), clock.now())

    desk = desk_of(publish)
    assert "旧摊位证马上作废" in desk.text()
    desk.act("moves", **desk.refs("周记鲜蔬", "A09"))
    with app.app_context():
        day = find_day_by_ref(desk.ref)
        held = held_by(day, "周记鲜蔬")
        issued = passes.pass_of(held)
        assert issued is not None
        assert (held.stall.label, issued.version) == ("A09", 2)
    status, text = desk.act("releases", who=desk.refs("周记鲜蔬", "A09")["who"])
    assert (status, "这一场已经发布，不能再退回候补。" in text) == (409, True)


@pytest.mark.parametrize("state", [DayState.CLOSED, DayState.SETTLED])
def test_a_day_that_is_over_is_only_looked_at(desk_of: Callable[..., Desk], state: DayState) -> None:
    desk = desk_of(lambda day: bring_to(day, state, person("staff")))
    page = desk.client.get(desk.page).get_data(as_text=True)
    assert "摊位图只能看。" in words(page)
    assert 'action="/staff/huaiyin/days/' not in page


def test_plans_of_other_communities_and_applications_of_other_days_are_not_found(
    app: Flask, cast: Cast, desk_of: Callable[..., Desk], sign_in: Callable[[str], FlaskClient]
) -> None:
    desk = desk_of()
    assert sign_in("staff-b").get(f"/staff/songhe/days/{desk.ref}/plan").status_code == 404
    assert sign_in("staff-b").get(desk.page).status_code == 403
    with app.app_context(), unit_of_work():
        other = day_under_review(find_community(cast.ours), person("staff"), in_days=40)
        stranger = approved(other, person("staff"), "外场").ref
    status, _text = desk.act("moves", who=stranger, to=desk.refs("周记鲜蔬", "A09")["to"])
    assert status == 404


def test_neighbours_that_disturb_each_other_need_a_written_reason(desk_of: Callable[..., Desk]) -> None:
    def clinic(day: MarketDay) -> None:
        approved(day, person("staff"), "社区义诊", Category.HEALTH_OUTREACH)
        service.place(
            approved(day, person("staff"), "亲子套圈", Category.KIDS_PLAY), stall(day, "E01"),
            by=person("staff"), at=clock.now(),
        )  # fmt: skip

    desk = desk_of(clinic)
    fields = desk.refs("社区义诊", "E02")
    status, text = desk.act("moves", **fields)
    assert (status, "两个品类不宜相邻。" in text, "请写明原因。" in text) == (409, True, True)
    assert "为什么这样安排" in text
    status, text = desk.act("moves", **fields, because="两家说好了轮流")
    assert (status, "社区义诊排到 E02 号。" in text) == (302, True)
    assert "（不顾提醒，原因：两家说好了轮流）" in text
