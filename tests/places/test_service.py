"""Plazas, papers, lanes and stalls as stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask

from market import clock
from market.communities import service as communities
from market.communities.models import Community
from market.db import db, unit_of_work
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places import service
from market.places.models import Stall, Venue
from market.places.rules import LandType, Ownership, VenuePermitKind
from market.places.service import StallDraft, VenueDraft
from tests.cast import Cast, person

DRAFT = VenueDraft("中心广场", "槐荫路 1 号", LandType.PLAZA, Ownership.PUBLIC, 480, 400, "东门、南门")


@pytest.fixture
def community(context: Flask, cast: Cast) -> Iterator[Community]:
    with unit_of_work():
        yield communities.find_community(cast.ours)


@pytest.fixture
def by(community: Community) -> User:
    return person("staff")


@pytest.fixture
def venue(community: Community, by: User) -> Venue:
    return service.create_venue(community, DRAFT, by=by, at=clock.now())


@pytest.fixture
def draw(venue: Venue, by: User) -> Callable[..., list[Stall]]:
    """Draws stalls of 3 m × 3 m: label and place."""

    def act(*spots: tuple[str, int, int], **offers: object) -> list[Stall]:
        drafts = [StallDraft(label, 1, 1, x, y, **offers) for label, x, y in spots]  # type: ignore[arg-type]  # a draft's fields
        return service.draw_stalls(venue, drafts, by=by, at=clock.now())

    return act


def refused(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught, db.session.begin_nested():
        act()
    return caught.value.code, str(caught.value.sentence)


# ── stalls ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_standard_plaza_is_drawn_in_one_act(venue: Venue, by: User) -> None:
    drawn = service.standard_plan(venue, by=by, at=clock.now())
    assert len(drawn) == len(service.live_stalls(venue)) == 36
    assert [(line.name, line.capacity_w) for line in venue.circuits] == [
        ("1 号线", 12_000),
        ("2 号线", 12_000),
    ]
    assert [(lane.label, lane.fire, lane.width_dm) for lane in venue.lanes] == [("消防通道", True, 40)]
    a11 = next(stall for stall in drawn if stall.label == "A11")
    assert (a11.zone, a11.row, a11.column, a11.power_w) == ("A", 1, 11, 2_500)
    assert a11.circuit is not None
    assert a11.circuit.name == "1 号线"


def test_the_standard_plaza_is_drawn_on_empty_and_large_ground_only(
    community: Community, venue: Venue, by: User
) -> None:
    service.standard_plan(venue, by=by, at=clock.now())
    assert refused(lambda: service.standard_plan(venue, by=by, at=clock.now()))[0] == "places.not_empty"
    small = VenueDraft("小院", "槐荫路 2 号", LandType.COMPOUND, Ownership.OWNERS_COMMON, 300, 200)
    yard = service.create_venue(community, small, by=by, at=clock.now())
    drawn = service.standard_plan(yard, by=by, at=clock.now())
    assert (len(drawn), {stall.zone for stall in drawn}) == (21, {"A", "B", "C"})
    tiny = VenueDraft("门洞", "槐荫路 3 号", LandType.COMPOUND, Ownership.OWNERS_COMMON, 60, 40)
    door = service.create_venue(community, tiny, by=by, at=clock.now())
    assert refused(lambda: service.standard_plan(door, by=by, at=clock.now()))[0] == "places.too_small"


def test_a_stall_outside_is_refused(draw: Callable[..., list[Stall]]) -> None:
    assert refused(lambda: draw(("A01", 460, 10))) == (
        "places.outside", "A01 画到场地外面去了。请改起点，或少画几个。",
    )  # fmt: skip


def test_a_stall_on_another_is_refused_and_nothing_is_drawn(
    venue: Venue, draw: Callable[..., list[Stall]]
) -> None:
    draw(("A01", 10, 10))
    assert refused(lambda: draw(("A02", 100, 10), ("A03", 20, 20))) == (
        "places.overlap", "A03 和 A01 叠在一起了。请改起点或间隔。",
    )  # fmt: skip
    assert [stall.label for stall in service.live_stalls(venue)] == ["A01"]


def test_a_stall_on_a_fire_lane_is_refused_with_the_law(
    venue: Venue, by: User, draw: Callable[..., list[Stall]]
) -> None:
    service.add_lane(venue, "消防通道", (0, 100, 480, 40), fire=True, by=by, at=clock.now())
    assert refused(lambda: draw(("A01", 10, 90))) == (
        "places.on_lane", "A01 压在「消防通道」上。消防通道要一直空着（消防法第二十八条），请换个位置。",
    )  # fmt: skip


def test_a_fire_lane_across_a_stall_is_refused(
    venue: Venue, by: User, draw: Callable[..., list[Stall]]
) -> None:
    draw(("A01", 10, 90))
    assert refused(
        lambda: service.add_lane(venue, "消防通道", (0, 100, 480, 40), fire=True, by=by, at=clock.now())
    ) == ("places.on_lane", "A01 号摊位在这条通道上。请先挪走它，或换个位置。")


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"width_dm": 0}, "places.bad_size"),
        ({"depth_dm": 300}, "places.bad_size"),
        ({"circuit": "9 号线"}, "places.no_circuit"),
        ({"power_w": -1}, "places.bad_power"),
    ],
)
def test_what_cannot_be_is_refused(
    draw: Callable[..., list[Stall]], changes: dict[str, object], code: str
) -> None:
    assert refused(lambda: draw(("A01", 10, 10), **changes))[0] == code


@pytest.mark.parametrize("label", ["A1", "甲01", ""])
def test_a_number_is_a_letter_and_two_digits(draw: Callable[..., list[Stall]], label: str) -> None:
    assert refused(lambda: draw((label, 10, 10)))[0] == "places.bad_label"


def test_redrawing_keeps_the_stall_and_its_number(draw: Callable[..., list[Stall]]) -> None:
    [first] = draw(("A01", 10, 10))
    [again] = draw(("A01", 20, 20), water=True)
    assert (again.id, again.ref, again.x_dm, again.water) == (first.id, first.ref, 20, True)


def test_numbers_go_on_from_the_last_one_ever_given(
    venue: Venue, by: User, draw: Callable[..., list[Stall]]
) -> None:
    drawn = draw(("A01", 10, 10), ("A02", 50, 10))
    service.retire_stall(drawn[1], by=by, at=clock.now())
    spots = service.new_row(venue, "A", 2, (10, 100), (30, 30), 5)
    assert [(spot.label, spot.row, spot.column, spot.box.x) for spot in spots] == [
        ("A03", 2, 1, 10),
        ("A04", 2, 2, 45),
    ]
    assert [spot.label for spot in service.new_row(venue, "B", 1, (10, 100), (30, 30), 5)] == ["B01"]


def test_a_retired_stall_is_off_the_plan_frees_its_ground_and_comes_back(
    venue: Venue, by: User, draw: Callable[..., list[Stall]]
) -> None:
    [old] = draw(("A01", 10, 10))
    service.retire_stall(old, by=by, at=clock.now())
    assert service.live_stalls(venue) == []
    draw(("A02", 10, 10))
    assert refused(lambda: draw(("A01", 10, 10)))[0] == "places.overlap"
    draw(("A01", 100, 10))
    assert [stall.label for stall in service.live_stalls(venue)] == ["A01", "A02"]


def test_the_next_row_begins_an_aisle_south_of_the_last(
    venue: Venue, draw: Callable[..., list[Stall]]
) -> None:
    assert service.suggested_start(venue) == (20, 20)
    draw(("A01", 10, 50))
    assert service.suggested_start(venue) == (20, 120)


# ── the plaza ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plaza_does_not_shrink_below_its_stalls(
    venue: Venue, by: User, draw: Callable[..., list[Stall]]
) -> None:
    draw(("A01", 440, 10))
    small = VenueDraft("小广场", "槐荫路 1 号", LandType.PLAZA, Ownership.PUBLIC, 400, 400)
    assert refused(lambda: service.edit_venue(venue, small, by=by, at=clock.now())) == (
        "places.outside", "改小了，A01 就在场地外面了。请先挪走或停用它。",
    )  # fmt: skip
    wide = VenueDraft("大广场", "槐荫路 1 号", LandType.ROAD, Ownership.PUBLIC, 600, 400, "北门")
    service.edit_venue(venue, wide, by=by, at=clock.now())
    assert (venue.name, venue.land_type, venue.width_dm, venue.entrance_names()) == (
        "大广场", LandType.ROAD, 600, ["北门"],
    )  # fmt: skip


def test_a_lane_is_taken_off_by_its_number(venue: Venue, by: User) -> None:
    for label, y in (("甲", 0), ("乙", 100)):
        service.add_lane(venue, label, (0, y, 480, 40), fire=True, by=by, at=clock.now())
    service.remove_lane(venue, 1, by=by, at=clock.now())
    assert [lane.label for lane in venue.lanes] == ["乙"]
    with pytest.raises(NotFound):
        service.remove_lane(venue, 2, by=by, at=clock.now())


@pytest.mark.parametrize("box", [(0, 0, 0, 40), (470, 0, 40, 40), (0, 380, 40, 40)])
def test_a_lane_lies_on_the_plaza(venue: Venue, by: User, box: tuple[int, int, int, int]) -> None:
    act = lambda: service.add_lane(venue, "通道", box, fire=False, by=by, at=clock.now())  # noqa: E731 - read twice as one line
    assert refused(act)[0] == "places.outside"


def test_papers_count_while_they_are_valid_and_the_same_number_is_renewed(venue: Venue, by: User) -> None:
    for until in (date(2026, 6, 30), date(2026, 12, 31)):
        service.add_permit(
            venue, VenuePermitKind.DESIGNATION, number="街办〔2026〕3 号", issuer="街道办", valid_to=until,
            by=by, at=clock.now(),
        )  # fmt: skip
    assert len(venue.permits) == 1
    assert service.permits_on(venue, date(2026, 12, 31)) == {"M02"}
    assert service.permits_on(venue, date(2027, 1, 1)) == frozenset()


def test_a_line_of_the_same_name_gets_the_new_limit(venue: Venue, by: User) -> None:
    for watts in (6_000, 9_000):
        service.add_circuit(venue, "1 号线", watts, by=by, at=clock.now())
    assert [(line.name, line.capacity_w) for line in venue.circuits] == [("1 号线", 9_000)]
    assert (
        refused(lambda: service.add_circuit(venue, "2 号线", 0, by=by, at=clock.now()))[0]
        == "places.bad_capacity"
    )


def test_a_plaza_of_others_is_not_found(venue: Venue, cast: Cast) -> None:
    with pytest.raises(NotFound):
        service.find_venue(communities.find_community(cast.theirs), venue.ref)
    with pytest.raises(NotFound):
        service.find_stall(venue, "0000000000")
