"""What is typed about passes, and about publishing and calling off."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import DataRequired, Length, Optional

from market.calendar.rules import Step
from market.errors import Refusal
from market.forms import CountField, MarketForm, TextField, options
from market.passes.pdf import PrintOrder
from market.passes.rules import Layout, RevokeReason
from market.passes.words import LAYOUT_WORDS, REASON_WORDS


class ReasonForm(MarketForm):
    """Why a pass is replaced or withdrawn."""

    reason = SelectField(
        _("为什么"),
        [DataRequired(_("请选一个原因。"))],
        choices=options((reason.value, REASON_WORDS[reason]) for reason in RevokeReason),
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
    start = CountField(
        _("从第几格开始"), [Optional()], default=1, description=_("不干胶用剩半张时，从空的那一格接着打。")
    )
    spares = CountField(
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
        printed=True,
    )
