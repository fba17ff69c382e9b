"""The statement of a market for the notice board, with the fund it went into."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.fund import service as fund
from market.ledger.chain import fingerprint
from market.pages.blueprint import bp
from market.settlement import service
from market.vendors.words import CATEGORY_WORDS


@bp.get("/staff/<slug>/days/<ref>/statement/notice")
@open_to(Audience.STAFF)
def statement_notice(ref: str) -> ResponseReturnValue:
    """The sheet for the notice board: totals only."""
    day = day_at(ref)
    revisions = service.revisions(day)
    if not revisions:
        return redirect(url_for("settlement.close", ref=ref))
    return render_template(
        "pages/statement_notice.html",
        day=day,
        settlement=revisions[0],
        revisions=revisions,
        groups=service.public_totals(revisions[0]),
        goods=service.goods(day),
        fund=fund.fund_of(day.community),
        fingerprint=fingerprint(entry.hash) if (entry := revisions[0].entry) else "",
        categories={category.value: word for category, word in CATEGORY_WORDS.items()},
    )
