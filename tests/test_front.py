"""What stands between connections and application: bodies whole before a thread, answers without one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, request

from market.public_pages import Look, PublicPages
from market.server import front
from market.server.front import PIECE, WHOLE, Front, environ_of


class Headers(dict[str, str]):
    """As the server gives them."""


class Scope:
    """A request as granian says it."""

    http_version, scheme = "1.1", "http"
    authority: str | None = None
    server, client = "127.0.0.1:8000", "192.0.2.7:40000"

    def __init__(self, path: str, method: str = "GET", query: str = "", **headers: str) -> None:
        self.path, self.method, self.query_string = path, method, query
        self.headers: Any = Headers(
            {"host": "localhost"} | {n.replace("_", "-"): v for n, v in headers.items()}
        )


class Phone:
    """Who asks: sends its body in pieces, and takes the answer."""

    def __init__(self, pieces: Iterable[bytes] = (), takes: Callable[[], None] | None = None) -> None:
        self._pieces, self._takes = pieces, takes
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._come()

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def _come(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            await asyncio.sleep(0)
            yield piece

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Phone:
        self.status, self.headers = status, dict(headers)
        return self

    async def send_bytes(self, data: bytes) -> None:
        if self._takes is not None:
            self._takes()
        self.body += data


@pytest.fixture
def bare() -> Front:
    app = Flask("bare")
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    ended = threading.Event()

    @app.post("/echo")
    def echo() -> Response:
        return Response(request.get_data())

    @app.post("/photos")
    def photos() -> str:
        request.max_content_length = 5_000
        return str(len(request.get_data()))

    @app.get("/long")
    def long() -> Response:
        return Response(bytes([65 + number % 26]) * PIECE for number in range(2 * WHOLE // PIECE))

    @app.get("/breaks")
    def breaks() -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"x" * (WHOLE + 1)
            raise OSError("disk")

        return Response(pieces())

    @app.get("/endless")
    def endless() -> Response:
        def pieces() -> Iterator[bytes]:
            try:
                while True:
                    yield b"x" * PIECE
            finally:
                ended.set()

        return Response(pieces())

    app.view_functions["photos"].most_bytes = 5_000  # type: ignore[union-attr]  # as `takes_photos` says
    app.extensions["ended"] = ended
    app.wsgi_app = PublicPages(app.wsgi_app, lambda _slug: Look("", ""))  # type: ignore[method-assign]  # as create_app does
    return Front(app)


def ask(bare: Front, scope: Scope, phone: Phone) -> Phone:
    asyncio.run(bare.__rsgi__(scope, phone))
    return phone


def sent(bare: Front, path: str, pieces: list[bytes], **headers: str) -> Phone:
    return ask(bare, Scope(path, "POST", **headers), Phone(pieces))


def test_a_body_in_pieces_is_whole(bare: Front) -> None:
    phone = sent(bare, "/echo", [b"a", b"bc"], content_length="3")
    assert (phone.status, phone.body) == (200, b"abc")
    phone = sent(bare, "/echo", [b"ab", b"c"], transfer_encoding="chunked")
    assert (phone.status, phone.body) == (200, b"abc")


@pytest.mark.parametrize(("path", "size", "status"), [("/echo", 1_000, 200), ("/echo", 1_001, 413)])
def test_each_page_takes_what_it_takes(bare: Front, path: str, size: int, status: int) -> None:
    assert sent(bare, path, [b"x" * size], content_length=str(size)).status == status
    assert sent(bare, path, [b"x" * size], transfer_encoding="chunked").status == status


def test_photos_may_be_larger(bare: Front) -> None:
    assert sent(bare, "/photos", [b"x" * 4_000], content_length="4000").body == b"4000"
    assert sent(bare, "/photos", [b"x" * 4_000], transfer_encoding="chunked").body == b"4000"


@pytest.mark.parametrize(("path", "size"), [("/echo", "9"), ("/photos", "5000")])
def test_what_is_silent_is_given_up(
    bare: Front, monkeypatch: pytest.MonkeyPatch, path: str, size: str
) -> None:
    monkeypatch.setattr(front, "SILENCE_S", 0.05)

    class Silent(Phone):
        async def _come(self) -> AsyncIterator[bytes]:
            yield b"half"
            await asyncio.sleep(60)

    assert ask(bare, Scope(path, "POST", content_length=size), Silent()).status == 408


def test_a_long_answer_is_whole(bare: Front) -> None:
    phone = ask(bare, Scope("/long"), Phone())
    assert (phone.status, len(phone.body)) == (200, 2 * WHOLE // PIECE * PIECE)
    assert phone.body[:1] + phone.body[PIECE : PIECE + 1] == b"AB"


def test_an_answer_that_breaks_is_not_taken_for_a_whole_one(bare: Front) -> None:
    with pytest.raises(ConnectionAbortedError):
        ask(bare, Scope("/breaks"), Phone())


def test_who_goes_away_ends_the_making_too(bare: Front) -> None:
    def leave() -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        ask(bare, Scope("/endless"), Phone(takes=leave))
    assert bare._app.extensions["ended"].wait(20)


def test_a_request_reads_as_frameworks_expect_it() -> None:
    scope = Scope("/c/%E4%B8%AD", query="q=%E4", accept="*/*")
    scope.headers |= {"x_forwarded_for": "203.0.113.9", "content-type": "text/plain"}
    environ: dict[str, Any] = environ_of(scope)
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/c/中"
    assert (environ["QUERY_STRING"], environ["REMOTE_ADDR"]) == ("q=%E4", "192.0.2.7")
    assert (environ["HTTP_HOST"], environ["CONTENT_TYPE"]) == ("localhost", "text/plain")
    assert "HTTP_X_FORWARDED_FOR" not in environ, "it would pass for the header that a proxy sets"
