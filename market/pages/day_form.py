"""Writing a market day down: a new one, or one that changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.forms import DayForm, wall_values
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import (
    MOVABLE_STATES,
    DayState,
    draft_faults,
)
from market.calendar.service import DayDraft
from market.errors import Refusal
from market.layout.filters import day_text
from market.pages.blueprint import bp
from market.people.access import current_community, current_user
from market.places import service as places
from market.places.models import Venue
from market.stalls import service as stalls

WINDOW = ("apply_from", "apply_until")


@bp.get("/staff/<slug>/days/new")
@open_to(Audience.STAFF)
def new_day() -> ResponseReturnValue:
    community = current_community()
    venues = places.venues(community)
    if not venues:
        flash(_("先画好场地，再排集市。"), "wait")
        return redirect(url_for("places.new_venue"))
    like = service.find_day(community, request.args["like"]) if "like" in request.args else None
    like = like or service.last_held(community)
    form = _offered(DayForm(formdata=None, data=_prefilled(like), like=like.ref if like else ""), venues)
    return render_template("pages/day_form.html", form=form, day=None, fixed=False)


@bp.post("/staff/<slug>/days")
@open_to(Audience.STAFF)
def create_day() -> ResponseReturnValue:
    community = current_community()
    form = _offered(DayForm(), places.venues(community))
    draft = _valid_draft(form)
    if draft is not None and (made := form.attempt(lambda: _create(draft, form.like.data))):
        flash(
            _("记下了：%(day)s。现在还是草稿，只有工作人员看得到。", day=day_text(made.value.open_at)), "go"
        )
        return redirect(url_for("pages.day", ref=made.value.ref))
    return render_template("pages/day_form.html", form=form, day=None, fixed=False), form.status


def _create(draft: DayDraft, like: str | None) -> MarketDay:
    """A market, with the quotas and duties of the one that it was filled in from."""
    community, by, at = current_community(), current_user(), clock.now()
    made = service.create_day(community, draft, by=by, at=at)
    if like:
        stalls.copy_rules(service.find_day(community, like), made, by=by, at=at)
    return made


@bp.route("/staff/<slug>/days/<ref>/edit", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def edit_day(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    service.check_editable(day)
    fixed = day.state not in MOVABLE_STATES
    venues = [day.venue] if fixed else places.venues(current_community())
    form = _offered(DayForm(data=_as_written(_starting_draft(day))), venues)
    if request.method == "POST":
        draft = _valid_draft(form, day)
        if draft is not None and form.attempt(lambda: _rewrite(day, draft)):
            flash(_("改好了。"), "go")
            return redirect(url_for("pages.day", ref=day.ref))
    return render_template("pages/day_form.html", form=form, day=day, fixed=fixed), form.status


def _starting_draft(day: MarketDay) -> DayDraft:
    """What the form shows first: a day as it stands, or a new date for a postponed one."""
    if day.state is not DayState.POSTPONED:
        return service.draft_of(day)
    return service.shifted_draft(day, service.same_weekday_later(day, clock.today(day.community.zone)))


def _rewrite(day: MarketDay, draft: DayDraft) -> None:
    """Writes a day anew; a postponed day thereby gets its new date."""
    by, at = current_user(), clock.now()
    placed = len(stalls.assignments(day))
    if draft.stall_limit < placed:
        raise Refusal("calendar.limit_below_placed", _("已经排了 %(n)s 家，摊位数不能比这个少。", n=placed))
    if day.state is not DayState.POSTPONED:
        service.edit_day(day, draft, by=by, at=at)
        return
    old, new = service.local_date(day), draft.on
    note = _("原定 %(old)s的集市，改到 %(new)s。", old=day_text(old), new=day_text(new)) if old != new else ""
    service.reschedule(day, draft, public_note=note, by=by, at=at)


def _offered(form: DayForm, venues: list[Venue]) -> DayForm:
    form.offer((venue.ref, venue.name) for venue in venues)
    return form


def _prefilled(like: MarketDay | None) -> dict[str, Any]:
    """The last market four weeks later or as soon as a date is free, or the ordinary hours of a first one."""
    if like is not None:
        return _as_written(_like_draft(like))
    return {**DayForm.ordinary(_first_date()), **_room_for(places.venues(current_community()))}


def _first_date() -> date:
    """A Saturday in four weeks, or as soon after as there is one."""
    today = clock.today(current_community().zone)
    return today + timedelta(days=28 + (5 - today.weekday()) % 7)


def _room_for(venues: list[Venue]) -> dict[str, Any]:
    """No more stalls than the first plaza has."""
    drawn = len(places.live_stalls(venues[0])) if venues else 0
    return {"stall_limit": min(drawn, DayForm.ORDINARY_STALLS)} if drawn else {}


def _as_written(draft: DayDraft) -> dict[str, Any]:
    """A draft as the fields of the form show it, in the hours of the wall."""
    zone = current_community().zone
    values = {name: value for name, value in draft.__dict__.items() if name != "venue"}
    for name in WINDOW:
        values[name] = clock.local(values[name], zone)
    return {**wall_values(values), "venue": draft.venue.ref}


def _valid_draft(form: DayForm, day: MarketDay | None = None) -> DayDraft | None:
    """What was typed, when it can be; otherwise every mistake stands under its field."""
    if not form.validate_on_submit():
        return None
    community, at = current_community(), clock.now()
    draft = _followed(_draft(form), day, form.like.data)
    date_is_new = day is None or service.local_date(day) != draft.on
    faults = draft_faults(draft.facts(community.zone, at), date_is_new=date_is_new)
    form.show_faults(faults)
    return draft if not faults else None


def _followed(draft: DayDraft, day: MarketDay | None, like: str | None) -> DayDraft:
    """The window of applications follows the date when only the date was changed."""
    shown = _shown_first(day, like) or _first_market(draft)
    if (shown.apply_from, shown.apply_until) != (draft.apply_from, draft.apply_until):
        return draft
    days = draft.on - shown.on
    return replace(
        draft, apply_from=_later(draft.apply_from, days), apply_until=_later(draft.apply_until, days)
    )


def _shown_first(day: MarketDay | None, like: str | None) -> DayDraft | None:
    """A market that the form was filled in from; None when it was the ordinary first market."""
    if day is not None:
        return _starting_draft(day)
    return _like_draft(service.find_day(current_community(), like)) if like else None


def _first_market(draft: DayDraft) -> DayDraft:
    """The date and the window that the form of a first market showed."""
    shown = DayForm.ordinary(_first_date())
    start, end = (_moment(shown[name]) for name in WINDOW)
    return replace(draft, on=shown["on"], apply_from=start, apply_until=end)


def _like_draft(like: MarketDay) -> DayDraft:
    return service.shifted_draft(like, service.free_date(like, clock.today(like.community.zone)))


def _later(moment: datetime, days: timedelta) -> datetime:
    wall = clock.local(moment, current_community().zone)
    return clock.at_local(wall.date() + days, wall.time(), current_community().zone)


def _draft(form: DayForm) -> DayDraft:
    community = current_community()
    values = {name: value for name, value in form.data.items() if name not in ("csrf_token", "like", "venue")}
    values |= {name: _moment(values[name]) for name in WINDOW}
    return DayDraft(venue=places.find_venue(community, form.venue.data), **values)


def _moment(wall: datetime) -> datetime:
    """What the clock on the wall shows here."""
    return clock.at_local(wall.date(), wall.time(), current_community().zone)
