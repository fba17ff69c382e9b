"""Whom staff still have to call, what to say, and one text for the chat group."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.notices import service
from market.notices.models import Notice
from market.pages.blueprint import bp
from market.pages.notice_sentences import group_text, letter_of, words_of
from market.people.access import current_community, current_user

bp.add_app_template_global(words_of, "notice_words")

SHOWN_AFTERWARDS = timedelta(hours=12)
"""So long a call can be taken back on the page."""


@bp.app_template_global("notice_letter")
def _letter(notice: Notice) -> str:
    return letter_of(notice, current_community())


@bp.get("/staff/<slug>/notices")
@open_to(Audience.STAFF)
def calls() -> str:
    community, at = current_community(), clock.now()
    days = calendar.days_ahead(community, at)
    found = service.to_call(community, {day.ref: day.arrive_by for day in days}, at=at)
    return render_template(
        "pages/calls.html",
        calls=[(day, theirs) for day in days if (theirs := [n for n in found if n.day_ref == day.ref])],
        done=service.told_lately(community, [day.ref for day in days], at - SHOWN_AFTERWARDS),
        texts=[(day, text) for day in days if (text := group_text(day))],
    )


@bp.post("/staff/<slug>/notices/<ref>/call")
@open_to(Audience.STAFF)
def create_call(ref: str) -> ResponseReturnValue:
    notice = service.find_notice(current_community(), ref)
    service.told(notice, by=current_user(), at=clock.now())
    flash(_("记下了：%(vendor)s告诉过了。", vendor=notice.params["vendor"]), "go")
    return redirect(url_for("pages.calls") + "#calls")


@bp.post("/staff/<slug>/notices/<ref>/call/removal")
@open_to(Audience.STAFF)
def delete_call(ref: str) -> ResponseReturnValue:
    notice = service.find_notice(current_community(), ref)
    service.untold(notice, by=current_user(), at=clock.now())
    flash(_("%(vendor)s又回到要告诉的名单里了。", vendor=notice.params["vendor"]), "wait")
    return redirect(url_for("pages.calls") + "#calls")
