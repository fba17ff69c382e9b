"""A film for Chromium's fake camera: motion JPEG, which is JPEG pictures one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import qrcode
from PIL import Image

SIZE = (640, 480)
FRAMES_EACH = 15


def qr_picture(text: str) -> Image.Image:
    """A QR code as a person would hold it: a printed card before a grey wall, a little turned."""
    code = qrcode.QRCode(border=4, box_size=8)
    code.add_data(text)
    matrix = code.get_matrix()
    card = Image.new("L", (len(matrix), len(matrix)), 255)
    card.putdata([0 if dark else 255 for row in matrix for dark in row])
    scale = 300 // len(matrix)
    card = card.resize((len(matrix) * scale,) * 2, Image.Resampling.NEAREST)
    card = card.rotate(7, Image.Resampling.BICUBIC, expand=True, fillcolor=128)
    scene = Image.new("RGB", SIZE, (128, 128, 128))
    scene.paste(card, ((SIZE[0] - card.width) // 2, (SIZE[1] - card.height) // 2))
    return scene


def film(pictures: Iterable[Image.Image], target: Path, frames_each: int = FRAMES_EACH) -> Path:
    """Writes the pictures as a film that Chromium repeats without end."""
    with target.open("wb") as file:
        for picture in pictures:
            for _frame in range(frames_each):
                picture.convert("RGB").resize(SIZE).save(file, "JPEG", quality=85)
    return target


def arguments(film: Path) -> list[str]:
    """What Chromium must be started with to see the film and to be allowed to look."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
