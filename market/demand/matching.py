"""Whether a vendor is what somebody asked for."""

from __future__ import annotations

from collections.abc import Iterable

from market.demand.models import Wish
from market.vendors.models import Vendor
from market.vendors.search import finds


def is_meant(wish: Wish, vendor: Vendor) -> bool:
    """By its category where the whole category is meant, else by what it says that it sells or does."""
    kind = wish.type
    if kind is not None and kind.whole and vendor.category is kind.category:
        return True
    return finds(wish.word, (vendor.trading_name, vendor.goods))


def is_any_meant(wishes: Iterable[Wish], vendor: Vendor) -> bool:
    """The same for a wish and all that means the same."""
    return any(is_meant(wish, vendor) for wish in wishes)
