"""Who comes: dates that vendors tick ahead, and their word, shortly before a market, that they are there."""

from __future__ import annotations

from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.calendar.lookup import day_at, public_day_at
from market.calendar.models import MarketDay
from market.forms import MarketForm
from market.pages.blueprint import bp
from market.pages.vendor_home import current_vendor
from market.people.access import current_community, current_user
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors import service
from market.vendors.coming import ComingKind, is_asked
from market.vendors.coming_rows import ComingWord
from market.vendors.forms import PlainForm
from market.vendors.models import Vendor

# ── a vendor's own dates ──────────────────────────────────────────────────────────────────────────────────


class SeasonDay(NamedTuple):
    """A market ahead, and whether the vendor said that it comes."""

    day: MarketDay
    is_open: bool
    """It takes applications; ticking it is applying."""
    ticked: bool
    applied: bool


@bp.get("/vendor/<slug>/season")
@open_to(Audience.VENDOR)
def season() -> ResponseReturnValue:
    return _season_page(PlainForm(formdata=None))


def _season_page(form: MarketForm) -> ResponseReturnValue:
    page = render_template("pages/season.html", days=season_days(current_vendor()), form=form)
    return page, form.status


def season_days(vendor: Vendor) -> list[SeasonDay]:
    """The markets ahead that a vendor may tick, in order."""
    at = clock.now()
    announced = service.announced_days(vendor.community, at)
    ticked, applied = service.ticked_days(vendor, announced), service.live_days(vendor)
    days = [SeasonDay(day, False, day.id in ticked, False) for day in announced]
    days += [
        SeasonDay(day, True, day.id in applied, day.id in applied)
        for day in calendar.open_for_application(vendor.community, at)
    ]
    return sorted(days, key=lambda one: (one.day.open_at, one.day.id))


@bp.post("/vendor/<slug>/season")
@open_to(Audience.VENDOR)
def save_season() -> ResponseReturnValue:
    """Keeps the ticked dates. Who has applied withdraws on its own page, where it is asked once more."""
    form = PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: _save_season(set(request.form.getlist("day")))):
        flash(_("记下了您来的日子。到开始报名的时候，自动替您报上。"), "go")
        return redirect(url_for("pages.vendor_home"))
    return _season_page(form)


def _save_season(wanted: set[str]) -> None:
    vendor, by, at = current_vendor(), current_user(), clock.now()
    for one in season_days(vendor):
        chosen = one.day.ref in wanted
        if one.is_open and chosen and not one.applied:
            service.apply(one.day, vendor, by=by, at=at)
        elif not one.is_open and chosen:
            service.say_means_to(one.day, vendor, by=by, at=at)
        elif not one.is_open:
            service.take_word_back(one.day, vendor, ComingKind.MEANS_TO, by=by, at=at)


# ── the day before: do you come? ──────────────────────────────────────────────────────────────────────────


@bp.post("/vendor/<slug>/days/<ref>/coming")
@open_to(Audience.VENDOR)
def say_coming(ref: str) -> ResponseReturnValue:
    """One tap: yes, or the word taken back."""
    day, form = public_day_at(ref), PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: _say(day, current_vendor())):
        return redirect(url_for("pages.vendor_home"))
    flash(str(form.refusal.sentence) if form.refusal else _("请再点一次。"), "wait")
    return redirect(url_for("pages.vendor_home"))


def _say(day: MarketDay, vendor: Vendor) -> None:
    by, at = current_user(), clock.now()
    if request.form.get("answer") == "back":
        service.take_word_back(day, vendor, ComingKind.SURE, by=by, at=at)
    else:
        service.say_sure(day, vendor, by=by, at=at)


class Expected(NamedTuple):
    """Somebody with a stall, and what they said."""

    held: Assignment
    word: ComingWord | None


@bp.get("/staff/<slug>/days/<ref>/coming")
@open_to(Audience.STAFF)
def coming(ref: str) -> ResponseReturnValue:
    return _coming_page(day_at(ref), PlainForm(formdata=None))


def _coming_page(day: MarketDay, form: MarketForm) -> ResponseReturnValue:
    words = service.words_of(day, ComingKind.SURE)
    people = [Expected(held, words.get(held.vendor_id)) for held in stalls.assignments(day)]
    page = render_template(
        "pages/coming.html",
        day=day,
        unsaid=[one for one in people if one.word is None],
        said=[one for one in people if one.word is not None],
        asked=is_asked(day.state, calendar.local_date(day), clock.today(day.community.zone)),
        form=form,
    )
    return page, form.status


@bp.post("/staff/<slug>/days/<ref>/coming/<vendor_ref>")
@open_to(Audience.STAFF)
def say_coming_for(ref: str, vendor_ref: str) -> ResponseReturnValue:
    """Staff telephoned: they come, or that was a mistake."""
    day, form = day_at(ref), PlainForm()
    vendor = service.find_vendor(current_community(), vendor_ref)
    if form.validate_on_submit() and form.attempt(lambda: _say(day, vendor)):
        return redirect(url_for("pages.coming", ref=ref))
    return _coming_page(day, form)
