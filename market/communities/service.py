"""Regions and communities: added, found, listed; and what is demanded in them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

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


def communities() -> list[Community]:
    """All of them, by name."""
    return list(db.session.scalars(sa.select(Community).order_by(Community.name, Community.id)))


# ── what is demanded ──────────────────────────────────────────────────────────────────────────────────────


def profile_of(place: Community | Region) -> Profile:
    """What is demanded here: as chosen, else as in the region around it, else as in Zibo."""
    if place.profile in profiles():
        return profiles()[place.profile]
    around = place.region if isinstance(place, Community) else place.parent
    return profile_of(around) if around is not None else profiles()[DEFAULT]


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
