"""What residents and staff type about wishes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length

from market.demand.models import LONGEST_PLACE, LONGEST_SENTENCE
from market.demand.rules import ANSWERS, PaperKind, WishState
from market.demand.words import KIND_WORDS, STATE_WORDS
from market.forms import CountField, DayField, MarketForm, TextField, options
from market.vendors.words import CATEGORY_WORDS

MOST_TYPED = 40
"""Longer than any word that is taken: the rules say what is too long."""


class WishForm(MarketForm):
    """What a resident wants. Without a token, since a token needs a cookie: see `access.from_our_pages`."""

    class Meta:
        csrf = False

    word = TextField(
        _("想要什么，写一两个词"),
        [
            DataRequired(_("请写一两个词，比如 弹棉花。")),
            Length(max=MOST_TYPED, message=_("请写短一点，一两个词就够。")),
        ],
        printed=True,
        public=True,
    )
    way = HiddenField(validators=[Length(max=10)])


class VotesForm(MarketForm):
    """One line of a sheet or a walk."""

    word = TextField(
        _("想要什么"),
        [DataRequired(_("请写想要什么，比如 磨刀。")), Length(max=MOST_TYPED)],
        printed=True,
        public=True,
    )
    kind = RadioField(
        _("怎么来的"),
        choices=options((k.value, KIND_WORDS[k]) for k in PaperKind),
        default=PaperKind.PAPER.value,
    )
    people = CountField(_("多少人"), [InputRequired(_("请填多少人要，比如 12。"))])
    place = TextField(
        _("在哪里收的"),
        [DataRequired(_("请填在哪里收的，比如 3 号楼。")), Length(max=LONGEST_PLACE)],
        description=_("写楼栋或地点，不写姓名。"),
        public=True,
    )
    collected_on = DayField(_("哪一天"), [InputRequired(_("请填哪一天收的。"))])
    collector = TextField(_("谁去收的"), [Length(max=40)], description=_("自己收的就不用填。"), public=True)


class AnswerForm(MarketForm):
    """What the community says in public."""

    state = RadioField(
        _("怎么答复"),
        [InputRequired(_("请选一个答复。"))],
        choices=options((s.value, STATE_WORDS[s][1]) for s in ANSWERS),
    )
    sentence = TextField(
        _("写给居民的一句话"),
        [Length(max=LONGEST_SENTENCE, message=_("最多 120 个字。"))],
        description=_("大家都看得到。“没找到”“不合适”要写为什么，“这次有了”要写在哪里。"),
        printed=True,
        public=True,
    )

    said_at = {"demand.reason_missing": "sentence", "demand.no_state": "state"}

    @property
    def chosen(self) -> WishState:
        return WishState(self.state.data)


class ListingForm(MarketForm):
    """Whether a word stands in the list, and where it belongs."""

    category = SelectField(
        _("归到哪一类"),
        choices=options((("", _("先不归类")), *((c.value, word) for c, word in CATEGORY_WORDS.items()))),
        default="",
    )


class MergeForm(MarketForm):
    """Which other wish means the same."""

    into = SelectField(_("和哪一样是一回事"), [InputRequired(_("请选一样。"))], choices=[])
