"""What the codes of the gate are called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext as _

from market.calendar.models import MarketDay
from market.gate.rules import CountMethod, HeldReason, Sample, Sampling, ScanMethod
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

HELD_WORDS: dict[HeldReason, Any] = {
    HeldReason.UNKNOWN_PHONE: _("不认识的手机送来的"),
    HeldReason.REVOKED_PHONE: _("手机停用以后，或者还没登记时扫的"),
    HeldReason.OUT_OF_HOURS: _("不在进场的时间里扫的"),
    HeldReason.TOO_OLD: _("隔了两天以上才送到"),
    HeldReason.FROM_THE_FUTURE: _("手机的钟不对，时间在后头"),
    HeldReason.BOOKED: _("入账以后才送到"),
    HeldReason.NO_ENTRANCE: _("这个场地现在没有这个门"),
}


SAMPLING_WORDS: dict[Sampling, Any] = {
    Sampling.EVERY_TENTH: _("每十个记一个（×10）"),
    Sampling.EVERY_FIFTH: _("每五个记一个（×5）"),
    Sampling.FIVE_OF_THIRTY: _("每半小时数 5 分钟（×6）"),
    Sampling.TEN_OF_SIXTY: _("每小时数 10 分钟（×6）"),
    Sampling.OTHER: _("别的办法，系数自己填"),
}


def factor_text(sample: Sample) -> str:
    """6, or 3.5."""
    return f"{sample.factor_hundredths / 100:g}"


def late_text(came_at: datetime, day: MarketDay) -> str:
    """By how much somebody was late; empty when in time."""
    late = minutes_late(came_at, day.arrive_by)
    return gettext("迟到 %(n)s 分钟", n=late) if late else ""
