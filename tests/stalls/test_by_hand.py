"""Steps by hand on the plan page: pins, stalls kept empty, two stalls as one, a run; and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.db import db, unit_of_work
from market.passes import service as passes
from market.stalls import service
from market.stalls.models import Quota
from market.vendors.rules import Category
from tests.cast import person
from tests.factories.calendar import bring_to
from tests.factories.stalls import approved, crowd, held_by, stall
from tests.stalls.desk import Desk

DeskOf = Callable[..., Desk]


def with_a_double(day: MarketDay) -> None:
    """花伞 on A05 and A06."""
    wide = approved(day, person("staff"), "花伞")
    wide.double = True
    service.place(wide, stall(day, "A05"), by=person("staff"), at=clock.now())


def who(desk: Desk, name: str) -> str:
    return desk.refs(name, "A01")["who"]


def pinned(desk: Desk) -> int:
    with desk.app.app_context():
        return len(service.pinned_stalls(find_day_by_ref(desk.ref)))


# ── pins and stalls kept empty ────────────────────────────────────────────────────────────────────────────


def test_a_pin_is_drawn_said_and_taken_back(desk_of: DeskOf) -> None:
    desk = desk_of()
    status, text = desk.act("pins", who=who(desk, "周记鲜蔬"), fixed="1")
    assert (status, "周记鲜蔬固定在 A01 号，重新分也不动他。" in text) == (302, True)
    assert "A01 周记鲜蔬，有人，已固定" in text
    assert pinned(desk) == 1
    _status, text = desk.undo()
    assert ("周记鲜蔬不再固定在 A01 号。" in text, pinned(desk)) == (True, 0)
    desk.undo()
    assert pinned(desk) == 1


def test_who_has_no_stall_any_more_cannot_be_pinned(desk_of: DeskOf) -> None:
    desk = desk_of()
    desk.act("releases", who=who(desk, "周记鲜蔬"))
    status, text = desk.act("pins", who=who(desk, "周记鲜蔬"), fixed="1")
    assert (status, "周记鲜蔬已经没有摊位了" in text) == (409, True)


def test_a_pinned_vendor_sent_back_by_mistake_stands_there_again_and_is_pinned(desk_of: DeskOf) -> None:
    desk = desk_of()
    desk.act("pins", who=who(desk, "周记鲜蔬"), fixed="1")
    desk.act("releases", who=who(desk, "周记鲜蔬"))
    assert ("周记鲜蔬" in desk.labels(), pinned(desk)) == (False, 0)
    desk.undo()
    assert (desk.labels()["周记鲜蔬"], pinned(desk)) == ("A01", 1)


def test_a_stall_is_kept_empty_and_used_again(desk_of: DeskOf) -> None:
    desk = desk_of()
    free = desk.refs("周记鲜蔬", "A04")["to"]
    status, text = desk.act("kept-stalls", stall=free, kept="1")
    assert (status, "A04 号这一场留空，不排人。" in text, "A04 留空" in text) == (302, True, True)
    assert "空着 30 个。当天最多开 36 个。留空 1 个。" in text
    status, text = desk.act("moves", **desk.refs("周记鲜蔬", "A04"))
    assert (status, "A04 号由工作人员留空。请换一个摊位，或先取消留空。" in text) == (409, True)
    desk.act("kept-stalls", stall=free, kept="")
    _status, text = desk.undo()
    assert "A04 号这一场留空，不排人。" in text


def test_a_stall_that_somebody_holds_cannot_be_kept_empty(desk_of: DeskOf) -> None:
    desk = desk_of()
    status, text = desk.act("kept-stalls", stall=desk.refs("周记鲜蔬", "A01")["to"], kept="1")
    assert (status, "A01 号已经排给周记鲜蔬。请先给他换一个摊位，再留空。" in text) == (409, True)


def test_without_a_script_a_free_stall_offers_to_stay_empty(desk_of: DeskOf) -> None:
    desk = desk_of()
    text = desk.text(f"?to={desk.refs('周记鲜蔬', 'A04')['to']}")
    assert "这一场留空" in text


# ── two stalls as one ─────────────────────────────────────────────────────────────────────────────────────


def test_two_stalls_as_one_are_drawn_and_named_together(desk_of: DeskOf) -> None:
    desk = desk_of(with_a_double)
    page = desk.client.get(desk.page).get_data(as_text=True)
    assert desk.labels()["花伞"] == "A05+A06"
    assert 'aria-label="A05 花伞，有人，和 A06 一起"' in page
    assert 'aria-label="A06 花伞，有人，和 A05 一起"' in page
    assert page.count('class="pair"') == 1


def test_a_double_moves_as_a_pair_and_comes_back_to_the_very_same_two(desk_of: DeskOf) -> None:
    desk = desk_of(with_a_double)
    _status, text = desk.act("moves", **desk.refs("花伞", "A12"))
    assert "花伞从 A05+A06 换到 A11+A12 号。" in text
    desk.undo()
    assert desk.labels()["花伞"] == "A05+A06"


@pytest.mark.parametrize(
    ("one", "label", "other"), [("花伞", "A01", "周记鲜蔬"), ("周记鲜蔬", "A06", "花伞")]
)
def test_a_swap_with_a_double_is_taken_back_exactly(
    desk_of: DeskOf, one: str, label: str, other: str
) -> None:
    desk = desk_of(with_a_double)
    before = desk.labels()
    status, _text = desk.act("moves", **desk.refs(one, label, other))
    assert (status, desk.labels()["花伞"]) == (302, "A01+A02")
    desk.undo()
    assert desk.labels() == before


def test_one_will_do_and_then_two_after_all(desk_of: DeskOf) -> None:
    desk = desk_of(with_a_double)
    _status, text = desk.act("second-stalls", who=who(desk, "花伞"), two="")
    assert "花伞只要一个摊位，留在 A05 号。" in text
    _status, text = desk.undo()
    assert "旁边的摊位也给花伞：A05+A06。" in text
    desk.undo()
    assert desk.labels()["花伞"] == "A05"


def test_a_second_stall_beside_a_neighbour_that_disturbs_takes_a_written_reason(desk_of: DeskOf) -> None:
    def clinic(day: MarketDay) -> None:
        by, at = person("staff"), clock.now()
        for name, category, label in (
            ("亲子套圈", Category.KIDS_PLAY, "E01"), ("社区义诊", Category.HEALTH_OUTREACH, "E03"),
        ):  # fmt: skip
            service.place(approved(day, by, name, category), stall(day, label), by=by, at=at)

    desk = desk_of(clinic)
    fields = {"who": who(desk, "亲子套圈"), "two": "1"}
    status, text = desk.act("second-stalls", **fields)
    assert (status, "请写明原因。" in text, "还是给他旁边的" in text) == (409, True, True)
    status, text = desk.act("second-stalls", **fields, because="两家说好了轮流")
    assert (status, desk.labels()["亲子套圈"]) == (302, "E01+E02")
    assert "（不顾提醒，原因：两家说好了轮流）" in text


def test_somebody_waiting_for_two_is_asked_whether_one_will_do(desk_of: DeskOf) -> None:
    def waits(day: MarketDay) -> None:
        approved(day, person("staff"), "花伞").double = True

    desk = desk_of(waits)
    assert "要两个摊位" in desk.text()
    _status, text = desk.act("second-stalls", who=who(desk, "花伞"), two="")
    assert ("花伞只要一个摊位。" in text, "要两个摊位" in text) == (True, False)
    _status, text = desk.undo()
    assert "花伞要两个相邻的摊位。" in text


def test_only_places_for_two_are_offered_to_who_needs_two(desk_of: DeskOf) -> None:
    def narrow(day: MarketDay) -> None:
        with_a_double(day)
        for one in day.venue.stalls:
            if one.label not in ("A01", "A05", "A06", "A08", "A10", "A11", "B01"):
                service.keep_free(day, one, by=person("staff"), at=clock.now())

    desk = desk_of(narrow, planned=False)
    page = desk.client.get(f"{desk.page}?who={who(desk, '花伞')}").get_data(as_text=True)
    offered = page[page.index('id="to"') :]
    assert "A10+A11 · 空" in offered
    assert "A08 · 空" not in offered


def test_after_publication_the_second_stall_given_back_is_offered_and_the_pass_is_new(
    desk_of: DeskOf,
) -> None:
    def publish(day: MarketDay) -> None:
        with_a_double(day)
        approved(day, person("staff"), "候补甲")
        bring_to(day, DayState.PUBLISHED, person("staff"))
        passes.issue_passes(day, by=person("staff"), at=clock.now())

    desk = desk_of(publish)
    _status, text = desk.act("second-stalls", who=who(desk, "花伞"), two="")
    assert "等答复的补位" in text
    with desk.app.app_context():
        issued = passes.pass_of(held_by(find_day_by_ref(desk.ref), "花伞"))
        assert issued is not None
        assert issued.version == 2


# ── the whole plan ────────────────────────────────────────────────────────────────────────────────────────


def test_laying_the_plan_anew_is_taken_back_with_what_was_changed_by_hand(desk_of: DeskOf) -> None:
    desk = desk_of()
    desk.act("moves", **desk.refs("周记鲜蔬", "A09"))
    before = desk.labels()
    status, text = desk.act("plan-runs")
    assert (status, "分好了：5 家有摊位，0 家候补。 撤回这一步" in text) == (302, True)
    assert desk.labels() != before
    _status, text = desk.undo()
    assert ("退回上一版了，每家都在原来的地方。" in text, desk.labels()) == (True, before)


def test_the_first_plan_has_nothing_before_it(desk_of: DeskOf) -> None:
    desk = desk_of(lambda day: crowd(day, person("staff")), planned=False)
    desk.act("plan-runs")
    assert desk.way_back is None
    status, text = desk.act("plan-runs/undo")
    assert (status, "没有可以退回的上一版" in text) == (409, True)


def test_an_impossible_minimum_is_told_in_words_with_what_to_do(desk_of: DeskOf) -> None:
    def impossible(day: MarketDay) -> None:
        for name in ("老张豆浆坊", "王姐煎饼", "炸货一条"):
            approved(day, person("staff"), name, Category.COOKED_FOOD, power_w=1000)
        for one in day.venue.stalls:
            one.power_w = one.power_w if one.label in ("C01", "C02") else 0
        db.session.add(Quota(day_id=day.id, category=Category.COOKED_FOOD, minimum=3))

    status, text = desk_of(impossible, planned=False).act("plan-runs")
    assert status == 409
    assert "3 家熟食小吃需要用电，电位只有 2 个。请放宽其中一条，再排一次。" in text


def test_the_published_weights_are_those_of_the_community_and_a_change_ends_the_proof(
    desk_of: DeskOf,
) -> None:
    desk = desk_of()
    assert "已证明最优" in desk.text()
    with desk.app.app_context(), unit_of_work():
        ours = find_day_by_ref(desk.ref).community
        weights = {**service.weights_of(ours), "shade": 9}
        service.set_weights(ours, weights, "夏天热", by=person("staff"), at=clock.now())
    text = desk.text()
    assert "便民服务摊有遮阴：9 分" in text
    assert ("自动分好以后，分数改过。" in text, "已证明最优" in text) == (True, False)


def test_who_applies_after_the_plan_ends_its_proof(desk_of: DeskOf) -> None:
    text = desk_of(lambda day: approved(day, person("staff"), "后来的")).text()
    assert ("自动分好以后，报名又有变动。" in text, "已证明最优" in text) == (True, False)


def test_the_task_is_downloaded_as_the_solver_reads_it(desk_of: DeskOf) -> None:
    desk = desk_of()
    answer = desk.client.get(f"/staff/huaiyin/days/{desk.ref}/plan-problem.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=huaiyin_")
    with desk.app.app_context():
        assert answer.data == service.problem_file(find_day_by_ref(desk.ref))
    assert len(json.loads(answer.data)["applicants"]) == 5
    assert "下载这道题，自己算一遍（market stalls solve）" in desk.text()
