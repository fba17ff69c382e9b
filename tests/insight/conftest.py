"""The desk where markets are settled, for a community whose year is counted."""

from tests.settlement.conftest import desk as desk
