"""What rooms further right keep of a person, and forget with the vendor."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app

from market.vendors.models import Vendor

Forget = Callable[[Vendor], None]


def init_app(app: Flask, forget_texts: Forget) -> None:
    """The texts that a vendor signed are kept by a room behind this one."""
    app.extensions["forget_texts"] = forget_texts


def forget_texts(vendor: Vendor) -> None:
    """Deletes the texts in which the person behind a vendor is named."""
    forget: Forget = current_app.extensions["forget_texts"]
    forget(vendor)
