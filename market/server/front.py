"""What stands between the connections and the application: no thread ever waits for a phone.

A body is read before a thread is taken, an answer is made before it is sent. So a slow or silent phone costs
a socket and a coroutine, and never one of the few threads that the others need.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any, NamedTuple, Protocol
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.exceptions import HTTPException

from market.log import log
from market.public_pages import AT_ONCE, READERS, NotKept

THREADS = READERS + 6
"""Of a process: some stay for the gate and for whoever is signed in, however many residents read."""

SILENCE_S = 30.0
"""A phone that sends or takes nothing for so long is given up."""
LONGEST_S = 600.0
"""A body that is not whole by then is given up, however steadily it comes."""
MOST_BODIES = 1_000
"""Bodies that a process reads at the same time."""
MOST_OF_ONE = 100
"""Of these from one address; behind a proxy all come from the same, and the proxy counts."""
LITTLE = 4_096
"""Bytes of a body that comes in a packet or three: all of it must come within `SILENCE_S`."""
IN_MEMORY = 64_000
"""Bytes of a body; what is more lies in a file without a name meanwhile."""
WHOLE = 1_000_000
"""An answer up to this size is sent when it is whole; a longer one goes through a file while it is made."""
PIECE = 65_536

Headers = list[tuple[str, str]]


class Scope(Protocol):
    """What the server says of a request."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Any


class Whole(NamedTuple):
    """An answer that is sent in one piece."""

    status: int
    headers: Headers
    body: bytes


class TooSlowError(Exception):
    """The body did not come, or the phone takes no answer."""


class TooManyError(Exception):
    """So many bodies are being read already."""


class Front:
    """The application as the server asks it: one coroutine for each request."""

    def __init__(self, app: Flask, *, behind_proxy: bool = False, threads: int = THREADS) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._reading: Counter[str] = Counter()
        self._most_of_one = MOST_BODIES if behind_proxy else MOST_OF_ONE

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        environ = environ_of(scope)
        has_body = environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
        if has_body:
            # A task of its own, because only a real one can be told to stop waiting.
            await asyncio.get_running_loop().create_task(self._with_body(environ, protocol))
            return
        environ["wsgi.input"] = BytesIO()
        kept = self._kept(environ)
        if kept is not None:
            protocol.response_bytes(*kept)
            return
        await self._answer(environ, protocol)

    def _kept(self, environ: dict[str, Any]) -> Whole | None:
        """A page that is kept is answered at once: finding it takes less than finding a thread."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        try:
            return _asked(self._app, {**environ, AT_ONCE: True})
        except NotKept:
            return None

    # ── what comes ──

    async def _with_body(self, environ: dict[str, Any], protocol: Any) -> None:
        try:
            with self._counted(environ["REMOTE_ADDR"]):
                if 0 < int(environ.get("CONTENT_LENGTH") or 0) <= LITTLE:
                    await self._answer({**environ, "wsgi.input": BytesIO(await _little(protocol))}, protocol)
                else:
                    await self._with_large_body(environ, protocol)
        except TooSlowError:
            protocol.response_bytes(HTTPStatus.REQUEST_TIMEOUT, _CLOSE, b"")
        except TooManyError:
            protocol.response_bytes(HTTPStatus.TOO_MANY_REQUESTS, [*_CLOSE, ("Retry-After", "10")], b"")

    async def _with_large_body(self, environ: dict[str, Any], protocol: Any) -> None:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            if not await self._read(environ, protocol, body):
                environ["CONTENT_LENGTH"] = str(self._most(environ) + 1)  # the application says so itself
            environ.pop("HTTP_TRANSFER_ENCODING", None)  # it has come, and its length is known
            body.seek(0)
            environ["wsgi.input"] = body
            await self._answer(environ, protocol)

    @contextmanager
    def _counted(self, address: str) -> Iterator[None]:
        if self._reading[address] >= self._most_of_one or self._reading.total() >= MOST_BODIES:
            raise TooManyError
        self._reading[address] += 1
        try:
            yield
        finally:
            self._reading[address] -= 1
            if not self._reading[address]:
                del self._reading[address]

    async def _read(self, environ: dict[str, Any], protocol: Any, body: IO[bytes]) -> bool:
        """Reads the body; False when it is larger than this page takes, and then not all of it."""
        most, size = self._most(environ), 0
        if int(environ.get("CONTENT_LENGTH") or 0) > most:
            return False
        try:
            async with asyncio.timeout(LONGEST_S):
                async for piece in _patiently(protocol):
                    size += len(piece)
                    if size > most:
                        return False
                    body.write(piece)
        except TimeoutError as error:
            raise TooSlowError from error
        if "CONTENT_LENGTH" not in environ:
            environ["CONTENT_LENGTH"] = str(size)
        return True

    def _most(self, environ: dict[str, Any]) -> int:
        """How many bytes this page takes: forms are small, photos are not."""
        usual = int(self._app.config["MAX_CONTENT_LENGTH"])
        if 0 <= int(environ.get("CONTENT_LENGTH") or -1) <= usual:
            return usual
        try:
            address = self._app.create_url_adapter(None) or self._app.url_map.bind("localhost")
            endpoint, _values = address.match(_text(environ["PATH_INFO"]), environ["REQUEST_METHOD"])
        except HTTPException:
            return usual
        return int(getattr(self._app.view_functions.get(endpoint), "most_bytes", None) or usual)

    # ── what goes ──

    async def _answer(self, environ: dict[str, Any], protocol: Any) -> None:
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[Whole | _Long] = loop.create_future()
        made = loop.run_in_executor(self._threads, partial(_make, self._app, environ, loop, begun))
        answer = await begun
        if isinstance(answer, Whole):
            protocol.response_bytes(*answer)
        else:
            await loop.create_task(_send(answer, protocol))
        await made


_CLOSE: Headers = [("Connection", "close")]


async def _little(protocol: Any) -> bytes:
    try:
        async with asyncio.timeout(SILENCE_S):
            return bytes(await protocol())
    except TimeoutError as error:
        raise TooSlowError from error


async def _patiently(protocol: Any) -> AsyncIterator[bytes]:
    pieces = aiter(protocol)
    while True:
        try:
            async with asyncio.timeout(SILENCE_S):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        yield piece


class _Long:
    """An answer that is on its way into a file, and from there to the phone."""

    def __init__(self, status: int, headers: Headers, loop: asyncio.AbstractEventLoop) -> None:
        self.status, self.headers = status, headers
        self._loop = loop
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by `close`
        self.size = 0
        self.whole = self.given_up = self.broken = False
        self.more = asyncio.Event()

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self.size += len(piece)
        self._loop.call_soon_threadsafe(self.more.set)

    def end(self, *, broken: bool) -> None:
        self.whole, self.broken = True, broken
        self._loop.call_soon_threadsafe(self.more.set)

    def read(self, begin: int) -> bytes:
        return os.pread(self._file.fileno(), min(PIECE, self.size - begin), begin)

    def close(self) -> None:
        self.given_up = True
        if self.whole:
            self._file.close()


async def _send(answer: _Long, protocol: Any) -> None:
    phone, sent = protocol.response_stream(answer.status, answer.headers), 0
    try:
        while True:
            answer.more.clear()
            whole = answer.whole
            while sent < answer.size:
                piece = answer.read(sent)
                async with asyncio.timeout(SILENCE_S):
                    await phone.send_bytes(piece)
                sent += len(piece)
            if whole:
                break
            await answer.more.wait()
        if answer.broken:
            raise ConnectionAbortedError
    finally:
        answer.close()


def _make(
    app: Flask, environ: dict[str, Any], loop: asyncio.AbstractEventLoop, begun: asyncio.Future[Any]
) -> None:
    """In a thread: makes the answer, and says as soon as it is known how it will be sent."""

    def told(answer: Whole | _Long) -> None:
        loop.call_soon_threadsafe(begun.set_result, answer)

    status, headers, chunks = _called(app, environ)
    long: _Long | None = None
    try:
        taken, size = [], 0
        for chunk in chunks:
            if long is None:
                taken.append(chunk)
                size += len(chunk)
                if size > WHOLE:
                    long = _Long(status, headers, loop)
                    long.write(b"".join(taken))
                    told(long)
            elif long.given_up:
                break
            else:
                long.write(chunk)
        if long is None:
            told(Whole(status, headers, b"".join(taken)))
        else:
            long.end(broken=False)
    except Exception:
        log.exception("answer")
        if long is None:
            told(_FAILED)
        else:
            long.end(broken=True)
    finally:
        _close(chunks)
        if long is not None and long.given_up:
            long.close()


_FAILED = Whole(HTTPStatus.INTERNAL_SERVER_ERROR, [("Content-Type", "text/plain")], b"")


def _called(app: Flask, environ: dict[str, Any]) -> tuple[int, Headers, Iterable[bytes]]:
    said: list[Any] = []

    def start(status: str, headers: Headers, _exc_info: Any = None) -> Callable[[bytes], object]:
        said[:] = [int(status.partition(" ")[0]), headers]
        return lambda _data: None

    try:
        chunks = app(environ, start)
    except NotKept:
        raise
    except Exception:
        log.exception("answer")
        return *_FAILED[:2], []
    return said[0], said[1], chunks


def _asked(app: Flask, environ: dict[str, Any]) -> Whole:
    status, headers, chunks = _called(app, environ)
    return Whole(status, headers, b"".join(chunks))


def _close(chunks: Any) -> None:
    if hasattr(chunks, "close"):
        chunks.close()


# ── a request as Python's web frameworks read it ──────────────────────────────────────────────────────────

_USUAL: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "market",
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def environ_of(scope: Scope) -> dict[str, Any]:
    """Everything but the body."""
    name, _colon, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        **_USUAL,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": _Errors(),
    }
    for header, value in scope.headers.items():
        _add(environ, header, value)
    if scope.authority and "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority
    return environ


def _add(environ: dict[str, Any], header: str, value: str) -> None:
    if "_" in header:
        return  # it would pass for the header with a hyphen, which a proxy has set
    name = header.upper().replace("-", "_")
    if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        name = f"HTTP_{name}"
    known = environ.get(name)
    environ[name] = value if known is None else f"{known}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"


def _text(path: str) -> str:
    return path.encode("latin-1").decode("utf-8", "replace")


class _Errors:
    """What the application writes about its own errors is a line of the log."""

    def write(self, text: str) -> None:
        log.error("application", text=text)

    def flush(self) -> None:
        """Nothing waits here."""
