"""What a person types of a region and of a community."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, Length

from market.communities.rules import RegionLevel
from market.communities.words import LEVEL_WORDS
from market.forms import MarketForm, TextField, options


class RegionForm(MarketForm):
    code = TextField(
        _("区划代码"), [DataRequired(_("请填 12 位区划代码。"))], description=_("12 位，比如 370303001000。")
    )
    name = TextField(_("名称"), [DataRequired(_("请填名称。")), Length(max=60)])
    level = RadioField(
        _("级别"), choices=options((level.value, word) for level, word in LEVEL_WORDS.items()),
        default=RegionLevel.STREET.value,
    )  # fmt: skip


class ProfileForm(MarketForm):
    """Which region's rules hold; empty: as in the region around."""

    profile = HiddenField()


class CommunityForm(MarketForm):
    name = TextField(_("社区名"), [DataRequired(_("请填社区名。")), Length(max=60)], printed=True)
    slug = TextField(
        _("网址名"),
        [DataRequired(_("请填网址名。"))],
        description=_("小写字母和数字，比如 huaiyin。定了不改。"),
    )
    region = SelectField(_("属于"), [DataRequired(_("请先添加街道，再选。"))], validate_choice=False)
    host_org = TextField(_("主办单位"), [DataRequired(_("请填主办单位。")), Length(max=100)], printed=True)
    phone = TextField(_("联系电话"), [DataRequired(_("请填居民能打通的电话。")), Length(max=30)])
