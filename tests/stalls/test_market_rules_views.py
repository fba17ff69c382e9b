"""The pages of the rules: what is filled in is not saved, what is saved holds, what cannot be is told."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.allocation.market_rules import Quota
from market.allocation.rules import PUBLISHED_WEIGHTS
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.stalls import service
from market.stalls.words import WEIGHT_WORDS
from market.vendors.rules import Category
from tests.cast import Cast, person, post
from tests.factories.calendar import bring_to, make_day
from tests.factories.stalls import approved, crowd, held_by, stall

WEIGHTS = "/staff/huaiyin/allocation-weights"
PUBLIC = "/c/huaiyin/allocation"


class Desk(NamedTuple):
    """A staff member before the rules of a day."""

    app: Flask
    client: FlaskClient
    ref: str

    @property
    def page(self) -> str:
        return f"/staff/huaiyin/days/{self.ref}/rules"

    def read(self, query: str = "") -> str:
        return self.client.get(self.page + query).get_data(as_text=True)

    def typed(self, query: str = "") -> dict[str, str]:
        """The fields that are not empty."""
        return typed(self.read(query))

    def save(self, **fields: object) -> tuple[int, str]:
        answer = post(self.client, self.page, None, **fields)
        if answer.status_code == 302:
            return 302, words(self.client.get(answer.location).get_data(as_text=True))
        return answer.status_code, words(answer.get_data(as_text=True))

    def stalls(self, *labels: str) -> list[str]:
        with self.app.app_context():
            return [stall(find_day_by_ref(self.ref), label).ref for label in labels]

    def decided(self) -> tuple[dict[str, Quota], list[str], dict[str, str]]:
        """Quotas, labels of the stalls kept free, duties."""
        with self.app.app_context():
            day = find_day_by_ref(self.ref)
            kept = service.kept_free(day)
            labels = sorted(one.label for one in day.venue.stalls if one.id in kept)
            return service.quotas(day), labels, service.duties(day)


def typed(page: str) -> dict[str, str]:
    """The text fields of the rules on a page that are not empty."""
    tags = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input\s[^>]*>", page)]
    rules = [tag for tag in tags if tag["name"].partition("_")[0] in ("least", "most", "target", "zone")]
    return {tag["name"]: tag["value"] for tag in rules if tag["value"]}


def words(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


@pytest.fixture
def desk_of(
    app: Flask, prepared_day: Callable[..., str], sign_in: Callable[[str], FlaskClient]
) -> Callable[..., Desk]:
    def make(prepare: Callable[[MarketDay], object] = lambda day: None, *, planned: bool = False) -> Desk:
        return Desk(app, sign_in("staff"), prepared_day(prepare, planned))

    return make


def with_crowd(day: MarketDay) -> None:
    crowd(day, person("staff"))


# ── the rules of a market ─────────────────────────────────────────────────────────────────────────────────


def test_quotas_free_stalls_and_duties_are_saved_together_and_shown_again(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of(with_crowd)
    status, text = desk.save(
        least_produce="1", most_produce="3", target_craft="2", free=desk.stalls("A01", "B02"), zone_A="刘网格"
    )
    assert (status, "存好了。分摊位的时候就按这些来。" in text) == (302, True)
    decided = {"produce": Quota(1, 3), "craft": Quota(0, None, 2)}, ["A01", "B02"], {"A": "刘网格"}
    assert desk.decided() == decided
    assert desk.typed() == {
        "least_produce": "1",
        "most_produce": "3",
        "target_craft": "2",
        "zone_A": "刘网格",
    }
    assert "选摊位（现在留空 2 个）" in words(desk.read())


def test_a_stall_no_longer_ticked_is_used_again(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.save(free=desk.stalls("A01", "A02"))
    desk.save(free=desk.stalls("A02"))
    assert desk.decided()[1] == ["A02"]


def test_the_advice_is_filled_in_on_top_of_what_was_decided_and_not_saved(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of(with_crowd)
    desk.save(most_produce="3")
    assert desk.typed("?fill=advised") == {"least_repair_service": "1", "most_produce": "3"}
    assert "填好了，还没有存。" in words(desk.read("?fill=advised"))
    assert desk.decided()[0] == {"produce": Quota(0, 3)}


def test_advice_makes_room_for_itself(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(with_crowd)
    desk.save(most_repair_service="0")
    assert desk.typed("?fill=advised") == {"least_repair_service": "1", "most_repair_service": "1"}


def test_the_rules_of_the_last_market_are_filled_in(desk_of: Callable[..., Desk]) -> None:
    def held_before(day: MarketDay) -> None:
        by = person("staff")
        before = make_day(day.community, by, venue=day.venue, in_days=3)
        service.set_quotas(before, {"haircut": Quota(1, 2)}, by=by, at=clock.now())

    desk = desk_of(held_before)
    assert "按上一场填" in words(desk.read())
    assert desk.typed("?fill=last") == {"least_haircut": "1", "most_haircut": "2"}


def test_residents_votes_become_targets_of_those_who_applied(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(with_crowd)
    query = "?fill=votes&votes_produce=30&votes_repair_service=10&votes_craft=60"
    assert desk.typed(query) == {"target_produce": "1", "target_repair_service": "1"}


def test_votes_that_are_no_numbers_are_asked_again(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(with_crowd)
    page = desk.read("?fill=votes&votes_produce=many")
    assert "请只填数字，比如 600。" in words(page)
    assert 'value="many"' in page
    assert "填好了" not in words(page)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"least_produce": "3", "most_produce": "2"}, "蔬菜水果的「最多」比「至少」还少。"),
        ({"least_produce": "37"}, "各类「至少」加起来要 37 家，当天只开 36 个摊位。"),
        ({"least_produce": "two"}, "请只填数字，比如 600。"),
        ({"least_produce": "1000"}, "请填 0 到 999。"),
        ({"zone_A": "长" * 41}, "名字最多 40 个字。"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_is_kept(
    desk_of: Callable[..., Desk], fields: dict[str, str], sentence: str
) -> None:
    desk = desk_of()
    answer = post(desk.client, desk.page, **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in words(page)
    assert typed(page) == fields
    assert desk.decided() == ({}, [], {})


def test_a_stall_somebody_took_meanwhile_is_not_kept_free_and_nothing_else_is_saved(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of(planned=True)
    with desk.app.app_context():
        taken = held_by(find_day_by_ref(desk.ref), "周记鲜蔬").stall
    status, text = desk.save(free=[taken.ref], least_produce="1")
    assert (status, desk.decided()) == (409, ({}, [], {}))
    assert f"{taken.label} 号已经排给周记鲜蔬。请先给他换一个摊位，再留空。" in text


def test_after_publication_quotas_are_only_read_while_duties_still_change(
    desk_of: Callable[..., Desk],
) -> None:
    def publish(day: MarketDay) -> None:
        service.set_quotas(day, {"produce": Quota(1)}, by=person("staff"), at=clock.now())
        bring_to(day, DayState.PUBLISHED, person("staff"))

    desk = desk_of(publish, planned=True)
    text = words(desk.read())
    assert "各类家数已经定了，只能看。" in text
    assert desk.save(least_produce="5", zone_B="陈网格")[0] == 302
    assert desk.decided() == ({"produce": Quota(1)}, [], {"B": "陈网格"})


def test_who_may_use_the_reserved_stalls_is_named(desk_of: Callable[..., Desk]) -> None:
    def reserve(day: MarketDay) -> None:
        stall(day, "E01").reserved = True
        approved(day, person("staff"), "反诈宣传站", Category.PUBLIC_SERVICE)
        approved(day, person("staff"), "王家百货")

    text = words(desk_of(reserve).read())
    assert "E01 留给公益摊，和社区同意用爱心摊位的摊主。" in text
    assert "这一场报名的人里，能用的是： 反诈宣传站 。" in text


def test_a_frozen_list_is_a_reason_to_think_twice(desk_of: Callable[..., Desk]) -> None:
    def freeze(day: MarketDay) -> None:
        by, at = person("staff"), clock.now()
        crowd(day, by)
        service.choose_method(day, "draw", by=by, at=at)
        service.freeze_list(day, "witnesses", "居民代表、摊主代表、社区书记", by=by, at=at)

    assert "抽签名单已经公布。改了家数或留空的摊位，就和公布的对不上" in words(desk_of(freeze).read())


def test_a_copied_day_has_the_rules_of_the_day_it_was_copied_from(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.save(least_produce="2", zone_A="刘网格", free=desk.stalls("A01"))
    day = f"/staff/huaiyin/days/{desk.ref}"
    on = clock.today("Asia/Shanghai") + timedelta(days=365)
    ref = post(desk.client, day, f"{day}/copies", on=on).location.rsplit("/", 1)[1]
    assert ref != desk.ref
    assert Desk(desk.app, desk.client, ref).decided() == ({"produce": Quota(2)}, [], {"A": "刘网格"})


def test_the_page_is_found_from_the_day_and_from_its_plan(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    for page in (f"/staff/huaiyin/days/{desk.ref}", f"/staff/huaiyin/days/{desk.ref}/plan"):
        assert f'href="{desk.page}"' in desk.client.get(page).get_data(as_text=True)


# ── weights ───────────────────────────────────────────────────────────────────────────────────────────────


def points(**changes: object) -> dict[str, object]:
    """The form of the weights as it is first shown, with changes."""
    return {name: abs(PUBLISHED_WEIGHTS[name]) for name in WEIGHT_WORDS} | changes


def ask(client: FlaskClient, address: str) -> str:
    return words(client.get(address).get_data(as_text=True))


@pytest.fixture
def staff(cast: Cast, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return sign_in("staff")


def test_weights_are_changed_with_a_reason_that_everybody_reads(app: Flask, staff: FlaskClient) -> None:
    assert "用的是平常的分数，没有改过。" in ask(app.test_client(), PUBLIC)
    answer = post(staff, WEIGHTS, None, **points(last_stall="1,200", appeared=0, reason="老主顾好找"))
    assert answer.status_code == 302
    text = ask(app.test_client(), PUBLIC)
    assert "与上一场是同一个摊位 +1,200" in text
    assert "近几场已经出过摊，每场 0" in text
    assert "起用。为什么改：老主顾好找" in text


def test_points_taken_away_are_typed_without_a_sign(app: Flask, staff: FlaskClient) -> None:
    post(staff, WEIGHTS, None, **points(same_neighbour=9, reason="别挤在一起"))
    with app.app_context():
        assert service.weights_of(find_community("huaiyin")) == {
            **PUBLISHED_WEIGHTS,
            "same_neighbour": -9,
        }


def test_the_usual_points_are_filled_in_and_saved_with_a_reason(app: Flask, staff: FlaskClient) -> None:
    post(staff, WEIGHTS, None, **points(zone=99, reason="试试"))
    assert "填上了平常的分数，还没有存。" in ask(staff, f"{WEIGHTS}?fill=usual")
    post(staff, WEIGHTS, None, **points(reason="试过了"))
    with app.app_context():
        ours = find_community("huaiyin")
        assert service.weights_of(ours) == PUBLISHED_WEIGHTS
        assert [change.reason for change in service.weight_changes(ours)] == ["试过了", "试试"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (points(zone=99), "请写清楚为什么改。"),
        (points(zone="", reason="试试"), "不看重就填 0。"),
        (points(zone="-5", reason="试试"), "请填 0 到 9,999,999。"),
        (points(placed=5, reason="试试"), "这样才先让更多摊主有摊位，再讲究别的。"),
    ],
)
def test_weights_that_cannot_be_are_told(
    app: Flask, staff: FlaskClient, fields: dict[str, object], sentence: str
) -> None:
    answer = post(staff, WEIGHTS, None, **fields)
    assert answer.status_code == 422
    assert sentence in words(answer.get_data(as_text=True))
    with app.app_context():
        assert service.weights_of(find_community("huaiyin")) == PUBLISHED_WEIGHTS


def test_days_that_are_being_planned_are_offered_for_a_look(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(planned=True)
    assert f"/staff/huaiyin/days/{desk.ref}/plan-comparison" in desk.client.get(WEIGHTS).get_data(
        as_text=True
    )


# ── everybody ─────────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_reads_how_stalls_are_given_out_without_a_cookie(app: Flask, cast: Cast) -> None:
    answer = app.test_client().get(PUBLIC)
    text = words(answer.get_data(as_text=True))
    assert "Set-Cookie" not in answer.headers
    assert "捐多捐少、捐不捐，都不算分。" in text
    assert "先公布名单，再用谁也不知道的号码抽" in text
    assert "market stalls check PLAN.json PROBLEM.json" in text
    assert "修理缝补和义诊不挨着。" in text


def test_draws_to_come_are_named(app: Flask, desk_of: Callable[..., Desk]) -> None:
    def by_lottery(day: MarketDay) -> None:
        service.choose_method(day, "draw", by=person("staff"), at=clock.now())

    desk = desk_of(by_lottery)
    assert f"/c/huaiyin/markets/{desk.ref}/draw" in app.test_client().get(PUBLIC).get_data(as_text=True)


def test_the_page_is_found_from_the_markets(app: Flask, desk_of: Callable[..., Desk]) -> None:
    desk, client = desk_of(), app.test_client()
    for page in ("/c/huaiyin/", f"/c/huaiyin/markets/{desk.ref}"):
        assert f'href="{PUBLIC}"' in client.get(page).get_data(as_text=True)
