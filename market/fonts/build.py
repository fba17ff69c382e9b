"""Builds `NotoSansCJKsc-Regular.ttf`: run by a maintainer when the font changes, never on a user's machine.

The PDF library embeds TrueType outlines only, while Noto Sans CJK comes as a collection with CFF outlines. So
the simplified Chinese face is taken out, Hangul and layout tables are dropped, every outline is converted.

    pip download noto-cjk-sans-otc==0.0.1 --no-deps --dest build
    python -m market.fonts.build build/noto_cjk_sans_otc-0.0.1-py3-none-any.whl

fontTools comes with the `test` extra. The result is the same byte for byte (fontTools 4.68):
`tests/test_paper.py` compares the vendored file with `FONT_SHA256`.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import zipfile
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph

WHEEL_SHA256 = "44596df7f0c1590cb9c4cfe85b9213b7e91e1086a8a024f1a05df6d6badd33ec"
FONT_SHA256 = "19bdf773b5538432dd445c61fdc1a330ec6020c85bc10782eb8e1bc567a1b417"
COLLECTION = "noto_cjk_sans_otc/NotoSansCJK-Regular.ttc"
LICENCE = "noto_cjk_sans_otc-0.0.1.dist-info/licenses/LICENSE"
SIMPLIFIED_CHINESE = 2
VERSION_NAME = 5
HERE = Path(__file__).parent
FONT_FILE = HERE / "NotoSansCJKsc-Regular.ttf"

HANGUL = (
    range(0x1100, 0x1200),
    range(0x3130, 0x3190),
    range(0x3200, 0x3220),
    range(0x3260, 0x3280),
    range(0xA960, 0xA980),
    range(0xAC00, 0xD800),
    range(0xFFA0, 0xFFE0),
)
OUTLINE_ERROR = 1.0
"""Largest distance between the old and the new outline, in thousandths of the type size."""


def main() -> None:
    """Reads the wheel named on the command line, writes the font and its licence beside this file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("wheel", type=Path)
    wheel: Path = parser.parse_args().wheel
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{wheel}: not the pinned wheel (sha256 {WHEEL_SHA256})")
    with zipfile.ZipFile(wheel) as archive:
        build(archive.read(COLLECTION)).save(FONT_FILE, reorderTables=True)
        (HERE / "OFL.txt").write_bytes(archive.read(LICENCE))
    sys.stdout.write(f"{FONT_FILE}: sha256 {hashlib.sha256(FONT_FILE.read_bytes()).hexdigest()}\n")


def build(collection: bytes) -> TTFont:
    """The simplified Chinese face of the collection, without Hangul, with TrueType outlines."""
    font = TTFont(io.BytesIO(collection), fontNumber=SIMPLIFIED_CHINESE, recalcTimestamp=False)
    subset(font)
    to_truetype(font)
    for record in font["name"].names:
        if record.nameID == VERSION_NAME:
            record.string = f"{record} / TrueType outlines, without Hangul".encode(record.getEncoding())
    return font


def subset(font: TTFont) -> None:
    """Keeps every character but Hangul, and no table that the PDF library would not read."""
    options = Options()
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.name_languages = [0x409]
    options.recalc_timestamp = False
    subsetter = Subsetter(options)
    wanted = [code for code in font.getBestCmap() if not any(code in block for block in HANGUL)]
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)


def to_truetype(font: TTFont) -> None:
    """Replaces the CFF table by `glyf`: cubic curves become quadratic ones."""
    order = font.getGlyphOrder()
    outlines = quadratic_outlines(font)
    del font["CFF "]
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder = order
    glyf.glyphs = outlines
    font["maxp"] = truetype_maxp(len(order))
    font["post"].formatType = 3.0
    font["post"].extraNames, font["post"].mapping = [], {}
    font.sfntVersion = "\x00\x01\x00\x00"
    for name, outline in outlines.items():
        advance, _side_bearing = font["hmtx"][name]
        outline.recalcBounds(glyf)
        font["hmtx"][name] = (advance, getattr(outline, "xMin", 0))


def quadratic_outlines(font: TTFont) -> dict[str, Glyph]:
    """Every glyph, redrawn; contours turn round, as TrueType fills clockwise ones."""
    glyphs = font.getGlyphSet()
    outlines = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, OUTLINE_ERROR, reverse_direction=True))
        outlines[name] = pen.glyph()
    return outlines


def truetype_maxp(glyph_count: int) -> object:
    """The profile table of an unhinted TrueType font; point counts are filled in on save."""
    maxp = newTable("maxp")
    maxp.tableVersion = 0x00010000
    maxp.numGlyphs = glyph_count
    maxp.maxZones = 1
    for field in (
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
        "maxComponentDepth",
        "maxPoints",
        "maxContours",
        "maxCompositePoints",
        "maxCompositeContours",
    ):
        setattr(maxp, field, 0)
    return maxp


if __name__ == "__main__":
    main()
