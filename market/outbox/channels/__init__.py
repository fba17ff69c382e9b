"""How each way carries a parcel out of the house: no tables here, only what is sent and what came back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from market.config import Settings
from market.outbox.channels import email, robot, sms
from market.outbox.channels.carrier import Carrier
from market.outbox.channels.parcel import Parcel, Undelivered
from market.outbox.rules import Way

__all__ = ["CARRIERS", "Deliver", "Parcel", "Undelivered", "carrying", "deliver", "is_connected", "knock"]

CARRIERS: Mapping[Way, Carrier] = {
    Way.EMAIL: email.CARRIER,
    Way.SMS: sms.CARRIER,
    Way.ROBOT: robot.CARRIER,
}

Deliver = Callable[[Way, Parcel], str]
"""Hands a parcel over and returns what the other side said; raises `Undelivered`."""


@contextmanager
def carrying(settings: Settings) -> Iterator[Deliver]:
    """For several parcels, one after the other: letters share one connection to the mail server."""
    with ExitStack() as stack:
        begun = {way: stack.enter_context(carrier.begin(settings)) for way, carrier in CARRIERS.items()}
        yield lambda way, parcel: begun[way](parcel)


def deliver(way: Way, parcel: Parcel, settings: Settings) -> str:
    """Hands over one parcel alone."""
    with carrying(settings) as hand_over:
        return hand_over(way, parcel)


def knock(way: Way, settings: Settings) -> None:
    """Greets the server of a way as far as that goes without a message; raises `Undelivered`."""
    greet = CARRIERS[way].greet
    if greet is not None:
        greet(settings)


def is_connected(way: Way, settings: Settings) -> bool:
    """Whether the platform has somebody who takes messages of this way."""
    return CARRIERS[way].address(settings) != ""
