"""A published market and the people of its gate."""

from __future__ import annotations

from tests.factories.desk import desk as desk, published as published
