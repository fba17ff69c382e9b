"""The invented people of the demo: who may sign in, the community, its venue, its fund."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from market import clock
from market.communities import service as communities
from market.communities.group import show_group
from market.communities.models import Community
from market.communities.rules import RegionLevel
from market.demo.records import ZONE
from market.fund import service as funds
from market.fund.models import Fund
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.places import service as places
from market.places.models import Venue
from market.places.rules import LandType, Ownership, VenuePermitKind

SLUG = "demo"
DISTRICT = "370399000000"
FOUNDED_ON = date(2023, 12, 20)
AGREED_ON = date(2023, 12, 28)

MEMBERS = ("张桂芳", "刘长河", "陈玉兰", "孙德福", "赵文静")


@dataclass(frozen=True)
class Cast:
    """Everybody and everything that the acts of the year need."""

    community: Community
    venue: Venue
    fund: Fund
    staff: User
    secretary: User
    gate: User
    members: tuple[User, ...]
    vendor: User

    @property
    def zone(self) -> str:
        return self.community.zone


def morning(on: date, hour: int = 9, minute: int = 0) -> datetime:
    """A time on the wall of the demo's community."""
    return clock.at_local(on, time(hour, minute), ZONE)


GROUP = "“示例社区集市群”：到居委会说一声，请工作人员拉您进群。"


def make_cast() -> Cast:
    """The people in the order in which the sign-in page offers them, then the place and the fund."""
    at = morning(FOUNDED_ON)
    community = _communities(at)
    staff = _person("demo-staff", "王晓敏 · 社区工作者", Role.STAFF, community, at)
    secretary = _person("demo-secretary", "郭建国 · 社区书记", Role.STAFF, community, at)
    gate = _person("demo-gate", "高晨 · 门口志愿者", Role.GATE, community, at)
    members = tuple(
        _person(f"demo-member-{number}", f"{name} · 管委会委员", Role.COMMITTEE, community, at)
        for number, name in enumerate(MEMBERS, 1)
    )
    vendor = people.create_user("demo-vendor", "周桂兰 · 商户（周记鲜蔬）", None, at=at)
    viewer = people.create_user("demo-viewer", "街道办 · 查看各社区", None, at=at)
    people.grant(viewer, Role.REGION_VIEWER, region=community.region, at=at)
    platform = people.create_user("demo-platform", "平台管理员", None, at=at)
    people.grant(platform, Role.PLATFORM, at=at)
    venue = _venue(community, staff, morning(FOUNDED_ON, 14))
    show_group(community, GROUP, None, None, by=staff, at=morning(FOUNDED_ON, 15))
    fund = _fund(community, secretary)
    return Cast(community, venue, fund, staff, secretary, gate, members, vendor)


def _person(login: str, name: str, role: Role, community: Community, at: datetime) -> User:
    user = people.create_user(login, name, None, at=at)
    people.grant(user, role, community=community, at=at)
    return user


def _communities(at: datetime) -> Community:
    """The demo's community, and a second one without a market yet, to show how one begins."""
    city = communities.create_region("370300000000", "淄博市", RegionLevel.CITY, at=at)
    district = communities.create_region(DISTRICT, "示例区", RegionLevel.DISTRICT, parent=city, at=at)
    street = communities.create_region("370399001000", "示例街道", RegionLevel.STREET, parent=district, at=at)
    ours, _other = (
        communities.create_community(
            slug, name, street, host_org=f"{name}居民委员会", phone=phone, zone=ZONE, by=None, at=at
        )
        for slug, name, phone in (
            (SLUG, "示例社区", "0533-000-0001"),
            ("songlin", "松林社区", "0533-000-0002"),
        )
    )
    return ours


PAPERS = (
    (VenuePermitKind.OWNERS_CONSENT, "业委会〔2023〕决 11 号", "示例小区业主大会"),
    (VenuePermitKind.DESIGNATION, "示区便民摊区 2023-07", "示例区人民政府"),
    (VenuePermitKind.CHECK_SCALE, "公平秤 GPC-0031", "示例区计量检定所"),
)


def _venue(community: Community, by: User, at: datetime) -> Venue:
    draft = places.VenueDraft(
        name="睦邻广场",
        address="示例路 18 号（居委会门前）",
        land_type=LandType.COMPOUND,
        ownership=Ownership.OWNERS_COMMON,
        width_dm=480,
        depth_dm=400,
        entrances="东门、西门",
        step_free=True,
    )
    venue = places.create_venue(community, draft, by=by, at=at)
    places.standard_plan(venue, by=by, at=at)
    for kind, number, issuer in PAPERS:
        places.add_permit(venue, kind, number=number, issuer=issuer, valid_to=None, by=by, at=at)
    return venue


def _fund(community: Community, by: User) -> Fund:
    return funds.open_fund(
        community,
        "示例社区睦邻基金",
        charity="示例市慈善总会",
        agreement_no="示慈专〔2023〕18 号",
        signed_on=AGREED_ON,
        purpose="扶老、助残、帮困，修缮公共设施，办邻里活动；由社区基金管理委员会表决使用。",
        by=by,
        at=morning(AGREED_ON, 15),
    )
