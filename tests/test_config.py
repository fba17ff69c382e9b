"""Settings: a wrong value stops the start with a sentence, and the key is made once."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from market.config import Settings, read_settings

WRONG = {
    "MARKET_PUBLIC_URL": [
        "market.example",
        "ftp://market.example",
        "https://",
        "https://a.example/market",
        "https://a.example:x",
    ],
    "MARKET_DATABASE": ["mysql://root:hunter22@localhost/market", "market.sqlite3"],
    "MARKET_SECRET_KEY": ["hunter22"],
    "MARKET_TRUSTED_PROXIES": ["-1", "5", "one"],
    "MARKET_PORT": ["0", "65536", "http"],
    "MARKET_PROCESSES": ["0", "many"],
    "MARKET_LOG_LEVEL": ["loud"],
    "MARKET_ZONE": ["Mars/Olympus", "", "../../etc/passwd"],
    "MARKET_DEMO": ["perhaps"],
    "MARKET_SMTP": [
        "mail.example",
        "http://mail.example",
        "smtp://:hunter22@",
        "smtps://a:hunter22@host:mail",
    ],
    "MARKET_MAIL_FROM": ["market", "market@a.example, b@a.example"],
    "MARKET_SMS_URL": ["http://sms.example/send", "sms.example", "https://sms.example:x/send"],
    "MARKET_WEBHOOK_ORIGINS": ["qyapi.weixin.qq.com", "https://qyapi.weixin.qq.com/cgi-bin"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, many in WRONG.items() for value in many])
def test_a_wrong_value_stops_the_start_and_names_the_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        read_settings()
    said = capsys.readouterr().err
    assert stopped.value.code == 2
    assert said.startswith(f"{name}: ")
    assert said.count("\n") == 1
    assert "hunter22" not in said


def test_every_wrong_value_has_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MARKET_ZONE", "Mars")
    monkeypatch.setenv("MARKET_PROCESSES", "0")
    with pytest.raises(SystemExit):
        read_settings()
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", "sqlite:////srv/market/market.sqlite3"),
        ("sqlite:////data/m.db", "sqlite:////data/m.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
    ],
)
def test_the_database_address_is_understood_as_people_write_it(given: str, used: str) -> None:
    assert Settings(instance=Path("/srv/market"), database=given).database_url == used


def test_the_public_address_follows_the_port_and_loses_its_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert Settings().public_url == "http://127.0.0.1:8123"
    assert Settings(public_url="https://market.example/").public_url == "https://market.example"


@pytest.mark.parametrize(("url", "secure"), [("https://m.example", True), ("http://m.example", False)])
def test_cookies_demand_https_where_there_is_https(url: str, secure: bool) -> None:
    assert Settings(public_url=url).secure is secure


def test_two_processes_that_start_together_use_one_private_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from market.config import Settings; "
        "print(Settings(instance=Path(sys.argv[1])).signing_secret())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "instance")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    secrets = {process.communicate(timeout=120)[0].strip() for process in running}
    key = tmp_path / "instance" / "secret.key"
    assert secrets == {key.read_text()}
    assert len(key.read_text()) >= 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["secret.key"]


def test_a_damaged_key_stops_the_start_instead_of_signing_with_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(SystemExit, match="damaged"):
        Settings(instance=tmp_path).signing_secret()
