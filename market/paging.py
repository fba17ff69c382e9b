"""A long list shows one page of itself, and the database reads no more than that."""

from __future__ import annotations

from typing import NamedTuple

from flask import request, url_for

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
