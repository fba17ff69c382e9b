"""Before the close: what vendors agree to give, what they report, and what they give in kind."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import local_date
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.money import MAX_FEN
from market.people.models import User
from market.settlement.agreement import is_sealed, kept_text, sealed_text, text_hash
from market.settlement.models import AgreedTerms, InKindItem, SuggestedTerms, TakingsReport
from market.settlement.rules import (
    FIRM,
    WORDING,
    CloseFault,
    TakingsSource,
    Terms,
    plain_terms,
    terms_facts,
    terms_fault,
)
from market.settlement.service.queries import (
    agreed_for,
    latest_report,
    newest_terms,
    settlement_of,
    terms_history,
    waivers,
)
from market.settlement.words import TERMS_FAULTS
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import Conduct, reported_in_time

TAKINGS_STATES = (DayState.OPEN, DayState.CLOSED, DayState.SETTLING)
"""States in which takings are reported: from the opening until the market is settled."""

MAX_ITEMS = 100_000


# ── terms ─────────────────────────────────────────────────────────────────────────────────────────────────


def agree_terms(
    vendor: Vendor, terms: Terms, *, by: User, at: datetime, suggestion: SuggestedTerms | None = None
) -> AgreedTerms:
    """The next version of what a vendor agrees to give; it counts for markets that open from now on.

    `suggestion` is the community's, where it was taken as it stands. Agreeing to the same again changes
    nothing. Refuses terms that nobody can mean (`rules.terms_fault`).
    """
    terms = checked_terms(terms)
    lock_row(vendor)
    newest = newest_terms(vendor)
    text = kept_text(vendor, terms)
    if newest is not None and newest.terms == terms and (not newest.text or is_sealed(newest.text, text)):
        return newest
    text = sealed_text(text)
    agreed = AgreedTerms(
        vendor=vendor,
        terms=terms,
        agreed_at=at,
        agreed_by=by.id,
        wording=WORDING,
        text=text,
        text_hash=text_hash(text),
        suggestion=suggestion,
    )
    db.session.add(agreed)
    db.session.flush()
    audit.record(
        "settlement.agree_terms", agreed, by=by, at=at, community=vendor.community,
        on_behalf_of=on_behalf_of(vendor, by), wording=WORDING, text_hash=agreed.text_hash,
        **terms_facts(terms),
    )  # fmt: skip
    return agreed


def forget_texts(vendor: Vendor) -> None:
    """Deletes the texts that a vendor signed: they name a person. Numbers and hashes stay and name nobody."""
    for agreed in terms_history(vendor):
        agreed.text = ""
    db.session.flush()


def checked_terms(terms: Terms) -> Terms:
    """The terms without numbers that do not belong to them; refuses those that nobody can mean."""
    fault = terms_fault(terms)
    if fault is not None:
        raise Refusal(f"settlement.{fault}", TERMS_FAULTS[fault], 422)
    return plain_terms(terms)


def on_behalf_of(vendor: Vendor, by: User | None) -> str | None:
    """Whose step it was, when somebody else took it, or nobody knows who."""
    return vendor.trading_name if by is None or by.id != vendor.user_id else None


# ── takings ───────────────────────────────────────────────────────────────────────────────────────────────


def report_takings(
    assignment: Assignment,
    takings_fen: int,
    *,
    chosen_fen: int | None = None,
    gift_only: bool = False,
    source: TakingsSource,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> TakingsReport:
    """What was sold at a stall; 0 is a report too. The same figures again are the same report.

    `chosen_fen` is what the vendor gives this once instead of what was agreed; None: as agreed. With
    `gift_only` it is all that is told, and `takings_fen` is 0. `by` is None for whoever held the link.
    """
    lock_row(assignment.day)
    db.session.refresh(assignment)
    check_reporting(assignment.day)
    check_holder(assignment)
    check_amounts(takings_fen, chosen_fen)
    check_gift(assignment, chosen_fen)
    check_gift_only(takings_fen, chosen_fen, gift_only)
    latest = latest_report(assignment)
    if latest is not None and _says_the_same(latest, takings_fen, chosen_fen, gift_only, source):
        return latest
    race_point("settlement.report_takings")
    _forget_doubt(assignment)
    if source is not TakingsSource.ESTIMATED:
        _note_report(assignment, by=by, at=at)
    return add_report(
        assignment, latest, takings_fen, chosen_fen, source, reason, by=by, at=at, gift_only=gift_only
    )


def _note_report(assignment: Assignment, *, by: User | None, at: datetime) -> None:
    """That a vendor told its takings in time earns a point; how much, and what is given of it, does not."""
    day = assignment.day
    if reported_in_time(clock.local(at, day.community.zone).date(), local_date(day)):
        vendors.note_conduct(assignment.vendor, day, Conduct.REPORTED_IN_TIME, by=by, at=at)


def check_reporting(day: MarketDay) -> None:
    """Refuses when takings cannot be reported: before the opening, after the settlement, a day called off."""
    if settlement_of(day) is not None:
        raise Refusal("settlement.settled", _("这一场已经结算入账。要改数，请让第二位同事做“更正”。"))
    if day.state not in TAKINGS_STATES:
        raise Refusal("settlement.not_open", _("开市以后才能报数，现在还没有开市。"))


def check_holder(assignment: Assignment) -> None:
    """Refuses for a stall that was given back."""
    if assignment.released_at is not None:
        raise Refusal("settlement.released", _("这个摊位今天已经退掉了，不用报数。有疑问请找工作人员。"))


def check_amounts(takings_fen: int, chosen_fen: int | None) -> None:
    """Refuses amounts that nobody can mean."""
    for fen in (takings_fen, chosen_fen or 0):
        if not 0 <= fen <= MAX_FEN:
            raise Refusal(
                "settlement.amount_range", _("金额要在 0 和 10 亿元之间，请看看是不是打错了。"), 422
            )


def check_gift(assignment: Assignment, chosen_fen: int | None) -> None:
    """Refuses a gift of somebody who had signed nothing before the market opened (慈善法 37)."""
    if chosen_fen and not agreed_for(assignment.day, [assignment.vendor_id]):
        sentence = _("开市前没有签捐款约定，这一场不能记捐款。现在签，从下一场起算。")
        raise Refusal("settlement.no_agreement", sentence)


def check_gift_only(takings_fen: int, chosen_fen: int | None, gift_only: bool) -> None:
    """Refuses a gift told alone that says nothing, or more than itself."""
    if gift_only and (takings_fen or chosen_fen is None):
        raise Refusal("settlement.gift_only", _("只报捐多少的，请填捐多少元，不捐就填 0。"), 422)


def _says_the_same(
    report: TakingsReport,
    takings_fen: int,
    chosen_fen: int | None,
    gift_only: bool,
    source: TakingsSource,
) -> bool:
    firm = (report.source in FIRM) == (source in FIRM)
    said = (report.takings_fen, report.chosen_fen, report.gift_only)
    return firm and said == (takings_fen, chosen_fen, gift_only)


def _forget_doubt(assignment: Assignment) -> None:
    """Forgets that an unusual figure was accepted: that was the old figure, not the new one."""
    for waiver in waivers(assignment.day)[assignment.id]:
        if waiver.fault is CloseFault.GIVES_MORE_THAN_SOLD:
            db.session.delete(waiver)


def add_report(
    assignment: Assignment,
    latest: TakingsReport | None,
    takings_fen: int,
    chosen_fen: int | None,
    source: TakingsSource,
    reason: str,
    *,
    by: User | None,
    at: datetime,
    gift_only: bool = False,
) -> TakingsReport:
    """Writes the next revision; the caller holds the lock of the day and has asked whether it may be."""
    report = TakingsReport(
        day_id=assignment.day_id,
        assignment=assignment,
        revision=latest.revision + 1 if latest else 1,
        takings_fen=takings_fen,
        chosen_fen=chosen_fen,
        gift_only=gift_only,
        source=source,
        reporter=by,
        reported_at=at,
        reason=reason.strip(),
    )
    db.session.add(report)
    db.session.flush()
    audit.record(
        "settlement.report_takings", assignment, by=by, at=at,
        on_behalf_of=on_behalf_of(assignment.vendor, by), revision=report.revision,
        takings_fen=takings_fen, chosen_fen=chosen_fen, gift_only=gift_only, source=source.value,
    )  # fmt: skip
    return report


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────────────


def give_in_kind(
    day: MarketDay, vendor: Vendor, goods: str, items: int, *, by: User, at: datetime
) -> InKindItem:
    """Goods handed over at a market, counted in items and never turned into yuan."""
    lock_row(day)
    check_reporting(day)
    return record_goods(day, vendor, goods, items, by=by, at=at)


def record_goods(
    day: MarketDay, vendor: Vendor, goods: str, items: int, *, by: User, at: datetime
) -> InKindItem:
    """Writes goods down; the caller holds the lock of the day and has asked whether it may be."""
    if not 0 < items <= MAX_ITEMS:
        raise Refusal("settlement.items_range", _("请填件数，至少 1 件，最多 10 万件。"), 422)
    item = InKindItem(
        day_id=day.id, vendor=vendor, goods=goods.strip(), items=items, received_by=by.id, received_at=at
    )
    db.session.add(item)
    db.session.flush()
    audit.record(
        "settlement.give_in_kind", item, by=by, at=at, community=day.community,
        on_behalf_of=vendor.trading_name, goods=item.goods, items=items,
    )  # fmt: skip
    return item


def void_in_kind(item: InKindItem, day: MarketDay, *, by: User, at: datetime) -> None:
    """Takes back goods that were entered by mistake, as long as the market is not settled."""
    lock_row(day)
    check_reporting(day)
    db.session.refresh(item)
    if item.voided_at is None:
        item.voided_at = at
        audit.record("settlement.void_in_kind", item, by=by, at=at, community=day.community)
