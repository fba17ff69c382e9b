"""Asks one page again and again over kept-open connections and counts the answers.

One thread and hand-written HTTP: the client shares the machine with the server and must stay cheap.
"""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

OK = b"HTTP/1.1 200"


class UnexpectedAnswerError(Exception):
    """The server said something else than 200 with a length; a rate of error pages is no rate."""


@dataclass
class Client:
    """One connection with one question open at a time."""

    address: tuple[str, int]
    question: bytes
    answered: int = 0
    received: bytearray = field(default_factory=bytearray)
    length: int = 0

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(self.address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Sends the question."""
        self.socket.sendall(self.question)

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
        if not head.startswith(OK) or name < 0:
            raise UnexpectedAnswerError(head.decode("latin-1"))
        return end + 4 + int(head[name + 17 :].split(b"\r\n", 1)[0])


def requests_per_second(url: str, *, clients: int = 8, seconds: float = 3.0, warm: float = 0.5) -> float:
    """The rate at which the page is answered; `warm` seconds go before the clock starts."""
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    question = (
        f"GET {path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: identity\r\n\r\n".encode()
    )
    crowd = [Client(address, question) for _client in range(clients)]
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


def _pump(selector: selectors.BaseSelector, seconds: float) -> float:
    start = time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        for key, _events in selector.select(timeout=0.1):
            key.data.take()
    return elapsed
