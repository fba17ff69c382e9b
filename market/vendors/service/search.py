"""Finding vendors: the database leaves out who cannot be meant, the rules decide among the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from market.communities.models import Community
from market.db import db
from market.vendors.found_by import Key, edition, key_of
from market.vendors.models import Vendor
from market.vendors.narrowed import may_mean
from market.vendors.rules import Category
from market.vendors.service.registration import in_order
from market.vendors.sought import sought


class Hit(NamedTuple):
    """Somebody who is meant by a search."""

    id: int
    name: str


def search_register(community: Community, typed: str, category: Category | None = None) -> list[Hit]:
    """Who of the register is meant, in its order; everybody by a search without a word."""
    asked = sought(typed)
    columns = (Vendor.id, Vendor.trading_name, Vendor.found_by, Vendor.category, Vendor.phone)
    query = sa.select(*columns).where(Vendor.community_id == community.id, may_mean(asked))
    if category is not None:
        query = query.where(Vendor.category == category)
    rows = db.session.execute(query.order_by(*in_order()))
    return [
        Hit(number, name)
        for number, name, key, kind, phone in rows
        if asked.finds(Key.of_text(key), kind, phone)
    ]


def vendors_of(hits: Collection[Hit]) -> list[Vendor]:
    """The rows of these, in the order of the register, with their papers."""
    query = sa.select(Vendor).where(Vendor.id.in_([hit.id for hit in hits]))
    return list(db.session.scalars(query.options(selectinload(Vendor.documents)).order_by(*in_order())))


# ── a new table of words ──────────────────────────────────────────────────────────────────────────────────

AT_ONCE = 500
_VENDORS = cast("sa.Table", Vendor.__table__)
"""Past the session: no page shows a key."""


def renew_keys() -> int:
    """Makes the keys anew that another table of words made; how many. For the start of the program."""
    of_others = ~Vendor.found_by.startswith(edition())
    said = (Vendor.id, Vendor.trading_name, Vendor.holder, Vendor.goods, Vendor.category)
    old = db.session.execute(sa.select(*said).where(of_others)).all()
    for at in range(0, len(old), AT_ONCE):
        _write_keys(old[at : at + AT_ONCE])
    return len(old)


def _write_keys(rows: Iterable[sa.Row[int, str, str, str, Category]]) -> None:
    renewed = [{"of_id": number, "key": key_of(*said).text} for number, *said in rows]
    update = sa.update(_VENDORS).where(_VENDORS.c.id == sa.bindparam("of_id"))
    db.session.connection().execute(update.values(found_by=sa.bindparam("key")), renewed)
