"""A stall as the bare plan of a plaza shows it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from market.places.models import Stall
from market.places.service import StallDraft


@dataclass(frozen=True)
class DrawnStall:
    """A stall as `macros/plan.html` draws it on the bare plan of a plaza."""

    label: str
    x_dm: int
    y_dm: int
    width_dm: int
    depth_dm: int
    state: str
    word: str
    power: int
    caption: str = ""
    href: str = ""
    reserved: bool = False


def drawn(stall: Stall | StallDraft, *, new: bool = False, href: str = "") -> DrawnStall:
    return DrawnStall(
        stall.label, stall.x_dm, stall.y_dm, stall.width_dm, stall.depth_dm,
        "mine" if new else "taken", _("新画的") if new else _("摊位"), stall.power_w, href=href,
        reserved=stall.reserved,
    )  # fmt: skip
