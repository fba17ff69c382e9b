"""What the papers of one market are made of, looked up once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from market.calendar.models import MarketDay
from market.calendar.printed import hours_of, weekday_of
from market.calendar.service import local_date
from market.gate import service as gate
from market.gate.sign_in_sheet import SignInRow
from market.passes import service as passes
from market.passes.keys import signing_key, trust_of
from market.settlement.service.comparison import CloseView, close_view
from market.settlement.service.links import takings_url
from market.stalls.models import Assignment
from market.stalls.service.market_rules import duties
from market.stalls.short_code import format_code


class TableKey(StrEnum):
    """The tables, as they are called in addresses; in the order of the workbook."""

    APPLICATIONS = "applications"
    STALLS = "stalls"
    ROSTER = "roster"
    ROSTER_BY_NAME = "roster-by-name"
    SIGN_IN = "sign-in"
    INSPECTION_1 = "inspection-1"
    INSPECTION_2 = "inspection-2"
    INCIDENTS = "incidents"
    FOOTFALL = "footfall"
    TAKINGS = "takings"


def titles() -> dict[TableKey, str]:
    """What the tables are called."""
    return {
        TableKey.APPLICATIONS: _("商户报名表"),
        TableKey.STALLS: _("摊位安排表"),
        TableKey.ROSTER: _("商户名册（按摊位）"),
        TableKey.ROSTER_BY_NAME: _("商户名册（按拼音）"),
        TableKey.SIGN_IN: _("商户签到表"),
        TableKey.INSPECTION_1: _("安全检查记录表（第一轮）"),
        TableKey.INSPECTION_2: _("安全检查记录表（第二轮）"),
        TableKey.INCIDENTS: _("事件登记表"),
        TableKey.FOOTFALL: _("客流统计表"),
        TableKey.TAKINGS: _("收入（营业额）登记表"),
    }


def subtitle(day: MarketDay) -> str:
    """Whose market, which one, when and where."""
    when = local_date(day).isoformat()
    return f"{day.community.name} · {day.theme} · {when} {weekday_of(day)} {hours_of(day)} · {day.venue.name}"


@dataclass(frozen=True)
class Kit:
    """Everything the tables of one market say."""

    day: MarketDay
    view: CloseView
    codes: dict[int, str]
    """Short codes of the passes that count, by assignment; none before the market is published."""
    signing: list[SignInRow]
    footfall: gate.Footfall
    duties: dict[str, str]
    """Who of the community looks after a zone."""
    links: dict[int, str]
    """Where each vendor tells its takings without signing in, by assignment; none before there is a key."""

    @property
    def held(self) -> list[Assignment]:
        return [row.assignment for row in self.view.rows]

    def code(self, held: Assignment) -> str:
        return self.codes.get(held.id, "")


def kit_of(day: MarketDay) -> Kit:
    """Looks up what the tables of a market say."""
    codes = {p.assignment.id: format_code(p.short_code) for p in passes.live_passes(day)}
    view = close_view(day)
    return Kit(day, view, codes, gate.sign_in_rows(day), gate.footfall(day), duties(day), _links(day, view))


def _links(day: MarketDay, view: CloseView) -> dict[int, str]:
    if not trust_of(day.community).can_print:
        return {}
    key = signing_key(day.community)
    return {row.assignment.id: takings_url(row.assignment, key) for row in view.rows}
