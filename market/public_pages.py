"""Keeps rendered public pages for as long as nothing that they show has changed."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from werkzeug.http import parse_cookie, parse_etags

from market import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT_BYTES = 16 * 1024 * 1024
"""All kept pages of one process together: some hundred pages, however many addresses are asked for."""

LARGEST_PAGE = 1024 * 1024
"""A longer answer (the whole book as a file) is made anew each time."""

KEEP = "X-Keep-Page"
"""Header by which the application marks a page that depends on nothing but its address, the preferences, the
minute and what `Look` says; its value is by what the page is kept. It never leaves the house."""

LOOK = "market.look"
"""Under which a page is made: whatever it works out of what is public may be kept while the same is seen."""

AT_ONCE = "market.at_once"
"""Set by a server that asks, where it must not wait, for what is kept and nothing else."""

VOICE = "voice"
"""Cookie of a phone that asked for a stall, sent with the list of wishes only: that page marks its own."""

SHOWN, JOURNAL = "shown", "journal"
"""By what a page is kept: by what its community shows, or also by where its records end."""

READERS = 10
"""Threads of a process in which public pages are made or waited for: the others are for the gate."""

RENDERING = 2
"""Pages that are made at once: more would not be ready sooner, and the gate would wait for the processor."""

PATIENCE = 2.0
"""Seconds that somebody waits for a page that another is making, before making it too."""

PARAMETERS = frozenset(
    {
        "all", "before", "district", "fill", "from", "head", "kind", "month", "on", "period", "q", "size",
        "word", "year",
    }
)  # fmt: skip
"""What kept pages are asked beside their address. Whatever else stands there (links of other sites have marks
of their own) leads to the same page, and is not even shown to whoever makes it."""

Key = tuple[object, ...]


class Look(NamedTuple):
    """How things stand: a page that was made under one is exact while the same is seen."""

    shown: str
    """What everybody can see of a community."""
    journal: str
    """Where its records end."""


class NotKept(Exception):
    """What was asked for at once has to be made first."""


class Page(NamedTuple):
    look: Look
    kept_by: str
    headers: list[tuple[str, str]]
    body: bytes
    packed: list[bytes]
    """The body for who can unpack it, made when the first of them asks."""
    etag: str

    @property
    def size(self) -> int:
        """Bytes in memory, with a guess at what it takes packed, and its headers and its key."""
        return len(self.body) * 4 // 3 + 4096

    def holds(self, look: Look) -> bool:
        """Whether nothing that it shows has changed."""
        return look.shown == self.look.shown and (self.kept_by == SHOWN or look.journal == self.look.journal)


class Answer(NamedTuple):
    """What the application said."""

    status: str
    headers: list[tuple[str, str]]
    exc_info: Any
    chunks: Iterable[bytes]


class PublicPages:
    """WSGI middleware in front of the application.

    A kept page is served only while it `holds`: residents never read yesterday's truth. One that does not is
    made once, however many ask at the same moment. Anybody with a session passes through.
    """

    def __init__(self, app: WSGIApplication, look: Callable[[str | None], Look]) -> None:
        self._app = app
        self._look = look
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._flights = Flights()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        at_once = environ.pop(AT_ONCE, False)
        key = _key(environ)
        if at_once and (key is None or not getattr(self._look, "is_instant", False)):
            raise NotKept
        if key is not None and environ.get("QUERY_STRING"):
            environ = _without_marks(environ)
            key = _key(environ)
        look = self._look_or_none(environ) if key is not None else None
        if at_once and look is None:
            raise NotKept
        if key is None or look is None:
            return _pass_on(_ask(self._app, environ), environ, start_response)
        page = self._pages.get(key)
        if page is not None and page.holds(look):
            return _serve(page, environ, start_response)
        if at_once:
            raise NotKept
        if not _may_be_kept(environ):
            return self._made(key, look, environ, start_response)
        with self._flights.of(key) as room:
            if not room and page is not None:
                return _serve(page, environ, start_response)  # better a page of a moment ago than no gate
            page = self._pages.get(key)
            if page is not None and page.holds(look):
                return _serve(page, environ, start_response)
            return self._made(key, look, environ, start_response)

    def _made(
        self, key: Key, look: Look, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        # HEAD has to have the headers of GET, so it is rendered as one.
        answer = _ask(self._app, {**environ, "REQUEST_METHOD": "GET", LOOK: look})
        page = _page(answer, look)
        if page is None:
            return _pass_on(answer, environ, start_response)
        self._keep(key, page)
        return _serve(page, environ, start_response)

    def _look_or_none(self, environ: WSGIEnvironment) -> Look | None:
        try:
            return self._look(_community(environ["PATH_INFO"]))
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


class Flights:
    """Pages that are being made: each by one of those who ask, few at once, and never in all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._making: dict[Key, tuple[Lock, list[None]]] = {}
        self._readers = threading.BoundedSemaphore(READERS)
        self._rendering = threading.Semaphore(RENDERING)

    @contextmanager
    def of(self, key: Key) -> Iterator[bool]:
        """Waits until nobody else makes this page; says whether there was room to wait."""
        room = self._readers.acquire(blocking=False)
        if not room:
            yield False
            return
        try:
            with self._alone(key), _patiently(self._rendering):
                yield True
        finally:
            self._readers.release()

    @contextmanager
    def _alone(self, key: Key) -> Iterator[None]:
        with self._lock:
            turn, waiting = self._making.setdefault(key, (Lock(), []))
            waiting.append(None)
        try:
            with _patiently(turn):
                yield
        finally:
            with self._lock:
                waiting.pop()
                if not waiting:
                    del self._making[key]


@contextmanager
def _patiently(turn: Lock | threading.Semaphore) -> Iterator[None]:
    """Waits for a turn, but not for ever: whoever has it may be writing the whole book."""
    mine = turn.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if mine:
            turn.release()


def _community(path: str) -> str | None:
    """The community whose page this is; None for a page that shows several."""
    room, _slash, rest = path.lstrip("/").partition("/")
    return rest.partition("/")[0] if room == "c" else None


def _may_be_kept(environ: WSGIEnvironment) -> bool:
    """Whether others may wait for this page: what is for one person (a form, a pass) is made for each."""
    path: str = environ["PATH_INFO"]
    return path in ("/", "/find") or path.startswith(("/c/", "/districts/"))


def _without_marks(environ: WSGIEnvironment) -> WSGIEnvironment:
    """The request as if it had only asked what pages are asked."""
    if not _may_be_kept(environ):
        return environ
    asked = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True, encoding="latin-1")
    known = [(name, value) for name, value in asked if name in PARAMETERS]
    return environ if known == asked else {**environ, "QUERY_STRING": urlencode(known, encoding="latin-1")}


def _key(environ: WSGIEnvironment) -> Key | None:
    """What a public page depends on beside the database; None when the request may not be answered from here.

    The minute is part of it, because pages say "还有 5 天" and "正在开市". Cookies are read as the
    application reads them: no page may be kept under preferences other than those it was made with.
    """
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    cookies = parse_cookie(environ.get("HTTP_COOKIE"))
    if VOICE in cookies or any(name.endswith("session") for name in cookies):
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


def _page(answer: Answer, look: Look) -> Page | None:
    """The answer as a page to keep, None when the application did not mark it."""
    kept_by = next((value for name, value in answer.headers if name == KEEP), None)
    if kept_by is None:
        return None
    body = b"".join(answer.chunks)
    _close(answer.chunks)
    headers = [(name, value) for name, value in answer.headers if name not in (KEEP, "Content-Length")]
    etag = hashlib.sha256(body).hexdigest()[:20]
    return Page(look, kept_by, headers, body, [], etag)


def _packed(page: Page) -> bytes:
    if not page.packed:
        page.packed.append(gzip.compress(page.body, 6, mtime=0))
    return page.packed[0]


def _serve(page: Page, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    # Weak, because the packed and the plain body are the same page in different bytes.
    headers = [*page.headers, ("ETag", f'W/"{page.etag}"'), ("Vary", "Accept-Encoding, Cookie")]
    if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(page.etag):
        start_response("304 Not Modified", headers)
        return []
    body = page.body
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = _packed(page)
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
