"""Lists that no other room prints: documents, batches, gifts, goods, asking how it was, wishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import contains_eager, joinedload

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.db import db
from market.demand import service as demand
from market.demand.rules import WishState
from market.demand.service import Wanted
from market.demand.words import STATE_WORDS, wish_word
from market.money import yuan
from market.paperwork.facts import Facts
from market.people.models import User
from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.settlement.models import InKindItem, ReceiptRequest, Settlement, SettlementLine
from market.stalls.models import Assignment
from market.stalls.service import wished
from market.typed_text import masked_phone
from market.vendors.models import Document, Vendor
from market.vendors.rules import Category, DocumentKind
from market.vendors.words import CATEGORY_WORDS, DOCUMENT_WORDS

BATCHES = frozenset({Category.PRODUCE, Category.FARM_DIRECT, Category.MEAT_EGG_AQUATIC})
"""Who comes with goods of which each batch has a paper."""
BATCH_PAPERS = (DocumentKind.AGRI_CERT, DocumentKind.QUARANTINE_CERT)
RESIDENTS = 10
"""Lines for residents on the sheet that asks how it was."""

# ── form 4 ────────────────────────────────────────────────────────────────────────────────────────────────


def documents(facts: Facts) -> Table:
    """One line a document whose original somebody has seen: of who comes, or of the whole register."""
    columns = (
        Column(_("商户"), 50), Column(_("证照类型"), 36), Column(_("编号"), 48), Column(_("发证机关"), 42),
        Column(_("有效期至"), 25, Kind.DATE), Column(_("核验人"), 24), Column(_("核验日期"), 25, Kind.DATE),
        Column(_("原件已核"), 21),
    )  # fmt: skip
    rows = tuple(_document_row(facts, one) for one in _documents(facts))
    return Table("documents", _("证照登记台账"), columns, rows, whole=True, to_read=True)


def _documents(facts: Facts) -> list[Document]:
    query = (
        sa.select(Document)
        .join(Document.vendor)
        .where(Vendor.community_id == facts.community.id)
        .options(contains_eager(Document.vendor), joinedload(Document.checker))
        .order_by(Vendor.pinyin, Vendor.id, Document.kind, Document.id)
    )
    if facts.day is not None:
        on, comers = local_date(facts.day), [vendor.id for _stall, vendor in facts.comers]
        still_good = sa.or_(Document.valid_to.is_(None), Document.valid_to >= on)
        not_of_another = sa.or_(Document.brought_for.is_(None), Document.brought_for == on)
        query = query.where(Vendor.id.in_(comers), still_good, not_of_another)
    return list(db.session.scalars(query))


def _document_row(facts: Facts, one: Document) -> tuple[Cell, ...]:
    seen = clock.local(one.checked_at, facts.community.zone).date()
    return (
        one.vendor.trading_name, str(DOCUMENT_WORDS[one.kind]), one.number, one.issuer,
        one.brought_for or one.valid_to or _("长期"), one.checker.display_name, seen, _("是"),
    )  # fmt: skip


# ── form 6 ────────────────────────────────────────────────────────────────────────────────────────────────


def batches(facts: Facts) -> Table:
    """One line for each vendor whose goods come with papers; what comes is written at the stall."""
    columns = (
        Column(_("日期"), 25, Kind.DATE), Column(_("品名"), 70), Column(_("数量"), 26),
        Column(_("产地/供货者"), 55), Column(_("电话"), 34), Column(_("凭证类型"), 36),
        Column(_("快检结果"), 31),
    )  # fmt: skip
    rows = tuple(
        (_date_of(facts), _goods_text(stall, vendor), None, None, None, _batch_paper(vendor), None)
        for stall, vendor in facts.comers
        if vendor.category in BATCHES
    )
    note = _("每批一行，凭证至少留 6 个月，肉类留 2 年。自种自销的，产地写到村。")
    return Table("batches", _("农产品进货/合格证登记"), columns, rows, note=note, whole=True, letters=10)


def _date_of(facts: Facts) -> date | None:
    return local_date(facts.day) if facts.day is not None else None


def _goods_text(stall: str, vendor: Vendor) -> str:
    return _("%(who)s：%(goods)s", who=f"{stall} {vendor.trading_name}".strip(), goods=vendor.goods)


def _batch_paper(vendor: Vendor) -> str:
    """Which papers there may be, each with a box: they come with the goods."""
    kinds = BATCH_PAPERS if vendor.category is Category.MEAT_EGG_AQUATIC else BATCH_PAPERS[:1]
    return " ".join(f"□ {DOCUMENT_WORDS[kind]}" for kind in kinds)


# ── forms 9 and 10 ────────────────────────────────────────────────────────────────────────────────────────


def gifts(facts: Facts) -> Table:
    """What vendors gave at a market, or this year: money, then goods. Who gave nothing is not on it."""
    columns = (
        Column(_("捐赠人"), 48), Column(_("联系方式"), 34, Kind.PHONE), Column(_("金额/物资"), 44),
        Column(_("时间"), 25, Kind.DATE), Column(_("用途意向"), 42), Column(_("是否公开姓名"), 34),
        Column(_("票据号"), 30), Column(_("经手人"), 26),
    )  # fmt: skip
    rows = [*_money_rows(facts), *_goods_rows(facts)]
    note = _("登记用，不是捐赠票据；票据由慈善组织开。没有问过的，先不公开姓名。")
    return Table("gifts", _("捐赠登记台账"), columns, tuple(rows), note=note, whole=True, to_read=True)


def _money_rows(facts: Facts) -> Iterable[tuple[Cell, ...]]:
    numbers = _receipt_numbers(facts)
    for line, settled, day in _given_lines(facts):
        vendor = line.assignment.vendor
        yield (
            vendor.trading_name, _contact(facts, vendor), _("%(n)s 元", n=yuan(line.contribution_fen)),
            local_date(day), _("本社区公益服务"), _open_choice(), numbers.get((day.id, vendor.id)),
            settled.person.display_name,
        )  # fmt: skip


def _given_lines(facts: Facts) -> list[tuple[SettlementLine, Settlement, MarketDay]]:
    """The lines that give something, of the settlements that count."""
    latest = sa.select(sa.func.max(Settlement.id)).group_by(Settlement.day_id)
    query = (
        sa.select(SettlementLine, Settlement, MarketDay)
        .join(SettlementLine.settlement)
        .join(Settlement.day)
        .where(Settlement.id.in_(latest), SettlementLine.contribution_fen > 0, _of(facts))
        .options(
            joinedload(Settlement.person),
            joinedload(SettlementLine.assignment).joinedload(Assignment.application),
        )
        .order_by(MarketDay.open_at, SettlementLine.id)
    )
    return [(line, settled, day) for line, settled, day in db.session.execute(query)]


def _of(facts: Facts) -> sa.ColumnElement[bool]:
    """Of this market; without one, of this year."""
    if facts.day is not None:
        return MarketDay.id == facts.day.id
    begun = clock.at_local(date(facts.today.year, 1, 1), time.min, facts.community.zone)
    return sa.and_(MarketDay.community_id == facts.community.id, MarketDay.open_at >= begun)


def _receipt_numbers(facts: Facts) -> dict[tuple[int, int], str]:
    query = sa.select(ReceiptRequest).where(ReceiptRequest.community_id == facts.community.id)
    return {(one.day_id, one.vendor_id): one.number or _("要，等开") for one in db.session.scalars(query)}


def _contact(facts: Facts, vendor: Vendor) -> str:
    """Whole where it is needed on the day, shortened on a list of the whole year."""
    return vendor.phone if facts.day is not None else masked_phone(vendor.phone)


def _open_choice() -> str:
    return _("□ 公开 □ 不公开")


def _goods_rows(facts: Facts) -> Iterable[tuple[Cell, ...]]:
    for item, receiver in _items(facts):
        what = _("%(goods)s %(n)s 件", goods=item.goods, n=item.items)
        yield (
            item.vendor.trading_name, _contact(facts, item.vendor), what, _on(facts, item.received_at),
            _("本社区公益服务"), _open_choice(), None, receiver,
        )  # fmt: skip


def _items(facts: Facts) -> list[tuple[InKindItem, str]]:
    """Goods that count, each with who received them."""
    query = (
        sa.select(InKindItem, User.display_name)
        .join(MarketDay, MarketDay.id == InKindItem.day_id)
        .join(User, User.id == InKindItem.received_by)
        .where(_of(facts), InKindItem.voided_at.is_(None))
        .order_by(InKindItem.id)
    )
    return [(item, name) for item, name in db.session.execute(query)]


def _on(facts: Facts, moment: datetime) -> date:
    return clock.local(moment, facts.community.zone).date()


def goods(facts: Facts) -> Table:
    """What was given in kind, counted and never turned into yuan; where it went is written by hand."""
    columns = (
        Column(_("品名"), 40), Column(_("规格"), 22), Column(_("数量"), 18, Kind.NUMBER),
        Column(_("单位"), 14), Column(_("生产日期/保质期"), 32), Column(_("单价依据"), 28),
        Column(_("公允价值"), 24, Kind.MONEY), Column(_("存放"), 26), Column(_("去向"), 34),
        Column(_("领取人签收"), 39),
    )  # fmt: skip
    rows = tuple(
        (item.goods, None, item.items, _("件"), None, None, None, None, None, None)
        for item, _receiver in _items(facts)
    )
    note = _("没有票据、也没有三处比价的，只写件数，不写钱。过期的不收。")
    return Table(
        "goods", _("物资捐赠清单"), columns, rows, unit=_("单位：元"), note=note, summed=(2,), whole=True,
        letters=10,
    )  # fmt: skip


# ── forms 15 and 16 ───────────────────────────────────────────────────────────────────────────────────────


def follow_up(facts: Facts) -> Table:
    """Whom to ask how it was: everybody who stood there, and lines for residents."""
    columns = (
        Column(_("对象(居民/商户)"), 26), Column(_("称呼"), 48), Column(_("品类满意"), 22),
        Column(_("价格"), 18), Column(_("秩序"), 18), Column(_("卫生"), 18), Column(_("希望增加"), 56),
        Column(_("下次参加"), 22), Column(_("评分1–5"), 22), Column(_("回访人"), 27),
    )  # fmt: skip
    blank = (None,) * (len(columns) - 2)
    rows = [(_("商户"), f"{stall} {one.trading_name}".strip(), *blank) for stall, one in facts.comers]
    rows += [(_("居民"), "", *blank)] * (RESIDENTS if rows else 0)
    note = _(
        "品类、价格、秩序、卫生：满意打√，要改进打×。评分写 1 到 5，5 最好。居民只写称呼，不写电话和门牌。"
    )
    return Table("follow-up", _("满意度回访表"), columns, tuple(rows), note=note, whole=True, letters=10.5)


def wishes(facts: Facts) -> Table:
    """What residents ask for, as the list on the screen has it; further lines are for a pen."""
    columns = (
        Column(_("编号"), 16), Column(_("需求"), 66), Column(_("类别"), 26), Column(_("提出人数"), 20),
        Column(_("楼栋(不记姓名)"), 30), Column(_("响应方式"), 36), Column(_("对应商户/场次"), 48),
        Column(_("状态"), 35),
    )  # fmt: skip
    note = _("同一件事合成一行，数人数，不记谁提的。状态写：还没答复、在找、这次有了、没找到、不合适。")
    rows = [] if facts.blank else _wish_rows(facts)
    return Table("wishes", _("居民需求清单"), columns, tuple(rows), note=note)


def _wish_rows(facts: Facts) -> list[tuple[Cell, ...]]:
    lines = [line for line in demand.wanted(facts.community, facts.today) if line.listed]
    places = demand.places_of_votes(facts.community)
    coming = wished.answers_by_wish(calendar.days_ahead(facts.community, facts.at), lines)
    return [
        (rank, *_wish_cells(line, places, coming.get(line.wish.id, []))) for rank, line in enumerate(lines, 1)
    ]


def _wish_cells(line: Wanted, places: Mapping[int, list[str]], coming: list[Assignment]) -> tuple[Cell, ...]:
    return (
        _("、").join(map(wish_word, (line.wish, *line.shown_others))),
        str(CATEGORY_WORDS[line.category]) if line.category else "",
        line.count.total,
        _("、").join(place for wish in line.family for place in places.get(wish.id, ())),
        line.answer.sentence if line.answer else "",
        _("、").join(f"{held.vendor.trading_name} {local_date(held.day)}" for held in coming[:2]),
        str(STATE_WORDS[WishState.HERE if coming else line.state][1]),
    )
