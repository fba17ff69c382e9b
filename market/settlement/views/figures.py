"""What the pages that take a vendor's figures share, signed in or by a link."""

from __future__ import annotations

from market.settlement import service
from market.settlement.forms import TakingsForm
from market.settlement.grid import plain_yuan
from market.settlement.models import TakingsReport
from market.settlement.rules import NO_TERMS, Terms
from market.stalls.models import Assignment


def terms_of_day(assignment: Assignment) -> Terms:
    """What the vendor of a stall had agreed to when the market opened."""
    agreed = service.agreed_for(assignment.day, [assignment.vendor_id])
    return agreed.get(assignment.vendor_id, NO_TERMS)


def fill(form: TakingsForm, before: TakingsReport | None, pick: str | None) -> None:
    """The buttons that fill in a figure, for a browser without scripts."""
    if pick == "same" and before is not None:
        form.takings.data, form.shown.data = plain_yuan(before.takings_fen), None
    elif pick == "none":
        form.takings.data, form.shown.data = "0", None
    elif pick == "no_gift":
        form.gift.data, form.shown.data = "0", None
