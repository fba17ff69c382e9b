"""A long list shows one page of itself, and the database reads no more than that."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from flask import request, url_for

T = TypeVar("T")

SIZE = 50


class Paging(NamedTuple):
    """Which page of a list is shown, of how many."""

    page: int
    pages: int
    total: int

    @property
    def offset(self) -> int:
        """How many lines stand before it."""
        return (self.page - 1) * SIZE

    def link(self, page: int) -> str:
        """The address of another page of the same list."""
        asked = {**request.args.to_dict(), **(request.view_args or {}), "page": page}
        return url_for(request.endpoint or "", **asked)


def paging(total: int) -> Paging:
    """The page that is asked for by `?page=2`, or the nearest that there is."""
    pages = max(1, -(-total // SIZE))
    return Paging(min(max(request.args.get("page", 1, int), 1), pages), pages, total)


class Part(NamedTuple, Generic[T]):
    """Some rows of a list, and the addresses of those before and after them; empty where there are none.

    The address holds the key of the row at which it begins or ends, so that whatever comes in or is done with
    meanwhile, turning the page repeats no row and leaves none out.
    """

    rows: list[T]
    earlier: str
    later: str


def part_of(rows: Sequence[T], key: Callable[[T], str]) -> Part[T]:
    """What is asked for by `?after=…` or `?before=…` of rows that stand in the order of their keys."""
    keys = [key(row) for row in rows]
    start = _start(keys)
    end = min(start + SIZE, len(keys))
    return Part(
        list(rows[start:end]),
        _at("before", keys[start]) if start else "",
        _at("after", keys[end - 1]) if end < len(keys) else "",
    )


def _start(keys: Sequence[str]) -> int:
    """Where the page begins; after the last row there is nothing to show, so the last page is shown."""
    if before := request.args.get("before", ""):
        return max(0, bisect_left(keys, before) - SIZE)
    start = bisect_right(keys, request.args.get("after", ""))
    return start if start < len(keys) else max(0, len(keys) - SIZE)


def _at(side: str, key: str) -> str:
    """The address of the same list before or after a row."""
    asked: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {})}
    others = {name: value for name, value in asked.items() if name not in ("after", "before")}
    return url_for(request.endpoint or "", **{**others, side: key})
