"""Lint, format and types, as `make check` runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _expect_silence(*command: str, advice: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"{advice}\n{done.stdout}{done.stderr}", pytrace=False)


def test_ruff_finds_nothing() -> None:
    _expect_silence(
        "ruff", "check", "--quiet", "--output-format=concise", ".", advice="`make check` shows more:"
    )


def test_the_code_is_in_the_agreed_format() -> None:
    _expect_silence(
        "ruff", "format", "--check", "--output-format=concise", ".", advice="`make format` mends it:"
    )


@pytest.mark.slow
def test_mypy_finds_nothing() -> None:
    _expect_silence("mypy", advice="mypy --strict:")
