"""What a community decides before stalls are given out: quotas, stalls kept free, duties, weights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.allocation.market_rules import Quota as QuotaRule
from market.allocation.mix import least_in_all, quota_fault
from market.allocation.weights import MOST, others, weights_fault
from market.calendar.models import MarketDay
from market.calendar.rules import EDITABLE_STATES, DayState
from market.calendar.words import state_word
from market.communities.models import Community
from market.db import db, key_of, lock_row, race_point
from market.errors import Refusal
from market.people.models import User
from market.places.models import Stall
from market.stalls.models import AllocationWeights, Assignment, KeptFree, Quota, StallHold, ZoneDuty
from market.stalls.service.guards import refuse_persons
from market.stalls.service.market_rules import duties, kept_free, quotas, weights_of
from market.stalls.service.offers import offers_now
from market.stalls.words import WEIGHT_WORDS
from market.vendors.rules import Category
from market.vendors.words import CATEGORY_WORDS

QUOTA_STATES = (
    DayState.DRAFT, DayState.PREPARED, DayState.OPEN_FOR_APPLICATION, DayState.REVIEWING,
    DayState.ALLOCATED, DayState.POSTPONED,
)  # fmt: skip
"""Afterwards vendors and residents have been told who comes."""
MOST_LETTERS = 40
"""Of a person's name."""

NO_RULE = QuotaRule()


# ── how many of each category ─────────────────────────────────────────────────────────────────────────────


def set_quotas(day: MarketDay, rules: Mapping[str, QuotaRule], *, by: User, at: datetime) -> None:
    """Replaces all quotas of a day; a category without a rule takes any number. Twice is once.

    Refuses `stalls.wrong_state`, `stalls.no_category`, `stalls.bad_quota`, `stalls.most_below_least` and
    `stalls.too_many_least`.
    """
    lock_row(day)
    _refuse_published(day)
    wanted = {category: rule for category, rule in rules.items() if rule != NO_RULE}
    _refuse_quotas(wanted, day.stall_limit)
    _write_quotas(day, wanted, by=by, at=at)


def _write_quotas(day: MarketDay, wanted: Mapping[str, QuotaRule], *, by: User, at: datetime) -> None:
    if wanted == quotas(day):
        return
    race_point("stalls.set_quotas")
    db.session.execute(sa.delete(Quota).where(Quota.day_id == day.id))
    db.session.add_all(
        Quota(
            day_id=day.id, category=category, minimum=wanted[category].minimum,
            maximum=wanted[category].maximum, target=wanted[category].target,
        )
        for category in Category if category in wanted
    )  # fmt: skip
    db.session.flush()
    told = {category: [rule.minimum, rule.maximum, rule.target] for category, rule in wanted.items()}
    audit.record("stalls.set_quotas", day, by=by, at=at, quotas=told)


_QUOTA_SENTENCES: dict[str, Any] = {
    "no_category": _("没有「%(category)s」这个品类。请从列出的品类里填。"),
    "bad_quota": _("%(category)s的家数请填 0 到 999 的整数。"),
    "most_below_least": _("%(category)s的「最多」比「至少」还少。请把「最多」填大一些，或空着不限。"),
    "too_many_least": _(
        "各类「至少」加起来要 %(least)s 家，当天只开 %(room)s 个摊位。请把「至少」填小一些。"
    ),
}


def _refuse_quotas(wanted: Mapping[str, QuotaRule], room: int) -> None:
    fault = quota_fault(wanted, room, set(Category))
    if fault is not None:
        code, category = fault
        words = {known.value: word for known, word in CATEGORY_WORDS.items()}
        told = {"category": words.get(category, category), "least": least_in_all(wanted), "room": room}
        raise Refusal(f"stalls.{code}", _QUOTA_SENTENCES[code] % told, 422)


# ── stalls kept free ──────────────────────────────────────────────────────────────────────────────────────


def keep_free(day: MarketDay, stall: Stall, *, by: User, at: datetime) -> None:
    """Nobody shall stand on this stall on this day; twice is once.

    Refuses `stalls.wrong_state`, and `stalls.taken` naming who holds it or was asked to come.
    """
    lock_row(day)
    _refuse_over(day)
    if stall.id in kept_free(day):
        return
    _refuse_taken(day, stall, at)
    race_point("stalls.keep_free")
    db.session.add(KeptFree(day_id=day.id, stall_id=stall.id, kept_by=by.id, kept_at=at))
    db.session.flush()
    audit.record("stalls.keep_free", day, by=by, at=at, stall=stall.label)


def use_again(day: MarketDay, stall: Stall, *, by: User, at: datetime) -> None:
    """The stall may be given out again; twice is once. Refuses `stalls.wrong_state`."""
    lock_row(day)
    _refuse_over(day)
    if stall.id not in kept_free(day):
        return
    db.session.execute(sa.delete(KeptFree).where(KeptFree.day_id == day.id, KeptFree.stall_id == stall.id))
    audit.record("stalls.use_again", day, by=by, at=at, stall=stall.label)


def _refuse_taken(day: MarketDay, stall: Stall, at: datetime) -> None:
    query = (
        sa.select(Assignment)
        .join(StallHold, StallHold.assignment_id == Assignment.id)
        .where(StallHold.day_id == day.id, StallHold.stall_id == stall.id)
    )
    held = db.session.scalar(query)
    if held is not None:
        sentence = _(
            "%(stall)s 号已经排给%(name)s。请先给他换一个摊位，再留空。",
            stall=stall.label, name=held.vendor.trading_name,
        )  # fmt: skip
        raise Refusal("stalls.taken", sentence)
    for offer in offers_now(day, at):
        if offer.stall_id == stall.id:
            name = offer.application.vendor.trading_name
            sentence = _("%(stall)s 号已经请%(name)s来补位，还没有答复。", stall=stall.label, name=name)
            raise Refusal("stalls.taken", sentence)


# ── who looks after what ──────────────────────────────────────────────────────────────────────────────────


def set_duties(day: MarketDay, people: Mapping[str, str], *, by: User, at: datetime) -> None:
    """Who looks after each zone (负责网格员); an empty name takes the duty away. Replaces all; twice is once.

    Refuses `stalls.wrong_state` and `stalls.bad_person`.
    """
    lock_row(day)
    _refuse_over(day)
    wanted = {zone: name.strip() for zone, name in sorted(people.items()) if name.strip()}
    for name in wanted.values():
        if len(name) > MOST_LETTERS:
            raise Refusal("stalls.bad_person", _("名字最多 40 个字。一个区写一位就行。"), 422)
    _write_duties(day, wanted, by=by, at=at)


def _write_duties(day: MarketDay, wanted: dict[str, str], *, by: User, at: datetime) -> None:
    if wanted == duties(day):
        return
    db.session.execute(sa.delete(ZoneDuty).where(ZoneDuty.day_id == day.id))
    db.session.add_all(ZoneDuty(day_id=day.id, zone=zone, person=name) for zone, name in wanted.items())
    db.session.flush()
    audit.record("stalls.set_duties", day, by=by, at=at, duties=wanted)


def copy_rules(from_day: MarketDay, to_day: MarketDay, *, by: User, at: datetime) -> None:
    """The same quotas and duties; stalls kept free were about that one day. Refuses `stalls.wrong_state`."""
    lock_row(to_day)
    _refuse_published(to_day)
    _write_quotas(to_day, quotas(from_day), by=by, at=at)
    _write_duties(to_day, duties(from_day), by=by, at=at)


# ── what a place is worth ─────────────────────────────────────────────────────────────────────────────────


def set_weights(
    community: Community, weights: Mapping[str, int], reason: str, *, by: User, at: datetime
) -> None:
    """What the best plan weighs here from now on; public, with the reason. Twice is once.

    Refuses `stalls.no_weight`, `stalls.bad_weight`, `stalls.placed_too_light` and `stalls.reason_missing`.
    """
    lock_row(community)
    _refuse_weights(weights)
    before = weights_of(community)
    if weights == before:
        return
    if not reason.strip() or len(reason) > 200:
        raise Refusal("stalls.reason_missing", _("请写清楚为什么改，最多 200 个字。公开页上看得到。"), 422)
    refuse_persons(reason)
    race_point("stalls.set_weights")
    row = db.session.scalar(
        sa.select(AllocationWeights).where(AllocationWeights.community_id == community.id)
    )
    if row is None:
        row = AllocationWeights(community_id=community.id)
        db.session.add(row)
    row.weights, row.changed_by, row.changed_at = dict(weights), key_of(by), at
    db.session.flush()
    changed = {name: [before[name], weight] for name, weight in weights.items() if weight != before[name]}
    audit.record(
        "stalls.set_weights", row, by=by, at=at, community=community, reason=reason.strip(), changed=changed
    )


_WEIGHT_SENTENCES: dict[str, Any] = {
    "no_weight": _("没有「%(name)s」这一项，或少填了它。请把列出的每一项都填上。"),
    "bad_weight": _("「%(name)s」请填 0 到 %(most)s 的整数。"),
    "placed_too_light": _(
        "「有摊位可以出摊」要比其他各项加起来（%(others)s 分）还大，这样才先让更多摊主有摊位，再讲究别的。"
    ),
}


def _refuse_weights(weights: Mapping[str, int]) -> None:
    fault = weights_fault(weights)
    if fault is not None:
        code, name = fault
        told = {"name": WEIGHT_WORDS.get(name, name), "most": f"{MOST:,}", "others": f"{others(weights):,}"}
        raise Refusal(f"stalls.{code}", _WEIGHT_SENTENCES[code] % told, 422)


# ── states ────────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_published(day: MarketDay) -> None:
    if day.state not in QUOTA_STATES:
        sentence = _(
            "这场集市现在是「%(state)s」，摊主已经知道结果，各类家数不能再改。", state=state_word(day.state)
        )
        raise Refusal("stalls.wrong_state", sentence)


def _refuse_over(day: MarketDay) -> None:
    if day.state not in (*EDITABLE_STATES, DayState.OPEN):
        sentence = _("这场集市现在是「%(state)s」，不能再改了。", state=state_word(day.state))
        raise Refusal("stalls.wrong_state", sentence)
