"""A market day, a step with its reason, an override, a permit of the day, a copy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from market.calendar.rules import MAX_THEME, DayPermitKind, Step
from market.calendar.series import Rhythm, series_dates
from market.calendar.words import DRAFT_SENTENCES, PERMIT_WORDS, RHYTHM_WORDS, WEEKDAY_WORDS
from market.forms import (
    CountField,
    DayField,
    HourField,
    LongTextField,
    MarketForm,
    TextField,
    WallTimeField,
    options,
)


class DayForm(MarketForm):
    """A market day, in the hours of the community's wall."""

    like = HiddenField()
    """The market that it was filled in from: its quotas and duties come along."""

    venue = SelectField(_("场地"), [DataRequired(_("请选场地。"))], validate_choice=False)
    theme = TextField(
        _("主题"),
        [
            DataRequired(DRAFT_SENTENCES["no_theme"]),
            Length(max=MAX_THEME, message=DRAFT_SENTENCES["theme_too_long"]),
        ],
        description=_("写在海报和摊位证上，最多 30 个字。"), printed=True, public=True)  # fmt: skip
    on = DayField(_("日期"), [InputRequired(_("请选日期。"))])
    opens = HourField(_("开市"), [InputRequired(_("请填开市时间。"))])
    closes = HourField(_("收市"), [InputRequired(_("请填收市时间。"))])
    arrive_by = HourField(
        _("商户最晚几点进场"),
        [InputRequired(_("请填进场时间。"))],
        description=_("过了这个时间车辆不再进场。"),
    )
    apply_from = WallTimeField(_("报名开始"), [InputRequired(_("请填报名开始时间。"))])
    apply_until = WallTimeField(
        _("报名截止"), [InputRequired(_("请填报名截止时间。"))], description=_("到时间自动结束报名。")
    )
    expected_visitors = CountField(
        _("预计来多少人次"), [InputRequired(_("请估一个数，比如 600。"))],
        description=_("到 1,000 人要先向公安机关申请安全许可，提前 20 天。"),
    )  # fmt: skip
    stall_limit = CountField(_("开放多少个摊位"), [InputRequired(_("请填摊位数。"))])
    has_donation_box = BooleanField(
        _("现场设捐款箱"), description=_("要有慈善总会的公开募捐方案备案（M08）。")
    )

    ORDINARY_STALLS = 24

    @staticmethod
    def ordinary(on: date) -> dict[str, Any]:
        """A first market: a morning, two weeks of applications that end a week before."""
        return {
            "on": on,
            "opens": time(8, 0),
            "closes": time(11, 30),
            "arrive_by": time(7, 40),
            "apply_from": datetime.combine(on - timedelta(days=21), time(8, 0)),
            "apply_until": datetime.combine(on - timedelta(days=7), time(18, 0)),
            "expected_visitors": 500,
            "stall_limit": DayForm.ORDINARY_STALLS,
        }

    def offer(self, venues: Iterable[tuple[str, str]]) -> None:
        """The plazas to choose from."""
        self.venue.choices = options(venues)

    def show_faults(self, faults: Iterable[tuple[str, str]]) -> None:
        """Puts the sentence of each fault under its field."""
        for name, code in faults:
            self.say_wrong(str(DRAFT_SENTENCES[code]), name)


class MoveForm(MarketForm):
    """Another date, place or hours for a market that is planned already; the date first."""

    on = DayField(_("新日子"), [InputRequired(_("请选日期。"))])
    opens = HourField(_("开市"), [InputRequired(_("请填开市时间。"))])
    closes = HourField(_("收市"), [InputRequired(_("请填收市时间。"))])
    arrive_by = HourField(_("商户最晚几点进场"), [InputRequired(_("请填进场时间。"))])
    venue = SelectField(_("场地"), [DataRequired(_("请选场地。"))], validate_choice=False)
    apply_from = WallTimeField(_("报名开始"), [Optional()])
    apply_until = WallTimeField(_("报名截止"), [Optional()])
    """Empty: the window follows the date."""
    public_note = LongTextField(
        _("给居民看的一句话"), [Length(max=200, message=_("说明最多 200 个字。"))],
        description=_("写在这一场页面的最上面，也可以加上为什么。"),
    )  # fmt: skip

    def show_faults(self, faults: Iterable[tuple[str, str]]) -> None:
        """Puts the sentence of each fault under its field."""
        for name, code in faults:
            self.say_wrong(str(DRAFT_SENTENCES[code]), name if name in self._fields else "on")


class SeriesForm(MarketForm):
    """Many markets at once, like one that is known: how often, and from when until when."""

    like = HiddenField()
    theme = TextField(
        _("主题"),
        [
            DataRequired(DRAFT_SENTENCES["no_theme"]),
            Length(max=MAX_THEME, message=DRAFT_SENTENCES["theme_too_long"]),
        ],
    )
    rhythm = SelectField(_("多久一次"), coerce=Rhythm, choices=options(RHYTHM_WORDS.items()))
    weekday = SelectField(_("星期几"), coerce=int, choices=options(enumerate(WEEKDAY_WORDS)))
    since = DayField(_("从哪天起"), [InputRequired(_("请选日期。"))])
    until = DayField(_("到哪天为止"), [InputRequired(_("请选日期。"))])
    dates = SelectMultipleField(_("哪几天"), coerce=str)
    """Empty until the dates were shown."""

    def candidates(self) -> list[date]:
        """The dates that the rhythm has; none while something is filled in wrong."""
        since, until = self.since.data, self.until.data
        if None in (self.rhythm.data, self.weekday.data) or since is None or until is None:
            return []
        return series_dates(self.rhythm.data, self.weekday.data, since, until)


class DeletionForm(MarketForm):
    """Drafts that shall go, by their references."""

    ref = HiddenField(validators=[DataRequired()])

    def refs(self) -> list[str]:
        """All of them; the field comes once for each."""
        return list(dict.fromkeys(self.ref.raw_data or ()))


class StepForm(MarketForm):
    """A step that staff takes on the page of the day; a reason where one is asked for."""

    step = SelectField(_("下一步"), coerce=Step, choices=options((step, step.value) for step in Step))
    reason = TextField(_("原因"), [Length(max=200, message=_("说明最多 200 个字。"))])


class WaiverForm(MarketForm):
    """A person takes a finding upon himself."""

    code = HiddenField(validators=[DataRequired()])
    subject = HiddenField()
    reason = TextField(
        _("为什么可以这样办"),
        [
            DataRequired(_("请写清楚为什么可以这样办，以后查得到。")),
            Length(max=200, message=_("说明最多 200 个字。")),
        ],
    )


class PermitForm(MarketForm):
    """A permit of this one day."""

    kind = SelectField(
        _("哪份文件"),
        coerce=DayPermitKind,
        choices=options((kind, f"{kind.value} {PERMIT_WORDS[kind]}") for kind in DayPermitKind),
    )
    number = TextField(
        _("文号"),
        [DataRequired(_("请填文号，没有文号就写文件名。")), Length(max=80, message=_("文号最多 80 个字。"))],
    )
    issuer = TextField(
        _("哪里出的"),
        [DataRequired(_("请填出文件的单位。")), Length(max=100, message=_("单位名最多 100 个字。"))],
    )
    filed_on = DayField(_("文件日期"), [InputRequired(_("请选文件日期。"))])


class CopyForm(MarketForm):
    """The same market on another date."""

    on = DayField(_("日期"), [InputRequired(_("请选日期。"))])


def wall_values(values: dict[str, date | datetime | Any]) -> dict[str, Any]:
    """The same values without zones, as the fields of a form show them."""
    return {
        name: value.replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
