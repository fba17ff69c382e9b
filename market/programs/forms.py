"""What people type about keys and subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import ClassVar

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField
from wtforms.validators import InputRequired, Length

from market import clock
from market.forms import DayField, MarketForm, TextField, options
from market.programs.rules import SUBSCRIBED, URL_LENGTH, Event, Right
from market.programs.words import EVENT_WORDS, RIGHT_WORDS


class RegionKeyForm(MarketForm):
    """A key of a region, which reads: for what program, until when."""

    name = TextField(
        _("给哪个程序用"),
        [InputRequired(_("请写是给哪个程序用的，以后好认。")), Length(max=60)],
        description=_("比如：街道数据平台、食堂的收银系统。"),
    )
    until = DayField(
        _("用到哪一天"), [InputRequired(_("请选日子。"))], description=_("最多一年。到期以后另做一把。")
    )
    said_at: ClassVar[Mapping[str, str]] = {"programs.bad_end": "until"}

    def ends_at(self, zone: str) -> datetime:
        """The end of that day on the wall."""
        return clock.at_local(self.until.data or date.max, time(23, 59), zone)


class KeyForm(RegionKeyForm):
    """A key of a community: what it may do, too."""

    rights = SelectMultipleField(
        _("能做什么"),
        choices=options((right.value, RIGHT_WORDS[right]) for right in Right),
        description=_("只选用得着的。您自己不能做的，密钥也不能做。"),
    )
    said_at: ClassVar[Mapping[str, str]] = {
        **RegionKeyForm.said_at,
        "programs.no_rights": "rights",
        "programs.not_yours": "rights",
    }

    def chosen(self) -> list[Right]:
        return [Right(word) for word in self.rights.data or ()]


class HookForm(MarketForm):
    """Where it is told, and what."""

    url = TextField(
        _("对方的地址"),
        [InputRequired(_("请填对方给的地址。")), Length(max=URL_LENGTH)],
        description=_("https:// 开头。内部网络的地址不送。"),
    )
    events = SelectMultipleField(
        _("告诉什么"), choices=options((event.value, EVENT_WORDS[event]) for event in SUBSCRIBED)
    )
    said_at = {"programs.bad_url": "url", "programs.no_events": "events"}

    def chosen(self) -> list[Event]:
        return [Event(word) for word in self.events.data or ()]
