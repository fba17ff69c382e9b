"""The vendor's home: when and where, documents, one tap to apply."""

from __future__ import annotations

from datetime import date, datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.calendar.lookup import public_day_at
from market.calendar.models import MarketDay
from market.calendar.rules import Finding, heaviest_first
from market.feedback import service as feedback
from market.feedback.words import PRAISE_WORDS
from market.notices import service as notices
from market.notices.service import Message
from market.outbox import service as outbox
from market.pages.application_words import state_words
from market.pages.blueprint import bp
from market.pages.outing import Outing, mine_now, most_urgent, outing, stall_labels
from market.people.access import current_community, current_user
from market.places import service as places
from market.places.models import Stall
from market.stalls import service as stalls
from market.vendors import service
from market.vendors.agreements import TEXTS, lines
from market.vendors.coming import ComingKind, is_asked
from market.vendors.forms import ApplicationForm, PlainForm
from market.vendors.models import Application, Vendor
from market.vendors.paper_lines import open_papers
from market.vendors.points import points_of
from market.vendors.rules import LIVE
from market.vendors.vocabulary import vocabulary
from market.vendors.words import document_word, overlap_for_vendor


def current_vendor() -> Vendor:
    """For whom the signed-in person acts here."""
    return service.vendor_of(current_user(), current_community())


@bp.get("/vendor/<slug>/")
@open_to(Audience.VENDOR)
def vendor_home() -> ResponseReturnValue:
    return _home()


def _home(
    form: ApplicationForm | PlainForm | None = None, applying_to: MarketDay | None = None
) -> ResponseReturnValue:
    """The page; with a form that was refused, and the market it was for."""
    vendor, at = current_vendor(), clock.now()
    history = service.history(vendor)
    labels = stall_labels(history, vendor)
    mine = mine_now(vendor, history, at)
    focus = most_urgent(mine)
    offers = _offers(vendor, history)
    on = _relevant_date(focus, offers)
    today, lacks = clock.local(at, vendor.community.zone).date(), _lacks(vendor, on, focus)
    page = {
        "vendor": vendor,
        "told": _told(vendor, mine, at),
        "letters": outbox.unread_letters(vendor, at),
        "focus": focus,
        "others": [one for one in mine if one is not focus],
        "offers": [
            (one, form if one.day is applying_to else _application_form(one.day, vendor, history))
            for one in offers
        ],
        "lacks": lacks,
        "lacks_on": on,
        "handed": open_papers(vendor, on),
        "due": _due(vendor, _lacks_dates(lacks), today),
        "today": today,
        "change": service.open_change(vendor),
        "unsigned": _unsigned(vendor, on),
        "history": [a for a in history if all(a is not one.application for one in mine)][:20],
        "labels": labels,
        "elsewhere": _elsewhere(vendor, [*mine, *offers]),
        "missed": stalls.missed_days(vendor),
        "states": state_words(history, to_vendor=True),
        "points": points_of(vendor, labels),
        "praise": feedback.praise_of_vendor(vendor)[:3],
        "complaints": [case for case in feedback.complaints_about(vendor, at) if case.standing.open],
        "praise_words": PRAISE_WORDS,
        "refused": form,
        "sure": _asked_if_sure(vendor, mine, at),
        "season_ahead": len(service.announced_days(vendor.community, at)),
    }
    return render_template(
        "pages/vendor_home.html", **vocabulary(), **page
    ), form.status if form is not None else 200


def _told(vendor: Vendor, mine: list[Outing], at: datetime) -> list[Message]:
    """What there is to know about markets that are not over; an open offer stands on the page anyway."""
    asked = {one.day.ref for one in mine if one.offer is not None}
    return [
        message
        for message in notices.of_vendor(vendor, at=at)
        if message.kinds != ("stalls.offered",) or message.day.ref not in asked
    ]


def _asked_if_sure(vendor: Vendor, mine: list[Outing], at: datetime) -> dict[str, bool]:
    """By market: whether the vendor, who is asked now if it comes, has said so."""
    today = clock.local(at, vendor.community.zone).date()
    days = [one.day for one in mine if one.assignment]
    asked = [day for day in days if is_asked(day.state, calendar.local_date(day), today)]
    return {day.ref: vendor.id in service.words_of(day, ComingKind.SURE) for day in asked}


def _elsewhere(vendor: Vendor, outings: list[Outing]) -> dict[str, list[str]]:
    """Other markets at the same hours, by the address of the market."""
    return {
        one.day.ref: [
            overlap_for_vendor(other)
            for other in service.applied_elsewhere(one.day, [vendor]).get(vendor.id, ())
        ]
        for one in outings
    }


def _offers(vendor: Vendor, history: list[Application]) -> list[Outing]:
    """The markets one can still apply to."""
    by_day = {application.day_id: application for application in history}
    at = clock.now()
    days = calendar.open_for_application(current_community(), at)
    free = [day for day in days if day.id not in by_day or by_day[day.id].state not in LIVE]
    return [outing(day, vendor, by_day.get(day.id), at) for day in free]


def _relevant_date(focus: Outing | None, offers: list[Outing]) -> date:
    days = [one.day for one in (focus, *offers) if one is not None]
    today = clock.today(current_community().zone)
    return max(today, calendar.local_date(days[0])) if days else today


def _lacks(vendor: Vendor, on: date, focus: Outing | None) -> list[Finding]:
    """What speaks against the vendor; of the market in focus also what somebody answers for."""
    if focus is not None and calendar.local_date(focus.day) == on:
        return heaviest_first(service.stand_findings(focus.day, [vendor])[vendor.id])
    return heaviest_first(service.findings_by_vendor([vendor], on)[vendor.id])


def _lacks_dates(lacks: list[Finding]) -> set[str]:
    """The ends that are told of already."""
    return {told["date"] for told in (dict(finding.params) for finding in lacks) if "date" in told}


def _due(vendor: Vendor, told: set[str], today: date) -> list[service.VendorPaperDue]:
    """What runs out and stands in no other sentence of the page."""
    return [one for one in service.due_papers([vendor], today) if one.paper.ends.isoformat() not in told]


def _unsigned(vendor: Vendor, on: date) -> list[tuple[str, list[str]]]:
    """Name and text of each agreement that does not hold on a day."""
    kinds = service.agreements_missing(vendor, on)
    return [(str(document_word(kind)), lines(TEXTS[kind])) for kind in kinds]


# ── applying ──────────────────────────────────────────────────────────────────────────────────────────────


def _application_form(day: MarketDay, vendor: Vendor, history: list[Application]) -> ApplicationForm:
    """The last answers filled in; the wanted stall only where this place has it."""
    stalls = _labels(day)
    last = max(history, key=lambda a: (a.submitted_at, a.id), default=None)
    wanted = last.wanted_stall.label if last is not None and last.wanted_stall is not None else ""
    form = ApplicationForm(
        formdata=None,
        power_w=f"{(last.power_w if last is not None else vendor.power_w) / 1000:g}",
        wanted_stall=wanted if wanted in stalls else "",
        double=last.double if last is not None else False,
        note=last.note if last is not None else "",
    )
    form.offer(list(stalls))
    for field in (form.power_w, form.wanted_stall, form.double, form.note):
        field.id = f"{field.name}-{day.ref}"
    return form


def _labels(day: MarketDay) -> dict[str, Stall]:
    return {stall.label: stall for stall in places.live_stalls(day.venue)}


@bp.post("/vendor/<slug>/days/<ref>/application")
@open_to(Audience.VENDOR)
def create_application(ref: str) -> ResponseReturnValue:
    vendor, day = current_vendor(), public_day_at(ref)
    stalls, form = _labels(day), ApplicationForm()
    form.offer(list(stalls))
    if form.validate_on_submit() and form.attempt(
        lambda: service.apply(
            day,
            vendor,
            by=current_user(),
            at=clock.now(),
            power_w=form.power_w.watts,
            wanted_stall=stalls.get(form.wanted_stall.data),
            note=form.note.text,
            double=form.double.data,
        )
    ):
        flash(_("报上了，等社区答复。结果会出现在这一页。"), "go")
        return redirect(url_for("pages.vendor_home"))
    return _home(form, day)


@bp.post("/vendor/<slug>/days/<ref>/application/withdrawal")
@open_to(Audience.VENDOR)
def delete_application(ref: str) -> ResponseReturnValue:
    vendor, day = current_vendor(), public_day_at(ref)
    application, form = service.application_of(day, vendor), PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: _withdraw(application)):
        flash(_("退出了这一场。谢谢您早说，摊位可以让给别人。"), "go")
        return redirect(url_for("pages.vendor_home"))
    return _home(form, day)


def _withdraw(application: Application) -> None:
    stalls.withdraw(application, by=current_user(), at=clock.now())


# ── agreements ─────────────────────────────────────────────────────────────────────────────────────────────


@bp.post("/vendor/<slug>/agreements")
@open_to(Audience.VENDOR)
def create_own_agreements() -> ResponseReturnValue:
    vendor, form = current_vendor(), PlainForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.sign_agreements(vendor, by=current_user(), at=clock.now())
    ):
        flash(_("签好了，管到年底。"), "go")
        return redirect(url_for("pages.vendor_home"))
    return _home(form)
