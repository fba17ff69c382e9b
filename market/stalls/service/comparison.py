"""What changes if the plan were laid anew."""

from __future__ import annotations

from dataclasses import dataclass

from market.allocation.rules import Layout
from market.allocation.task import Task
from market.calendar.models import MarketDay
from market.stalls.service.facts import scene
from market.stalls.service.plans import fresh_plan


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
    fresh = fresh_plan(day, method)
    then = fresh.task.layout(fresh.plan.assignment)
    names = {a.id: a.name for a in (*now.applicants, *then.applicants)}
    changes = [
        Change(name, before, after)
        for key, name in names.items()
        for before, after in [(_label(now, key), _label(then, key))]
        if before != after
    ]
    changes.sort(key=lambda change: (change.after or change.before, change.name))
    return Comparison(
        changes=tuple(changes),
        placed_now=len(now.assignment),
        placed_then=len(then.assignment),
        score_now=_worth(fresh.task, now),
        score_then=fresh.plan.objective,
    )


def _label(layout: Layout, key: int) -> str:
    spot = layout.assignment.get(key)
    return "+".join(layout.stall(stall_id).label for stall_id in spot.stall_ids) if spot else ""


def _worth(task: Task, now: Layout) -> int:
    """What the plan that stands is worth, by the weights of the plan to come."""
    return task.objective({key: spot for key, spot in now.assignment.items() if key in task.person_by_id})
