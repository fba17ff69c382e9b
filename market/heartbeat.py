"""Whether the process that does what is due still goes round: a moment that all processes share."""

from __future__ import annotations

import mmap
import struct
import time

LATE_S = 300.0
"""A round takes a minute; after so long without one something is wrong."""

_shared: mmap.mmap | None = None


def begin() -> None:
    """From now on there is something to hear: called before the processes are copied."""
    global _shared
    _shared = mmap.mmap(-1, 8)
    beat()


def beat() -> None:
    """Says that it goes on."""
    if _shared is not None:
        _shared[:8] = struct.pack("d", time.monotonic())


def is_beating() -> bool | None:
    """Whether it was heard lately; None where nobody listens (another server, a test)."""
    if _shared is None:
        return None
    last: float = struct.unpack("d", _shared[:8])[0]
    return time.monotonic() - last < LATE_S
