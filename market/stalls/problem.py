"""Allocation problems and plans as files, without a database.

`market stalls solve PROBLEM.json --output PLAN.json`, `market stalls check PLAN.json [PROBLEM.json]`.

\b
A PROBLEM is a JSON object. Its smallest form is {"scores": [[3, null], [1, 2]]}: a row for each applicant,
a column for each stall, whole numbers, the sum is maximised, null = not possible. More applicants than
stalls or the reverse are both fine. An applicant may stay without a stall, which is worth 0; so a score
below 0 is allowed and is only ever taken when a pin or a minimum asks for it.
A benchmark that asks for the least cost becomes one with scores = a number above every cost - cost.
\b
  scores      as above; replaces every weight of a place and of a person
  stalls      [{label, zone, row, column, power_w, circuit, water, shade, vehicle, closed, width_dm, depth_dm,
              reserved, kept_free}]: each field may be left out; 0 dm = not measured
  applicants  [{name, category, order, power_w, needs_water, needs_vehicle, width_dm, depth_dm, for_reserved,
              double, pinned_stall, wanted_stall, last_stall, appearances, misses, points}]: stalls by label;
              order 0, the default, applied first; of equals the earlier row comes first
  circuits    {name: watts}
  limit       the most stalls given out
  quotas      {category: {minimum, maximum, target}}
  apart       [[category, category]] or [[category, category, "downwind"]]: may not stand side by side
  neighbours  [[label, label]]; left out: stalls of one zone and row whose columns follow one another
  downwind    [[label, label]]: the smoke of the first reaches the second
  weights     {placed, target, missed, appeared, points, earlier, zone, wanted_stall, last_stall,
              same_neighbour, shade}: only those that differ from the published ones
  method      optimum (the default), draw, rotation, fixed, first_come
  seed        for a draw: the text that decides
  seconds     how long to search for the optimum, counted in work, not by the clock: the same problem gives
              the same plan on a busy machine; 10
\b
A PLAN is a JSON object:
\b
  status      optimal (proven, gap 0), feasible, infeasible
  objective   the worth of the plan; null where there is none
  bound       no plan can be worth more; null where there is none
  assignment  for each applicant the index of a stall, from 0, or null
  doubles     for each applicant the index of the second stall, or null; only where somebody needs two
  waiting     indices of applicants, next in line first
  conflict    infeasible: [{code, params, sentence}], the smallest set of rules that contradict one another
  stopped_by_clock  true where the machine was so slow that the clock ended the search after all
  method, problem (the whole problem), problem_sha256 (of its canonical text), format
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from market.allocation.clash import can_hold
from market.allocation.draw import Seed, SeedRule
from market.allocation.methods import make_plan
from market.allocation.plan import Plan
from market.allocation.reading import Json, Problem, read_problem
from market.allocation.rules import Method, SeedKind, check_layout
from market.allocation.task import Task
from market.stalls.clash_words import blame_sentence, clash_sentence
from market.stalls.words import conflict_sentence

__all__ = ["check_plan", "problem_hash", "read_problem", "solve_problem"]

FORMAT = "market.allocation.plan/1"


def solve_problem(data: Json) -> Json:
    """The plan of a problem, both as they stand in files; the same problem gives the same plan."""
    problem = read_problem(data)
    seed = Seed(SeedRule(SeedKind.PUBLIC_NUMBER, ""), problem.seed) if problem.seed else None
    plan = make_plan(problem.task, problem.method, seed=seed, time_limit_s=problem.seconds)
    return _plan_file(data, problem, plan)


def problem_hash(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_plan(plan: object, problem: object = None) -> list[str]:
    """Everything that is wrong with a plan, in sentences; `problem`: the one it ought to answer."""
    if not isinstance(plan, dict) or not isinstance(plan.get("problem"), dict):
        return [str(_("这不是一份安排文件：没有 problem。"))]
    faults = []
    if plan.get("problem_sha256") != problem_hash(plan["problem"]):
        faults.append(str(_("题目被改过：problem_sha256 与文件里的题目不符。")))
    if problem is not None and problem_hash(problem) != problem_hash(plan["problem"]):
        faults.append(str(_("这份安排答的不是这道题：题目的哈希不同。")))
    task = read_problem(plan["problem"]).task
    try:
        assignment, doubles = _read_assignment(task, plan)
    except ValueError as wrong:
        return [*faults, str(_("安排读不出来：%(why)s。")) % {"why": wrong}]
    if plan.get("status") == "infeasible":
        return faults + _check_infeasible(task, plan, assignment)
    return [
        *faults,
        *_broken_rules(task, assignment, doubles),
        *_check_worth(task, plan, assignment, doubles),
    ]


# --- Writing and checking -------------------------------------------------------------------------------


def _plan_file(data: Json, problem: Problem, plan: Plan) -> Json:
    index = {stall.id: number for number, stall in enumerate(problem.task.stalls)}
    people = problem.task.applicants
    rank = {person.id: number for number, person in enumerate(people)}
    placed = not plan.clash
    told: Json = {
        "format": FORMAT,
        "status": plan.status,
        "objective": plan.objective if placed else None,
        "bound": plan.bound if placed else None,
        "assignment": [index.get(plan.assignment.get(person.id, 0)) for person in people],
        "waiting": [rank[key] for key in plan.waiting],
        "method": plan.method,
        "problem_sha256": problem_hash(data),
        "problem": data,
    }
    if any(person.double for person in people):
        told["doubles"] = [index.get(plan.doubles.get(person.id, 0)) for person in people]
    if plan.stopped_by_clock:
        told["stopped_by_clock"] = True
    if plan.clash:
        told["conflict"] = [
            {"code": blame.code, "params": dict(blame.params), "sentence": blame_sentence(blame)}
            for blame in plan.clash
        ]
        told["sentence"] = clash_sentence(plan.clash)
    return told


def _read_assignment(task: Task, plan: Json) -> tuple[dict[int, int], dict[int, int]]:
    empty = [None] * len(task.applicants)
    return _indices(task, plan.get("assignment")), _indices(task, plan.get("doubles", empty))


def _indices(task: Task, told: object) -> dict[int, int]:
    if not isinstance(told, list) or len(told) != len(task.applicants):
        raise ValueError(f"an entry for each of {len(task.applicants)} applicants is expected")
    found = {}
    for person, place in zip(task.applicants, told, strict=True):
        if place is not None:
            if type(place) is not int or not 0 <= place < len(task.stalls):
                raise ValueError(f"there is no stall {place!r}")
            found[person.id] = task.stalls[place].id
    return found


def _check_infeasible(task: Task, plan: Json, assignment: Mapping[int, int]) -> list[str]:
    if assignment or plan.get("objective") is not None or not plan.get("conflict"):
        return [str(_("做不到的安排不能排人，也没有分数，但要写明哪些规则互相冲突。"))]
    if plan.get("method") == Method.OPTIMUM and can_hold(task):
        return [str(_("写着做不到，其实有一种安排守得住每条规则。"))]
    return []


def _broken_rules(task: Task, assignment: Mapping[int, int], doubles: Mapping[int, int]) -> list[str]:
    found = [conflict_sentence(c) for c in check_layout(task.layout(assignment, doubles))]
    people, stalls = task.person_by_id, task.stall_by_id
    for key, place in assignment.items():
        if task.worth(people[key], stalls[place]) is None:
            named = {"vendor": people[key].name, "stall": stalls[place].label}
            found.append(str(_("%(vendor)s不可能在 %(stall)s 号（分数表写明）。")) % named)
    found += [
        str(_("%(vendor)s要固定在 %(stall)s 号，却没有排上。"))
        % {"vendor": a.name, "stall": stalls[a.pinned_stall_id].label}
        for a in task.applicants
        if a.pinned_stall_id is not None and a.id not in assignment
    ]
    counts = task.counts(assignment)
    found += [
        str(_("%(category)s至少要 %(least)s 家，只排了 %(placed)s 家。"))
        % {"category": category, "least": quota.minimum, "placed": counts.get(category, 0)}
        for category, quota in sorted(task.house.quotas.items())
        if counts.get(category, 0) < quota.minimum
    ]
    return list(dict.fromkeys(found))


def _check_worth(
    task: Task, plan: Json, assignment: Mapping[int, int], doubles: Mapping[int, int]
) -> list[str]:
    found, true = [], task.objective(assignment, doubles)
    told, bound = plan.get("objective"), plan.get("bound")
    if told != true:
        wrong = {"told": told, "true": true}
        found.append(str(_("总分不对：写的是 %(told)s，重算是 %(true)s。")) % wrong)
    if type(bound) is not int or bound < true:
        found.append(str(_("上限 %(bound)s 低于总分 %(true)s。")) % {"bound": bound, "true": true})
    if plan.get("status") not in ("optimal", "feasible") or (plan["status"] == "optimal" and bound != told):
        found.append(str(_("写着最优，上限和总分却不相等；或者状态写错了。")))
    return found
