"""Whatever is done to a plan: every pass that was ever printed gets a true answer.

What is true is read from who holds which stall, and never from passes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from market.calendar.rules import DayState, Step
from market.calendar.service import local_date, reschedule, shifted_draft
from market.db import db
from market.gate import service as gate, words
from market.gate.rules import Verdict
from market.passes import service as passes
from market.passes.models import StallPass
from market.passes.rules import RevokeReason, Standing
from market.places.service import live_stalls
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.service import holds, versions
from tests.factories import gate as make
from tests.factories.calendar import bring_to, time_of
from tests.factories.desk import Desk

ACTS = 10


@dataclass(frozen=True)
class Printed:
    """What somebody has in hand."""

    token: str
    short_code: str
    version: int
    vendor: str
    on: date


@dataclass
class Story:
    """A market to which things happen, and every pass that was printed on the way."""

    desk: Desk
    chance: random.Random
    printed: list[Printed] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    """Vendors who said that they stay at home, or did not come."""
    taken_back: set[str] = field(default_factory=set)
    """Short codes of passes that staff took back by hand."""

    def print_all(self) -> None:
        known = {one.short_code for one in self.printed}
        for one in passes.live_passes(self.desk.day):
            if one.short_code not in known:
                self.printed.append(_printed(one))

    def held(self) -> list[Assignment]:
        return stalls.assignments(self.desk.day)

    def newest(self, vendor: str) -> Printed:
        return [one for one in self.printed if one.vendor == vendor][-1]

    # ── what happens ──

    def move(self) -> None:
        taken = {stall_id for held in self.held() for stall_id in held.stall_ids}
        free = [stall for stall in live_stalls(self.desk.day.venue) if stall.id not in taken]
        held, stall = self.chance.choice(self.held()), self.chance.choice(free)
        stalls.move(held, stall, by=self.desk.staff, at=self.desk.day.apply_until)

    def swap(self) -> None:
        one, other = self.chance.sample(self.held(), 2)
        stalls.swap(one, other, by=self.desk.staff, at=self.desk.day.apply_until)

    def withdraw(self) -> None:
        held = self.chance.choice(self.held())
        self.left.add(held.vendor.trading_name)
        stalls.withdraw(held.application, by=self.desk.staff, at=self.desk.day.apply_until)

    def miss(self) -> None:
        held = self.chance.choice(self.held())
        self.left.add(held.vendor.trading_name)
        gate.mark_no_show(held, by=self.desk.staff, at=self.desk.day.apply_until)

    def replace(self) -> None:
        held = self.chance.choice(self.held())
        passes.reissue(held, RevokeReason.LOST, by=self.desk.staff, at=self.desk.day.apply_until)

    def take_back(self) -> None:
        live = passes.live_passes(self.desk.day)
        if live:
            one = self.chance.choice(live)
            self.taken_back.add(one.short_code)
            passes.revoke(one, RevokeReason.MISUSED, by=self.desk.staff, at=self.desk.day.apply_until)

    def postpone(self) -> None:
        """Another date, perhaps with fewer stalls, and a plan from the beginning."""
        day, staff = self.desk.day, self.desk.staff
        at = time_of(day, DayState.PUBLISHED) + timedelta(hours=1)
        passes.call_off_day(day, Step.POSTPONE, "下雨", by=staff, at=at)
        draft = shifted_draft(day, local_date(day) + timedelta(days=7))
        draft = replace(draft, stall_limit=self.chance.randint(2, 6))
        reschedule(day, draft, public_note="改到下一周", by=staff, at=at)
        bring_to(day, DayState.REVIEWING, staff)
        stalls.compute_plan(day, by=staff, at=day.apply_until)
        passes.publish_day(day, by=staff, at=time_of(day, DayState.PUBLISHED))
        self.left -= {held.vendor.trading_name for held in self.held()}

    def acts(self) -> Sequence[Callable[[], None]]:
        often = [self.move, self.swap, self.replace, self.take_back]
        return [*often, self.postpone, *([self.withdraw, self.miss] if len(self.held()) > 3 else [])]


def _printed(one: StallPass) -> Printed:
    name = one.assignment.vendor.trading_name
    return Printed(passes.pass_token(one), one.short_code, one.version, name, local_date(one.day))


# ── what must be true ─────────────────────────────────────────────────────────────────────────────────────


def answered(story: Story, code: str) -> tuple[Verdict, str]:
    """What the gate says, without anybody coming in."""
    with db.session.begin_nested() as looked:
        seen = story.desk.scan(code)
        said = seen.verdict, words.answer(gate.scan_view(seen, story.desk.day)).detail
        looked.rollback()
    return said


def check(story: Story, one: Printed) -> None:
    held = {h.vendor.trading_name: h.label for h in story.held()}.get(one.vendor)
    verdict, said = answered(story, one.token)
    found = passes.verify_token(one.token, make.morning(story.desk.day))
    if held is None:
        assert (verdict, found.standing) == (Verdict.RELEASED, Standing.WITHDRAWN)
        assert ("退出了" in said) == (one.vendor in story.left)
        return
    newest = story.newest(one.vendor)
    if newest.short_code in story.taken_back:
        assert (verdict, found.standing) == (Verdict.REVOKED, Standing.WITHDRAWN)
        assert held in said
    elif newest is one:
        assert (verdict, found.standing) == (Verdict.ADMITTED, Standing.GENUINE)
    else:
        assert (verdict, found.standing) == (Verdict.REVOKED, Standing.REPLACED)
        assert newest.version > one.version
        assert f"第 {newest.version} 版，摊位是 {held}" in said
        assert ("改日子以前的" in said) == (newest.on != one.on)
        assert found.newest is not None
        assert (found.newest.assignment.label, found.newest.version) == (held, newest.version)


def play(desk: Desk, seed: int) -> Story:
    """So many acts at random; after each, everything that was ever printed is shown."""
    day = make.published_day(desk.community, desk.staff, vendors=5, in_days=20)
    story = Story(replace(desk, day=day), random.Random(seed))
    story.print_all()
    for _act in range(ACTS):
        story.chance.choice(story.acts())()
        story.print_all()
        for one in story.printed:
            check(story, one)
    for one in story.printed:
        assert answered(story, one.short_code) == answered(story, one.token)
    return story


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_printed_pass_gets_a_true_answer(desk: Desk, seed: int) -> None:
    story = play(desk, seed)
    assert len(story.printed) > 10
    assert len({one.short_code for one in story.printed}) == len(story.printed)


def test_without_versions_that_rise_an_old_pass_is_told_a_falsehood(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (holds, versions):
        monkeypatch.setattr(module, "number", lambda _new: None)
    with pytest.raises(AssertionError):
        play(desk, 1)
