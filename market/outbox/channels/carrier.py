"""What each way offers: who takes its messages, how one is handed over, what the platform has to set."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from market.config import Settings
from market.outbox.channels.parcel import Parcel

HandOver = Callable[[Parcel], str]
"""Gives one parcel away and returns what the other side said; raises `Undelivered`."""


@dataclass(frozen=True)
class Carrier:
    """A way, as far as the platform has to do with it."""

    address: Callable[[Settings], str]
    """Who takes its messages; empty: nobody, so it is not connected."""
    begin: Callable[[Settings], AbstractContextManager[HandOver]]
    """For several parcels, one after the other."""
    greet: Callable[[Settings], None] | None = None
    """As far as that goes without a message; raises `Undelivered`. None: there is nobody to greet."""
    setting: str = ""
    """Where the platform says the address."""
    secret: str = ""
    """Where it says by what the other side knows us."""
