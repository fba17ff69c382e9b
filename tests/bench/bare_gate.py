"""A Flask application with one view: two look-ups, two inserts, one commit, on the engine it is told."""

from __future__ import annotations

import os

import sqlalchemy as sa
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from market import sqlite

app = Flask(__name__)
URL = os.environ.get("BARE_DATABASE", "sqlite://")
OPTIONS = {"module": sqlite.module()} if URL.startswith("sqlite") else {}
engine = sa.create_engine(URL, **OPTIONS)
if URL.startswith("sqlite"):
    sa.event.listen(engine, "connect", sqlite.prepare)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))

PREPARED = (
    "CREATE TABLE bare_pass (id INTEGER PRIMARY KEY, code VARCHAR(8))",
    "CREATE TABLE bare_scan (client VARCHAR(40) PRIMARY KEY, code VARCHAR(8))",
    "CREATE TABLE bare_line (client VARCHAR(40) PRIMARY KEY, text VARCHAR(80))",
    "INSERT INTO bare_pass (id, code) VALUES (1, 'ABC')",
)


@app.get("/")
def ready() -> str:
    """That it serves."""
    return "ready"


@app.post("/")
def scan() -> ResponseReturnValue:
    """The least that a gate has to do."""
    client, code = request.form["client_id"], request.form["code"]
    with engine.begin() as connection:
        again = sa.text("SELECT 1 FROM bare_scan WHERE client = :c")
        known = connection.execute(again, {"c": client}).first()
        found = connection.execute(sa.text("SELECT id FROM bare_pass WHERE code = 'ABC'")).first()
        connection.execute(sa.text("INSERT INTO bare_scan VALUES (:c, :code)"), {"c": client, "code": code})
        connection.execute(sa.text("INSERT INTO bare_line VALUES (:c, 'scan')"), {"c": client})
    return jsonify(known=known is not None, found=found is not None)
