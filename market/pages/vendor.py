"""One vendor as staff see it: documents, agreements, history, the one-time link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.rules import Finding
from market.communities.service import profile_of
from market.forms import MarketForm
from market.layout.filters import day_text
from market.notices import service as notices, words as notice_words
from market.pages.application_words import state_words
from market.pages.blueprint import bp
from market.pages.outing import stall_labels
from market.people import service as people
from market.people.access import current_community, current_user
from market.people.link_page import link_page
from market.stalls import service as stalls
from market.vendors import service
from market.vendors.documents_date import documents_date
from market.vendors.forms import DocumentForm, ExclusionForm, HelperForm, PlainForm
from market.vendors.models import Document, Vendor
from market.vendors.points import points_of
from market.vendors.rules import (
    SIGNED,
    ApplicationState,
    DocumentKind,
    HowKnown,
    document_state,
    may_stand_on_reserved,
)
from market.vendors.vocabulary import vocabulary
from market.vendors.words import waived_word


@bp.get("/staff/<slug>/vendors/<ref>")
@open_to(Audience.STAFF)
def vendor(ref: str) -> ResponseReturnValue:
    found = service.find_vendor(current_community(), ref)
    return _vendor_page(found, DocumentForm(kind=request.args.get("kind")))


def vendor_page_with(vendor: Vendor, form: HelperForm) -> ResponseReturnValue:
    """The page on which a helper could not be added."""
    return _vendor_page(vendor, DocumentForm(formdata=None), form)


def _vendor_page(
    vendor: Vendor,
    form: DocumentForm,
    refused: MarketForm | None = None,
    exclusion_form: ExclusionForm | None = None,
) -> ResponseReturnValue:
    on, history = documents_date(), service.history(vendor)
    lacks: list[Finding] = service.findings_by_vendor([vendor], on)[vendor.id]
    page = {
        "vendor": vendor,
        "lacks": lacks,
        "on": on,
        "document_state": document_state(lacks),
        "documents": sorted(
            vendor.documents, key=lambda document: (document.kind, document.valid_to or date.max)
        ),
        "replaced": service.replaced_documents(vendor, on),
        "renewals": {document.ref: _renewal(document) for document in vendor.documents},
        "unsigned": service.agreements_missing(vendor, on),
        "change": service.open_change(vendor),
        "exclusion": service.exclusion_of(vendor),
        "answered": [
            (waiver, waived_word(waiver.subject, profile_of(vendor.community)))
            for waiver in service.answered_for(vendor)
        ],
        "exclusion_form": exclusion_form or ExclusionForm(formdata=None),
        "history": history,
        "leaves_at": service.leaves_at(vendor, clock.now()),
        "long_silent": service.is_long_silent(vendor, clock.now()),
        "last_stood": next((one for one in history if one.state is ApplicationState.ALLOCATED), None),
        "missed": stalls.missed_days(vendor),
        "states": state_words(history),
        "channels": notice_words.CHANNEL_WORDS,
        "told": notices.history(vendor, most=20),
        "to_tell": notices.of_vendor(vendor, at=clock.now()),
        "points": points_of(vendor, stall_labels(history, vendor)),
        "for_reserved": may_stand_on_reserved(vendor.category, vendor.may_use_reserved),
        "form": form.offer_people(vendor.people),
        "helper_form": refused if isinstance(refused, HelperForm) else HelperForm(formdata=None),
        "refused": refused or form,
    }
    return render_template("pages/vendor.html", **vocabulary(), **page), (refused or form).status


def _renewal(document: Document) -> DocumentForm | None:
    """The form that renews a document; agreements are signed again instead."""
    if document.kind in SIGNED:
        return None
    form = DocumentForm(
        formdata=None, kind=document.kind.value, number=document.number, issuer=document.issuer
    )
    for field in (form.kind, form.number, form.issuer, form.valid_to, form.seen):
        field.id = f"{field.name}-{document.ref}"
    return form


@bp.post("/staff/<slug>/vendors/<ref>/documents")
@open_to(Audience.STAFF)
def create_document(ref: str) -> ResponseReturnValue:
    vendor, form = service.find_vendor(current_community(), ref), DocumentForm()
    form.offer_people(vendor.people)
    if form.validate_on_submit() and form.attempt(
        lambda: service.check_document(
            vendor,
            DocumentKind(form.kind.data),
            number=form.number.text,
            issuer=form.issuer.text,
            valid_to=form.valid_to.data,
            person=service.find_person(vendor, form.person.data) if form.person.data else None,
            by=current_user(),
            at=clock.now(),
        )
    ):
        _warn_of_document(form)
        return _done(ref, _("登记好了。"))
    return _vendor_page(vendor, form)


def _warn_of_document(form: DocumentForm) -> None:
    today = clock.today(current_community().zone)
    if form.valid_to.data is not None and form.valid_to.data < today:
        flash(_("留意：这张证照已经过期，不能顶用。"), "wait")
    if form.number_looks_mistyped():
        flash(_("留意：统一社会信用代码对不上校验位，可能抄错了一位。"), "wait")


@bp.post("/staff/<slug>/vendors/<ref>/agreements")
@open_to(Audience.STAFF)
def create_agreements(ref: str) -> ResponseReturnValue:
    return _act(
        ref,
        lambda vendor: service.sign_agreements(vendor, by=current_user(), at=clock.now()),
        _("记下了：纸质协议已签。"),
    )


@bp.post("/staff/<slug>/vendors/<ref>/change")
@open_to(Audience.STAFF)
def settle_change(ref: str) -> ResponseReturnValue:
    """Staff have looked at what the vendor sells now: it counts, or what was before comes back."""
    undone = request.form.get("answer") == "undo"
    act = service.undo_change if undone else service.agree_change
    done = _("改回去了，请告诉商户一声。") if undone else _("看过了，照新的算。")
    return _act(ref, lambda vendor: act(vendor, by=current_user(), at=clock.now()), done)


@bp.post("/staff/<slug>/vendors/<ref>/exclusion")
@open_to(Audience.STAFF)
def create_exclusion(ref: str) -> ResponseReturnValue:
    vendor, form = service.find_vendor(current_community(), ref), ExclusionForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.exclude_vendor(
            vendor, form.reason.text, cast("date", form.until.data), by=current_user(), at=clock.now()
        )
    ):
        return _done(ref, _("记下了：到那天为止，哪一场都不能来。"))
    return _vendor_page(vendor, DocumentForm(formdata=None), form, form)


@bp.post("/staff/<slug>/vendors/<ref>/exclusion/end")
@open_to(Audience.STAFF)
def end_exclusion(ref: str) -> ResponseReturnValue:
    return _act(
        ref,
        lambda vendor: service.readmit_vendor(vendor, by=current_user(), at=clock.now()),
        _("可以再来了。"),
    )


@bp.post("/staff/<slug>/vendors/<ref>/deletion")
@open_to(Audience.STAFF)
def create_deletion(ref: str) -> ResponseReturnValue:
    vendor, form = service.find_vendor(current_community(), ref), PlainForm()
    if not form.validate_on_submit():
        return _vendor_page(vendor, DocumentForm(formdata=None), form)
    due = form.attempt(lambda: service.ask_to_be_forgotten(vendor, by=current_user(), at=clock.now()))
    if due is None:
        return _vendor_page(vendor, DocumentForm(formdata=None), form)
    if vendor.forgotten:
        return _done(ref, _("个人信息删掉了。"))
    return _done(ref, _("记下了，%(day)s 自动删：办集市的按规定要留六个月。", day=day_text(due.value)))


@bp.post("/staff/<slug>/vendors/<ref>/deletion/removal")
@open_to(Audience.STAFF)
def delete_deletion(ref: str) -> ResponseReturnValue:
    return _act(
        ref,
        lambda vendor: service.stay(vendor, by=current_user(), at=clock.now()),
        _("好的，资料留着。"),
    )


def _act(ref: str, act: Callable[[Vendor], object], done: str) -> ResponseReturnValue:
    vendor, form = service.find_vendor(current_community(), ref), PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: act(vendor)):
        return _done(ref, done)
    return _vendor_page(vendor, DocumentForm(formdata=None), form)


def _done(ref: str, what: str) -> ResponseReturnValue:
    flash(what, "go")
    return redirect(url_for("pages.vendor", ref=ref))


@bp.post("/staff/<slug>/vendors/<ref>/links")
@open_to(Audience.STAFF)
def create_link(ref: str) -> ResponseReturnValue:
    """Shows a one-time link, once: afterwards only its hash is known."""
    found, form = service.find_vendor(current_community(), ref), PlainForm()
    said = request.form.get("known", "")
    known = HowKnown(said) if said in [*HowKnown] else None
    made = (
        form.attempt(lambda: service.open_account(found, by=current_user(), at=clock.now(), known=known))
        if form.validate_on_submit()
        else None
    )
    if made is None or found.user is None:
        return _vendor_page(found, DocumentForm(formdata=None), form)
    is_kept = not people.may_make_link(found.user, current_user())
    back = (url_for("pages.vendor", ref=ref), _("回到这位商户"))
    return link_page(found.user, made.value, back=back, is_kept=is_kept)
