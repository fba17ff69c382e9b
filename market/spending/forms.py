"""What is asked at each step of a use of money."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from market.errors import Refusal
from market.forms import (
    CountField,
    DayField,
    LongTextField,
    MarketForm,
    TextField,
    WallTimeField,
    YuanField,
    options,
)
from market.fund.forms import ProposalForm, VoteForm
from market.money import parse_yuan
from market.spending.models import LONGEST_ORIGIN
from market.spending.rules import LONGEST_REMARK, Cost, PhotoKind, Verdict
from market.spending.words import VERDICT_WORDS

PEOPLE = NumberRange(0, 99_999, _("人数请填 0 到 99999。"))


class SeenForm(MarketForm):
    """A step that is taken looking at a page: it says what the page showed."""

    seen = HiddenField()


class NeedForm(ProposalForm):
    """A use of money, and where the need comes from."""

    wish = SelectField(_("来自居民需求清单"), choices=[], validate_choice=False)
    origin = TextField(
        _("或者写需求从哪来"),
        [Length(max=LONGEST_ORIGIN)],
        description=_("比如“网格员走访”“居民打电话反映”。会公开，请不要写名字。"),
        printed=True,
        public=True,
    )
    long_way = BooleanField(_("走完整程序"), description=_("金额小也征求居民意见、开会、向慈善组织申请。"))


class AmendForm(ProposalForm):
    """Another text in place of the first."""

    seen = HiddenField()


class AppraisalForm(SeenForm):
    suitability = LongTextField(
        _("合不合适"),
        [DataRequired(_("请写为什么该用基金的钱办。")), Length(max=300)],
        description=_("在不在基金用途里，为什么现在办。会公开。"),
        printed=True,
        public=True,
    )
    beneficiaries = TextField(
        _("谁受益"), [DataRequired(_("请写谁受益。")), Length(max=120)], printed=True, public=True
    )
    people = CountField(_("多少人受益"), [InputRequired(_("请填人数。")), PEOPLE])
    starts_on = DayField(_("从哪一天起"), [DataRequired(_("请选开始日期。"))])
    ends_on = DayField(_("到哪一天为止"), [DataRequired(_("请选结束日期。"))])
    executor = TextField(
        _("谁来做"), [DataRequired(_("请写谁来做。")), Length(max=120)], printed=True, public=True
    )
    budget = LongTextField(
        _("明细"),
        [DataRequired(_("请写明细，一行一样。")), Length(max=2000)],
        description=_("一行一样，金额写在最后，比如“灯头和线 1260”。加起来要等于提议的金额。"),
        printed=True,
        public=True,
    )

    def validate_budget(self, field: LongTextField) -> None:
        for line in self._lines():
            try:
                _cost(line)
            except (ValueError, Refusal) as wrong:
                sentence = _("这一行看不出金额：%(line)s", line=line[:30])
                raise ValidationError(str(sentence)) from wrong

    def _lines(self) -> list[str]:
        return [line.strip() for line in self.budget.text.splitlines() if line.strip()]

    def costs(self) -> tuple[Cost, ...]:
        """The lines as the service takes them."""
        return tuple(map(_cost, self._lines()))


def _cost(line: str) -> Cost:
    what, amount = line.rsplit(maxsplit=1)
    while what and unicodedata.category(what[-1]) == "Po":  # the colon or comma before the amount
        what = what[:-1].rstrip()
    return Cost(what, parse_yuan(amount))


class ConsultForm(SeenForm):
    place = TextField(
        _("公告贴在哪里"), [DataRequired(_("请写公告贴在哪里。")), Length(max=120)], printed=True, public=True
    )


class RemarkForm(MarketForm):
    """What a resident says."""

    words = LongTextField(
        _("您的意见"),
        [DataRequired(_("请写一句您的意见。")), Length(max=LONGEST_REMARK)],
        description=_("不用登录，不记名字。请不要写手机号。"),
        public=True,
    )


class PaperRemarkForm(RemarkForm, SeenForm):
    """The same, typed by staff from a paper."""


class ResidentRemarkForm(RemarkForm):
    """The same on the page that everybody reads: it is known by the page that sent it, and has no token."""

    class Meta:
        csrf = False


class AnswerForm(SeenForm):
    answer = TextField(_("答复"), [DataRequired(_("请写一句答复。")), Length(max=300)], public=True)
    hidden = BooleanField(_("骂人的、写了别人私事的：不公开这一条"))


class OutcomeForm(SeenForm):
    outcome = TextField(
        _("征求意见的结果"),
        [DataRequired(_("请写一句结果，比如“没有不同意见”。")), Length(max=300)],
        printed=True,
        public=True,
    )


class TicksField(SelectMultipleField):
    """Several of a list, each with a tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MeetingForm(MarketForm):
    held_at = WallTimeField(_("什么时候开"), [InputRequired(_("请选日期和时间。"))])
    place = TextField(_("在哪里开"), [DataRequired(_("请写在哪里开。")), Length(max=60)], printed=True)
    chair = SelectField(_("谁主持"), choices=[], validate_choice=False)
    agenda = TicksField(_("议哪几项"), choices=[], validate_choice=False)


class PresentForm(MarketForm):
    present = TicksField(_("到了哪几位"), choices=[], validate_choice=False)


class MinutesForm(SeenForm):
    discussion = LongTextField(
        _("讨论要点"), [DataRequired(_("请写讨论要点。")), Length(max=500)], printed=True, public=True
    )
    supervision = LongTextField(_("监督员的意见"), [Length(max=300)], printed=True, public=True)


class BallotForm(VoteForm):
    """A vote on exactly the text that was shown."""

    seen = HiddenField()


class InterestForm(MarketForm):
    what = TextField(_("和您有什么关系"), [DataRequired(_("请写一句。")), Length(max=120)], public=True)


class ApplyForm(SeenForm):
    applied_on = DayField(_("哪一天送的"), [DataRequired(_("请选日期。"))])
    enclosed = TextField(_("附了什么"), [Length(max=120)], printed=True, public=True)


class CharityAnswerForm(SeenForm):
    verdict = RadioField(
        _("慈善组织怎么说"),
        [DataRequired(_("请选一项。"))],
        choices=options((verdict.value, word) for verdict, word in VERDICT_WORDS.items()),
    )
    number = TextField(_("答复的编号"), [DataRequired(_("请填编号。")), Length(max=60)], printed=True)
    answered_on = DayField(_("答复日期"), [DataRequired(_("请选日期。"))])
    reason = TextField(
        _("为什么退回"), [Length(max=200)], description=_("批准了的不用填。"), printed=True, public=True
    )

    @property
    def said(self) -> Verdict:
        return Verdict(self.verdict.data)


class VoucherForm(SeenForm):
    number = TextField(_("票据号"), [DataRequired(_("请填票据号。")), Length(max=60)], printed=True)
    what = TextField(
        _("买了什么、做了什么"), [DataRequired(_("请写一句。")), Length(max=60)], printed=True, public=True
    )
    amount = YuanField(_("金额"), [DataRequired(_("请照票据填金额。"))])
    spent_on = DayField(_("票据日期"), [DataRequired(_("请选日期。"))])


class PhotoForm(MarketForm):
    kind = RadioField(
        _("拍的是什么"),
        [DataRequired(_("请选拍的是什么。"))],
        choices=options(
            [
                (PhotoKind.VOUCHER.value, _("票据（不公开）")),
                (PhotoKind.PLACE.value, _("现场（公开，不拍受帮助的人的脸）")),
            ]
        ),
    )


class AccountForm(SeenForm):
    returned = YuanField(_("没用完退回多少"), description=_("全用完了就空着。"))
    returned_on = DayField(_("退回的日期"), [Optional()])
    return_reference = TextField(_("退回的凭证号"), [Length(max=60)], printed=True)
    served = CountField(_("多少人签收"), [InputRequired(_("请填人数，不用签收的填 0。")), PEOPLE])
    outcome = LongTextField(_("办得怎么样"), [Length(max=300)], printed=True, public=True)


class CheckForm(SeenForm):
    """A second person compared the papers."""


def seen_form(mark: str, kind: type[Any], **data: Any) -> Any:
    """A fresh form that remembers what its page shows."""
    return kind(formdata=None, data={"seen": mark, **data})
