"""Many QR codes at once: the library's own symbols, put together from a table of its answers.

For one version, correction and mask every square is a sum, modulo 2, of bits of the text: error correction
is linear, placement moves bits, the mask adds a constant. So the table asks the library once what each bit of
the data does to the symbol (a twentieth of a second); from then on a symbol is two hundred XORs instead of a
millisecond of the library's arithmetic. `tests/gate/test_qr_table.py` compares them square by square.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, reduce
from itertools import chain, zip_longest
from operator import getitem, xor
from typing import Any

from qrcode import base, util
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from market.print.qr import MASK, Squares, qr_squares

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_WRITABLE = re.compile(r"[0-9A-Z $%*+\-./:]+")
_TWO = re.compile("..?")
LAST_SHORT_VERSION = 9
"""Up to here the number of characters takes nine bits."""

HEAD, HEAD_DIGITS = 26, 39
"""So many characters end with a whole hexadecimal digit: 4 + 9 + 13 · 11 bits."""

WORTH_IT = 40
"""From so many codes on, the table is quicker than asking the library for each."""

PROBES = ("HTTPS://EXAMPLE.ORG/P/10$*Z-.+9A4K", "A", "MARKET 0")
"""What every new table must get right before it is used."""

Bits = int
"""A symbol as one number: each row filled up to whole bytes, the first row highest."""


class CodeTable:
    """Symbols of one version (1 to 9), correction M, our mask, for texts in the alphanumeric mode."""

    def __init__(self, version: int) -> None:
        self.side = 17 + 4 * version
        self.row_bits = -(-self.side // 8) * 8
        blocks = base.rs_blocks(version, ERROR_CORRECT_M)
        self.capacity = 8 * sum(block.data_count for block in blocks)
        blank, places = _placement(version, sum(block.total_count for block in blocks))
        self._blank = blank
        self._parts = [_sums(four) for four in _fours(_columns(blocks, places))]

        self._rest = self._parts[HEAD_DIGITS:]
        self._begun: dict[tuple[int, str], Bits] = {}

    def squares(self, text: str) -> Squares:
        """The same as `qr_squares(text)`; `text` must fit (`bits_needed`)."""
        digits = _data(text, self.capacity).hex()
        begun = self._begun.get((len(text), text[:HEAD]))
        if begun is None:
            begun = self._begin(text, digits)
        symbol = reduce(xor, map(getitem, self._rest, digits[HEAD_DIGITS:]), begun)
        return Squares(self.side, symbol.to_bytes(self.side * self.row_bits // 8, "big").hex())

    def _begin(self, text: str, digits: str) -> Bits:
        """What the head of the text does, kept for the next one: the addresses of a print begin alike."""
        begun = reduce(xor, map(getitem, self._parts, digits[:HEAD_DIGITS]), self._blank)
        if len(text) >= HEAD:
            self._begun = {(len(text), text[:HEAD]): begun}
        return begun


def is_alphanumeric(text: str) -> bool:
    """Whether the library would write the text in the alphanumeric mode; digits alone have another."""
    return _WRITABLE.fullmatch(text) is not None and not text.isdigit()


def bits_needed(text: str) -> int:
    """How many bits the text takes in a symbol up to version 9, its head included."""
    return 4 + 9 + len(text) // 2 * 11 + len(text) % 2 * 6


def table_for(text: str) -> CodeTable | None:
    """The table for a text's symbol, None where there is none: then the library draws it."""
    if not is_alphanumeric(text):
        return None
    needed = bits_needed(text)
    fitting = (version for version in range(1, LAST_SHORT_VERSION + 1) if _capacity(version) >= needed)
    smallest = next(fitting, None)
    return table(smallest) if smallest is not None else None


@cache
def _capacity(version: int) -> int:
    return 8 * sum(block.data_count for block in base.rs_blocks(version, ERROR_CORRECT_M))


@cache
def table(version: int) -> CodeTable | None:
    """The table of a version, made on first use; None when this release of the library answers otherwise."""
    try:
        made = CodeTable(version)
        probes = [_fill(probe, made.capacity) for probe in PROBES]
        right = all(made.squares(probe) == qr_squares(probe) for probe in probes)
    except (AttributeError, TypeError, ValueError, IndexError):
        return None
    return made if right else None


def is_ready() -> bool:
    """Whether a table has been made already, so that even a short print may use it."""
    return table.cache_info().currsize > 0


def squares_of(text: str) -> Squares:
    """The squares of a text, by a table where there is one."""
    found = table_for(text)
    return qr_squares(text) if found is None else found.squares(text)


def _fill(probe: str, capacity: int) -> str:
    """The probe repeated until it needs just this version."""
    room = (capacity - 13) * 2 // 11 - 1
    return (probe * room)[:room]


# ── asking the library ────────────────────────────────────────────────────────────────────────────────────


def _placement(version: int, codewords: int) -> tuple[Bits, list[Bits]]:
    """The symbol of nothing but zeros, and for each bit of the codewords the square that it turns.

    The n-th question sets every bit whose number has a one in its n-th place; the answers spell its number.
    """
    blank = _placed(version, bytes(codewords))
    numbers: dict[int, int] = {}
    for question in range((codewords * 8).bit_length()):
        asked = [number >> question & 1 for number in range(1, codewords * 8 + 1)]
        changed = blank ^ _placed(version, _bytes(asked))
        while changed:
            square = changed.bit_length() - 1
            numbers[square] = numbers.get(square, 0) | 1 << question
            changed ^= 1 << square
    by_number = {number: square for square, number in numbers.items()}
    return blank, [1 << by_number[number] for number in range(1, codewords * 8 + 1)]


def _placed(version: int, codewords: bytes) -> Bits:
    """The library's symbol for codewords that are already corrected."""
    code: QRCode[Any] = QRCode(version, ERROR_CORRECT_M, mask_pattern=MASK, border=0)
    code.data_cache = list(codewords)
    code.makeImpl(False, MASK)
    return int(Squares.of(code.get_matrix()).hexadecimal, 16)


def _columns(blocks: list[base.RSBlock], places: list[Bits]) -> Iterator[Bits]:
    """For each bit of the data, in order, every square that it turns: its own and those of its correction."""
    order = _interleaved(blocks)
    codeword = {where: places[8 * n : 8 * n + 8] for n, where in enumerate(order)}
    for number, block in enumerate(blocks):
        for data in range(block.data_count):
            for bit in range(8):
                answer = _corrected(block.data_count, block.total_count, data, bit)
                yield _turned(answer, [codeword[number, place] for place in range(block.total_count)])


def _interleaved(blocks: list[base.RSBlock]) -> list[tuple[int, int]]:
    """Block and place of each codeword in the order of the symbol: first all data, then all correction."""
    data = [[(n, place) for place in range(b.data_count)] for n, b in enumerate(blocks)]
    check = [[(n, place) for place in range(b.data_count, b.total_count)] for n, b in enumerate(blocks)]
    turns = chain(zip_longest(*data), zip_longest(*check))
    return [where for turn in turns for where in turn if where is not None]


@cache
def _corrected(data_count: int, total_count: int, place: int, bit: int) -> bytes:
    """One block of the library in which a single bit of the data is set (the first bit is the highest)."""
    buffer = util.BitBuffer()
    buffer.buffer = [0] * data_count
    buffer.buffer[place] = 0x80 >> bit
    return bytes(util.create_bytes(buffer, [base.RSBlock(total_count, data_count)]))


def _turned(codewords: bytes, places: list[list[Bits]]) -> Bits:
    turned = 0
    for codeword, bits in zip(codewords, places, strict=True):
        if codeword:
            for number, place in enumerate(bits):
                if codeword & 0x80 >> number:
                    turned ^= place
    return turned


def _fours(columns: Iterator[Bits]) -> Iterator[tuple[Bits, ...]]:
    """Of bytes, half as many XORs would do; but that table, of 8 MB, falls out of the processor's cache
    between two pages, and fetching it again takes longer."""
    return zip(*[columns] * 4, strict=True)


def _sums(columns: tuple[Bits, ...]) -> dict[str, Bits]:
    """What each hexadecimal digit of the data does to the symbol."""
    sums = [0]
    for column in reversed(columns):
        sums += [column ^ known for known in sums]
    return {f"{digit:x}": turned for digit, turned in enumerate(sums)}


def _bytes(bits: list[int]) -> bytes:
    return int("".join(map(str, bits)), 2).to_bytes(len(bits) // 8, "big")


# ── the text as data ──────────────────────────────────────────────────────────────────────────────────────

_HEAD = {character: value for value, character in enumerate(ALPHANUMERIC)}
_PAIRS = {a + b: f"{_HEAD[a] * 45 + _HEAD[b]:011b}" for a in ALPHANUMERIC for b in ALPHANUMERIC}
_PAIRS |= {a: f"{_HEAD[a]:06b}" for a in ALPHANUMERIC}
_FILLERS = b"\xec\x11"


def _data(text: str, capacity: int) -> bytes:
    """The data of a symbol: mode, length, characters in pairs, end, fillers."""
    pairs = "".join(map(_PAIRS.__getitem__, _TWO.findall(text)))
    bits = f"0010{len(text):09b}{pairs}"
    bits += "0" * min(4, capacity - len(bits))
    bits += "0" * (-len(bits) % 8)
    fillers = (capacity - len(bits)) // 8
    return int(bits, 2).to_bytes(len(bits) // 8, "big") + (_FILLERS * (fillers // 2 + 1))[:fillers]
