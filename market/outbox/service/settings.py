"""By what a community sends, and when it does not."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.config import settings
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.outbox.channels import is_connected
from market.outbox.models import Outgoing, SendRule
from market.outbox.rule_draft import RuleDraft
from market.outbox.rules import ADDRESS, Errand, Way, digest, is_allowed
from market.outbox.sealing import seal, unseal
from market.outbox.words import ADDRESS_FAULT, ROBOT_FAULT
from market.people.models import User


def rule_of(community: Community) -> SendRule | None:
    """None: nothing leaves the house."""
    return db.session.scalar(sa.select(SendRule).where(SendRule.community_id == community.id))


def ways_open(rule: SendRule | None) -> tuple[Way, ...]:
    """What is switched on, and the platform is connected to."""
    if rule is None:
        return ()
    return tuple(way for way in Way if rule.has_on(way) and is_connected(way, settings()))


def set_rule(community: Community, draft: RuleDraft, *, by: User, at: datetime) -> SendRule:
    """From now on messages leave by these ways. Refuses an address that is none."""
    if draft.reply_to and not ADDRESS(draft.reply_to):
        raise Refusal("outbox.bad_address", ADDRESS_FAULT)
    rule = _rule(community, by, at)
    for name, value in asdict(draft).items():
        setattr(rule, name, value)
    rule.set_by, rule.set_at = by.id, at
    db.session.flush()
    on = [way.value for way in ways_open(rule)]
    audit.record("outbox.set_rule", rule, by=by, at=at, on=on, quiet=f"{rule.quiet_from}–{rule.quiet_to}")
    return rule


def _rule(community: Community, by: User, at: datetime) -> SendRule:
    lock_row(community)
    rule = rule_of(community)
    if rule is None:
        rule = SendRule(community_id=community.id, set_by=by.id, set_at=at)
        db.session.add(rule)
        db.session.flush()
    return rule


def set_robot(community: Community, url: str, *, by: User, at: datetime) -> None:
    """The group's robot; its address is never shown again. Refuses every address that is no such robot's."""
    if not is_allowed(url, settings().webhook_origins):
        raise Refusal("outbox.bad_robot", ROBOT_FAULT)
    rule = _rule(community, by, at)
    rule.robot_sealed, rule.robot_tail = seal(url, community.id), url[-4:]
    rule.robot = True
    rule.set_by, rule.set_at = by.id, at
    audit.record("outbox.set_robot", rule, by=by, at=at)


def remove_robot(community: Community, *, by: User, at: datetime) -> None:
    """The robot's address is deleted. Twice is once."""
    lock_row(community)
    rule = rule_of(community)
    if rule is not None and rule.robot_sealed is not None:
        race_point("outbox.remove_robot")
        rule.robot_sealed, rule.robot_tail, rule.robot = None, "", False
        rule.set_by, rule.set_at = by.id, at
        audit.record("outbox.remove_robot", rule, by=by, at=at)


def robot_url(rule: SendRule | None) -> str:
    """The robot's address; empty when there is none, or it was sealed under another secret."""
    sealed = rule.robot_sealed if rule is not None else None
    return (unseal(bytes(sealed), rule.community_id) or "") if rule is not None and sealed else ""


def ask_for_test(community: Community, way: Way, address: str, *, by: User, at: datetime) -> Outgoing:
    """A message that proves the way: it goes the same road as all. Refuses an address that is none."""
    if way is Way.EMAIL and not ADDRESS(address):
        raise Refusal("outbox.bad_address", ADDRESS_FAULT)
    if way not in ways_open(rule_of(community)):
        raise Refusal("outbox.way_shut", _("这条路还没有打开。先打开、存下来，再试。"))
    lock_row(community)
    query = sa.select(sa.func.count()).where(Outgoing.errand == Errand.TEST, Outgoing.way == way)
    subject = f"test:{community.id}"
    number = (db.session.scalar(query.where(Outgoing.subject == subject)) or 0) + 1
    row = Outgoing(
        community_id=community.id,
        way=way,
        errand=Errand.TEST,
        subject=subject,
        number=number,
        mark=digest([address, str(number)]),
        address=address,
        made_at=at,
        not_before=at,
    )
    db.session.add(row)
    audit.record("outbox.ask_for_test", row, by=by, at=at, way=way.value)
    return row
