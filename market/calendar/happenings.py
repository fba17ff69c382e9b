"""What calendars and feeds tell of a market: the same facts, whichever format writes them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES, DayState

_UNWRITABLE = re.compile("[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What neither XML nor a calendar may hold."""


class Happening(NamedTuple):
    """Something that phones keep: once it was told, it keeps its name, and what changes raises the number."""

    uid: str
    """The same for ever, and nobody else's; the host is put behind it."""
    sequence: int
    created_at: datetime
    changed_at: datetime
    begins_at: datetime
    """On the wall of the community, as the end."""
    ends_at: datetime
    status: str
    """CONFIRMED, TENTATIVE or CANCELLED, as iCalendar says it."""
    title: str
    text: str
    place: str
    address: str
    """Its page."""

    @classmethod
    def of(cls, day: MarketDay, address: str) -> Happening:
        """A market."""
        zone = day.community.zone
        return cls(
            day.ref,
            day.revision,
            day.created_at,
            day.changed_at,
            clock.local(day.open_at, zone),
            clock.local(day.ends_at, zone),
            status_of(day.state),
            called(day),
            plain(_description(day)),
            plain(f"{day.venue.name}{_('，')}{day.venue.address}"),
            address,
        )

    @property
    def called_off(self) -> bool:
        return self.status == "CANCELLED"


def status_of(state: DayState) -> str:
    """A postponed day is cancelled on its old date, so that no phone rings; its new date revives it."""
    if state in (DayState.POSTPONED, DayState.CANCELLED):
        return "CANCELLED"
    return "CONFIRMED" if state in PUBLIC_STATES else "TENTATIVE"


def called(day: MarketDay, what: str = "") -> str:
    """The market's name, or what else is told of it, with the word that it is called off."""
    name = what or _("%(community)s睦邻集市 · %(theme)s", community=day.community.name, theme=day.theme)
    if day.state is DayState.POSTPONED:
        name = _("【延期】%(name)s", name=name)
    if day.state is DayState.CANCELLED:
        name = _("【取消】%(name)s", name=name)
    return plain(name)


def _description(day: MarketDay) -> str:
    lines = [day.public_note] if day.public_note else []
    lines.append(_("主办：%(host)s，电话 %(phone)s", host=day.community.host_org, phone=day.community.phone))
    return "\n".join(lines)


def plain(text: str) -> str:
    """Without control characters, which no calendar and no feed may hold; a line break stays."""
    return _UNWRITABLE.sub("", text)
