"""What may be drawn where: inside, off the fire lane, not on another stall."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, strategies as st

from market.places import standard
from market.places.rules import Box, Ground, Misdrawn, door_boxes, is_stall_label, labels, misdrawn, row_boxes

PLAZA = Box(0, 0, 480, 400)

boxes = st.builds(Box, st.integers(0, 50), st.integers(0, 50), st.integers(1, 30), st.integers(1, 30))


@pytest.mark.parametrize(
    "other, overlap",
    [
        (Box(30, 0, 30, 30), False),  # side by side
        (Box(0, 30, 30, 30), False),  # one behind the other
        (Box(29, 29, 30, 30), True),
        (Box(10, 10, 5, 5), True),  # one inside the other
        (Box(0, 0, 30, 30), True),
    ],
)
def test_stalls_that_share_ground_overlap_and_stalls_that_touch_do_not(other: Box, overlap: bool) -> None:
    assert Box(0, 0, 30, 30).overlaps(other) is overlap


@given(boxes, boxes)
def test_overlapping_is_mutual_and_means_a_common_square(one: Box, other: Box) -> None:
    def squares(box: Box) -> set[tuple[int, int]]:
        return {(x, y) for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.depth)}

    assert one.overlaps(other) == other.overlaps(one) == bool(squares(one) & squares(other))
    assert one.inside(other) == (squares(one) <= squares(other))


def test_every_mistake_is_named_with_what_is_in_the_way() -> None:
    ground = Ground(PLAZA, (("消防通道", Box(440, 0, 40, 400)),), (("A01", Box(0, 0, 30, 30)),))
    drawn = [
        ("B01", Box(460, 380, 30, 30)),
        ("B02", Box(430, 100, 30, 30)),
        ("B03", Box(10, 10, 30, 30)),
        ("B04", Box(200, 200, 30, 30)),
        ("B05", Box(210, 210, 30, 30)),
    ]
    assert misdrawn(ground, drawn) == [
        Misdrawn("outside", "B01"),
        Misdrawn("on_lane", "B01", "消防通道"),
        Misdrawn("on_lane", "B02", "消防通道"),
        Misdrawn("overlap", "B03", "A01"),
        Misdrawn("overlap", "B05", "B04"),
    ]


def test_a_row_runs_east_or_south() -> None:
    assert row_boxes(3, 20, 10, 30, 20, 5) == [Box(20, 10, 30, 20), Box(55, 10, 30, 20), Box(90, 10, 30, 20)]
    assert row_boxes(2, 20, 10, 30, 20, 5, down=True) == [Box(20, 10, 30, 20), Box(20, 35, 30, 20)]


@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 60), st.integers(0, 20), st.booleans())
def test_stalls_of_a_row_never_overlap(count: int, width: int, depth: int, gap: int, down: bool) -> None:
    row = row_boxes(count, 0, 0, width, depth, gap, down=down)
    assert not any(one.overlaps(other) for one in row for other in row if one is not other)


def test_doors_stand_on_the_side_their_name_says() -> None:
    east, west, north, south, plain = door_boxes(["东门", "西门", "北门", "南门", "大门"], 480, 400)
    assert (east.x, west.x, north.y, south.y) == (476, 0, 0, 380)
    assert (south.y, plain.y) == (380, 380)
    assert south.x < plain.x


@given(st.lists(st.sampled_from(["东门", "西门", "北门", "南门", "大门"]), max_size=6))
@example(["东门"] * 6)
def test_doors_lie_on_the_plaza(names: list[str]) -> None:
    assert all(box.inside(PLAZA) for box in door_boxes(names, PLAZA.width, PLAZA.depth))


def test_the_standard_plaza_has_the_stalls_of_the_demonstration() -> None:
    stalls = standard.stalls()
    by_label = {stall.label: stall for stall in stalls}
    assert list(by_label) == [
        *labels("A", 12), *labels("B", 8), *labels("C", 8), *labels("D", 5), *labels("E", 3),
    ]  # fmt: skip
    assert [stall.row for stall in stalls] == [1] * 12 + [2] * 8 + [3] * 8 + [4] * 5 + [5] * 3
    assert all(stall.column == int(stall.label[1:]) for stall in stalls)
    sockets = {stall.label: stall.circuit for stall in stalls if stall.power_w == 2_500}
    assert sockets == {label: line for line, found in standard.SOCKETS.items() for label in found}
    assert {stall.power_w for stall in stalls if stall.label not in sockets} == {0}
    assert [s.label for s in stalls if s.water] == labels("C", 8)
    assert [s.label for s in stalls if s.shade] == labels("D", 5)


def test_the_standard_plaza_breaks_no_rule_and_has_aisles_of_four_metres() -> None:
    drawn = [(s.label, Box(s.x_dm, s.y_dm, 30, 30)) for s in standard.stalls()]
    ground = Ground(
        Box(0, 0, standard.WIDTH_DM, standard.DEPTH_DM), (("消防通道", Box(*standard.FIRE_LANE)),)
    )
    assert misdrawn(ground, drawn) == []
    rows = sorted({box.y for _label, box in drawn})
    assert {later - earlier - 30 for earlier, later in pairwise(rows)} == {40}


@pytest.mark.parametrize(
    "text, good", [("A01", True), ("A100", True), ("A1", False), ("a01", False), ("AA1", False)]
)
def test_stall_numbers(text: str, good: bool) -> None:
    assert is_stall_label(text) is good


@pytest.mark.parametrize(
    "width, depth, stalls, rows",
    [
        (480, 400, 36, 5),
        (600, 500, 36, 5),
        (300, 200, 21, 3),
        (480, 50, 12, 1),
        (250, 400, 25, 5),
        (60, 40, 0, 0),
        (90, 50, 1, 1),
    ],
)
def test_a_plaza_is_drawn_to_fit_its_size(width: int, depth: int, stalls: int, rows: int) -> None:
    fitted = standard.fitted(width, depth)
    assert (len(fitted), len({stall.row for stall in fitted})) == (stalls, rows)
    lane = Box(*standard.fire_lane(width, depth))
    ground = Ground(Box(0, 0, width, depth), (("消防通道", lane),))
    assert misdrawn(ground, [(s.label, Box(s.x_dm, s.y_dm, 30, 30)) for s in fitted]) == []
    assert not fitted or any(stall.power_w for stall in fitted)
