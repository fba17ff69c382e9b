"""The applications of a market day: who asks to come, what they lack, yes or no."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.calendar.forms import WaiverForm
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay, Waiver
from market.calendar.rules import DayState, Finding, Severity, heaviest_first
from market.calendar.words import SEVERITY_KINDS
from market.errors import Refusal
from market.forms import MarketForm
from market.pages.application_words import look_of
from market.pages.blueprint import bp
from market.people.access import current_community, current_user
from market.places import service as places
from market.places.models import Stall
from market.stalls import service as stalls
from market.stalls.rules import Standing
from market.stalls.service import Stand
from market.stalls.words import STANDING_WORDS
from market.typed_text import search_key
from market.vendors import service
from market.vendors.forms import ApplyForForm, DecisionForm, PlainForm
from market.vendors.models import Application, Vendor
from market.vendors.rules import BEFORE_REVIEW, DECIDABLE, LIVE, OVER, PLACEABLE, ApplicationState, Category
from market.vendors.vocabulary import vocabulary
from market.vendors.words import missing_words, overlap_for_staff


class Lack(NamedTuple):
    """What speaks against somebody, and who answers for it all the same."""

    finding: Finding
    waiver: Waiver | None

    @property
    def kind(self) -> str:
        return "wait" if self.waiver else SEVERITY_KINDS[self.finding.severity]

    @property
    def can_waive(self) -> bool:
        return self.finding.blocks and self.finding.severity is Severity.OVERRIDABLE


class Row(NamedTuple):
    """An application as it is reviewed."""

    number: int
    application: Application
    lacks: list[Lack]
    to_bring: str
    """What to ask for, ready to send."""
    changed: bool
    """Changed what it sells, and nobody has looked at that yet."""
    stand: Stand | None
    """How it is by the plan, for who may be placed."""
    elsewhere: list[str]
    """Other markets at the same hours."""

    @property
    def waits(self) -> bool:
        return self.application.state in BEFORE_REVIEW

    @property
    def complete(self) -> bool:
        return not any(lack.finding.blocks for lack in self.lacks)

    @property
    def decidable(self) -> bool:
        return self.application.state in DECIDABLE

    @property
    def live(self) -> bool:
        return self.application.state in LIVE

    @property
    def look(self) -> tuple[str, Any]:
        """How the list shows the state: by the plan, for who takes part in it."""
        day = self.application.day
        if self.stand is None:
            return look_of(self.application.state, day.state)
        if self.stand.standing in AT_A_MARKET:
            return look_of(AT_A_MARKET[self.stand.standing], day.state)
        return STANDING_WORDS[self.stand.standing]


AT_A_MARKET = {Standing.PLACED: ApplicationState.ALLOCATED, Standing.WAITING: ApplicationState.WAITLISTED}
"""Standings that have another word when the market is over."""

ENTERING = (DayState.OPEN_FOR_APPLICATION, DayState.REVIEWING)
"""States in which a whole register may be entered; later one looks at each."""


@bp.get("/staff/<slug>/days/<ref>/applications")
@open_to(Audience.STAFF)
def applications(ref: str) -> ResponseReturnValue:
    return _page(day_at(ref))


def _page(
    day: MarketDay,
    entry: ApplyForForm | None = None,
    refused: MarketForm | None = None,
    refused_row: str = "",
) -> ResponseReturnValue:
    """The review; with a form that was refused and the row it belongs to."""
    rows, entry = _rows(day), entry or _entry_form(day)
    page = {
        "day": day,
        "rows": rows,
        "complete": sum(row.waits and row.complete for row in rows),
        "waiting": sum(row.waits for row in rows),
        "placeable": sum(row.application.state in PLACEABLE for row in rows),
        "by_category": _by_category(rows),
        "waiting_list": stalls.waiting_list(day) if stalls.is_planned(day) else [],
        "entry": entry,
        "refused": refused,
        "refused_row": refused_row,
        "over": day.state in OVER,
        "absent": _absent(entry, rows) if day.state in ENTERING else 0,
    }
    return render_template(
        "pages/applications.html", **vocabulary(), **page
    ), refused.status if refused else 200


def _rows(day: MarketDay) -> list[Row]:
    found = service.applications(day)
    people = [application.vendor for application in found]
    lacks, changed = service.stand_findings(day, people), service.changed_vendors(people)
    answered = calendar.waivers_in_force(day)
    stands, elsewhere = stalls.stands(day, found), service.applied_elsewhere(day, people)
    return [
        Row(
            n,
            a,
            _lacks(lacks[a.vendor_id], answered),
            missing_words(lacks[a.vendor_id]),
            a.vendor_id in changed,
            stands.get(a.id),
            _told(day, elsewhere, a),
        )
        for n, a in enumerate(found, 1)
    ]


def _lacks(findings: list[Finding], answered: dict[tuple[str, str], Waiver]) -> list[Lack]:
    return [
        Lack(finding, answered.get((finding.code, finding.subject)) if finding.waived else None)
        for finding in heaviest_first(findings)
    ]


def _told(day: MarketDay, elsewhere: Mapping[int, list[Application]], application: Application) -> list[str]:
    return [overlap_for_staff(other, day) for other in elsewhere.get(application.vendor_id, ())]


def _absent(entry: ApplyForForm, rows: list[Row]) -> int:
    """How many of the register never applied; the form also offers those who withdrew or were turned down."""
    offered = sum(bool(value) for value, *_rest in entry.vendor.iter_choices())
    return max(0, offered - sum(not row.live for row in rows))


def _by_category(rows: list[Row]) -> list[tuple[Category, int, int]]:
    """Category, how many ask to come, how many of them may; the largest first."""
    asked = Counter(row.application.vendor.category for row in rows if row.live)
    placeable = Counter(row.application.vendor.category for row in rows if row.application.state in PLACEABLE)
    return [(category, number, placeable[category]) for category, number in asked.most_common()]


# ── yes, not yet, no ──────────────────────────────────────────────────────────────────────────────────────


@bp.post("/staff/<slug>/days/<ref>/applications/<application_ref>/decision")
@open_to(Audience.STAFF)
def decide(ref: str, application_ref: str) -> ResponseReturnValue:
    day, application, form = day_at(ref), _application(ref, application_ref), DecisionForm()
    if form.validate_on_submit() and form.attempt(lambda: _decide(application, form)):
        return redirect(url_for("pages.applications", ref=ref, _anchor=f"a-{application_ref}"))
    return _page(day, refused=form, refused_row=application_ref)


def _application(ref: str, application_ref: str) -> Application:
    """An application to this very day."""
    application = service.find_application(current_community(), application_ref)
    return service.application_of(day_at(ref), application.vendor)


def _decide(application: Application, form: DecisionForm) -> None:
    by, at, note = current_user(), clock.now(), form.note.text
    name = application.vendor.trading_name
    if form.decision.data == "approve":
        service.approve(application, by=by, at=at)
        flash(_("同意了%(name)s。", name=name), "go")
        _warn(application)
    elif form.decision.data == "ask":
        service.ask_for_documents(application, note, by=by, at=at)
        flash(_("已请%(name)s补证照。", name=name), "go")
    elif application.state in DECIDABLE:
        service.reject(application, note, by=by, at=at)
        flash(_("回绝了%(name)s，原因写给了对方。", name=name), "go")
    else:
        stalls.dismiss(application, note, by=by, at=at)
        flash(_("回绝了%(name)s，原因写给了对方。", name=name), "go")


def _warn(application: Application) -> None:
    """Says where else the vendor means to be at these hours."""
    day = application.day
    for other in service.applied_elsewhere(day, [application.vendor]).get(application.vendor_id, ()):
        flash(f"{application.vendor.trading_name}{_('：')}{overlap_for_staff(other, day)}", "wait")


@bp.post("/staff/<slug>/days/<ref>/applications/<application_ref>/waivers")
@open_to(Audience.STAFF)
def answer_for(ref: str, application_ref: str) -> ResponseReturnValue:
    """A named person lets somebody stand in spite of one finding, on this one day."""
    day, application, form = day_at(ref), _application(ref, application_ref), WaiverForm()
    if form.validate_on_submit() and form.attempt(lambda: _answer_for(day, application, form)):
        flash(_("记下了：由您负责，原因留档。"), "go")
        return redirect(url_for("pages.applications", ref=ref, _anchor=f"a-{application_ref}"))
    return _page(day, refused=form, refused_row=application_ref)


def _answer_for(day: MarketDay, application: Application, form: WaiverForm) -> None:
    code, subject = form.code.data or "", form.subject.data or ""
    by, at = current_user(), clock.now()
    service.answer_for(day, application.vendor, code, subject, form.reason.text, by=by, at=at)


@bp.post("/staff/<slug>/days/<ref>/applications/approvals")
@open_to(Audience.STAFF)
def create_approvals(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), PlainForm()
    by, at = current_user(), clock.now()
    if form.validate_on_submit() and (
        approved := form.attempt(lambda: service.approve_complete(day, by=by, at=at))
    ):
        flash(_("同意了 %(n)s 家。证照不齐的留着，等您一家家看。", n=len(approved.value)), "go")
        return redirect(url_for("pages.applications", ref=ref))
    return _page(day, refused=form)


@bp.post("/staff/<slug>/days/<ref>/applications/<application_ref>/withdrawal")
@open_to(Audience.STAFF)
def withdraw_for(ref: str, application_ref: str) -> ResponseReturnValue:
    day, application, form = day_at(ref), _application(ref, application_ref), PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: _withdraw(application)):
        flash(_("替%(name)s退出了这一场。", name=application.vendor.trading_name), "go")
        return redirect(url_for("pages.applications", ref=ref))
    return _page(day, refused=form, refused_row=application_ref)


def _withdraw(application: Application) -> None:
    stalls.withdraw(application, by=current_user(), at=clock.now())


# ── entering somebody who telephoned ──────────────────────────────────────────────────────────────────────


def _entry_form(day: MarketDay) -> ApplyForForm:
    form = ApplyForForm(formdata=None)
    _offer(form, day)
    return form


@bp.post("/staff/<slug>/days/<ref>/applications/everyone")
@open_to(Audience.STAFF)
def apply_for_everyone(ref: str) -> ResponseReturnValue:
    """Enters everybody of the register who is not in yet: they said so on the telephone or in the group."""
    day, form = day_at(ref), PlainForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _apply_for_all(day))):
        flash(_("替 %(n)s 家报上名了。", n=len(made.value)), "go")
        return redirect(url_for("pages.applications", ref=ref))
    return _page(day, refused=form)


def _apply_for_all(day: MarketDay) -> list[Application]:
    by, at = current_user(), clock.now()
    return [service.apply(day, vendor, by=by, at=at) for vendor in _not_in_yet(day)]


OFFERED = 200
"""Vendors in the list from which somebody is chosen; others are named or found by their number."""


def _not_in_yet(day: MarketDay) -> list[Vendor]:
    """Vendors of the register who never asked to come to this market."""
    asked = {application.vendor_id for application in service.applications(day)}
    known = service.register(current_community())
    return [vendor for vendor in known if vendor.id not in asked and not vendor.forgotten]


def _offer(form: ApplyForForm, day: MarketDay) -> dict[str, Stall]:
    """Fills the lists: vendors of the register who are not in yet, stalls of the place."""
    live = {a.vendor_id for a in service.applications(day) if a.state in LIVE}
    known = service.known_names(current_community(), live, OFFERED, and_ref=form.vendor.data or "")
    form.offer_vendors(known, all_of_them=len(known) < OFFERED)
    labels = {stall.label: stall for stall in places.live_stalls(day.venue)}
    form.offer(list(labels))
    return labels


@bp.post("/staff/<slug>/days/<ref>/applications")
@open_to(Audience.STAFF)
def apply_for(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), ApplyForForm()
    labels = _offer(form, day)
    if form.validate_on_submit() and (made := form.attempt(lambda: _apply(day, form, labels))):
        flash(_("替%(name)s报上名了。", name=made.value.vendor.trading_name), "go")
        _warn(made.value)
        return redirect(url_for("pages.applications", ref=ref, _anchor=f"a-{made.value.ref}"))
    return _page(day, entry=form, refused=form)


def _apply(day: MarketDay, form: ApplyForForm, labels: dict[str, Stall]) -> Application:
    return service.apply(
        day,
        _meant(form),
        by=current_user(),
        at=clock.now(),
        power_w=form.power_w.watts if form.power_w.text else None,
        wanted_stall=labels.get(form.wanted_stall.data),
        note=form.note.text,
        double=form.double.data,
    )


def _meant(form: ApplyForForm) -> Vendor:
    """The vendor that was chosen or typed: a reference, a number, or a name that only one has."""
    if form.vendor.data:
        return service.find_vendor(current_community(), form.vendor.data)
    if not form.who.text:
        raise Refusal("vendors.nobody", _("请选一位商户，或者写招牌名、手机号。"), 422)
    by_phone = service.vendor_by_phone(current_community(), form.who.text)
    if by_phone is not None:
        return by_phone
    found = service.search_register(current_community(), form.who.text)
    wanted = search_key(form.who.text)
    exact = [hit for hit in found if search_key(hit.name) == wanted]
    if len(exact or found) == 1:
        return service.vendors_of(exact or found)[0]
    if found:
        raise Refusal("vendors.ambiguous", _("有好几位都对得上，请从名单里选，或者写手机号。"), 422)
    raise Refusal("vendors.no_match", _("登记里没有这一位。请先到「商户与证照」替他登记。"), 422)
