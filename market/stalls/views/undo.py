"""The inverse act as a button in the answer to an act."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from market.calendar.models import MarketDay


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
