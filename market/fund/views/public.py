"""What everybody may read: where the money came from, where it went, and how each entry came about."""

from __future__ import annotations

import io

from flask import Response, render_template, url_for
from flask_babel import gettext, lazy_gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.config import settings
from market.errors import NotFound
from market.fund import disclosure, service, words
from market.fund.blueprint import bp
from market.fund.notice import notice_of, write_notice
from market.layout.answers import send_pdf
from market.ledger import service as ledger
from market.ledger.models import Book
from market.ledger.rules import CHART
from market.people.access import current_community
from market.settlement import service as settlement


@bp.get("/c/<slug>/fund")
@open_to(Audience.PUBLIC)
def page() -> str:
    fund = service.fund_of(current_community())
    if fund is None:
        return render_template("fund/none.html")
    return render_template(
        "fund/page.html", it=disclosure.disclose(fund), effect_of=disclosure.effect_of, words=words
    )


@bp.get("/c/<slug>/fund/notice.pdf")
@open_to(Audience.PUBLIC)
def notice() -> Response:
    """The page as one sheet for the notice board, as of now."""
    community, out = current_community(), io.BytesIO()
    it = disclosure.disclose(service.require_fund(community))
    today = clock.today(community.zone)
    address = settings().public_url + url_for("fund.page")
    write_notice(notice_of(it, today=today, page_address=address), out)
    what = gettext("基金收支公示表")
    name = f"{community.name}_{what}_{today.isoformat()}.pdf"
    return send_pdf(out, name)


@bp.get("/c/<slug>/fund/entries/<ref>")
@open_to(Audience.PUBLIC)
def entry(ref: str) -> str:
    fund = service.require_fund(current_community())
    found = ledger.entry_of(fund.book, ref)
    return render_template(
        "fund/entry.html",
        fund=fund,
        entry=found,
        origin=disclosure.origin_of(found),
        words=words,
        chart=CHART,
    )


@bp.get("/c/<slug>/fund/markets/<ref>")
@open_to(Audience.PUBLIC)
def market_account(ref: str) -> str:
    fund = service.fund_of(current_community())
    day = day_at(ref)
    revisions = settlement.revisions(day)[::-1]
    if not revisions:
        raise NotFound("fund.not_settled", _("这一场还没有收市结算。收市以后，账会写在这里。"))
    entries = settlement.entries_of_market(fund.book, day) if fund is not None else []
    corrected = disclosure.corrections(revisions, entries)
    shown = {entry.id for correction in corrected for entry in correction.vouchers}
    return render_template(
        "fund/market_account.html",
        day=day,
        revisions=revisions,
        latest=revisions[-1],
        additions=settlement.added(day),
        corrections=corrected,
        entries=[entry for entry in entries if entry.id not in shown],
        effect_of=disclosure.effect_of,
        has_fund=fund is not None,
        remittances=service.remittances(day),
        refunds=service.refunds(day),
        owed_fen=service.owed(day),
        words=words,
    )


@bp.get("/c/<slug>/fund/ledger.<any(csv, beancount):form>")
@open_to(Audience.PUBLIC)
def download(form: str) -> Response:
    """The whole book as text, so that anybody can add it up."""
    book: Book = service.require_fund(current_community()).book
    out = io.StringIO()
    if form == "csv":
        ledger.export_csv(book, out)
    else:
        ledger.export_beancount(book, out)
    name = f"{current_community().slug}-ledger.{form}"
    return Response(
        out.getvalue(),
        mimetype="text/csv" if form == "csv" else "text/plain",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
