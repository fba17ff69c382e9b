"""The inverse act as a button in the answer to an act."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.stalls import service
from market.stalls.models import Assignment
from market.vendors.models import Application


class Undo:
    """A form that takes a step back."""

    def __init__(self, day: MarketDay, endpoint: str, **fields: str) -> None:
        self.action, self.fields = url_for(endpoint, ref=day.ref), fields

    def __html__(self) -> str:
        return render_template("stalls/_undo.html", action=self.action, fields=self.fields)


class Done:
    """What was done, on which stall, and the way back."""

    def __init__(self, sentence: str, undo: Undo | None = None, at_stall: str | None = None) -> None:
        self.sentence, self.undo, self.at_stall = sentence, undo, at_stall

    def answer(self, day: MarketDay) -> ResponseReturnValue:
        """Back to the plan, where the keyboard was."""
        flash(Markup.escape(self.sentence) + Markup.escape(self.undo or ""), "go")
        return redirect(url_for("stalls.plan", ref=day.ref, at=self.at_stall))


def back_to_its_stall(day: MarketDay, held: Assignment) -> Undo:
    """Exactly where the vendor stood: with the same second stall, and fixed if it was."""
    fixed = "1" if held.application_id in service.pinned_stalls(day) else ""
    who, to = held.application.ref, held.stall.ref
    return Undo(day, "stalls.move", who=who, to=to, beside=second_ref(held), fixed=fixed)


def back_to_waiting(day: MarketDay, application: Application) -> Undo | None:
    """Once a pass is out, taking the stall away again is a decision of its own."""
    return None if day.state in GATE_STATES else Undo(day, "stalls.release", who=application.ref)


def swapped_back(
    day: MarketDay, before: tuple[Assignment, Assignment], after: tuple[Assignment, Assignment]
) -> Undo:
    """Who needs two goes back to the very same two."""
    goes, stays = (1, 0) if before[1].second_stall_id and not before[0].second_stall_id else (0, 1)
    back = after[stays].stall
    rest = [s for s in (before[goes].stall, before[goes].second_stall) if s is not None and s.id != back.id]
    to = f"{back.ref}.{after[stays].application.ref}"
    beside = rest[0].ref if before[goes].second_stall_id else ""
    return Undo(day, "stalls.move", who=before[goes].application.ref, to=to, beside=beside)


def second_ref(held: Assignment | None) -> str:
    return held.second_stall.ref if held and held.second_stall else ""
