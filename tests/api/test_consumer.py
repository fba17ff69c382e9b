"""The city's data platform: it knows the interface only, reads a whole fund and adds it up, and is told.

It is written as an outsider would write it: from the OpenAPI document, with nothing of the program imported
that answers it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.communities.service import find_community
from market.db import unit_of_work
from market.people.service import find_user
from market.programs import service
from market.programs.rules import Right
from tests.demo_year import OURS


class Generated:
    """A client made from the document alone: each operation is a method of its name."""

    def __init__(self, client: FlaskClient, document: dict[str, Any], key: str = "") -> None:
        self._client, self._key = client, key
        self._root = re.sub(r"^https?://[^/]+", "", document["servers"][0]["url"])
        self._operations = {
            told["operationId"]: (method, path, told)
            for path, ways in document["paths"].items()
            for method, told in ways.items()
        }

    def call(self, operation: str, sent: Any = None, **values: Any) -> Any:
        method, path, told = self._operations[operation]
        named = {one["name"] for one in told["parameters"] if one["in"] == "path"}
        asked = {name: value for name, value in values.items() if name not in named}
        assert set(asked) <= {one["name"] for one in told["parameters"] if one["in"] == "query"}
        address = self._root + path.format(**{name: values[name] for name in named})
        headers = {"Authorization": f"Bearer {self._key}"} if told.get("security") else {}
        answer = self._client.open(address, method=method, query_string=asked, json=sent, headers=headers)
        assert str(answer.status_code) in told["responses"], (operation, answer.status_code, answer.text)
        return answer.json

    def every(self, operation: str, **values: Any) -> Iterator[Any]:
        """All items of a list, page by page."""
        page = self.call(operation, **values)
        yield from page["items"]
        while page["next"] is not None:
            page = self.call(operation, cursor=page["next"], **values)
            yield from page["items"]


@pytest.fixture(scope="module")
def platform(year_app: Flask) -> Generated:
    with year_app.app_context(), unit_of_work():
        viewer = find_user("demo-viewer")
        assert viewer is not None
        region = find_community(OURS).region
        at = clock.now()
        _key, secret = service.make_key(
            region, "市数据平台", [Right.READ], at + timedelta(days=90), by=viewer, at=at
        )
    client = year_app.test_client(use_cookies=False)
    return Generated(client, json.loads(client.get("/api/v1/openapi.json").data), secret)


def test_it_reads_a_whole_fund_and_comes_to_the_same_balance(platform: Generated) -> None:
    fund = platform.call("get_fund", slug=OURS)
    entries = list(platform.every("list_entries", slug=OURS, limit=9))
    added: Counter[str] = Counter()
    for voucher in [*entries, *platform.every("list_sums", slug=OURS)]:
        for line in voucher["lines"]:
            added[line["account"]] += line["fen"]
    told = {one["account"]: one["fen"] for one in fund["accounts"]}
    assert entries
    assert {code: fen for code, fen in told.items() if fen} == {
        code: fen for code, fen in added.items() if fen
    }
    assert fund["at_charity_fen"] == added["1001"]


def test_its_key_reads_the_figures_of_the_region(platform: Generated) -> None:
    """And they are those that everybody reads of each community, where nothing is withheld."""
    rows = {
        one["community"]: one
        for one in platform.every("list_region_counters", code=_code(platform), year=2024)
    }
    seen = platform.call("get_counters", slug=OURS, year=2024)
    for name in ("markets", "vendors", "appearances", "visits", "items"):
        assert rows[OURS][name] == seen[name]


def _code(platform: Generated) -> str:
    return str(platform.call("get_community", slug=OURS)["division"])


def test_it_checks_what_it_is_told(platform: Generated) -> None:
    """As its own few lines do, against a message that was made here."""
    from market.programs.rules import message_headers

    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    body = json.dumps({"type": "market.settled", "data": {"community": OURS}}).encode()
    headers = message_headers(secret, "msg_1", body, clock.now())
    assert believes(secret, headers, body)
    assert not believes(secret, headers, body + b" ")
    assert not believes(secret, {**headers, "webhook-id": "msg_2"}, body)
    assert not believes(secret, {**headers, "webhook-timestamp": "1614265330"}, body)


def believes(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a message is from there, and new."""
    sent_at = int(headers["webhook-timestamp"])
    if abs(clock.now().timestamp() - sent_at) > 300:
        return False
    signed = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{expected}")
