"""A staff member before the plan of a day, without a script: every act is a form, every answer a page."""

from __future__ import annotations

import html
import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market.calendar.service import find_day_by_ref
from market.stalls import service
from tests.cast import post
from tests.factories.stalls import stall


class Desk:
    """A staff member before the plan of a day."""

    def __init__(self, app: Flask, client: FlaskClient, ref: str) -> None:
        self.app, self.client, self.ref = app, client, ref
        self.way_back: tuple[str, dict[str, str]] | None = None
        self.page = f"/staff/huaiyin/days/{ref}/plan"

    def text(self, query: str = "") -> str:
        return words(self.client.get(self.page + query).get_data(as_text=True))

    def act(self, noun: str, **fields: str) -> tuple[int, str]:
        """Posts to a noun of the day; the status, and what the page that follows says."""
        answer = post(self.client, self.page, f"/staff/huaiyin/days/{self.ref}/{noun}", **fields)
        return self._follow(answer)

    def undo(self) -> tuple[int, str]:
        """Presses the button for the way back that the last answer offered; as `act`."""
        assert self.way_back is not None
        action, fields = self.way_back
        return self._follow(self.client.post(action, data=fields))

    def _follow(self, answer: TestResponse) -> tuple[int, str]:
        if answer.status_code == 302:
            page = self.client.get(answer.location).get_data(as_text=True)
            self.way_back = way_back(page)
            return 302, words(page)
        return answer.status_code, words(answer.get_data(as_text=True))

    def labels(self) -> dict[str, str]:
        with self.app.app_context():
            return {
                held.vendor.trading_name: held.label
                for held in service.assignments(find_day_by_ref(self.ref))
            }

    def refs(self, name: str, label: str, holder: str = "") -> dict[str, str]:
        """Fields of the form that brings a vendor to a stall (held by another)."""
        with self.app.app_context():
            day = find_day_by_ref(self.ref)
            people = {a.vendor.trading_name: a.ref for a in service.plan_state(day).applications.values()}
            to = stall(day, label).ref
            return {"who": people[name], "to": f"{to}.{people[holder]}" if holder else to}


def words(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def way_back(page: str) -> tuple[str, dict[str, str]] | None:
    """Where the undo button of a page goes, and with which fields."""
    form = re.search(r'<form method="post" action="([^"]+)" class="undo">(.+?)</form>', page, re.DOTALL)
    return (form[1], dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))) if form else None
