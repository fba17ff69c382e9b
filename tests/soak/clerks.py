"""People who settle and correct markets over HTTP without a pause, and write down what was acknowledged."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message
from http.cookiejar import CookieJar
from typing import IO
from urllib.parse import urlencode

from tests.cast import PASSWORD
from tests.story.visitor import Form, forms_of

AWAY = (OSError, http.client.HTTPException)
"""What a client sees of a server that was killed."""

NOT_NOW = frozenset({429, 500, 502, 503})
"""Answers of a server whose database is away; nothing was acknowledged."""

FIRST_FEN = 60_000
STEP_FEN = 10
"""Each correction says ten fen more than the last, so that no figure comes twice."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are answers here: they acknowledge an act."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


class Desk:
    """One member of staff at a browser."""

    def __init__(self, address: str, login: str) -> None:
        self.address, self.login = address, login
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies, _Stay)

    def sign_in(self) -> None:
        """Through the page, as everybody."""
        form = self.form("/sign-in", "/sign-in")
        status, page = self.send(form, login=self.login, password=PASSWORD)
        assert status == 302, f"{self.login} could not sign in: {status}\n{page}"
        # A browser goes on to the first page; only then has the session the token that all its forms share.
        self._ask(urllib.request.Request(f"{self.address}/staff/huaiyin/"))

    def form(self, path: str, action: str) -> Form:
        """The form of a page that goes to `action`."""
        status, page = self._ask(urllib.request.Request(self.address + path))
        if status in NOT_NOW:
            raise ConnectionError(f"{path}: {status}")
        for form in forms_of(page):
            if form.action.endswith(action):
                return form
        raise AssertionError(f"{path}: {status}, no form to {action}\n{page}")

    def send(self, form: Form, **typed: str) -> tuple[int, str]:
        """Fills in and sends a form; the status that came back, and the page."""
        fields = {**form.fields, **{name: [value] for name, value in typed.items()}}
        data = urlencode(fields, doseq=True).encode()
        return self._ask(urllib.request.Request(self.address + form.action, data))

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()


@dataclass
class Market:
    """A market that one clerk looks after."""

    ref: str
    stall: str
    """The assignment whose figure is corrected."""
    acknowledged: list[int] = field(default_factory=list)
    """The figures (fen) that the server said it has, in their order."""
    settled: bool = False


@dataclass(frozen=True)
class Act:
    """A form that is filled in, and sent until it is acknowledged."""

    market: Market
    desk: Desk
    form: Form
    typed: dict[str, str]
    fen: int
    """The figure it corrects to; 0 when it settles."""


class Clerk(threading.Thread):
    """Settles the markets given to it, then corrects them in turn until told to stop.

    A form that got no answer is kept and sent again as it was, as a browser does that is told to reload.
    """

    def __init__(self, desks: Sequence[Desk], markets: Sequence[Market]) -> None:
        super().__init__(daemon=True)
        self.desks, self.markets = desks, markets
        self.pending: Act | None = None
        self.trouble: Exception | None = None
        self.resent = 0
        self._turn = itertools.cycle(markets)
        self._leave = threading.Event()
        self._tries = 0

    def run(self) -> None:
        try:
            while not self._leave.is_set() or self.pending is not None:
                self._step()
        except Exception as trouble:
            self.trouble = trouble

    def finish(self) -> None:
        """Waits until the last form is acknowledged; raises what went wrong."""
        self._leave.set()
        self.join(120)
        if self.trouble is not None:
            raise self.trouble
        assert not self.is_alive(), f"no answer for {self.pending}"

    def _step(self) -> None:
        try:
            if self.pending is None:
                self.pending, self._tries = self._next(), 0
            self._tries += 1
            self.resent += self._tries == 2
            status, page = self.pending.desk.send(self.pending.form, **self.pending.typed)
        except AWAY:
            time.sleep(0.05)
            return
        if status == 302:
            self._acknowledge(self.pending)
        elif status not in NOT_NOW:
            raise AssertionError(f"{self.pending.form.action}: {status}\n{page}")
        else:
            time.sleep(0.05)

    def _next(self) -> Act:
        market = next(self._turn)
        desk = self.desks[
            (market.settled + len(market.acknowledged)) % 2
        ]  # a correction takes a second person
        folder = f"/staff/huaiyin/days/{market.ref}"
        if not market.settled:
            form = desk.form(f"{folder}/settlement", f"{market.ref}/settlement")
            return Act(market, desk, form, {}, 0)
        fen = FIRST_FEN + STEP_FEN * (len(market.acknowledged) + 1)
        form = desk.form(f"{folder}/corrections", "/corrections")
        typed = {"assignment": market.stall, "takings": f"{fen / 100:.2f}", "reason": f"数错了第 {fen} 次"}
        return Act(market, desk, form, typed, fen)

    def _acknowledge(self, act: Act) -> None:
        act.market.settled = True
        if act.fen:
            act.market.acknowledged.append(act.fen)
        self.pending = None
