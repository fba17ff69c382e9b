"""Text messages, through a gateway that speaks this contract.

    POST MARKET_SMS_URL
    Content-Type: application/json
    Idempotency-Key: 4h2k…            the same for the same message, however often it is asked
    X-Timestamp: 1767000000           seconds; older than five minutes should be refused
    X-Signature: hex                  HMAC-SHA256, key MARKET_SMS_SECRET, of timestamp, ".", body

    {"id": "4h2k…", "phone": "13800000000", "sign": "槐荫社区",
     "template": "stalls.moved", "params": {"day": "11 月 28 日 星期六", "stall": "A12", …},
     "text": "…"}

`template` and `params` are for providers that send approved sentences only: `template` is one of
`notices/words.py: NOTICES`, or `reminder`, `letter`, `test`, and each has its number with the provider.
`text` is the same message in full. `sign` goes into 【】.

    200 {"code": "ok"}                taken, or taken before under this key
    200 {"code": "bad_phone"}         this number never will; any other code: a no for good
    4xx                               a no for good, but 401 and 403 (our key), 408, 425 and 429 (later)
    5xx, no answer                    asked again later, under the same key
"""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import nullcontext
from functools import partial

from market import clock
from market.config import Settings
from market.outbox.channels.carrier import Carrier
from market.outbox.channels.http import knock_at, post_json, refuse_status
from market.outbox.channels.parcel import Parcel, Undelivered
from market.outbox.rules import Fault


def deliver(parcel: Parcel, settings: Settings) -> str:
    """Asks the gateway to send one message."""
    if not settings.sms_url:
        raise Undelivered(Fault.NOT_ALLOWED)
    asked = {
        "id": parcel.id,
        "phone": parcel.to,
        "sign": parcel.sign or parcel.sender,
        "template": parcel.template,
        "params": dict(parcel.params),
        "text": parcel.text,
    }
    body, stamp = json.dumps(asked, ensure_ascii=False).encode(), str(int(clock.now().timestamp()))
    answer = post_json(
        settings.sms_url,
        body,
        {
            "Idempotency-Key": parcel.id,
            "X-Timestamp": stamp,
            "X-Signature": signature(settings.sms_secret, stamp, body),
        },
    )
    refuse_status(answer.status)
    code = str(answer.said.get("code", ""))
    if code == "bad_phone":
        raise Undelivered(Fault.BAD_ADDRESS, code)
    if code != "ok":
        raise Undelivered(Fault.REFUSED, code)
    return code


def signature(secret: str, stamp: str, body: bytes) -> str:
    """By which the gateway knows us."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


CARRIER = Carrier(
    address=lambda settings: settings.sms_url,
    begin=lambda settings: nullcontext(partial(deliver, settings=settings)),
    greet=lambda settings: knock_at(settings.sms_url),
    setting="MARKET_SMS_URL",
    secret="MARKET_SMS_SECRET",  # noqa: S106 - a name, and no secret
)
