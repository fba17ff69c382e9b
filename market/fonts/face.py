"""The vendored font as the PDF library uses it, with that library's faults mended."""

from __future__ import annotations

import mmap
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT = "market-paper"
FONT_FILE = Path(__file__).parent / "NotoSansCJKsc-Regular.ttf"


class PaperFont(TTFont):
    """The library's TrueType font with two faults mended.

    reportlab 5.1 writes the Unicode of each glyph as `%04X`, which is not UTF-16 beyond the basic plane: 𠮷
    looked right but was copied and found as another character. And saving a document reads the font file
    through one shared position, so two threads saving at once would mix up their glyphs.
    """

    _saving = Lock()

    def addObjects(self, doc: Any) -> None:  # noqa: N802  # the library's name
        with self._saving:
            subsets = self.state[doc].subsets
            names = [self.getSubsetInternalName(number, doc)[1:] for number in range(len(subsets))]
            super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        for name, subset in zip(names, subsets, strict=True):
            stream = doc.idToObject[fonts[name].ToUnicode.name]
            stream.content = to_unicode_map(name, subset)


def to_unicode_map(name: str, subset: list[int]) -> str:
    """The table by which readers copy and search text: code in the page → Unicode, in UTF-16."""
    lines = [
        f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>" for code, point in enumerate(subset)
    ]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            f"/CMapName /{name} def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks),
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )


class _Mapped:
    """The file of the font where it lies on the disk: read, its 10 MB would be copied into every process."""

    name = str(FONT_FILE)

    def read(self) -> mmap.mmap:
        """All of it; what of it is not looked at takes no memory."""
        with FONT_FILE.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@cache
def paper_font() -> PaperFont:
    """The font, read and registered on first use (about 50 ms)."""
    rl_config.useA85 = 0  # pages as bytes, not as text a quarter longer
    font = PaperFont(FONT, _Mapped())
    # 7 MB that only scripts with ligatures ask for.
    font.face.glyphToChar = {}  # type: ignore[attr-defined]  # its stub does not name it
    pdfmetrics.registerFont(font)
    return font
