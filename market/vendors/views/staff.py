"""The register: finding a vendor, entering one on behalf."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.paging import SIZE, Paging, paging
from market.people.access import current_community, current_user
from market.typed_text import masked_phone
from market.vendors import service
from market.vendors.blueprint import bp
from market.vendors.documents_date import documents_date
from market.vendors.forms import StaffVendorForm, facts_of
from market.vendors.goods_said import advise_on_goods
from market.vendors.models import Vendor
from market.vendors.rules import Category, DocumentState, document_state


class Row(NamedTuple):
    """A line of the register."""

    vendor: Vendor
    documents: DocumentState


@bp.get("/staff/<slug>/vendors")
@open_to(Audience.STAFF)
def register() -> ResponseReturnValue:
    search, category, papers = (request.args.get(name, "").strip() for name in ("q", "category", "papers"))
    on = documents_date()
    rows, shown = _shown(search, category, papers, on)
    return render_template(
        "vendors/register.html",
        rows=rows,
        paging=shown,
        on=on,
        search=search,
        category=category,
        papers=papers,
        document_states=list(DocumentState),
    )


def _shown(search: str, category: str, papers: str, on: date) -> tuple[list[Row], Paging]:
    """A page of who is looked for. Whether papers suffice is a rule of today: a choice by it judges all."""
    if category and category not in list(Category):
        return [], paging(0)
    only = Category(category) if category else None
    if papers:
        hits = service.search_register(current_community(), search, only)
        rows = [row for row in _judged(service.vendors_of(hits), on) if row.documents.value == papers]
        shown = paging(len(rows))
        return rows[shown.offset : shown.offset + SIZE], shown
    if search:
        hits = service.search_register(current_community(), search, only)
        shown = paging(len(hits))
        return _judged(service.vendors_of(hits[shown.offset : shown.offset + SIZE]), on), shown
    return _page_of_all(only, on)


def _page_of_all(only: Category | None, on: date) -> tuple[list[Row], Paging]:
    """The rows of a page, of a register that the database has in order."""
    shown = paging(service.count_register(current_community(), only))
    vendors = service.register_page(current_community(), only, shown.offset, SIZE)
    return _judged(vendors, on), shown


def _judged(vendors: list[Vendor], on: date) -> list[Row]:
    lacks = service.findings_by_vendor(vendors, on)
    return [Row(vendor, document_state(lacks[vendor.id])) for vendor in vendors]


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
        advise_on_goods(made.value)
        flash(_("替%(name)s登记好了。接着看看证照和协议。", name=made.value.trading_name), "go")
        return redirect(url_for("pages.vendor", ref=made.value.ref))
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
    shown = {**facts_of(vendor), "phone": masked_phone(vendor.phone)}
    return render_template("vendors/edit_vendor.html", vendor=vendor, form=StaffVendorForm(data=shown))


@bp.post("/staff/<slug>/vendors/<ref>/edit")
@open_to(Audience.STAFF)
def update_vendor(ref: str) -> ResponseReturnValue:
    vendor, form = service.find_vendor(current_community(), ref), StaffVendorForm()
    form.keep_number(vendor)
    form.known_before(facts_of(vendor))
    if form.validate_on_submit() and form.attempt(lambda: _edit(vendor, form)):
        advise_on_goods(vendor)
        flash(_("改好了。"), "go")
        return redirect(url_for("pages.vendor", ref=ref))
    return render_template("vendors/edit_vendor.html", vendor=vendor, form=form), form.status


def _edit(vendor: Vendor, form: StaffVendorForm) -> None:
    by, at = current_user(), clock.now()
    service.edit_vendor(vendor, form.draft(), by=by, at=at)
    service.let_use_reserved(vendor, form.may_use_reserved.data, by=by, at=at)
