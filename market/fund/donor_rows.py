"""Links by which a donor reads what it gave: only a hash of each secret is kept."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model, Referable
from market.fund.models import CharityNotice, Fund, Partner
from market.people.models import User
from market.vendors.models import Vendor


class DonorLink(Referable, Model):
    """One link for one donor: a vendor, a partner, or who stands on a notice of the charity."""

    __tablename__ = "donor_link"
    __table_args__ = (
        sa.CheckConstraint(
            "(vendor_id IS NOT NULL AND partner_id IS NULL AND notice_id IS NULL)"
            " OR (vendor_id IS NULL AND partner_id IS NOT NULL AND notice_id IS NULL)"
            " OR (vendor_id IS NULL AND partner_id IS NULL AND notice_id IS NOT NULL)",
            name="one_donor",
        ),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    vendor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("vendor.id"))
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"))
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("charity_notice.id"))
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    fund: Mapped[Fund] = relationship()
    vendor: Mapped[Vendor | None] = relationship()
    partner: Mapped[Partner | None] = relationship()
    notice: Mapped[CharityNotice | None] = relationship()
    maker: Mapped[User] = relationship(foreign_keys=[made_by])

    @property
    def donor_name(self) -> str:
        if self.vendor is not None:
            return self.vendor.trading_name
        if self.partner is not None:
            return self.partner.name
        return self.notice.donor if self.notice is not None else ""
