"""What is handed over, and how it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from market.outbox.rules import FOR_GOOD, Fault


@dataclass(frozen=True)
class Parcel:
    """One message to one address, ready to be handed over."""

    id: str
    """The same for the same text of the same claim: whoever gets it twice can tell."""
    to: str
    title: str
    text: str
    sender: str
    """The community's name."""
    reply_to: str = ""
    sign: str = ""
    template: str = ""
    """Which approved sentence it is, for whoever may send no other."""
    params: Mapping[str, str] = field(default_factory=dict)


class Undelivered(Exception):
    """It was not taken, or nobody knows; `detail` is what the other side said."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault, self.detail = fault, " ".join(detail.split())[:160]

    @property
    def for_good(self) -> bool:
        return self.fault in FOR_GOOD
