"""What everybody reads of one source of the fund: who stands behind it, and what came when."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import NotFound
from market.fund import service, words
from market.fund.blueprint import bp
from market.fund.rules import BY_AGREEMENT, Source
from market.people.access import current_community

NEWEST_SHOWN = 100
PAGES = ", ".join(words.PAGES)


@bp.get(f"/c/<slug>/fund/sources/<any({PAGES}):which>")
@open_to(Audience.PUBLIC)
def source(which: str) -> str:
    fund, sources = service.require_fund(current_community()), words.PAGES[which]
    today = clock.today(current_community().zone)
    here = service.partners_of(fund, sources[0]) if sources[0] in BY_AGREEMENT else []
    posted = service.posted_notices(fund, sources=sources, limit=NEWEST_SHOWN + 1)
    if not here and not posted:
        raise NotFound("fund.no_such_source", _("本基金没有这一种收入。"))
    return render_template(
        "fund/source.html",
        fund=fund,
        name=which,
        supports=service.supports_of(here, today),
        posted=posted[:NEWEST_SHOWN],
        more=len(posted) > NEWEST_SHOWN,
        years=service.by_year(fund, sources),
        today=today,
        words=words,
    )


@bp.get("/c/<slug>/fund/partners/<ref>")
@open_to(Audience.PUBLIC)
def partner(ref: str) -> str:
    fund = service.require_fund(current_community())
    found = service.find_partner(fund, ref)
    today = clock.today(current_community().zone)
    posted = service.posted_notices(fund, partner=found)
    return render_template(
        "fund/partner.html",
        it=service.support_of(found, today),
        partner=found,
        posted=posted,
        years=service.by_year(fund, (found.source,), found),
        counts=service.job_counts(found) if found.source is Source.WORKSHOP else [],
        today=today,
        words=words,
    )
