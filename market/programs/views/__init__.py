"""Routes of this room: keys, and servers that are told."""

from __future__ import annotations

from market.programs.views import hooks as hooks, keys as keys
