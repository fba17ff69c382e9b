"""The two markets that lie ahead: one published for the coming days, one open for application."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayPermitKind, Step
from market.calendar.service import DayDraft
from market.demo.cast import Cast, morning
from market.demo.drawn import paper_photo
from market.demo.long_way import LongWay, Plan
from market.demo.register import OURS, Register, renew_all
from market.demo.year import spread
from market.fund.rules import Choice, UseType
from market.passes import service as passes
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import DocumentKind

SATURDAY = 5
COMING = (
    "P01 P03 G01 C01 R01 H01 S01 D01 P05 P12 G03 C03 B01 B03 R03 E01 F01 N01 Y01 M01 P09 D03 C07 T01 R05 H03"
)
"""Who applied for the market that is published; two more than there are stalls."""
COMING_STALLS = 24
ENDS_SOON = ("C07", timedelta(days=12))
"""Whose health certificate ends how long after the published market: a warning that people often meet."""

LATER = "P02 C05 R02 G02 H02 D02 F02 S02 P08 B02 E03 N02 P10 M02"
"""Who has applied for the market that is open for application; the vendor who can sign in has not."""
APPROVED_LATER = 8
ASKED = "C05"


def play_ahead(cast: Cast, register: Register, at: datetime) -> None:
    """Everything that has happened by now for the two markets that come next."""
    today = clock.local(at, cast.zone).date()
    coming = _saturday_after(today + timedelta(days=2))
    renew_all(cast, register, (ENDS_SOON[0], coming + ENDS_SOON[1]), _ago(today, 4, 9))
    _play_coming(cast, register, coming, today)
    _play_paper(register[OURS], coming, today)
    _play_later(cast, register, coming + timedelta(days=14), today)
    _play_proposal(cast, today)


def _saturday_after(first: date) -> date:
    return first + timedelta(days=(SATURDAY - first.weekday()) % 7)


def _ago(today: date, days: int, hour: int) -> datetime:
    return morning(today - timedelta(days=days), hour)


def _make_day(
    cast: Cast, theme: str, on: date, stall_limit: int, window: tuple[datetime, datetime]
) -> MarketDay:
    apply_from, apply_until = window
    draft = DayDraft(
        venue=cast.venue,
        theme=theme,
        on=on,
        opens=time(8, 0),
        closes=time(11, 30),
        arrive_by=time(7, 45),
        apply_from=apply_from,
        apply_until=apply_until,
        expected_visitors=500,
        stall_limit=stall_limit,
    )
    made_at = apply_from - timedelta(days=7)
    day = calendar.create_day(cast.community, draft, by=cast.staff, at=made_at)
    calendar.take_step(day, Step.PREPARE, by=cast.staff, at=made_at + timedelta(hours=2))
    calendar.take_step(day, Step.OPEN_APPLICATIONS, by=cast.staff, at=apply_from)
    return day


def _apply_all(cast: Cast, day: MarketDay, applying: list[Vendor], first: date, days: int) -> None:
    for index, vendor in enumerate(applying):
        at = spread(first, index, len(applying), days)
        vendors.apply(day, vendor, by=vendor.user or cast.staff, at=at)


def _play_coming(cast: Cast, register: Register, on: date, today: date) -> None:
    closed_at = _ago(today, 3, 18)
    day = _make_day(cast, "睦邻生活集", on, COMING_STALLS, (_ago(today, 10, 8), closed_at))
    applying = [register[code] for code in COMING.split()]
    _apply_all(cast, day, applying, today - timedelta(days=10), 7)
    calendar.take_step(day, Step.CLOSE_APPLICATIONS, by=cast.staff, at=closed_at)
    for application in vendors.applications(day):
        vendors.approve(application, by=cast.staff, at=_ago(today, 3, 19))
    _report_to_regulator(cast, day, on, _ago(today, 3, 20))
    stalls.compute_plan(day, by=cast.staff, at=_ago(today, 2, 15))
    passes.publish_day(day, by=cast.staff, at=_ago(today, 1, 16))


def _play_paper(vendor: Vendor, on: date, today: date) -> None:
    """The vendor who can sign in hands in a paper for the published market; staff have yet to look."""
    lines = [
        f"生产者：{vendor.holder}",
        f"产品：{vendor.goods}",
        f"日期：{on.year} 年 {on.month} 月 {on.day} 日",
    ]
    photo = paper_photo("承诺达标合格证", [*lines, "质量安全控制：自我承诺"])
    kind, by, at = DocumentKind.AGRI_CERT, vendor.user, _ago(today, 1, 18)
    if by is not None:
        vendors.hand_in(vendor, kind, [photo], brought_for=on, by=by, at=at)


def _report_to_regulator(cast: Cast, day: MarketDay, on: date, at: datetime) -> None:
    number, filed_on = f"示街食报〔{on.year}〕{on:%m%d} 号", clock.local(at, cast.zone).date()
    kind, issuer = DayPermitKind.REGULATOR_REPORT, "示例区市场监督管理局"
    calendar.add_day_permit(day, kind, number, issuer, filed_on, by=cast.staff, at=at)


def _play_later(cast: Cast, register: Register, on: date, today: date) -> None:
    window = (_ago(today, 2, 8), morning(on - timedelta(days=7), 18))
    day = _make_day(cast, "邻里便民集", on, 30, window)
    applying = [register[code] for code in LATER.split()]
    _apply_all(cast, day, applying, today - timedelta(days=2), 2)
    for application in vendors.applications(day)[:APPROVED_LATER]:
        reviewed_at = _ago(today, 1, 19)
        if application.vendor_id == register[ASKED].id:
            note = "食品摊点信息公示卡上没有炸藕合，请带新卡来核一下。"
            vendors.ask_for_documents(application, note, by=cast.staff, at=reviewed_at)
        else:
            vendors.approve(application, by=cast.staff, at=reviewed_at)


DUMPLINGS = Plan(
    UseType.ACTIVITIES,
    "邻里饺子宴",
    "示例社区居民委员会",
    "请 40 位独居老人来广场一起包饺子、吃饺子：面粉、馅料、一次性碗筷。",
    "居民需求清单里的“一起吃顿饭”",
    "在基金用途之内，去年办过一次，老人们盼着。",
    "40 位独居老人",
    40,
    (("面粉和馅料", 620), ("一次性碗筷", 180)),
    (Choice.YES,),
    (("我会擀皮，能来帮忙", "太好了，请找王晓敏报名。"),),
)
RAILS = Plan(
    UseType.REPAIRS,
    "3 号楼楼道扶手",
    "示例区便民安装队",
    "3 号楼两个单元的楼道装扶手，一到三层。",
    "3 号楼老人上下楼不方便",
    "在基金用途之内，两家报过价。",
    "3 号楼 36 户",
    90,
    (("扶手和支架", 900), ("安装", 300)),
    (),
    (("二单元的台阶也不平", ""),),
)


def _play_proposal(cast: Cast, today: date) -> None:
    """One use on which most of the committee has still to vote; about another residents are asked."""
    voting = _way(cast, DUMPLINGS, today - timedelta(days=1)).until_voted()
    asking = _way(cast, RAILS, today + timedelta(days=12)).until_asked()
    for moment, act in sorted((*voting, *asking), key=lambda one: one[0]):
        act(moment)


def _way(cast: Cast, plan: Plan, met_on: date) -> LongWay:
    return LongWay(cast.fund, cast.secretary, cast.staff, cast.members, plan, met_on)
