"""Files as answers: a paper to look at in the browser, or a file to keep, each under a name people read."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file as flask_send_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_pdf(out: BytesIO, name: str) -> Response:
    """A paper, shown by the browser."""
    out.seek(0)
    return flask_send_file(out, mimetype="application/pdf", download_name=name)


def send_file(content: bytes, kind: str, name: str, *, attached: bool = True) -> Response:
    """Any other file; `attached` is saved without being shown."""
    return flask_send_file(BytesIO(content), mimetype=kind, download_name=name, as_attachment=attached)
