"""Sign-in, first set-up, new password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField
from wtforms.validators import DataRequired, Length

from market.forms import MarketForm, SecretField, TextField, options
from market.people.rules import MAX_PASSWORD, Role
from market.people.words import ROLE_HINTS, ROLE_WORDS

APPOINTED = (Role.STAFF, Role.GATE, Role.COMMITTEE, Role.SUPERVISOR)
"""Roles that staff of a community give."""


class SignInForm(MarketForm):
    login = TextField(_("手机号或登录名"), [DataRequired(_("请填手机号或登录名。")), Length(max=60)])
    password = SecretField(_("密码"), [DataRequired(_("请填密码。")), Length(max=MAX_PASSWORD)])
    next = HiddenField()
    kept = HiddenField()
    """What was typed elsewhere before the session ended (see `kept_forms`)."""


class SetupForm(MarketForm):
    token = TextField(_("一次性口令"), [DataRequired(_("请填启动时打印的那串口令。"))])
    display_name = TextField(_("您的姓名"), [DataRequired(_("请填姓名。")), Length(max=60)])
    login = TextField(_("登录名"), [DataRequired(_("请起一个登录名，或填手机号。")), Length(max=60)])
    password = SecretField(_("密码"), [DataRequired(_("请设一个密码。"))], description=_("至少 8 位。"))


class PasswordForm(MarketForm):
    password = SecretField(_("新密码"), [DataRequired(_("请填新密码。"))], description=_("至少 8 位。"))


class PersonForm(MarketForm):
    """Somebody who is given a role in the community."""

    display_name = TextField(_("姓名"), [DataRequired(_("请填姓名。")), Length(max=60)])
    login = TextField(_("手机号或登录名"), [DataRequired(_("请填手机号，或起一个登录名。")), Length(max=60)])
    role = RadioField(
        _("做什么"),
        [DataRequired(_("请选一项。"))],
        choices=options((role.value, ROLE_WORDS[role]) for role in APPOINTED),
    )

    hints = {role.value: hint for role, hint in ROLE_HINTS.items()}
