"""What `market install` writes is accepted by the programs that will read it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from market.cli import main
from market.errors import Refusal
from market.upkeep.install import BY_HAND, SITES, Machine, in_the_way, plan, write

URL = "https://market.example.org"


def machine(**more: object) -> Machine:
    return Machine(url=URL, program=Path("/bin/true"), **more)  # type: ignore[arg-type]  # the tests' own words


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    files = plan(machine(user="root"))
    units = [file for file in files if file.path.suffix in (".service", ".timer")]
    environment = tmp_path / "environment"
    environment.touch()
    paths = []
    for file in units:
        path = tmp_path / file.path.name
        path.write_text(file.text.replace("/etc/neighbourhood-market/environment", str(environment)))
        paths.append(str(path))
    done = run("systemd-analyze", "verify", "--man=no", *paths)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "neighbourhood" in line]) == (
        0,
        [],
    )
    assert len(paths) == 3


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_a_wrong_unit_would_be_named(tmp_path: Path) -> None:
    path = tmp_path / "wrong.service"
    path.write_text("[Service]\nExecStart=/not/there\n")
    assert run("systemd-analyze", "verify", "--man=no", str(path)).returncode != 0


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_accepts_its_site(tmp_path: Path) -> None:
    write(plan(machine(proxy="nginx")), tmp_path)
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\nevents {{}}\n"
        f"http {{ access_log off; include {tmp_path}/etc/nginx/sites-available/*; }}\n"
    )
    done = run("nginx", "-t", "-e", str(tmp_path / "log"), "-c", str(whole))
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("caddy"), reason="caddy is not installed")
def test_caddy_accepts_its_site(tmp_path: Path) -> None:
    write(plan(machine(proxy="caddy")), tmp_path)
    site = tmp_path / "etc" / "caddy" / "neighbourhood-market.caddyfile"
    done = run("caddy", "validate", "--adapter", "caddyfile", "--config", str(site))
    assert done.returncode == 0, done.stderr
    assert run("caddy", "fmt", "--diff", str(site)).stdout.count("\n+") == 0


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_a_proxy_lets_through_the_largest_form(app: Flask, proxy: str) -> None:
    [site] = [file.text for file in plan(machine(proxy=proxy)) if file.path == SITES[proxy]]
    limits = re.findall(r"client_max_body_size (\d+)m;", site)
    largest = max(getattr(view, "most_bytes", 0) for view in app.view_functions.values())
    assert [int(limit) * 1_000_000 >= largest > 1_000_000 for limit in limits] == [True] * (proxy == "nginx")


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("runuser"), reason="only root becomes the account")
def test_by_hand_a_command_has_the_settings_of_the_service(tmp_path: Path) -> None:
    write(plan(machine(user="root")), tmp_path)
    settings = tmp_path / "environment"
    settings.write_text(
        f"# Settings\nMARKET_INSTANCE={tmp_path}\nMARKET_SMTP=smtps://a:p$$w d`x\\@h\n"
        "MARKET_SECRET_KEY=\"in quotes\"\nMARKET_SMS_SECRET='and in others'\n\nMARKET_PORT=8001"
    )
    script = (tmp_path / BY_HAND).read_text().replace("/etc/neighbourhood-market/environment", f"{settings}")
    (tmp_path / BY_HAND).write_text(script.replace("/bin/true", shutil.which("printenv") or ""))
    names = ["INSTANCE", "SMTP", "SECRET_KEY", "SMS_SECRET", "PORT"]
    done = run(str(tmp_path / BY_HAND), *(f"MARKET_{name}" for name in names))
    wanted = [str(tmp_path), "smtps://a:p$$w d`x\\@h", "in quotes", "and in others", "8001"]
    assert (done.stdout.splitlines(), done.stderr) == (wanted, "")


def test_everything_is_shown_before_it_is_written(tmp_path: Path) -> None:
    asked = CliRunner().invoke(main, ["install", "--url", URL, "--root", str(tmp_path)], input="n\n")
    assert [f"/{file.path}" in asked.output for file in plan(machine())] == [True] * 7
    assert list(tmp_path.iterdir()) == []
    agreed = CliRunner().invoke(main, ["install", "--url", URL, "--root", str(tmp_path)], input="y\n")
    assert "systemctl enable --now neighbourhood-market.service" in agreed.output
    assert in_the_way(plan(machine()), tmp_path) != []  # the program differs, so the units do
    assert (tmp_path / "etc/neighbourhood-market/environment").stat().st_mode & 0o777 == 0o640


def test_what_somebody_changed_is_kept_beside(tmp_path: Path) -> None:
    write(plan(machine()), tmp_path)
    settings = tmp_path / "etc/neighbourhood-market/environment"
    settings.write_text("MARKET_PUBLIC_URL=https://mine.example.org\n")
    assert in_the_way(plan(machine()), tmp_path) == [settings]
    write(plan(machine()), tmp_path)
    assert (
        settings.with_name("environment.before").read_text() == "MARKET_PUBLIC_URL=https://mine.example.org\n"
    )
    assert in_the_way(plan(machine()), tmp_path) == []


@pytest.mark.parametrize("url", ["http://market.example.org", "market.example.org", "https://"])
def test_an_address_without_https_is_refused(url: str) -> None:
    with pytest.raises(Refusal) as refused:
        plan(Machine(url=url, program=Path("/bin/true")))
    assert refused.value.code == "upkeep.no_https"
