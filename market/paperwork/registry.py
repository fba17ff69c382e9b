"""Every form of the office (domain: paper of today), once: number, name, for whom, what it is made of.

A form gives its content as `Table` or `Upright`; print and workbook are written from that by `writing.py`. A
form that looks like no other draws its own print.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, BinaryIO

from flask import url_for
from flask_babel import gettext, lazy_gettext as _
from reportlab.pdfgen.canvas import Canvas

from market.calendar.models import MarketDay
from market.fund.notice import write_notice
from market.paperwork import agreements, fund_forms, lists, safety_plan
from market.paperwork.facts import Facts
from market.paperwork.handbook_pdf import write_handbook
from market.paperwork.handbooks import staff_handbook, volunteer_handbook
from market.print.table import Heading, Table
from market.print.upright import Upright
from market.settlement.agreement_pdf import blank_page, page_of, write_agreements
from market.settlement.paper_kit.kit import TableKey
from market.settlement.paper_kit.tables import table_of
from market.stalls import service as stalls
from market.stalls.plan_pdf import draw_map_page
from market.stalls.stall_list import map_legend, pairs
from market.vendors.models import Vendor

Content = Table | Upright

EDITION = 1
"""Raised when a form gets other columns or fields: it stands on every print, and a test asks for it."""


class Group(StrEnum):
    """When a form is needed."""

    BEFORE = "before"
    TO_SIGN = "to_sign"
    ON_THE_DAY = "on_the_day"
    AFTERWARDS = "afterwards"
    FUND = "fund"
    HANDBOOKS = "handbooks"


GROUP_WORDS: dict[Group, Any] = {
    Group.BEFORE: _("办集市以前"),
    Group.TO_SIGN: _("要签字的"),
    Group.ON_THE_DAY: _("当天用的"),
    Group.AFTERWARDS: _("收市以后"),
    Group.FUND: _("基金和管委会"),
    Group.HANDBOOKS: _("一页纸手册"),
}


@dataclass(frozen=True)
class Paper:
    """One form."""

    key: str
    """As it is called in addresses."""
    number: str
    title: Any
    use: Any
    """For whom, in a sentence."""
    group: Group
    content: Callable[[Facts], list[Content]] | None = None
    own_pdf: Callable[[Facts, BinaryIO], bool] | None = None
    """Draws a print of its own; False: nothing to draw, the content is printed instead."""
    front: Callable[[Canvas, Facts, Heading], None] | None = None
    """Pages before the content."""
    of_vendor: Callable[[Facts, Vendor], list[Upright]] | None = None
    of_community: bool = False
    """Whether there is one for the community too, beside those of its markets."""
    only_community: bool = False
    """Whether it speaks of no market at all."""
    elsewhere: str = ""
    """The page that makes it, where another room does."""

    @property
    def of_market(self) -> bool:
        return not self.only_community

    @property
    def numbered(self) -> bool:
        """Whether it is one of the eighteen by which offices call their forms."""
        return self.number.isdigit()

    @property
    def has_workbook(self) -> bool:
        return self.content is not None and self.group not in (Group.TO_SIGN, Group.HANDBOOKS)

    @property
    def printed(self) -> bool:
        return self.content is not None or self.own_pdf is not None

    @property
    def can_be_blank(self) -> bool:
        """Whether there is anything that a pen could fill in."""
        return self.printed and self.group is not Group.HANDBOOKS


def _kit(*keys: TableKey, whole: bool = False, letters: float = 9) -> Callable[[Facts], list[Content]]:
    """Tables that the kit of a market prints too: the same rows, here one form at a time."""

    def tables(facts: Facts) -> list[Content]:
        found = [table_of(facts.kit, key) for key in keys]
        return [replace(one, whole=whole, letters=letters) for one in found]

    return tables


def _one(table: Callable[[Facts], Table]) -> Callable[[Facts], list[Content]]:
    return lambda facts: [table(facts)]


def _many(forms: Callable[[Facts], list[Upright]]) -> Callable[[Facts], list[Content]]:
    return lambda facts: [*forms(facts)]


def _map(canvas: Canvas, facts: Facts, heading: Heading) -> None:
    if facts.blank:
        return
    day, named = facts.market, Heading(gettext("摊位图"), heading.market)
    plots, strips = stalls.plan_view(day), stalls.lanes_view(day)
    draw_map_page(canvas, plots, strips, pairs(facts.kit.held), named, map_legend())


def _donation_agreements(facts: Facts, out: BinaryIO) -> bool:
    known = [page_of(vendor, stall) for stall, vendor in facts.comers if not facts.blank]
    write_agreements(known or [blank_page(facts.community)], out)
    return True


def _fund_notice(facts: Facts, out: BinaryIO) -> bool:
    if facts.blank or facts.fund is None:
        return False
    notice = fund_forms.public_notice(facts, url_for("fund.page"))
    if notice is not None:
        write_notice(notice, out)
    return notice is not None


def _staff_handbook(facts: Facts, out: BinaryIO) -> bool:
    write_handbook(staff_handbook(facts), out)
    return True


def _volunteer_handbook(facts: Facts, out: BinaryIO) -> bool:
    write_handbook(volunteer_handbook(facts), out)
    return True


G, K = Group, TableKey

PAPERS = (
    Paper("applications", "1", _("商户报名表"), _("商户报名，没有手机的在纸上填"), G.BEFORE,
          _kit(K.APPLICATIONS, whole=True, letters=7)),
    Paper("stalls", "2", _("摊位安排表"), _("谁在哪个摊位，前面一页是摊位图"), G.BEFORE,
          _kit(K.STALLS), front=_map),
    Paper("documents", "4", _("证照登记台账"), _("看过原件的证照，检查时拿得出来"), G.BEFORE,
          _one(lists.documents), of_community=True),
    Paper("wishes", "16", _("居民需求清单"), _("居民想要什么摊，一条一行"), G.BEFORE,
          _one(lists.wishes), of_community=True),
    Paper("safety-plan", "17", _("活动安全工作方案"), _("九条，给街道、派出所和自己人"), G.BEFORE,
          _many(safety_plan.safety_plan)),
    Paper("report", "M04", _("举办集市的报告"), _("开市前报市场监管所，附食品摊名单"), G.BEFORE,
          _many(safety_plan.report)),
    Paper("entry-agreement", "D15", _("入场经营协议"), _("每家一份，签一次管一季"), G.TO_SIGN,
          _many(agreements.entry_agreements), of_vendor=agreements.entry_agreements, of_community=True),
    Paper("food-undertaking", "D16", _("食品安全承诺书"), _("卖食品的每家一份"), G.TO_SIGN,
          _many(agreements.food_undertakings), of_vendor=agreements.food_undertakings, of_community=True),
    Paper("donation-agreement", "D17", _("捐赠协议"), _("愿意捐的签，开市前签好；不捐也是一项"), G.TO_SIGN,
          own_pdf=_donation_agreements, of_community=True),
    Paper("privacy", "D18", _("个人信息告知同意书"), _("告诉商户记了什么、用在哪里"), G.TO_SIGN,
          _many(agreements.privacy_notices), of_vendor=agreements.privacy_notices, of_community=True),
    Paper("sign-in", "3", _("商户签到表"), _("门口用，手机没电也能办"), G.ON_THE_DAY, _kit(K.SIGN_IN)),
    Paper("inspection", "5", _("食品安全、安全检查记录表"), _("巡查的人带着走，两轮"), G.ON_THE_DAY,
          _kit(K.INSPECTION_1, K.INSPECTION_2, whole=True, letters=10.5)),
    Paper("batches", "6", _("农产品进货/合格证登记"), _("卖菜、卖肉的随货票证"), G.ON_THE_DAY,
          _one(lists.batches), of_community=True),
    Paper("footfall", "7", _("客流统计表"), _("入口数人的人用"), G.ON_THE_DAY, _kit(K.FOOTFALL)),
    Paper("takings", "8", _("收入（营业额）登记表"), _("收市时商户自己报，自己签"), G.AFTERWARDS,
          _kit(K.TAKINGS)),
    Paper("gifts", "9", _("捐赠登记台账"), _("谁捐了什么，交慈善组织开票据"), G.AFTERWARDS,
          _one(lists.gifts), of_community=True),
    Paper("goods", "10", _("物资捐赠清单"), _("东西只数件数，写明去了哪里"), G.AFTERWARDS,
          _one(lists.goods), of_community=True),
    Paper("follow-up", "15", _("满意度回访表"), _("七天内打电话问一问"), G.AFTERWARDS,
          _one(lists.follow_up), of_community=True),
    Paper("monthly", "18", _("月度汇总表"), _("报街道和区里"), G.AFTERWARDS, of_community=True,
          only_community=True, elsewhere="reports.newest"),
    Paper("fund-notice", "11", _("基金收支公示表"), _("贴公示栏，数字从账本来"), G.FUND,
          _one(fund_forms.notice_table), own_pdf=_fund_notice, of_community=True, only_community=True),
    Paper("spending-request", "12", _("用款申请表"), _("每个提议一张，交慈善组织审批"), G.FUND,
          _many(fund_forms.spending_requests), of_community=True, only_community=True),
    Paper("minutes", "13", _("管委会会议纪要"), _("开会时记，主持、委员、监督员签字"), G.FUND,
          _many(fund_forms.minutes), of_community=True, only_community=True),
    Paper("final-account", "14", _("决算/核销表"), _("钱花完以后，每一笔一张"), G.FUND,
          _many(fund_forms.final_accounts), of_community=True, only_community=True),
    Paper("staff-handbook", "", _("工作人员一页纸"), _("从定日子到公示，八步"), G.HANDBOOKS,
          own_pdf=_staff_handbook, of_community=True),
    Paper("volunteer-handbook", "", _("志愿者一页纸"), _("一个上午怎么做，有事找谁"), G.HANDBOOKS,
          own_pdf=_volunteer_handbook, of_community=True),
)  # fmt: skip
"""In the order in which they are needed."""


def paper_of(key: str) -> Paper | None:
    """The form of this name."""
    return next((one for one in PAPERS if one.key == key), None)


def shown(day: MarketDay | None) -> list[Paper]:
    """The forms of a market, or those of a community."""
    return [one for one in PAPERS if (one.of_market if day is not None else one.of_community)]
