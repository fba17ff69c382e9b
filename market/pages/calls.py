"""Whom staff still have to call, what to say, and one text for the chat group."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.calendar.lookup import day_at
from market.notices import service
from market.notices.models import Telling
from market.notices.rules import Channel
from market.notices.service import Message
from market.notices.words import group_text, letter_of
from market.outbox import service as outbox
from market.outbox.rules import SendState
from market.pages.blueprint import bp
from market.people.access import current_community, current_user

SHOWN_AFTERWARDS = timedelta(hours=12)
"""How long a call can be taken back on the page."""


@bp.app_template_global("notice_letter")
def _letter(message: Message) -> str:
    return letter_of(message, message.person.row.vendor, current_community())


@bp.get("/staff/<slug>/notices")
@open_to(Audience.STAFF)
def calls() -> str:
    community, at = current_community(), clock.now()
    days = calendar.days_ahead(community, at)
    due = service.due_messages(community, at=at)
    found = service.to_call(due, at=at, carried=outbox.carried(community, due))
    told = service.told_lately(community, [day.id for day in days], at - SHOWN_AFTERWARDS)
    return render_template(
        "pages/calls.html",
        calls=[(day, theirs) for day in days if (theirs := [m for m in found if m.day is day])],
        done=_together(told),
        holding=_holding(told, due),
        texts=[(day, text) for day in days if (text := group_text(day))],
        letters=outbox.letters_to_call(community, at),
        failed=outbox.counts(community).get(SendState.FAILED, 0),
        sends=outbox.rule_of(community) is not None,
    )


def _holding(told: list[Telling], due: list[Message]) -> set[str]:
    """Which of what was told is the last word: the newest for each, when nothing is to be told after it."""
    newest = {telling.application_id: telling.ref for telling in reversed(told)}
    changed = {message.person.row.id for message in due}
    return {ref for application_id, ref in newest.items() if application_id not in changed}


def _together(told: list[Telling]) -> list[list[Telling]]:
    """Whoever was ticked in one list stands together; the newest first."""
    lists: dict[str, list[Telling]] = {}
    for telling in told:
        lists.setdefault(telling.batch or telling.ref, []).append(telling)
    return list(lists.values())


@bp.post("/staff/<slug>/days/<ref>/calls")
@open_to(Audience.STAFF)
def create_calls(ref: str) -> ResponseReturnValue:
    """One vendor was told, or the whole list: whoever stood on the page, with what stood there."""
    seen = request.form.getlist("seen")
    told = service.tell(day_at(ref), seen, channel=Channel.CALL, by=current_user(), at=clock.now())
    if len(told) == 1:
        flash(_("记下了：%(vendor)s告诉过了。", vendor=told[0].application.vendor.trading_name), "go")
    elif told:
        flash(_("记下了：%(n)s 家都告诉过了。", n=len(told)), "go")
    if len(told) < len(seen):
        flash(_("有 %(n)s 家刚才又有变动，或者别人记过了，请再看一眼。", n=len(seen) - len(told)), "wait")
    return redirect(url_for("pages.calls") + "#calls")


@bp.post("/staff/<slug>/notices/<ref>/call/removal")
@open_to(Audience.STAFF)
def delete_call(ref: str) -> ResponseReturnValue:
    telling = service.find_telling(current_community(), ref)
    service.take_back(telling, by=current_user(), at=clock.now())
    vendor = telling.application.vendor.trading_name
    flash(_("%(vendor)s又回到要告诉的名单里了。", vendor=vendor), "wait")
    return redirect(url_for("pages.calls") + "#calls")


@bp.post("/staff/<slug>/notices/<ref>/list/removal")
@open_to(Audience.STAFF)
def delete_calls(ref: str) -> ResponseReturnValue:
    """Takes back the whole list that was ticked together with this one."""
    telling = service.find_telling(current_community(), ref)
    undone = service.take_back_list(telling, by=current_user(), at=clock.now())
    flash(_("%(n)s 家又回到要告诉的名单里了。", n=len(undone)), "wait")
    return redirect(url_for("pages.calls") + "#calls")
