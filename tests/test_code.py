"""Lint, format and types, as `make check` runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _complaints(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    assert _complaints("ruff", "check", "--quiet", "--output-format=concise", ".") == ""


def test_the_code_is_in_the_agreed_format() -> None:
    """`make format` puts it right."""
    assert _complaints("ruff", "format", "--check", "--quiet", ".") == ""


@pytest.mark.slow
def test_mypy_finds_nothing() -> None:
    assert _complaints("mypy") == ""
