"""What a community suggests to its vendors, and how a new suggestion does on the markets that are over."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.communities.service import profile_of
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.settlement.models import SettlementLine, SuggestedTerms
from market.settlement.rehearsal import MARKETS, PastLine, Rehearsal, rehearse
from market.settlement.rules import Terms, TermsKind, terms_facts
from market.settlement.service.queries import settlements
from market.settlement.service.takings import checked_terms
from market.stalls.models import Assignment
from market.vendors.models import Vendor


def suggestion_history(community: Community) -> list[SuggestedTerms]:
    """Every version of what a community suggested, the newest first."""
    query = sa.select(SuggestedTerms).where(SuggestedTerms.community_id == community.id)
    return list(db.session.scalars(query.order_by(SuggestedTerms.version.desc())))


def current_suggestion(community: Community) -> SuggestedTerms | None:
    """What a community suggests now; None when nothing."""
    newest = next(iter(suggestion_history(community)), None)
    return newest if newest is not None and newest.terms.kind is not TermsKind.NONE else None


def suggest_terms(
    community: Community, terms: Terms, decision: str, *, by: User, at: datetime
) -> SuggestedTerms:
    """The next version of what a community suggests. Nobody's agreement changes: who likes it signs it.

    `decision` names who decided so and when. Suggesting the same again changes nothing.
    """
    terms = checked_terms(terms)
    lock_row(community)
    history = suggestion_history(community)
    if history and history[0].terms == terms:
        return history[0]
    if not decision.strip():
        raise Refusal("settlement.no_decision", _("请写是谁、什么时候这样定的。"), 422)
    suggestion = SuggestedTerms(
        community_id=community.id,
        version=len(history) + 1,
        terms=terms,
        decision=decision.strip(),
        person=by,
        suggested_at=at,
    )
    db.session.add(suggestion)
    db.session.flush()
    audit.record(
        "settlement.suggest_terms", suggestion, by=by, at=at, version=suggestion.version, **terms_facts(terms)
    )
    return suggestion


def rehearse_suggestion(community: Community, terms: Terms) -> Rehearsal:
    """What these terms would have changed at the last markets; stores nothing."""
    smallest = profile_of(community).disclosure.smallest_group
    return rehearse(_past_lines(community), checked_terms(terms), smallest)


def rehearsed_markets(community: Community) -> int:
    """On how many markets a suggestion is tried."""
    return min(MARKETS, len(settlements(community)))


def _past_lines(community: Community) -> list[PastLine]:
    """The lines of the last markets that are settled, as they count now."""
    last = [settlement.id for settlement in settlements(community)[-MARKETS:]]
    query = (
        sa.select(SettlementLine, Vendor.id, Vendor.category)
        .join(Assignment, SettlementLine.assignment_id == Assignment.id)
        .join(Vendor, Assignment.vendor_id == Vendor.id)
        .where(SettlementLine.settlement_id.in_(last))
        .order_by(SettlementLine.id)
    )
    return [
        PastLine(
            vendor_id,
            category,
            line.takings_fen,
            line.terms,
            line.chosen_fen,
            line.contribution_fen,
            line.gift_only,
        )
        for line, vendor_id, category in db.session.execute(query)
    ]
