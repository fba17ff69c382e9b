"""Going round with a phone: the list of a round, and the points of one stall or of the plaza."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.inspection import service, words
from market.inspection.blueprint import bp
from market.inspection.forms import PointForm, SpotForm
from market.inspection.rules import ROUNDS, Result
from market.inspection.service import Problem, Spot
from market.people.access import current_user
from market.photos import Photo, sent_photos, takes_photos
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.typed_text import whole_number


@bp.get("/gate/<slug>/days/<ref>/inspection")
@open_to(Audience.GATE)
def round_page(ref: str) -> str:
    day, at = day_at(ref), clock.now()
    number = asked_round(day)
    spots = service.round_of(day, number)
    return render_template(
        "inspection/round.html",
        day=day,
        number=number,
        spots=spots,
        following=_next_spot(spots),
        waiting=[finding for spot in spots for finding in spot.open_findings],
        incidents=[one for one in service.incidents_of(day) if one.ended_at is None],
        inspecting=day.state in service.INSPECTING_STATES,
        at=at,
    )


def asked_round(day: MarketDay) -> int:
    """The round that the address names; the one that is on where it names none."""
    asked = whole_number(request.args.get("round", ""))
    return asked if asked is not None and 1 <= asked <= ROUNDS else service.round_now(day)


def _next_spot(spots: list[Spot]) -> Spot | None:
    return next((spot for spot in spots if spot.check is None), None)


@bp.get("/gate/<slug>/days/<ref>/inspection/plaza")
@open_to(Audience.GATE)
def plaza(ref: str) -> ResponseReturnValue:
    return _blank_page(day_at(ref), None)


@bp.post("/gate/<slug>/days/<ref>/inspection/plaza")
@open_to(Audience.GATE)
@takes_photos
def check_plaza(ref: str) -> ResponseReturnValue:
    return _check(day_at(ref), None)


@bp.get("/gate/<slug>/days/<ref>/inspection/stalls/<assignment_ref>")
@open_to(Audience.GATE)
def stall(ref: str, assignment_ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return _blank_page(day, stalls.find_assignment(day, assignment_ref))


@bp.post("/gate/<slug>/days/<ref>/inspection/stalls/<assignment_ref>")
@open_to(Audience.GATE)
@takes_photos
def check_stall(ref: str, assignment_ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return _check(day, stalls.find_assignment(day, assignment_ref))


def _blank_page(day: MarketDay, held: Assignment | None) -> ResponseReturnValue:
    points = {item.code: _point(item.code, fresh=True) for item in service.items_at(day, held)}
    return _spot_page(day, held, SpotForm(formdata=None, client_id=secrets.token_urlsafe(12)), points)


def _point(code: str, *, fresh: bool = False) -> PointForm:
    more = {"formdata": None} if fresh else {}
    return PointForm(prefix=code, meta={"csrf": False}, **more)


def _check(day: MarketDay, held: Assignment | None) -> ResponseReturnValue:
    """What was seen is noted, and the next stall shown."""
    number, form = asked_round(day), SpotForm()
    points = {item.code: _point(item.code) for item in service.items_at(day, held)}
    good = [form.validate_on_submit(), *(point.validate() for point in points.values())]
    if all(good) and form.attempt(lambda: _note(day, held, number, form, points)):
        flash(_("%(place)s看完了。", place=_name(held)), "go")
        return redirect(_onwards(day, number))
    return _spot_page(day, held, form, points)


def _note(
    day: MarketDay, held: Assignment | None, number: int, form: SpotForm, points: dict[str, PointForm]
) -> None:
    service.check_spot(
        day,
        held,
        number,
        list(_problems(day, points)),
        client_id=form.client_id.data or "",
        by=current_user(),
        at=clock.now(),
    )


def _problems(day: MarketDay, points: dict[str, PointForm]) -> Iterator[Problem]:
    for code, point in points.items():
        if point.result.data:
            until = moment_of(day, point.mend_by.data)
            yield Problem(code, Result(point.result.data), point.note.text, until, _photos(code))


def moment_of(day: MarketDay, hour: time | None) -> datetime | None:
    """An hour of the market's date."""
    return clock.at_local(local_date(day), hour, day.community.zone) if hour is not None else None


def _photos(code: str) -> tuple[Photo, ...]:
    return tuple(sent_photos(f"{code}-photo"))


def _name(held: Assignment | None) -> str:
    return f"{held.label} {held.vendor.trading_name}" if held is not None else _("广场")


def _onwards(day: MarketDay, number: int) -> str:
    """The next place where nobody has looked in this round; the list when that was the last."""
    following = _next_spot(service.round_of(day, number))
    if following is None:
        return url_for("inspection.round_page", ref=day.ref, round=number)
    return spot_address(day, following.held, number)


def spot_address(day: MarketDay, held: Assignment | None, number: int) -> str:
    """The page of one stall, or of the plaza, in a round."""
    if held is None:
        return url_for("inspection.plaza", ref=day.ref, round=number)
    return url_for("inspection.stall", ref=day.ref, assignment_ref=held.ref, round=number)


@bp.app_template_global()
def spot_link(day: MarketDay, spot: Spot, number: int) -> str:
    """The address of a line of the round."""
    return spot_address(day, spot.held, number)


def _spot_page(
    day: MarketDay, held: Assignment | None, form: SpotForm, points: dict[str, PointForm]
) -> ResponseReturnValue:
    number = asked_round(day)
    (spot,) = [s for s in service.round_of(day, number) if s.held is held] or [_left(day, held)]
    page = render_template(
        "inspection/spot.html",
        day=day,
        number=number,
        spot=spot,
        name=_name(held),
        form=form,
        points=points,
        inspecting=day.state in service.INSPECTING_STATES,
        item_words={item.code: words.item_word(day.community, item.code) for item in spot.items},
        at=clock.now(),
    )
    bad = [form.status, *(point.status for point in points.values())]
    return page, max(bad)


def _left(day: MarketDay, held: Assignment | None) -> Spot:
    """Somebody who has left the stall meanwhile."""
    return Spot(held, service.items_at(day, held), None, [])
