"""Keys of programs, and what programs send with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.communities.service import find_community
from market.db import new_ref, unit_of_work
from market.people.service import find_user
from market.programs import service
from market.programs.rules import Right

ALL = tuple(Right)


def make_key(
    slug: str, login: str = "staff", rights: tuple[Right, ...] = ALL, until: datetime | None = None
) -> str:
    """The secret of a key that somebody made (inside an application context)."""
    at = clock.now()
    by = find_user(login)
    assert by is not None
    with unit_of_work():
        ends = until or at + timedelta(days=30)
        return service.make_key(find_community(slug), "平台", rights, ends, by=by, at=at)[1]


class Program:
    """Somebody's program: it shows a key and nothing else."""

    def __init__(self, app: Flask, secret: str, slug: str) -> None:
        self._client: FlaskClient = app.test_client(use_cookies=False)
        self._key = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.root = f"/api/v1/communities/{slug}"

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(self._at(path), headers={**self._key, **headers})

    def post(self, path: str, sent: Any, *, call: str | None = None, **headers: str) -> Any:
        """`call` is the name of the call; a new one where none is given."""
        named = {"Idempotency-Key": call if call is not None else new_ref(), **headers}
        return self._client.post(self._at(path), json=sent, headers={**self._key, **named})

    def patch(self, path: str, sent: Any, version: str = "") -> Any:
        named = {"If-Match": version} if version else {}
        return self._client.patch(self._at(path), json=sent, headers={**self._key, **named})

    def send(self, method: str, path: str, **more: Any) -> Any:
        """Anything at all."""
        given = more.pop("headers", {})
        return self._client.open(self._at(path), method=method, headers={**self._key, **given}, **more)

    def _at(self, path: str) -> str:
        return path if path.startswith("/api/") else self.root + path
