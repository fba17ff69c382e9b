"""What every test of the calendar stands on."""

from __future__ import annotations

from tests.calendar.test_service import ground as ground
