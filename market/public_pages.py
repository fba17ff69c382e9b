"""Keeps rendered public pages for as long as nothing in the database has changed."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.http import parse_cookie, parse_etags

from market import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT_BYTES = 16 * 1024 * 1024
"""All kept pages of one process together: some hundred pages, however many addresses are asked for."""

LARGEST_PAGE = 256 * 1024
"""A longer answer (the whole book as a file) is made anew each time."""

KEEP = "X-Keep-Page"
"""Header by which the application marks a page that depends on nothing but its address, the preferences, the
minute and the database; it never leaves the house."""

Key = tuple[object, ...]


class Page(NamedTuple):
    version: str
    headers: list[tuple[str, str]]
    body: bytes
    packed: bytes
    etag: str

    @property
    def size(self) -> int:
        """Bytes in memory, with a guess at what its headers and its key take."""
        return len(self.body) + len(self.packed) + 4096


class Answer(NamedTuple):
    """What the application said."""

    status: str
    headers: list[tuple[str, str]]
    exc_info: Any
    chunks: Iterable[bytes]


class PublicPages:
    """WSGI middleware in front of the application.

    A kept page is served only while `version()` is what it was before the page was rendered: residents never
    read yesterday's truth. Anybody with a session passes through.
    """

    def __init__(self, app: WSGIApplication, version: Callable[[], str]) -> None:
        self._app = app
        self._version = version
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = _key(environ)
        version = self._version_or_none() if key is not None else None
        if key is None or version is None:
            return _pass_on(_ask(self._app, environ), environ, start_response)
        page = self._pages.get(key)
        if page is None or page.version != version:
            # HEAD has to have the headers of GET, so it is rendered as one.
            answer = _ask(self._app, {**environ, "REQUEST_METHOD": "GET"})
            page = _page(answer, version)
            if page is None:
                return _pass_on(answer, environ, start_response)
            self._keep(key, page)
        return _serve(page, environ, start_response)

    def _version_or_none(self) -> str | None:
        try:
            return self._version()
        except Exception:
            return None  # the database is away: the application says so in its own words

    def _keep(self, key: Key, page: Page) -> None:
        if page.size > LARGEST_PAGE:
            return
        with self._lock:
            old = self._pages.pop(key, None)
            self._pages[key] = page
            self._bytes += page.size - (old.size if old else 0)
            while self._bytes > KEPT_BYTES:
                _key_of, oldest = self._pages.popitem(last=False)
                self._bytes -= oldest.size


def _key(environ: WSGIEnvironment) -> Key | None:
    """What a public page depends on beside the database; None when the request may not be answered from here.

    The minute is part of it, because pages say "还有 5 天" and "正在开市". Cookies are read as the
    application reads them: no page may be kept under preferences other than those it was made with.
    """
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    cookies = parse_cookie(environ.get("HTTP_COOKIE"))
    if any(name.endswith("session") for name in cookies):
        return None
    chosen = frozenset(cookies.get("preferences", "").split(".")) & {"elder", "en"}
    address = environ.get("HTTP_HOST", ""), environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    return *address, chosen, _minute()


def _minute() -> int:
    return int(clock.now().timestamp()) // 60


def _ask(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    said: list[Any] = []

    def catch(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        said[:] = [status, headers, exc_info]
        return lambda _data: None

    chunks = app(environ, catch)
    status, headers, exc_info = said
    return Answer(status, headers, exc_info, chunks)


def _pass_on(answer: Answer, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    headers = [(name, value) for name, value in answer.headers if name != KEEP]
    start_response(answer.status, headers, answer.exc_info)
    if environ["REQUEST_METHOD"] != "HEAD":
        return answer.chunks
    _close(answer.chunks)
    return []


def _close(chunks: Iterable[bytes]) -> None:
    if hasattr(chunks, "close"):
        chunks.close()


def _page(answer: Answer, version: str) -> Page | None:
    """The answer as a page to keep, None when the application did not mark it."""
    if not any(name == KEEP for name, _value in answer.headers):
        return None
    body = b"".join(answer.chunks)
    _close(answer.chunks)
    headers = [(name, value) for name, value in answer.headers if name not in (KEEP, "Content-Length")]
    etag = hashlib.sha256(body).hexdigest()[:20]
    return Page(version, headers, body, gzip.compress(body, 6, mtime=0), etag)


def _serve(page: Page, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    # Weak, because the packed and the plain body are the same page in different bytes.
    headers = [*page.headers, ("ETag", f'W/"{page.etag}"'), ("Vary", "Accept-Encoding, Cookie")]
    if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(page.etag):
        start_response("304 Not Modified", headers)
        return []
    body = page.body
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = page.packed
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
