"""One POST of JSON, nothing more: no redirects, no proxies, a short answer, and a time-out."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from market.outbox.channels.parcel import Undelivered
from market.outbox.rules import TIMEOUT_S, Fault

LONGEST_ANSWER = 10_000


class Answer(NamedTuple):
    """What came back; `said` is empty where it was no JSON object."""

    status: int
    said: Mapping[str, Any]


def post_json(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Posts to exactly this address. The address holds secrets: no error repeats it."""
    parts, connection = urlsplit(url), _connection(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target or "/", body, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        return Answer(response.status, _read(response.read(LONGEST_ANSWER)))
    except (OSError, http.client.HTTPException) as error:
        raise Undelivered(Fault.UNREACHABLE, type(error).__name__) from None
    finally:
        connection.close()


def knock_at(url: str) -> None:
    """Opens a connection and asks nothing; raises what a post would where nobody answers."""
    connection = _connection(url)
    try:
        connection.connect()
    except OSError as error:
        raise Undelivered(Fault.UNREACHABLE, type(error).__name__) from None
    finally:
        connection.close()


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def refuse_status(status: int) -> None:
    """Raises what a status means that is no success."""
    if status in (401, 403):
        raise Undelivered(Fault.LOCKED_OUT, str(status))
    if status in (408, 425, 429) or status >= 500:
        raise Undelivered(Fault.BUSY, str(status))
    if not 200 <= status < 300:
        raise Undelivered(Fault.REFUSED, str(status))
