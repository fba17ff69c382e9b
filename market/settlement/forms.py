"""What people type in this room: agreements, takings, reasons, goods, corrections."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, Length, ValidationError

from market.forms import COUNTED, FigureField, MarketForm, TextField, YuanField, options
from market.settlement.rules import MAX_BASIS_POINTS, CloseFault, Terms, TermsKind, share
from market.typed_text import plain, whole_number

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


class TermsForm(MarketForm):
    """What a vendor wants to give. Nothing is ticked beforehand."""

    kind = RadioField(
        _("您想怎么捐？"),
        [DataRequired(_("请选一项；不捐也是一项。"))],
        choices=options(
            [
                (TermsKind.PERCENT.value, _("按营业额的百分之几")),
                (TermsKind.FIXED.value, _("每场捐固定的钱")),
                (TermsKind.NONE.value, _("不捐")),
            ]
        ),
    )
    percent = PercentField(_("百分之几"))
    fixed = YuanField(_("每场多少元"), description=_("没卖东西的那一场不捐。"))

    def validate_percent(self, field: PercentField) -> None:
        if self.kind.data == TermsKind.PERCENT.value and not field.text:
            raise ValidationError(str(_("请填百分之几，比如 5。")))

    def validate_fixed(self, field: YuanField) -> None:
        if self.kind.data == TermsKind.FIXED.value and not field.text:
            raise ValidationError(str(_("请填每场捐多少元，比如 20。")))

    def facts(self) -> Terms:
        """The agreement in numbers."""
        return Terms(TermsKind(self.kind.data), self.percent.basis_points, self.fixed.fen or 0)


class TakingsForm(MarketForm):
    """What a vendor sold; `shown` are the figures that were on the screen when the button was pressed."""

    takings = YuanField(_("卖了多少"), [DataRequired(_("请填今天卖了多少元。没卖就按“今天没卖”。"))])
    gift = YuanField(_("这次捐多少元"))
    shown = HiddenField()
    sure = HiddenField()
    """The figure that was ticked as meant, where it is far from what is usual."""

    @property
    def takings_fen(self) -> int:
        return self.takings.fen or 0

    def figures(self, terms: Terms) -> str:
        """Takings and gift as the button carries them: what is saved was read before."""
        return f"{self.takings_fen}:{share(self.takings_fen, terms, self.chosen_fen)}"

    @property
    def chosen_fen(self) -> int | None:
        """What is given this once; None: as agreed."""
        return self.gift.fen if self.gift.text else None


class SettleForm(MarketForm):
    """The close; `seen` is the sum on the button."""

    seen = HiddenField(validators=[DataRequired()])

    @property
    def seen_fen(self) -> int:
        text = self.seen.data or ""
        number = whole_number(text)
        return -1 if number is None else number


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
    takings = YuanField(_("实际卖了多少元"), [DataRequired(_("请填实际卖了多少元。没卖就填 0。"))])
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
