"""Whether a figure can be meant: what this vendor and its category sold at other markets."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.calendar.models import MarketDay
from market.db import db
from market.errors import Refusal
from market.money import yuan
from market.settlement.models import TakingsReport
from market.settlement.rules import FIRM, Sold, doubt, gift_doubt
from market.settlement.service.queries import latest_report
from market.stalls.models import Assignment
from market.vendors.models import Vendor
from market.vendors.rules import Category


class Habits:
    """What was sold at the other markets of a community, by vendor and by category."""

    def __init__(self, day: MarketDay) -> None:
        self._of_vendor: dict[int, Sold] = {}
        self._of_category: dict[Category, Sold] = {}
        newer = sa.orm.aliased(TakingsReport)
        replaced = sa.exists().where(
            newer.assignment_id == TakingsReport.assignment_id, newer.revision > TakingsReport.revision
        )
        fen = TakingsReport.takings_fen
        sold = sa.select(Vendor.id, Vendor.category, sa.func.count(), sa.func.min(fen), sa.func.max(fen))
        query = (
            sold.join(Assignment, TakingsReport.assignment_id == Assignment.id)
            .join(Vendor, Assignment.vendor_id == Vendor.id)
            .where(
                Vendor.community_id == day.community_id, TakingsReport.day_id != day.id, fen > 0, ~replaced
            )
            .group_by(Vendor.id, Vendor.category)
        )
        for vendor_id, category, *numbers in db.session.execute(query):
            known = Sold(*map(int, numbers))
            self._of_vendor[vendor_id] = known
            self._of_category[category] = known.with_others(self._of_category.get(category))

    def doubt(self, vendor: Vendor, takings_fen: int) -> Sold | None:
        """What is usual, when the figure lies far outside of it."""
        of_vendor, of_category = self._of_vendor.get(vendor.id), self._of_category.get(vendor.category)
        return doubt(takings_fen, of_vendor, of_category)

    def gift_doubt(self, vendor: Vendor, gift_fen: int) -> Sold | None:
        """What is usually sold, when somebody tells only the gift and it is more than that."""
        of_vendor, of_category = self._of_vendor.get(vendor.id), self._of_category.get(vendor.category)
        return gift_doubt(gift_fen, of_vendor, of_category)


def doubt_sentence(takings_fen: int, usual: Sold) -> str:
    """The one question that an unusual figure gets."""
    if not usual.times:
        return str(_("%(amount)s 元？一个摊位卖这么多，请再看一眼。", amount=yuan(takings_fen)))
    return str(
        _(
            "%(amount)s 元？平常是 %(least)s 到 %(most)s 元，请再看一眼。",
            amount=yuan(takings_fen),
            least=yuan(usual.least_fen),
            most=yuan(usual.most_fen),
        )
    )


def discreet_sentence(fen: int) -> str:
    """The same question for whoever holds a link or only tells the gift: it says nothing of other days."""
    return str(_("%(amount)s 元？和平常差得远，请再看一眼。", amount=yuan(fen)))


def ask_when_gift_doubtful(assignment: Assignment, gift_fen: int, sure: str | None) -> None:
    """Refuses (`settlement.doubtful`) a gift told alone above what is usually sold, until it is ticked."""
    if Habits(assignment.day).gift_doubt(assignment.vendor, gift_fen) and sure != str(gift_fen):
        raise Refusal("settlement.doubtful", discreet_sentence(gift_fen), 422)


def ask_when_doubtful(
    assignment: Assignment, takings_fen: int, sure: str | None, *, discreetly: bool = False
) -> None:
    """Refuses (`settlement.doubtful`) a figure that is far from what is usual, until it is ticked as meant.

    `sure` is the figure that was ticked: another one is asked about again.
    """
    usual = Habits(assignment.day).doubt(assignment.vendor, takings_fen)
    if usual is not None and sure != str(takings_fen):
        said = discreet_sentence(takings_fen) if discreetly else doubt_sentence(takings_fen, usual)
        raise Refusal("settlement.doubtful", said, 422)


def refuse_when_told_since(assignment: Assignment, waited: str | None) -> None:
    """Refuses (`settlement.told_since`) a figure that waited on a phone while another one was told.

    `waited` is the revision that was known when it was typed; empty for what did not wait.
    """
    latest = latest_report(assignment)
    if waited and latest is not None and latest.source in FIRM and str(latest.revision) != waited:
        raise Refusal("settlement.told_since", _("您存下以后，这一场又报过别的数。请看一眼，要改再报一次。"))
