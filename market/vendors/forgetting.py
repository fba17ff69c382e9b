"""What rooms further right keep of a person, and forget with the vendor."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app

from market.vendors.models import Vendor

Forget = Callable[[Vendor], None]


def init_app(app: Flask, *forget: Forget) -> None:
    """What a vendor signed, and what was found at its stall, is kept by rooms behind this one."""
    app.extensions["forget_texts"] = forget


def forget_texts(vendor: Vendor) -> None:
    """Deletes the texts in which the person behind a vendor is named."""
    forgets: tuple[Forget, ...] = current_app.extensions["forget_texts"]
    for forget in forgets:
        forget(vendor)
