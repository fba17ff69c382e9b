"""What people type about messages: channels, addresses, a letter."""

from __future__ import annotations

from dataclasses import fields
from datetime import time

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectMultipleField
from wtforms.validators import InputRequired, Length, Optional

from market.forms import HourField, LongTextField, MarketForm, SecretField, TextField
from market.outbox.models import SendRule
from market.outbox.rule_draft import RuleDraft
from market.outbox.rules import LETTER_LENGTH


class RuleForm(MarketForm):
    """By what a community sends, and when it does not."""

    email = BooleanField(_("发邮件"))
    reply_to = TextField(
        _("回信寄到"),
        [Optional(), Length(max=120)],
        description=_("商户直接回邮件，会寄到这里。不填就没有。"),
    )
    sms = BooleanField(_("发短信"))
    sms_sign = TextField(
        _("短信签名"),
        [Optional(), Length(max=20)],
        description=_("批下来的签名，不用写【】。不填就用社区的名字。"),
    )
    robot = BooleanField(_("群机器人自动说"), description=_("报名、排好摊位、改日子、取消，各说一次。"))
    quiet_from = HourField(_("晚上从几点起不打扰"), [InputRequired(_("请填时间，比如 21:00。"))])
    quiet_to = HourField(
        _("早上到几点为止"),
        [InputRequired(_("请填时间，比如 8:00。"))],
        description=_("这段时间里不发。只有第二天一早的集市取消、改日子、摊位不开，才照发。"),
    )

    def draft(self) -> RuleDraft:
        return RuleDraft(
            email=self.email.data,
            reply_to=self.reply_to.text,
            sms=self.sms.data,
            sms_sign=self.sms_sign.text,
            robot=self.robot.data,
            quiet_from=self.quiet_from.data or time(21),
            quiet_to=self.quiet_to.data or time(8),
        )


def rule_facts(rule: SendRule | None) -> dict[str, object]:
    """What the form shows before anybody types."""
    if rule is None:
        return {"quiet_from": time(21), "quiet_to": time(8)}
    return {field.name: getattr(rule, field.name) for field in fields(RuleDraft)}


class RobotForm(MarketForm):
    """The address of a group's robot; it is never shown again."""

    url = SecretField(_("群机器人的 Webhook 地址"), [InputRequired(_("请把地址整个贴过来。"))])
    said_at = {"outbox.bad_robot": "url"}


class TrialForm(MarketForm):
    """Where a test goes."""

    address = TextField(_("发到哪个邮箱或手机号"), [Optional(), Length(max=120)])
    said_at = {"outbox.bad_address": "address"}


class WaysForm(MarketForm):
    """How a vendor wants to be told."""

    email = TextField(_("邮箱"), [Optional(), Length(max=120)])
    no_email = BooleanField(_("不要给我发邮件"))
    no_sms = BooleanField(_("不要给我发短信"))
    said_at = {"outbox.bad_address": "email"}


class LetterForm(MarketForm):
    """A text, and for whom."""

    text = LongTextField(
        _("写什么"),
        [
            InputRequired(_("请写几个字。")),
            Length(max=LETTER_LENGTH, message=_("最多 300 个字，请写短一点。")),
        ],
        description=_("最多 300 个字。前面会自动加上“某某您好”，后面加上社区的电话。"),
    )
    to = SelectMultipleField(_("发给谁"), validate_choice=False)
    said_at = {"outbox.letter_to_nobody": "to", "outbox.letter_length": "text"}
