"""The board of a market that is on: who came, who is missing, what needs somebody; with or without a script.

The live part carries no token and no number of its own, so that it is the same text as long as nothing
happened, and a phone that asks again is told so in a few bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.words import state_word
from market.db import db
from market.forms import MarketForm
from market.gate import service as gate, words as gate_words
from market.gate.models import GatePhone, HeldScan, Scan
from market.gate.rules import Verdict
from market.gate.service import Footfall, Inside
from market.gate.service.uploads import Conflict
from market.inspection import service as inspection, words as inspection_words
from market.inspection.models import Finding, Incident
from market.pages.blueprint import bp
from market.people.access import current_community, current_user
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors.models import Application
from market.vendors.rules import minutes_late
from market.vendors.service import application_of, find_application

EVERY_S = 8
"""So often a board that is looked at asks for what is new."""
MOST_EXCEPTIONS = 12
QUIET_PHONE = timedelta(minutes=10)
"""A phone from which nothing was heard for so long has no network, or no battery."""
NAMED_INSTEAD = 3
"""For so many of the missing the next in line is worked out at once; for the others when somebody asks."""
QUIET = (Verdict.ADMITTED, Verdict.ALREADY_IN)


@dataclass(frozen=True)
class Missing:
    """Somebody who has not come, and who could stand there instead, first in line."""

    held: Assignment
    instead: Application | None


@dataclass(frozen=True)
class TwoDoors:
    """One pass shown at two entrances: often somebody who carried things, perhaps somebody else."""

    first: Scan
    again: Scan


@dataclass(frozen=True)
class Board:
    """Everything the board shows. What phones kept offline and sent later comes in as scans."""

    expected: int
    due: bool
    """Whether the hour of arrival has passed; before it nobody is missing, they are still to come."""
    came: dict[int, Scan]
    late: list[tuple[Assignment, int]]
    missing: list[Missing]
    absent: Sequence[Assignment]
    refused: list[Scan]
    two_doors: list[TwoDoors]
    findings: list[Finding]
    incidents: list[Incident]
    phones: list[GatePhone]
    """Those at the gates now."""
    conflicts: list[Conflict]
    held: Sequence[HeldScan]
    footfall: Footfall
    inside: Inside | None

    @property
    def in_time(self) -> int:
        return self.expected - len(self.late) - len(self.missing)

    @property
    def to_look_at(self) -> int:
        return sum(
            len(part)
            for part in (
                self.refused, self.two_doors, self.findings, self.incidents, self.conflicts, self.held,
            )
        )  # fmt: skip


def board_of(day: MarketDay, at: datetime) -> Board:
    """What holds now."""
    came, held, counted = gate.attendance(day), stalls.assignments(day), gate.footfall(day)
    here = [one for one in held if one.id in came]
    late = [(one, minutes_late(came[one.id].scanned_at, day.arrive_by)) for one in here]
    scans = _noteworthy_scans(day)
    return Board(
        len(held),
        at >= day.arrive_by,
        came,
        [(one, minutes) for one, minutes in late if minutes],
        _missing(day, [one for one in held if one.id not in came], at),
        stalls.absent(day),
        [scan for scan in scans if scan.verdict not in QUIET][:MOST_EXCEPTIONS],
        _two_doors(scans, came),
        inspection.open_findings(day),
        [one for one in inspection.incidents_of(day) if one.ended_at is None],
        [phone for phone in gate.phones_of(day) if phone.enrolled_at and gate.minds_gate(phone, at)],
        gate.conflicts(day),
        gate.held_scans(day),
        counted,
        gate.inside(day, counted, at),
    )


def _missing(day: MarketDay, missing: list[Assignment], at: datetime) -> list[Missing]:
    """With who could come instead once the hour of arrival has passed; nobody is named for two stalls."""
    due = at >= day.arrive_by and day.state in gate.ABSENCE_STATES
    found: list[Missing] = []
    for one in missing:
        asked = {other.instead.id for other in found if other.instead is not None}
        coming = stalls.substitutes(one, at) if due and len(found) < NAMED_INSTEAD else []
        found.append(Missing(one, next((a for a in coming if a.id not in asked), None)))
    return found


def _noteworthy_scans(day: MarketDay) -> list[Scan]:
    """All that did not simply let somebody in, the newest first."""
    query = sa.select(Scan).where(Scan.day_id == day.id, Scan.verdict != Verdict.ADMITTED)
    return list(db.session.scalars(query.order_by(Scan.scanned_at.desc(), Scan.id.desc())))


def _two_doors(scans: Sequence[Scan], came: dict[int, Scan]) -> list[TwoDoors]:
    """The same pass at another entrance than that of the first time; the newest of each."""
    found: dict[int, TwoDoors] = {}
    for again in scans:
        first = came.get(again.assignment_id or 0)
        if again.verdict is Verdict.ALREADY_IN and first is not None and again.entrance != first.entrance:
            found.setdefault(first.id, TwoDoors(first, again))
    return list(found.values())


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/board")
@open_to(Audience.STAFF)
def board(ref: str) -> str:
    day, at = day_at(ref), clock.now()
    return render_template("pages/board.html", day=day, live=_live(day, at), at=at, every=EVERY_S)


@bp.get("/staff/<slug>/days/<ref>/board/live")
@open_to(Audience.STAFF)
def board_live(ref: str) -> ResponseReturnValue:
    """The live part alone; nothing when it is still what the asker has."""
    answer = make_response(_live(day_at(ref), clock.now()))
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:20])
    answer.headers["Cache-Control"] = "no-store"
    return answer.make_conditional(request)


def _live(day: MarketDay, at: datetime) -> str:
    return render_template(
        "pages/_board.html",
        day=day,
        board=board_of(day, at),
        at=at,
        state=state_word(day.state),
        quiet=at - QUIET_PHONE,
        gate_words=gate_words,
        inspection_words=inspection_words,
    )


@bp.post("/staff/<slug>/days/<ref>/board/assignments/<assignment_ref>/substitution")
@open_to(Audience.STAFF)
def substitute_from_board(ref: str, assignment_ref: str) -> ResponseReturnValue:
    """One press: who has not come is marked, and the first in line stands there."""
    day, form = day_at(ref), MarketForm()
    held = stalls.find_assignment(day, assignment_ref)
    coming = find_application(current_community(), request.form.get("instead", ""))
    if form.validate_on_submit() and (done := form.attempt(lambda: _substitute(day, held, coming))):
        flash(done.value, "go")
    else:
        flash(_refusal(form), "stop")
    return redirect(url_for("pages.board", ref=ref))


def _substitute(day: MarketDay, held: Assignment, coming: Application) -> str:
    application = application_of(day, coming.vendor)
    placed = gate.substitute(held, application, by=current_user(), at=clock.now())
    return _(
        "%(name)s记成没来，%(other)s补到 %(stall)s 号。请打电话告诉他。",
        name=held.vendor.trading_name,
        other=placed.vendor.trading_name,
        stall=placed.label,
    )


@bp.post("/staff/<slug>/days/<ref>/board/assignments/<assignment_ref>/return")
@open_to(Audience.STAFF)
def bring_back_from_board(ref: str, assignment_ref: str) -> ResponseReturnValue:
    """It was a mistake: the vendor has its stall again."""
    day, form = day_at(ref), MarketForm()
    missed = stalls.find_assignment(day, assignment_ref)
    if form.validate_on_submit() and (
        done := form.attempt(lambda: gate.undo_no_show(missed, by=current_user(), at=clock.now()))
    ):
        back = done.value
        flash(_("撤回了：%(name)s在 %(stall)s 号。", name=back.vendor.trading_name, stall=back.label), "go")
    else:
        flash(_refusal(form), "stop")
    return redirect(url_for("pages.board", ref=ref))


def _refusal(form: MarketForm) -> str:
    return " ".join(str(sentence) for told in form.errors.values() for sentence in told)
