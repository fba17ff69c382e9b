"""The register: finding a vendor, entering one on behalf, papers, the one-time link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from market import clock
from market.calendar import service as calendar
from market.calendar.rules import Finding
from market.config import settings
from market.forms import MarketForm
from market.people.access import Audience, current_community, current_user, open_to
from market.print.qr import qr_svg
from market.vendors import service
from market.vendors.forms import DocumentForm, PlainForm, StaffVendorForm, facts_of
from market.vendors.models import Document, Vendor
from market.vendors.rules import (
    DocumentKind,
    PaperState,
    may_stand_on_reserved,
    paper_state,
    requirements,
)
from market.vendors.views.blueprint import bp
from market.vendors.views.outing import stall_labels
from market.vendors.views.points import points_of
from market.vendors.views.public import warn_of_unprintable

PAGE_SIZE = 50


class Row(NamedTuple):
    """A line of the register."""

    vendor: Vendor
    papers: PaperState


def papers_date() -> date:
    """The date papers are judged for: the next market's, or today."""
    community, at = current_community(), clock.now()
    today = clock.today(community.zone)
    ahead = [day for day in calendar.days_to_do(community) if day.open_at >= at]
    return max(today, calendar.local_date(ahead[0])) if ahead else today


@bp.get("/staff/<slug>/vendors")
@open_to(Audience.STAFF)
def register() -> ResponseReturnValue:
    search, category, papers = (request.args.get(name, "").strip() for name in ("q", "category", "papers"))
    on = papers_date()
    rows = [row for row in _rows(search, on) if _wanted(row, category, papers)]
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    return render_template(
        "vendors/register.html",
        rows=rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        total=len(rows),
        on=on,
        search=search,
        category=category,
        papers=papers,
        paper_states=list(PaperState),
        page=page,
        pages=pages,
        page_link=lambda number: url_for(
            "vendors.register", q=search, category=category, papers=papers, page=number
        ),
    )


def _rows(search: str, on: date) -> list[Row]:
    vendors = service.register(current_community(), search)
    lacks = service.findings_by_vendor(vendors, on)
    return [Row(vendor, paper_state(lacks[vendor.id])) for vendor in vendors]


def _wanted(row: Row, category: str, papers: str) -> bool:
    return category in ("", row.vendor.category.value) and papers in ("", row.papers.value)


# ── entering somebody on behalf ───────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/vendors/new")
@open_to(Audience.STAFF)
def new_vendor() -> ResponseReturnValue:
    return render_template("vendors/new_vendor.html", form=StaffVendorForm(power_w="0"))


@bp.post("/staff/<slug>/vendors/new")
@open_to(Audience.STAFF)
def create_vendor_for() -> ResponseReturnValue:
    form = StaffVendorForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _register(form))):
        warn_of_unprintable(made.value)
        flash(_("替%(name)s登记好了。接着看看证照和协议。", name=made.value.trading_name), "go")
        return redirect(url_for("vendors.vendor", ref=made.value.ref))
    return render_template("vendors/new_vendor.html", form=form), form.status


def _register(form: StaffVendorForm) -> Vendor:
    by, at = current_user(), clock.now()
    vendor = service.register_vendor(current_community(), form.draft(), by=by, at=at)
    service.let_use_reserved(vendor, form.may_use_reserved.data, by=by, at=at)
    return vendor


@bp.get("/staff/<slug>/vendors/<ref>/edit")
@open_to(Audience.STAFF)
def edit_vendor(ref: str) -> ResponseReturnValue:
    vendor = service.find_vendor(current_community(), ref)
    return render_template(
        "vendors/edit_vendor.html", vendor=vendor, form=StaffVendorForm(data=facts_of(vendor))
    )


@bp.post("/staff/<slug>/vendors/<ref>/edit")
@open_to(Audience.STAFF)
def update_vendor(ref: str) -> ResponseReturnValue:
    vendor, form = service.find_vendor(current_community(), ref), StaffVendorForm()
    if form.validate_on_submit() and form.attempt(lambda: _edit(vendor, form)):
        warn_of_unprintable(vendor)
        flash(_("改好了。"), "go")
        return redirect(url_for("vendors.vendor", ref=ref))
    return render_template("vendors/edit_vendor.html", vendor=vendor, form=form), form.status


def _edit(vendor: Vendor, form: StaffVendorForm) -> None:
    by, at = current_user(), clock.now()
    service.edit_vendor(vendor, form.draft(), by=by, at=at)
    service.let_use_reserved(vendor, form.may_use_reserved.data, by=by, at=at)


# ── one vendor ────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/vendors/<ref>")
@open_to(Audience.STAFF)
def vendor(ref: str) -> ResponseReturnValue:
    found = service.find_vendor(current_community(), ref)
    return _vendor_page(found, DocumentForm(kind=request.args.get("kind")))


def _vendor_page(
    vendor: Vendor, form: DocumentForm, refused: MarketForm | None = None
) -> ResponseReturnValue:
    on, history = papers_date(), service.history(vendor)
    lacks: list[Finding] = service.findings_by_vendor([vendor], on)[vendor.id]
    page = {
        "vendor": vendor,
        "lacks": lacks,
        "on": on,
        "papers": paper_state(lacks),
        "documents": sorted(
            vendor.documents, key=lambda document: (document.kind, document.valid_to or date.max)
        ),
        "renewals": {document.ref: _renewal(document) for document in vendor.documents},
        "needs": requirements(vendor.category),
        "unsigned": service.agreements_missing(vendor, on),
        "history": history,
        "points": points_of(vendor, stall_labels(history, vendor)),
        "for_reserved": may_stand_on_reserved(vendor.category, vendor.may_use_reserved),
        "form": form,
        "refused": refused or form,
    }
    return render_template("vendors/vendor.html", **page), (refused or form).status


def _renewal(document: Document) -> DocumentForm | None:
    """The form that renews a paper's term; agreements are signed again instead."""
    if document.kind in (DocumentKind.ENTRY_AGREEMENT, DocumentKind.FOOD_UNDERTAKING):
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
    if form.validate_on_submit() and form.attempt(
        lambda: service.check_document(
            vendor,
            DocumentKind(form.kind.data),
            number=form.number.text,
            issuer=form.issuer.text,
            valid_to=form.valid_to.data,
            by=current_user(),
            at=clock.now(),
        )
    ):
        _warn_of_document(form)
        flash(_("登记好了。"), "go")
        return redirect(url_for("vendors.vendor", ref=ref))
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


@bp.post("/staff/<slug>/vendors/<ref>/deletion")
@open_to(Audience.STAFF)
def create_deletion(ref: str) -> ResponseReturnValue:
    return _act(
        ref,
        lambda vendor: service.forget_vendor(vendor, by=current_user(), at=clock.now()),
        _("个人信息删掉了。"),
    )


def _act(ref: str, act: Callable[[Vendor], object], done: str) -> ResponseReturnValue:
    vendor, form = service.find_vendor(current_community(), ref), PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: act(vendor)):
        flash(done, "go")
        return redirect(url_for("vendors.vendor", ref=ref))
    return _vendor_page(vendor, DocumentForm(formdata=None), form)


@bp.post("/staff/<slug>/vendors/<ref>/links")
@open_to(Audience.STAFF)
def create_link(ref: str) -> ResponseReturnValue:
    """Shows a one-time link, once: afterwards only its hash is known."""
    vendor, form = service.find_vendor(current_community(), ref), PlainForm()
    by, at = current_user(), clock.now()
    if not (
        form.validate_on_submit()
        and (secret := form.attempt(lambda: service.open_account(vendor, by=by, at=at)))
    ):
        return _vendor_page(vendor, DocumentForm(formdata=None), form)
    address = settings().public_url + url_for("people.sign_in_link", secret=secret.value)
    code = Markup(qr_svg(address, _("登录二维码")))  # noqa: S704 - our own drawing
    return render_template("vendors/link.html", vendor=vendor, address=address, code=code)
