"""What is typed on the page of the channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True)
class RuleDraft:
    """By what a community sends, and when it does not; its fields are columns of `SendRule`."""

    email: bool
    reply_to: str
    sms: bool
    sms_sign: str
    robot: bool
    quiet_from: time
    quiet_to: time
