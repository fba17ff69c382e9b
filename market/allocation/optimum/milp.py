"""A small exact integer model for HiGHS: whole numbers in, whole numbers out, and an honest bound.

The search is limited by work, not by time: HiGHS reports each of its own steps, each costs its usual price,
and the search ends when the allowance is spent. So a busy machine stops at the very plan of an idle one.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import highspy

UNBOUNDED = highspy.kHighsInf
MARGINS = 4.0, 40.0, math.inf
"""Columns priced higher are left out in each round; the proof then says whether that was right."""
STEP_S, STEP_PER_COLUMN_S = 2e-4, 6e-6
"""What a step of the search for whole numbers usually takes, on two cores of 2.6 GHz."""
PIVOT_PER_COLUMN_S = 1e-8
BRAKE, BRAKE_S = 4.0, 20.0
"""The clock ends a search only when it takes this many times as long as allowed, and so many seconds more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    values: list[int] | None  # None: no plan found
    objective: int
    bound: int
    proven: bool  # optimal with gap 0, or proven to have no plan
    stopped_by_clock: bool = False  # the last brake: the machine was many times slower than usual


class Allowance:
    """Work worth so many seconds on the machine where the prices were taken."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.ends = time.perf_counter() + BRAKE * seconds + BRAKE_S
        self.stopped_by_clock = False

    def run(self, solver: highspy.Highs, columns: int) -> None:
        """Runs the solver and charges each of its steps to the allowance."""
        price = STEP_S + columns * STEP_PER_COLUMN_S

        def pay(step: highspy.HighsCallbackEvent) -> None:
            self.left -= price
            if self.left <= 0:
                step.interrupt()

        solver.setOptionValue("time_limit", max(self.ends - time.perf_counter(), 0.01))
        solver.cbMipInterrupt += pay
        solver.run()
        self.stopped_by_clock |= solver.getModelStatus() == highspy.HighsModelStatus.kTimeLimit

    def run_continuous(self, solver: highspy.Highs, columns: int) -> None:
        """The same for a continuous model, where a step is one of the simplex method's."""
        price = columns * PIVOT_PER_COLUMN_S
        solver.setOptionValue("simplex_iteration_limit", int(max(self.left, 0) / price) + 1)
        self.run(solver, columns)
        self.left -= solver.getInfo().simplex_iteration_count * price


@dataclass(slots=True)
class Milp:
    """Maximise a sum of whole-numbered columns under rows `low ≤ Σ coefficient × column ≤ high`."""

    costs: list[float] = field(default_factory=list)
    uppers: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    coefficients: list[float] = field(default_factory=list)
    loose: set[int] = field(default_factory=set)  # whole by themselves once the others are
    large: int = 1000  # with more columns than this, the continuous form prices them first

    def column(self, upper: int, cost: int = 0, *, whole: bool = True) -> int:
        self.costs.append(cost)
        self.uppers.append(upper)
        column = len(self.costs) - 1
        if not whole:
            self.loose.add(column)
        return column

    def row(self, terms: Mapping[int, int], low: int | None, high: int | None) -> int:
        """Coefficients and limits are divided by their common divisor: small numbers, same meaning."""
        shared = math.gcd(*terms.values()) or 1
        self.starts.append(len(self.columns))
        self.columns += terms.keys()
        self.coefficients += [value // shared for value in terms.values()]
        self.lows.append(-UNBOUNDED if low is None else -(-low // shared))
        self.highs.append(UNBOUNDED if high is None else high // shared)
        return len(self.lows) - 1

    def total(self, columns: Sequence[int], low: int | None, high: int | None) -> int:
        return self.row(dict.fromkeys(columns, 1), low, high)

    def solve(self, seconds: float) -> Outcome:
        if not self.costs:
            fits = all(low <= 0 <= high for low, high in zip(self.lows, self.highs, strict=True))
            return Outcome([] if fits else None, 0, 0, proven=True)
        if seconds <= 0:
            return Outcome(None, 0, self._ceiling(), proven=False)
        allowance = Allowance(seconds)
        if len(self.costs) > self.large and any(self.costs):
            found = self._solve_by_prices(allowance)
        else:
            found = self._run(self._model(), allowance)
        return replace(found, stopped_by_clock=allowance.stopped_by_clock)

    def rows_at_odds(self, seconds: float) -> list[int]:
        """Rows that contradict one another even for broken numbers (Farkas); empty where that is not so."""
        if not self.costs:
            return []
        solver = _quiet_solver()
        solver.setOptionValue("presolve", "off")
        relaxed = self._model()
        relaxed.integrality_ = []
        solver.passModel(relaxed)
        Allowance(seconds).run_continuous(solver, len(self.costs))
        _status, found, ray = solver.getDualRay()  # type: ignore[attr-defined]  # its stub forgot it
        return [row for row, factor in enumerate(ray) if abs(factor) > 1e-9] if found else []

    def _solve_by_prices(self, allowance: Allowance) -> Outcome:
        """Exact in rounds: a column whose price is more than the gap to a known plan cannot be part of a
        better one, so it stays at its end; the first rounds guess the gap."""
        relaxed = self._prices(allowance)
        if relaxed is None:
            return self._run(self._model(), allowance)
        top, priced = relaxed
        best, gap = Outcome(None, 0, math.floor(top), proven=False), math.inf
        for widest in MARGINS:
            margin = min(gap, widest)
            outcome = self._run(self._model(self._ends(priced, margin)), allowance, best.values)
            if outcome.values is not None and (best.values is None or outcome.objective > best.objective):
                best = outcome
            if best.values is None:
                whole = best if allowance.left <= 0 else self._run(self._model(), allowance)
                return replace(whole, bound=min(whole.bound, math.floor(top)))
            gap = top - best.objective - 1  # a better plan is better by 1 or more
            if outcome.proven and gap <= margin:
                return replace(best, bound=best.objective, proven=True)
            if allowance.left <= 0:
                break
        outside = math.floor(top - margin)  # what a plan with a column beyond the margin might reach
        bound = min(math.floor(top), max(outcome.bound, outside))
        return replace(best, bound=max(bound, best.objective), proven=False)

    def _prices(self, allowance: Allowance) -> tuple[float, list[tuple[float, float]]] | None:
        """What the continuous model reaches, and each column's number and price in it."""
        relaxed = self._model()
        relaxed.integrality_ = []
        solver = _quiet_solver()
        solver.passModel(relaxed)
        allowance.run_continuous(solver, len(self.costs))
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = solver.getSolution()
        priced = list(zip(solution.col_value, solution.col_dual, strict=True))
        return solver.getInfo().objective_function_value + 1e-6, priced

    def _ends(self, priced: Sequence[tuple[float, float]], margin: float) -> list[tuple[float, float]]:
        """The limits of each column, both the same where its price is beyond the margin."""
        found = []
        for (value, price), upper in zip(priced, self.uppers, strict=True):
            if abs(price) <= margin + 1e-4:
                found.append((0.0, float(upper)))
            else:
                end = 0.0 if value < 0.5 * upper else float(upper)
                found.append((end, end))
        return found

    def _run(
        self, model: highspy.HighsLp, allowance: Allowance, known: Sequence[int] | None = None
    ) -> Outcome:
        """`known`: a plan to begin with, which the answer is never worse than."""
        solver = _quiet_solver()
        solver.passModel(model)
        if known is not None:
            start = highspy.HighsSolution()
            start.col_value = [float(value) for value in known]
            solver.setSolution(start)
        free = sum(low < high for low, high in zip(model.col_lower_, model.col_upper_, strict=True))
        allowance.run(solver, free)
        return self._outcome(solver)

    def _ceiling(self) -> int:
        return sum(int(max(cost, 0) * upper) for cost, upper in zip(self.costs, self.uppers, strict=True))

    def _model(self, ends: Sequence[tuple[float, float]] | None = None) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.costs), len(self.lows)
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = self.costs
        model.col_lower_ = [0] * len(self.costs) if ends is None else [low for low, _ in ends]
        model.col_upper_ = self.uppers if ends is None else [high for _, high in ends]
        model.row_lower_, model.row_upper_ = self.lows, self.highs
        model.integrality_ = [
            highspy.HighsVarType.kContinuous if column in self.loose else highspy.HighsVarType.kInteger
            for column in range(len(self.costs))
        ]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = [*self.starts, len(self.columns)]
        model.a_matrix_.index_ = self.columns
        model.a_matrix_.value_ = self.coefficients
        return model

    def _outcome(self, solver: highspy.Highs) -> Outcome:
        status, info = solver.getModelStatus(), solver.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return Outcome(None, 0, 0, proven=True)
        bound = self._ceiling()
        if math.isfinite(info.mip_dual_bound):
            bound = min(bound, math.floor(info.mip_dual_bound + 1e-6))
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return Outcome(None, 0, bound, proven=False)
        values = [round(value) for value in solver.getSolution().col_value]
        objective = sum(int(cost) * value for cost, value in zip(self.costs, values, strict=True))
        done = status == highspy.HighsModelStatus.kOptimal
        return Outcome(values, objective, max(bound, objective), proven=done and bound <= objective)


def _quiet_solver() -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy left its __init__ unannotated
    settings: dict[str, bool | int | float] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.999,  # every objective is a whole number: less than one apart is the same
    }
    for name, value in settings.items():
        solver.setOptionValue(name, value)
    return solver
