"""What is typed about papers that are handed in: which one it is, what stands on it, why it does not do."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import DataRequired, Length, Optional

from market.forms import DayField, MarketForm, TextField, options
from market.vendors.rules import OF_A_BATCH, SIGNED, DocumentKind
from market.vendors.words import DOCUMENT_WORDS


class HandInForm(MarketForm):
    """A paper as pictures; the vendor chooses at most which one it is."""

    kind = SelectField(
        _("哪一种"),
        choices=options((kind.value, word) for kind, word in DOCUMENT_WORDS.items() if kind not in SIGNED),
    )
    person = HiddenField()
    brought_for = HiddenField()

    @property
    def paper(self) -> DocumentKind:
        return DocumentKind(self.kind.data)

    @property
    def market_date(self) -> date | None:
        """Which market's goods it came with, for papers of a batch."""
        if self.paper not in OF_A_BATCH:
            return None
        try:
            return date.fromisoformat(self.brought_for.data or "")
        except ValueError:
            return None


class OriginalForm(MarketForm):
    """What stands on a paper whose original was seen."""

    number = TextField(_("编号"), [DataRequired(_("请填证照上的编号。")), Length(max=80)])
    issuer = TextField(_("发证机关"), [Length(max=100)])
    valid_to = DayField(_("有效期到"), [Optional()], description=_("长期有效的不用填。"))


class RefusePaperForm(MarketForm):
    """Why it does not do."""

    reason = TextField(
        _("哪里不行"),
        [DataRequired(_("请写一句哪里不行，商户会看到这句话。")), Length(max=200)],
        description=_("商户会看到这句话。比如：照片太暗，看不清编号，请重新拍。"),
    )


class PersonForm(MarketForm):
    """Somebody at the stall."""

    person_name = TextField(_("怎么称呼"), [DataRequired(_("请填怎么称呼。")), Length(max=60)])
    handles_food = BooleanField(_("会碰吃的"), description=_("做的、切的、装的都算，要有健康证。"))
