"""Processes that are there as long as the service is: replaced when they end, and gone when it is."""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from market.log import log

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
"""How long a place stays empty after its process ended early: longer each time."""
WELL_AFTER_S = 30.0
"""Whoever lived so long had come up well."""
GOODBYE_S = 10.0
"""For what is being answered when the service is stopped."""


@dataclass
class Place:
    """What one process does, and how it went."""

    name: str
    work: Callable[[], None]
    begin_at: float = 0.0
    pid: int = 0
    began_at: float = 0.0
    early_ends: int = 0

    def wait(self, lived: float) -> float:
        """Seconds until it is tried again."""
        self.early_ends = 1 if lived >= WELL_AFTER_S else self.early_ends + 1
        return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (self.early_ends - 2)) if self.early_ends > 1 else 0.0


class Children:
    """Starts a process for each place, again and again, until it is told to stop.

    They are copies of this one, so that what it has read they share. A process that ends at once is tried
    again less and less often, and the service goes on with the others: a mistake in the ticker closes no
    market.
    """

    def __init__(self, places: list[Place]) -> None:
        self._places = places
        self._stopping = False
        self._wake, self._woken = -1, -1

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        self._listen()
        gc.collect()
        gc.freeze()  # the collector would touch, and so copy, what all of them share
        while not self._stopping:
            for place in self._places:
                if not place.pid and place.begin_at <= time.monotonic():
                    self._begin(place)
            self._sleep()
            self._bury()
        self._end_all()

    def _listen(self) -> None:
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_signal: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_signal: object) -> None:
        self._stopping = True

    def _sleep(self) -> None:
        now = time.monotonic()
        waits = [place.begin_at - now for place in self._places if not place.pid]
        select.select([self._woken], [], [], max(0.0, min(waits)) if waits else None)
        with suppress(BlockingIOError):
            os.read(self._woken, 4096)

    def _begin(self, place: Place) -> None:
        parent = os.getpid()
        place.pid, place.began_at = os.fork(), time.monotonic()
        if place.pid:
            return
        status = 1
        try:
            _live_and_die_with(parent)
            self._forget_the_signals()
            place.work()
            status = 0
        except BaseException:
            log.exception("process", place=place.name)
        finally:
            os._exit(status)

    def _forget_the_signals(self) -> None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of them: the first one says when
        os.close(self._wake)
        os.close(self._woken)

    def _bury(self) -> None:
        for place in self._places:
            if not place.pid:
                continue
            pid, status = os.waitpid(place.pid, os.WNOHANG)
            if pid:
                self._ended(place, status)

    def _ended(self, place: Place, status: int) -> None:
        now = time.monotonic()
        wait = place.wait(now - place.began_at)
        place.pid, place.begin_at = 0, now + wait
        if not self._stopping:
            code = os.waitstatus_to_exitcode(status)
            log.error("process ended", place=place.name, status=code, again_in_s=wait)

    def _end_all(self) -> None:
        self._tell(signal.SIGTERM)
        until = time.monotonic() + GOODBYE_S
        while any(place.pid for place in self._places) and time.monotonic() < until:
            self._bury()
            time.sleep(0.02)
        self._tell(signal.SIGKILL)

    def _tell(self, number: signal.Signals) -> None:
        for place in self._places:
            if place.pid:
                with suppress(ProcessLookupError):
                    os.kill(place.pid, number)


_SIGNAL_WHEN_PARENT_DIES = 1


def _live_and_die_with(parent: int) -> None:
    """Ends this process with its parent, however that one ended: nobody should answer with old code."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SIGNAL_WHEN_PARENT_DIES, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it died before that was said
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
