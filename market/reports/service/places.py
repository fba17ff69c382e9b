"""Which communities a street, a district or a city holds, and what stands between."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from market.communities.models import Community, Region
from market.communities.rules import RegionLevel
from market.db import db


class Area(NamedTuple):
    """A region and everything inside it, without its rows."""

    id: int
    parent_id: int | None
    code: str
    name: str
    level: RegionLevel


class Place(NamedTuple):
    """One community as a report needs it."""

    id: int
    slug: str
    name: str
    zone: str
    region_id: int


def areas_inside(region: Region) -> dict[int, Area]:
    """The region and all regions in it by their ids: one question, however deep they are."""
    columns = (Region.id, Region.parent_id, Region.code, Region.name, Region.level)
    inside = sa.select(*columns).where(Region.id == region.id).cte("inside", recursive=True)
    inside = inside.union_all(sa.select(*columns).where(Region.parent_id == inside.c.id))
    found = db.session.execute(sa.select(*inside.c).order_by(inside.c.code))
    return {row.id: Area._make(row) for row in found}


def places_in(areas: dict[int, Area]) -> list[Place]:
    """Every community in these regions, by name."""
    columns = (Community.id, Community.slug, Community.name, Community.zone, Community.region_id)
    query = sa.select(*columns).where(Community.region_id.in_(areas)).order_by(Community.name, Community.id)
    return list(map(Place._make, db.session.execute(query)))


def place_of(community: Community) -> Place:
    """A community by itself."""
    return Place(community.id, community.slug, community.name, community.zone, community.region_id)


def part_of(area_id: int, top: Region, areas: dict[int, Area]) -> Area | None:
    """The region right under `top` that another one lies in; None for what lies in `top` itself."""
    area = areas[area_id]
    if area.id == top.id:
        return None
    while area.parent_id is not None and area.parent_id != top.id:
        area = areas[area.parent_id]
    return area
