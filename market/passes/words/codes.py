"""What the codes of passes are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from market.passes.rules import Layout, RevokeReason, Standing

REASON_WORDS: dict[RevokeReason, Any] = {
    RevokeReason.LOST: _("丢了"),
    RevokeReason.DAMAGED: _("坏了，扫不出"),
    RevokeReason.MISUSED: _("被别人拿去用了"),
    RevokeReason.HOURS_CHANGED: _("开市时间改了"),
    RevokeReason.KEY_CHANGED: _("签名密钥换了"),
}

STANDINGS: dict[Standing, tuple[str, Any]] = {
    Standing.GENUINE: ("go", _("真证，现在有效")),
    Standing.FOR_LATER: ("info", _("真证，还没到日子")),
    Standing.OVER: ("wait", _("真证，已经过期")),
    Standing.REPLACED: ("stop", _("旧证，已经换新")),
    Standing.WITHDRAWN: ("stop", _("这张证已经收回")),
    Standing.NOT_OURS: ("stop", _("不是我们发的证")),
}
"""Kind of the notice and its word."""

LAYOUT_WORDS: dict[Layout, Any] = {
    Layout.A4X4: _("A4 一页四张，裁开"),
    Layout.A6: _("A6 卡片，一页一张"),
    Layout.A5: _("A5 摊位牌，立在摊上"),
    Layout.LANYARD: _("挂脖证，正反对折，一页两张"),
    Layout.A4X1: _("A4 一页一张，大字"),
    Layout.A4X2: _("A4 一页两张"),
    Layout.A4X8: _("A4 一页八张，小卡"),
    Layout.LABELS24: _("不干胶 24 枚（70 × 37 mm）"),
    Layout.LABELS14: _("不干胶 14 枚（99 × 38 mm）"),
}
"""In the order offered: the most usual first."""
