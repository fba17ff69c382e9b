"""Presses that something takes, counted in a real browser: said, and held to a number."""

from __future__ import annotations


def at_most(most: int, made: int, what: str, width: int) -> None:
    """Says how many presses it took on this screen (`pytest -s` shows it), and fails above the most."""
    print(f"\npresses, {width} px, {what}: {made} (at most {most})")
    assert made <= most, (what, width, made)
