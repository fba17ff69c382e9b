"""Keeps rendered public pages for as long as nothing in the database has changed."""

from __future__ import annotations

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT_PAGES = 512
"""At most so many pages, about 20 kB each, in one process."""

KEEP = "X-Keep-Page"
"""Header by which the application marks a page that depends on nothing but its address, the preferences, the
minute and the database; it never leaves the house."""


class Page(NamedTuple):
    version: str
    headers: list[tuple[str, str]]
    body: bytes
    packed: bytes
    etag: str


class PublicPages:
    """WSGI middleware in front of the application.

    A kept page is served only while `version()` is what it was before the page was rendered: residents never
    read yesterday's truth. Anybody with a session passes through.
    """

    def __init__(self, app: WSGIApplication, version: Callable[[], str]) -> None:
        self._app = app
        self._version = version
        self._pages: OrderedDict[tuple[str, ...], Page] = OrderedDict()
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return self._app(environ, start_response)
        try:
            version = self._version()
        except Exception:
            return self._app(environ, start_response)
        page = self._pages.get(key)
        if page is None or page.version != version:
            rendered = self._render(environ, start_response, version)
            if not isinstance(rendered, Page):
                return rendered
            page = rendered
            self._keep(key, page)
        return _answer(page, environ, start_response)

    def _render(
        self, environ: WSGIEnvironment, start_response: StartResponse, version: str
    ) -> Page | Iterable[bytes]:
        answer: list[Any] = []

        def catch(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            answer[:] = [status, headers, exc_info]
            return lambda _data: None

        environ = {**environ, "REQUEST_METHOD": "GET"} if environ["REQUEST_METHOD"] == "HEAD" else environ
        chunks = self._app(environ, catch)
        status, headers, exc_info = answer
        if not any(name == KEEP for name, _value in headers):
            start_response(status, headers, exc_info)
            return chunks
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        headers = [(name, value) for name, value in headers if name not in (KEEP, "Content-Length")]
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        return Page(version, headers, body, gzip.compress(body, 6, mtime=0), etag)

    def _keep(self, key: tuple[str, ...], page: Page) -> None:
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)


def _key(environ: WSGIEnvironment) -> tuple[str, ...] | None:
    """What a public page depends on beside the database; None when the request may not be answered from here.

    The minute is part of it, because pages say "还有 5 天" and "正在开市".
    """
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    preferences = ""
    raw = environ.get("HTTP_COOKIE")
    if raw:
        try:
            cookies = SimpleCookie(raw)
        except CookieError:
            return None
        if any(name.endswith("session") for name in cookies):
            return None
        preferences = cookies["preferences"].value if "preferences" in cookies else ""
    minute = str(int(time.time()) // 60)
    return environ["PATH_INFO"], environ.get("QUERY_STRING", ""), preferences, minute


def _answer(page: Page, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    headers = [*page.headers, ("ETag", page.etag), ("Vary", "Accept-Encoding, Cookie")]
    if environ.get("HTTP_IF_NONE_MATCH") == page.etag:
        start_response("304 Not Modified", headers)
        return []
    body = page.body
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = page.packed
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]
