"""Settings, read once from the environment; a bad value stops the start with a sentence."""

from __future__ import annotations

import secrets
from collections.abc import Container
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from flask import current_app
from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET = {"SECRET_KEY", "DATABASE", "SMTP", "SMS_SECRET"}
"""Settings whose value is not repeated on the screen: a key, an address with a password in it."""

SMTP_PORTS = {"smtp": 587, "smtps": 465}
LOOPBACK = ("127.0.0.1", "::1", "localhost")

ROOT = Path(__file__).resolve().parent.parent
_INSIDE = ROOT / "market" / "beside"
PAGES = _INSIDE if _INSIDE.is_dir() else ROOT
"""Where `templates/` and `static/` are: beside the package in a checkout, inside it once it is installed."""


def _is_server(address: str, schemes: Container[str]) -> bool:
    """Whether an address names a host by one of these schemes, and its port is a number that there is."""
    parts = urlsplit(address)
    try:
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _own_folder() -> Path:
    """`instance/` of the checkout; of the folder one stands in, where the program was installed."""
    return (Path.cwd() if _INSIDE.is_dir() else ROOT) / "instance"


class Settings(BaseSettings):
    """Every setting is `MARKET_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="MARKET_", extra="forbid", frozen=True)

    instance: Path = Field(default_factory=_own_folder)
    """Folder of what this installation owns: SQLite file, write lock, key file."""
    database: str = ""
    """SQLAlchemy address; empty means SQLite in the instance folder."""
    secret_key: Annotated[str, Field(min_length=32)] | None = None
    """Signs browser sessions and wraps the pass keys. Several hosts share one; alone, a key file is made."""
    trusted_proxies: Annotated[int, Field(ge=0, le=4)] = 0
    """How many proxies in front add X-Forwarded-* headers."""
    demo: bool = False
    """Shows one-click sign-in and the notice that people and communities are invented."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, validation_alias=AliasChoices("MARKET_PORT", "PORT"))] = 8000
    public_url: str = Field(default_factory=lambda known: f"http://{known['host']}:{known['port']}")
    """Where people reach this installation: printed in QR codes and calendars, never taken from a request."""
    processes: Annotated[int, Field(ge=1, le=64)] = 2
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    zone: str = "Asia/Shanghai"
    """The zone of a new community."""
    smtp: str = ""
    """Who takes our e-mail: `smtps://user:password@host`, or `smtp://…` (TLS by STARTTLS); empty: nobody."""
    mail_from: str = Field(default_factory=lambda known: f"market@{urlsplit(known['public_url']).hostname}")
    """The sender's address; the community's name stands before it."""
    sms_url: str = ""
    """Who takes our text messages (`outbox/channels/sms.py` says how it is asked); empty: nobody."""
    sms_secret: str = ""
    """Signs what is sent there."""
    webhook_origins: str = "https://qyapi.weixin.qq.com"
    """Where robots of chat groups may live, with blanks between them: nothing else is ever asked."""

    api_calls: Annotated[int, Field(ge=60, le=1_000_000)] = 600
    """How many calls of `/api/v1` a key, or an address without one, has in a minute; all hosts together."""
    hook_networks: str = ""
    """Networks of our own that webhooks may reach, such as 10.20.0.0/16, with blanks between them; empty:
    only the open internet."""

    @field_validator("hook_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        try:
            for network in value.split():
                ip_network(network)
        except ValueError as error:
            raise ValueError("must be networks like 10.20.0.0/16, with blanks between them") from error
        return value

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if not _is_server(value, ("http", "https")):
            raise ValueError("must begin with http:// or https:// and name a host")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            raise ValueError("must end after the host (and port)")
        return value.rstrip("/")

    @field_validator("database")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        scheme, _colon, rest = value.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        if value and scheme != "postgresql+psycopg" and (scheme != "sqlite" or not rest.startswith("/")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("smtp")
    @classmethod
    def _mail_host(cls, value: str) -> str:
        if value and not _is_server(value, SMTP_PORTS):
            raise ValueError("must be smtps://user:password@host or smtp://user:password@host")
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_address(cls, value: str) -> str:
        if value.count("@") != 1 or any(letter.isspace() or letter in "<>,;" for letter in value):
            raise ValueError("must be one e-mail address")
        return value

    @field_validator("sms_url")
    @classmethod
    def _safe_gateway(cls, value: str) -> str:
        schemes = ("http", "https") if urlsplit(value).hostname in LOOPBACK else ("https",)
        if value and not _is_server(value, schemes):
            raise ValueError("must begin with https:// and name a host")
        return value

    @field_validator("webhook_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for origin in value.split():
            parts = urlsplit(origin)
            if not _is_server(origin, ("http", "https")) or parts.path or parts.query:
                raise ValueError("must be origins like https://qyapi.weixin.qq.com, with blanks between them")
        return value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise ValueError("must be a name like Asia/Shanghai") from error
        return value

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.instance / 'market.sqlite3'}"

    @property
    def database_file(self) -> Path | None:
        """Where SQLite keeps it; None when a server does."""
        kind, _colon, path = self.database_url.partition(":///")
        return Path(path) if kind == "sqlite" else None

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over HTTPS, so cookies may demand it."""
        return self.public_url.startswith("https://")

    def signing_secret(self) -> str:
        """The configured secret, or one made on first use and kept in the instance folder (mode 0600)."""
        return self.secret_key or _kept_secret(self.instance / "secret.key")


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
        # link() fails when another process was first, so that both read the same key.
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    secret = path.read_text(encoding="ascii")
    if len(secret) < 32:
        raise SystemExit(f"{path}: the key is damaged; put the old file back")
    return secret


def read_settings() -> Settings:
    """The settings of this process; exits with one line for each wrong value."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            if problem["type"] != "default_factory_not_called":  # that one only follows from another
                name = str(problem["loc"][0]).upper().removeprefix("MARKET_")
                now = "" if name in SECRET else f" (now: {problem['input']!r})"
                click.echo(f"MARKET_{name}: {problem['msg']}{now}", err=True)
        raise SystemExit(2) from None


def settings() -> Settings:
    """The settings of the running application."""
    return cast("Settings", current_app.extensions["settings"])
