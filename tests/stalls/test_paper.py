"""The plan on paper: what is asked of neighbours, what one must know, two stalls as one on map and list."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

import pytest

from market.places.models import Stall
from market.print import A4_LANDSCAPE, paper
from market.print.columns import Column
from market.print.table import Foot, Heading, Table
from market.stalls.map_pdf import frame_of
from market.stalls.models import Assignment
from market.stalls.plan_pdf import draw_map_page, plan_pdf
from market.stalls.stall_list import neighbours_text, pairs, remarks
from market.vendors.models import Application, Vendor
from market.vendors.rules import Category
from tests.parts.pdf import lines, page_count, page_size_mm, text

HEADING = Heading("摊位图", "示例社区 · 冬储菜集")
AREA = (30.0, 50.0, 780.0, 480.0)


class Spot(NamedTuple):
    """A stall or a lane, in decimetres."""

    label: str
    x_dm: int
    y_dm: int
    width_dm: int = 30
    depth_dm: int = 30
    caption: str = ""
    state: str = "free"
    entrance: bool = False


STALLS = [
    Spot("A01", 100, 100, caption="周记鲜蔬", state="taken"),
    Spot("A02", 135, 100, caption="", state="taken"),
    Spot("A03", 170, 100),
    Spot("A04", 205, 100, state="closed"),
]


def held(category: Category = Category.DAILY_GOODS, *, double: bool = False, **facts: object) -> Assignment:
    """A stall of a vendor with these needs, nowhere kept."""
    vendor = Vendor(trading_name="周记鲜蔬", category=category, **facts)
    second = Stall(zone="A", label="A02", row=1, column=2) if double else None
    first, asked = Stall(zone="A", label="A01"), Application(note="靠近水龙头", power_w=0)
    return Assignment(vendor=vendor, application=asked, stall=first, second_stall=second)


@pytest.mark.parametrize(
    "category, double, asked",
    [
        (Category.COOKED_FOOD, False, "油烟不熏蔬菜水果；不挨亲子游戏"),
        (Category.PRODUCE, False, "不在熟食小吃下风"),
        (Category.PRODUCE, True, "两个摊位相邻；不在熟食小吃下风"),
        (Category.HEALTH_OUTREACH, False, "不挨亲子游戏；不挨修理缝补"),
        (Category.DAILY_GOODS, False, ""),
    ],
)
@pytest.mark.usefixtures("context")
def test_the_list_says_what_is_asked_of_neighbours(category: Category, double: bool, asked: str) -> None:
    assert neighbours_text(held(category, double=double)) == asked


@pytest.mark.parametrize(
    "facts, told",
    [
        ({}, "靠近水龙头"),
        ({"needs_water": True, "open_flame": True}, "用水、明火；靠近水龙头"),
        (
            {"needs_vehicle": True, "plate": "鲁C12345", "own_tent": True},
            "自带帐篷、要进车 鲁C12345；靠近水龙头",
        ),
        ({"needs_vehicle": True, "plate": ""}, "要进车；靠近水龙头"),
        ({"plate": "鲁C12345"}, "靠近水龙头"),
    ],
)
@pytest.mark.usefixtures("context")
def test_the_list_says_what_whoever_sets_up_must_know(facts: dict[str, object], told: str) -> None:
    assert remarks(held(**facts)) == told  # type: ignore[arg-type]  # columns of the vendor


def test_only_double_stalls_are_pairs() -> None:
    assert pairs([held(), held(double=True)]) == {"A01": "A02"}


def mapped(*others: Spot) -> bytes:
    out = BytesIO()
    with paper(out, A4_LANDSCAPE, title="摊位图") as canvas:
        draw_map_page(canvas, STALLS, others, {"A01": "A02"}, HEADING, "实线框：有人")
    return out.getvalue()


def test_two_stalls_have_both_numbers_and_one_name_and_a_retired_one_is_not_there() -> None:
    found = text("pdfium", mapped())
    assert [found.count(word) for word in ("A01", "A02", "A03", "A04", "周记鲜蔬")] == [1, 1, 1, 0, 1]


def test_a_lane_that_leads_away_makes_no_stall_smaller() -> None:
    road = Spot("消防通道", 90, 140, 2000, 40)
    assert frame_of(STALLS, [road], AREA).scale == frame_of(STALLS, [road._replace(width_dm=100)], AREA).scale
    assert "消防通道" in lines("pdfium", mapped(road))


@pytest.mark.parametrize("spots", [STALLS, STALLS[:1], [Spot("Z99", 0, 0, 5, 900)], []])
def test_every_stall_is_on_the_sheet(spots: list[Spot]) -> None:
    frame = frame_of(spots, [Spot("东门", 400, 120, 2, 40, entrance=True)], AREA)
    boxes = [frame.box(spot) for spot in spots]
    left, bottom, width, height = AREA
    inside = [
        x >= left and y >= bottom and x + w <= left + width + 1 and y + h <= bottom + height + 1
        for x, y, w, h in boxes
    ]
    assert inside == [True] * len(spots)


@pytest.mark.parametrize("size, across", [("a4", (297, 210)), ("a3", (420, 297))])
def test_map_and_list_fill_a4_and_a3(size: str, across: tuple[float, float]) -> None:
    out, listed = BytesIO(), Table("stalls", "摊位安排表", (Column("摊位号", 1),), (("A01+A02",),))
    foot = Foot("制表人", "审核人", "日期", "第 %(page)s 页，共 %(pages)s 页")
    plan_pdf(STALLS, [], {"A01": "A02"}, listed, out, size=size, heading=HEADING, legend="", foot=foot)
    pdf = out.getvalue()
    assert (page_count(pdf), page_size_mm(pdf)) == (2, across)
    assert "A01+A02" in lines("pdfium", pdf, 2)
