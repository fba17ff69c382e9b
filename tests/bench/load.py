"""Asks one page again and again over kept-open connections and counts the answers.

One thread and hand-written HTTP: the client shares the machine with the server and must stay cheap.
"""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

OK, UNCHANGED = b"HTTP/1.1 200", b"HTTP/1.1 304"


class UnexpectedAnswerError(Exception):
    """The server said something else than 200 with a length; a rate of error pages is no rate."""


@dataclass
class Client:
    """One connection with one question open at a time."""

    address: tuple[str, int]
    questions: Iterator[bytes]
    expected: bytes = OK
    answered: int = 0
    received: bytearray = field(default_factory=bytearray)
    length: int = 0

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(self.address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Sends the next question."""
        self.socket.sendall(next(self.questions))

    def take(self) -> None:
        """Reads what has come; when the answer is whole, counts it and asks again."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise UnexpectedAnswerError("the server closed the connection")
        self.received += part
        self.length = self.length or self._expected()
        if self.length and len(self.received) >= self.length:
            self.answered += 1
            self.received.clear()
            self.length = 0
            self.ask()

    def _expected(self) -> int:
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return 0
        head = bytes(self.received[:end])
        name = head.lower().find(b"\r\ncontent-length:")
        if head.startswith(self.expected) and self.expected == UNCHANGED:
            return end + 4
        if not head.startswith(self.expected) or name < 0:
            raise UnexpectedAnswerError(head.decode("latin-1"))
        return end + 4 + int(head[name + 17 :].split(b"\r\n", 1)[0])


def requests_per_second(
    url: str,
    *,
    clients: int = 8,
    seconds: float = 3.0,
    warm: float = 0.5,
    tag: str = "",
    numbered: bool = False,
) -> float:
    """The rate at which the page is answered; `warm` seconds go before the clock starts.

    `tag`: what the asker has already, so that it is told that nothing has changed. `numbered`: each question
    names another port of the host, so that no answer can be one that was kept.
    """
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    has = f"If-None-Match: {tag}\r\n" if tag else ""
    question = f"GET {path or '/'} HTTP/1.1\r\nHost: "
    rest = f"\r\nAccept-Encoding: identity\r\n{has}\r\n"
    asked = (f"{question}{parts.hostname}:{next(_NUMBERS)}{rest}".encode() for _one in itertools.count())
    questions = asked if numbered else itertools.repeat(f"{question}{parts.netloc}{rest}".encode())
    crowd = [Client(address, questions, UNCHANGED if tag else OK) for _client in range(clients)]
    try:
        with selectors.DefaultSelector() as selector:
            for client in crowd:
                selector.register(client.socket, selectors.EVENT_READ, client)
                client.ask()
            _pump(selector, warm)
            before = sum(client.answered for client in crowd)
            elapsed = _pump(selector, seconds)
    finally:
        for client in crowd:
            client.socket.close()
    return (sum(client.answered for client in crowd) - before) / elapsed


_NUMBERS = itertools.cycle(range(1_025, 65_536))


def _pump(selector: selectors.BaseSelector, seconds: float) -> float:
    start = time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        for key, _events in selector.select(timeout=0.1):
            key.data.take()
    return elapsed
