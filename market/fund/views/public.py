"""What everybody may read: where the money came from, where it went, and how each entry came about."""

from __future__ import annotations

import io
from functools import partial

from flask import Response, render_template, request, send_file, url_for
from flask_babel import gettext, lazy_gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.config import settings
from market.errors import NotFound
from market.fund import disclosure, files, pictures as drawn, service, words
from market.fund.blueprint import bp
from market.fund.bundle import write_bundle, write_public_ledger
from market.fund.notice import notice_of, write_notice
from market.fund.published import public_book
from market.journal.checkpoint import signer_of
from market.journal.printed import checkpoint_of, grown_since, head_now, typed_head
from market.layout.answers import send_pdf
from market.ledger import service as ledger
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
        "fund/page.html",
        it=disclosure.disclose_public(fund, before=request.args.get("before")),
        effect_of=disclosure.effect_of,
        words=words,
        scanned=typed_head(request.args.get("head", "")[:1000]),
    )


@bp.get("/c/<slug>/fund/pictures")
@open_to(Audience.PUBLIC)
def pictures() -> str:
    """The same sums as on the page, to be looked at."""
    fund = service.require_fund(current_community())
    seen = public_book(fund.community)
    return render_template(
        "fund/pictures.html",
        flow=drawn.flow_of(seen),
        months=drawn.months_of(fund, seen),
        plans=drawn.plans_of(fund),
        words=words,
    )


@bp.get("/c/<slug>/fund/notice.pdf")
@open_to(Audience.PUBLIC)
def notice() -> Response:
    """The page as one sheet for the notice board, as of now."""
    community, out = current_community(), io.BytesIO()
    it = disclosure.disclose_public(service.require_fund(community))
    today = clock.today(community.zone)
    address = settings().public_url + url_for("fund.page", head=it.head, _anchor="check")
    write_notice(notice_of(it, today=today, page_address=address), out)
    what = gettext("基金收支公示表")
    name = f"{community.name}_{what}_{today.isoformat()}.pdf"
    return send_pdf(out, name)


@bp.get("/c/<slug>/fund/head")
@open_to(Audience.PUBLIC)
def head() -> str:
    """Whether a head that somebody has on paper was one of this journal, which only grew since."""
    community, typed = current_community(), typed_head(request.args.get("head", "")[:1000])
    fund = service.require_fund(community)
    return render_template(
        "fund/head.html",
        typed=typed,
        now=head_now(community.id),
        grown=grown_since(community.id, community.slug, typed) if typed else None,
        of_book=bool(typed) and ledger.has_stood_at(fund.book, typed),
    )


@bp.get("/c/<slug>/fund/bundle.zip")
@open_to(Audience.PUBLIC)
def bundle() -> Response:
    """Everything with which anybody can do the sums again, and a program that does."""
    fund = service.require_fund(current_community())
    return _file("bundle.zip", "application/zip", partial(write_bundle, fund))


def _file(name: str, kind: str, write: files.Write) -> Response:
    """A long file: sent piece by piece from where it is kept, and not at all to who has it already."""
    community = current_community()
    found = files.made(community, name, write)
    answer = send_file(found.path, mimetype=kind, etag=found.tag)
    answer.last_modified = None  # the state of the records names it, not when it was made
    answer.headers["Content-Disposition"] = f'attachment; filename="{community.slug}-{name}"'
    return answer


@bp.get("/c/<slug>/fund/checkpoint.txt")
@open_to(Audience.PUBLIC)
def checkpoint() -> Response:
    """The signed head, and the public key that it is checked with."""
    community = current_community()
    note = checkpoint_of(community.id, community.slug)
    key = signer_of(community.slug, settings()).verifier
    return Response(note, mimetype="text/plain", headers={"X-Verifier-Key": key})


@bp.get("/c/<slug>/fund/entries/<ref>")
@open_to(Audience.PUBLIC)
def entry(ref: str) -> str:
    fund = service.require_fund(current_community())
    found = ledger.entry_of(fund.book, ref)
    if found.id in public_book(fund.community).hidden:
        sentence = _("这一笔涉及的商户太少，单独公布会看出是谁。它合在别的合计里公布。")
        raise NotFound("fund.not_shown_alone", sentence)
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
    seen = public_book(current_community())
    entries = settlement.entries_of_market(fund.book, day) if fund is not None else []
    entries = [entry for entry in entries if entry.id not in seen.hidden]
    corrected = disclosure.corrections(revisions, entries)
    figures = seen.of(revisions[-1])
    shown = {entry.id for correction in corrected for entry in correction.vouchers}
    return render_template(
        "fund/market_account.html",
        day=day,
        revisions=revisions,
        latest=revisions[-1],
        gift_only=any(line.gift_only for line in revisions[-1].lines),
        additions=settlement.added(day),
        corrections=corrected,
        entries=[entry for entry in entries if entry.id not in shown],
        effect_of=disclosure.effect_of,
        has_fund=fund is not None,
        pooled=fund is not None and (figures.corrected or figures.takings_fen is None),
        refunds=[refund for refund in service.refunds(day) if refund.entry_id not in seen.hidden],
        figures=figures,
        joint=[line for line in reversed(seen.joint) if day.id in {one.id for one in line.days}],
        owed_fen=0 if figures.corrected else service.owed(day),
        words=words,
    )


@bp.get("/c/<slug>/fund/ledger.<any(csv, beancount):form>")
@open_to(Audience.PUBLIC)
def download(form: str) -> Response:
    """The book as text, as far as it is public, so that anybody can add it up."""
    fund = service.require_fund(current_community())
    kind = "text/csv" if form == "csv" else "text/plain"
    return _file(f"ledger.{form}", kind, partial(write_public_ledger, fund, form))
