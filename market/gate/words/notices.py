"""What vendors are told by the gate."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

NOTICES: dict[str, tuple[str, Any]] = {
    "gate.no_show": (
        "stop",
        _("%(day)s的集市，没等到您，%(stall)s 号摊位先让出来了。还想来，请先打电话问问有没有空位。"),
    ),
}
"""Look and sentence of a notice."""
