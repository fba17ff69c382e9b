"""What every act on a plan looks at first, and the sentences with which it stops."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.allocation.discouraged import discouraged
from market.allocation.rules import Assignment as Spots, Conflict, Param
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.words import state_word
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.places.models import Stall
from market.stalls.models import Assignment
from market.stalls.service.facts import PlanState, plan_state
from market.stalls.words import conflict_sentence
from market.typed_text import names_a_person
from market.vendors.models import Application, Vendor

MOVING_STATES = (
    DayState.REVIEWING, DayState.ALLOCATED, DayState.PUBLISHED, DayState.SETTING_UP, DayState.OPEN,
)  # fmt: skip
"""States in which single vendors may be placed and moved."""


def begin(day: MarketDay, *also: Application) -> PlanState:
    """Locks the day and reads who stands where, those of `also` among them."""
    lock_row(day)
    refuse_wrong_state(day)
    return plan_state(day, also)


def refuse_persons(text: str) -> None:
    """Refuses (`stalls.personal_data`) a sentence for a public page that holds somebody's number."""
    if names_a_person(text):
        sentence = _("这一句会一直公开，请不要写手机号或身份证号。")
        raise Refusal("stalls.personal_data", sentence, 422)


def refuse_wrong_state(day: MarketDay) -> None:
    if day.state not in MOVING_STATES:
        sentence = _("这场集市现在是「%(state)s」，不能调整摊位。", state=state_word(day.state))
        raise Refusal("stalls.wrong_state", sentence)


def refuse_released(*assignments: Assignment) -> None:
    """Locks the day; somebody may have been moved a moment ago."""
    for assignment in assignments:
        lock_row(assignment.day)
        db.session.refresh(assignment)
        if assignment.released_at is not None:
            sentence = _(
                "%(name)s已经不在 %(stall)s 号了，刚刚有人调整过。请看看现在的摊位图，再试一次。",
                name=assignment.vendor.trading_name,
                stall=assignment.label,
            )
            raise Refusal("stalls.released", sentence)


def refuse_unknown(current: PlanState, stall: Stall) -> None:
    if stall.id in current.stalls:
        return
    if stall.retired_at is not None:
        raise Refusal("stalls.misfit", _("%(stall)s 号已经停用，请换一个摊位。", stall=stall.label))
    raise NotFound("stalls.no_stall", _("这场集市没有这个摊位。"))


def refuse_taken(day: MarketDay, stall: Stall, application: Application) -> None:
    """Refuses a stall that is taken, before anything else that may be wrong with it."""
    query = (
        sa.select(Vendor.trading_name)
        .join(Assignment, Assignment.vendor_id == Vendor.id)
        .where(
            Assignment.day_id == day.id,
            sa.or_(Assignment.stall_id == stall.id, Assignment.second_stall_id == stall.id),
            Assignment.released_at.is_(None),
            Assignment.application_id != application.id,
        )
    )
    holder = db.session.scalar(query)
    if holder is not None:
        sentence = _(
            "%(stall)s 已经给了 %(by)s。可以让两家对调，或换一个空摊位。", stall=stall.label, by=holder
        )
        raise Refusal("stalls.taken", sentence)


def refuse_pair(application: Application, stall: Stall, conflicts: Sequence[Conflict]) -> None:
    """Refuses when a vendor needs two stalls, naming the neighbouring stall that is gone and who has it."""
    taken = next((conflict for conflict in conflicts if conflict.code == "taken"), None)
    if taken is not None and taken.params["stall"] != stall.label:
        sentence = _(
            "%(name)s要两个相邻的摊位，%(stall)s 号旁边的 %(beside)s 号已经给了 %(by)s。"
            "请换一处，或让他只要一个摊位。",
            name=application.vendor.trading_name,
            stall=stall.label,
            beside=taken.params["stall"],
            by=taken.params["by"],
        )
        raise Refusal("stalls.no_pair", sentence)


def refuse_conflicts(conflicts: Sequence[Conflict]) -> None:
    for conflict in conflicts:
        code = "stalls.full" if conflict.code == "limit_reached" else "stalls.misfit"
        raise Refusal(code, conflict_sentence(conflict))


def weigh(current: PlanState, spots: Spots, because: str) -> dict[str, Param]:
    """What is kept of a warning that somebody overrode; a warning without a reason stops the act."""
    against = discouraged(current.strict, spots)
    if not against:
        return {}
    if not because.strip():
        sentence = _("%(warning)s如果确实要这样安排，请写明原因。", warning=conflict_sentence(against[0]))
        raise Refusal("stalls.unwise", sentence)
    return {"against": against[0].code, "because": because.strip()[:200]}
