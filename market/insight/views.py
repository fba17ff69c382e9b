"""The counters for everybody, for the desk of a community, and for a region."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import render_template, request
from flask_babel import lazy_gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.config import settings
from market.errors import NotFound, Refusal
from market.fund.published import PublicBook, public_book
from market.insight import service
from market.insight.act_words import ACTS
from market.insight.blueprint import bp
from market.insight.fact_words import KINDS
from market.insight.facts import FACTS
from market.insight.history import Alone, figures_by, history as history_of, walk
from market.people.access import current_community, current_region
from market.settlement import service as settlement


@bp.get("/c/<slug>/impact")
@open_to(Audience.PUBLIC)
def page() -> str:
    return render_template("insight/page.html", **_of_community(public_book(current_community())))


@bp.get("/staff/<slug>/insight")
@open_to(Audience.STAFF)
def desk() -> str:
    return render_template("insight/desk.html", **_of_community())


@bp.get("/staff/<slug>/history/<kind>/<object_ref>")
@open_to(Audience.STAFF)
def history(kind: str, object_ref: str) -> str:
    return _history(kind, object_ref)


@bp.get("/committee/<slug>/history/<kind>/<object_ref>")
@open_to(Audience.COMMITTEE)
def history_for_committee(kind: str, object_ref: str) -> str:
    """The same for the supervisor, who sits in and looks."""
    return _history(kind, object_ref)


SHOWN = {one.name for one in FACTS if one.key == "ref"} | {"marketday"}
"""What has a history with an address: no number that can be counted up stands in one."""


def _history(kind: str, ref: str) -> str:
    if kind not in SHOWN:
        raise NotFound("insight.no_history", _("没有这样东西的经过。"))
    community = current_community()
    found = history_of(community, kind, ref)
    if not found.steps:
        raise NotFound("insight.no_history", _("没有这样东西的经过。"))
    what = KINDS.get(kind, _("场次"))
    return render_template(
        "insight/history.html",
        found=found,
        figures_by=figures_by(community, kind, ref),
        what=what,
        ref=ref,
        acts=ACTS,
        acts_of=_acts_of,
    )


def _acts_of(alone: Alone) -> str:
    """What somebody did alone, in words."""
    return str(_("、")).join(str(ACTS.get(act, act)) for act in alone.acts)


@bp.get("/staff/<slug>/days/<ref>/proof")
@open_to(Audience.STAFF)
def proof(ref: str) -> str:
    """From a public line back to market, share, revision and scan, and forward to what the money did."""
    return _proof(ref, "insight.history", sees_takings=True)


@bp.get("/committee/<slug>/days/<ref>/proof")
@open_to(Audience.COMMITTEE)
def proof_for_committee(ref: str) -> str:
    """The same for members and the supervisor; what one vendor sold only those who settle read."""
    return _proof(ref, "insight.history_for_committee", sees_takings=False)


@bp.get("/committee/<slug>/proofs")
@open_to(Audience.COMMITTEE)
def proofs() -> str:
    """The settled markets, each with its way back and forward."""
    found = settlement.settlements(current_community())
    return render_template("insight/proofs.html", settled=found[::-1])


def _proof(ref: str, history_page: str, *, sees_takings: bool) -> str:
    day = day_at(ref)
    found = walk(day)
    if found is None:
        raise Refusal("insight.not_settled", _("这一场还没有收市结算。"))
    return render_template(
        "insight/proof.html",
        day=day,
        it=found,
        history_page=history_page,
        sees_takings=sees_takings,
        hidden=public_book(current_community()).hidden,
    )


@bp.get("/region/<code>")
@open_to(Audience.REGION)
def region() -> str:
    year = _year(_newest_year())
    rows = service.roll_up(current_region(), *_bounds(year))
    return render_template(
        "insight/region.html",
        region=current_region(),
        rows=rows,
        total=service.total(counted for _community, counted in rows),
        year=year,
    )


def _newest_year() -> int:
    """The year to begin with: a new year's first weeks would show nothing but zeros."""
    newest = service.newest_market(current_region()) or clock.now()
    return clock.local(newest, settings().zone).year


def _of_community(seen: PublicBook | None = None) -> dict[str, object]:
    """The counters and the markets behind them; with `seen` as everybody may see them."""
    community = current_community()
    years = service.years(community)
    year = _year(None)
    counted = service.counters(community, *_bounds(year))
    if seen is not None:
        counted = replace(counted, contribution_fen=seen.contributed(*_bounds(year)))
    markets = [
        closed
        for closed in reversed(service.by_day(community))
        if year is None or clock.local(closed.day.open_at, community.zone).year == year
    ]
    given = {
        closed.day_id: seen.of(closed).contribution_fen if seen else closed.contribution_fen
        for closed in markets
    }
    return {
        "counted": counted,
        "markets": markets,
        "given": given,
        "elsewhere_fen": counted.contribution_fen - sum(fen or 0 for fen in given.values()),
        "years": years,
        "year": year,
    }


def _year(default: int | None) -> int | None:
    """The year asked for, by `?year=2024`; anything unreadable counts as not asked."""
    try:
        year = int(request.args["year"])
    except (KeyError, ValueError):
        return default
    return year if 2000 <= year <= 2100 else default


def _bounds(year: int | None) -> tuple[date | None, date | None]:
    return (date(year, 1, 1), date(year, 12, 31)) if year is not None else (None, None)
