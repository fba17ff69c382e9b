"""Which stall will do for whom: power, water, vehicle, size, reserved and closed stalls."""

from collections.abc import Hashable, Iterable

from market.allocation.rules.facts import Applicant, StallFacts


def misfit(applicant: Applicant, stall: StallFacts) -> str | None:
    """The first hard rule that keeps this applicant off this stall, the circuit's load apart."""
    return next(iter(misfits(applicant, stall)), None)


def misfits(applicant: Applicant, stall: StallFacts) -> list[str]:
    """Every hard rule that keeps this applicant off this stall."""
    power, width = applicant.power_w, applicant.width_dm
    verdicts = {
        "closed": stall.closed,
        "kept_free": stall.kept_free,
        "reserved": stall.reserved and not applicant.for_reserved,
        "no_power": bool(power) and not stall.power_w,
        "not_enough_power": power > stall.power_w > 0,
        "no_water": applicant.needs_water and not stall.water,
        "no_vehicle": applicant.needs_vehicle and not stall.vehicle,
        "too_narrow": 0 < stall.width_dm < width and not applicant.double,
        "too_shallow": 0 < stall.depth_dm < applicant.depth_dm,
    }
    return [code for code, broken in verdicts.items() if broken]


def misfits_beside(applicant: Applicant, stall: StallFacts, beside: StallFacts) -> list[str]:
    """What keeps a double applicant off two stalls: the needs are met on the first, the width on both."""
    found = misfits(applicant, stall)
    found += [code for code in misfits(applicant, beside) if code in ("closed", "kept_free", "reserved")]
    measured = stall.width_dm and beside.width_dm
    if measured and applicant.width_dm > stall.width_dm + beside.width_dm:
        found.append("too_narrow")
    return found


def needs(applicant: Applicant) -> tuple[Hashable, ...]:
    """What tells apart applicants for whom different stalls will do; the category apart."""
    size = applicant.width_dm, applicant.depth_dm
    return applicant.power_w, applicant.needs_water, applicant.needs_vehicle, size, applicant.for_reserved


def fitting(applicant: Applicant, stalls: Iterable[StallFacts]) -> list[StallFacts]:
    return [stall for stall in stalls if misfit(applicant, stall) is None]
