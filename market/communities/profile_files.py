"""Profiles read from their files: all of them when the application starts, so that a wrong one stops it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from market.communities.profile import Profile

FOLDER = Path(__file__).parent / "profiles"
COMMON = "common"
"""What holds everywhere: a profile names only what differs."""


@cache
def profiles(folder: Path = FOLDER) -> dict[str, Profile]:
    """Every profile that may be chosen, by its code. Raises `ValueError` naming the file and the key."""
    common = _read(folder / f"{COMMON}.toml")
    files = sorted(path for path in folder.glob("*.toml") if path.stem != COMMON)
    return {path.stem: _profile(path, common) for path in files}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as wrong:
        raise ValueError(f"{path.name}: {wrong}") from wrong


def _profile(path: Path, common: dict[str, Any]) -> Profile:
    try:
        return Profile.model_validate({"code": path.stem, **_merged(common, _read(path))})
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{path.name}: {where}: {first['msg']}") from wrong


def _merged(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Tables key by key, lists entry by entry of the same code; what stands only in one file stays."""
    merged = {**common, **own}
    for key in common.keys() & own.keys():
        if isinstance(own[key], dict):
            merged[key] = {**common[key], **own[key]}
        elif isinstance(own[key], list):
            entries = {entry["code"]: entry for entry in common[key]}
            for entry in own[key]:
                entries[entry["code"]] = {**entries.get(entry["code"], {}), **entry}
            merged[key] = list(entries.values())
    return merged
