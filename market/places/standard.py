"""The standard plaza: 36 stalls in the zones A to E, two supply lines and a fire lane, in one click; on
smaller ground the same with as many stalls as fit."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH_DM, DEPTH_DM = 480, 400
"""The least ground on which all of it fits."""

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
SOCKETS_A_LINE = 4


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


def fitted(width_dm: int, depth_dm: int) -> list[StandardStall]:
    """The stalls of a measured plaza: the standard ones where they fit, else as many rows as do."""
    if width_dm >= WIDTH_DM and depth_dm >= DEPTH_DM:
        return stalls()
    columns = (width_dm - FIRE_LANE[2] - MARGIN_DM + GAP_DM) // (STALL_DM + GAP_DM)
    rows = min((depth_dm - MARGIN_DM - STALL_DM) // (STALL_DM + AISLE_DM) + 1, len(ROWS))
    zones = [zone for zone, _count in ROWS[: max(rows, 0)]]
    powered = WATER if WATER in zones else zones[-1] if zones else ""
    return [
        _stall(zone, row, column, _line_of(column) if zone == powered else None)
        for row, zone in enumerate(zones, 1)
        for column in range(1, min(columns, ROWS[0][1]) + 1)
    ]


def fire_lane(width_dm: int, depth_dm: int) -> tuple[int, int, int, int]:
    """4 m along the east side of a plaza; where the standard one stands, beside its stalls."""
    if width_dm >= WIDTH_DM and depth_dm >= DEPTH_DM:
        return FIRE_LANE
    return (width_dm - FIRE_LANE[2], 0, FIRE_LANE[2], depth_dm)


def _line_of(column: int) -> str | None:
    """The first stalls of a row hang on the first line, the next ones on the second."""
    line = (column - 1) // SOCKETS_A_LINE
    return CIRCUITS[line][0] if line < len(CIRCUITS) else None


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
