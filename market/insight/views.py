"""The counters for everybody, for the desk of a community, and for a region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext, lazy_gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.communities.service import profile_of
from market.config import settings
from market.errors import NotFound, Refusal
from market.fund.published import PublicBook, public_book
from market.insight import impact_words, service
from market.insight.act_words import ACTS
from market.insight.blueprint import bp
from market.insight.case_sheet import case_of, write_case
from market.insight.fact_words import KINDS
from market.insight.facts import FACTS
from market.insight.history import Alone, figures_by, history as history_of, walk
from market.insight.impact import Impact, impact_of, impact_of_region
from market.insight.period_words import period_word
from market.insight.periods import Length, Period, period_of, periods_between, read_period
from market.journal.printed import head_now
from market.layout.answers import send_pdf
from market.paging import SIZE, paging
from market.people.access import current_community, current_region
from market.settlement import service as settlement
from market.settlement.models import Settlement
from market.vendors.words import CATEGORY_WORDS


@bp.get("/c/<slug>/impact")
@open_to(Audience.PUBLIC)
def page() -> str:
    """Four quadrants, charts and the markets behind them, of a year, a quarter, a month or all the time."""
    community = current_community()
    period, seen = _period(), public_book(community)
    found = _of_community(period, seen)
    impact = impact_of(community, found["counted"], seen, period)
    return render_template("insight/page.html", impact=impact, **_pictured(impact, found), **found)


def _pictured(impact: Impact, found: dict[str, Any]) -> dict[str, object]:
    """The charts and what is said of each figure."""
    given = [(closed, found["given"][closed.day_id]) for closed in reversed(found["markets"])]
    return {
        "charts": impact_words.charts(impact, given),
        "quadrants": impact_words.quadrants(impact),
        "meanings": impact_words.meanings(impact),
        "kinds": [(CATEGORY_WORDS[kind], n) for kind, n in impact.kinds],
    }


@bp.get("/c/<slug>/impact.pdf")
@open_to(Audience.PUBLIC)
def one_page() -> Response:
    """案例一页纸: the same on one sheet of A4, for who was not there."""
    community = current_community()
    period, seen = _period(), public_book(community)
    found = _of_community(period, seen)
    impact = impact_of(community, found["counted"], seen, period)
    given = [(closed, found["given"][closed.day_id]) for closed in reversed(found["markets"])]
    case = case_of(
        community,
        impact,
        impact_words.charts(impact, given),
        address=settings().public_url + url_for("insight.page", period=period.code if period else None),
        head=head_now(community.id).short,
        today=clock.today(community.zone),
    )
    out = BytesIO()
    write_case(case, out)
    what = gettext("案例一页纸")
    return send_pdf(out, f"{community.name}_{what}_{case.period}.pdf")


@bp.get("/staff/<slug>/insight")
@open_to(Audience.STAFF)
def desk() -> str:
    return render_template("insight/desk.html", **_of_community(_period()))


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
    what = KINDS.get(kind, _("这一场"))
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
    page = paging(settlement.count_settled(current_community()))
    found = settlement.newest_settled(current_community(), page.offset, SIZE)
    return render_template("insight/proofs.html", settled=found, paging=page)


def _proof(ref: str, history_page: str, *, sees_takings: bool) -> str:
    day = day_at(ref)
    found = walk(day)
    if found is None:
        raise Refusal("insight.not_settled", _("这一场还没有收市结算。"))
    seen = public_book(current_community())
    return render_template(
        "insight/proof.html",
        day=day,
        it=found,
        history_page=history_page,
        sees_takings=sees_takings,
        hidden=seen.hidden,
    )


@bp.get("/region/<code>")
@open_to(Audience.REGION)
def region() -> str:
    """The communities of a street or a district, each for itself and all together."""
    place = current_region()
    period = _period() or period_of(Length.YEAR, date(_newest_year(), 1, 1))
    communities, total = service.whole_region(place, period.first, period.last)
    page = paging(communities)
    smallest = profile_of(place).disclosure.smallest_group
    impact = impact_of_region(
        service.communities_inside(place), settings().zone, total, period, smallest=smallest
    )
    return render_template(
        "insight/region.html",
        region=place,
        rows=service.roll_up(place, period.first, period.last, offset=page.offset, limit=SIZE),
        paging=page,
        impact=impact,
        charts=impact_words.charts(impact, []),
        quadrants=impact_words.quadrants(impact),
        meanings=impact_words.meanings(impact),
        kinds=[(CATEGORY_WORDS[kind], n) for kind, n in impact.kinds],
        period=period,
        within=_within(period, [period.first.year]),
        period_word=period_word,
    )


def _newest_year() -> int:
    """The year to begin with: a new year's first weeks would show nothing but zeros."""
    newest = service.newest_market(current_region()) or clock.now()
    return clock.local(newest, settings().zone).year


def _of_community(period: Period | None, seen: PublicBook | None = None) -> dict[str, Any]:
    """The counters and the markets behind them; with `seen` as everybody may see them."""
    community = current_community()
    every = service.by_day(community)
    since, until = (period.first, period.last) if period is not None else (None, None)
    if seen is None:
        counted = service.counters(community, since, until)
    else:
        settled = service.settled_counters(community, since, until)
        counted = replace(settled, contribution_fen=seen.contributed(since, until))
    markets = [closed for closed in reversed(every) if period is None or period.span.holds(_date(closed))]
    given = {
        closed.day_id: seen.of(closed).contribution_fen if seen else closed.contribution_fen
        for closed in markets
    }
    return {
        "counted": counted,
        "markets": markets,
        "given": given,
        "elsewhere_fen": counted.contribution_fen - sum(fen or 0 for fen in given.values()),
        "years": sorted({_date(closed).year for closed in every}, reverse=True),
        "period": period,
        "within": _within(period, sorted({_date(closed).year for closed in every}), every),
        "period_word": period_word,
    }


def _date(closed: Settlement) -> date:
    return clock.local(closed.day.open_at, closed.day.community.zone).date()


def _within(period: Period | None, years: list[int], markets: Sequence[Settlement] = ()) -> list[Period]:
    """The quarters and months of the year that is looked at; with `markets` only those that had one."""
    if period is None or period.first.year not in years:
        return []
    year = period_of(Length.YEAR, period.first)
    inside = [one for one in periods_between(year.first, year.last) if one.length is not Length.YEAR]
    dates = [_date(closed) for closed in markets]
    order = sorted(inside, key=lambda one: (one.length is Length.MONTH, one.first))
    return [one for one in order if not markets or any(one.span.holds(day) for day in dates)]


def _period() -> Period | None:
    """The period asked for, by `?period=2024-Q3` or `?year=2024`; what cannot be read counts as not asked."""
    asked = request.args.get("period") or request.args.get("year", "")
    return read_period(asked)
