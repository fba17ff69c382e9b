"""What a community writes for its safety plans, letters and handbooks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.validators import Length, Optional, Regexp

from market.calendar.rules import MAX_PLAN_TEXT, PlanPart
from market.forms import LongTextField, MarketForm, TextField
from market.paperwork.plan_words import PART_HELP, PART_WORDS

P = PlanPart
TOO_LONG = _("太长了，最多 %(n)s 个字。")


def _long(part: PlanPart) -> Any:
    length = Length(max=MAX_PLAN_TEXT, message=str(TOO_LONG) % {"n": MAX_PLAN_TEXT})
    return LongTextField(PART_WORDS[part], [length], description=PART_HELP.get(part, ""), printed=True)


def _short(part: PlanPart, *validators: Any, most: int = 80) -> Any:
    length = Length(max=most, message=str(TOO_LONG) % {"n": most})
    return TextField(
        PART_WORDS[part], [length, *validators], description=PART_HELP.get(part, ""), printed=True
    )


class PlanTextForm(MarketForm):
    """One field a part. What nobody touched is not written, even if somebody else changed it meanwhile."""

    shown = HiddenField()
    """What the page showed, part by part, as short hashes."""
    course = _long(P.COURSE)
    staff = _long(P.STAFF)
    fire = _long(P.FIRE)
    crowd = _long(P.CROWD)
    buffer = _long(P.BUFFER)
    entry = _long(P.ENTRY)
    traffic = _long(P.TRAFFIC)
    order = _long(P.ORDER)
    emergency = _long(P.EMERGENCY)
    limit = _short(
        P.LIMIT, Optional(), Regexp(r"[1-9][0-9]{0,4}$", message=_("请只写数字，比如 300。")), most=5
    )
    leader = _short(P.LEADER)
    contacts = _long(P.CONTACTS)
    addressee = _short(P.ADDRESSEE)

    def show(self, texts: Mapping[PlanPart, str]) -> None:
        """Fills in what holds, and remembers it."""
        for part, text in texts.items():
            self[part.value].data = text
        self.shown.data = " ".join(f"{part.value}:{_digest(text)}" for part, text in texts.items())

    def changed(self) -> dict[PlanPart, str]:
        """The parts that somebody wrote anew."""
        shown = dict(one.split(":", 1) for one in (self.shown.data or "").split() if ":" in one)
        typed = {part: str(self[part.value].data or "") for part in PlanPart}
        return {part: text for part, text in typed.items() if _digest(text) != shown.get(part.value)}


def _digest(text: str) -> str:
    """Browsers send other ends of lines than they were given."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:10]
