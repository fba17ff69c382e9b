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
              reserved, no_flame, kept_free}]: each field may be left out; 0 dm = not measured
  applicants  [{name, category, order, power_w, needs_water, needs_vehicle, burns, width_dm, depth_dm,
              for_reserved, double, pinned_stall, wanted_stall, last_stall, appearances, misses, points}]:
              stalls by label; order 0, the default, applied first; of equals the earlier row comes first
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

from typing import Any

from flask_babel import lazy_gettext as _

from market.allocation import plan_file
from market.allocation.plan_file import Fault, problem_hash
from market.allocation.problem_file import Json, read_problem
from market.allocation.rules import Conflict, ConflictingRule
from market.stalls.conflict_words import no_plan_sentence, rule_sentence
from market.stalls.words import conflict_sentence

__all__ = ["check_plan", "problem_hash", "read_problem", "solve_problem"]


def solve_problem(data: Json) -> Json:
    """The plan of a problem, both as they stand in files; the same problem gives the same plan."""
    told = plan_file.solve_problem(data)
    if "conflict" in told:
        conflict_set = [ConflictingRule(rule["code"], rule["params"]) for rule in told["conflict"]]
        told["conflict"] = [
            {"code": rule.code, "params": dict(rule.params), "sentence": rule_sentence(rule)}
            for rule in conflict_set
        ]
        told["sentence"] = no_plan_sentence(conflict_set)
    return told


def check_plan(plan: object, problem: object = None) -> list[str]:
    """Everything that is wrong with a plan, in sentences; `problem`: the one it ought to answer."""
    return list(dict.fromkeys(_sentence(found) for found in plan_file.check_plan(plan, problem)))


def _sentence(found: Conflict | Fault) -> str:
    if isinstance(found, Conflict):
        return conflict_sentence(found)
    return str(_FAULTS[found.code]) % dict(found.params)


_FAULTS: dict[str, Any] = {
    "no_problem": _("这不是一份安排文件：没有 problem。"),
    "problem_changed": _("题目被改过：problem_sha256 与文件里的题目不符。"),
    "another_problem": _("这份安排答的不是这道题：题目的哈希不同。"),
    "unreadable": _("安排读不出来：%(why)s。"),
    "infeasible_with_places": _("做不到的安排不能排人，也没有分数，但要写明哪些规则互相冲突。"),
    "feasible_after_all": _("写着做不到，其实有一种安排守得住每条规则。"),
    "not_possible": _("%(vendor)s不可能在 %(stall)s 号（分数表写明）。"),
    "pinned_waits": _("%(vendor)s要固定在 %(stall)s 号，却没有排上。"),
    "below_minimum": _("%(category)s至少要 %(least)s 家，只排了 %(placed)s 家。"),
    "wrong_objective": _("总分不对：写的是 %(told)s，重算是 %(true)s。"),
    "bound_too_low": _("上限 %(bound)s 低于总分 %(true)s。"),
    "wrong_status": _("写着最优，上限和总分却不相等；或者状态写错了。"),
}
