"""Which stalls do not open on a day, who stands there, and where they could stand instead."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.people.access import current_user
from market.places.models import Stall
from market.places.rules import Box, nearest_door
from market.places.service import live_stalls
from market.stalls import service
from market.stalls.blueprint import bp
from market.stalls.forms import ShutForm
from market.stalls.models import ShutStall


@bp.get("/staff/<slug>/days/<ref>/shut-stalls")
@open_to(Audience.STAFF)
def shut_stalls(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return _page(day, _offered(day, ShutForm(formdata=None)))


@bp.post("/staff/<slug>/days/<ref>/shut-stalls")
@open_to(Audience.STAFF)
def create_shut_stalls(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = _offered(day, ShutForm())
    chosen = _chosen(day, form)
    if form.validate_on_submit() and form.attempt(
        lambda: service.shut(day, chosen, form.reason.text, by=current_user(), at=clock.now())
    ):
        flash(_("记下了：%(n)s 个摊位不开。站在那里的商户会收到消息。", n=len(chosen)), "go")
        return redirect(url_for("stalls.shut_stalls", ref=day.ref))
    return _page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/shut-stalls/removals")
@open_to(Audience.STAFF)
def delete_shut_stalls(ref: str) -> ResponseReturnValue:
    """Takes back what was shut at once."""
    day, asked = day_at(ref), {*request.form.getlist("stalls")}
    shut = [row.stall for row in service.shut_stalls(day).values() if row.stall.ref in asked]
    for stall in shut:
        service.open_again(day, stall, by=current_user(), at=clock.now())
    flash(_("%(n)s 个摊位又开了。", n=len(shut)), "go")
    return redirect(url_for("stalls.shut_stalls", ref=day.ref))


@bp.post("/staff/<slug>/days/<ref>/shut-stalls/<stall_ref>/removal")
@open_to(Audience.STAFF)
def delete_shut_stall(ref: str, stall_ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    stall = service.find_stall(day, stall_ref)
    service.open_again(day, stall, by=current_user(), at=clock.now())
    flash(_("%(stall)s 号又开了。", stall=stall.label), "go")
    return redirect(url_for("stalls.shut_stalls", ref=day.ref))


def _parts(day: MarketDay) -> dict[str, tuple[str, list[Stall]]]:
    """What can be chosen at once: each zone, and what is near each entrance where there are several."""
    known, doors = service.shut_stalls(day), day.venue.entrance_names()
    left = [stall for stall in live_stalls(day.venue) if stall.id not in known]
    parts = {
        f"zone-{zone}": (_("%(zone)s 区", zone=zone), [stall for stall in left if stall.zone == zone])
        for zone in sorted({stall.zone for stall in left})
    }
    for number, door in enumerate(doors if len(doors) > 1 else ()):
        near = [stall for stall in left if _door(stall) == door]
        parts[f"door-{number}"] = (_("靠近%(door)s", door=door), near)
    return {key: part for key, part in parts.items() if part[1]}


def _door(stall: Stall) -> str:
    venue = stall.venue
    box = Box(stall.x_dm, stall.y_dm, stall.width_dm, stall.depth_dm)
    return nearest_door(box, venue.entrance_names(), venue.width_dm, venue.depth_dm)


def _chosen(day: MarketDay, form: ShutForm) -> list[Stall]:
    """The stalls that were ticked, one by one or with their whole part."""
    parts, one_by_one = _parts(day), {*(form.stalls.data or ())}
    whole = {stall.id for key in form.parts.data or () for stall in parts.get(key, ("", []))[1]}
    return [stall for stall in live_stalls(day.venue) if stall.id in whole or stall.ref in one_by_one]


def _offered(day: MarketDay, form: ShutForm) -> ShutForm:
    known = service.shut_stalls(day)
    form.stalls.choices = [
        (stall.ref, stall.label) for stall in live_stalls(day.venue) if stall.id not in known
    ]
    form.parts.choices = [(key, f"{name} · {len(part)}") for key, (name, part) in _parts(day).items()]
    return form


def _page(day: MarketDay, form: ShutForm) -> str:
    holders = {stall_id: held for held in service.assignments(day) for stall_id in held.stall_ids}
    known = sorted(service.shut_stalls(day).values(), key=lambda row: row.stall.label)
    return render_template(
        "stalls/shut_stalls.html",
        day=day,
        form=form,
        rows=[(row, holders.get(row.stall_id)) for row in known],
        batches=_batches(known),
    )


def _batches(known: list[ShutStall]) -> list[list[ShutStall]]:
    """What was shut in one act, where that was more than one stall."""
    acts: dict[tuple[object, ...], list[ShutStall]] = {}
    for row in known:
        acts.setdefault((row.shut_at, row.shut_by, row.reason), []).append(row)
    return [rows for rows in acts.values() if len(rows) > 1]
