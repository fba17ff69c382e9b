"""Who goes where, as it is chosen on the plan or from its two lists."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField
from wtforms.validators import DataRequired

from market.forms import MarketForm


class MoveForm(MarketForm):
    """`who` names an application; `to` a stall, and after a dot the application that must still hold it."""

    who = SelectField(_("哪一家"), [DataRequired(_("请选一家。"))], validate_choice=False)
    to = SelectField(_("到哪个摊位"), [DataRequired(_("请选一个摊位。"))], validate_choice=False)

    @property
    def target(self) -> tuple[str, str]:
        """References of the stall and of who holds it; the second is empty for a free stall."""
        stall, _dot, holder = (self.to.data or "").partition(".")
        return stall, holder


class ReleaseForm(MarketForm):
    """Who gives the stall back, and whether to wait for another or to stay at home."""

    who = HiddenField(validators=[DataRequired()])
    leaves = HiddenField()
