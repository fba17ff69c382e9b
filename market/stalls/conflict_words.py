"""Why there can be no plan, said so that somebody can mend it; the codes come from `conflict_set.py`."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from market.allocation.rules import ConflictingRule
from market.stalls.rule_words import conflicting_words
from market.stalls.words import with_category_words

_IN_TURN: dict[str, Any] = {
    "turns_miss_minimum": _("按这个次序只排得下 %(placed)s 家%(category)s，至少要 %(least)s 家"),
    "turns_miss_pin": _("按这个次序，%(vendor)s固定的 %(stall)s 号排不下"),
}
"""What giving out in turn did not reach, where no rules contradict one another."""


def rule_sentence(rule: ConflictingRule) -> str:
    """One rule of a contradiction, as a part of a sentence."""
    said = _IN_TURN.get(rule.code) or conflicting_words(rule.code).in_conflict
    return str(said) % with_category_words(rule.params)


def no_plan_sentence(conflict_set: Sequence[ConflictingRule]) -> str:
    """Why there can be no plan: the rules that cannot hold together, and what to do."""
    said = _short(conflict_set)
    if said is None:
        parts = str(_("；")).join(_parts(conflict_set))
        said = str(
            _("这几条不能同时做到：%(parts)s。") if len(conflict_set) > 1 else _("%(parts)s，做不到。")
        )
        said %= {"parts": parts}
    advice = _("请放宽其中一条，再排一次。") if len(conflict_set) > 1 else _("请改一改，再排一次。")
    return said + str(advice)


def _short(conflict_set: Sequence[ConflictingRule]) -> str | None:
    """One plain sentence for the contradictions that are usual; None for the others."""
    found = _minimum(conflict_set) or _pins(conflict_set)
    return None if found is None else str(found[0]) % with_category_words(found[1])


def _minimum(conflict_set: Sequence[ConflictingRule]) -> tuple[Any, Mapping[str, Any]] | None:
    """Minimums against one rule, where plain counting shows that it cannot be."""
    minimums = [rule.params for rule in conflict_set if rule.code == "clash_min"]
    others = [rule for rule in conflict_set if rule.code != "clash_min"]
    kinds = {rule.code for rule in others}
    if not minimums or len(kinds) > 1:
        return None
    least = sum(int(params["least"]) for params in minimums)
    told: dict[str, Any] = {**minimums[0], **(others[0].params if others else {}), "least": least}
    if len(minimums) > 1:
        words = (with_category_words(params)["category"] for params in minimums)
        told["category"] = str(_("、")).join(words)
    if kinds == {"clash_limit"}:
        return (_MORE_THAN_THE_DAY, told) if least > told["limit"] else None
    if not others and len(minimums) > 1:
        return (_MORE_THAN_THERE_ARE, told) if least > told["stalls"] else None
    if not others and least > told["there"]:
        return _ONLY_SO_MANY_APPLIED, told
    if not others:
        return (_ONLY_SO_MANY_STALLS, told) if least > told["stalls"] else None
    if kinds == {"clash_max"}:
        return (_MORE_THAN_THE_MOST, told) if len(minimums) == 1 else None
    if kinds == {"clash_circuit"}:
        told |= _lines(others)
        return (_TOO_FEW_WATTS, told) if told["need_w"] > told["capacity_w"] else None
    code = others[0].code
    too_few = conflicting_words(code).too_few
    return (too_few, told) if too_few and least > told["have"] else None


def _pins(conflict_set: Sequence[ConflictingRule]) -> tuple[Any, Mapping[str, Any]] | None:
    pins = [rule.params for rule in conflict_set if rule.code == "clash_pin"]
    codes = [rule.code for rule in conflict_set if rule.code != "clash_pin"]
    if len(pins) == 1 and len(codes) == 1 and conflicting_words(codes[0]).pinned_amiss:
        return conflicting_words(codes[0]).pinned_amiss, pins[0]
    if len(pins) != 2:
        return None
    both = {**pins[0], "by": pins[1]["vendor"], "beside": pins[1]["stall"]}
    if not codes and both["stall"] == both["beside"]:
        return _PINNED_TWICE, both
    return (_PINNED_BESIDE, both) if codes == ["clash_apart"] else None


def _parts(conflict_set: Sequence[ConflictingRule]) -> list[str]:
    """Each rule; the lines as one."""
    lines = [rule for rule in conflict_set if rule.code == "clash_circuit"]
    if len(lines) < 2:
        return [rule_sentence(rule) for rule in conflict_set]
    rest = [rule_sentence(rule) for rule in conflict_set if rule.code != "clash_circuit"]
    return [*rest, str(_("%(circuits)s 这几条线路一共 %(capacity_w)s 瓦")) % _lines(lines)]


def _lines(rules: Sequence[ConflictingRule]) -> dict[str, Any]:
    return {
        "circuits": str(_("、")).join(sorted((str(rule.params["circuit"]) for rule in rules), key=_numbered)),
        "capacity_w": sum(int(rule.params["capacity_w"]) for rule in rules),
        "need_w": rules[0].params["need_w"],
    }


def _numbered(name: str) -> tuple[int, str]:
    """L9 before L10."""
    return len(name), name


_ONLY_SO_MANY_APPLIED = _("%(category)s至少要 %(least)s 家，只有 %(there)s 家报名。")
_ONLY_SO_MANY_STALLS = _("%(category)s至少要 %(least)s 家，场地只有 %(stalls)s 个摊位。")
_MORE_THAN_THE_MOST = _("%(category)s至少要 %(least)s 家，又最多 %(most)s 家。")
_MORE_THAN_THERE_ARE = _("各类「至少」加起来要 %(least)s 家，场地只有 %(stalls)s 个摊位。")
_MORE_THAN_THE_DAY = _("各类「至少」加起来要 %(least)s 家，当天只开 %(limit)s 个摊位。")
_TOO_FEW_WATTS = _(
    "%(least)s 家%(category)s至少要用 %(need_w)s 瓦，%(circuits)s 一共只有 %(capacity_w)s 瓦。"
)
_PINNED_TWICE = _("%(vendor)s和%(by)s都固定在 %(stall)s 号，一个摊位只能给一家。")
_PINNED_BESIDE = _("%(vendor)s固定在 %(stall)s 号，%(by)s固定在 %(beside)s 号，挨在一起，两个品类不宜相邻。")
