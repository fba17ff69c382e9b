"""What phones send: a zoo of files, each with its verdict, in little memory; nothing of a file is kept."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from market import photos
from market.draw_anew import acts
from market.errors import Refusal
from market.photos import MOST_BYTES, MOST_PAGES, PAPER_SIDE, read_paper, read_photo
from tests.parts.zoo import EICAR, SCRIPT, Animal, animals, pdf, pdf_with_packed_script, picture, with_script

MOST_MEMORY_KB = 200_000
LEFT_OUT = (EICAR, SCRIPT, b"%PDF", b"PK\x03\x04", b"118.0E")


@pytest.fixture(scope="module")
def zoo() -> list[Animal]:
    return animals()


def verdict(read: Any, content: bytes) -> str:
    try:
        read(BytesIO(content))
    except Refusal as refusal:
        return refusal.code.removeprefix("photos.")
    return ""


@pytest.mark.slow
def test_every_animal_of_the_zoo_gets_its_verdict(zoo: list[Animal]) -> None:
    wrong, slow = [], []
    for animal in zoo:
        began = time.monotonic()
        got = (verdict(read_paper, animal.content), verdict(read_photo, animal.content))
        slow += [animal.name] if time.monotonic() - began > 2 * (photos.SECONDS + 2) else []
        if got != (animal.as_paper, animal.as_photo):
            wrong.append((animal.name, got, (animal.as_paper, animal.as_photo)))
    assert (wrong, slow) == ([], [])
    assert len(zoo) >= 60


def test_nothing_of_a_file_is_kept_but_what_it_shows(zoo: list[Animal]) -> None:
    for animal in zoo:
        for page in read_paper(BytesIO(animal.content)) if not animal.as_paper else ():
            shown = Image.open(BytesIO(page.content))
            assert (shown.format, shown.mode, dict(shown.getexif())) == ("JPEG", "RGB", {}), animal.name
            assert shown.size == (page.width, page.height)
            assert max(shown.size) <= PAPER_SIDE
            assert not any(
                part in page.content for part in (EICAR, SCRIPT, b"%PDF", b"PK\x03\x04", b"118.0E")
            )


MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Asked from a small process: what a large one starts is counted with the memory of its parent."""


def peak_kb(content: bytes) -> int:
    """How much memory the program that draws this file took at most."""
    limits = [photos.MEMORY, photos.SECONDS, photos.MOST_PIXELS, MOST_PAGES, PAPER_SIDE, photos.QUALITY]
    program = [sys.executable, "-P", str(photos.PROGRAM), json.dumps(limits)]
    run = [sys.executable, "-c", MEASURE, *program]
    return int(subprocess.run(run, input=content, stdout=subprocess.PIPE, check=True).stdout)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts kilobytes as Linux does")
def test_no_file_takes_more_than_its_memory(zoo: list[Animal]) -> None:
    taken = {animal.name: peak_kb(animal.content[:MOST_BYTES]) for animal in zoo}
    assert {name: kb for name, kb in taken.items() if kb > MOST_MEMORY_KB} == {}


@pytest.mark.parametrize(
    "content, does",
    [
        (pdf(), False),
        (with_script(), True),
        (pdf_with_packed_script(), True),
        (b"/JSON /Launched /XFAx", False),
        (b"/#4A#53 (x)", True),
        (b"/AA<</O<</S/Launch>>>>", True),
    ],
)
def test_a_pdf_that_acts_is_known_by_its_names(content: bytes, does: bool) -> None:
    assert acts(content) is does


def test_each_page_becomes_a_picture() -> None:
    assert len(read_paper(BytesIO(pdf(3)))) == 3
    assert len(read_paper(BytesIO(picture()))) == 1


def test_the_program_learns_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKET_SECRET_KEY", "not for everybody")
    given: dict[str, Any] = {}

    def run(program: list[str], **more: Any) -> Any:
        given.update(more)
        return subprocess.CompletedProcess(program, 0, b'{"verdict": "", "pages": []}\n', b"")

    monkeypatch.setattr("subprocess.run", run)
    read_paper(BytesIO(picture()))
    assert "MARKET_SECRET_KEY" not in given["env"]
