"""The page of all forms, of a market and of a community; each as print and workbook; the plan's words."""

from __future__ import annotations

from io import BytesIO
from itertools import groupby

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay, PlanText
from market.calendar.rules import PlanPart
from market.errors import NotFound
from market.layout.answers import XLSX, send_file, send_pdf
from market.paperwork.blueprint import bp
from market.paperwork.facts import Facts
from market.paperwork.forms import PlanTextForm
from market.paperwork.plan_words import DEFAULTS, PART_WORDS
from market.paperwork.registry import GROUP_WORDS, Group, Paper, paper_of, shown
from market.paperwork.writing import file_title, write_contents, write_pdf, write_workbook
from market.people.access import current_community, current_user
from market.vendors import service as vendors


@bp.get("/staff/<slug>/days/<ref>/paperwork")
@open_to(Audience.STAFF)
def of_day(ref: str) -> str:
    day = day_at(ref)
    return render_template("paperwork/of_day.html", day=day, groups=_groups(day))


@bp.get("/staff/<slug>/paperwork")
@open_to(Audience.STAFF)
def of_community() -> str:
    community = current_community()
    return render_template(
        "paperwork/of_community.html", days=calendar.days(community, limit=8), groups=_groups(None)
    )


def _groups(day: MarketDay | None) -> list[tuple[Group, str, list[Paper]]]:
    """The forms by when they are needed; what another room makes only where it has a page."""
    there = [one for one in shown(day) if not one.elsewhere or one.elsewhere in current_app.view_functions]
    by_group = groupby(there, key=lambda one: one.group)
    return [(group, str(GROUP_WORDS[group]), list(papers)) for group, papers in by_group]


@bp.get("/staff/<slug>/days/<ref>/paperwork/<paper>.pdf")
@open_to(Audience.STAFF)
def day_print(ref: str, paper: str) -> Response:
    """`?blank=1`: to be filled in by hand."""
    return _print(_asked(paper, day := day_at(ref)), _facts(day))


@bp.get("/staff/<slug>/paperwork/<paper>.pdf")
@open_to(Audience.STAFF)
def community_print(paper: str) -> Response:
    return _print(_asked(paper, None), _facts(None))


def _print(one: Paper, facts: Facts) -> Response:
    out = BytesIO()
    write_pdf(one, facts, out)
    return send_pdf(out, f"{file_title(one, facts)}.pdf")


@bp.get("/staff/<slug>/days/<ref>/paperwork/<paper>.xlsx")
@open_to(Audience.STAFF)
def day_workbook(ref: str, paper: str) -> Response:
    return _workbook(_asked(paper, day := day_at(ref)), _facts(day))


@bp.get("/staff/<slug>/paperwork/<paper>.xlsx")
@open_to(Audience.STAFF)
def community_workbook(paper: str) -> Response:
    return _workbook(_asked(paper, None), _facts(None))


def _workbook(one: Paper, facts: Facts) -> Response:
    if not one.has_workbook:
        raise NotFound("paperwork.only_print", _("这一份只有打印的，没有表格。"))
    out = BytesIO()
    write_workbook(one, facts, out)
    return send_file(out.getvalue(), XLSX, f"{file_title(one, facts)}.xlsx", attached=False)


@bp.get("/staff/<slug>/vendors/<ref>/paperwork/<paper>.pdf")
@open_to(Audience.STAFF)
def vendor_print(ref: str, paper: str) -> Response:
    """What one vendor signs."""
    vendor, one, out = vendors.find_vendor(current_community(), ref), paper_of(paper), BytesIO()
    if one is None or one.of_vendor is None:
        raise NotFound("paperwork.no_form", _("没有这份表。"))
    facts = Facts(current_community(), None, clock.now())
    write_contents(one, facts, one.of_vendor(facts, vendor), out)
    return send_pdf(out, f"{vendor.trading_name}_{one.title}.pdf")


def _asked(key: str, day: MarketDay | None) -> Paper:
    one = paper_of(key)
    if one is None or one not in shown(day) or not one.printed:
        raise NotFound("paperwork.no_form", _("没有这份表。"))
    return one


def _facts(day: MarketDay | None) -> Facts:
    return Facts(current_community(), day, clock.now(), blank=request.args.get("blank") == "1")


# ── what a community writes itself ────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/paperwork/texts")
@open_to(Audience.STAFF)
def day_texts(ref: str) -> ResponseReturnValue:
    return _texts_page(_shown_form(day := day_at(ref)), day)


@bp.post("/staff/<slug>/days/<ref>/paperwork/texts")
@open_to(Audience.STAFF)
def write_day_texts(ref: str) -> ResponseReturnValue:
    return _write_texts(day_at(ref), url_for("paperwork.of_day", ref=ref))


@bp.get("/staff/<slug>/paperwork/texts")
@open_to(Audience.STAFF)
def community_texts() -> ResponseReturnValue:
    return _texts_page(_shown_form(None), None)


@bp.post("/staff/<slug>/paperwork/texts")
@open_to(Audience.STAFF)
def write_community_texts() -> ResponseReturnValue:
    return _write_texts(None, url_for("paperwork.of_community"))


def _defaults() -> dict[PlanPart, str]:
    return {part: str(text) for part, text in DEFAULTS.items()}


def _shown_form(day: MarketDay | None) -> PlanTextForm:
    form = PlanTextForm(formdata=None)
    form.show(calendar.plan_texts(current_community(), day, _defaults()))
    return form


def _write_texts(day: MarketDay | None, back: str) -> ResponseReturnValue:
    form = PlanTextForm()
    if form.validate_on_submit() and (written := form.attempt(lambda: _keep(form, day))):
        flash(_("记下了 %(n)s 处。", n=len(written.value)) if written.value else _("没有改动。"), "go")
        return redirect(back)
    return _texts_page(form, day)


def _keep(form: PlanTextForm, day: MarketDay | None) -> list[PlanText]:
    return calendar.write_plan_texts(
        current_community(), day, form.changed(), _defaults(), by=current_user(), at=clock.now()
    )


def _texts_page(form: PlanTextForm, day: MarketDay | None) -> ResponseReturnValue:
    page = render_template(
        "paperwork/texts.html",
        day=day,
        form=form,
        history=calendar.plan_text_history(current_community(), day),
        part_words=PART_WORDS,
    )
    return page, form.status
