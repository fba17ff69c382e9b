"""Refusal: the parent of every domain "no"."""

from __future__ import annotations


class Refusal(Exception):
    """An act that the rules forbid.

    `code` is stable and for machines (`room.reason`); `sentence` tells a person what is wrong and what to do.
    The whole unit of work is rolled back, so nothing is half-done. `status` is the HTTP status of the answer.
    """

    fields: tuple[tuple[str, str], ...] = ()
    """What is wrong where, name and sentence, where a program sent several things."""
    wait_s: int | None = None
    """After how many seconds it may be tried again, where that is known."""

    def __init__(self, code: str, sentence: str, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.status = status

    def __str__(self) -> str:
        return f"{self.sentence} ({self.code})"


class NotFound(Refusal):
    """The object does not exist, or not for this community: both look the same from outside."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence, status=404)
