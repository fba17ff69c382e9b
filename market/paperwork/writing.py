"""Writes a form: on paper, or into a workbook; both from what the registry says it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from flask import url_for
from flask_babel import gettext as _
from reportlab.pdfgen.canvas import Canvas

from market.calendar.printed import foot_words, heading_of
from market.calendar.service import local_date
from market.config import settings
from market.paperwork.facts import Facts
from market.paperwork.fund_forms import printed_on
from market.paperwork.registry import EDITION, Content, Paper
from market.paperwork.upright_sheet import write_upright
from market.print import A4, A4_LANDSCAPE, paper as pdf
from market.print.table import Heading, Table, draw_table
from market.print.upright import Upright, draw_upright
from market.settlement.paper_kit.workbook import open_workbook, tab_name, write_table

BLANK_LINES = 20
"""Lines of an empty table in a workbook."""


def write_pdf(one: Paper, facts: Facts, out: BinaryIO) -> None:
    """The form on paper."""
    if one.own_pdf is not None and one.own_pdf(facts, out):
        return
    write_contents(one, facts, contents(one, facts), out)


def contents(one: Paper, facts: Facts) -> list[Content]:
    """What the form is made of; of a blank table the headings are left, of each kind one."""
    found = one.content(facts) if one.content is not None else []
    if not facts.blank:
        return found
    return [_emptied(content) if isinstance(content, Table) else content for content in found]


def _emptied(table: Table) -> Table:
    """Its words stay where it has any of its own: a form of sums has lines with names."""
    return table if table.key == "fund-notice" else replace(table, rows=())


def write_contents(one: Paper, facts: Facts, found: Sequence[Content], out: BinaryIO) -> None:
    """These contents under the head of the form."""
    heading = heading_for(one, facts)
    with pdf(out, A4_LANDSCAPE, title=f"{heading.title} {heading.market}") as canvas:
        if one.front is not None:
            one.front(canvas, facts, heading)
        for content in found:
            _draw(canvas, content, heading)


def _draw(canvas: Canvas, content: Content, heading: Heading) -> None:
    if isinstance(content, Table):
        draw_table(canvas, content, heading._replace(title=content.title), foot_words())
        return
    canvas.setPageSize(A4)
    draw_upright(canvas, content, heading, foot_words())


def heading_for(one: Paper, facts: Facts) -> Heading:
    """Title, whose it is, which form in which edition, and where its newest print is."""
    return Heading(str(one.title), market_text(facts), mark_text(one, facts), _address(one, facts))


def market_text(facts: Facts) -> str:
    """Whose market, which one, when; of a blank form only whose."""
    if facts.day is None:
        return f"{facts.community.name} · {facts.today.isoformat()}"
    if facts.blank:
        return _("%(community)s · 集市：＿＿＿＿＿＿ · 日期：＿＿＿＿＿＿", community=facts.community.name)
    return heading_of(facts.day, "").market


def mark_text(one: Paper, facts: Facts) -> str:
    """表 7 · 第 1 版 · 2026-11-27 14:32 印."""
    named = _("表 %(n)s", n=one.number) if one.numbered else one.number
    printed = "" if facts.blank else _("%(when)s 印", when=printed_on(facts))
    return " · ".join(filter(None, (named, _("第 %(n)s 版", n=EDITION), printed)))


def _address(one: Paper, facts: Facts) -> str:
    """The page that lists the forms, at this one."""
    if facts.day is None:
        return settings().public_url + url_for("paperwork.of_community", _anchor=one.key)
    return settings().public_url + url_for("paperwork.of_day", ref=facts.day.ref, _anchor=one.key)


def write_workbook(one: Paper, facts: Facts, out: BinaryIO) -> None:
    """The same as a workbook: a tab for each part, ready to print."""
    heading = heading_for(one, facts)
    line = f"{heading.market} · {heading.mark}"
    found = contents(one, facts)
    with open_workbook(line, facts.at, out) as (book, looks):
        for number, content in enumerate(found, 1):
            alone = len(found) == 1 or isinstance(content, Table)
            name = content.title if alone else f"{content.title} {number}"
            _write_tab(book.add_worksheet(tab_name(name)), content, line, looks)


def _write_tab(page: Any, content: Content, line: str, looks: Any) -> None:
    if isinstance(content, Upright):
        write_upright(page, content, line, looks)
        return
    if not content.rows:
        content = replace(content, rows=((None,) * len(content.columns),) * BLANK_LINES)
    write_table(page, content, line, looks)


def file_title(one: Paper, facts: Facts) -> str:
    """社区_表名_日期, as offices file papers."""
    on = local_date(facts.day) if facts.day is not None else facts.today
    blank = [_("空白")] if facts.blank else []
    return "_".join([facts.community.name, str(one.title), *blank, on.isoformat()]).replace("/", " ")
