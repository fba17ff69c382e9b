"""What the page of a gate phone is made of: each file by name, in the order of its need, and its worker."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from market.config import ROOT

STATIC = ROOT / "static"
STYLES = ("css/tokens.css", "css/base.css", *(f"css/parts/{part}.css" for part in (
    "frame", "things", "form", "verdict", "gate", "door",
)))  # fmt: skip
READERS = (
    "vendor/barcode-detector-3.2.2/ponyfill.js",
    "vendor/barcode-detector-3.2.2/zxing-exported.js",
    "vendor/zxing-wasm-3.1.3/zxing_reader.wasm",
    "vendor/jsqr-1.4.0/jsQR.js",
)
"""Fetched last: the page stands and takes short codes before them."""
OTHERS = (
    "js/readers.js", "js/scanner.js", "vendor/noble-ed25519-3.2.0/index.js",
    "img/favicon.svg",
)  # fmt: skip

NOT_OF_THE_PAGE = ("worker.js", "join.js", "own.js", "enrolment.js")


@lru_cache(maxsize=1)
def door_files() -> tuple[str, ...]:
    """Names below static/: what the page loads before the decoder comes first."""
    names = sorted(path.name for path in (STATIC / "js/door").glob("*.js"))
    own = (f"js/door/{name}" for name in names if name not in NOT_OF_THE_PAGE)
    return (*STYLES, *own, *OTHERS, *READERS)


def worker_script(addresses: list[str], page: str) -> str:
    """The worker with its list. Its version is the hash of all it keeps: any change is a new worker."""
    hashed = hashlib.sha256(page.encode())
    for name in door_files():
        hashed.update((STATIC / name).read_bytes())
    code = (STATIC / "js/door/worker.js").read_text(encoding="utf-8")
    said = {"version": hashed.hexdigest()[:16], "files": addresses}
    return f"const DOOR = {json.dumps(said)};\n{code}"


def size_before_decoder() -> int:
    """Bytes that a phone fetches before it can check a typed code, the page itself not counted."""
    return sum(Path(STATIC / name).stat().st_size for name in door_files() if name not in READERS)
