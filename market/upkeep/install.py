"""What a Debian machine needs to run the program by itself: units, a proxy's site, a nightly backup.

The files are made as text first, so that somebody can read them before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import NamedTuple
from urllib.parse import urlsplit

from market.errors import Refusal
from market.photos import MOST_SENT

NAME = "neighbourhood-market"
SITES = {
    "caddy": Path(f"etc/caddy/{NAME}.caddyfile"),
    "nginx": Path(f"etc/nginx/sites-available/{NAME}"),
}
"""Where the site of each proxy is written, below the root."""
BY_HAND = Path("usr/local/sbin/market")
"""What root finds under the name `market`, before a program of that name elsewhere."""

_ENVIRONMENT = Template("""\
# Settings of 睦邻集市; `systemctl restart $name` reads them again.
MARKET_PUBLIC_URL=$url
MARKET_INSTANCE=$folder
MARKET_PORT=$port
MARKET_TRUSTED_PROXIES=1
""")

_ACCOUNT = Template('u $user - "睦邻集市" $folder\n')

_BY_HAND = Template("""\
#!/bin/sh
# `market doctor`, `market backup`, … of this machine: with the settings and as the account of the service.
set -eu
while IFS= read -r line || [ -n "$$line" ]; do
    case $$line in
        [A-Z]*=\\"*\\" | [A-Z]*="'"*"'")
            value=$${line#*=?}
            export "$${line%%=*}=$${value%?}"
            ;;
        [A-Z]*=*) export "$$line" ;;
    esac
done < /etc/$name/environment
umask 077
exec runuser -u $user -- $program "$$@"
""")

_SERVICE = Template("""\
[Unit]
Description=睦邻集市 neighbourhood market
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=$program serve
$common
Restart=always
RestartSec=2
TimeoutStopSec=30
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
""")

_BACKUP = Template("""\
[Unit]
Description=睦邻集市: backup, and a drill that restores it into a spare place
After=$name.service

[Service]
Type=oneshot
ExecStart=$program backup --to $folder/backups
ExecStart=$program drill --from $folder/backups
$common
Nice=10
IOSchedulingClass=idle
""")

_COMMON = Template("""\
User=$user
Group=$user
EnvironmentFile=/etc/$name/environment
StateDirectory=$name
StateDirectoryMode=0700
WorkingDirectory=$folder
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=$home
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
SystemCallArchitectures=native""")

_TIMER = """\
[Unit]
Description=睦邻集市: a backup every night

[Timer]
OnCalendar=*-*-* 03:17:00
RandomizedDelaySec=600
Persistent=yes

[Install]
WantedBy=timers.target
"""

_CADDY = Template("""\
$host {
	encode zstd gzip
	reverse_proxy 127.0.0.1:$port
}
""")

_NGINX = Template("""\
server {
    listen 80;
    listen [::]:80;
    server_name $host;
    client_max_body_size ${most}m;

    location / {
        proxy_pass http://127.0.0.1:$port;
        proxy_http_version 1.1;
        proxy_set_header Host $$host;
        proxy_set_header X-Forwarded-For $$remote_addr;
        proxy_set_header X-Forwarded-Proto $$scheme;
    }
}
""")


@dataclass(frozen=True)
class Machine:
    """What differs from one machine to the next."""

    url: str
    """Where people reach the installation; HTTPS, because a phone lends its camera to nothing else."""
    program: Path
    """The command `market`, with its whole path."""
    user: str = "market"
    port: int = 8000
    proxy: str = "caddy"

    @property
    def folder(self) -> Path:
        """What belongs to the installation: database, key, backups."""
        return Path("/var/lib") / NAME


class PlannedFile(NamedTuple):
    path: Path
    """Below the root of the machine."""
    text: str
    mode: int = 0o644


def plan(machine: Machine) -> list[PlannedFile]:
    """Every file that an installation needs. Raises Refusal("upkeep.no_https")."""
    parts = urlsplit(machine.url)
    if parts.scheme != "https" or not parts.hostname:
        raise Refusal("upkeep.no_https", "网址要以 https:// 开头：手机只在加密的网页上打开摄像头。")
    words: dict[str, object] = {
        "name": NAME,
        "url": machine.url,
        "host": parts.hostname,
        "port": machine.port,
        "user": machine.user,
        "folder": machine.folder,
        "program": machine.program,
        "most": -(-MOST_SENT // 1_000_000),
        # The program may lie in somebody's home: then it must be seen, but not changed.
        "home": "read-only" if machine.program.is_relative_to("/home") else "yes",
    }
    words["common"] = _COMMON.substitute(words)
    units = Path("etc/systemd/system")
    site = {"caddy": _CADDY, "nginx": _NGINX}[machine.proxy]
    return [
        PlannedFile(Path(f"etc/{NAME}/environment"), _ENVIRONMENT.substitute(words), 0o640),
        PlannedFile(BY_HAND, _BY_HAND.substitute(words), 0o755),
        PlannedFile(Path(f"etc/sysusers.d/{NAME}.conf"), _ACCOUNT.substitute(words)),
        PlannedFile(units / f"{NAME}.service", _SERVICE.substitute(words)),
        PlannedFile(units / f"{NAME}-backup.service", _BACKUP.substitute(words)),
        PlannedFile(units / f"{NAME}-backup.timer", _TIMER),
        PlannedFile(SITES[machine.proxy], site.substitute(words)),
    ]


def in_the_way(files: list[PlannedFile], root: Path) -> list[Path]:
    """Files that are there already and say something else."""
    found = ((root / file.path, file.text) for file in files)
    return [path for path, text in found if path.exists() and path.read_text(encoding="utf-8") != text]


def write(files: list[PlannedFile], root: Path) -> None:
    """Writes the files below a root; what was there before is kept beside as `….before`."""
    different = in_the_way(files, root)
    for path in different:
        path.replace(path.with_name(f"{path.name}.before"))
    for file in files:
        target = root / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.text, encoding="utf-8")
        target.chmod(file.mode)


def next_steps(machine: Machine) -> list[str]:
    """What is typed afterwards, as root, in this order."""
    site = SITES[machine.proxy]
    proxy = {
        "caddy": [f"echo 'import {site.name}' >> /etc/caddy/Caddyfile", "systemctl reload caddy"],
        "nginx": [
            f"ln -s ../sites-available/{NAME} /etc/nginx/sites-enabled/{NAME}",
            "systemctl reload nginx",
            f"certbot --nginx -d {urlsplit(machine.url).hostname}",
        ],
    }
    return [
        "systemd-sysusers",
        f"chgrp {machine.user} /etc/{NAME}/environment",
        "systemctl daemon-reload",
        f"systemctl enable --now {NAME}.service {NAME}-backup.timer",
        *proxy[machine.proxy],
        f"journalctl -u {NAME} -n 20   # 里面有打开 /setup 用的一次性口令",
        "market doctor   # 以后都这样用：market backup、market drill、market ledger verify",
    ]
