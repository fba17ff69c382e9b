"""Every market day of a community, the newest first."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.access import Audience, open_to
from market.calendar import service, words
from market.calendar.blueprint import bp
from market.people.access import current_community

PAGE = 20


@bp.get("/staff/<slug>/days")
@open_to(Audience.STAFF)
def days() -> ResponseReturnValue:
    pages = max(1, -(-service.count_days(current_community()) // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = service.days(current_community(), offset=(page - 1) * PAGE, limit=PAGE)
    return render_template(
        "calendar/days.html", days=shown, page=page, pages=pages, address=_page_address, words=words
    )


def _page_address(page: int) -> str:
    return url_for("calendar.days", page=page)
