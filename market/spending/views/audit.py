"""审计包, taken along by whoever audits: staff, members, the supervisor."""

from __future__ import annotations

from functools import partial

from flask import Response, send_file
from flask_babel import gettext as _

from market.access import Audience, open_to
from market.errors import NotFound
from market.fund import files
from market.fund.service.periods import years_of
from market.people.access import current_community
from market.spending.audit_pack import write_audit_pack
from market.spending.blueprint import bp
from market.spending.views.shared import our_fund


@bp.get("/staff/<slug>/fund/audit/<period>.zip")
@open_to(Audience.STAFF)
def audit_pack(period: str) -> Response:
    return _audit_pack(period)


@bp.get("/committee/<slug>/audit/<period>.zip")
@open_to(Audience.COMMITTEE)
def audit_pack_for_members(period: str) -> Response:
    return _audit_pack(period)


def _audit_pack(period: str) -> Response:
    """The archive of a year, for whoever audits; made once for a state of the records."""
    fund, community = our_fund(), current_community()
    if period not in {str(year) for year in years_of(fund)}:
        raise NotFound("fund.no_such_year", _("这一年没有账。"))
    name = f"audit-{period}.zip"
    found = files.made(community, name, partial(write_audit_pack, fund, int(period)))
    answer = send_file(found.path, mimetype="application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
