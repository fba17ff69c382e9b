"""What every test of the pages stands on."""

from __future__ import annotations

from tests.pages.test_staff import ground as ground
