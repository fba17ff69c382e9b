"""The safety plan in nine headings (大型群众性活动安全管理条例 6), and the report of a market (M04).

What the system knows – hours, ground, stalls, entrances, fires – is worked out each time it is printed; what
a community says itself stands beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date

from flask_babel import gettext as _

from market.calendar.day_facts import hours_of
from market.calendar.models import MarketDay
from market.calendar.printed import clock_of, weekday_of
from market.calendar.rules import HEADINGS, PlanPart
from market.calendar.service import local_date
from market.paperwork.facts import Facts
from market.paperwork.plan_words import PART_WORDS
from market.paperwork.rules import GROUND_FOR_ONE_M2, crowd_limit, free_ground_m2
from market.places.models import Venue
from market.print.columns import Column, Kind
from market.print.table import Cell
from market.print.upright import Field, Fields, Grid, Part, Prose, Signatures, Upright
from market.stalls import service as stalls
from market.vendors.models import Document, Vendor
from market.vendors.rules import FOOD_CATEGORIES, DocumentKind
from market.vendors.words import DOCUMENT_WORDS, category_word

P, D = PlanPart, DocumentKind

URGENT = ("120", "119", "110")
CONTACT = re.compile(r"(.*?[^\s\d:\uff1a-])[\s:\uff1a]+(\d[\d\s-]*)")


def safety_plan(facts: Facts) -> list[Upright]:
    """The plan of one market, ready to be signed and handed in."""
    parts: list[Part] = [_who_and_where(facts)]
    for part in HEADINGS:
        known = _KNOWN[part](facts) if part in _KNOWN and not facts.blank else []
        own = facts.said(facts.texts[part]).splitlines()
        parts.append(Prose(str(PART_WORDS[part]), (*known, *own), lines=4 if facts.blank else 0))
    parts.append(_telephones(facts))
    parts.append(Signatures((_("编制"), _("审核"), _("主办单位（盖章）")), _("日期")))
    return [Upright("safety-plan", _("活动安全工作方案"), tuple(parts))]


def _who_and_where(facts: Facts) -> Fields:
    host, day = facts.community, facts.day
    return Fields((
        Field(_("主办单位"), host.host_org), Field(_("电话"), host.phone),
        Field(_("活动"), _said_of(facts, lambda day: _("睦邻集市 · %(theme)s", theme=day.theme))),
        Field(_("现场总负责"), facts.said(facts.texts[P.LEADER])),
        Field(_("时间"), _said_of(facts, when_text)),
        Field(_("预计人次"), _said_of(facts, lambda day: f"{day.expected_visitors:,}")),
        Field(_("地点"), _said_of(facts, place_text) if day is not None else "", wide=True),
    ))  # fmt: skip


def _said_of(facts: Facts, word: Callable[[MarketDay], str]) -> str:
    return "" if facts.blank or facts.day is None else word(facts.day)


def when_text(day: MarketDay) -> str:
    """2026-12-12 星期六 8:00–11:30."""
    return f"{local_date(day).isoformat()} {weekday_of(day)} {hours_of(day)}"


def place_text(day: MarketDay) -> str:
    """The plaza, and where it is."""
    return _("%(name)s（%(address)s）", name=day.venue.name, address=day.venue.address)


# ── what is known of each heading ─────────────────────────────────────────────────────────────────────────


def _course(facts: Facts) -> list[str]:
    day = facts.market
    kinds = Counter(str(category_word(vendor.category)) for _stall, vendor in facts.comers)
    told = _("、").join(f"{word} {count}" for word, count in kinds.most_common())
    planned = _(
        "%(n)s 个摊位，%(hours)s 开市，商户 %(time)s 前进场。",
        n=len(facts.comers) or day.stall_limit,
        hours=hours_of(day),
        time=clock_of(day.arrive_by, day),
    )
    return [planned, *([_("摊位：%(kinds)s。", kinds=told)] if told else [])]


def _staff(facts: Facts) -> list[str]:
    people = stalls.duties(facts.market)
    told = _("；").join(_("%(zone)s 区 %(name)s", zone=zone, name=name) for zone, name in people.items())
    return [_("各区负责人：%(who)s。", who=told)] if told else []


def _fire(facts: Facts) -> list[str]:
    venue = facts.market.venue
    lanes = [lane.label for lane in venue.lanes if lane.fire]
    burning = [f"{stall} {one.trading_name}".strip() for stall, one in facts.comers if one.burns]
    told = [_("消防通道：%(lanes)s。", lanes=_("、").join(lanes))] if lanes else []
    if venue.no_flame:
        return [*told, _("这个场地不许用明火，也不许带燃气罐。")]
    if burning:
        told.append(_("用明火或燃气的 %(n)s 家：%(who)s。", n=len(burning), who=_("、").join(burning)))
    return told


def _crowd(facts: Facts) -> list[str]:
    day = facts.market
    ground = free_ground(day.venue)
    return [
        _("场地 %(wide)s 米 × %(deep)s 米，去掉摊位和通道，空地约 %(m2)s 平方米。",
          wide=f"{day.venue.width_dm / 10:g}", deep=f"{day.venue.depth_dm / 10:g}", m2=f"{ground:,}"),
        _("同时在场最多 %(limit)s 人%(why)s。全天预计 %(n)s 人次。",
          limit=limit_text(facts), why=_limit_reason(facts), n=f"{day.expected_visitors:,}"),
    ]  # fmt: skip


def free_ground(venue: Venue) -> int:
    """Square metres on which people walk."""
    taken = [(one.width_dm, one.depth_dm) for one in venue.stalls if one.retired_at is None]
    taken += [(lane.width_dm, lane.depth_dm) for lane in venue.lanes]
    return free_ground_m2(venue.width_dm, venue.depth_dm, taken)


def limit_text(facts: Facts) -> str:
    """How many may be there at once: as somebody wrote, else as the free ground gives."""
    return facts.texts[P.LIMIT] or f"{crowd_limit(free_ground(facts.market.venue)):,}"


def _limit_reason(facts: Facts) -> str:
    return "" if facts.texts[P.LIMIT] else _("（按每人 %(m2)s 平方米空地算）", m2=GROUND_FOR_ONE_M2)


def _buffer(facts: Facts) -> list[str]:
    doors = facts.market.venue.entrance_names()
    return [_("出入口：%(doors)s。", doors=_("、").join(doors))] if doors else []


def _traffic(facts: Facts) -> list[str]:
    cars = [stall for stall, one in facts.comers if one.needs_vehicle and stall]
    return [_("要进车卸货的：%(stalls)s。", stalls=_("、").join(cars))] if cars else []


_KNOWN: dict[PlanPart, Callable[[Facts], list[str]]] = {
    P.COURSE: _course,
    P.STAFF: _staff,
    P.FIRE: _fire,
    P.CROWD: _crowd,
    P.BUFFER: _buffer,
    P.TRAFFIC: _traffic,
}


def _telephones(facts: Facts) -> Grid:
    """Whom to call, first of all."""
    columns = (Column(_("找谁"), 90), Column(_("电话"), 90))
    return Grid(_("要紧的电话"), columns, tuple(telephones(facts)), lines=3 if facts.blank else 0)


def telephones(facts: Facts) -> list[tuple[str, str]]:
    """Ambulance, fire brigade, police; the leader, the community, and whom it wrote down itself."""
    words = (_("急救"), _("火警"), _("报警"))
    known = [(word, number) for word, number in zip(words, URGENT, strict=True)]
    if facts.texts[P.LEADER] and not facts.blank:
        known.append((_("现场总负责"), facts.texts[P.LEADER]))
    known.append((facts.community.host_org, facts.community.phone))
    own = facts.said(facts.texts[P.CONTACTS]).splitlines()
    return [*known, *(split_contact(line) for line in own if line.strip())]


def split_contact(line: str) -> tuple[str, str]:
    """A line as somebody writes it: the name, and the number after it, which may have blanks."""
    found = CONTACT.fullmatch(line.strip())
    return (found[1], found[2]) if found else (line.strip(), "")


# ── the letter that reports the market ────────────────────────────────────────────────────────────────────


def report(facts: Facts) -> list[Upright]:
    """To the regulator before the market: what, when, where, who is responsible, which stalls sell food."""
    food = [(stall, one) for stall, one in facts.comers if one.category in FOOD_CATEGORIES]
    on = local_date(facts.market)
    rows = () if facts.blank else tuple(_food_row(stall, one, on) for stall, one in food)
    to = facts.said(facts.texts[P.ADDRESSEE]) or "_" * 24
    texts = (
        _("%(to)s：", to=to),
        _("我们在社区办睦邻集市，方便居民买菜、修补、理发。依照食品安全法第六十一条，开市前把情况报给你们。"),
    )
    duties = (
        _("进场的食品摊，证照和健康证由社区核对原件，名单在下面；不齐的不让进场。"),
        _("开市前和开市中各巡查一轮，发现问题马上停卖，并报告你们。场内设公平秤，接受检查。"),
        _("不卖散装食用油、酱油、醋、酒，不卖裱花蛋糕、生食水产、现制乳制品，不卖保健食品。"),
    )
    columns = (
        Column(_("摊位号"), 18, Kind.STALL), Column(_("商户"), 38), Column(_("经营品类"), 26),
        Column(_("主要商品"), 40), Column(_("证照和编号"), 58), Column(_("健康证到期"), 24),
    )  # fmt: skip
    parts: tuple[Part, ...] = (
        Prose("", texts),
        _who_and_where(facts),
        Prose(_("我们怎么管"), duties),
        Grid(_("食品摊名单"), columns, rows, lines=8 if facts.blank else 2),
        Prose(_("市场监管部门意见"), lines=2),
        Signatures((_("报告单位（盖章）"), _("收件人签字")), _("日期")),
    )
    return [Upright("report", _("举办集市的报告"), parts)]


FOOD_PAPERS = (D.FOOD_LICENCE, D.SMALL_EATERY, D.SMALL_WORKSHOP, D.FOOD_STALL_CARD, D.PREPACKED_FILING)


def _food_row(stall: str, vendor: Vendor, on: date) -> tuple[Cell, ...]:
    good = [one for one in vendor.documents if one.valid_to is None or one.valid_to >= on]
    ends = _health_ends(vendor)
    return (
        stall, vendor.trading_name, str(category_word(vendor.category)), vendor.goods,
        _("；").join(_paper_text(one) for one in good if one.kind in FOOD_PAPERS),
        ends.isoformat() if ends else None,
    )  # fmt: skip


def _health_ends(vendor: Vendor) -> date | None:
    """When the first of those who stand there needs another health certificate."""
    ends: dict[int | None, date] = {}
    for one in vendor.documents:
        gone = one.person is not None and one.person.until is not None
        if one.kind is D.HEALTH_CERT and one.valid_to is not None and not gone:
            ends[one.person_id] = max(one.valid_to, ends.get(one.person_id, one.valid_to))
    return min(ends.values(), default=None)


def _paper_text(one: Document) -> str:
    return f"{DOCUMENT_WORDS[one.kind]} {one.number}"
