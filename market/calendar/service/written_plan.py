"""What a community writes for the safety plan of its markets: kept for all of them, or for one alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from market import audit
from market.calendar.models import MarketDay, PlanText
from market.calendar.rules import PlanPart, plan_texts_in_force
from market.communities.models import Community
from market.db import db, key_of, lock_row
from market.people.models import User


def plan_texts(
    community: Community, day: MarketDay | None, defaults: Mapping[PlanPart, str]
) -> dict[PlanPart, str]:
    """What each part says for a market, or for all of them; `defaults` is what comes with the program."""
    written = [(one.part, one.day_id is not None, one.text) for one in _rows(community, day)]
    return plan_texts_in_force(written, defaults)


def plan_text_history(community: Community, day: MarketDay | None) -> list[PlanText]:
    """Everything that was ever written on this page, the newest first."""
    return _of_page(community, day)[::-1]


def _of_page(community: Community, day: MarketDay | None) -> list[PlanText]:
    of_page = day.id if day is not None else None
    return [one for one in _rows(community, day) if one.day_id == of_page]


def _own(community: Community, day: MarketDay | None) -> dict[PlanPart, str]:
    """What was written last for each part on this page, without what stands behind it."""
    return {one.part: one.text for one in _of_page(community, day)}


def write_plan_texts(
    community: Community,
    day: MarketDay | None,
    texts: Mapping[PlanPart, str],
    defaults: Mapping[PlanPart, str],
    *,
    by: User,
    at: datetime,
) -> list[PlanText]:
    """Keeps what differs from what holds; an empty text brings back what stands behind it, where something
    was written on this page. Twice is once."""
    lock_row(day or community)
    holds, own = plan_texts(community, day, defaults), _own(community, day)
    changed = {part: text.strip() for part, text in texts.items() if _lines(text) != _lines(holds[part])}
    rows = [
        PlanText(
            community_id=community.id, day_id=day.id if day is not None else None, part=part, text=text,
            written_by=key_of(by), written_at=at,
        )
        for part, text in changed.items()
        if text or own.get(part)
    ]  # fmt: skip
    db.session.add_all(rows)
    db.session.flush()
    if rows:
        about = day if day is not None else community
        audit.record("calendar.write_plan_texts", about, by=by, at=at, parts=[row.part.value for row in rows])
    return rows


def _lines(text: str) -> list[str]:
    """A text as it is compared: browsers send other ends of lines."""
    return [line.strip() for line in text.strip().splitlines()]


def _rows(community: Community, day: MarketDay | None) -> list[PlanText]:
    own = PlanText.day_id.is_(None)
    query = (
        sa.select(PlanText)
        .where(PlanText.community_id == community.id, sa.or_(own, PlanText.day_id == day.id) if day else own)
        .order_by(PlanText.id)
        .options(joinedload(PlanText.person))
    )
    return list(db.session.scalars(query))
