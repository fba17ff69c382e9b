"""How a day's stalls are given out, and the lottery: first the list is frozen, then the number is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.allocation import lottery
from market.allocation.in_turn import EntryList, entry_list_of
from market.allocation.lottery import Seed
from market.allocation.rules import Method, SeedKind
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import local_date
from market.calendar.words import state_word
from market.db import db, key_of, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.stalls.models import Lottery, PlanMethod
from market.stalls.service.facts import PlanState, empty_state, problem_of
from market.stalls.service.guards import refuse_persons
from market.vendors.models import Application
from market.vendors.rules import PLACEABLE
from market.vendors.service import applications, barred

PLANNING_STATES = (DayState.REVIEWING, DayState.ALLOCATED)
"""States in which a whole plan may be laid anew."""
COMPARABLE = tuple(method for method in Method if method is not Method.LOTTERY)
"""Methods whose plan can be looked at beforehand; nobody may know what will be drawn."""
MOST_LETTERS = 120


@dataclass(frozen=True)
class SeedAnswer:
    """What decides a lottery, as it was typed in: a number, or the numbers of witnesses or of a drum."""

    text: str = ""
    numbers: tuple[int, ...] = ()


# ── the method ────────────────────────────────────────────────────────────────────────────────────────────


def method_of(day: MarketDay) -> str:
    """How the stalls of a day are given out."""
    chosen = db.session.scalar(sa.select(PlanMethod.method).where(PlanMethod.day_id == day.id))
    return chosen or Method.OPTIMUM.value


def choose_method(day: MarketDay, method: str, *, by: User, at: datetime) -> None:
    """Chosen before the plan; twice is once.

    Refuses `stalls.wrong_state`, `stalls.no_method` and `stalls.drawn`.
    """
    lock_row(day)
    refuse_wrong_state(day)
    if method not in list(Method):
        raise Refusal("stalls.no_method", _("没有这种分法。请从列出的几种里选。"), 422)
    if method == method_of(day):
        return
    _refuse_drawn(current_lottery(day))
    row = db.session.scalar(sa.select(PlanMethod).where(PlanMethod.day_id == day.id))
    if row is None:
        row = PlanMethod(day_id=day.id)
        db.session.add(row)
    row.method, row.chosen_by, row.chosen_at = method, key_of(by), at
    db.session.flush()
    audit.record("stalls.choose_method", day, by=by, at=at, method=method)


# ── drawing lots ──────────────────────────────────────────────────────────────────────────────────────────


def lotteries(day: MarketDay) -> list[Lottery]:
    """Every list of a day, the newest first; those taken back as well."""
    return list(
        db.session.scalars(sa.select(Lottery).where(Lottery.day_id == day.id).order_by(Lottery.id.desc()))
    )


def current_lottery(day: MarketDay) -> Lottery | None:
    """The list that counts."""
    return next((one for one in lotteries(day) if one.voided_at is None), None)


def find_lottery(day: MarketDay) -> Lottery:
    """The list that counts, for its public files."""
    found = current_lottery(day)
    if found is None:
        raise NotFound("stalls.no_draw", _("这场集市还没有公布抽签名单。"))
    return found


def freeze_list(day: MarketDay, kind: str, source: str, *, by: User, at: datetime) -> Lottery:
    """Fixes who takes part and which number will decide, before anybody can know it.

    Refuses `stalls.not_a_draw`, `stalls.frozen`, `stalls.no_source`, `stalls.nobody`, `stalls.wrong_state`.
    """
    lock_row(day)
    refuse_wrong_state(day)
    if method_of(day) != Method.LOTTERY:
        raise Refusal("stalls.not_a_draw", _("这一场不是抽签。请先在摊位图上选「抽签」。"))
    if current_lottery(day) is not None:
        raise Refusal("stalls.frozen", _("名单已经公布了。要改名单，请先写明原因，收回这一份。"))
    if kind not in list(SeedKind) or not source.strip() or len(source) > MOST_LETTERS:
        raise Refusal("stalls.no_source", _("请写清楚用哪个号码定结果，最多 120 个字。"), 422)
    refuse_persons(source)
    rule = lottery.SeedRule(SeedKind(kind), source.strip())
    published = lottery.list_bytes(entry_list(day, everybody(day)), _market_text(day), rule)
    frozen = Lottery(
        day=day, list_text=published, list_sha256=lottery.list_hash(published), seed_kind=kind,
        seed_source=rule.source, frozen_by=by.id, frozen_at=at,
    )  # fmt: skip
    db.session.add(frozen)
    db.session.flush()
    audit.record("stalls.freeze_list", frozen, by=by, at=at, sha256=frozen.list_sha256)
    return frozen


def void_list(day: MarketDay, reason: str, *, by: User, at: datetime) -> None:
    """Takes a list back before it was drawn; the public page keeps it, with the reason.

    Refuses `stalls.not_frozen`, `stalls.drawn` and `stalls.reason_missing`.
    """
    lock_row(day)
    frozen = current_lottery(day)
    if frozen is None:
        raise Refusal("stalls.not_frozen", _("还没有公布名单。请先公布名单，再抽签。"))
    _refuse_drawn(frozen)
    if not reason.strip() or len(reason) > 200:
        raise Refusal("stalls.reason_missing", _("请写清楚原因，最多 200 个字。公开页上看得到。"), 422)
    refuse_persons(reason)
    frozen.voided_at, frozen.void_reason = at, reason.strip()
    db.session.flush()
    audit.record("stalls.void_draw", frozen, by=by, at=at, reason=frozen.void_reason)


def fix_seed(day: MarketDay, answer: SeedAnswer, *, by: User, at: datetime) -> Lottery:
    """Writes down what decides; from here on nothing about the lottery can change."""
    frozen = current_lottery(day)
    if frozen is None:
        raise Refusal("stalls.not_frozen", _("还没有公布名单。请先公布名单，再抽签。"))
    _refuse_drawn(frozen)
    frozen.seed = _seed(frozen, answer)
    frozen.drawn_by, frozen.drawn_at = key_of(by), at
    db.session.flush()
    return frozen


def seed_of(day: MarketDay) -> Seed:
    """What decides the lottery of a day: the frozen list, the number, and who is passed over."""
    frozen = current_lottery(day)
    if frozen is None or frozen.seed is None:
        raise Refusal("stalls.draw_first", _("这一场用抽签。请先公布名单，再抽签。"))
    rule = lottery.SeedRule(SeedKind(frozen.seed_kind), frozen.seed_source)
    return Seed(rule, frozen.seed, _market_text(day), frozen.list_text, left_out(frozen))


def left_out(frozen: Lottery) -> tuple[str, ...]:
    """Who is passed over and which stalls are gone: as recorded, or before the lottery as it is now."""
    if frozen.record is not None:
        return tuple(json.loads(frozen.record).get("left_out", ()))
    current = everybody(frozen.day)
    usable = [stall.label for stall in current.state.stalls if not (stall.closed or stall.kept_free)]
    return lottery.left_out_of(frozen.list_text, [str(key) for key in current.applications], usable)


def came_later(frozen: Lottery) -> list[Application]:
    """Who may be placed and is not on the list: they do not take part."""
    listed = {person["id"] for person in lottery.read_list(frozen.list_text)["people"]}
    return [a for a in applications(frozen.day) if a.state in PLACEABLE and str(a.id) not in listed]


def entry_list(day: MarketDay, current: PlanState) -> EntryList:
    """The list as it would be published now."""
    return entry_list_of(problem_of(day, current))


def _seed(frozen: Lottery, answer: SeedAnswer) -> str:
    try:
        if frozen.seed_kind == SeedKind.WITNESSES:
            return lottery.seed_from_witnesses(answer.numbers)
        if frozen.seed_kind == SeedKind.DRUM:
            return lottery.seed_from_drum(answer.numbers, people_on(frozen))
        return lottery.seed_from_public_number(answer.text)
    except ValueError:
        raise Refusal("stalls.bad_seed", _SEED_ADVICE[SeedKind(frozen.seed_kind)], 422) from None


_SEED_ADVICE = {
    SeedKind.WITNESSES: _("三位见证人各报一个 0 到 999999 的整数，三个都要填。"),
    SeedKind.PUBLIC_NUMBER: _("请把公布的号码原样填进来，里面要有数字。"),
    SeedKind.DRUM: _("请按摇出的次序填名单上的序号，每个序号正好一次，不多不少。"),
}


def people_on(frozen: Lottery) -> int:
    """How many take part."""
    return len(frozen.list_text.splitlines()) - 1


def _market_text(day: MarketDay) -> str:
    return f"{day.community.name} {local_date(day)} {day.ref}"


def _refuse_drawn(frozen: Lottery | None) -> None:
    if frozen is not None and frozen.seed is not None:
        raise Refusal("stalls.drawn", _("已经抽过签了，结果不能重抽。个别调整请在摊位图上换，并写明原因。"))


# ── shared with the plan ──────────────────────────────────────────────────────────────────────────────────


def everybody(day: MarketDay) -> PlanState:
    """All who may be placed, and nobody placed yet; who may not stand is not among them.

    Refuses `stalls.no_stalls` and `stalls.nobody`.
    """
    people = [application for application in applications(day) if application.state in PLACEABLE]
    stopped = barred(day, [application.vendor for application in people])
    if people and len(stopped) == len(people):
        raise Refusal(
            "stalls.nobody", _("通过审核的几家现在都还不能出摊。请先看报名审核里缺什么，再分摊位。")
        )
    current = empty_state(day, [a for a in people if a.vendor_id not in stopped])
    _refuse_empty(current)
    return current


def refuse_wrong_state(day: MarketDay) -> None:
    if day.state not in PLANNING_STATES:
        raise Refusal(
            "stalls.wrong_state",
            _(
                "这场集市现在是「%(state)s」。报名截止以后、发布以前，才能整场分摊位。",
                state=state_word(day.state),
            ),
        )


def _refuse_empty(current: PlanState) -> None:
    if not current.stalls:
        raise Refusal("stalls.no_stalls", _("这个场地还没有画摊位。请先到「场地与摊位」里画好。"))
    if not current.applications:
        raise Refusal("stalls.nobody", _("还没有通过审核的报名。请先审核报名，再分摊位。"))
