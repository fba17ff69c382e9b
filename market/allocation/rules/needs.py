"""Which stall will do for whom: one table of needs that the check, the model and the reasons read."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from market.allocation.rules.facts import Applicant, StallFacts


@dataclass(frozen=True, slots=True)
class Need:
    """A hard rule about one person and one stall. Its words: `stalls/rule_words.py`."""

    code: str
    broken: Callable[[Applicant, StallFacts], object]
    """Whether (true or false by Python's rules) it keeps this applicant off this stall."""
    asked: Callable[[Applicant], int | None]
    """What it looks at in the applicant: who asks for the same may stand on the same stalls."""
    offered: Callable[[StallFacts], int]
    """What it looks at in the stall: stalls that offer the same take the same applicants."""
    lift: int
    """How hard it is to do something about it, 1 the easiest: told to whom no stall will do."""
    of_stall: bool = False
    """About the stall whatever is asked of it, so it holds for both of two; others are met on the first."""
    held_back: bool = False
    """The stall stays empty although it would do: whoever waits sees that, and asks."""
    together: Callable[[Applicant, StallFacts, StallFacts], object] | None = None
    """Whether two stalls given as one break it between them."""
    name: str = ""
    """What somebody needs, where a reason names it."""


NEEDS = (
    Need(
        "closed", lambda a, s: s.closed, asked=lambda a: None, offered=lambda s: s.closed, lift=10,
        of_stall=True,
    ),
    Need(
        "kept_free", lambda a, s: s.kept_free, asked=lambda a: None, offered=lambda s: s.kept_free, lift=9,
        of_stall=True, held_back=True,
    ),
    Need(
        "reserved", lambda a, s: s.reserved and not a.for_reserved, asked=lambda a: a.for_reserved,
        offered=lambda s: s.reserved, lift=8, of_stall=True, held_back=True,
    ),
    Need(
        "no_power", lambda a, s: a.power_w and not s.power_w, asked=lambda a: a.power_w,
        offered=lambda s: s.power_w, lift=4, name="power",
    ),
    Need(
        "not_enough_power", lambda a, s: a.power_w > s.power_w > 0, asked=lambda a: a.power_w,
        offered=lambda s: s.power_w, lift=3,
    ),
    Need(
        "no_water", lambda a, s: a.needs_water and not s.water, asked=lambda a: a.needs_water,
        offered=lambda s: s.water, lift=2, name="water",
    ),
    Need(
        "no_vehicle", lambda a, s: a.needs_vehicle and not s.vehicle, asked=lambda a: a.needs_vehicle,
        offered=lambda s: s.vehicle, lift=1, name="vehicle",
    ),
    Need(
        "no_flame", lambda a, s: a.burns and s.no_flame, asked=lambda a: a.burns,
        offered=lambda s: s.no_flame, lift=7,
    ),
    Need(
        "too_narrow", lambda a, s: 0 < s.width_dm < a.width_dm and not a.double, asked=lambda a: a.width_dm,
        offered=lambda s: s.width_dm, lift=5,
        together=lambda a, s, t: s.width_dm and t.width_dm and a.width_dm > s.width_dm + t.width_dm,
    ),
    Need(
        "too_shallow", lambda a, s: 0 < s.depth_dm < a.depth_dm, asked=lambda a: a.depth_dm,
        offered=lambda s: s.depth_dm, lift=6,
    ),
)  # fmt: skip
"""In the order in which they are told of a stall; whoever adds one adds its sentences
(`stalls/rule_words.py`; a test names them) and an example in `tests/allocation/test_hard_rules.py`."""
BY_LIFT = tuple(need.code for need in sorted(NEEDS, key=lambda need: need.lift))
"""What may keep someone off a stall, the easiest to lift first."""
OF_STALL = tuple(need.code for need in NEEDS if need.of_stall)
HELD_BACK = frozenset(need.code for need in NEEDS if need.held_back)


def misfit(applicant: Applicant, stall: StallFacts) -> str | None:
    """The first hard rule that keeps this applicant off this stall; the circuit's load is not asked."""
    return next(iter(misfits(applicant, stall)), None)


def misfits(applicant: Applicant, stall: StallFacts) -> list[str]:
    """Every hard rule that keeps this applicant off this stall."""
    return [need.code for need in NEEDS if need.broken(applicant, stall)]


def misfits_beside(applicant: Applicant, stall: StallFacts, beside: StallFacts) -> list[str]:
    """What keeps a double applicant off two stalls: the needs are met on the first, the width on both."""
    found = misfits(applicant, stall)
    found += [need.code for need in NEEDS if need.of_stall and need.broken(applicant, beside)]
    return found + [need.code for need in NEEDS if need.together and need.together(applicant, stall, beside)]


def needs_of(applicant: Applicant) -> tuple[Hashable, ...]:
    """What makes applicants need different stalls, leaving the category aside."""
    return tuple(need.asked(applicant) for need in NEEDS)


def offers(stall: StallFacts) -> tuple[Hashable, ...]:
    """What makes a stall suit different applicants."""
    return tuple(need.offered(stall) for need in NEEDS)


def need_name(applicant: Applicant) -> str:
    """The first thing somebody needs that has a name."""
    return next((need.name for need in NEEDS if need.name and need.asked(applicant)), "any")


def fitting(applicant: Applicant, stalls: Iterable[StallFacts]) -> list[StallFacts]:
    return [stall for stall in stalls if misfit(applicant, stall) is None]
