"""What the codes of the gate are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from market.gate.rules import CountMethod, ScanMethod

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
