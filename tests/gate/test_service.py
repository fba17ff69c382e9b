"""Passes, scans and the plan that passes follow: what the service promises, on both engines."""

from __future__ import annotations

from flask import Flask

from market.db import unit_of_work
from market.gate import service
from market.gate.rules import Verdict
from market.places.service import find_community
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories import gate as make


def test_publishing_gives_everyone_placed_one_pass(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        day = make.published_day(find_community(cast.ours), person("staff"))
        assert [(label, p.version) for label, p in make.passes_by_stall(day).items()] == [
            ("A01", 1),
            ("A02", 1),
            ("A03", 1),
        ]


@both_engines
def test_a_pass_admits_once(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        day = make.published_day(find_community(cast.ours), person("staff"))
        stall_pass = make.passes_by_stall(day)["A02"]
        codes = [service.pass_url(stall_pass), service.pass_token(stall_pass), stall_pass.short_code]
        verdicts = [make.scan_code(day, code, person("gate")).verdict for code in codes]
        assert verdicts == [Verdict.ADMITTED, Verdict.ALREADY_IN, Verdict.ALREADY_IN]
