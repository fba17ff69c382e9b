"""What a person types of a region and of a community."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, Length, Optional

from market.communities.rules import RegionLevel
from market.communities.words import LEVEL_WORDS
from market.forms import DayField, LongTextField, MarketForm, TextField, options


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


class GroupForm(MarketForm):
    """How residents join their group; the picture of its code is a file beside it."""

    text = LongTextField(
        _("群叫什么，怎么进"),
        [
            DataRequired(_("请写群叫什么、怎么进。")),
            Length(max=200, message=_("最多 200 个字。")),
        ],
        description=_("比如：“槐荫集市群”，扫码进群；扫不了，到居委会请小王拉您进去。"),
        public=True,
    )
    valid_until = DayField(
        _("二维码用到哪天"),
        [Optional()],
        description=_("微信群的码七天就过期，写上日子，过了就不显示。企业微信的码不过期，可以不填。"),
    )

    said_at = {
        "communities.group_text": "text", "communities.group_past": "valid_until",
    }  # fmt: skip
