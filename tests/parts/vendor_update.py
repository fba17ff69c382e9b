"""Fetches the third-party browser files that static/vendor/vendor.json names.

To raise a version, write the new `version` and `integrity` (`npm view NAME@VERSION dist.integrity`) there,
then run `python -m tests.parts.vendor_update`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
MANIFEST = VENDOR / "vendor.json"


def main() -> None:
    """Replaces every package's folder and records the checksums of its files."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    for package in manifest["packages"]:
        with tempfile.TemporaryDirectory() as work:
            replace_folder(package, unpack(package, Path(work)))
        print(f"{package['name']} {package['version']}: {len(package['files'])} files")
    MANIFEST.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def unpack(package: dict[str, Any], work: Path) -> Path:
    """Downloads the package, refuses it if its checksum is not the recorded one, and unpacks it."""
    wanted = f"{package['name']}@{package['version']}"
    subprocess.run(["npm", "pack", "--silent", wanted], cwd=work, check=True, capture_output=True)
    (archive,) = work.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if package["integrity"] != f"sha512-{digest}":
        raise SystemExit(
            f"{wanted}: the integrity is sha512-{digest}, not the recorded {package['integrity']}"
        )
    with tarfile.open(archive) as tar:
        tar.extractall(work, filter="data")
    return work / "package"


def replace_folder(package: dict[str, Any], unpacked: Path) -> None:
    """Copies only the listed files; other versions of the package go."""
    for old in VENDOR.glob(f"{plain_name(package)}-*"):
        shutil.rmtree(old)
    folder = VENDOR / folder_name(package)
    folder.mkdir()
    for name, file in package["files"].items():
        shutil.copyfile(unpacked / file["from"], folder / name)
        file["sha256"] = sha256(folder / name)


def folder_name(package: dict[str, Any]) -> str:
    """The version is part of the address, so browsers may keep a file for ever."""
    return f"{plain_name(package)}-{package['version']}"


def plain_name(package: dict[str, Any]) -> str:
    """`@noble/ed25519` → `noble-ed25519`: no folder within a folder."""
    return str(package["name"]).removeprefix("@").replace("/", "-")


def sha256(path: Path) -> str:
    """The checksum of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
