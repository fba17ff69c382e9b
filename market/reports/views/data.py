"""All data of a community as one file: for a named reason, which stays in the journal."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.db import db
from market.people.access import current_community, current_user
from market.reports.blueprint import bp
from market.reports.forms import TakeDataForm
from market.reports.service.taking import take_data, taken_before
from market.reports.zipped import pieces


@bp.get("/staff/<slug>/data")
@open_to(Audience.STAFF)
def data() -> ResponseReturnValue:
    return _page(TakeDataForm())


@bp.post("/staff/<slug>/data")
@open_to(Audience.STAFF)
def take() -> ResponseReturnValue:
    """The file, sent while it is written: after the note of who took it is kept for good."""
    form, at, community = TakeDataForm(), clock.now(), current_community()
    if not form.validate():
        return _page(form)
    wanted = {"whole": bool(form.whole.data)}
    noted = form.attempt(lambda: take_data(community, form.reason.text, **wanted, by=current_user(), at=at))
    if noted is None:
        return _page(form)
    content = pieces(db.engine, community.id, community.name, **wanted, at=at)
    response = Response(content, mimetype="application/zip")
    name = f"{community.name}_{_('全部数据')}_{clock.local(at, community.zone).date().isoformat()}.zip"
    response.headers.set("Content-Disposition", "attachment", **{"filename*": f"UTF-8''{quote(name)}"})
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(form: TakeDataForm) -> ResponseReturnValue:
    taken = taken_before(current_community())
    return render_template("reports/data.html", form=form, taken=taken), form.status
