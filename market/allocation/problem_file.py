"""A problem as it stands in a file, read and written: one account of its fields (`stalls/problem_file.py`).

What is wrong in a file is named by its field; a field nobody knows is refused, so that nothing unheard of
can slip into an allocation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from market.allocation.market_rules import Apart, MarketRules, Pair, Quota, side_by_side
from market.allocation.problem import Problem
from market.allocation.rules import PUBLISHED_WEIGHTS, Applicant, Circuit, Method, StallFacts

Json = dict[str, Any]
Scores = Sequence[Sequence[int | None]]
"""A row for each applicant, a column for each stall; None = not possible."""
STRICT = ConfigDict(extra="forbid", strict=True)
WISHES = ("pinned_stall", "wanted_stall", "last_stall")
NOT_WRITTEN = {"id", "vendor_id"}
TYPES = {"int_type": "int", "string_type": "str", "bool_type": "bool", "float_parsing": "a number"}
EXPECTED = {"model_type": "an object", "dict_type": "an object", "list_type": "a list"}


def _row(kind: type[StallFacts] | type[Applicant]) -> type[BaseModel]:
    """The fields of a stall or an applicant, each of which may be left out; stalls are named by label."""
    told: dict[str, Any] = {}
    for field in fields(kind):
        if field.name.endswith("_stall_id"):
            told[field.name.removesuffix("_id")] = (str | None, None)
        elif field.name not in NOT_WRITTEN:
            told[field.name] = (field.type, None)
    return create_model(f"{kind.__name__}Row", __config__=STRICT, **told)


StallRow, ApplicantRow = _row(StallFacts), _row(Applicant)


class QuotaRow(BaseModel):
    model_config = STRICT

    minimum: int = 0
    maximum: int | None = None
    target: int = 0


class ProblemFile(BaseModel):
    """Every field a problem may have."""

    model_config = STRICT

    scores: list[list[int | None]] | None = None
    stalls: list[StallRow] | None = None  # type: ignore[valid-type]  # made from the fields of a stall
    applicants: list[ApplicantRow] | None = None  # type: ignore[valid-type]  # and of an applicant
    circuits: dict[str, int] = {}
    limit: int | None = None
    quotas: dict[str, QuotaRow] = {}
    apart: list[Any] = []
    neighbours: list[Any] | None = None
    downwind: list[Any] = []
    weights: dict[str, int] = {}
    method: str = Method.OPTIMUM.value
    seed: str | int = ""
    seconds: float = Field(10, strict=False)


@dataclass(frozen=True, slots=True)
class FiledProblem:
    problem: Problem
    method: Method
    seed: str
    seconds: float


def read_problem(data: object) -> FiledProblem:
    """The problem of a file; ValueError says which field is wrong."""
    try:
        file = ProblemFile.model_validate(data)
    except ValidationError as wrong:
        raise ValueError(_sentence(wrong)) from None
    scores = _even(file.scores)
    stalls = [_stall(row, number) for number, row in enumerate(_rows(file.stalls, scores, 1))]
    ids = {stall.label: stall.id for stall in stalls}
    if len(ids) < len(stalls):
        raise ValueError("stalls: a label is given twice")
    people = [_person(row, number, ids) for number, row in enumerate(_rows(file.applicants, scores, 0))]
    circuits = [Circuit(name, watts) for name, watts in file.circuits.items()]
    rules, weights = _market_rules(file, stalls, ids), _weights(file.weights)
    problem = Problem(stalls, people, circuits, file.limit, rules, weights)
    if scores is not None:
        problem = _with_worths(problem, scores)
    return FiledProblem(problem, Method(file.method), str(file.seed), file.seconds)


# --- What is wrong --------------------------------------------------------------------------------------


def _sentence(wrong: ValidationError) -> str:
    """The first thing that is wrong; of unknown fields all of one object at once."""
    errors = wrong.errors()
    kind, path, given = errors[0]["type"], errors[0]["loc"], errors[0]["input"]
    if kind == "extra_forbidden":
        unknown = [e["loc"][-1] for e in errors if e["type"] == kind and e["loc"][:-1] == path[:-1]]
        return f"{_where(path[:-1])}: unknown fields {sorted(map(str, unknown))}"
    if path[:1] == ("scores",):
        return _wrong_scores(path)
    if kind in EXPECTED:
        return f"{_where(path)}: {EXPECTED[kind]} is expected"
    return f"{_where(path)}: {TYPES.get(kind, 'something else')} is expected, not {given!r}"


def _wrong_scores(path: Sequence[int | str]) -> str:
    if len(path) < 3:
        return "scores: a list of rows is expected"
    return f"scores: row {path[1]}: whole numbers or null are expected"


def _where(path: Sequence[int | str]) -> str:
    """`stalls[0].power_w`; the whole file is the problem."""
    told = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return told.removeprefix(".") or "problem"


# --- From rows to facts ---------------------------------------------------------------------------------


def _even(scores: Scores | None) -> Scores | None:
    for number, row in enumerate(scores or ()):
        if scores and len(row) != len(scores[0]):
            raise ValueError(f"scores: row {number} has {len(row)} entries, row 0 has {len(scores[0])}")
    return scores


def _rows(given: Sequence[BaseModel] | None, scores: Scores | None, axis: int) -> list[Json]:
    """The rows as they were written; where there is a table alone, one empty row for each of its own."""
    if given is not None or scores is None:
        return [row.model_dump(exclude_unset=True) for row in given or ()]
    return [{} for _ in (scores if axis == 0 else scores[0] if scores else ())]


def _stall(given: Json, number: int) -> StallFacts:
    usual = {"label": str(number + 1), "zone": "", "row": 0, "column": number}
    return StallFacts(**{**usual, **given, "id": number + 1})


def _person(given: Json, number: int, ids: Mapping[str, int]) -> Applicant:
    told: Json = {
        "name": str(number + 1),
        "category": "",
        "order": 0,
    } | given  # of equals, the earlier row first
    for wish in WISHES:
        label = told.pop(wish, None)
        if label is not None and label not in ids:
            raise ValueError(f"applicants[{number}]: there is no stall {label!r}")
        told[f"{wish}_id"] = None if label is None else ids[label]
    return Applicant(**told, id=number + 1, vendor_id=number + 1)


def _with_worths(problem: Problem, scores: Scores) -> Problem:
    """The same problem, each applicant with the worths of their own row."""
    _refuse_odd_scores(scores, len(problem.applicants), len(problem.stalls))
    keys = [stall.id for stall in problem.stalls]
    own = {
        applicant.id: {key: worth for key, worth in zip(keys, row, strict=True) if worth is not None}
        for applicant, row in zip(problem.applicants, scores, strict=True)
    }
    return replace(problem, own_worths=own)


def _refuse_odd_scores(scores: Scores, rows: int, columns: int) -> None:
    if len(scores) != rows:
        raise ValueError(f"{len(scores)} rows of scores for {rows} applicants")
    for number, row in enumerate(scores):
        if len(row) != columns:
            raise ValueError(f"row {number} of the scores has {len(row)} entries for {columns} stalls")


def _market_rules(file: ProblemFile, stalls: Sequence[StallFacts], ids: Mapping[str, int]) -> MarketRules:
    quotas = {category: Quota(**quota.model_dump()) for category, quota in file.quotas.items()}
    if file.neighbours is None:
        pairs = _usual_neighbours(file, stalls)
    else:
        pairs = _pairs("neighbours", file.neighbours, ids)
    return MarketRules(quotas, tuple(_apart(file.apart)), pairs, _pairs("downwind", file.downwind, ids))


def _apart(rules: Sequence[object]) -> list[Apart]:
    found = []
    for rule in rules:
        if not isinstance(rule, list) or len(rule) not in (2, 3) or rule[2:] not in ([], ["downwind"]):
            raise ValueError(f'apart: [category, category] or [..., "downwind"] is expected, not {rule!r}')
        found.append(Apart(rule[0], rule[1], downwind=len(rule) == 3))
    return found


def _usual_neighbours(file: ProblemFile, stalls: Sequence[StallFacts]) -> tuple[Pair, ...]:
    rows: Sequence[BaseModel] = file.stalls or ()
    placed = ["column" in row.model_fields_set for row in rows]
    return side_by_side(stalls) if placed and all(placed) else ()


def _pairs(name: str, given: Sequence[object], ids: Mapping[str, int]) -> tuple[Pair, ...]:
    found = []
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2 or not set(pair) <= set(ids):
            raise ValueError(f"{name}: two labels of stalls are expected, not {pair!r}")
        found.append((ids[pair[0]], ids[pair[1]]))
    return tuple(found)


def _weights(given: Mapping[str, int]) -> Mapping[str, int]:
    unknown = sorted(set(given) - set(PUBLISHED_WEIGHTS))
    if unknown:
        raise ValueError(f"weights: unknown fields {unknown}")
    return {**PUBLISHED_WEIGHTS, **given}


# --- Writing --------------------------------------------------------------------------------------------


def write_problem(problem: Problem, method: Method) -> Json:
    """As it is read again, with the same plan; stalls by label, fields that say nothing left out."""
    label = {stall.id: stall.label for stall in problem.stalls}
    rules = problem.market_rules
    written: Json = {
        "stalls": [_fields(stall, label) for stall in problem.stalls],
        "applicants": [_fields(applicant, label) for applicant in problem.applicants],
        "circuits": {circuit.name: circuit.capacity_w for circuit in problem.circuits},
        "limit": problem.limit,
        "quotas": {
            category: {"minimum": quota.minimum, "maximum": quota.maximum, "target": quota.target}
            for category, quota in rules.quotas.items()
        },
        "apart": [[rule.one, rule.other, *(["downwind"] if rule.downwind else [])] for rule in rules.apart],
        "neighbours": [[label[here], label[there]] for here, there in rules.neighbours],
        "downwind": [[label[here], label[there]] for here, there in rules.downwind],
        "weights": dict(problem.weights),
        "method": method.value,
    }
    return written | ({"scores": _scores(problem)} if problem.own_worths else {})


def _scores(problem: Problem) -> list[list[int | None]]:
    """What every place is worth for everybody, once somebody has worths of their own."""
    return [
        [
            None if problem.excludes(applicant, stall) else problem.worth(applicant, stall)
            for stall in problem.stalls
        ]
        for applicant in problem.applicants
    ]


def _fields(row: StallFacts | Applicant, label: Mapping[int, str]) -> Json:
    found: Json = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if field.name.endswith("_stall_id"):
            found[field.name.removesuffix("_id")] = label.get(value)
        elif field.name not in NOT_WRITTEN and value != field.default:
            found[field.name] = value
    return {name: value for name, value in found.items() if value is not None}
