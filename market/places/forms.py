"""What a person types of a plaza, its permits, lines, lanes and stalls."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from market.forms import CountField, DayField, FigureField, MarketForm, TextField, WattField, options
from market.places.rules import LandType, Ownership, VenuePermitKind
from market.places.words import LAND_WORDS, OWNERSHIP_WORDS, PERMIT_WORDS
from market.typed_text import scaled

MAX_METRES = 500


class MetreField(FigureField):
    """A length typed in metres; `dm` is what it means."""

    dm: int = 0

    def process_data(self, value: Any) -> None:
        """Defaults and stored values come in decimetres."""
        self.data = None if value is None else f"{value / 10:g}"

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        dm = scaled(self.data, {"": 10, "米": 10, "m": 10})
        self.dm = -1 if dm is None else dm
        if not 0 <= self.dm <= MAX_METRES * 10:
            raise ValidationError(str(_("请填米数，比如 3 或 2.5。")))


def _required() -> list[Any]:
    return [InputRequired(_("请填这一项。"))]


class VenueForm(MarketForm):
    name = TextField(_("场地名"), [DataRequired(_("请给场地起个名字。")), Length(max=60)], printed=True)
    address = TextField(_("地址"), [DataRequired(_("请填地址，居民照着找。")), Length(max=120)], printed=True)
    width = MetreField(_("东西长"), _required())
    depth = MetreField(_("南北宽"), _required())
    land_type = RadioField(
        _("是什么地方"), choices=options((kind.value, word) for kind, word in LAND_WORDS.items()),
        default=LandType.PLAZA.value,
    )  # fmt: skip
    ownership = RadioField(
        _("是谁的地方"), choices=options((kind.value, word) for kind, word in OWNERSHIP_WORDS.items()),
        default=Ownership.PUBLIC.value,
    )  # fmt: skip
    entrances = TextField(
        _("入口"),
        [Length(max=120)],
        description=_("用顿号隔开，比如：东门、南门。签到和数人按入口分开。"),
        printed=True,
    )
    step_free = BooleanField(_("轮椅能到每一个摊位"))
    no_flame = BooleanField(_("整个场地不让用明火和燃气罐"))


class PermitForm(MarketForm):
    kind = SelectField(
        _("哪一种"), choices=options((kind.value, words.name) for kind, words in PERMIT_WORDS.items()),
        default=VenuePermitKind.DESIGNATION.value,
    )  # fmt: skip
    number = TextField(_("文号或编号"), [DataRequired(_("请照原件填文号。")), Length(max=80)])
    issuer = TextField(_("谁发的"), [DataRequired(_("请填发文单位。")), Length(max=100)])
    valid_to = DayField(_("有效到"), [Optional()], description=_("没有期限就空着。"))


class CircuitForm(MarketForm):
    name = TextField(_("线路名"), [DataRequired(_("请起个名字，比如：1 号线。")), Length(max=30)])
    capacity_w = WattField(
        _("最多能带"),
        [InputRequired(_("请填瓦数。")), NumberRange(1, 100_000, _("请填 1 到 100,000 瓦。"))],
    )


class LaneForm(MarketForm):
    label = TextField(_("叫什么"), [DataRequired(_("请填名字。")), Length(max=30)], default=_("消防通道"))
    x = MetreField(_("离西边"), _required())
    y = MetreField(_("离北边"), _required())
    width = MetreField(_("东西长"), _required())
    depth = MetreField(_("南北宽"), _required())
    fire = BooleanField(_("是消防通道，不能摆摊"), default=True)


class OfferForm(MarketForm):
    """What a stall offers, and its size: shared by one stall and by a row of them."""

    width = MetreField(_("每个宽"), _required(), default=30)
    depth = MetreField(_("每个深"), _required(), default=30)
    x = MetreField(_("离西边"), _required())
    y = MetreField(_("离北边"), _required())
    power_w = WattField(
        _("插座"),
        [InputRequired(_("没有电就填 0。")), NumberRange(0, 20_000, _("请填 0 到 20,000 瓦。"))],
        default=0,
    )
    circuit = SelectField(_("接哪条线路"), validate_choice=False)
    water = BooleanField(_("有水"))
    shade = BooleanField(_("有遮阴"))
    vehicle = BooleanField(_("车能停在摊位上"))
    no_flame = BooleanField(_("不能用明火"))
    reserved = BooleanField(_("爱心或公益摊位"), description=_("只给公益摊和社区同意用的摊主，别人不排。"))


class RowForm(OfferForm):
    zone = SelectField(
        _("分区"),
        choices=options([
            ("A", _("A 蔬果")), ("B", _("B 粮油日百")), ("C", _("C 熟食")), ("D", _("D 便民服务")),
            ("E", _("E 公益")), ("F", _("F 手作亲子"))]),
    )  # fmt: skip
    count = CountField(
        _("几个"),
        [InputRequired(_("请填个数。")), NumberRange(1, 60, _("一次画 1 到 60 个。"))],
        default=6,
    )
    gap = MetreField(_("间隔"), _required(), default=5)
    down = BooleanField(_("从北往南排（不勾就是从西往东）"))


class StallForm(OfferForm):
    """One stall; its number is not here, because it never changes."""
