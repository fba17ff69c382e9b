"""Names that will not come out on paper as they were typed."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext as _

from market.print import missing_glyphs
from market.vendors.models import Vendor
from market.vendors.words import in_a_row


def warn_of_unprintable(vendor: Vendor) -> None:
    """Says which characters of the names will not come out on paper; the names stay as they are."""
    missing = missing_glyphs(vendor.trading_name + vendor.holder)
    if missing:
        sentence = _(
            "「%(letters)s」打印不出来，摊位证上会印成编号；网页上照常显示。", letters=in_a_row(missing)
        )
        flash(sentence, "wait")
