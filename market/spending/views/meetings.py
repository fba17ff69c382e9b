"""The meetings of the committee: called, begun, closed; by staff, or by a member who chairs."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import Refusal
from market.fund import service as funds
from market.people import service as people
from market.people.access import current_community, current_user
from market.people.rules import Role
from market.spending import forms, service, words
from market.spending.blueprint import bp
from market.spending.rules import Stage, least_present
from market.spending.service import MeetingDraft
from market.spending.views.shared import all_standings, our_fund


@bp.get("/staff/<slug>/fund/meetings")
@open_to(Audience.STAFF)
def meetings() -> str:
    return _meetings(None)


@bp.post("/staff/<slug>/fund/meetings")
@open_to(Audience.STAFF)
def create_meeting() -> ResponseReturnValue:
    form = forms.MeetingForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _call(form))):
        flash(_("会议记下了。到时候在这里点名，点过名委员就能表决。"), "go")
        return redirect(url_for("spending.meeting", ref=made.value))
    return _meetings(form), form.status


def _call(form: forms.MeetingForm) -> str:
    fund, zone = our_fund(), current_community().zone
    moment = form.held_at.data
    chair = next((one for one in funds.committee(fund) if one.login == form.chair.data), None)
    if moment is None or chair is None:
        raise Refusal("spending.chair", _("主持人要是管委会委员。"), 422)
    draft = MeetingDraft(clock.at_local(moment.date(), moment.time(), zone), form.place.text, chair)
    agenda = [funds.find_proposal(fund, ref) for ref in form.agenda.data or ()]
    return service.call_meeting(fund, draft, agenda, by=current_user(), at=clock.now()).ref


def _meetings(form: forms.MeetingForm | None) -> str:
    fund = our_fund()
    ready = [story for story in all_standings(fund) if story.stage is Stage.MEET]
    form = form or forms.MeetingForm(formdata=None, data={"agenda": [one.proposal.ref for one in ready]})
    form.chair.choices = [(one.login, one.display_name) for one in funds.committee(fund)]
    form.agenda.choices = [(one.proposal.ref, one.proposal.purpose) for one in ready]
    return render_template(
        "spending/meetings.html", meetings=service.meetings(fund), ready=ready, form=form, words=words
    )


@bp.get("/staff/<slug>/fund/meetings/<ref>")
@open_to(Audience.STAFF)
def meeting(ref: str) -> str:
    return _meeting(ref)


@bp.post("/staff/<slug>/fund/meetings/<ref>/attendance")
@open_to(Audience.STAFF)
def open_meeting(ref: str) -> ResponseReturnValue:
    found, form = service.find_meeting(our_fund(), ref), forms.PresentForm()
    there = {one.login: one.id for one in funds.committee(found.fund)}
    if form.validate_on_submit() and form.attempt(
        lambda: service.open_meeting(
            found,
            [there[login] for login in form.present.data or () if login in there],
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("点名记下了。到场的委员现在可以用手机表决。"), "go")
        return redirect(url_for("spending.meeting", ref=ref))
    return _meeting(ref, present=form), form.status


@bp.post("/staff/<slug>/fund/meetings/<ref>/minutes")
@open_to(Audience.STAFF)
def close_meeting(ref: str) -> ResponseReturnValue:
    found, form = service.find_meeting(our_fund(), ref), forms.MinutesForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.close_meeting(
            found,
            form.discussion.text,
            form.supervision.text,
            seen=form.seen.data,
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("散会了，纪要可以打印。"), "go")
        return redirect(url_for("spending.meeting", ref=ref))
    return _meeting(ref, minutes=form), form.status


def _meeting(
    ref: str, *, present: forms.PresentForm | None = None, minutes: forms.MinutesForm | None = None
) -> str:
    found = service.find_meeting(our_fund(), ref)
    members = funds.committee(found.fund)
    noted = {one.user_id for one in found.present}
    present = present or forms.PresentForm(formdata=None)
    minutes = minutes or forms.MinutesForm(formdata=None)
    minutes.seen.data = service.meeting_mark(found)
    present.present.choices = [(one.login, one.display_name) for one in members if one.id not in noted]
    return render_template(
        "spending/meeting.html",
        meeting=found,
        stories=service.standings([item.proposal for item in found.items], at=clock.now()),
        least=least_present(len(members), service.rule_of(found.fund)),
        members=members,
        supervisors=people.members(found.fund.community, Role.SUPERVISOR),
        present=present,
        minutes=minutes,
        words=words,
    )
