"""What is said about goods while they are typed: what to bring, and what does not go with the category."""

from __future__ import annotations

from flask import flash

from market.communities.service import profile_of
from market.vendors.goods import elsewhere, recognised
from market.vendors.models import Vendor
from market.vendors.words import elsewhere_sentence, goods_advice


def advise_on_goods(vendor: Vendor) -> None:
    """Says what whoever sells this brings along, and asks when goods and category contradict each other."""
    for one in recognised([vendor.goods], profile_of(vendor.community)):
        if elsewhere(one, [vendor.category.value]):
            flash(elsewhere_sentence(one, vendor.category), "wait")
        elif goods_advice(one):
            flash(goods_advice(one), "info")
