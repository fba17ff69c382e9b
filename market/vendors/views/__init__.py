"""Routes of this room: registration, and the register of the staff."""

from __future__ import annotations

from market.vendors.views import (
    lists as lists,
    paper_list as paper_list,
    papers as papers,
    phone as phone,
    public as public,
    staff as staff,
)
