"""What is typed about a stall, as the plan draws it."""

from __future__ import annotations

from flask_babel import gettext as _

from market.places.forms import OfferForm
from market.places.models import Venue
from market.places.service import StallDraft


def offer_circuits(form: OfferForm, place: Venue) -> None:
    form.circuit.choices = [("", _("不接线路")), *((line.name, line.name) for line in place.circuits)]


def stall_draft(label: str, row: int, column: int, x_dm: int, y_dm: int, form: OfferForm) -> StallDraft:
    return StallDraft(
        label, row, column, x_dm, y_dm, form.width.dm, form.depth.dm, form.power_w.data or 0,
        form.circuit.data or None, form.water.data, form.shade.data, form.vehicle.data,
        form.reserved.data, form.no_flame.data,
    )  # fmt: skip
