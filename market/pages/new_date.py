"""Another date, place or hours for a market: one form, and what it breaks beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.forms import MoveForm
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.new_date import WINDOW_MATTERS
from market.calendar.service import DateAndPlace, DayDraft
from market.gate import service as gate
from market.layout.filters import day_text, hours_text
from market.pages.blueprint import bp
from market.pages.breaks import Break, breaks
from market.passes import service as passes
from market.people.access import current_user
from market.places import service as places
from market.stalls import service as stalls
from market.vendors.words import in_a_row

WINDOW = ("apply_from", "apply_until")
STEPS_AHEAD = (1, 7, 14)
"""By how many days most markets are put off."""


@dataclass(frozen=True)
class Preview:
    """A move that may be made, and what comes of it."""

    draft: DayDraft
    breaks: list[Break]
    stays: str
    title: str
    button: str


@bp.route("/staff/<slug>/days/<ref>/move", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def move_day(ref: str) -> ResponseReturnValue:
    """GET shows what a date would break, and changes nothing; POST moves."""
    day, at = day_at(ref), clock.now()
    service.check_movable(day)
    form = MoveForm() if request.method == "POST" else _asked(day)
    _offer_places(form, day)
    asked = request.method == "POST" or bool(request.args)
    draft = _possible(form, day, at) if asked else None
    if draft is not None and request.method == "POST" and not form.errors and _done(day, draft, form, at):
        flash(_("改好了：%(day)s。", day=day_text(draft.on)), "go")
        return redirect(url_for("pages.day", ref=day.ref) + "#lacks")
    return _page(day, form, draft, at), form.status


def _done(day: MarketDay, draft: DayDraft, form: MoveForm, at: datetime) -> bool:
    def act() -> None:
        gate.move_day(
            day, draft, public_note=" ".join(form.public_note.text.split()), by=current_user(), at=at
        )

    return form.attempt(act) is not None


def _page(day: MarketDay, form: MoveForm, draft: DayDraft | None, at: datetime) -> str:
    if draft is not None and not form.is_submitted():
        _propose(form, day, draft)
    return render_template(
        "pages/move.html",
        day=day,
        form=form,
        preview=_preview(day, draft, at) if draft is not None else None,
        shortcuts=_shortcuts(day, clock.local(at, day.community.zone).date()),
        window_matters=day.state in WINDOW_MATTERS,
    )


def _propose(form: MoveForm, day: MarketDay, draft: DayDraft) -> None:
    """The sentence for residents, and the window that follows the date; both may be written over."""
    form.public_note.data = _note(day, draft)
    for name in WINDOW:
        wall = clock.local(getattr(draft, name), day.community.zone)
        form[name].data = wall.replace(tzinfo=None)


# ── what was asked ────────────────────────────────────────────────────────────────────────────────────────


def _asked(day: MarketDay) -> MoveForm:
    """The form as the address says it, with the day as it stands for whatever is not said."""
    written = {
        name: value.strftime("%H:%M") if hasattr(value, "hour") else value.isoformat()
        for name, value in _as_written(day).items()
    }
    values = {**written, "venue": day.venue.ref, **request.args.to_dict()}
    return MoveForm(MultiDict(values), meta={"csrf": False})


def _as_written(day: MarketDay) -> dict[str, Any]:
    draft = service.draft_of(day)
    return {"on": draft.on, "opens": draft.opens, "closes": draft.closes, "arrive_by": draft.arrive_by}


def _offer_places(form: MoveForm, day: MarketDay) -> None:
    form.venue.choices = [(venue.ref, venue.name) for venue in places.venues(day.community)]


def _possible(form: MoveForm, day: MarketDay, at: datetime) -> DayDraft | None:
    """What was asked, when it can be; every mistake stands under its field. A wrong window of applications
    does not hide what the date itself would do."""
    if not form.validate():
        return None
    draft = _draft(form, day, at)
    faults = service.move_faults(day, draft, at)
    form.show_faults(faults)
    if any(field not in WINDOW for field, _code in faults):
        return None
    return draft if form.is_submitted() or form.attempt(lambda: _check(day, draft)) else None


def _check(day: MarketDay, draft: DayDraft) -> None:
    """What would be refused, said before anybody presses the button."""
    gate.check_move(day, draft)
    zone = day.community.zone
    open_at, close_at = (clock.at_local(draft.on, hour, zone) for hour in (draft.opens, draft.closes))
    service.refuse_taken(draft.venue, open_at, close_at, besides=day)


def _draft(form: MoveForm, day: MarketDay, at: datetime) -> DayDraft:
    venue = places.find_venue(day.community, form.venue.data)
    on, opens, closes, arrive = (
        cast("Any", field.data) for field in (form.on, form.opens, form.closes, form.arrive_by)
    )
    draft = service.moved_draft(day, on, opens, closes, arrive, venue, at=at)
    if day.state not in WINDOW_MATTERS:
        return draft
    start, end = (_typed(form[name], day) for name in WINDOW)
    return replace(draft, apply_from=start or draft.apply_from, apply_until=end or draft.apply_until)


def _typed(field: Any, day: MarketDay) -> datetime | None:
    wall = field.data
    return clock.at_local(wall.date(), wall.time(), day.community.zone) if wall else None


# ── what comes of it ──────────────────────────────────────────────────────────────────────────────────────


def _preview(day: MarketDay, draft: DayDraft, at: datetime) -> Preview:
    zone, moved = day.community.zone, draft.on != service.local_date(day)
    return Preview(
        draft=draft,
        breaks=breaks(day, DateAndPlace(draft.on, draft.venue), clock.local(at, zone).date()),
        stays=_stays(day),
        title=_when(day, draft),
        button=_("就改到 %(day)s", day=day_text(draft.on)) if moved else _("就这样改"),
    )


def _when(day: MarketDay, draft: DayDraft) -> str:
    """Date and hours, as they would be."""
    hours = (clock.at_local(draft.on, hour, day.community.zone) for hour in (draft.opens, draft.closes))
    return f"{day_text(draft.on)} {hours_text(*hours)}"


def _stays(day: MarketDay) -> str:
    """Everything decided goes along; said in figures, so that nobody has to trust it."""
    people = passes.call_off_preview(day)
    pinned = len(stalls.pinned_stalls(day))
    counted = (
        (len(people.applications), _("%(n)s 家的报名和审核", n=len(people.applications))),
        (len(people.placed), _("%(n)s 个摊位", n=len(people.placed))),
        (pinned, _("%(n)s 家固定的位置", n=pinned)),
        (people.passes, _("%(n)s 张摊位证", n=people.passes)),
    )
    kept = in_a_row([text for number, text in counted if number])
    return _("%(kept)s都留着，不用重新办。", kept=kept) if kept else ""


def _note(day: MarketDay, draft: DayDraft) -> str:
    """What residents read when nobody writes anything better."""
    if not day.was_public:
        return ""
    old, new = service.local_date(day), draft.on
    if old != new:
        return _("原定 %(old)s的集市，改到 %(new)s。", old=day_text(old), new=day_text(new))
    if draft.venue.id != day.venue_id:
        return _("集市换了地方：%(place)s。", place=draft.venue.name)
    zone = day.community.zone
    hours = hours_text(*(clock.at_local(new, hour, zone) for hour in (draft.opens, draft.closes)))
    return _("集市的时间改成 %(hours)s。", hours=hours)


def _shortcuts(day: MarketDay, today: date) -> list[tuple[str, str]]:
    """(label, address) of the dates that are asked for most."""
    labels = {1: _("推迟一天"), 7: _("推迟一周"), 14: _("推迟两周")}
    old = service.local_date(day)
    dates = [(labels[step], old + timedelta(days=step)) for step in STEPS_AHEAD]
    address = partial(url_for, "pages.move_day", ref=day.ref, _anchor="preview")
    return [(text, address(on=on)) for text, on in dates if on >= today]
