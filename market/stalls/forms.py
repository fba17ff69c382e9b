"""Who goes where, how stalls are given out, and what is typed in for drawing lots."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import AnyOf, DataRequired, Length

from market.forms import LongTextField, MarketForm, TextField, options
from market.stalls.advice import METHOD_WORDS, SEED_WORDS


class MoveForm(MarketForm):
    """`who` names an application; `to` a stall, and after a dot the application that must still hold it."""

    who = SelectField(_("哪一家"), [DataRequired(_("请选一家。"))], validate_choice=False)
    to = SelectField(_("到哪个摊位"), [DataRequired(_("请选一个摊位。"))], validate_choice=False)

    because = TextField(_("为什么这样安排"), [Length(max=200, message=_("原因最多 200 个字。"))])
    """Asked for where something speaks against it."""

    @property
    def target(self) -> tuple[str, str]:
        """References of the stall and of who holds it; the second is empty for a free stall."""
        stall, _dot, holder = (self.to.data or "").partition(".")
        return stall, holder


class ReleaseForm(MarketForm):
    """Who gives the stall back, and whether to wait for another or to stay at home."""

    who = HiddenField(validators=[DataRequired()])
    leaves = HiddenField()


class MethodForm(MarketForm):
    """How the stalls of a day are given out."""

    method = RadioField(_("怎么分摊位"), [DataRequired(_("请选一种分法。"))])

    def offer(self) -> MethodForm:
        self.method.choices = options(METHOD_WORDS.items())
        return self


class FreezeForm(MarketForm):
    """Which number will decide, said before anybody can know it."""

    kind = RadioField(
        _("用什么号码定结果"),
        [DataRequired(_("请选一种。"))],
        choices=options(SEED_WORDS.items()),
        default="witnesses",
    )
    source = TextField(
        _("写清楚是哪个号码、谁来报"),
        [
            DataRequired(_("请写清楚是哪个号码，公布以后不能改。")),
            Length(max=120, message=_("最多 120 个字。")),
        ],
        description=_("人人看得到。只写身份，不写姓名。"),
    )


class SeedForm(MarketForm):
    """The number, when it is known; which of the fields count depends on the rule."""

    text = TextField(_("公布的号码"), [Length(max=200, message=_("最多 200 个字。"))])
    first = TextField(_("第一位见证人的数"), [Length(max=6, message=_("最多 6 位数。"))])
    second = TextField(_("第二位见证人的数"), [Length(max=6, message=_("最多 6 位数。"))])
    third = TextField(_("第三位见证人的数"), [Length(max=6, message=_("最多 6 位数。"))])
    drum = LongTextField(_("摇出的序号，按次序，用空格隔开"), [Length(max=40_000)])

    def numbers(self, kind: str) -> tuple[int, ...]:
        """The numbers typed in; nothing where one of them is none."""
        witnesses = f"{self.first.text} {self.second.text} {self.third.text}"
        words = (self.drum.text if kind == "drum" else witnesses).split()
        return tuple(map(int, words)) if all(word.isdecimal() for word in words) else ()


class VoidForm(MarketForm):
    """Why a published list is taken back."""

    reason = TextField(
        _("为什么收回名单"),
        [
            DataRequired(_("请写清楚原因。公开页上看得到。")),
            Length(max=200, message=_("最多 200 个字。")),
        ],
    )


class OfferForm(MarketForm):
    """Whether the next in line takes the stall that became free."""

    offer = HiddenField()
    answer = HiddenField(validators=[AnyOf(("yes", "no"))])


class PinForm(MarketForm):
    """A vendor that stays where it stands when the plan is laid anew; `fixed` empty = no longer."""

    who = HiddenField(validators=[DataRequired()])
    fixed = HiddenField()
