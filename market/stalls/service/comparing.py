"""What changes if the plan were laid anew."""

from __future__ import annotations

from dataclasses import dataclass

from market.calendar.models import MarketDay
from market.stalls.rules import Layout, score
from market.stalls.service.facts import scene
from market.stalls.service.planning import fresh_plan


@dataclass(frozen=True)
class Change:
    """One vendor's stall before and after; empty = waiting."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """Two plans for the same people, counted and weighed by the same published points."""

    changes: tuple[Change, ...]
    placed_now: int
    placed_then: int
    score_now: int
    score_then: int

    @property
    def same(self) -> bool:
        return not self.changes

    @property
    def moves(self) -> list[Change]:
        return [change for change in self.changes if change.before and change.after]

    @property
    def enters(self) -> list[Change]:
        return [change for change in self.changes if not change.before]

    @property
    def leaves(self) -> list[Change]:
        return [change for change in self.changes if not change.after]


def compare(day: MarketDay, method: str | None = None) -> Comparison:
    """The plan as it stands beside the one `compute_plan` would lay, by any method; refuses as it does."""
    now = scene(day).layout
    ground, plan = fresh_plan(day, method)
    label = {stall.id: stall.label for stall in (*now.stalls, *ground.layout.stalls)}
    names = {a.id: a.name for a in (*now.applicants, *ground.layout.applicants)}
    changes = [
        Change(name, label.get(now.assignment.get(key, 0), ""), label.get(plan.assignment.get(key, 0), ""))
        for key, name in names.items()
        if now.assignment.get(key) != plan.assignment.get(key)
    ]
    changes.sort(key=lambda change: (change.after or change.before, change.name))
    then = ground.layout_with(plan.assignment)
    return Comparison(
        tuple(changes), len(now.assignment), len(plan.assignment), _worth(now), _worth(then)
    )  # fmt: skip


def _worth(layout: Layout) -> int:
    stalls = {stall.id: stall for stall in layout.stalls}
    people = {applicant.id: applicant for applicant in layout.applicants}
    return sum(score(people[key], stalls[place]) for key, place in layout.assignment.items())
