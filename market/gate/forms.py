"""What is typed at the gate and about passes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from market.forms import CountField, FigureField, MarketForm, TextField, options
from market.gate.rules import FACTORS, MAX_VISITS_A_SLOT, CountMethod, Sample, Sampling, Way
from market.gate.words import COUNT_WORDS, SAMPLING_WORDS
from market.typed_text import scaled


class ScanForm(MarketForm):
    """A code that is typed in without a script."""

    code = TextField(_("短码"), [DataRequired(_("请填摊位证上的短码，一共 6 位。")), Length(max=400)])
    nonce = HiddenField(validators=[Length(max=30)])
    """Made with the page; with the code it makes a number, so that sending twice is scanning once."""
    entrance = HiddenField(_("入口"), [Length(max=30)])


class AdmissionForm(MarketForm):
    """Somebody known is ticked in."""

    assignment = HiddenField(validators=[DataRequired()])
    client_id = HiddenField(validators=[DataRequired(), Length(max=40)])
    entrance = HiddenField(validators=[Length(max=30)])


class AbsenceForm(MarketForm):
    """Somebody has not come, and perhaps somebody else comes instead."""

    substitute = HiddenField(validators=[Length(max=20)])


class CleanForm(MarketForm):
    """Whether a vendor left the place clean."""

    assignment = HiddenField(validators=[DataRequired()])
    clean = BooleanField()


class CountForm(MarketForm):
    """The whole count of one entrance in one slot."""

    entrance = HiddenField(validators=[Length(max=30)])
    slot = CountField(validators=[InputRequired(), NumberRange(1)])
    visits = CountField(validators=[InputRequired(), NumberRange(0, MAX_VISITS_A_SLOT)])


class TapForm(MarketForm):
    """One press: in or out, or the last one taken back."""

    client_id = HiddenField(validators=[DataRequired(), Length(max=40)])
    entrance = HiddenField(validators=[Length(max=30)])
    way = SelectField(choices=options((way.value, way.value) for way in Way), default=Way.IN.value)
    number = CountField(validators=[InputRequired(), NumberRange(-50, 50)])


class InvitationForm(MarketForm):
    """At which gate one more phone will stand."""

    entrance = HiddenField(validators=[Length(max=30)])


class OwnPhoneForm(MarketForm):
    """At which gate somebody who is signed in stands, and the key that the phone made."""

    entrance = HiddenField(_("入口"), [Length(max=30)])
    key = HiddenField(validators=[DataRequired(), Length(max=64)])


class RevocationForm(MarketForm):
    """Which phone, or code that nobody took, is to stop."""

    phone = HiddenField(validators=[DataRequired(), Length(max=10)])


class HeldForm(MarketForm):
    """Whether a scan that waited for a person counts."""

    client_id = HiddenField(validators=[DataRequired(), Length(max=40)])
    take = HiddenField(validators=[DataRequired()])


class HeldCountForm(MarketForm):
    """Whether visitors that waited for a person count."""

    counts = CountField(validators=[InputRequired(), NumberRange(1)])
    last = CountField(validators=[InputRequired(), NumberRange(1)])
    take = HiddenField(validators=[DataRequired()])


class UndoForm(MarketForm):
    """Which admission is taken back, and why."""

    assignment = HiddenField(validators=[DataRequired()])
    reason = TextField(_("为什么撤回"), [DataRequired(_("请写一句为什么撤回。")), Length(max=200)])


class FootfallForm(MarketForm):
    """How the figures of a whole sheet were counted; the figures themselves have names of their own."""

    method = RadioField(
        _("怎么数的"),
        [DataRequired(_("请选怎么数的。"))],
        choices=options((m.value, COUNT_WORDS[m]) for m in (CountMethod.FULL_COUNT, CountMethod.SAMPLE)),
        default=CountMethod.FULL_COUNT.value,
    )
    sampling = SelectField(
        _("抽样的办法"),
        choices=options(
            (("", _("没抽样，或者格子里已经是估好的数")), *((s.value, SAMPLING_WORDS[s]) for s in Sampling))
        ),
        default="",
    )
    factor = FigureField(_("系数"), [Length(max=6)], description=_("别的办法才填，比如 3.5。"))

    @property
    def factor_hundredths(self) -> int:
        """By what a figure is multiplied; 0 where nobody said."""
        sampling = self.sampling.data
        if sampling and sampling != Sampling.OTHER.value:
            return FACTORS[Sampling(sampling)]
        return scaled(self.factor.text, {"": 100}) or 0

    def sample(self, raw: int) -> Sample | None:
        """A figure of the sheet as a sample; None where it is the count itself."""
        if self.method.data != CountMethod.SAMPLE.value or not self.sampling.data:
            return None
        return Sample(raw, Sampling(self.sampling.data), self.factor_hundredths)


class VolunteersForm(MarketForm):
    """How many helped at a market, and how long together."""

    people = CountField(_("来了几位志愿者"), [InputRequired(_("请填人数，没有就填 0。"))])
    hours = CountField(
        _("一共多少小时"),
        [InputRequired(_("请填小时数，没有就填 0。"))],
        description=_("每人的加起来：5 人各 4 小时，填 20。不到一小时的，四舍五入。"),
    )

    said_at = {
        "gate.volunteers": "people", "gate.volunteer_hours": "hours",
    }  # fmt: skip
