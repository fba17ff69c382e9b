"""What staff do with papers: the list by the day they end, one beside its picture, a market's light."""

from __future__ import annotations

from datetime import UTC
from typing import NamedTuple

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import Finding, Severity, heaviest_first
from market.forms import MarketForm
from market.layout.answers import send_file
from market.paging import part_of
from market.people.access import current_community, current_user
from market.vendors import service
from market.vendors.blueprint import bp
from market.vendors.forms import PlainForm
from market.vendors.models import Vendor
from market.vendors.paper_forms import OriginalForm, RefusePaperForm
from market.vendors.paper_rows import HandedPaper
from market.vendors.papers import Due
from market.vendors.rules import DocumentState, document_state
from market.vendors.service import VendorPaperDue

SHOWN = ("waiting", *Due, "all")
"""What the list can be narrowed to."""


@bp.get("/staff/<slug>/papers")
@open_to(Audience.STAFF)
def paper_list() -> ResponseReturnValue:
    community = current_community()
    today = clock.today(community.zone)
    waiting = service.waiting_papers(community)
    ending = service.due_in_register(community, today)
    counts = {"waiting": len(waiting)}
    counts |= {due.value: sum(one.paper.due is due for one in ending) for due in Due}
    asked = request.args.get("show", "")
    show = asked if asked in SHOWN else next((name for name in counts if counts[name]), "waiting")
    if show == "all":
        ending = service.ending_papers(service.register(community), today)
    found = part_of([one for one in ending if show in ("all", one.paper.due)], _by_end)
    handed = part_of(sorted(waiting, key=_by_arrival), _by_arrival)
    return render_template(
        "vendors/papers.html",
        show=show,
        counts=counts,
        waiting=handed.rows,
        ending=found.rows,
        names=service.person_names(one.paper.person for one in found.rows),
        part=handed if show == "waiting" else found,
        today=today,
    )


def _by_end(one: VendorPaperDue) -> str:
    """The place of a document in the list; its order is that of `ending_papers`."""
    return f"{one.paper.ends}.{one.paper.vendor}.{one.paper.document}"


def _by_arrival(paper: HandedPaper) -> str:
    return f"{paper.handed_at.astimezone(UTC):%Y%m%dT%H%M%S%f}.{paper.ref}"


@bp.get("/staff/<slug>/papers/<ref>")
@open_to(Audience.STAFF)
def paper(ref: str) -> ResponseReturnValue:
    return _page(service.find_handed(current_community(), ref))


def _page(paper: HandedPaper, refused: MarketForm | None = None) -> ResponseReturnValue:
    form = refused if isinstance(refused, OriginalForm) else OriginalForm(formdata=None)
    refusal = refused if isinstance(refused, RefusePaperForm) else RefusePaperForm(formdata=None)
    page = render_template(
        "vendors/paper.html", paper=paper, vendor=paper.vendor, form=form, refusal=refusal, refused=refused
    )
    return page, refused.status if refused is not None else 200


@bp.post("/staff/<slug>/papers/<ref>")
@open_to(Audience.STAFF)
def see_original(ref: str) -> ResponseReturnValue:
    paper, form = service.find_handed(current_community(), ref), OriginalForm()
    if form.validate_on_submit() and form.attempt(lambda: _see(paper, form)):
        flash(_("原件已核，登记好了。"), "go")
        return redirect(url_for("vendors.paper_list"))
    return _page(paper, form)


def _see(paper: HandedPaper, form: OriginalForm) -> None:
    service.see_original(
        paper,
        number=form.number.text,
        issuer=form.issuer.text,
        valid_to=form.valid_to.data,
        by=current_user(),
        at=clock.now(),
    )


@bp.post("/staff/<slug>/papers/<ref>/refusal")
@open_to(Audience.STAFF)
def refuse_paper(ref: str) -> ResponseReturnValue:
    paper, form = service.find_handed(current_community(), ref), RefusePaperForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.refuse_paper(paper, form.reason.text, by=current_user(), at=clock.now())
    ):
        flash(_("退回去了，商户会看到您写的那句话。"), "go")
        return redirect(url_for("vendors.paper_list"))
    return _page(paper, form)


@bp.post("/staff/<slug>/papers/<ref>/withdrawal")
@open_to(Audience.STAFF)
def take_back_paper(ref: str) -> ResponseReturnValue:
    """Staff took the wrong picture for somebody."""
    paper, form = service.find_handed(current_community(), ref), PlainForm()
    back = url_for("vendors.vendor_papers", ref=paper.vendor.ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.take_back_paper(paper, by=current_user(), at=clock.now())
    ):
        flash(_("撤回了，照片已经删掉。"), "go")
        return redirect(back)
    return _page(paper, form)


@bp.get("/staff/<slug>/papers/<ref>/pictures/<picture_ref>")
@open_to(Audience.STAFF)
def paper_picture(ref: str, picture_ref: str) -> Response:
    """For staff of the vendor's community only; never kept by a browser."""
    found = service.picture_of(service.find_handed(current_community(), ref), picture_ref)
    return send_file(found.content, "image/jpeg", f"{found.ref}.jpg", attached=False)


# ── the light of a market ─────────────────────────────────────────────────────────────────────────────────


class Readiness(NamedTuple):
    """One vendor of a market: does it have everything, what lacks by when, and what waits to be looked at."""

    vendor: Vendor
    state: DocumentState
    lacks: list[Finding]
    waiting: list[HandedPaper]


ORDER = [DocumentState.LACKING, DocumentState.SOON, DocumentState.COMPLETE]


@bp.get("/staff/<slug>/days/<ref>/vendor-papers")
@open_to(Audience.STAFF)
def market_papers(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    rows = _readiness(day)
    counts = {state: sum(row.state is state for row in rows) for state in ORDER}
    return render_template("vendors/market_papers.html", day=day, rows=rows, counts=counts)


def _readiness(day: MarketDay) -> list[Readiness]:
    vendors = [application.vendor for application in service.applications(day) if application.is_live]
    today = clock.today(day.community.zone)
    found = service.stand_findings(day, vendors, asked_on=today)
    waiting: dict[int, list[HandedPaper]] = {}
    for paper in service.waiting_papers(day.community):
        waiting.setdefault(paper.vendor_id, []).append(paper)
    rows = [_row(vendor, found[vendor.id], waiting.get(vendor.id, [])) for vendor in vendors]
    return sorted(rows, key=lambda row: (ORDER.index(row.state), row.vendor.pinyin))


def _row(vendor: Vendor, findings: list[Finding], waiting: list[HandedPaper]) -> Readiness:
    told = [finding for finding in findings if finding.severity is not Severity.INFO]
    return Readiness(vendor, document_state(findings), heaviest_first(told), waiting)
