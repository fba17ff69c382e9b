"""Lists of vendors that staff brought, and what entering one did to each vendor, so that it can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import Model, Referable
from market.people.models import User
from market.vendors.models import Application, Vendor


class VendorList(Referable, Model):
    """A list as it was read. What it comes to is worked out whenever it is looked at."""

    __tablename__ = "vendor_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int | None] = mapped_column(sa.ForeignKey("market_day.id"))
    """The market to which its vendors apply; None when they are only registered."""
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    source: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """What was brought; emptied when it is entered, deleted soon when it is not: it names people."""
    columns: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    """What each column holds, where staff said so."""
    choices: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    """What staff said of single rows."""
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    done_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    undone_at: Mapped[datetime | None]

    community: Mapped[Community] = relationship()
    day: Mapped[MarketDay | None] = relationship()
    doer: Mapped[User | None] = relationship(foreign_keys=[done_by])
    rows: Mapped[list[ListedVendor]] = relationship(back_populates="list", order_by="ListedVendor.number")


class ListedVendor(Model):
    """What entering a list did to one vendor."""

    __tablename__ = "listed_vendor"
    __table_args__ = (sa.UniqueConstraint("list_id", "vendor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor_list.id"), index=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    number: Mapped[int]
    is_new: Mapped[bool]
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    """The facts that were changed, as they were; erased when the vendor is forgotten."""
    after: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"), index=True)
    application_before: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    """How the application stood before; empty when there was none."""
    documents: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """The ids of the agreements that were ticked."""

    list: Mapped[VendorList] = relationship(back_populates="rows")
    vendor: Mapped[Vendor] = relationship(lazy="joined")
    application: Mapped[Application | None] = relationship(lazy="joined")
