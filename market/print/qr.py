"""QR codes: on paper as a one-bit picture, on screens as SVG; both from the same squares."""

from __future__ import annotations

from html import escape
from typing import Any, Literal, NamedTuple

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import QRData

QUIET_ZONE = 4
"""Empty modules around a symbol, without which scanners do not find it."""
MASK = 3
"""Any of the eight masks makes a valid symbol; trying them all for the prettiest takes six times as long."""

AS_BYTES: Literal[4] = 4
"""The library's number for the mode that takes any text."""


def qr_matrix(text: str) -> list[list[bool]]:
    """The squares of the smallest symbol for the text (correction M), rows from the top, no quiet zone."""
    try:
        return _squares(QRData(text.encode()))
    except ValueError:
        # qrcode 8.2 stumbles over a block of zero bits only (its issue 330); written as bytes there is none.
        return _squares(QRData(text.encode(), mode=AS_BYTES))


def _squares(data: QRData) -> list[list[bool]]:
    code: QRCode[Any] = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK, border=0)
    code.add_data(data)
    code.make(fit=True)
    return [[bool(square) for square in row] for row in code.get_matrix()]


class Squares(NamedTuple):
    """A symbol ready to print: how many squares a side has, and the rows as a picture of one bit a square."""

    side: int
    hexadecimal: str
    """Each row filled up to whole bytes, as PDF pictures are stored."""

    @classmethod
    def of(cls, matrix: list[list[bool]]) -> Squares:
        width = len(matrix)
        filled = -(-width // 8) * 8
        rows = (int("".join("1" if square else "0" for square in row), 2) for row in matrix)
        return cls(width, "".join(f"{row << filled - width:0{filled // 4}x}" for row in rows))


def qr_squares(text: str) -> Squares:
    """What `draw_qr` puts on paper."""
    return Squares.of(qr_matrix(text))


def draw_qr(canvas: Any, text: str, x: float, y: float, size: float) -> None:
    """Draws the symbol with its quiet zone in the square whose lower left corner is (x, y), in black."""
    draw_squares(canvas, qr_squares(text), x, y, size)


def draw_squares(canvas: Any, squares: Squares, x: float, y: float, size: float) -> None:
    """One picture of one bit a square: sharp at any size, and a tenth of the time of drawing every square."""
    module = size / (squares.side + 2 * QUIET_ZONE)
    side = module * squares.side
    corner = module * QUIET_ZONE
    canvas.addLiteral(
        f"q 0 g {side:.4f} 0 0 {side:.4f} {x + corner:.4f} {y + corner:.4f} cm BI /W {squares.side} "
        f"/H {squares.side} /IM true /BPC 1 /D [1 0] /F /AHx ID {squares.hexadecimal}> EI Q"
    )


def qr_svg(text: str, label: str) -> str:
    """The symbol as an SVG element with its quiet zone; `label` tells who cannot see it what it is."""
    matrix = qr_matrix(text)
    side = len(matrix) + 2 * QUIET_ZONE
    squares = "".join(
        f"M{column + QUIET_ZONE} {row + QUIET_ZONE}h{length}v1h-{length}z"
        for row, line in enumerate(matrix)
        for column, length in _runs(line)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{squares}"/></svg>'
    )


def _runs(line: list[bool]) -> list[tuple[int, int]]:
    """Where each unbroken run of dark squares begins, and how long it is."""
    runs: list[tuple[int, int]] = []
    for column, square in enumerate(line):
        if square and runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif square:
            runs.append((column, 1))
    return runs
