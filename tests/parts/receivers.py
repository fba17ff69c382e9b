"""Real servers that take messages, and fail when they are told to: SMTP and HTTP, on this machine."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Mood = Callable[[], str]
"""Asked at every message; empty: it is taken."""


def _well() -> str:
    return ""


@dataclass
class Mailbox:
    """What an SMTP server took. `mood` says how it treats the next message:

    `drop`: takes it and hangs up before it says so; an SMTP code: refuses with it."""

    port: int = 0
    mood: Mood = _well
    logins: list[str] = field(default_factory=list)
    received: list[EmailMessage] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.received]

    def texts(self) -> list[str]:
        return [message.get_content().strip() for message in self.received]


class _Smtp(socketserver.StreamRequestHandler):
    box: Mailbox
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.box.connections += 1
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"QUIT":
                self._say("221 bye")
                return
            if not self._answer(verb, line):
                return

    def _answer(self, verb: bytes, line: bytes) -> bool:
        """Whether the connection goes on."""
        if verb == b"EHLO":
            self._say("250-here")
            self._say("250-AUTH PLAIN")
            self._say("250 8BITMIME")
        elif verb == b"AUTH":
            self.box.logins.append(line.decode().strip())
            self._say("235 welcome" if self.box.mood() != "535" else "535 no")
        elif verb == b"RCPT":
            mood = self.box.mood()
            self._say(f"{mood} not this one" if mood.startswith(("4", "5")) else "250 good")
        elif verb == b"DATA":
            self._say("354 go on")
            self.box.received.append(self._read())
            if self.box.mood() == "drop":
                return False
            self._say("250 taken")
        else:
            self._say("250 good")
        return True

    def _read(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        found = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """An SMTP server that runs as long as the block."""
    box = Mailbox()
    handler = type("Handler", (_Smtp,), {"box": box})
    with _Tcp(("127.0.0.1", 0), handler) as server, _running(server):
        box.port = server.server_address[1]
        yield box


@dataclass
class Post:
    """One request that came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Hook:
    """What an HTTP server was told. `mood`: a status, `drop` (taken, no answer), or the JSON it answers."""

    port: int = 0
    mood: Mood = _well
    answer: str = '{"errcode": 0, "code": "ok"}'
    posts: list[Post] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def robot(self) -> str:
        return f"{self.origin}/cgi-bin/webhook/send?key=0a1b2c3d-robot-4e5f"

    def said(self) -> list[str]:
        """What a robot was told to say."""
        return [post.json["text"]["content"] for post in self.posts]


class _Http(BaseHTTPRequestHandler):
    hook: Hook
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body, mood = self.rfile.read(int(self.headers["Content-Length"])), self.hook.mood()
        if not mood.isdigit():
            self.hook.posts.append(Post(self.path, dict(self.headers), body))
        if mood == "drop":
            self.close_connection = True
            return
        answer = (mood if mood.startswith("{") else self.hook.answer).encode()
        self.send_response(int(mood) if mood.isdigit() else 200)
        if mood in ("301", "302", "307"):
            self.send_header("Location", f"{self.hook.origin}/elsewhere")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        """Nothing on the screen."""


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100


@contextmanager
def hook() -> Iterator[Hook]:
    """An HTTP server that runs as long as the block."""
    found = Hook()
    handler = type("Handler", (_Http,), {"hook": found})
    with _HttpServer(("127.0.0.1", 0), handler) as server, _running(server):
        found.port = server.server_address[1]
        yield found


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
