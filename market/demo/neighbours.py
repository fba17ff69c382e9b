"""Two more communities of the demo: one lives on eleven partners, one on a workshop. All of it is invented.

Their two years end today: whole years behind, and what has come so far of the running one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from market import clock
from market.communities import service as communities
from market.communities.models import Region
from market.communities.rules import RegionLevel
from market.demo.cast import DISTRICT, morning
from market.demo.long_way import LongWay, Plan
from market.demo.quarters import Quarters
from market.demo.records import ZONE
from market.demo.year import Act
from market.fund import service as funds
from market.fund.goods_rows import GoodsLot
from market.fund.models import Fund, Partner
from market.fund.rules import Basis, Choice, GoodsWay, Rhythm, Source, UseType
from market.fund.schedule import Promise, dues
from market.fund.service import GoodsDraft, Keeping, NoticeDraft, PartnerDraft, ValueDraft
from market.people import service as people
from market.people.models import User
from market.people.rules import Role

STREET = "370399002000"
CHARITY = "示例市慈善总会"
OFFICE = "示例二街道办事处"


class Space(NamedTuple):
    """A partner, as one line says it."""

    name: str
    place: str
    services: tuple[str, ...]
    promise: str
    rhythm: Rhythm
    yuan: int
    """What it gives each time."""


Q, Y = Rhythm.QUARTER, Rhythm.YEAR
SPACES = (
    Space("康养驿站", "服务中心一楼西侧，260 平方米", ("老人日间照料", "上门助浴"), "比市价低三成", Q, 9_000),
    Space("邻里食堂", "服务中心一楼东侧，180 平方米", ("老人助餐",), "60 岁以上一餐 8 元", Q, 8_000),
    Space("小橡树托育", "3 号楼底层，210 平方米", ("两岁以上托育",), "本社区居民每月少 300 元", Q, 7_500),
    Space("练练健身", "服务中心地下一层，150 平方米", ("器械健身",), "上午老人免费", Q, 5_000),
    Space("慢时光书吧", "服务中心二楼，120 平方米", ("借书看书",), "看书不收钱", Q, 3_000),
    Space("四点半课堂", "服务中心二楼，90 平方米", ("放学后写作业", "假期托管"), "双职工打八折", Y, 15_000),
    Space("安心家政", "服务中心一楼窗口", ("保洁和护工",), "比市价低两成", Y, 12_000),
    Space("社区药房", "5 号楼底层，60 平方米", ("测血压血糖", "送药上门"), "常用药不高于平台价", Y, 12_000),
    Space("丝竹排练厅", "服务中心三楼，140 平方米", ("学乐器、练合唱",), "老年队免费用", Y, 10_000),
    Space("巧剪理发", "2 号楼底层，30 平方米", ("理发",), "70 岁以上 5 元", Y, 6_000),
    Space("修修补补铺", "东门传达室旁，18 平方米", ("修鞋、配钥匙、磨刀",), "明码标价", Y, 5_000),
)
"""Eleven partners with fourteen services; ¥190,000 in a whole year."""

LATE = "练练健身"
"""Who has not given what was due last, so that staff see how that looks."""

GIFTS = (
    (Source.PERSON, 2_000, "孟庆芳", True, "给老人食堂添保温餐盒"),
    (Source.PERSON, 500, "一位不愿留名的居民", False, ""),
    (Source.FIRM, 3_000, "示例区晨光印务部", True, ""),
)
"""Source, yuan, who, whether they may be named, what for."""

WORKSHOP_YUAN, JOBS = 50_000, (48, 60)


class Use(NamedTuple):
    """Something that money was used for."""

    use_type: UseType
    purpose: str
    payee: str
    yuan: int
    detail: str
    served: str
    people: int


PARTNER_USES = (
    Use(
        UseType.SERVICES,
        "高龄老人助餐补贴",
        "邻里食堂",
        48_000,
        "为 80 位 80 岁以上老人每餐补 2 元，全年。",
        "80 位 80 岁以上老人",
        80,
    ),
    Use(
        UseType.REPAIRS,
        "楼道照明改造",
        "示例区亮化工程队",
        36_500,
        "12 栋楼 96 处灯换成声控灯。",
        "12 栋楼的居民",
        1_100,
    ),
)
WORKSHOP_USES = (
    Use(
        UseType.SERVICES,
        "缝纫新手培训班",
        "巧手工坊",
        12_000,
        "30 人学两个月，学会能接活。",
        "想学缝纫的居民",
        30,
    ),
)


@dataclass(frozen=True)
class Neighbours:
    """A community without a market: its fund, and the people who keep it."""

    fund: Fund
    staff: User
    secretary: User
    members: tuple[User, ...]


def play_neighbours(at: datetime) -> None:
    """Everything up to now, in the order in which it happened."""
    today = clock.local(at, ZONE).date()
    first = date(today.year - 1, 1, 1)
    street = _street(morning(first - timedelta(days=40)))
    on_spaces = _found(street, "hemu", "和睦社区", "0533-000-0003", first)
    on_workshop = _found(street, "qiaonan", "桥南社区", "0533-000-0004", first)
    acts = [*_of_spaces(on_spaces, first, today), *_of_workshop(on_workshop, first)]
    for here in (on_spaces, on_workshop):
        acts += Quarters(here.fund, here.staff, here.secretary).acts(first, at)
    for moment, act in sorted(acts, key=lambda one: one[0]):
        if moment < at:
            act(moment)


# ── people and funds ──────────────────────────────────────────────────────────────────────────────────────


def _street(at: datetime) -> Region:
    district = communities.find_region(DISTRICT)
    return communities.create_region(STREET, "示例二街道", RegionLevel.STREET, parent=district, at=at)


NAMES = {
    "hemu": ("许静", "沈国强", ("魏春兰", "潘立业", "姚月英")),
    "qiaonan": ("贺小雨", "邵明", ("季玉梅", "苗长根", "庞桂香")),
}
AGREEMENTS = {"hemu": 21, "qiaonan": 22}
"""Numbers of the agreements with the charity."""


def _found(street: Region, slug: str, name: str, phone: str, first: date) -> Neighbours:
    at = morning(first - timedelta(days=30))
    community = communities.create_community(
        slug, name, street, host_org=f"{name}居民委员会", phone=phone, zone=ZONE, by=None, at=at
    )
    clerk, secretary, members = NAMES[slug]

    def person(login: str, who: str, role: Role) -> User:
        user = people.create_user(login, who, None, at=at)
        people.grant(user, role, community=community, at=at)
        return user

    staff = person(f"demo-{slug}", f"{clerk} · {name}工作者", Role.STAFF)
    lead = person(f"demo-{slug}-secretary", f"{secretary} · {name}书记", Role.STAFF)
    vote = [person(f"{slug}-{n}", f"{who} · 委员", Role.COMMITTEE) for n, who in enumerate(members, 1)]
    fund = funds.open_fund(
        community,
        f"{name}发展基金",
        charity=CHARITY,
        agreement_no=f"示慈专〔{first.year - 1}〕{AGREEMENTS[slug]} 号",
        signed_on=first - timedelta(days=20),
        purpose="扶老、助残、帮困，办社区服务；由社区基金管理委员会表决使用。",
        by=lead,
        at=morning(first - timedelta(days=20), 15),
    )
    return Neighbours(fund, staff, lead, tuple(vote))


# ── what happened ─────────────────────────────────────────────────────────────────────────────────────────


def _of_spaces(here: Neighbours, first: date, today: date) -> Iterator[Act]:
    for number, space in enumerate(SPACES, 1):
        yield from _of_partner(here, _agreement(space, number, first), today)
    for number, (source, yuan, who, may_name, purpose) in enumerate(GIFTS, 1):
        on = first + timedelta(days=70 + 95 * number)
        code = f"示慈捐 {on.year}-{number:03d}"
        yield from _notice(here, NoticeDraft(source, yuan * 100, on, code, None, who, may_name, purpose))
    ended = date(first.year, 12, 31)
    yield from _notice(here, NoticeDraft(Source.INTEREST, 31_245, ended, f"示慈息 {ended.year}-01"))
    matched = NoticeDraft(Source.MATCHING, 1_000_000, ended, f"示慈配 {ended.year}-01", None, OFFICE, True)
    yield from _notice(here, matched)
    yield from _notice(here, NoticeDraft(Source.FEE, 190_000, ended, f"示慈管 {ended.year}-01"))
    yield from _of_goods(here, date(first.year + 1, 1, 10))
    yield from _used(here, PARTNER_USES, date(first.year + 1, 1, 20))


def _of_workshop(here: Neighbours, first: date) -> Iterator[Act]:
    draft = PartnerDraft(
        source=Source.WORKSHOP,
        name="巧手工坊",
        place="桥南社区 6 号楼底层，160 平方米",
        agreement_no=f"桥微〔{first.year}〕1 号",
        starts_on=first,
        ends_on=date(first.year + 2, 12, 31),
        support_fen=WORKSHOP_YUAN * 100,
        rhythm=Rhythm.YEAR,
        makes="缝纫围裙、布包和校服扣件",
        made_with="针线坊布艺店供料、包销",
        wage_low_fen=8_000,
        wage_high_fen=20_000,
    )
    found: list[Partner] = []
    yield morning(first + timedelta(days=1)), partial(_sign, here, draft, found)
    for days, jobs in zip((60, 320), JOBS, strict=True):
        yield morning(first + timedelta(days=days), 17), partial(_count, here, found, jobs)
    given = date(first.year, 12, 20)
    support = NoticeDraft(Source.WORKSHOP, WORKSHOP_YUAN * 100, given, f"示慈微 {given.year}-001")
    yield from _notice(here, support, found)
    yield from _used(here, WORKSHOP_USES, date(first.year + 1, 1, 20))


def _of_goods(here: Neighbours, on: date) -> Iterator[Act]:
    """Rice for the new year: half of it is handed out."""
    found: list[GoodsLot] = []
    kept = Keeping("服务中心一楼储藏室", on + timedelta(days=500))
    draft = GoodsDraft("大米 5 公斤装", 60, on, kept, "示例粮油商行", True)
    worth = ValueDraft(Basis.INVOICE, 180_000, "发票 0042", on, "示例粮油商行")
    yield morning(on, 16), partial(_bring, here, draft, found)
    yield morning(on + timedelta(days=1), 10), partial(_value, here, worth, found)
    yield morning(on + timedelta(days=1), 15), partial(_confirm_value, here, found)
    yield morning(on + timedelta(days=4), 16), partial(_hand_out, here, found)


def _bring(here: Neighbours, draft: GoodsDraft, found: list[GoodsLot], at: datetime) -> None:
    found[:] = [funds.receive_goods(here.fund.community, draft, by=here.staff, at=at)]


def _value(here: Neighbours, draft: ValueDraft, found: list[GoodsLot], at: datetime) -> None:
    funds.value_goods(found[0], draft, by=here.staff, at=at)


def _confirm_value(here: Neighbours, found: list[GoodsLot], at: datetime) -> None:
    valuation = found[0].valuation
    if valuation is not None:
        funds.confirm_value(valuation, by=here.secretary, at=at)


def _hand_out(here: Neighbours, found: list[GoodsLot], at: datetime) -> None:
    on, given = clock.local(at, ZONE).date(), GoodsWay.GIVEN
    funds.send_out(found[0], given, 36, "80 岁以上独居老人 36 户", on, by=here.staff, at=at)


def _agreement(space: Space, number: int, first: date) -> PartnerDraft:
    return PartnerDraft(
        source=Source.SPACE,
        name=space.name,
        place=space.place,
        agreement_no=f"和合〔{first.year}〕{number:02d} 号",
        starts_on=first,
        ends_on=date(first.year + 2, 12, 31),
        support_fen=space.yuan * 100,
        rhythm=space.rhythm,
        services=space.services,
        promise=space.promise,
    )


def _of_partner(here: Neighbours, draft: PartnerDraft, today: date) -> Iterator[Act]:
    """The agreement, and each support some days before it is due."""
    found: list[Partner] = []
    yield morning(draft.starts_on + timedelta(days=1)), partial(_sign, here, draft, found)
    promised = Promise(draft.starts_on, draft.ends_on, draft.rhythm, draft.support_fen)
    supports = [due for due in dues(promised) if due.due_on < today]
    for number, due in enumerate(supports[: -1 if draft.name == LATE else None], 1):
        on = due.due_on - timedelta(days=6)
        code = f"示慈合 {on.year}-{draft.agreement_no[-4:-2]}-{number}"
        yield from _notice(here, NoticeDraft(draft.source, draft.support_fen, on, code), found)


def _sign(here: Neighbours, draft: PartnerDraft, found: list[Partner], at: datetime) -> None:
    found[:] = [funds.add_partner(here.fund, draft, by=here.staff, at=at)]


def _count(here: Neighbours, found: list[Partner], jobs: int, at: datetime) -> None:
    funds.count_jobs(found[0], jobs, clock.local(at, ZONE).date(), by=here.staff, at=at)


def _notice(here: Neighbours, draft: NoticeDraft, found: list[Partner] | None = None) -> Iterator[Act]:
    """Typed two days after the money came, compared and posted the day after."""
    yield morning(draft.received_on + timedelta(days=2), 10), partial(_type, here, draft, found)
    yield morning(draft.received_on + timedelta(days=3), 10), partial(_compare, here, draft.reference)


def _type(here: Neighbours, draft: NoticeDraft, found: list[Partner] | None, at: datetime) -> None:
    facts = {**vars(draft), "partner": found[0] if found else None}
    funds.enter_notice(here.fund, NoticeDraft(**facts), by=here.staff, at=at)


def _compare(here: Neighbours, reference: str, at: datetime) -> None:
    notice = funds.notice_by_reference(here.fund, reference)
    if notice is not None:
        funds.confirm_notice(notice, by=here.secretary, at=at)


def _used(here: Neighbours, uses: tuple[Use, ...], on: date) -> Iterator[Act]:
    """Each on its whole way, one after the other."""
    for number, use in enumerate(uses):
        met_on = on + timedelta(days=30 * number)
        way = LongWay(here.fund, here.secretary, here.staff, here.members, _plan(use), met_on)
        paid_on = met_on + timedelta(days=9)
        yield from way.until_paid(paid_on, f"示慈付 {paid_on.year}-{number + 1:02d}")


def _plan(use: Use) -> Plan:
    return Plan(
        use.use_type, use.purpose, use.payee, use.detail, "居民需求清单", "在基金用途之内，比过价。",
        use.served, use.people, ((use.purpose, use.yuan),), (Choice.YES, Choice.YES),
        outcome="办完了，签收单附在后面。",
    )  # fmt: skip
