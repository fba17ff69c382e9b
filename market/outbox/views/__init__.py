"""Routes of this room, by audience."""

from __future__ import annotations

from market.outbox.views import channels as channels, letters as letters, log as log, vendor as vendor
