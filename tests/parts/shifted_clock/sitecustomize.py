"""Python reads this file at its start, when tests/clocks.py puts this folder on its path.

libfaketime 0.9.10 leaves the monotonic clock alone when told to, but still moves the deadline that
`time.sleep` takes from it, and the kernel refuses that. `select` names no moment, so nothing can move it.
"""

from __future__ import annotations

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex, /) -> None:
    select.select([], [], [], float(seconds))


time.sleep = _sleep
