"""The statement of a market for the notice board, with the fund it went into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.fund import service as fund
from market.ledger.chain import fingerprint
from market.pages.blueprint import bp
from market.settlement import service
from market.settlement.models import InKindItem
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
        goods=_together(service.goods(day)),
        fund=fund.fund_of(day.community),
        fingerprint=fingerprint(entry.hash) if (entry := revisions[0].entry) else "",
        categories={category.value: word for category, word in CATEGORY_WORDS.items()},
    )


def _together(items: Iterable[InKindItem]) -> list[tuple[str, int]]:
    """The same goods of several givers are one line for whoever reads the notice board."""
    counted: Counter[str] = Counter()
    for item in items:
        counted[item.goods] += item.items
    return list(counted.items())
