"""Reports for the staff of a community and for the region above it, as page, paper, workbook and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import NamedTuple

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.config import settings
from market.errors import NotFound
from market.insight.periods import Length, Period, period_of, periods_between, read_period
from market.layout.answers import XLSX, send_file, send_pdf
from market.people.access import current_community, current_region
from market.reports import words
from market.reports.blueprint import bp
from market.reports.paper import write_report
from market.reports.rules import NATURES, Change, Figure, change
from market.reports.service.places import Place, areas_inside, place_of, places_in
from market.reports.service.report import (
    CommunityReport,
    RegionReport,
    Report,
    community_report,
    newest_period,
    reach,
    region_report,
)
from market.reports.tables import chief_table, state_note, tables_of
from market.settlement.paper_kit.plain import write_csv
from market.settlement.paper_kit.workbook import write_tables


class Routes(NamedTuple):
    """Where a page's own links lead: another period, the one that is chosen, its files."""

    page: str
    chooser: str
    files: str


STAFF_ROUTES = Routes("reports.community", "reports.newest", "reports.file")
REGION_ROUTES = Routes("reports.region", "reports.newest_of_region", "reports.region_file")
BELOW_ROUTES = Routes("reports.community_below", "reports.newest_below", "reports.file_below")

# ── a community ───────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/reports")
@open_to(Audience.STAFF)
def newest() -> ResponseReturnValue:
    """The period that was chosen, else the month of the newest settled market."""
    return _to_chosen("reports.community", [place_of(current_community())], current_community().zone)


@bp.get("/staff/<slug>/reports/<period>")
@open_to(Audience.STAFF)
def community(period: str) -> str:
    return _community_page(period, STAFF_ROUTES, sees_days=True)


@bp.get("/staff/<slug>/reports/<period>/report.<any(pdf, xlsx, csv):form>")
@open_to(Audience.STAFF)
def file(period: str, form: str) -> Response:
    """The same on A4, as a workbook, or its chief table for programs."""
    return _send(_of_community(period), form, current_community().zone)


# ── a region ──────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/region/<code>/reports")
@open_to(Audience.REGION)
def newest_of_region() -> ResponseReturnValue:
    places = places_in(areas_inside(current_region()))
    return _to_chosen("reports.region", places, settings().zone)


@bp.get("/region/<code>/reports/<period>")
@open_to(Audience.REGION)
def region(period: str) -> str:
    """The sum of its communities, and the parts that lead further down."""
    found = _of_region(period)
    places = [part.place for part in found.communities if part.place]
    return render_template(
        "reports/region.html",
        report=found,
        region=current_region(),
        **_around(found, places, settings().zone, REGION_ROUTES),
    )


@bp.get("/region/<code>/reports/<period>/report.<any(pdf, xlsx, csv):form>")
@open_to(Audience.REGION)
def region_file(period: str, form: str) -> Response:
    return _send(_of_region(period), form, settings().zone)


@bp.get("/region/<code>/communities/<slug>/reports")
@open_to(Audience.REGION)
def newest_below() -> ResponseReturnValue:
    _refuse_outside()
    return _to_chosen("reports.community_below", [place_of(current_community())], current_community().zone)


@bp.get("/region/<code>/communities/<slug>/reports/<period>")
@open_to(Audience.REGION)
def community_below(period: str) -> str:
    """The report of one community, for whoever sees the region around it."""
    _refuse_outside()
    return _community_page(period, BELOW_ROUTES, sees_days=False)


@bp.get("/region/<code>/communities/<slug>/reports/<period>/report.<any(pdf, xlsx, csv):form>")
@open_to(Audience.REGION)
def file_below(period: str, form: str) -> Response:
    _refuse_outside()
    return _send(_of_community(period), form, current_community().zone)


def _refuse_outside() -> None:
    """A community of another region does not exist for whoever looks from here."""
    if current_community().region_id not in areas_inside(current_region()):
        raise NotFound("reports.not_inside", _("这个区域里没有这个社区。"))


# ── what all of them do ───────────────────────────────────────────────────────────────────────────────────


def _to_chosen(page: str, places: Sequence[Place], zone: str) -> ResponseReturnValue:
    chosen = read_period(request.args.get("period", ""))
    period = chosen or newest_period(places, Length.MONTH, at=clock.now(), zone=zone)
    return redirect(url_for(page, period=period.code))


def _period(code: str) -> Period:
    period = read_period(code)
    if period is None:
        raise NotFound("reports.no_period", _("没有这个期间。写成 2026-11、2026-Q4 或 2026。"))
    return period


def _of_community(period: str) -> CommunityReport:
    return community_report(current_community(), _period(period), at=clock.now())


def _of_region(period: str) -> RegionReport:
    return region_report(current_region(), _period(period), at=clock.now())


def _community_page(period: str, routes: Routes, *, sees_days: bool) -> str:
    found, community = _of_community(period), current_community()
    return render_template(
        "reports/community.html",
        report=found,
        sees_days=sees_days,
        **_around(found, [place_of(community)], community.zone, routes),
    )


def _around(report: Report, places: Sequence[Place], zone: str, routes: Routes) -> dict[str, object]:
    """What every page of a report needs beside the report itself."""
    first, last = reach(places, at=clock.now(), zone=zone)
    period, known = report.period, periods_between(first, last)
    return {
        "words": words,
        "said": state_note(report),
        "figures": words.figures_of_page(of_region=isinstance(report, RegionReport)),
        "natures": NATURES,
        "changes": _changes(report),
        **routes._asdict(),
        "periods": known if period in known else [period, *known],
        "before": period.before if period.first > first else None,
        "after": period.after if period.after.first <= last else None,
        "lengths": {length: _other_length(period, length, last) for length in Length},
    }


def _other_length(period: Period, length: Length, last: date) -> Period:
    """The period of another length around this one; of a year that still runs, the part that has begun."""
    return period if length is period.length else period_of(length, max(period.first, min(period.last, last)))


def _changes(report: Report) -> dict[Figure, list[Change | None]]:
    """How each figure differs from those of earlier periods."""
    return {
        figure: [change(report.now.of(figure), past.of(figure)) for past in report.earlier]
        for figure in Figure
    }


def _send(report: Report, form: str, zone: str) -> Response:
    """A file under the name by which offices file it: place, what it is, of when."""
    at, out = clock.now(), BytesIO()
    name = f"{report.name}_{words.title_of(report.period)}_{report.period.code}.{form}"
    if form == "pdf":
        write_report(report, clock.local(at, zone).date(), out)
        return send_pdf(out, name)
    if form == "csv":
        write_csv(chief_table(report), out)
        return send_file(out.getvalue(), "text/csv", name)
    write_tables(f"{report.name} {words.period_word(report.period)}", at, tables_of(report), out)
    return send_file(out.getvalue(), XLSX, name, attached=False)
