"""A Flask application with one view that reads one row and fills one template."""

from __future__ import annotations

import os

import sqlalchemy as sa
from flask import Flask, render_template
from jinja2 import DictLoader

from market import sqlite

app = Flask(__name__)
engine = sa.create_engine(os.environ.get("BARE_DATABASE", "sqlite://"), module=sqlite.module())

PREPARED = (
    "CREATE TABLE bare_row (id INTEGER PRIMARY KEY, name VARCHAR(40))",
    "INSERT INTO bare_row (id, name) VALUES (1, '周末集市')",
)
TEMPLATE = "<h1>{{ name }}</h1>" + "<p>x</p>" * (int(os.environ.get("BARE_PAGE_BYTES", "10000")) // 8)
app.jinja_env.loader = DictLoader({"page.html": TEMPLATE})


@app.get("/")
def page() -> str:
    """The page."""
    with engine.connect() as connection:
        name = connection.execute(sa.text("SELECT name FROM bare_row WHERE id = 1")).scalar_one()
    return render_template("page.html", name=name)
