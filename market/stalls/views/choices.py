"""What may be chosen on the plan page: who is moved, and where to."""

from __future__ import annotations

from flask_babel import gettext as _

from market.allocation.pairs import exchange, find_spot
from market.allocation.rules import StallFacts
from market.places.models import Stall
from market.stalls.forms import MoveForm
from market.stalls.models import Assignment
from market.stalls.service import PlanState
from market.vendors.models import Application


def offer(form: MoveForm, current: PlanState) -> None:
    """Fills both lists; once somebody is chosen, only the stalls that are possible remain."""
    held = sorted(current.live.values(), key=lambda one: one.stall.label)
    standing = [(one.application.ref, f"{one.label} {one.vendor.trading_name}") for one in held]
    waiting = [
        (a.ref, a.vendor.trading_name) for a in current.applications.values() if a.id not in current.live
    ]
    form.who.choices = {"": [("", _("请选"))], _("已有摊位"): standing, _("候补"): waiting}
    who = next((a for a in current.applications.values() if a.ref == form.who.data), None)
    offered = (_choice(current, who, facts) for facts in current.state.stalls)
    form.to.choices = [("", _("请选")), *(choice for choice in offered if choice is not None)]


def _choice(current: PlanState, who: Application | None, facts: StallFacts) -> tuple[str, str] | None:
    stall = current.stalls[facts.id]
    holder = current.holder_of(stall)
    if holder is not None:
        possible = holder.stall_id == stall.id and (who is None or _may_swap(current, who, holder))
        label = _("%(stall)s（和%(name)s对调）", stall=holder.label, name=holder.vendor.trading_name)
        return (f"{stall.ref}.{holder.application.ref}", label) if possible else None
    if who is None:
        return None if facts.closed else (stall.ref, _offer_label(stall, stall.label, facts))
    spot, conflicts = find_spot(current.state, who.id, stall.id)
    return None if conflicts else (stall.ref, _offer_label(stall, current.label_of(spot), facts))


def _may_swap(current: PlanState, who: Application, holder: Assignment) -> bool:
    if who.id not in current.live or who.id == holder.application_id:
        return False
    return not exchange(current.state, who.id, holder.application_id)[1]


def _offer_label(stall: Stall, label: str, facts: StallFacts) -> str:
    state = _("留空") if facts.kept_free else _("空")
    things = (
        (_("有电"), stall.power_w),
        (_("有水"), stall.water),
        (_("有遮阴"), stall.shade),
        (_("不能用明火"), facts.no_flame),
        (_("爱心公益"), stall.reserved),
    )
    return " · ".join([label, state, *(word for word, there in things if there)])
