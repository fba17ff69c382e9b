"""Plazas and their plan as staff see them; communities as the platform sees them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.communities.service import find_community
from market.db import unit_of_work
from market.people import service as people
from market.places import service
from market.stalls import service as stalls
from tests.cast import STREET, Cast, person, post
from tests.factories.stalls import planned_day, standard_venue

VENUES = "/staff/huaiyin/venues"
VENUE = {
    "name": "中心广场", "address": "槐荫路 1 号", "width": "48", "depth": "40", "land_type": "plaza",
    "ownership": "owners_common", "entrances": "东门、南门", "step_free": "y",
}  # fmt: skip
ROW = {
    "zone": "A", "count": "3", "gap": "0.5", "x": "2", "y": "2", "width": "3", "depth": "3", "power_w": "0",
    "circuit": "",
}  # fmt: skip


def words(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


@pytest.fixture
def staff(cast: Cast, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return sign_in("staff")


@pytest.fixture
def venue(app: Flask, cast: Cast, staff: FlaskClient) -> str:
    """The page of a fresh plaza."""
    return post(staff, f"{VENUES}/new", VENUES, **VENUE).location


@pytest.fixture
def standard(app: Flask, cast: Cast) -> str:
    """The page of a plaza with the standard plan."""
    with app.app_context(), unit_of_work():
        place = standard_venue(find_community(cast.ours), person("staff"))
        return f"{VENUES}/{place.ref}"


def read(client: FlaskClient, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return words(answer.get_data(as_text=True))


def labels(app: Flask, page: str) -> list[str]:
    with app.app_context():
        place = service.find_venue(find_community("huaiyin"), page.rsplit("/", 1)[1])
        return [stall.label for stall in service.live_stalls(place)]


def stall_page(app: Flask, page: str, label: str) -> str:
    with app.app_context():
        place = service.find_venue(find_community("huaiyin"), page.rsplit("/", 1)[1])
        return f"{page}/stalls/{next(stall.ref for stall in place.stalls if stall.label == label)}"


def test_without_a_plaza_the_page_says_what_to_do_first(staff: FlaskClient) -> None:
    assert "还没有场地。先添加一个，再画摊位。" in read(staff, VENUES)


def test_a_plaza_is_added_and_shows_what_it_needs_and_which_law_asks_for_it(
    staff: FlaskClient, venue: str
) -> None:
    text = read(staff, venue)
    assert "槐荫路 1 号 · 广场 · 业主共有 · 48 米 × 40 米 · 东门、南门 · 轮椅能到每个摊位" in text
    assert "没登记 业主同意的决定 （M01） 找业委会或物业 依据：民法典第二百七十八条、第二百八十二条" in text
    assert "占道许可 （M03）" not in text
    assert "差 3 份文件 还没画摊位" in read(staff, VENUES)


def test_what_was_typed_is_kept_when_something_is_missing(staff: FlaskClient) -> None:
    answer = post(staff, f"{VENUES}/new", VENUES, **{**VENUE, "name": "", "width": "宽"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "请给场地起个名字。" in page
    assert "请填米数，比如 3 或 2.5。" in page
    assert 'value="槐荫路 1 号"' in page
    assert 'value="宽"' in page


def test_a_plaza_is_corrected(staff: FlaskClient, venue: str) -> None:
    assert 'value="48"' in staff.get(f"{venue}/edit").get_data(as_text=True)
    post(staff, f"{venue}/edit", None, **{**VENUE, "name": "北广场", "land_type": "road"})
    text = read(staff, venue)
    assert "北广场" in text
    assert "占道许可 （M03）" in text


def test_a_paper_is_registered_with_its_term(staff: FlaskClient, venue: str) -> None:
    fields = {"kind": "M02", "number": "街办〔2026〕3 号", "issuer": "槐荫街道", "valid_to": "2099-12-31"}
    post(staff, venue, f"{venue}/papers", **fields)
    assert "有效 政府指定场所和时段的文件 （M02） 街办〔2026〕3 号 · 槐荫街道 · 有效到 2099-12-31" in read(
        staff, venue
    )
    fields["valid_to"] = "2020-01-01"
    post(staff, venue, f"{venue}/papers", **fields)
    assert "已过期 政府指定场所和时段的文件" in read(staff, venue)
    assert post(staff, venue, f"{venue}/papers", kind="M07", number="", issuer="").status_code == 422


def test_lines_and_lanes_are_added_and_a_lane_is_taken_off(staff: FlaskClient, venue: str) -> None:
    post(staff, venue, f"{venue}/circuits", name="1 号线", capacity_w="12000")
    post(staff, venue, f"{venue}/lanes", label="消防通道", x="44", y="0", width="4", depth="40", fire="y")
    text = read(staff, venue)
    assert "1 号线 12,000 瓦" in text
    assert "消防通道 4 米 × 40 米，离西边 44 米、离北边 0 米" in text
    answer = post(staff, venue, f"{venue}/lanes", label="太长", x="0", y="0", width="90", depth="4", fire="y")
    assert (answer.status_code, "通道画到场地外面去了。" in answer.get_data(as_text=True)) == (422, True)
    post(staff, venue, f"{venue}/lanes/1/removal")
    assert "还没有画消防通道。" in read(staff, venue)
    assert post(staff, venue, f"{venue}/circuits", name="2 号线", capacity_w="0").status_code == 422


def test_the_standard_plaza_is_one_click(app: Flask, staff: FlaskClient, venue: str) -> None:
    assert "画一个标准广场" in read(staff, venue)
    answer = post(staff, venue, f"{venue}/standard-plan")
    assert "画好了 36 个摊位。" in read(staff, answer.location)
    assert len(labels(app, venue)) == 36
    assert post(staff, venue, f"{venue}/standard-plan").status_code == 409


def test_a_row_is_looked_at_before_it_is_drawn(app: Flask, staff: FlaskClient, venue: str) -> None:
    answer = post(staff, f"{venue}/stalls/new", f"{venue}/stalls", **ROW, preview="1")
    assert (answer.status_code, "要画的：A01 到 A03，共 3 个。" in words(answer.get_data(as_text=True))) == (
        200,
        True,
    )
    assert labels(app, venue) == []
    answer = post(staff, f"{venue}/stalls/new", f"{venue}/stalls", **ROW)
    assert "画上去了：A01 到 A03。" in read(staff, answer.location)
    assert labels(app, venue) == ["A01", "A02", "A03"]


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"count": "20"}, "A14 画到场地外面去了。请改起点，或少画几个。"),
        ({"gap": "0", "x": "42"}, "A03 画到场地外面去了。"),
        ({"circuit": "9 号线"}, "没有线路「9 号线」，请先添加。"),
    ],
)
def test_a_row_that_cannot_be_is_refused_and_shown(
    app: Flask, staff: FlaskClient, venue: str, changes: dict[str, str], sentence: str
) -> None:
    answer = post(
        staff,
        f"{venue}/stalls/new",
        f"{venue}/stalls",
        **{**ROW, **changes, "count": changes.get("count", "3")},
    )
    assert answer.status_code == 422
    assert sentence in words(answer.get_data(as_text=True))
    assert labels(app, venue) == []


def test_a_row_on_the_fire_lane_or_on_other_stalls_is_refused(staff: FlaskClient, standard: str) -> None:
    for changes, sentence in (
        (
            {"x": "42", "y": "36", "count": "1"},
            "A13 压在「消防通道」上。消防通道要一直空着（消防法第二十八条）",
        ),
        ({"x": "3", "y": "3", "count": "1"}, "A13 和 A01 叠在一起了。"),
    ):
        answer = post(staff, f"{standard}/stalls/new", f"{standard}/stalls", **{**ROW, **changes})
        assert (answer.status_code, sentence in words(answer.get_data(as_text=True))) == (422, True)


def test_one_stall_is_changed_and_its_number_is_not(app: Flask, staff: FlaskClient, standard: str) -> None:
    page = stall_page(app, standard, "D01")
    assert "号码 D01 不会变" in read(staff, page)
    fields = {**ROW, "x": "10", "y": "36", "power_w": "1000", "circuit": "1 号线", "water": "y"}
    answer = post(staff, page, None, **fields)
    assert "D01 改好了。" in read(staff, answer.location)
    with app.app_context():
        place = service.find_venue(find_community("huaiyin"), standard.rsplit("/", 1)[1])
        one = next(stall for stall in place.stalls if stall.label == "D01")
        assert (one.x_dm, one.power_w, one.water, one.shade, one.row, one.column) == (
            100,
            1_000,
            True,
            False,
            4,
            1,
        )


def test_retiring_a_stall_names_whom_it_was_promised(app: Flask, cast: Cast, staff: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        day = planned_day(find_community(cast.ours), person("staff"))
        held = stalls.assignments(day)[0]
        page = f"{VENUES}/{day.venue.ref}"
        path = f"{page}/stalls/{held.stall.ref}"
    assert "「金秋生活集市」里它排给了周记鲜蔬。" in read(staff, path)
    answer = post(staff, path, f"{path}/retirement")
    text = read(staff, answer.location)
    assert "A01 停用了。以前的集市里还看得到它。" in text
    assert "周记鲜蔬在「金秋生活集市」排的是 A01，请去给他换一个摊位。" in text
    assert "A01" not in labels(app, page)
    assert "这个摊位停用了。保存一次就重新启用。" in read(staff, path)


def test_plazas_of_other_communities_are_not_found(
    staff: FlaskClient, venue: str, sign_in: Callable[[str], FlaskClient]
) -> None:
    other = sign_in("staff-b")
    assert other.get(venue).status_code == 403
    assert other.get(venue.replace("huaiyin", "songhe")).status_code == 404


# ── the platform ──────────────────────────────────────────────────────────────────────────────────────────

PLATFORM = "/platform/communities"


def test_the_platform_adds_a_street_a_community_and_its_first_staff(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in("platform")
    post(client, PLATFORM, "/platform/regions", **{
        "region-code": "370303009000", "region-name": "和平街道", "region-level": "street",
    })  # fmt: skip
    community = {
        "name": "和平社区",
        "slug": "heping",
        "region": "370303009000",
        "host_org": "和平居委会",
        "phone": "0533",
    }
    answer = post(client, PLATFORM, PLATFORM, **community)
    assert "和平社区添加好了。接着指定第一位工作人员。" in read(client, answer.location)
    answer = post(
        client,
        PLATFORM,
        "/platform/communities/heping/staff",
        display_name="孙社工",
        login="sun",
        role="staff",
    )
    assert answer.status_code == 200
    with app.app_context():
        user = people.find_user("sun")
        assert user is not None
        assert [membership.community and membership.community.slug for membership in user.memberships] == [
            "heping"
        ]


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"slug": "huaiyin"}, "这个网址名已经有社区在用了，请换一个。"),
        ({"slug": "和平"}, "网址名只能用小写字母、数字和中间的短横线"),
        ({"region": ""}, "请先添加街道，再选。"),
    ],
)
def test_a_community_that_cannot_be_keeps_what_was_typed(
    cast: Cast, sign_in: Callable[[str], FlaskClient], changes: dict[str, str], sentence: str
) -> None:
    fields = {
        "name": "和平社区",
        "slug": "heping",
        "region": STREET,
        "host_org": "和平居委会",
        "phone": "0533",
    }
    answer = post(sign_in("platform"), PLATFORM, PLATFORM, **{**fields, **changes})
    page = answer.get_data(as_text=True)
    assert answer.status_code in (409, 422)
    assert sentence in words(page)
    assert 'value="和平社区"' in page


def test_a_code_that_is_none_is_refused(cast: Cast, sign_in: Callable[[str], FlaskClient]) -> None:
    fields = {"region-code": "3703", "region-name": "和平街道", "region-level": "street"}
    answer = post(sign_in("platform"), PLATFORM, "/platform/regions", **fields)
    assert (answer.status_code, "区划代码是 12 位数字" in answer.get_data(as_text=True)) == (422, True)


def test_only_the_platform_opens_it(staff: FlaskClient) -> None:
    assert staff.get(PLATFORM).status_code == 403


def test_stalls_are_kept_for_those_who_may_use_them_and_given_back(
    app: Flask, staff: FlaskClient, venue: str
) -> None:
    post(staff, f"{venue}/stalls/new", f"{venue}/stalls", **ROW, reserved="y")
    post(staff, stall_page(app, venue, "A02"), **{**ROW, "x": "5.5"})
    with app.app_context():
        place = service.find_venue(find_community("huaiyin"), venue.rsplit("/", 1)[1])
        assert {stall.label: stall.reserved for stall in place.stalls} == {
            "A01": True,
            "A02": False,
            "A03": True,
        }
    page = staff.get(stall_page(app, venue, "A01")).get_data(as_text=True)
    assert re.search(r'name="reserved"\s+value="y"\s+checked', page)
    assert "爱心公益摊位" in html.unescape(staff.get(venue).get_data(as_text=True))
