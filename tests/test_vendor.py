"""Third-party browser files are exactly the ones that static/vendor/vendor.json records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.parts.vendor_update import MANIFEST, VENDOR, folder_name, sha256

PACKAGES: list[dict[str, Any]] = json.loads(MANIFEST.read_text(encoding="utf-8"))["packages"]


@pytest.mark.parametrize("package", PACKAGES, ids=folder_name)
def test_the_files_are_the_recorded_ones(package: dict[str, Any]) -> None:
    folder = VENDOR / folder_name(package)
    found = {path.name: sha256(path) for path in folder.iterdir()}
    assert found == {name: file["sha256"] for name, file in package["files"].items()}


@pytest.mark.parametrize("package", PACKAGES, ids=folder_name)
def test_every_package_states_its_licence_and_ships_it(package: dict[str, Any]) -> None:
    assert package["licence"]
    assert "LICENSE" in package["files"]


def test_nothing_else_is_in_the_folder() -> None:
    expected = {folder_name(package) for package in PACKAGES} | {MANIFEST.name, "zxing-cpp-LICENSE.txt"}
    assert {path.name for path in VENDOR.iterdir()} == expected


def test_the_decoder_is_the_version_that_the_reader_asks_for() -> None:
    versions = {package["name"]: package["version"] for package in PACKAGES}
    reader = VENDOR / f"barcode-detector-{versions['barcode-detector']}" / "zxing-exported.js"
    assert f"zxing-wasm@{versions['zxing-wasm']}/" in reader.read_text(encoding="utf-8")


def test_our_scripts_name_files_that_exist() -> None:
    folder = VENDOR.parent / "js"
    named = [
        (folder / name).parent / line.split('"')[1]
        for name in ("readers.js", "door/signature.js")
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
        if "../vendor/" in line
    ]
    assert [path.resolve().is_file() for path in named] == [True] * 4
