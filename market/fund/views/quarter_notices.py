"""The notice of each quarter: everybody reads the published ones, two people make them, a clock counts."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.clock import local
from market.config import settings
from market.fund import quarter_paper, service, words
from market.fund.blueprint import bp
from market.fund.models import Fund
from market.fund.notice_rows import QuarterNotice
from market.fund.published import public_book
from market.fund.quarter import corrections as every_correction
from market.fund.quarter_facts import QuarterFacts, read_facts
from market.fund.service import quarter_notices as acts
from market.layout.answers import XLSX, send_file, send_pdf
from market.ledger.periods import find_period
from market.ledger.rules import CHART
from market.people.access import current_community, current_user

# ── everybody ─────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/fund/quarterly")
@open_to(Audience.PUBLIC)
def quarter_notices() -> str:
    """Which quarter was published when, and when the next is due."""
    fund = _fund()
    clocks = acts.clocks(fund, clock.today(fund.community.zone))
    return render_template("fund/quarter_notices.html", fund=fund, clocks=clocks, words=words)


@bp.get("/c/<slug>/fund/quarterly/<ref>")
@open_to(Audience.PUBLIC)
def quarter_notice(ref: str) -> str:
    return _page(acts.find_published(_fund(), ref))


@bp.get("/c/<slug>/fund/quarterly/<ref>.pdf")
@open_to(Audience.PUBLIC)
def quarter_notice_pdf(ref: str) -> Response:
    notice, out = acts.find_published(_fund(), ref), io.BytesIO()
    address = settings().public_url + url_for("fund.quarter_notice", ref=ref)
    quarter_paper.write_pdf(notice, address, out)
    return send_pdf(out, f"{quarter_paper.file_title(notice)}.pdf")


@bp.get("/c/<slug>/fund/quarterly/<ref>.xlsx")
@open_to(Audience.PUBLIC)
def quarter_notice_workbook(ref: str) -> Response:
    notice, out = acts.find_published(_fund(), ref), io.BytesIO()
    quarter_paper.write_workbook(notice, out)
    return send_file(out.getvalue(), XLSX, f"{quarter_paper.file_title(notice)}.xlsx")


@bp.get("/c/<slug>/fund/corrections")
@open_to(Audience.PUBLIC)
def corrections() -> str:
    """Every 更正说明, the newest first."""
    fund = _fund()
    found = list(every_correction(fund, public_book(fund.community)))[::-1]
    return render_template("fund/corrections.html", fund=fund, corrections=found, words=words)


# ── who makes them ────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/fund/quarterly")
@open_to(Audience.STAFF)
def notices_desk() -> str:
    return _desk("fund.notice_draft")


@bp.get("/committee/<slug>/quarterly")
@open_to(Audience.COMMITTEE)
def notices_for_members() -> str:
    return _desk("fund.notice_draft_for_member")


def _desk(draft: str) -> str:
    fund = _fund()
    return render_template(
        "fund/notices_desk.html",
        fund=fund,
        clocks=acts.clocks(fund, clock.today(fund.community.zone)),
        draft=draft,
        for_staff=draft == "fund.notice_draft",
        words=words,
    )


@bp.post("/staff/<slug>/fund/quarterly/quarters/<ref>")
@open_to(Audience.STAFF)
def prepare_notice(ref: str) -> ResponseReturnValue:
    fund = _fund()
    period = find_period(fund.book, ref)
    notice = acts.prepare_notice(fund, period, by=current_user(), at=clock.now())
    flash(_("编好了，等另一位看过再公布。"), "go")
    return redirect(url_for("fund.notice_draft", ref=notice.ref))


@bp.get("/staff/<slug>/fund/quarterly/<ref>")
@open_to(Audience.STAFF)
def notice_draft(ref: str) -> str:
    return _page(acts.find_quarter_notice(_fund(), ref), "fund.publish_notice")


@bp.get("/committee/<slug>/quarterly/<ref>")
@open_to(Audience.COMMITTEE)
def notice_draft_for_member(ref: str) -> str:
    return _page(acts.find_quarter_notice(_fund(), ref), "fund.publish_notice_as_member")


@bp.post("/staff/<slug>/fund/quarterly/<ref>/publication")
@open_to(Audience.STAFF)
def publish_notice(ref: str) -> ResponseReturnValue:
    _publish(ref)
    return redirect(url_for("fund.notices_desk"))


@bp.post("/committee/<slug>/quarterly/<ref>/publication")
@open_to(Audience.COMMITTEE)
def publish_notice_as_member(ref: str) -> ResponseReturnValue:
    """A member may be the second person: where there is one worker, nobody else is."""
    _publish(ref)
    return redirect(url_for("fund.notices_for_members"))


def _publish(ref: str) -> None:
    notice, seen = acts.find_quarter_notice(_fund(), ref), request.form.get("seen", "")
    acts.publish_notice(notice, seen, by=current_user(), at=clock.now())
    flash(_("公布了，以后不会再变。"), "go")


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────


def _fund() -> Fund:
    return service.require_fund(current_community())


def _page(notice: QuarterNotice, publish: str = "") -> str:
    """`publish` is where the second person's button leads, on the pages of who makes it."""
    facts = read_facts(notice.facts)
    return render_template(
        "fund/quarter_notice.html",
        notice=notice,
        it=facts,
        givers=quarter_paper.givers(notice.fund, facts),
        objections_until=_objections_until(notice, facts),
        publish=publish,
        me=current_user() if publish else None,
        chart=CHART,
        words=words,
    )


def _objections_until(notice: QuarterNotice, facts: QuarterFacts) -> object:
    """The last day on which it hangs on the board, None before it does."""
    if notice.reviewed_at is None:
        return None
    hung_on = local(notice.reviewed_at, notice.fund.community.zone).date()
    return hung_on + timedelta(days=facts.objection_days)
