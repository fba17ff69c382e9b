"""Passes as a PDF, or as many in a ZIP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from itertools import chain
from urllib.parse import quote

from flask import Flask, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.layout.answers import send_pdf
from market.passes import service, words
from market.passes.blueprint import bp
from market.passes.forms import PrintForm
from market.passes.stacks import zipped


@bp.get("/staff/<slug>/days/<ref>/passes.pdf")
@open_to(Audience.STAFF)
def passes(ref: str) -> ResponseReturnValue:
    """All passes, or that of one stall (`?pass=`), as `PrintForm` says: `?layout=labels24&start=5&back=1`."""
    day, out = day_at(ref), BytesIO()
    order = PrintForm(request.args).order()
    only = [service.find_pass(day, request.args["pass"])] if "pass" in request.args else None
    if only is None and service.long_print(day, order).total > service.LONG:
        return redirect(f"{url_for('passes.pass_stacks', ref=ref)}?{request.query_string.decode()}")
    service.write_passes(day, out, order=order, only=only)
    return send_pdf(out, words.pass_file_name(only[0]) if only else f"{words.passes_title(day)}.pdf")


@bp.get("/staff/<slug>/days/<ref>/passes.zip")
@open_to(Audience.STAFF)
def pass_stacks(ref: str) -> Response:
    """The same for more passes than one file should hold: stacks of sheets, sent while they are made.

    The header tells how many passes are in each file, so that the page can say how far it is. The first is
    made before anything is sent: what makes a print impossible is still told on a page of its own.
    """
    printed = service.long_print(day_at(ref), PrintForm(request.args).order())
    pieces = zipped(printed.files(_looks()), clock.now())
    response = Response(chain([next(pieces)], pieces), mimetype="application/zip")
    response.headers["X-Stacks"] = " ".join(str(len(stack)) for stack in printed.stacks)
    name = quote(f"{printed.title}.zip")
    response.headers.set("Content-Disposition", "attachment", **{"filename*": f"UTF-8''{name}"})
    return response


def _looks() -> Callable[[], AbstractContextManager[object]]:
    """Contexts like that of this request, for what is made after it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's own way to keep it
    locale = str(get_locale())

    @contextmanager
    def look() -> Iterator[None]:
        with app.app_context(), force_locale(locale):
            yield

    return look
