"""A problem as it stands in a file, read into a task; what is wrong in it is named (schema: `problem.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from market.allocation.house import Apart, House, Pair, Quota, side_by_side
from market.allocation.rules import PUBLISHED_WEIGHTS, Applicant, Circuit, Method, StallFacts
from market.allocation.task import Scores, Task

Json = dict[str, Any]
WISHES = ("pinned_stall", "wanted_stall", "last_stall")
STALL_FIELDS = {field.name for field in fields(StallFacts)} - {"id"}
APPLICANT_FIELDS = {field.name for field in fields(Applicant)} - {"id", "vendor_id"} - {
    f"{wish}_id" for wish in WISHES
} | set(WISHES)  # fmt: skip
PROBLEM_FIELDS = {
    "scores", "stalls", "applicants", "circuits", "limit", "quotas", "apart", "neighbours", "downwind",
    "weights", "method", "seed", "seconds",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    task: Task
    method: Method
    seed: str
    seconds: float


def read_problem(data: object) -> Problem:
    """The task of a file; ValueError says which field is wrong."""
    known = _only(data, PROBLEM_FIELDS, "problem")
    scores = _scores(known.get("scores"))
    stalls = [_stall(row, number) for number, row in enumerate(_rows(known, "stalls", scores, 1))]
    ids = {stall.label: stall.id for stall in stalls}
    if len(ids) < len(stalls):
        raise ValueError("stalls: a label is given twice")
    people = [_person(row, number, ids) for number, row in enumerate(_rows(known, "applicants", scores, 0))]
    circuits = [Circuit(name, _whole(w, "circuits")) for name, w in _object(known, "circuits").items()]
    limit = None if known.get("limit") is None else _whole(known["limit"], "limit")
    task = Task(stalls, people, circuits, limit, _house(known, stalls, ids), _weights(known), scores)
    method = Method(known.get("method", "optimum"))
    return Problem(task, method, str(known.get("seed", "")), float(known.get("seconds", 10)))


def _only(data: object, known: Iterable[str], what: str) -> Json:
    if not isinstance(data, dict):
        raise ValueError(f"{what}: an object is expected")
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise ValueError(f"{what}: unknown fields {unknown}")
    return data


def _object(data: Json, name: str) -> Json:
    value = data.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name}: an object is expected")
    return value


def _list(data: Json, name: str) -> list[Any]:
    value = data.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{name}: a list is expected")
    return value


def _whole(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{what}: a whole number is expected, not {value!r}")
    return value


def _scores(value: object) -> Scores | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise ValueError("scores: a list of rows is expected")
    for number, row in enumerate(value):
        if len(row) != len(value[0]):
            raise ValueError(f"scores: row {number} has {len(row)} entries, row 0 has {len(value[0])}")
        if not all(entry is None or type(entry) is int for entry in row):
            raise ValueError(f"scores: row {number}: whole numbers or null are expected")
    return value


def _rows(data: Json, name: str, scores: Scores | None, axis: int) -> list[Any]:
    if name in data or scores is None:
        return _list(data, name)
    count = len(scores) if axis == 0 else len(scores[0]) if scores else 0
    return [{}] * count


def _stall(row: object, number: int) -> StallFacts:
    given = _only(row, STALL_FIELDS, f"stalls[{number}]")
    usual = {"label": str(number + 1), "zone": "", "row": 0, "column": number}
    return StallFacts(**_typed(StallFacts, {**usual, **given, "id": number + 1}, f"stalls[{number}]"))


def _person(row: object, number: int, ids: Mapping[str, int]) -> Applicant:
    what = f"applicants[{number}]"
    given = dict(_only(row, APPLICANT_FIELDS, what))
    for wish in WISHES:
        label = given.pop(wish, None)
        if label is not None and label not in ids:
            raise ValueError(f"{what}: there is no stall {label!r}")
        given[f"{wish}_id"] = None if label is None else ids[label]
    usual = {"name": str(number + 1), "category": "", "order": 0}  # of equals, the earlier row comes first
    key = {"id": number + 1, "vendor_id": number + 1}
    return Applicant(**_typed(Applicant, {**usual, **given, **key}, what))


def _typed(kind: type[StallFacts] | type[Applicant], given: Json, what: str) -> Json:
    """Each value has the type its field says (a text, a whole number, true or false)."""
    types = {"int": int, "str": str, "bool": bool}
    for field in fields(kind):
        named, _bar, nothing = str(field.type).removeprefix("<class '").removesuffix("'>").partition(" | ")
        value = given.get(field.name)
        if field.name in given and not (nothing and value is None) and type(value) is not types[named]:
            raise ValueError(f"{what}.{field.name}: {named} is expected, not {value!r}")
    return given


def _house(data: Json, stalls: Sequence[StallFacts], ids: Mapping[str, int]) -> House:
    quotas = {
        category: Quota(**_only(quota, {"minimum", "maximum", "target"}, f"quotas.{category}"))
        for category, quota in _object(data, "quotas").items()
    }
    apart = []
    for rule in _list(data, "apart"):
        if not isinstance(rule, list) or len(rule) not in (2, 3) or rule[2:] not in ([], ["downwind"]):
            raise ValueError(f'apart: [category, category] or [..., "downwind"] is expected, not {rule!r}')
        apart.append(Apart(rule[0], rule[1], downwind=len(rule) == 3))
    pairs = _pairs(data, "neighbours", ids) if "neighbours" in data else _usual_neighbours(data, stalls)
    return House(quotas, tuple(apart), pairs, _pairs(data, "downwind", ids))


def _usual_neighbours(data: Json, stalls: Sequence[StallFacts]) -> tuple[Pair, ...]:
    placed = [isinstance(row, dict) and "column" in row for row in _list(data, "stalls")]
    return side_by_side(stalls) if placed and all(placed) else ()


def _pairs(data: Json, name: str, ids: Mapping[str, int]) -> tuple[Pair, ...]:
    found = []
    for pair in _list(data, name):
        if not isinstance(pair, list) or len(pair) != 2 or not set(pair) <= set(ids):
            raise ValueError(f"{name}: two labels of stalls are expected, not {pair!r}")
        found.append((ids[pair[0]], ids[pair[1]]))
    return tuple(found)


def _weights(data: Json) -> Mapping[str, int]:
    given = _only(data.get("weights", {}), PUBLISHED_WEIGHTS, "weights")
    return {**PUBLISHED_WEIGHTS, **{name: _whole(weight, "weights") for name, weight in given.items()}}
