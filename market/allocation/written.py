"""A task written as a problem file, so that anybody can solve and check it again (`market stalls solve`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from market.allocation.rules import Applicant, Method, StallFacts
from market.allocation.task import Task

Json = dict[str, Any]
NOT_WRITTEN = {"id", "vendor_id"}


def problem_of(task: Task, method: Method) -> Json:
    """The problem whose plan is the plan of this task; stalls by label, fields that say nothing left out."""
    label = {stall.id: stall.label for stall in task.stalls}
    house = task.house
    written: Json = {
        "stalls": [_fields(stall, label) for stall in task.stalls],
        "applicants": [_fields(applicant, label) for applicant in task.applicants],
        "circuits": {circuit.name: circuit.capacity_w for circuit in task.circuits},
        "limit": task.limit,
        "quotas": {
            category: {"minimum": quota.minimum, "maximum": quota.maximum, "target": quota.target}
            for category, quota in house.quotas.items()
        },
        "apart": [[rule.one, rule.other, *(["downwind"] if rule.downwind else [])] for rule in house.apart],
        "neighbours": [[label[here], label[there]] for here, there in house.neighbours],
        "downwind": [[label[here], label[there]] for here, there in house.downwind],
        "weights": dict(task.weights),
        "method": method.value,
    }
    return written | ({"scores": [list(row) for row in task.scores]} if task.scores is not None else {})


def _fields(row: StallFacts | Applicant, label: Mapping[int, str]) -> Json:
    found: Json = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if field.name.endswith("_stall_id"):
            found[field.name.removesuffix("_id")] = label.get(value)
        elif field.name not in NOT_WRITTEN and value != field.default:
            found[field.name] = value
    return {name: value for name, value in found.items() if value is not None}
