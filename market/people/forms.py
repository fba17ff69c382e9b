"""Sign-in, first set-up, new password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField
from wtforms.validators import DataRequired, Length

from market.forms import MarketForm, TextField
from market.people.rules import MAX_PASSWORD


class SignInForm(MarketForm):
    login = TextField(_("手机号或登录名"), [DataRequired(_("请填手机号或登录名。")), Length(max=60)])
    password = PasswordField(_("密码"), [DataRequired(_("请填密码。")), Length(max=MAX_PASSWORD)])
    next = HiddenField()


class SetupForm(MarketForm):
    token = TextField(_("一次性口令"), [DataRequired(_("请填启动时打印的那串口令。"))])
    display_name = TextField(_("您的姓名"), [DataRequired(_("请填姓名。")), Length(max=60)])
    login = TextField(_("登录名"), [DataRequired(_("请起一个登录名，或填手机号。")), Length(max=60)])
    password = PasswordField(_("密码"), [DataRequired(_("请设一个密码。"))], description=_("至少 8 位。"))


class PasswordForm(MarketForm):
    password = PasswordField(_("新密码"), [DataRequired(_("请填新密码。"))], description=_("至少 8 位。"))
