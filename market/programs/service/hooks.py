"""Subscriptions: servers that are told what happens in a community."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.config import settings
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.journal.models import Journal
from market.outbox.rules import OPEN, SendState
from market.outbox.sealing import seal, unseal
from market.people.models import User
from market.programs.models import HookDelivery, Webhook
from market.programs.rules import (
    MOST_HOOKS,
    SECRET_BYTES,
    SECRET_SIGN,
    SUBSCRIBED,
    Event,
    may_be_told,
)

PURPOSE = "market/webhook-secret/v1"


def subscribe(
    community: Community, url: str, events: Collection[Event], *, by: User, at: datetime
) -> tuple[Webhook, str]:
    """A server that is told from now on, and the secret that its messages are signed with, shown once.

    Refuses `programs.bad_url`, `programs.no_events` and `programs.too_many_hooks`.
    """
    lock_row(community)
    if not may_be_told(url, any_port=bool(settings().hook_networks)):
        raise Refusal("programs.bad_url", _("请填 https:// 开头的地址，端口只能是 443 或 8443。"), 422)
    wanted = tuple(event for event in SUBSCRIBED if event in events)
    if not wanted:
        raise Refusal("programs.no_events", _("请选要告诉对方的事，至少一样。"), 422)
    if len(hooks_of(community)) >= MOST_HOOKS:
        raise Refusal("programs.too_many_hooks", _("这里已经有 10 个订阅。先停掉一个不用的。"))
    secret = SECRET_SIGN + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    hook = Webhook(
        community=community, url=url, secret_sealed=seal(secret, community.id, PURPOSE),
        events_text=" ".join(wanted), made_by=by.id, made_at=at, seen_line=lines_of(community),
    )  # fmt: skip
    db.session.add(hook)
    db.session.flush()
    audit.record("programs.subscribe", hook, by=by, at=at, events=wanted)
    return hook, secret


def lines_of(community: Community) -> int:
    """How long the community's journal is."""
    return db.session.scalar(sa.select(Journal.lines).where(Journal.chain == community.id)) or 0


def secret_of(hook: Webhook) -> str | None:
    """What its messages are signed with; None when the installation's secret has changed."""
    return unseal(bytes(hook.secret_sealed), hook.community_id, PURPOSE)


def unsubscribe(hook: Webhook, *, by: User, at: datetime) -> None:
    """Nothing more is sent there. Twice is once."""
    lock_row(hook)
    if hook.ended_at is None:
        hook.ended_at, hook.ended_by = at, by.id
        waiting = sa.and_(HookDelivery.webhook_id == hook.id, HookDelivery.state.in_(OPEN))
        change = sa.update(HookDelivery).where(waiting).values(state=SendState.OVERTAKEN, ended_at=at)
        db.session.execute(change.execution_options(synchronize_session=False))
        audit.record("programs.unsubscribe", hook, by=by, at=at)


def resume(hook: Webhook, *, by: User, at: datetime) -> None:
    """Sends again after too many failures, also what happened meanwhile. Twice is once.

    Refuses `programs.hook_ended`.
    """
    lock_row(hook)
    refuse_ended(hook)
    if hook.disabled_at is not None:
        hook.disabled_at, hook.failures = None, 0
        audit.record("programs.resume", hook, by=by, at=at)


def ask_for_test(hook: Webhook, *, by: User, at: datetime) -> HookDelivery:
    """A message that says nothing happened; it goes the same road as all. Refuses `programs.hook_ended`."""
    lock_row(hook)
    refuse_ended(hook)
    lowest = sa.select(sa.func.min(HookDelivery.line)).where(HookDelivery.webhook_id == hook.id)
    line = min(0, db.session.scalar(lowest) or 0) - 1  # below all lines of the journal
    row = HookDelivery(
        webhook=hook, line=line, event=Event.TEST, subject=hook.ref, happened_at=at, not_before=at
    )
    db.session.add(row)
    db.session.flush()
    audit.record("programs.ask_for_test", hook, by=by, at=at)
    return row


def refuse_ended(hook: Webhook) -> None:
    """Refuses `programs.hook_ended`: nothing would ever leave."""
    if hook.ended_at is not None:
        raise Refusal("programs.hook_ended", _("这个订阅已经停了。"))


def hooks_of(community: Community) -> list[Webhook]:
    """The subscriptions that were not ended, the oldest first."""
    query = sa.select(Webhook).where(Webhook.community_id == community.id, Webhook.ended_at.is_(None))
    return list(db.session.scalars(query.order_by(Webhook.id)))


def find_hook(community: Community, ref: str) -> Webhook:
    query = sa.select(Webhook).where(Webhook.community_id == community.id, Webhook.ref == ref)
    hook = db.session.scalar(query)
    if hook is None:
        raise NotFound("programs.no_hook", _("没有这个订阅。"))
    return hook
