"""A robot in a chat group of 企业微信: a text by its webhook. A success is `errcode` 0 in the answer."""

from __future__ import annotations

import json
from contextlib import nullcontext
from functools import partial

from market.config import Settings
from market.outbox.channels.carrier import Carrier
from market.outbox.channels.http import post_json, refuse_status
from market.outbox.channels.parcel import Parcel, Undelivered
from market.outbox.rules import ROBOT_BYTES, Fault, cut_lines, is_allowed

NO_SUCH_ROBOT = (93000, 40008, 93004)
"""Wrong key, or a robot that was taken out of its group."""


def deliver(parcel: Parcel, settings: Settings) -> str:
    """Says a text to the group. The address is looked at again: the platform may allow others by now."""
    if not is_allowed(parcel.to, settings.webhook_origins):
        raise Undelivered(Fault.NOT_ALLOWED)
    text = cut_lines(parcel.text, "…", ROBOT_BYTES)
    body = json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False).encode()
    answer = post_json(parcel.to, body, {"X-Message-Id": parcel.id})
    refuse_status(answer.status)
    code = answer.said.get("errcode")
    if code in NO_SUCH_ROBOT:
        raise Undelivered(Fault.BAD_ADDRESS, f"errcode {code}")
    if code != 0:
        raise Undelivered(Fault.BUSY, f"errcode {code}")
    return "0"


CARRIER = Carrier(
    address=lambda settings: settings.webhook_origins,
    begin=lambda settings: nullcontext(partial(deliver, settings=settings)),
)
