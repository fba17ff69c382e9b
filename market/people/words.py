"""What roles are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from market.people.rules import Role

ROLE_WORDS = {
    Role.VENDOR: _("商户"),
    Role.STAFF: _("社区工作人员"),
    Role.GATE: _("门口志愿者"),
    Role.COMMITTEE: _("基金管委会委员"),
    Role.SUPERVISOR: _("基金监督员"),
    Role.REGION_VIEWER: _("街道、区县查看"),
    Role.PLATFORM: _("平台管理员"),
}

ROLE_HINTS = {
    Role.STAFF: _("排场次、审商户、分摊位、收市入账"),
    Role.GATE: _("只能扫码签到和数人"),
    Role.COMMITTEE: _("对用款表决"),
    Role.SUPERVISOR: _("列席管委会，只看不表决"),
}
