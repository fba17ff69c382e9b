"""Registering the fund, confirming arrivals, proposing, voting and paying."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.validators import DataRequired, Length, ValidationError

from market.forms import DayField, LongTextField, MarketForm, TextField, YuanField, options
from market.fund.rules import Figures
from market.fund.words import CHOICE_WORDS, USE_WORDS


class FundForm(MarketForm):
    name = TextField(
        _("基金名称"),
        [DataRequired(_("请填基金全称。")), Length(max=100)],
        description=_("写全称，比如“某某慈善总会+某某社区慈善基金”。"),
        printed=True,
    )
    charity = TextField(
        _("慈善组织全称"), [DataRequired(_("请填慈善组织全称。")), Length(max=120)], printed=True
    )
    agreement_no = TextField(_("协议编号"), [DataRequired(_("请填协议编号。")), Length(max=60)])
    signed_on = DayField(_("签订日期"), [DataRequired(_("请选签订日期。"))])
    purpose = LongTextField(
        _("资金用途"), [DataRequired(_("请写协议约定的用途。")), Length(max=300)], printed=True, public=True
    )


class RemittanceForm(MarketForm):
    reference = TextField(_("到账凭证号"), [DataRequired(_("请填慈善组织的到账凭证号。")), Length(max=60)])


class RefundForm(MarketForm):
    reference = TextField(_("退款凭证号"), [DataRequired(_("请填慈善组织的退款凭证号。")), Length(max=60)])


class ProposalForm(MarketForm):
    use_type = RadioField(
        _("用在哪里"),
        [DataRequired(_("请选用途。"))],
        choices=options((use.value, word) for use, word in USE_WORDS.items()),
    )
    purpose = TextField(
        _("做什么"), [DataRequired(_("请用一句话写清做什么。")), Length(max=120)], printed=True, public=True
    )
    payee = TextField(
        _("付给谁"), [DataRequired(_("请填收款单位或个人。")), Length(max=120)], printed=True, public=True
    )
    amount = YuanField(_("金额"), [DataRequired(_("请填金额。"))])
    detail = LongTextField(
        _("理由和明细"),
        [Length(max=500)],
        description=_("谁受益、多少人、钱怎么花。会公开，请不要写手机号。"),
        printed=True,
        public=True,
    )

    def validate_amount(self, field: YuanField) -> None:
        if field.fen == 0:
            raise ValidationError(str(_("金额要大于 0。")))


class VoteForm(MarketForm):
    choice = RadioField(
        _("您的意见"),
        [DataRequired(_("请选一项。"))],
        choices=options((choice.value, word) for choice, word in CHOICE_WORDS.items()),
    )
    remark = TextField(_("说明"), [Length(max=200)])


class PaymentForm(MarketForm):
    paid_on = DayField(_("付款日期"), [DataRequired(_("请选付款日期。"))])
    reference = TextField(_("付款凭证号"), [DataRequired(_("请填付款凭证号。")), Length(max=60)])


class QuarterForm(MarketForm):
    """The charity's statement of a quarter, as somebody reads it."""

    reference = TextField(_("对账单编号"), [DataRequired(_("请填慈善组织对账单的编号。")), Length(max=60)])
    income = YuanField(_("这个季度收入"), [DataRequired(_("请照对账单填，没有就填 0。"))])
    spent = YuanField(_("这个季度支出"), [DataRequired(_("请照对账单填，没有就填 0。"))])
    balance = YuanField(_("季度末余额"), [DataRequired(_("请照对账单填，没有就填 0。"))])
    explanation = LongTextField(
        _("对不上的，或者在路上的，是怎么回事"),
        [Length(max=500)],
        description=_("都对得上、也没有钱在路上，就不用写。"),
    )

    def figures(self) -> Figures:
        """What the statement says."""
        return Figures(self.income.fen or 0, self.spent.fen or 0, self.balance.fen or 0)
