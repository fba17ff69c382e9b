"""Regions and communities: added, found, listed; and what is demanded in them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import InstrumentedAttribute, aliased

from market import audit
from market.communities.models import Community, Region
from market.communities.profile import DEFAULT, Profile
from market.communities.profile_files import profiles
from market.communities.rules import RegionLevel, is_division_code, is_slug, parent_codes
from market.db import db, lock_row
from market.errors import NotFound, Refusal

if TYPE_CHECKING:  # accounts stand to the right: they belong to communities
    from market.people.models import User


def create_region(
    code: str,
    name: str,
    level: RegionLevel,
    *,
    parent: Region | None = None,
    at: datetime,
    by: User | None = None,
) -> Region:
    """A region of the division code; an existing one is returned as it is."""
    if not is_division_code(code):
        raise Refusal("places.bad_code", _("区划代码是 12 位数字，比如 370303001000。"), 422)
    region = db.session.scalar(sa.select(Region).where(Region.code == code))
    if region is None:
        region = Region(code=code, name=name.strip(), level=level, parent=parent)
        db.session.add(region)
        db.session.flush()
        audit.record("places.create_region", region, by=by, at=at, code=code)
    return region


def create_community(
    slug: str,
    name: str,
    region: Region,
    *,
    host_org: str,
    phone: str,
    zone: str,
    by: User | None,
    at: datetime,
) -> Community:
    """A new tenant. Refuses `places.bad_slug` and `places.slug_taken`."""
    if not is_slug(slug):
        raise Refusal("places.bad_slug", _("网址名只能用小写字母、数字和中间的短横线，最多 40 个。"), 422)
    if db.session.scalar(sa.select(Community).where(Community.slug == slug)) is not None:
        raise Refusal("places.slug_taken", _("这个网址名已经有社区在用了，请换一个。"))
    community = Community(
        slug=slug,
        name=name.strip(),
        region=region,
        host_org=host_org.strip(),
        phone=phone.strip(),
        zone=zone,
        created_at=at,
    )
    db.session.add(community)
    db.session.flush()
    audit.record("places.create_community", community, by=by, at=at, community=community)
    return community


def find_community(slug: str) -> Community:
    """The community of a slug."""
    community = db.session.scalar(sa.select(Community).where(Community.slug == slug))
    if community is None:
        raise NotFound("places.no_community", _("没有这个社区。请检查网址。"))
    return community


def regions() -> list[Region]:
    """All of them, by code: a city before its districts, a district before its streets."""
    return list(db.session.scalars(sa.select(Region).order_by(Region.code)))


def find_region(code: str) -> Region:
    """The region of a division code."""
    region = db.session.scalar(sa.select(Region).where(Region.code == code))
    if region is None:
        raise NotFound("places.no_region", _("没有这个区划代码。"))
    return region


def parent_region(code: str) -> Region | None:
    """The known region that a code lies in: a street's district, a district's city."""
    return db.session.scalar(
        sa.select(Region).where(Region.code.in_(parent_codes(code))).order_by(Region.code.desc())
    )


def regions_inside(region: Region) -> list[int]:
    """The numbers of a region and of all regions in it, level by level."""
    found, newest = [region.id], [region.id]
    while newest:
        newest = list(db.session.scalars(sa.select(Region.id).where(Region.parent_id.in_(newest))))
        found += newest
    return found


def communities(offset: int = 0, limit: int | None = None) -> list[Community]:
    """All of them, or a page of them, by name."""
    query = sa.select(Community).order_by(Community.name, Community.id)
    return list(db.session.scalars(query.offset(offset).limit(limit)))


def count_communities() -> int:
    """How many there are."""
    return db.session.scalar(sa.select(sa.func.count(Community.id))) or 0


def communities_after(slug: str, limit: int) -> list[Community]:
    """The communities behind one in the order of their addresses."""
    query = sa.select(Community).where(Community.slug > slug).order_by(Community.slug)
    return list(db.session.scalars(query.limit(limit)))


class Place(NamedTuple):
    """A community as a line of a list, with where it lies."""

    id: int
    slug: str
    name: str
    street: str
    """Empty where it lies in the district itself."""
    district: str
    district_code: str


def community_places() -> list[Place]:
    """Every community with its street and district, by district, street and name; one query, no rows kept."""
    around = aliased(Region)
    is_street = Region.level == RegionLevel.STREET
    street = sa.case((is_street, Region.name), else_="")
    district = sa.case((is_street, around.name), else_=Region.name)
    code = sa.case((is_street, around.code), else_=Region.code)
    query = (
        sa.select(Community.id, Community.slug, Community.name, street, district, code)
        .join(Region, Region.id == Community.region_id)
        .outerjoin(around, around.id == Region.parent_id)
    )
    rows = [Place._make(value or "" for value in row) for row in db.session.execute(query)]
    return sorted(rows, key=lambda place: (place.district_code, place.street, place.name, place.id))


# ── what is demanded ──────────────────────────────────────────────────────────────────────────────────────


def profile_of(place: Community | Region) -> Profile:
    """What is demanded here: as chosen, else as in the region around it, else as in Zibo."""
    if place.profile in profiles():
        return profiles()[place.profile]
    around = place.region if isinstance(place, Community) else place.parent
    return profile_of(around) if around is not None else profiles()[DEFAULT]


def profile_codes(community_id: sa.ColumnElement[int] | InstrumentedAttribute[int]) -> sa.ScalarSelect[str]:
    """What was chosen for a community and the regions around it, the nearest first: for a statement that asks
    for other things too (`profile_among`)."""
    here, within, above = aliased(Region), aliased(Region), aliased(Region)
    chosen = [sa.func.coalesce(place.profile, "") for place in (here, within, above)]
    said = Community.profile + "," + chosen[0] + "," + chosen[1] + "," + chosen[2]
    return (
        sa.select(said)
        .select_from(Community)
        .join(here, here.id == Community.region_id)
        .outerjoin(within, within.id == here.parent_id)
        .outerjoin(above, above.id == within.parent_id)
        .where(Community.id == community_id)
        .scalar_subquery()
    )


def profile_among(codes: str) -> Profile:
    """The profile that holds where these were chosen (`profile_codes`)."""
    known = (profiles()[code] for code in codes.split(",") if code in profiles())
    return next(known, profiles()[DEFAULT])


def choose_profile(place: Community | Region, code: str, *, by: User, at: datetime) -> None:
    """From now on this is demanded here; empty: as in the region around it. Twice is once.

    Refuses `communities.no_profile`.
    """
    if code and code not in profiles():
        raise Refusal("communities.no_profile", _("没有这一套规定。请从列出的里面选。"), 422)
    lock_row(place)
    if place.profile == code:
        return
    before, place.profile = place.profile, code
    db.session.flush()
    community = place if isinstance(place, Community) else None
    audit.record(
        "communities.choose_profile", place, by=by, at=at, community=community, before=before, after=code
    )
