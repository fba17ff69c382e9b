"""The notice of a quarter on paper and as a workbook: 基金收支公示表 (form 11) with what stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import sqlalchemy as sa
from flask_babel import gettext as _

from market.calendar.printed import foot_words
from market.clock import local
from market.db import db
from market.fund.models import CharityNotice, Fund
from market.fund.notice_rows import QuarterNotice
from market.fund.quarter_facts import Correction, QuarterFacts, Sum, Worth, read_facts
from market.fund.words import SEAT_WORDS, decided_word, earlier_word, giver_word, quarter_word
from market.ledger.rules import CHART
from market.print import A4_LANDSCAPE, paper
from market.print.columns import Column, Kind
from market.print.table import Cell, Heading, Table, draw_table
from market.settlement.paper_kit.workbook import write_tables

Row = tuple[Cell, ...]


def write_pdf(notice: QuarterNotice, address: str, out: BinaryIO) -> None:
    """All its tables, each on pages of its own; the code leads to the page."""
    facts = read_facts(notice.facts)
    whose = f"{facts.fund} · {_span_word(facts)}"
    with paper(out, A4_LANDSCAPE, title=f"{title_of(facts)} {facts.community}") as canvas:
        for table in tables_of(notice):
            mark = _("表 %(n)s", n=11) if table.key == "sums" else ""
            draw_table(canvas, table, Heading(table.title, whose, mark, address), foot_words())


def write_workbook(notice: QuarterNotice, out: BinaryIO) -> None:
    facts = read_facts(notice.facts)
    line = f"{facts.community} · {facts.fund} · {_span_word(facts)}"
    write_tables(line, notice.prepared_at, tables_of(notice), out)


def file_title(notice: QuarterNotice) -> str:
    """社区_表名_季度, as offices file papers."""
    facts = read_facts(notice.facts)
    quarter = quarter_word(facts.span).replace(" ", "")
    return f"{facts.community}_{_('基金收支公示表')}_{quarter}"


def title_of(facts: QuarterFacts) -> str:
    return _("%(quarter)s基金收支公示表", quarter=quarter_word(facts.span))


def _span_word(facts: QuarterFacts) -> str:
    return _("%(since)s 至 %(until)s", since=facts.first_on.isoformat(), until=facts.last_on.isoformat())


def tables_of(notice: QuarterNotice) -> list[Table]:
    """The sums, and each list that has anything in it."""
    facts = read_facts(notice.facts)
    found = (
        _markets(facts), _donations(notice.fund, facts), _projects(facts), _decisions(facts),
        _members(facts), _corrections(facts),
    )  # fmt: skip
    return [_sums(notice, facts), *(table for table in found if table.rows)]


# ── the sums ──────────────────────────────────────────────────────────────────────────────────────────────


def _sums(notice: QuarterNotice, facts: QuarterFacts) -> Table:
    columns = (
        Column(_("项目"), 92), Column(_("本季度（元）"), 36, Kind.MONEY),
        Column(_("本年（元）"), 36, Kind.MONEY), Column(_("设立以来（元）"), 36, Kind.MONEY),
        Column(_("说明"), 77),
    )  # fmt: skip
    rows = (*_sum_rows(facts), *_signed(notice, facts))
    note = _("钱由%(charity)s保管。协议编号：%(no)s。", charity=facts.charity, no=facts.agreement_no)
    return Table(
        "sums",
        title_of(facts),
        columns,
        rows,
        unit=_("单位：元"),
        note=note,
        to_read=True,
        whole=True,
        letters=11,
    )


def _sum_rows(facts: QuarterFacts) -> Iterable[Row]:
    yield (_("期初结余"), facts.opening_fen, None, None, None)
    if facts.told_later_fen:
        yield (_("以前的季度里，现在才合在一起公布的"), facts.told_later_fen, None, None, None)
    yield _total(_("收入（按来源）"), facts.income)
    yield from (_sum_row(one) for one in facts.income)
    yield _total(_("支出（按类型）"), facts.uses)
    yield from (_sum_row(one, facts.fee_clause) for one in facts.uses)
    for move in facts.moves:
        yield (_("往来：%(name)s", name=_(CHART[move.code].name)), move.fen, None, None, None)
    yield (_("期末结余"), facts.closing_fen, None, None, _("存在慈善组织"))
    yield (_("期末还在路上，等慈善组织确认"), facts.on_its_way_fen, None, None, _("不在上面的数里"))
    goods = facts.goods
    counted = _(
        "收 %(came)s 件，发 %(given)s 件，坏 %(bad)s 件，还有 %(left)s 件",
        came=goods.received, given=goods.given, bad=goods.spoiled, left=goods.left,
    )  # fmt: skip
    if goods.returned:
        counted += _("，退回 %(n)s 件", n=goods.returned)
    if goods.at_markets:
        counted += _("；集市上捐的另有 %(n)s 件，没有入库", n=goods.at_markets)
    yield (_("捐的物资（按件数，不折成钱）"), None, None, None, counted)
    if goods.worth is not None:
        yield from _worth_rows(goods.worth)


def _worth_rows(worth: Worth) -> Iterable[Row]:
    """Goods with a paper, set apart: none of it is money."""
    aside = _("按票据写的价，不算在上面的钱里")
    yield (_("有票据的物资：期初在库"), worth.opening_fen, None, None, aside)
    yield (_("有票据的物资：收进"), worth.received_fen, None, None, None)
    yield (_("有票据的物资：发放"), worth.given_fen, None, None, None)
    yield (_("有票据的物资：损耗"), worth.lost_fen, None, None, None)
    yield (_("有票据的物资：期末在库"), worth.held_fen, None, None, None)


def _total(name: str, sums: Sequence[Sum]) -> Row:
    parts = ("quarter_fen", "year_fen", "ever_fen")
    return (name, *(sum(getattr(one, part) for one in sums) for part in parts), None)


def _sum_row(one: Sum, clause: str = "") -> Row:
    said = clause if one.code == "5201" and clause else None
    return (
        _("其中：%(name)s", name=_(CHART[one.code].name)),
        one.quarter_fen,
        one.year_fen,
        one.ever_fen,
        said,
    )


def _signed(notice: QuarterNotice, facts: QuarterFacts) -> Iterable[Row]:
    """编制, 审核, 公示期, 监督电话."""
    zone = notice.fund.community.zone
    made_on = local(notice.prepared_at, zone).date()
    yield (_("编制"), None, None, None, f"{notice.preparer.display_name} {made_on}")
    if notice.reviewer is not None and notice.reviewed_at is not None:
        hung_on = local(notice.reviewed_at, zone).date()
        yield (_("审核"), None, None, None, f"{notice.reviewer.display_name} {hung_on}")
        yield (_("公示期"), None, None, None, _("%(date)s 起 %(n)s 天", date=hung_on, n=facts.objection_days))
    yield (_("监督电话"), None, None, None, facts.phone + str(_("（%(text)s）", text=facts.host)))
    yield (_("对账单编号"), None, None, None, facts.statement_no)
    if facts.explanation:
        yield (_("对账说明"), None, None, None, facts.explanation)
    book = _("%(n)s 笔，校验 %(head)s", n=facts.entries, head=facts.head[:16])
    yield (_("账本截止凭证数"), None, None, None, book)


# ── what stands behind them ───────────────────────────────────────────────────────────────────────────────


def _markets(facts: QuarterFacts) -> Table:
    columns = (
        Column(_("日期"), 40, Kind.DATE), Column(_("集市"), 120), Column(_("商户家数"), 40, Kind.NUMBER),
        Column(_("反哺（元）"), 50, Kind.MONEY), Column(_("说明"), 40),
    )  # fmt: skip
    rows = tuple(
        (one.held_on, one.theme, one.stalls, one.fen, _("合并公布") if one.fen is None else None)
        for one in facts.markets
    )
    return Table("markets", _("这个季度的集市"), columns, rows, unit=_("单位：元"), to_read=True)


def givers(fund: Fund, facts: QuarterFacts) -> dict[str, str]:
    """Who gave, by the charity's notice, as everybody may read it today: who no longer wants to be named is
    not, on an old notice either."""
    refs = [one.notice for one in facts.donations]
    query = sa.select(CharityNotice).where(CharityNotice.fund_id == fund.id, CharityNotice.ref.in_(refs))
    return {notice.ref: giver_word(notice) for notice in db.session.scalars(query)}


def _donations(fund: Fund, facts: QuarterFacts) -> Table:
    columns = (
        Column(_("到账日期"), 40, Kind.DATE), Column(_("来源"), 60), Column(_("谁给的"), 110),
        Column(_("金额（元）"), 50, Kind.MONEY),
    )  # fmt: skip
    names = givers(fund, facts)
    rows = tuple(
        (one.received_on, _(CHART[one.code].name), names.get(one.notice, ""), one.fen)
        for one in facts.donations
    )
    return Table("donations", _("慈善组织通知的每一笔"), columns, rows, unit=_("单位：元"), to_read=True)


def _projects(facts: QuarterFacts) -> Table:
    columns = (
        Column(_("付款日期"), 40, Kind.DATE), Column(_("做什么"), 130), Column(_("类型"), 60),
        Column(_("金额（元）"), 50, Kind.MONEY),
    )  # fmt: skip
    rows = tuple((one.paid_on, one.what, _(CHART[one.code].name), one.fen) for one in facts.projects)
    return Table(
        "projects", _("用在这些事上（按项目）"), columns, rows, unit=_("单位：元"), to_read=True, summed=(3,)
    )


def _decisions(facts: QuarterFacts) -> Table:
    columns = (
        Column(_("议题"), 120), Column(_("金额（元）"), 40, Kind.MONEY), Column(_("赞成"), 22, Kind.NUMBER),
        Column(_("反对"), 22, Kind.NUMBER), Column(_("回避（谁）"), 44), Column(_("结果"), 40),
    )  # fmt: skip
    rows = tuple(
        (one.what, one.fen, one.yes, one.no, _("、").join(one.recused), decided_word(one.state))
        for one in facts.decisions
    )
    return Table("decisions", _("管委会的表决"), columns, rows, unit=_("单位：元"), to_read=True)


def _members(facts: QuarterFacts) -> Table:
    columns = (
        Column(_("姓名"), 80), Column(_("身份"), 60), Column(_("任期从"), 50, Kind.DATE),
        Column(_("任期到"), 50, Kind.DATE),
    )  # fmt: skip
    rows = tuple((one.name, str(SEAT_WORDS[one.seat]), one.first_on, one.last_on) for one in facts.members)
    return Table("members", _("管委会"), columns, rows, to_read=True)


def _corrections(facts: QuarterFacts) -> Table:
    columns = (
        Column(_("更正说明"), 26), Column(_("凭证"), 26), Column(_("改了什么"), 72),
        Column(_("原来（元）"), 30, Kind.MONEY), Column(_("现在（元）"), 30, Kind.MONEY),
        Column(_("为什么"), 66), Column(_("属于"), 28),
    )  # fmt: skip
    rows = tuple(_correction_row(one) for one in facts.corrections)
    return Table("corrections", _("更正说明"), columns, rows, unit=_("单位：元"), to_read=True, whole=True)


def _correction_row(one: Correction) -> Row:
    return (
        one.number, one.voucher, one.what if one.entry else _("商户太少，金额合并公布"), one.before_fen,
        one.after_fen, one.reason, earlier_word(one.earlier) if one.earlier else None,
    )  # fmt: skip
