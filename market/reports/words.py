"""What periods and figures are called, how each figure is counted, and from where."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import get_locale, gettext, lazy_gettext as _

from market.insight.period_words import period_word as period_word
from market.insight.periods import Length, Period
from market.reports.rules import FORM, NATURES, Adding, Dated, Figure, Unit

UNITS = {
    Unit.MARKETS: _("场"),
    Unit.VENDORS: _("家"),
    Unit.APPEARANCES: _("家次"),
    Unit.VISITS: _("人次"),
    Unit.FEN: _("元"),
    Unit.ITEMS: _("件"),
    Unit.PROJECTS: _("项"),
    Unit.CASES: _("起"),
}

NAMES = {
    Figure.DAYS: _("场次"),
    Figure.VENDORS: _("商户家数"),
    Figure.DIFFERENT: _("去掉重复的家数"),
    Figure.APPEARANCES: _("家次"),
    Figure.VISITS: _("人次"),
    Figure.CONTRIBUTED: _("反哺金额"),
    Figure.ITEMS: _("物资件数"),
    Figure.ARRIVED: _("到账金额"),
    Figure.SPENT: _("拨付金额"),
    Figure.PROJECTS: _("项目数"),
    Figure.COMPLAINTS: _("投诉"),
    Figure.INCIDENTS: _("事故"),
    Figure.AT_CHARITY: _("期末存在慈善组织"),
    Figure.ON_ITS_WAY: _("期末还在路上"),
}

MEANINGS = {
    Figure.DAYS: _("收市对过账的集市。改期的按真正开市那天算，取消的不算。"),
    Figure.VENDORS: _("来过的不同商户，一家来几场也只算一家。各社区分别数，再加起来。"),
    Figure.DIFFERENT: _("整个区域里来过的不同商户：在两个社区都摆过摊、留同一个电话的，只算一家。"),
    Figure.APPEARANCES: _("每场到场的商户，一场一场加起来。"),
    Figure.VISITS: _("门口数到的，一个人来几次算几次。没有数的集市不在里面，也不按 0 算。"),
    Figure.CONTRIBUTED: _("商户自愿捐给社区基金的钱，按入账的日子算。以后更正的，算在更正的那一期。"),
    Figure.ITEMS: _("捐的东西，只数件数，不折成钱。"),
    Figure.ARRIVED: _("慈善组织确认收到的钱，按入账的日子算，包括所有来源。"),
    Figure.SPENT: _("慈善组织从本基金付出去的钱，管理费也算在里面，按入账的日子算。"),
    Figure.PROJECTS: _("这一期付了款的项目。"),
    Figure.COMPLAINTS: _("这一期收到的投诉：网上交的、当面说的、打电话说的都算，按收到的日子算。"),
    Figure.INCIDENTS: _("集市上登记的事件，按集市的日子算。"),
    Figure.AT_CHARITY: _("最后一天，基金在慈善组织那里还有的钱。"),
    Figure.ON_ITS_WAY: _("最后一天，商户已经捐、慈善组织还没确认收到的钱。"),
}

SOURCES = {
    Figure.DAYS: _("收市对账"),
    Figure.VENDORS: _("收市对账、商户库"),
    Figure.DIFFERENT: _("收市对账、商户库"),
    Figure.APPEARANCES: _("收市对账"),
    Figure.VISITS: _("门口计数"),
    Figure.CONTRIBUTED: _("基金账本"),
    Figure.ITEMS: _("物资登记"),
    Figure.ARRIVED: _("基金账本"),
    Figure.SPENT: _("基金账本"),
    Figure.PROJECTS: _("基金账本"),
    Figure.COMPLAINTS: _("投诉登记"),
    Figure.INCIDENTS: _("事件登记"),
    Figure.AT_CHARITY: _("基金账本"),
    Figure.ON_ITS_WAY: _("基金账本"),
}

DATED = {
    Dated.MARKET: _("集市的日子"),
    Dated.BOOK: _("入账的日子"),
    Dated.END: _("最后一天"),
    Dated.RECEIVED: _("收到的日子"),
}

OVER_PLACES = {
    Adding.ADDS: _("各社区相加"),
    Adding.ANEW: _("不能相加，重新数"),
    Adding.LAST: _("各社区相加"),
}

OVER_PERIODS = {
    Adding.ADDS: _("各月相加"),
    Adding.ANEW: _("不能相加，重新数"),
    Adding.LAST: _("看最后一个月"),
}

LENGTHS = {Length.MONTH: _("按月"), Length.QUARTER: _("按季"), Length.YEAR: _("按年")}

TITLES = {
    Length.MONTH: _("月度汇总表"),
    Length.QUARTER: _("季度汇总表"),
    Length.YEAR: _("年度汇总表"),
}

BEFORE = {Length.MONTH: _("上个月"), Length.QUARTER: _("上一季"), Length.YEAR: _("上一年")}


def figures_of_page(*, of_region: bool) -> list[Figure]:
    """The figures that are told of a place, in order."""
    return [figure for figure in NATURES if of_region or figure is not Figure.DIFFERENT]


def figures_explained(*, of_region: bool) -> list[Figure]:
    """The figures of page and form, each of which is explained."""
    wanted = {*figures_of_page(of_region=of_region), *FORM}
    return [figure for figure in NATURES if figure in wanted]


def name_of(figure: Figure) -> str:
    """What it is called at the head of a column."""
    name = str(NAMES[figure])
    return name[:1].upper() + name[1:]


def unit_word(figure: Figure) -> str:
    """In what it is counted."""
    return str(UNITS[NATURES[figure].unit])


def is_money(figure: Figure) -> bool:
    return NATURES[figure].unit is Unit.FEN


def earlier_words(period: Period) -> list[str]:
    """What the periods are called that one is compared with: 上个月, 去年同期."""
    return [str(BEFORE[period.length]), gettext("去年同期")][: len(period.earlier)]


def one_after_another(sentences: Iterable[str]) -> str:
    """Sentences as a text: Chinese ones stand without a blank between them."""
    return ("" if _is_chinese() else " ").join(sentences)


def _is_chinese() -> bool:
    return str(get_locale()).startswith("zh")


def title_of(period: Period) -> str:
    """What the form of a period is called."""
    return str(TITLES[period.length])
