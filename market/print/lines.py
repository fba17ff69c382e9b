"""Text in lines: where Chinese, Latin words and numbers may be broken, and where never."""

from __future__ import annotations

from collections.abc import Iterable

from market.print.glyphs import BOX, fitted_size, printable, shortened, text_width

NEVER_FIRST = frozenset("，。、；：？！）》〉」』】〕”’…—·,.;:?!)]}%％°")
NEVER_LAST = frozenset("（《〈「『【〔“‘([{¥￥")
FEWEST = 4
"""Letters of a last line that do not look lost."""


def wrap(text: str, size: float, width: float, stroke: float = 0) -> list[str]:
    """The printable text in lines no wider than `width`.

    Breaks between Chinese characters, not inside Latin words nor between a number and its unit. No line
    begins with punctuation or ends with an opening bracket. A word longer than a line is cut.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(printable(text)):
        if line and text_width((line + piece).rstrip(), size, stroke) > width:
            lines.append(line.rstrip())
            line = ""
        line = (line + piece).lstrip()
        while text_width(line.rstrip(), size, stroke) > width and len(line) > 1:
            fits = next(
                n
                for n in range(len(line) - 1, 0, -1)
                if n == 1 or text_width(line[:n], size, stroke) <= width
            )
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def balanced(text: str, size: float, width: float, stroke: float = 0) -> list[str]:
    """The same, but with no last line of a letter or two where those above can spare some: they then end
    after punctuation, if they can."""
    lines = wrap(text, size, width, stroke)
    if len(lines) < 2 or len(lines[-1]) >= FEWEST:
        return lines
    narrower = (wrap(text, size, width - size * spared, stroke) for spared in range(1, 6))
    better = [found for found in narrower if len(found) == len(lines) and len(found[-1]) >= FEWEST]
    return next((found for found in better if found[-2][-1] in NEVER_FIRST), (better or [lines])[0])


def whole_words(text: str, size: float, width: float, smallest: float, stroke: float = 0) -> float:
    """The size, or a smaller one down to `smallest`, at which no word is cut."""
    return fitted_size(longest_word(text), size, width, smallest, stroke)


def longest_word(text: str) -> str:
    """The widest of the parts that must stay together."""
    return max(
        (piece.rstrip() for piece in _pieces(printable(text))),
        key=lambda word: text_width(word, 1),
        default="",
    )


def _pieces(text: str) -> list[str]:
    """The text in the parts that must stay together."""
    pieces: list[str] = []
    for character in text:
        if pieces and _stays_with(pieces[-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _stays_with(piece: str, character: str) -> bool:
    """Whether no line may end between a piece and the next character."""
    before = piece[-1]
    if character in NEVER_FIRST or before in NEVER_LAST or character in " \u3000":
        return True
    if before == " ":
        return piece[-2:-1] == BOX or (piece[-2:-1].isdigit() and character.isalpha())
    return _is_word(before) and _is_word(character)


def _is_word(character: str) -> bool:
    return (character.isalnum() and ord(character) < 0x2E80) or character in "-–.,:/@_+[]'"


def largest_that_fits(
    text: str, sizes: Iterable[float], width: float, most: int, stroke: float = 0
) -> tuple[float, list[str]]:
    """The first of the sizes at which the text takes at most `most` lines, else the last; with its lines."""
    size, lines = 0.0, [""]
    for size in sizes:
        lines = wrap(text, size, width, stroke)
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: most - 1], shortened("".join(lines[most - 1 :]), size, width, stroke)]
