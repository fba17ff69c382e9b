"""E-mail over SMTP: some messages over one connection, encrypted unless the server is on this machine."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType
from urllib.parse import unquote, urlsplit

from market import clock
from market.config import LOOPBACK, SMTP_PORTS, Settings
from market.outbox.channels.carrier import Carrier, HandOver
from market.outbox.channels.parcel import Parcel, Undelivered
from market.outbox.rules import ADDRESS, TIMEOUT_S, Fault


class Mailer:
    """Hands over letters; the connection is opened for the first and kept for the next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Mailer:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def deliver(self, parcel: Parcel) -> str:
        """Hands one message to the platform's server; returns its answer's first word."""
        if not self._settings.smtp:
            raise Undelivered(Fault.NOT_ALLOWED)
        if not ADDRESS(parcel.to):
            raise Undelivered(Fault.BAD_ADDRESS)
        message = letter(parcel, self._settings)
        self._talk(lambda server: server.send_message(message))
        return "250"

    def greet(self) -> None:
        """As far as a message would go, without one: whether we would be let in."""
        self._talk(lambda server: server.ehlo_or_helo_if_needed())

    def _talk(self, act: Callable[[smtplib.SMTP], object]) -> None:
        """One message; after anything but a person who is refused, the next one gets a new connection."""
        try:
            act(self._open())
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise _refused(code, answer, Fault.BAD_ADDRESS) from error
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise _meaning(error) from error

    def _open(self) -> smtplib.SMTP:
        """The kept connection, unless the server has hung up meanwhile, as some do after so many messages."""
        if self._server is not None and not _is_alive(self._server):
            self._hang_up()
        if self._server is None:
            self._server = _connection(self._settings.smtp)
        return self._server

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def _is_alive(server: smtplib.SMTP) -> bool:
    try:
        return server.rset()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _meaning(error: Exception) -> Undelivered:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Undelivered(Fault.LOCKED_OUT, str(error.smtp_code))
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(error.smtp_code, error.smtp_error, Fault.REFUSED)
    return Undelivered(Fault.UNREACHABLE, type(error).__name__)


def _refused(code: int, answer: bytes | str, for_good: Fault) -> Undelivered:
    """5xx is a no, 4xx is not now."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return Undelivered(for_good if code >= 500 else Fault.BUSY, f"{code} {text}")


def _connection(address: str) -> smtplib.SMTP:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or SMTP_PORTS[parts.scheme]
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    try:
        if parts.scheme == "smtp" and host not in LOOPBACK:
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def letter(parcel: Parcel, settings: Settings) -> EmailMessage:
    """The message as it is sent: written by a program, and answered by the community."""
    message, host = EmailMessage(), urlsplit(settings.public_url).hostname
    user, domain = settings.mail_from.split("@")
    message["From"] = Address(parcel.sender, user, domain)
    message["To"] = parcel.to
    message["Subject"] = parcel.title
    if parcel.reply_to:
        message["Reply-To"] = parcel.reply_to
    message["Message-ID"] = f"<{parcel.id}@{host}>"
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parcel.text)
    return message


@contextmanager
def _begun(settings: Settings) -> Iterator[HandOver]:
    with Mailer(settings) as mailer:
        yield mailer.deliver


def _greet(settings: Settings) -> None:
    with Mailer(settings) as mailer:
        mailer.greet()


CARRIER = Carrier(
    address=lambda settings: settings.smtp,
    begin=_begun,
    greet=_greet,
    setting="MARKET_SMTP",
    secret="MARKET_SMTP 里的用户名和密码",  # noqa: S106 - a name, and no secret
)
