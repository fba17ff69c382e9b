"""What is typed on a round, on a sheet that is typed in, about an incident, and for a link."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, Length, Optional

from market.forms import HourField, LongTextField, MarketForm, TextField, options
from market.inspection.rules import LONGEST_TEXT, WRONG, Result
from market.inspection.words import RESULT_WORDS


class SpotForm(MarketForm):
    """One look at a stall or the plaza; the points have forms of their own."""

    client_id = HiddenField(validators=[DataRequired(), Length(max=60)])


class PointForm(MarketForm):
    """One point that may not be fine; its name is put before its fields."""

    result = RadioField(
        _("怎么处理"), [Optional()], choices=options((r.value, RESULT_WORDS[r]) for r in WRONG)
    )
    note = TextField(_("哪里不对"), [Length(max=LONGEST_TEXT)])
    mend_by = HourField(_("几点前改好"), [Optional()])

    @property
    def is_touched(self) -> bool:
        return bool(self.result.data or self.note.text or self.mend_by.data)

    def validate(self, *args: object, **kwargs: object) -> bool:
        """Who writes what is wrong also says what is done about it."""
        good = super().validate(*args, **kwargs)
        if self.is_touched and not self.result.data:
            self.say_wrong(str(_("请选怎么处理：当场改好了、限时改，还是先停下。")), "result")
            return False
        if self.result.data == Result.TO_MEND.value and self.mend_by.data is None:
            self.say_wrong(str(_("限时改的，请写几点以前改好。")), "mend_by")
            return False
        return good


class SheetForm(MarketForm):
    """A sheet that somebody filled in by hand."""

    client_id = HiddenField(validators=[DataRequired(), Length(max=40)])
    inspector = TextField(_("检查人"), [Length(max=40)])


class SheetRowForm(MarketForm):
    """One line of it, in the order of the paper."""

    checked_at = HourField(_("时间"), [Optional()])
    numbers = TextField(_("检查项"), [Length(max=80)])
    result = SelectField(
        _("结果"),
        choices=options((("", _("没看")), *((r.value, RESULT_WORDS[r]) for r in Result))),
        default="",
    )
    note = TextField(_("整改要求"), [Length(max=LONGEST_TEXT)])
    mend_by = HourField(_("复查"), [Optional()])

    @property
    def is_touched(self) -> bool:
        return bool(self.result.data or self.numbers.text or self.note.text or self.mend_by.data)


class FollowUpForm(MarketForm):
    """Somebody looked again."""

    note = TextField(_("现在怎么样"), [Length(max=LONGEST_TEXT)])
    closes = HiddenField(validators=[Length(max=1)])


class IncidentForm(MarketForm):
    """What happened, in the order of the paper form."""

    client_id = HiddenField(validators=[DataRequired(), Length(max=60)])
    happened_at = HourField(_("几点"), [DataRequired(_("请填几点的事，比如 9:20。"))])
    place = TextField(_("在哪里"), [DataRequired(_("请填在哪里，比如 B03 旁边。")), Length(max=60)])
    what = LongTextField(
        _("什么事"),
        [DataRequired(_("请写一句是什么事。")), Length(max=LONGEST_TEXT)],
        description=_("只写事情，不写姓名和电话。"),
    )
    told = TextField(_("告诉了谁"), [Length(max=LONGEST_TEXT)], description=_("比如：王主任、120、物业。"))
    done = TextField(_("怎么处理的"), [Length(max=LONGEST_TEXT)])
    ended = BooleanField(_("已经了结"))


class IncidentEndForm(MarketForm):
    """How it ended."""

    done = TextField(_("怎么处理的"), [Length(max=LONGEST_TEXT)])


class LinkForm(MarketForm):
    """For whom a link is."""

    name = TextField(
        _("给谁看"),
        [DataRequired(_("请填单位和人，比如“市场监管所 王”。")), Length(max=40)],
        description=_("这几个字会印在打开的每一页上，转给别人也看得出是谁的。"),
    )
