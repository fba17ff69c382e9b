"""The register: finding a vendor, entering one on behalf."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.people.access import current_community, current_user
from market.typed_text import masked_phone
from market.vendors import service
from market.vendors.blueprint import bp
from market.vendors.documents_date import documents_date
from market.vendors.forms import StaffVendorForm, facts_of
from market.vendors.goods_said import advise_on_goods
from market.vendors.models import Vendor
from market.vendors.rules import Category, DocumentState, document_state

PAGE_SIZE = 50


class Row(NamedTuple):
    """A line of the register."""

    vendor: Vendor
    documents: DocumentState


@bp.get("/staff/<slug>/vendors")
@open_to(Audience.STAFF)
def register() -> ResponseReturnValue:
    search, category, papers = (request.args.get(name, "").strip() for name in ("q", "category", "papers"))
    on = documents_date()
    if search or papers:
        found = [row for row in _rows(search, on) if _wanted(row, category, papers)]
        pages, page = _pages(len(found))
        rows, total = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], len(found)
    else:
        rows, total, pages, page = _page_of_all(category, on)
    return render_template(
        "vendors/register.html",
        rows=rows,
        total=total,
        on=on,
        search=search,
        category=category,
        papers=papers,
        document_states=list(DocumentState),
        page=page,
        pages=pages,
        page_link=lambda number: url_for(
            "vendors.register", q=search, category=category, papers=papers, page=number
        ),
    )


def _pages(total: int) -> tuple[int, int]:
    """How many pages there are, and which of them is asked for."""
    pages = max(1, -(-total // PAGE_SIZE))
    return pages, min(max(request.args.get("page", 1, int), 1), pages)


def _page_of_all(category: str, on: date) -> tuple[list[Row], int, int, int]:
    """The rows of a page, of a register that the database has in order; and the length of the whole."""
    if category and category not in list(Category):
        return [], 0, 1, 1
    only = Category(category) if category else None
    _none, total = service.register_page(current_community(), only, 0, 0)
    pages, page = _pages(total)
    vendors, _total = service.register_page(current_community(), only, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    return _judged(vendors, on), total, pages, page


def _rows(search: str, on: date) -> list[Row]:
    return _judged(service.register(current_community(), search), on)


def _judged(vendors: list[Vendor], on: date) -> list[Row]:
    lacks = service.findings_by_vendor(vendors, on)
    return [Row(vendor, document_state(lacks[vendor.id])) for vendor in vendors]


def _wanted(row: Row, category: str, papers: str) -> bool:
    return category in ("", row.vendor.category.value) and papers in ("", row.documents.value)


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
