"""What residents, vendors and staff type after a market."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from market.feedback.rules import (
    LONGEST_ANSWER,
    LONGEST_SENTENCE,
    LONGEST_TEXT,
    SCORES,
    Again,
    Door,
    Point,
    Who,
)
from market.feedback.words import (
    ABOUT_WORDS,
    AGAIN_WORDS,
    DOOR_WORDS,
    OUTCOME_WORDS,
    POINT_WORDS,
    PRAISE_WORDS,
    SCORE_WORDS,
    WHO_WORDS,
)
from market.forms import LongTextField, MarketForm, TextField, options

PHONE = r"^\+?[0-9][0-9 \-]{5,18}$"


class ResidentForm(MarketForm):
    """What a resident sends. Without a token, since a token needs a cookie: see `access.from_our_pages`."""

    class Meta:
        csrf = False


class TapForm(ResidentForm):
    """One tap: which question, which answer."""

    question = HiddenField()
    answer = HiddenField()
    way = HiddenField(validators=[Length(max=10)])


class PraiseForm(ResidentForm):
    """Whom, and for what."""

    vendor = SelectField(_("夸哪一家"), [InputRequired(_("请选一家。"))], choices=[])
    kind = RadioField(
        _("好在哪里"),
        [InputRequired(_("请选一样。"))],
        choices=options((kind.value, word) for kind, word in PRAISE_WORDS.items()),
    )
    sentence = TextField(
        _("再写一句"),
        [Length(max=LONGEST_SENTENCE, message=_("最多 60 个字。"))],
        description=_("商户自己看得到；社区看过，大家才看得到。"),
        public=True,
    )


class ComplaintForm(ResidentForm):
    """What happened. A number only for who wants to be called back."""

    about = RadioField(
        _("什么事"),
        [InputRequired(_("请选一样。"))],
        choices=options((about.value, word) for about, word in ABOUT_WORDS.items()),
    )
    day = HiddenField(validators=[Length(max=10)])
    vendor = SelectField(_("哪一家"), choices=[])
    text = LongTextField(
        _("怎么回事"),
        [
            DataRequired(_("请写一两句，是什么事。")),
            Length(max=LONGEST_TEXT, message=_("请写短一点，最多 400 个字。")),
        ],
        description=_("那一家看得到这段话，看不到您是谁。不要写名字和电话。"),
    )
    phone = TextField(
        _("要回电，留个电话"),
        [Optional(), Regexp(PHONE, message=_("请填电话号码，只要数字。"))],
        description=_("单独存，只有社区工作人员看得到，办完就删。"),
    )

    said_at = {
        "feedback.no_text": "text", "feedback.long_text": "text", "feedback.names_a_person": "text",
        "feedback.not_there": "vendor",
    }  # fmt: skip


class TypedComplaintForm(ComplaintForm):
    """The same, typed by staff for somebody who came or called."""

    class Meta(MarketForm.Meta):
        pass

    door = RadioField(
        _("怎么来的"),
        choices=options((door.value, DOOR_WORDS[door]) for door in (Door.DESK, Door.PHONE)),
        default=Door.DESK.value,
    )


class SheetForm(MarketForm):
    """One line of the form on paper."""

    who = RadioField(
        _("谁填的"),
        choices=options((who.value, word) for who, word in WHO_WORDS.items()),
        default=Who.RESIDENT.value,
    )
    score = RadioField(
        _("评分"),
        [InputRequired(_("请点一个答案。"))],
        choices=options((str(score), SCORE_WORDS[score]) for score in reversed(SCORES)),
    )
    points = SelectMultipleField(
        _("打×的、说要改进的（可以几样）"),
        choices=options((point.value, POINT_WORDS[point]) for point in Point if point is not Point.NONE),
    )
    again = RadioField(
        _("下次参加"),
        choices=options((("", _("没写")), *((again.value, word) for again, word in AGAIN_WORDS.items()))),
        default="",
    )
    collector = TextField(_("回访人"), [Length(max=40)], public=True)

    @property
    def chosen_again(self) -> Again | None:
        return Again(self.again.data) if self.again.data else None


class AnswerForm(MarketForm):
    """What was found, and what is done about it."""

    outcome = RadioField(
        _("查下来怎样"),
        [InputRequired(_("请选一样。"))],
        choices=options((outcome.value, word) for outcome, word in OUTCOME_WORDS.items()),
    )
    sentence = LongTextField(
        _("答复"),
        [
            DataRequired(_("请写一句答复。")),
            Length(max=LONGEST_ANSWER, message=_("最多 200 个字。")),
        ],
        description=_("谁投诉的、是哪一家，都不要写。"),
        public=True,
    )
    public = BooleanField(_("大家都可以看"), description=_("只公开什么事、怎么答复的、用了几天。"))

    said_at = {"feedback.no_sentence": "sentence", "feedback.names_a_person": "sentence"}


class SideForm(MarketForm):
    """What the vendor says."""

    text = LongTextField(
        _("我这边的情况"),
        [
            DataRequired(_("请写一两句，是什么事。")),
            Length(max=LONGEST_TEXT, message=_("请写短一点，最多 400 个字。")),
        ],
    )

    said_at = {"feedback.no_text": "text"}
