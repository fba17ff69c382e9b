"""Who goes where, how stalls are given out, and what is typed in for a lottery."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, ValidationError

from market.allocation.market_rules import Quota
from market.allocation.mix import MOST_VENDORS
from market.allocation.rules import SeedKind
from market.allocation.weights import DEDUCTIONS, MOST
from market.forms import CountField, LongTextField, MarketForm, TextField, options
from market.stalls.advice import METHOD_WORDS, SEED_WORDS
from market.stalls.words import WEIGHT_WORDS
from market.typed_text import whole_number
from market.vendors.words import CATEGORY_WORDS

MOST_VOTES = 99_999


class MoveForm(MarketForm):
    """`who` names an application; `to` a stall, and after a dot the application that must still hold it."""

    who = SelectField(_("哪一家"), [DataRequired(_("请选一家。"))], validate_choice=False)
    to = SelectField(_("到哪个摊位"), [DataRequired(_("请选一个摊位。"))], validate_choice=False)

    because = TextField(_("为什么这样安排"), [Length(max=200, message=_("原因最多 200 个字。"))])
    """Asked for where something speaks against it."""
    beside = HiddenField()
    """The second stall of who needs two, where a step is undone."""
    fixed = HiddenField()
    """Not empty: and stays there, as before the step that is undone."""

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
        default=SeedKind.WITNESSES.value,
    )
    source = TextField(
        _("写清楚是哪个号码、谁来报"),
        [
            DataRequired(_("请写清楚是哪个号码，公布以后不能改。")),
            Length(max=120, message=_("最多 120 个字。")),
        ],
        description=_("人人看得到。只写身份，不写姓名。"),
        printed=True,
        public=True,
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
        words = (self.drum.text if kind == SeedKind.DRUM else witnesses).split()
        numbers = [whole_number(word) for word in words]
        return tuple(number for number in numbers if number is not None) if None not in numbers else ()


class VoidForm(MarketForm):
    """Why a published list is taken back."""

    reason = TextField(
        _("为什么收回名单"),
        [
            DataRequired(_("请写清楚原因。公开页上看得到。")),
            Length(max=200, message=_("最多 200 个字。")),
        ],
        printed=True,
        public=True,
    )


class OfferForm(MarketForm):
    """Whether the next in line takes the stall that became free."""

    offer = HiddenField()
    answer = HiddenField(validators=[AnyOf(("yes", "no"))])


class PinForm(MarketForm):
    """A vendor that stays where it stands when the plan is laid anew; `fixed` empty = no longer."""

    who = HiddenField(validators=[DataRequired()])
    fixed = HiddenField()


class SecondForm(MarketForm):
    """Whether a vendor has two stalls side by side; `two` empty = one will do."""

    who = HiddenField(validators=[DataRequired()])
    two = HiddenField()
    beside = HiddenField()
    because = TextField(_("为什么这样安排"), [Length(max=200, message=_("原因最多 200 个字。"))])


class KeptForm(MarketForm):
    """A stall that stays empty on a day; `kept` empty = no longer."""

    stall = HiddenField(validators=[DataRequired()])
    kept = HiddenField()


class ShutForm(MarketForm):
    """Which stalls do not open, and why; everybody may read it."""

    parts = SelectMultipleField(_("整片不开"), validate_choice=False)
    """A zone, or all stalls near one entrance."""
    stalls = SelectMultipleField(_("哪些摊位"), validate_choice=False)
    reason = TextField(
        _("为什么不开"),
        [
            DataRequired(_("请选摊位，并写一句为什么不开，商户和居民都会看到。")),
            Length(max=60, message=_("最多 60 个字。")),
        ],
        printed=True,
        public=True,
    )


# ── the rules of a market, the weights of a community ─────────────────────────────────────────────────────


class RulesForm(MarketForm):
    """What holds for one market day; `rules_form` adds the fields of each category and each zone."""

    free = SelectMultipleField(_("留空的摊位"), validate_choice=False)

    def quotas(self) -> dict[str, Quota]:
        """What was typed for each category; empty fields ask for nothing."""
        return {
            category.value: Quota(
                self[f"least_{category}"].data or 0,
                self[f"most_{category}"].data,
                self[f"target_{category}"].data or 0,
            )
            for category in CATEGORY_WORDS
        }

    def people(self) -> dict[str, str]:
        """Who looks after each zone."""
        return {
            name.removeprefix("zone_"): self[name].data or ""
            for name in self.data
            if name.startswith("zone_")
        }


def rules_form(zones: Iterable[str]) -> type[RulesForm]:
    """The form of a ground with these zones."""
    fields: dict[str, Any] = {}
    for category, word in CATEGORY_WORDS.items():
        fields[f"least_{category}"] = _count(_("%(category)s至少", category=word))
        fields[f"most_{category}"] = _count(_("%(category)s最多", category=word))
        fields[f"target_{category}"] = _count(_("居民点名%(category)s", category=word))
    for zone in zones:
        length = Length(max=40, message=_("名字最多 40 个字。"))
        fields[f"zone_{zone}"] = TextField(_("%(zone)s 区", zone=zone), [length])
    return cast("type[RulesForm]", type("RulesOfGround", (RulesForm,), fields))


def quota_values(quotas: Mapping[str, Quota]) -> dict[str, int | None]:
    """Quotas as the fields show them; what asks for nothing is left empty."""
    values: dict[str, int | None] = {}
    for category, quota in quotas.items():
        values[f"least_{category}"] = quota.minimum or None
        values[f"most_{category}"] = quota.maximum
        values[f"target_{category}"] = quota.target or None
    return values


def _count(label: Any) -> CountField:
    return CountField(label, [Optional(), _between(MOST_VENDORS)])


def _between(most: int) -> Callable[[Any, Any], None]:
    """A whole number from 0; what is no number has its own sentence."""

    def check(form: Any, field: Any) -> None:
        if field.data is not None and not 0 <= field.data <= most:
            raise ValidationError(str(_("请填 0 到 %(most)s。", most=f"{most:,}")))

    return check


class VotesForm(MarketForm):
    """How many residents asked for each category, counted on paper."""

    class Meta:
        csrf = False  # a question only: it changes nothing

    def votes(self) -> dict[str, int]:
        return {name.removeprefix("votes_"): value for name, value in self.data.items() if value}


def votes_form() -> type[VotesForm]:
    fields = {
        f"votes_{category}": CountField(word, [Optional(), _between(MOST_VOTES)])
        for category, word in CATEGORY_WORDS.items()
    }
    return cast("type[VotesForm]", type("VotesOfResidents", (VotesForm,), fields))


class WeightsForm(MarketForm):
    """How many points each thing counts; those taken away are typed without a sign."""

    reason = TextField(
        _("为什么改"),
        [DataRequired(_("请写清楚为什么改。")), Length(max=200, message=_("最多 200 个字。"))],
        description=_("公开页上看得到，写给摊主和居民。"),
        public=True,
    )

    def weights(self) -> dict[str, int]:
        """The weights with their signs."""
        return {name: -self[name].data if name in DEDUCTIONS else self[name].data for name in WEIGHT_WORDS}


def weights_form() -> type[WeightsForm]:
    checks = [InputRequired(_("不看重就填 0。")), _between(MOST)]
    fields = {name: CountField(word, checks) for name, word in WEIGHT_WORDS.items()}
    return cast("type[WeightsForm]", type("WeightsOfCommunity", (WeightsForm,), fields))
