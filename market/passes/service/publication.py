"""Publishing a market, and calling it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import Step
from market.db import lock_row
from market.errors import Refusal
from market.passes import keys
from market.passes.models import StallPass
from market.passes.service.passes import live_passes
from market.people.models import User
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.vendors import service as vendors
from market.vendors.models import Application
from market.vendors.rules import LIVE

CALL_OFF_STEPS = (Step.POSTPONE, Step.CANCEL)


def publish_day(day: MarketDay, *, by: User, at: datetime) -> list[StallPass]:
    """Residents see who comes and where, and everyone placed gets a pass.

    Refuses `gate.not_ready` while anything blocks, `gate.nobody_placed`, and what `take_step` refuses.
    """
    lock_row(day)
    blocking = sum(
        finding.blocks for finding in stalls.readiness(day, clock.local(at, day.community.zone).date())
    )
    if blocking:
        raise Refusal(
            "gate.not_ready",
            _("还有 %(count)s 件事没办妥，不能发布。请先看开市前检查。", count=blocking),
        )
    if not stalls.assignments(day):
        raise Refusal("gate.nobody_placed", _("还没有一家商户排了摊位。请先排摊位。"))
    calendar.take_step(day, Step.PUBLISH, by=by, at=at)
    keys.ensure_key(day.community, by=by, at=at)
    stalls.give_codes(stalls.assignments(day), at=at)
    return live_passes(day)


# ── calling off ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CallOff:
    """Whom calling a market off touches."""

    applications: list[Application]
    """Those that are live: people who count on this day."""
    placed: list[Assignment]
    passes: int
    to_call: list[Application]
    """Vendors without an account of their own, who learn it only by telephone."""


def call_off_preview(day: MarketDay) -> CallOff:
    """Looks before anybody leaps; changes nothing."""
    live = [application for application in vendors.applications(day) if application.state in LIVE]
    helped = vendors.helped([application.vendor for application in live])
    to_call = [a for a in live if a.vendor.user_id is None and a.vendor_id not in helped]
    return CallOff(live, stalls.assignments(day), len(live_passes(day)), to_call)


def call_off_day(day: MarketDay, step: Step, public_note: str, *, by: User, at: datetime) -> CallOff:
    """Postpones or cancels: stalls become free and their passes count no more, residents read `public_note`.

    Refuses `gate.no_note` and what `take_step` refuses.
    """
    lock_row(day)
    note = public_note.strip()
    if not note:
        raise Refusal("gate.no_note", _("请写一句给居民看的原因，比如：明天有大风，为了安全改期。"), 422)
    if step not in CALL_OFF_STEPS:
        raise Refusal("gate.bad_step", _("请选延期或取消。"), 422)
    touched = call_off_preview(day)
    for assignment in touched.placed:
        stalls.release(assignment, ReleaseReason.DAY_CALLED_OFF, by=by, at=at)
    calendar.take_step(day, step, by=by, at=at, reason=note, public_note=note)
    counts = {
        "applications": len(touched.applications),
        "placed": len(touched.placed),
        "passes": touched.passes,
    }
    audit.record("gate.call_off_day", day, by=by, at=at, step=step.value, counts=counts)
    return touched
