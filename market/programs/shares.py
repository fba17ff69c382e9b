"""What this process has taken of allowances and not spent yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from flask import current_app


@dataclass
class _Share:
    """What this process has left of what it took."""

    left: int
    untaken: int
    """What nobody had taken yet when it last looked."""


@dataclass
class Shares:
    """The shares of one process, in the running minute."""

    minute: int = 0
    held: dict[str, _Share] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def spend(self, who: str, minute: int) -> int | None:
        """One call: how many are left, at least; None: a share must be taken first."""
        with self.lock:
            if minute != self.minute:
                self.minute, self.held = minute, {}
            share = self.held.get(who)
            if share is None or (not share.left and share.untaken):
                return None
            if not share.left:
                return -1
            share.left -= 1
            return share.left + share.untaken

    def add(self, who: str, minute: int, taken: int, untaken: int) -> None:
        with self.lock:
            if minute == self.minute:
                known = self.held.get(who)
                self.held[who] = _Share((known.left if known else 0) + taken, untaken)


def shares_here() -> Shares:
    """Those of the running application."""
    found: Shares = current_app.extensions.setdefault("call_shares", Shares())
    return found
