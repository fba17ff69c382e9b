"""What happened that other servers want to hear, found in the journal; what is said of it when it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.calendar.rules import public_status
from market.config import settings
from market.db import db, lock_row, race_point
from market.fund.notice_rows import QuarterNotice
from market.journal.models import Journal
from market.outbox.rules import digest
from market.programs.models import HookDelivery, Webhook
from market.programs.rules import ACTS, LOG_KEPT, Event, event_of
from market.programs.service.hooks import lines_of
from market.settlement.models import Settlement

API = "/api/v1"

# ── found ─────────────────────────────────────────────────────────────────────────────────────────────────


def hooks_with_news(_at: datetime) -> list[int]:
    """The subscriptions in whose community something was written since they were looked at."""
    query = sa.select(Webhook.id).join(Journal, Journal.chain == Webhook.community_id)
    live = sa.and_(Webhook.ended_at.is_(None), Webhook.disabled_at.is_(None))
    return list(db.session.scalars(query.where(live, Journal.lines > Webhook.seen_line)))


def plan(hook_id: int, at: datetime) -> int:
    """Puts what happened since into the line of one subscription; how much. Twice is once."""
    hook = db.session.get_one(Webhook, hook_id)
    lock_row(hook)
    if hook.ended_at is not None:  # meanwhile: what is put into its line now would wait for ever
        return 0
    until = lines_of(hook.community)
    race_point("programs.plan")
    found = [row for line in _lines(hook, until, at) if (row := _delivery(hook, line, at)) is not None]
    db.session.add_all(found)
    hook.seen_line = until
    db.session.flush()
    return len(found)


def _lines(hook: Webhook, until: int, at: datetime) -> list[AuditRow]:
    ours = sa.and_(AuditRow.chain == hook.community_id, AuditRow.number > hook.seen_line)
    query = sa.select(AuditRow).where(ours, AuditRow.number <= until, AuditRow.act.in_(ACTS))
    return list(db.session.scalars(query.where(AuditRow.at > at - LOG_KEPT).order_by(AuditRow.number)))


def _delivery(hook: Webhook, line: AuditRow, at: datetime) -> HookDelivery | None:
    event = event_of(line.act, str(line.detail.get("step", "")))
    if event is None or event not in hook.events:
        return None
    return HookDelivery(
        webhook=hook, line=line.number or 0, event=event, subject=line.object_ref, happened_at=line.at,
        not_before=at,
    )  # fmt: skip


# ── said ──────────────────────────────────────────────────────────────────────────────────────────────────


def body_of(row: HookDelivery, at: datetime) -> bytes | None:
    """What is said now; None when there is nothing to say any more, or residents do not know of it.

    It holds no figure: where to read them is said, and what may be told of them is decided there.
    """
    data = _SAID[row.event](row, at)
    if data is None:
        return None
    told = {
        "type": row.event.value,
        "timestamp": _moment(row.happened_at),
        "data": {"community": row.webhook.community.slug, **data},
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _of_market(row: HookDelivery, at: datetime) -> dict[str, Any] | None:
    day = db.session.scalar(sa.select(MarketDay).where(MarketDay.ref == row.subject))
    if day is None or not day.was_public:
        return None
    status = public_status(
        day.state, open_at=day.open_at, close_at=day.close_at, closed_early=day.closed_early, at=at
    )
    return {
        "market": day.ref,
        "status": status.value,
        "opens_at": _moment(day.open_at),
        "ends_at": _moment(day.ends_at),
        "read": _address(row, f"/markets/{day.ref}"),
    }


def _of_settlement(row: HookDelivery, _at: datetime) -> dict[str, Any] | None:
    closed = db.session.scalar(sa.select(Settlement).where(Settlement.ref == row.subject))
    if closed is None or not closed.day.was_public:
        return None
    ref = closed.day.ref
    return {"market": ref, "read": _address(row, f"/markets/{ref}/account")}


def _of_fund(row: HookDelivery, _at: datetime) -> dict[str, Any]:
    """Which market it was of is not said: that of few vendors is published in a sum with others."""
    return {"read": _address(row, "/fund")}


def _of_notice(row: HookDelivery, _at: datetime) -> dict[str, Any] | None:
    notice = db.session.scalar(sa.select(QuarterNotice).where(QuarterNotice.ref == row.subject))
    return {"notice": notice.ref, "hash": notice.hash, "read": _address(row, "/fund")} if notice else None


def _of_test(_row: HookDelivery, _at: datetime) -> dict[str, Any]:
    return {}


_SAID: dict[Event, Callable[[HookDelivery, datetime], dict[str, Any] | None]] = {
    Event.MARKET_PUBLISHED: _of_market,
    Event.MARKET_MOVED: _of_market,
    Event.MARKET_CANCELLED: _of_market,
    Event.MARKET_SETTLED: _of_settlement,
    Event.CONTRIBUTION_CONFIRMED: _of_fund,
    Event.NOTICE_PUBLISHED: _of_notice,
    Event.TEST: _of_test,
}


def _address(row: HookDelivery, tail: str) -> str:
    slug = row.webhook.community.slug
    return f"{settings().public_url}{API}/communities/{slug}{tail}"


def number_of(row: HookDelivery) -> str:
    """Under which number a message goes: the same however often it is sent."""
    return f"msg_{row.ref}_{digest([row.event, str(row.line)])}"
