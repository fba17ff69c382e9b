"""What people type in this room: agreements, takings, reasons, goods, corrections."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from market.forms import (
    COUNTED,
    CountField,
    FigureField,
    MarketForm,
    PastedField,
    TextField,
    YuanField,
    options,
)
from market.settlement.fee import Fee
from market.settlement.rules import MAX_BASIS_POINTS, CloseFault, Terms, TermsKind, Tier, share
from market.typed_text import plain, whole_number
from market.vendors.rules import Category
from market.vendors.words import category_word

if TYPE_CHECKING:
    from market.settlement.models import SuggestedTerms

_PERCENT = re.compile(r"(?P<whole>[0-9]{1,3})(?:\.(?P<part>[0-9]{1,2}))?")


class PercentField(FigureField):
    """A percentage as people type it (`5`, `5%`, `２.５`); `basis_points` is what it means."""

    basis_points: int = 0

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        match = _PERCENT.fullmatch(plain(self.data).removesuffix("%").strip())
        points = int(match["whole"]) * 100 + int((match["part"] or "").ljust(2, "0")) if match else -1
        if not 0 <= points <= MAX_BASIS_POINTS:
            raise ValidationError(str(_("请填 0 到 100 之间的百分数，比如 5 或 2.5。")))
        self.basis_points = points


SUGGESTED = "suggested"
"""The choice of who takes what the community suggests."""


class TermsForm(MarketForm):
    """What a vendor wants to give. Nothing is ticked beforehand."""

    ways: ClassVar[tuple[tuple[TermsKind, Any], ...]] = (
        (TermsKind.PERCENT, _("按营业额的百分之几")),
        (TermsKind.FIXED, _("每场捐固定的钱")),
        (TermsKind.NONE, _("不捐")),
    )
    kind = RadioField(_("您想怎么捐？"), [DataRequired(_("请选一项；不捐也是一项。"))])
    percent = PercentField(_("百分之几"))
    fixed = YuanField(_("每场多少元"), description=_("没卖东西的那一场不捐。"))

    def __init__(self, *args: Any, suggestion: SuggestedTerms | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggestion = suggestion
        ways = [(way.value, label) for way, label in self.ways]
        if suggestion is not None:
            ways.insert(-1, (SUGGESTED, _("照社区的建议")))
        self.kind.choices = options(ways)

    @property
    def taken(self) -> SuggestedTerms | None:
        """The suggestion, when it is what was chosen."""
        return self.suggestion if self.kind.data == SUGGESTED else None

    def validate_percent(self, field: PercentField) -> None:
        if self.kind.data == TermsKind.PERCENT.value and not field.text:
            raise ValidationError(str(_("请填百分之几，比如 5。")))

    def validate_fixed(self, field: YuanField) -> None:
        if self.kind.data == TermsKind.FIXED.value and not field.text:
            raise ValidationError(str(_("请填每场捐多少元，比如 20。")))

    def facts(self) -> Terms:
        """The agreement in numbers."""
        if self.taken is not None:
            return self.taken.terms
        return Terms(TermsKind(self.kind.data), self.percent.basis_points, self.fixed.fen or 0)


class FullTermsForm(TermsForm):
    """The same with tiers and limits, for who wants it exact."""

    ways = (
        *TermsForm.ways[:2],
        (TermsKind.TIERS, _("分档：卖得多的那部分，多捐一点")),
        TermsForm.ways[2],
    )
    tier_percent_1 = PercentField(_("起头的一档，百分之几"))
    tier_from_2 = YuanField(_("超过多少元，算第二档"))
    tier_percent_2 = PercentField(_("第二档，百分之几"))
    tier_from_3 = YuanField(_("超过多少元，算第三档"))
    tier_percent_3 = PercentField(_("第三档，百分之几"))
    threshold = YuanField(_("卖不到多少元，就不捐"))
    floor = YuanField(_("捐的话，最少多少元"), description=_("不会比卖的多。"))
    cap = YuanField(_("最多捐多少元"))

    @property
    def limits(self) -> tuple[YuanField, ...]:
        """What may be left empty, in the order in which it is asked."""
        return self.threshold, self.floor, self.cap

    def validate_tier_percent_2(self, _field: PercentField) -> None:
        told = (self.tier_percent_1, self.tier_from_2, self.tier_percent_2)
        if self.kind.data == TermsKind.TIERS.value and not all(field.text for field in told):
            raise ValidationError(str(_("分档至少要两档，请把两档都填上，比如 3 和 5。")))

    def validate_tier_percent_3(self, field: PercentField) -> None:
        if self.kind.data == TermsKind.TIERS.value and bool(field.text) is not bool(self.tier_from_3.text):
            raise ValidationError(str(_("第三档要么都填，要么都空着。")))

    def facts(self) -> Terms:
        plain = super().facts()
        if self.taken is not None:
            return plain
        return replace(
            plain,
            tiers=self._tiers() if plain.kind is TermsKind.TIERS else (),
            floor_fen=self.floor.fen or 0,
            cap_fen=self.cap.fen or 0,
            threshold_fen=self.threshold.fen or 0,
        )

    def _tiers(self) -> tuple[Tier, ...]:
        first = Tier(0, self.tier_percent_1.basis_points)
        above = ((self.tier_from_2, self.tier_percent_2), (self.tier_from_3, self.tier_percent_3))
        return (first, *(Tier(begin.fen or 0, rate.basis_points) for begin, rate in above if begin.text))


class SuggestionForm(FullTermsForm):
    """What a community suggests to its vendors; tried first, then put up with the name of who decided."""

    ways = (*FullTermsForm.ways[:3], (TermsKind.NONE, _("不再建议")))
    exempt = SelectMultipleField(
        _("哪些品类不用捐"), choices=options((c.value, category_word(c)) for c in Category)
    )

    def facts(self) -> Terms:
        return replace(super().facts(), exempt=frozenset(map(Category, self.exempt.data or ())))


class DecisionForm(SuggestionForm):
    """The suggestion once more, with who decided it."""

    decision = TextField(
        _("谁定的，什么时候"),
        [DataRequired(_("请写是谁、什么时候这样定的。")), Length(max=200)],
        description=_("比如：管委会 11 月 20 日会议。摊主看得到。"),
        public=True,
    )


class TakingsForm(MarketForm):
    """What a vendor sold; `shown` are the figures that were on the screen when the button was pressed."""

    takings = YuanField(_("卖了多少"), [DataRequired(_("请填今天卖了多少元。没卖就按“今天没卖”。"))])
    gift = YuanField(_("这次捐多少元"))
    shown = HiddenField()
    sure = HiddenField()
    """The figure that was ticked as meant, where it is far from what is usual."""
    waited = HiddenField()
    """Of a figure that waited on a phone without a network: the revision that was told when it was typed."""

    @property
    def takings_fen(self) -> int:
        return self.takings.fen or 0

    def figures(self, terms: Terms) -> str:
        """Takings and gift as the button carries them: what is saved was read before."""
        return f"{self.takings_fen}:{share(self.takings_fen, terms, self.chosen_fen)}"

    def was_read(self, terms: Terms) -> bool:
        """Whether these are the figures that were on the screen; a phone without a network knew no gift."""
        return self.shown.data == self.figures(terms) or bool(self.waited.data and not self.shown.data)

    @property
    def chosen_fen(self) -> int | None:
        """What is given this once; None: as agreed."""
        return self.gift.fen if self.gift.text else None


class GiftOnlyForm(MarketForm):
    """What a vendor gives who does not want to say what was sold."""

    only = YuanField(_("捐多少元"), [DataRequired(_("请填捐多少元；这次不捐就填 0。"))])
    sure = HiddenField()
    """The figure that was ticked as meant, where it is more than is usually sold."""
    waited = HiddenField()
    """The same as that of `TakingsForm`."""


class ImportForm(MarketForm):
    """A table of takings that was pasted; a file comes beside it."""

    pasted = PastedField(_("或者把表格贴在这里"), [Length(max=200_000)])


class SettleForm(MarketForm):
    """The close; `seen` is the sum on the button."""

    seen = HiddenField(validators=[DataRequired()])

    @property
    def seen_fen(self) -> int:
        text = self.seen.data or ""
        number = whole_number(text)
        return -1 if number is None else number


class CloseRuleForm(MarketForm):
    """When markets settle themselves."""

    automatic = RadioField(
        _("怎么结算？"),
        [DataRequired(_("请选一项。"))],
        choices=options(
            [("no", _("每一场都由人来结算")), ("yes", _("都对上了就自动结算，到期限也自动结算"))]
        ),
    )
    after = CountField(
        _("都对上以后，收市几小时自动结算"),
        [Optional()],
        description=_("留一点时间给人改数、补记。"),
    )
    deadline = CountField(
        _("收市几小时是最后期限"),
        [Optional()],
        description=_("到了还没报数的，按没有捐结算。不填就一直等。"),
    )


class StallFeeForm(MarketForm):
    """What is charged for a stall, to whom it is paid, who decided so."""

    amount = YuanField(
        _("每场每个摊位多少元"),
        [DataRequired(_("请填多少元，不收填 0。"))],
        description=_("人人一样。不收填 0。"),
    )
    payee = TextField(
        _("交给谁"),
        [Length(max=120)],
        description=_("收款单位的全称，比如业主委员会、物业公司。不能是收捐款的慈善组织。"),
        printed=True,
        public=True,
    )
    basis = TextField(
        _("根据什么收的"),
        [Length(max=200)],
        description=_("比如 2026 年 3 月 1 日业主大会决定。会公开。"),
        printed=True,
        public=True,
    )
    exempt = SelectMultipleField(
        _("哪些品类不收"), choices=options((one.value, category_word(one)) for one in Category)
    )

    def fee(self) -> Fee:
        """What was typed."""
        exempt = frozenset(map(Category, self.exempt.data or ()))
        return Fee(self.amount.fen or 0, self.payee.text.strip(), self.basis.text.strip(), exempt)


class ReceiptForm(MarketForm):
    """The number of a receipt that the charity issued."""

    number = TextField(
        _("票据号"), [DataRequired(_("请填慈善组织票据上的号码。")), Length(max=60)], printed=True
    )


class WaiverForm(MarketForm):
    """An exception that somebody accepts."""

    assignment = HiddenField(validators=[DataRequired()])
    fault = SelectField(choices=options((fault.value, "") for fault in CloseFault))
    reason = TextField(_("为什么可以认下"), [DataRequired(_("请写一句原因。")), Length(max=200)])


class AbsenceForm(MarketForm):
    """A vendor who did not come."""

    assignment = HiddenField(validators=[DataRequired()])


class GoodsForm(MarketForm):
    """Goods given in kind."""

    assignment = SelectField(_("谁捐的"))
    goods = TextField(
        _("什么东西"), [DataRequired(_("请写捐的是什么，比如 大白菜。")), Length(max=60)], printed=True
    )
    items = FigureField(_("几件"), [DataRequired(_("请填件数。"))])
    count: int = 0

    def validate_items(self, field: FigureField) -> None:
        count = whole_number(field.text, COUNTED)
        if count is None or count > 9_999_999:
            raise ValidationError(str(_("请填整数件数，比如 20。")))
        self.count = count


class CorrectionForm(MarketForm):
    """Right figures after the settlement, and why."""

    assignment = SelectField(_("哪个摊位"))
    takings = YuanField(_("实际卖了多少元"), description=_("只报了捐多少的，不知道就空着，只改捐的数。"))
    gift = YuanField(_("这次捐多少元"), description=_("不填：按签的协议算。"))
    reason = TextField(
        _("为什么更正"),
        [DataRequired(_("请写一句更正的原因。")), Length(max=200)],
        description=_("会和更正一起公示。不要写人名、手机号。"),
        printed=True,
        public=True,
    )
    sure = HiddenField()
    """The figure that was ticked as meant, where it is far from what is usual."""

    @property
    def chosen_fen(self) -> int | None:
        """What is given this once; None: as agreed."""
        return self.gift.fen if self.gift.text else None

    @property
    def gift_only(self) -> bool:
        """Whether only the gift is corrected, of a vendor who never said what was sold."""
        return bool(self.gift.text) and not self.takings.text

    def validate_takings(self, field: YuanField) -> None:
        if not field.text and not self.gift.text:
            raise ValidationError(str(_("请填实际卖了多少元。没卖就填 0。")))
