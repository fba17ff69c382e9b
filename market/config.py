"""Settings, read once from the environment; a bad value stops the start with a sentence."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Literal, cast

import click
from flask import current_app
from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting is `MARKET_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="MARKET_", extra="forbid", frozen=True)

    instance: Path = ROOT / "instance"
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

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.instance / 'market.sqlite3'}"

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
    return path.read_text(encoding="ascii")


def read_settings() -> Settings:
    """The settings of this process; exits with one line for each wrong value."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            if problem["type"] != "default_factory_not_called":  # that one only follows from another
                name = str(problem["loc"][0]).upper().removeprefix("MARKET_")
                click.echo(f"MARKET_{name}: {problem['msg']} (now: {problem['input']!r})", err=True)
        raise SystemExit(2) from None


def settings() -> Settings:
    """The settings of the running application."""
    return cast("Settings", current_app.extensions["settings"])
