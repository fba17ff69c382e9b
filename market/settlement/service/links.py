"""A link to tell what one vendor sold on one day without signing in: sent, or behind the code of a slip.

It is worked out and signed like a pass, so nothing is kept when it is made, and a printed slip needs no row.
Looking at it changes nothing. It is spent as soon as somebody's word is known: then whoever finds a slip can
neither read nor change what was told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

import sqlalchemy as sa
from flask_babel import LazyString, lazy_gettext as _

from market.calendar.models import MarketDay
from market.config import settings
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.passes import keys
from market.passes.address import capital_address
from market.passes.models import PassKey
from market.passes.token import BadToken, Claims, Purpose, community_of, in_validity, mint, read
from market.people.models import User
from market.settlement.models import TakingsReport
from market.settlement.rules import FIRM, TakingsSource
from market.settlement.service.queries import latest_report, reports
from market.settlement.service.takings import report_takings
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors.rules import BENEFIT_CATEGORIES

BEFORE = timedelta(hours=12)
"""So long before the planned opening it counts: a market may open early."""
LONGEST = timedelta(hours=63)
"""Until the evening of the second day after the market; a token can say no more."""


def takings_token(assignment: Assignment, key: PassKey | None = None) -> str:
    """The signed text of the link: the same every time. Whoever makes many looks up the key once.

    Refuses `gate.key_lost` where there is no key yet, as before the market is published.
    """
    day = assignment.day
    key = key or keys.signing_key(day.community)
    valid_from = day.open_at - BEFORE
    claims = Claims(
        Purpose.TAKINGS,
        key.key_id,
        key.community_id,
        day.id,
        assignment.id,
        valid_from,
        valid_from + LONGEST,
    )
    return mint(claims, keys.private_key(key))


def takings_url(assignment: Assignment, key: PassKey | None = None) -> str:
    """The address that is sent, or printed as a code."""
    return capital_address(settings().public_url, "T", takings_token(assignment, key))


def linked_stall(token: str, *, at: datetime) -> Assignment:
    """The stall whose takings a genuine link is for; where the vendor was moved to, if it was moved.

    Refuses `settlement.link_wrong` and `settlement.link_over`. Changes nothing.
    """
    try:
        claims = read(token, keys.believed_keys(community_of(token)), purpose=Purpose.TAKINGS)
    except BadToken as bad:
        raise NotFound("settlement.link_wrong", _wrong()) from bad
    if in_validity(claims, at) is not None:
        raise Refusal("settlement.link_over", _("这个报数链接过期了。请把数告诉社区工作人员。"), 410)
    return _stall_now(claims)


def _wrong() -> LazyString:
    return _("这个报数链接不对，可能没有复制全。请重新扫单子上的码，或把数告诉社区工作人员。")


def _stall_now(claims: Claims) -> Assignment:
    query = sa.select(Assignment).where(
        Assignment.id == claims.serial,
        Assignment.day_id == claims.market_day,
        Assignment.community_id == claims.community,
    )
    named = db.session.scalar(query)
    if named is None:
        raise NotFound("settlement.link_wrong", _wrong())
    return stalls.assignment_of(named.day, named.vendor) or named


def is_spent(assignment: Assignment) -> bool:
    """Whether somebody's word is known already; an estimate is nobody's."""
    latest = latest_report(assignment)
    return latest is not None and latest.source in FIRM


def report_by_link(
    assignment: Assignment,
    takings_fen: int,
    *,
    chosen_fen: int | None = None,
    gift_only: bool = False,
    by: User | None,
    at: datetime,
) -> TakingsReport:
    """What whoever holds the link says was sold; it counts once. The same figures again are the same report.

    `by` is whoever happens to be signed in on that phone, often nobody. Refuses `settlement.link_spent`.
    """
    lock_row(assignment.day)
    latest = latest_report(assignment)
    if latest is not None and latest.source in FIRM:
        _refuse_other_figures(latest, takings_fen, chosen_fen, gift_only)
        return latest
    race_point("settlement.report_by_link")
    return report_takings(
        assignment,
        takings_fen,
        chosen_fen=chosen_fen,
        gift_only=gift_only,
        source=TakingsSource.LINK,
        by=by,
        at=at,
    )


def _refuse_other_figures(
    latest: TakingsReport, takings_fen: int, chosen_fen: int | None, gift_only: bool
) -> None:
    """A phone that lost the answer sends again; anybody else is told that it is done."""
    said = (latest.source, latest.takings_fen, latest.chosen_fen, latest.gift_only)
    if said != (TakingsSource.LINK, takings_fen, chosen_fen, gift_only):
        raise Refusal("settlement.link_spent", spent_sentence())


def spent_sentence() -> LazyString:
    """Why the link takes nothing more; it does not say what was told."""
    return _("这家这一场已经报过数了，这个链接用完了。要改数，请告诉社区工作人员。")


def _sent_url(token: str) -> str:
    """The address as it is sent in a message: programs that find links stop at stars and last dots."""
    return f"{settings().public_url}/T/{quote(token, safe='').replace('.', '%2E')}"


def links_to_send(day: MarketDay) -> list[tuple[Assignment, str]]:
    """Who has not told yet, and the link to send each."""
    key, told = keys.signing_key(day.community), reports(day)
    return [
        (held, _sent_url(takings_token(held, key)))
        for held in stalls.assignments(day)
        if not any(report.source in FIRM for report in told.get(held.vendor_id, ())[-1:])
        and held.vendor.category not in BENEFIT_CATEGORIES
    ]
