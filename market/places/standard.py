"""The standard plaza: 36 stalls in the zones A to E, two supply lines and a fire lane, in one click."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH_DM, DEPTH_DM = 480, 400
"""The least ground on which it fits."""

CIRCUITS = (("1 号线", 12_000), ("2 号线", 12_000))
SOCKET_W = 2_500
SOCKETS = {
    "1 号线": ("C01", "C02", "C03", "C04", "B05", "B06", "A11"),
    "2 号线": ("C05", "C06", "C07", "C08", "B07", "B08", "A12"),
}
ROWS = (("A", 12), ("B", 8), ("C", 8), ("D", 5), ("E", 3))
WATER, SHADE = "C", "D"
STALL_DM, GAP_DM, AISLE_DM, MARGIN_DM = 30, 5, 40, 20
FIRE_LANE = (440, 0, 40, 400)
"""x, y, width, depth: 4 m along the east side."""


@dataclass(frozen=True)
class StandardStall:
    label: str
    row: int
    column: int
    x_dm: int
    y_dm: int
    power_w: int
    circuit: str | None
    water: bool
    shade: bool


def stalls() -> list[StandardStall]:
    """One zone a row, numbers by walking order, aisles of four metres between the rows."""
    lines = {label: circuit for circuit, labels in SOCKETS.items() for label in labels}
    return [
        _stall(zone, row, column, lines.get(f"{zone}{column:02d}"))
        for row, (zone, count) in enumerate(ROWS, 1)
        for column in range(1, count + 1)
    ]


def _stall(zone: str, row: int, column: int, circuit: str | None) -> StandardStall:
    return StandardStall(
        label=f"{zone}{column:02d}",
        row=row,
        column=column,
        x_dm=MARGIN_DM + (column - 1) * (STALL_DM + GAP_DM),
        y_dm=MARGIN_DM + (row - 1) * (STALL_DM + AISLE_DM),
        power_w=SOCKET_W if circuit else 0,
        circuit=circuit,
        water=zone == WATER,
        shade=zone == SHADE,
    )
