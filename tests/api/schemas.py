"""Whatever the OpenAPI document allows, and what it does not, asked of a market that runs (schemathesis)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import load_all_checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import unit_of_work
from market.vendors import service as vendors
from tests.cast import person
from tests.factories.calendar import bring_to
from tests.factories.gate import running_today
from tests.factories.programs import make_key

Asked = Counter[tuple[str, int]]
"""How often each operation answered with each status."""


class Asker:
    """A program of the staff that asks at random. It must find no server error, no answer that the document
    does not describe, nothing that takes what it should refuse, and no operation that forgets its key.

    What is well written and refused all the same is no fault: a number that is taken, a day that is over.
    """

    def __init__(self, app: Flask) -> None:
        known = app.extensions["settings"]
        app.extensions["settings"] = known.model_copy(update={"api_calls": 1_000_000})
        with app.app_context():
            with unit_of_work():
                day = running_today(find_community("huaiyin"), person("staff"))
                bring_to(day, DayState.OPEN, person("staff"))
                self._day, self._vendor = day.ref, vendors.applications(day)[0].vendor.ref
                self._code = day.community.region.code
            self._key = {"Authorization": f"Bearer {make_key('huaiyin')}"}
        load_all_checks()
        self._schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
        self.asked: Asked = Counter()

    def operations(self) -> Iterator[Any]:
        """Every operation of the document."""
        for found in self._schema.get_all_operations():
            assert isinstance(found, Ok)
            yield found.ok()

    def ask(self, operation: Any, times: int) -> None:
        """Asks one operation so often; raises what is wrong, with how to do it again."""

        @settings(
            max_examples=times,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def once(case: Any) -> None:
            self._lead_to_what_is_there(case)
            answer = case.call_and_validate(headers=self._key, excluded_checks=[positive_data_acceptance])
            self.asked[operation.label, answer.status_code] += 1

        once()

    def _lead_to_what_is_there(self, case: Any) -> None:
        """Addresses made by chance lead nowhere; half of the interest is in what is there."""
        ref = self._vendor if "/vendors/" in case.operation.path else self._day
        for name, value in (("slug", "huaiyin"), ("ref", ref), ("code", self._code)):
            if name in case.path_parameters:
                case.path_parameters[name] = value
