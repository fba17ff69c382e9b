"""How each way carries a parcel out of the house: no tables here, only what is sent and what came back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from market.config import Settings
from market.outbox.channels import email, robot, sms
from market.outbox.channels.http import knock_at
from market.outbox.channels.parcel import Parcel, Undelivered
from market.outbox.rules import Way

__all__ = ["Deliver", "Parcel", "Undelivered", "carrying", "deliver", "is_connected", "knock"]

Deliver = Callable[[Way, Parcel], str]
"""Hands a parcel over and returns what the other side said; raises `Undelivered`."""


@contextmanager
def carrying(settings: Settings) -> Iterator[Deliver]:
    """For several parcels, one after the other: letters share one connection to the mail server."""
    with email.Mailer(settings) as mailer:

        def deliver(way: Way, parcel: Parcel) -> str:
            if way is Way.EMAIL:
                return mailer.deliver(parcel)
            return {Way.SMS: sms.deliver, Way.ROBOT: robot.deliver}[way](parcel, settings)

        yield deliver


def deliver(way: Way, parcel: Parcel, settings: Settings) -> str:
    """Hands over one parcel alone."""
    with carrying(settings) as hand_over:
        return hand_over(way, parcel)


def knock(way: Way, settings: Settings) -> None:
    """Greets the server of a way as far as that goes without a message; raises `Undelivered`."""
    if way is Way.EMAIL:
        with email.Mailer(settings) as mailer:
            mailer.greet()
    elif way is Way.SMS:
        knock_at(settings.sms_url)


def is_connected(way: Way, settings: Settings) -> bool:
    """Whether the platform has somebody who takes messages of this way."""
    return {Way.EMAIL: settings.smtp, Way.SMS: settings.sms_url, Way.ROBOT: settings.webhook_origins}[
        way
    ] != ""
