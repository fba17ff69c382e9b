"""What the codes of the gate are called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext as _

from market.calendar.models import MarketDay
from market.gate.rules import CountMethod, ScanMethod
from market.vendors.rules import minutes_late

METHOD_WORDS: dict[ScanMethod, Any] = {
    ScanMethod.CAMERA: _("扫码"),
    ScanMethod.TYPED: _("短码"),
    ScanMethod.LIST: _("名单勾选"),
}

COUNT_WORDS: dict[CountMethod, Any] = {
    CountMethod.CLICKER: _("点按计数"),
    CountMethod.FULL_COUNT: _("逐个数的"),
    CountMethod.SAMPLE: _("抽样估的"),
}


def late_text(came_at: datetime, day: MarketDay) -> str:
    """By how much somebody was late; empty when in time."""
    late = minutes_late(came_at, day.arrive_by)
    return gettext("迟到 %(n)s 分钟", n=late) if late else ""
