"""What is typed at the gate and about passes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from market.calendar.rules import Step
from market.errors import Refusal
from market.forms import MarketForm, TextField, options
from market.gate.pdf import PrintOrder
from market.gate.rules import BY_HAND, MAX_VISITS_A_SLOT, CountMethod, Layout, RevokeReason, ScanMethod
from market.gate.words import COUNT_WORDS, LAYOUT_WORDS, REASON_WORDS

LONGEST_WAIT_S = 48 * 3600
"""A scan that waited longer in a phone is no longer news; its hour is then counted from here."""


class ScanForm(MarketForm):
    """A code from the camera or the keyboard."""

    code = TextField(_("短码"), [DataRequired(_("请填摊位证上的短码，一共 6 位。")), Length(max=400)])
    client_id = HiddenField(validators=[Length(max=40)])
    """Made by the script for every scan, so that sending twice is scanning once."""
    nonce = HiddenField(validators=[Length(max=30)])
    """Without a script: made with the page; with the code it makes a number of the same kind."""
    method = SelectField(
        choices=options((method.value, method.value) for method in (ScanMethod.CAMERA, ScanMethod.TYPED)),
        default=ScanMethod.TYPED.value,
    )
    entrance = HiddenField(_("入口"), [Length(max=30)])
    waited_s = IntegerField(validators=[Optional(), NumberRange(0)], default=0)
    """How long the scan lay in the phone before it could be sent."""

    @property
    def seconds(self) -> int:
        return min(self.waited_s.data or 0, LONGEST_WAIT_S)


class AdmissionForm(MarketForm):
    """Somebody known is ticked in."""

    assignment = HiddenField(validators=[DataRequired()])
    client_id = HiddenField(validators=[DataRequired(), Length(max=40)])
    entrance = HiddenField(validators=[Length(max=30)])


class CleanForm(MarketForm):
    """Whether a vendor left the place clean."""

    assignment = HiddenField(validators=[DataRequired()])
    clean = BooleanField()


class CountForm(MarketForm):
    """The whole count of one entrance in one slot."""

    entrance = HiddenField(validators=[Length(max=30)])
    slot = IntegerField(validators=[InputRequired(), NumberRange(1)])
    visits = IntegerField(validators=[InputRequired(), NumberRange(0, MAX_VISITS_A_SLOT)])


class SheetForm(MarketForm):
    """How the figures of a whole sheet were counted; the figures themselves have names of their own."""

    method = RadioField(
        _("怎么数的"),
        [DataRequired(_("请选怎么数的。"))],
        choices=options((m.value, COUNT_WORDS[m]) for m in (CountMethod.FULL_COUNT, CountMethod.SAMPLE)),
        default=CountMethod.FULL_COUNT.value,
    )


class ReasonForm(MarketForm):
    """Why a pass is replaced or withdrawn."""

    reason = SelectField(
        _("为什么"),
        [DataRequired(_("请选一个原因。"))],
        choices=options((reason.value, REASON_WORDS[reason]) for reason in BY_HAND),
    )

    @property
    def chosen(self) -> RevokeReason:
        return RevokeReason(self.reason.data)


class PrintForm(MarketForm):
    """How passes are printed; it only asks for a file, so it is sent as an address."""

    class Meta:
        csrf = False

    layout = SelectField(
        _("纸张"), choices=options((layout.value, word) for layout, word in LAYOUT_WORDS.items()),
        default=Layout.A6.value,
    )  # fmt: skip
    start = IntegerField(
        _("从第几格开始"), [Optional()], default=1, description=_("不干胶用剩半张时，从空的那一格接着打。")
    )
    spares = IntegerField(
        _("另加几张备用证"), [Optional()], default=0, description=_("印好摊位号、店名空着，临时来人时手写。")
    )
    back = BooleanField(_("背面印地图和电话"), description=_("双面打印，左右翻。不干胶没有背面。"))

    def order(self) -> PrintOrder:
        """What was asked for; refuses (422) a paper that there is not."""
        if not self.validate():
            raise Refusal("gate.no_layout", _("这样打不了。请回到摊位证那一页，重新选纸张和张数。"), 422)
        return PrintOrder(
            Layout(self.layout.data), self.start.data or 1, bool(self.back.data), self.spares.data or 0
        )


class CallOffForm(MarketForm):
    """Postponed or cancelled, and the sentence that residents read."""

    step = RadioField(
        _("怎么办"),
        [DataRequired(_("请选延期或取消。"))],
        choices=options(
            [(Step.POSTPONE.value, _("延期，以后再定日子")), (Step.CANCEL.value, _("取消，不办了"))]
        ),
    )
    public_note = TextField(
        _("给居民和商户看的原因"),
        [
            DataRequired(_("请写一句原因，居民和商户都会看到。")),
            Length(max=200, message=_("最多 200 个字。")),
        ],
        description=_("比如：明天有 7 级大风，为了大家安全，这一场改期，新日子另行通知。"),
    )
