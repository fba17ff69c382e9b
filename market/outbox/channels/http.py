"""One POST of JSON, nothing more: no redirects, no proxies, a short answer, and a time-out."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from market.outbox.channels.parcel import Undelivered
from market.outbox.rules import TIMEOUT_S, Fault

LONGEST_ANSWER = 10_000


class Answer(NamedTuple):
    """What came back; `said` is empty where it was no JSON object."""

    status: int
    said: Mapping[str, Any]


LONGEST_S = 2 * TIMEOUT_S
"""How long a server may take that says a letter now and then."""


def post_json(url: str, body: bytes, headers: Mapping[str, str], *, at: str = "") -> Answer:
    """Posts to exactly this address. The address holds secrets: no error repeats it.

    `at` is the number of the machine that is meant, where the name was asked for before: it is not asked for
    again, so it cannot lead elsewhere in the meantime.
    """
    parts, connection = urlsplit(url), _At(url, at) if at else _connection(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        with _hung_up(connection):
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


@contextmanager
def _hung_up(connection: http.client.HTTPConnection) -> Iterator[None]:
    """Whoever says a letter now and then is hung up on: the time-out is one of silence."""

    def hang_up() -> None:
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(LONGEST_S, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _At(http.client.HTTPSConnection):
    """A connection to one machine by its number; its certificate must be that of the name."""

    def __init__(self, url: str, at: str) -> None:
        parts = urlsplit(url)
        self._machine, self._trust = at, ssl.create_default_context()
        super().__init__(parts.hostname or "", parts.port, timeout=TIMEOUT_S, context=self._trust)

    def connect(self) -> None:
        plain = socket.create_connection((self._machine, self.port), TIMEOUT_S)
        try:
            self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


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
