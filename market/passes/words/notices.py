"""What vendors are told of a published market."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

NOTICES: dict[str, tuple[str, Any]] = {
    "gate.placed": (
        "go",
        _("%(day)s的集市，您在 %(stall)s 号摊位。请 %(arrive)s 前到%(place)s。摊位证%(where)s。"),
    ),
    "gate.waiting": (
        "wait",
        _("%(day)s的集市，这次还没排上摊位，您是候补第 %(position)s 位。有摊位空出来，就按次序问您。"),
    ),
    "gate.new_pass": (
        "wait",
        _("%(day)s的集市，%(stall)s 号摊位换了新的摊位证，旧的不能用了。新的%(where)s。"),
    ),
    "gate.pass_withdrawn": (
        "stop",
        _("%(day)s的集市，您 %(stall)s 号摊位的摊位证收回了，凭它进不了场。请给社区打电话。"),
    ),
    "gate.new_hours": (
        "wait",
        _(
            "%(day)s的集市改了时间：%(hours)s，请 %(arrive)s 前到，您还在 %(stall)s 号摊位。"
            "旧的摊位证不能用了，新的%(where)s。"
        ),
    ),
}
"""Look and sentence of a notice, by the name under which notices are kept: passes were the gate's once."""
