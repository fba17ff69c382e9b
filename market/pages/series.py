"""Many markets from one form, each a draft; and drafts that go again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from market import clock
from market.access import Audience, open_to
from market.calendar import holidays, service, words
from market.calendar.forms import DeletionForm, SeriesForm
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import MAX_AHEAD, DayState
from market.calendar.series import Rhythm
from market.pages.blueprint import bp
from market.pages.breaks import not_announced
from market.people.access import current_community, current_user
from market.stalls import service as stalls

FIRST_LOOK = timedelta(days=91)
"""A quarter is planned at once, unless somebody says otherwise."""


@dataclass(frozen=True)
class Candidate:
    """A date of the rhythm, with what is to know about it."""

    on: date
    tags: list[tuple[str, str]]
    taken: bool
    """Another market has the place in these hours."""
    chosen: bool


@bp.route("/staff/<slug>/days/series", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def series() -> ResponseReturnValue:
    """GET shows the dates of a rhythm; POST makes drafts of those that stay ticked."""
    like = _like()
    if like is None:
        flash(_("先排好一场，再照着它排一串。"), "wait")
        return redirect(url_for("pages.new_day"))
    form = SeriesForm() if request.method == "POST" else _asked(like)
    asked = request.method == "POST" or "rhythm" in request.args
    form.dates.choices = [(on.isoformat(), on.isoformat()) for on in form.candidates()]
    valid = asked and form.validate() and _in_time(form)
    if valid and request.method == "POST" and (made := form.attempt(lambda: _create(like, form))):
        flash(_("记下了 %(n)s 场，都是草稿，只有工作人员看得到。", n=len(made.value)), "go")
        return redirect(url_for("pages.series_made", ref=[day.ref for day in made.value]))
    shown = _candidates(like, form) if valid or form.is_submitted() else []
    return render_template(
        "pages/series.html",
        form=form,
        like=like,
        asked=bool(valid),
        candidates=shown,
        unknown=[not_announced(year) for year in sorted({one.on.year for one in shown}) if _unknown(year)],
    ), form.status


def _like() -> MarketDay | None:
    """The market that the new ones are like: the one that was named, else the last that was held."""
    community = current_community()
    ref = request.values.get("like", "")
    return service.find_day(community, ref) if ref else service.last_held(community)


def _asked(like: MarketDay) -> SeriesForm:
    """The form as the address says it; what is not said begins after the last market that is planned."""
    today = clock.today(like.community.zone)
    ahead = [service.local_date(day) for day in service.days_ahead(like.community, clock.now())]
    since = max([today, *ahead]) + timedelta(days=1)
    usual = {
        "like": like.ref,
        "theme": like.theme,
        "rhythm": Rhythm.FORTNIGHTLY.value,
        "weekday": str(service.local_date(like).weekday()),
        "since": since.isoformat(),
        "until": (since + FIRST_LOOK).isoformat(),
    }
    return SeriesForm(MultiDict({**usual, **request.args.to_dict()}), meta={"csrf": False})


def _in_time(form: SeriesForm) -> bool:
    """Whether the dates lie ahead, and not too far; the sentence stands under its field."""
    today = clock.today(current_community().zone)
    since, until = cast("date", form.since.data), cast("date", form.until.data)
    faults = (
        (form.since, since < today, words.DRAFT_SENTENCES["date_past"]),
        (form.until, until - today > MAX_AHEAD, words.DRAFT_SENTENCES["date_too_far"]),
        (form.until, until < since, _("最后一天要在第一天以后。")),
        (form.dates, form.is_submitted() and not form.dates.data, _("一天也没有选。请至少勾一天。")),
    )
    for field, wrong, sentence in faults:
        if wrong:
            form.say_wrong(str(sentence), field.name)
    return not form.errors


def _create(like: MarketDay, form: SeriesForm) -> list[MarketDay]:
    """Drafts with the quotas and duties of the market that they are like."""
    by, at = current_user(), clock.now()
    dates = [date.fromisoformat(text) for text in form.dates.data or ()]
    made = service.create_series(like, dates, form.theme.text, by=by, at=at)
    for day in made:
        stalls.copy_rules(like, day, by=by, at=at)
    return made


# ── what is to know about each date ───────────────────────────────────────────────────────────────────────


def _candidates(like: MarketDay, form: SeriesForm) -> list[Candidate]:
    ticked = set(form.dates.data or ()) if form.is_submitted() else None
    known: dict[date, list[MarketDay]] = {}
    for day in service.days_ahead(like.community, clock.now()):
        if day.state not in (DayState.POSTPONED, DayState.CANCELLED):
            known.setdefault(service.local_date(day), []).append(day)
    return [_candidate(like, on, known.get(on, []), ticked) for on in form.candidates()]


def _candidate(like: MarketDay, on: date, others: list[MarketDay], ticked: set[str] | None) -> Candidate:
    taken = any(_in_the_way(like, on, other) for other in others)
    tags = [words.mark_words(mark) for mark in holidays.marks(on)]
    tags += [
        ("stop" if taken else "wait", _("那天已经有「%(theme)s」", theme=other.theme)) for other in others
    ]
    chosen = ticked is None or on.isoformat() in ticked
    return Candidate(on, tags, taken, chosen and not taken)


def _in_the_way(like: MarketDay, on: date, other: MarketDay) -> bool:
    """Whether another market has the same place in the hours that this one would have on a date."""
    draft, zone = service.shifted_draft(like, on), like.community.zone
    open_at, close_at = (clock.at_local(on, hour, zone) for hour in (draft.opens, draft.closes))
    return other.venue_id == like.venue_id and other.open_at < close_at and other.close_at > open_at


def _unknown(year: int) -> bool:
    return not holidays.is_announced(year)


# ── drafts that go again ──────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/series/made")
@open_to(Audience.STAFF)
def series_made() -> str:
    """The drafts just made, and the way back."""
    community = current_community()
    made = [service.find_day(community, ref) for ref in request.args.getlist("ref")]
    return render_template("pages/series_made.html", days=made, words=words)


@bp.post("/staff/<slug>/days/deletions")
@open_to(Audience.STAFF)
def delete_drafts() -> ResponseReturnValue:
    """Drafts made by mistake go without a trace: one, or all of a series, or none when one is no draft."""
    form = DeletionForm()
    days = [day_at(ref) for ref in form.refs()]
    if form.validate_on_submit() and form.attempt(lambda: _discard(days)):
        flash(_("删掉了 %(n)s 份草稿，没有留下什么。", n=len(days)), "go")
    elif form.refusal is not None:
        flash(str(form.refusal.sentence), "stop")
        return redirect(url_for("pages.day", ref=days[0].ref))
    return redirect(url_for("pages.desk"))


def _discard(days: list[MarketDay]) -> None:
    for day in days:
        stalls.discard_draft(day, by=current_user(), at=clock.now())
