"""Routes of this room: signing in, the account, the team, and the communities of the platform."""

from __future__ import annotations

from market.people.views import (
    account as account,
    platform as platform,
    profiles as profiles,
    sign_in as sign_in,
    team as team,
)
