"""A Flask application with one constant page, as large as the page it is compared with."""

from __future__ import annotations

import os

from flask import Flask

BODY = b"x" * int(os.environ.get("BARE_PAGE_BYTES", "10000"))

app = Flask(__name__)


@app.get("/")
def page() -> bytes:
    """The page."""
    return BODY
