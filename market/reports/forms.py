"""What is typed before all data of a community is taken along."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField
from wtforms.validators import DataRequired, Length

from market.forms import MarketForm, TextField


class TakeDataForm(MarketForm):
    """Why, and whether numbers of persons are needed for it."""

    reason = TextField(_("为什么要导出"), [DataRequired(_("请写明为什么要导出。")), Length(min=4, max=100)])
    whole = BooleanField(_("要完整的电话、证照号和车牌"))
