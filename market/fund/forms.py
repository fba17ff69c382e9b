"""Registering the fund, confirming arrivals, proposing, voting and paying."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from market.forms import (
    CountField,
    DayField,
    LongTextField,
    MarketForm,
    PastedField,
    TextField,
    YuanField,
    options,
)
from market.fund.models import AccountStatement, Fund
from market.fund.rules import Figures, Rhythm, Seat, Source
from market.fund.words import (
    BASIS_WORDS,
    CHOICE_WORDS,
    OUTGOING_WORDS,
    RHYTHM_WORDS,
    SEAT_WORDS,
    SOURCE_WORDS,
    USE_WORDS,
)
from market.settlement.grid import plain_yuan


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


class ProfileForm(MarketForm):
    """What is said of the fund, to be changed."""

    charity = TextField(
        _("慈善组织全称"), [DataRequired(_("请填慈善组织全称。")), Length(max=120)], printed=True, public=True
    )
    given_name = TextField(
        _("本基金叫什么"),
        [Length(max=60)],
        description=_("比如“槐荫社区发展基金”。基金全称是慈善组织全称加上它。不填，全称就不变。"),
        printed=True,
        public=True,
    )
    licence_no = TextField(
        _("慈善组织的统一社会信用代码或登记证号"), [Length(max=40)], description=_("在慈善组织的证书上。")
    )
    agreement_no = TextField(_("协议编号"), [DataRequired(_("请填协议编号。")), Length(max=60)])
    signed_on = DayField(_("签订日期"), [DataRequired(_("请选签订日期。"))])
    purpose = LongTextField(
        _("资金用途"), [DataRequired(_("请写协议约定的用途。")), Length(max=300)], printed=True, public=True
    )
    fee_clause = TextField(
        _("管理费怎么约定的"),
        [Length(max=200)],
        description=_("比如“第六条：每年按支出的 3% 收取”。不收就写不收。"),
        printed=True,
        public=True,
    )
    seen = HiddenField(validators=[Length(max=6)])

    @classmethod
    def of(cls, fund: Fund, changes: int) -> ProfileForm:
        """As it is now; `changes` is how often it was changed, so that an old page is noticed."""
        names = ("charity", "given_name", "licence_no", "agreement_no", "signed_on", "purpose", "fee_clause")
        now = {name: getattr(fund, name) for name in names}
        return cls(formdata=None, data={**now, "seen": str(changes)})

    @property
    def seen_changes(self) -> int:
        seen = self.seen.data or ""
        return int(seen) if seen.isdecimal() else -1


class TermForm(MarketForm):
    """From when until when somebody sits in the committee."""

    member = SelectField(_("委员"), [DataRequired(_("请选一位委员。"))])
    seat = RadioField(
        _("身份"),
        choices=options((seat.value, SEAT_WORDS[seat.value]) for seat in (Seat.MEMBER, Seat.CHAIR)),
        default=Seat.MEMBER.value,
    )
    first_on = DayField(_("任期从"), [DataRequired(_("请选任期从哪天起。"))])
    last_on = DayField(_("任期到"), [DataRequired(_("请选任期到哪天为止。"))])


class AskForm(MarketForm):
    """A resident's question. Without a token, since a token needs a cookie: see `access.from_our_pages`."""

    class Meta:
        csrf = False

    text = TextField(
        _("您想问什么"),
        [DataRequired(_("请用一两句话问清楚。")), Length(max=200)],
        description=_("会公开，请不要写名字、手机号。"),
        public=True,
    )


class NamedAskForm(MarketForm):
    """A supervisor's question."""

    about = SelectField(_("问哪一笔"), [DataRequired(_("请选一笔。"))], validate_choice=False)
    text = TextField(_("您想问什么"), [DataRequired(_("请用一两句话问清楚。")), Length(max=200)], public=True)


class AnswerForm(MarketForm):
    answer = TextField(_("回答"), [DataRequired(_("请写回答。")), Length(max=400)], public=True)


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
    seen = HiddenField()


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

    def take(self, read: AccountStatement) -> None:
        """Fills in what a statement that was read in line by line says."""
        came = sum(line.amount_fen for line in read.lines if line.amount_fen > 0)
        went = sum(-line.amount_fen for line in read.lines if line.amount_fen < 0)
        self.reference.data = read.reference
        for field, fen in ((self.income, came), (self.spent, went), (self.balance, read.closing_fen)):
            field.data = plain_yuan(fen)

    def figures(self) -> Figures:
        """What the statement says."""
        return Figures(self.income.fen or 0, self.spent.fen or 0, self.balance.fen or 0)


class StatementForm(MarketForm):
    """A statement of the charity that was pasted; a file comes beside it."""

    reference = TextField(_("对账单编号"), [DataRequired(_("请填慈善组织对账单的编号。")), Length(max=60)])
    first_on = DayField(_("从哪天"), [DataRequired(_("请选对账单从哪天开始。"))])
    last_on = DayField(_("到哪天"), [DataRequired(_("请选对账单到哪天为止。"))])
    opening = YuanField(_("期初余额"), description=_("表里有余额一栏的，不用填。"))
    closing = YuanField(_("期末余额"), description=_("表里有余额一栏的，不用填。"))
    pasted = PastedField(_("或者把表格贴在这里"), [Length(max=200_000)])


class RemarkForm(MarketForm):
    """Why a line of the statement does not fit."""

    about = HiddenField(validators=[DataRequired()])
    sentence = TextField(_("怎么回事"), [DataRequired(_("请写一句是怎么回事。")), Length(max=200)])


# ── partners, workshops, gifts ────────────────────────────────────────────────────────────────────────────


class SupportForm(MarketForm):
    """What the charity writes of a support: how much, when, its number."""

    amount = YuanField(_("金额"), [DataRequired(_("请照凭证填金额。"))])
    received_on = DayField(_("到账日期"), [DataRequired(_("请选到账日期。"))])
    reference = TextField(_("慈善组织的凭证号"), [DataRequired(_("请填慈善组织的凭证号。")), Length(max=60)])


GIFTS = (Source.PERSON, Source.FIRM, Source.MATCHING, Source.INTEREST, Source.FEE)


class GiftForm(SupportForm):
    """The same of money that no agreement stands behind."""

    source = RadioField(
        _("是什么钱"),
        [DataRequired(_("请选是什么钱。"))],
        choices=options((source.value, SOURCE_WORDS[source]) for source in GIFTS),
    )
    donor = TextField(
        _("谁给的"),
        [Length(max=60)],
        description=_("照凭证填。利息和管理费不用填。"),
        printed=True,
        public=True,
    )
    whose = RadioField(
        _("以前也有叫这个名字的捐过，是同一位吗？"),
        [Optional()],
        description=_("捐赠人的单子一位一张，同名的两位不能看到对方的。"),
        validate_choice=False,
    )
    may_name = BooleanField(
        _("本人同意公开姓名或名称"),
        description=_("没有同意就不勾，公示页上写“爱心人士”或“爱心单位”。"),
    )
    purpose = TextField(
        _("指定用途"),
        [Length(max=120)],
        description=_("捐赠人写明用在哪里才填，会公开。"),
        printed=True,
        public=True,
    )


class AgreementForm(MarketForm):
    """What every agreement says, of a partner or of a workshop."""

    name = TextField(_("名称"), [DataRequired(_("请填名称。")), Length(max=60)], printed=True, public=True)
    place = TextField(
        _("用哪里"),
        [DataRequired(_("请写用的是哪一处。")), Length(max=120)],
        description=_("比如“服务中心一楼东侧，120 平方米”。"),
        printed=True,
        public=True,
    )
    agreement_no = TextField(_("协议编号"), [DataRequired(_("请填协议编号。")), Length(max=60)])
    starts_on = DayField(_("从哪一天起"), [DataRequired(_("请选开始日期。"))])
    ends_on = DayField(_("到哪一天为止"), [DataRequired(_("请选到期日期。"))])
    support = YuanField(
        _("每次捐多少"),
        [DataRequired(_("请照协议填，只办服务、不捐钱就填 0。"))],
        description=_("照协议填。只办服务、不捐钱就填 0。"),
    )
    rhythm = SelectField(_("多久捐一次"), coerce=Rhythm, choices=options(RHYTHM_WORDS.items()))


class PartnerForm(AgreementForm):
    services = LongTextField(
        _("给居民办哪些服务"),
        [DataRequired(_("请写办哪些服务，一行一项。")), Length(max=1500)],
        description=_("一行一项，会公开。"),
        printed=True,
        public=True,
    )
    promise = TextField(
        _("低价承诺"), [Length(max=200)], description=_("比如“比市价低两成”。"), printed=True, public=True
    )


class WorkshopForm(AgreementForm):
    makes = TextField(
        _("做什么活"), [DataRequired(_("请写做什么活。")), Length(max=120)], printed=True, public=True
    )
    made_with = TextField(_("谁供料、谁销售"), [Length(max=120)], printed=True, public=True)
    wage_low = YuanField(_("一天工钱最少"))
    wage_high = YuanField(_("一天工钱最多"))


class EndingForm(MarketForm):
    ended_on = DayField(_("最后一天"), [DataRequired(_("请选最后一天。"))])
    reason = TextField(
        _("为什么结束"), [DataRequired(_("请写一句为什么结束。")), Length(max=200)], public=True
    )


class JobsForm(MarketForm):
    jobs = CountField(
        _("多少人在这里干活"),
        [InputRequired(_("请填人数，没有就填 0。")), NumberRange(0, 9999, _("人数请填 0 到 9999。"))],
    )
    counted_on = DayField(_("哪一天数的"), [DataRequired(_("请选是哪一天数的。"))])


class ReversalForm(MarketForm):
    reason = TextField(
        _("哪里错了"), [DataRequired(_("请写一句哪里错了。")), Length(max=200)], printed=True, public=True
    )


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────────────


class KeepingForm(MarketForm):
    """Where goods are kept, until when they are good."""

    storage = TextField(
        _("放在哪里"), [DataRequired(_("请写放在哪里。")), Length(max=60)], printed=True, public=True
    )
    expires_on = DayField(_("保质期到哪一天"), [Optional()], description=_("没有保质期的不用填。"))


class ValueForm(MarketForm):
    """What a paper says that goods are worth."""

    basis = RadioField(
        _("凭什么估价"),
        [DataRequired(_("请选凭什么估价。"))],
        choices=options((basis.value, word) for basis, word in BASIS_WORDS.items()),
    )
    worth = YuanField(
        _("这一批一共值多少"),
        [InputRequired(_("请照票据填金额。"))],
        description=_("照票据上写的填，不要自己估。没有票据就不折价，只数件数。"),
    )
    paper = TextField(
        _("哪张票据"),
        [DataRequired(_("请写是哪张票据。")), Length(max=60)],
        description=_("发票号、协议号，或者价目表是哪里的。会公开。"),
        printed=True,
        public=True,
    )
    paper_on = DayField(_("票据的日期"), [DataRequired(_("请选票据的日期。"))])
    said_by = TextField(
        _("谁开的、谁报的价"),
        [DataRequired(_("请写谁开的、谁报的价。")), Length(max=60)],
        description=_("写单位名称，会公开。"),
        printed=True,
        public=True,
    )


class GoodsForm(KeepingForm):
    """Goods that somebody brought, not at a market."""

    goods = TextField(
        _("什么东西"), [DataRequired(_("请写是什么东西。")), Length(max=60)], printed=True, public=True
    )
    items = CountField(_("多少件"), [InputRequired(_("请填件数。"))])
    received_on = DayField(_("哪一天收到的"), [DataRequired(_("请选哪一天收到的。"))])
    donor = TextField(_("谁给的"), [Length(max=60)], printed=True, public=True)
    may_name = BooleanField(
        _("本人同意公开姓名或名称"),
        description=_("没有同意就不勾，公示页上写“爱心人士”。"),
    )


class GoodsOutForm(MarketForm):
    way = RadioField(
        _("去哪里了"),
        [DataRequired(_("请选去哪里了。"))],
        choices=options((way.value, word) for way, word in OUTGOING_WORDS.items()),
    )
    items = CountField(_("多少件"), [InputRequired(_("请填件数。"))])
    recipient = TextField(
        _("给了谁，或者谁看着处理的"),
        [DataRequired(_("请写给了谁。")), Length(max=120)],
        description=_("会公开，请写“3 号楼独居老人 6 户”，不要写困难居民的名字。"),
        printed=True,
        public=True,
    )
    happened_on = DayField(_("哪一天"), [DataRequired(_("请选哪一天。"))])
