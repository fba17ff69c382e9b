"""A resident asks for something: one phone, one thing, one week, one voice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import clock
from market.communities.models import Community
from market.communities.service import profile_of
from market.db import db, race_point
from market.demand.marks import network_mark, phone_mark, salt_for, salt_of
from market.demand.models import Wish, WishListing, WishVoice
from market.demand.rules import BUSY, LONGEST_WORD, MOST_KEPT, Way, head_of, key_of_word, week_of
from market.demand.service.ranking import meant_key, merges_in_force, verdicts, wish_meant
from market.demand.stall_types import type_meant
from market.errors import Refusal
from market.typed_text import names_a_person, one_line
from market.vendors.goods import banned
from market.vendors.words import in_language


@dataclass(frozen=True)
class Said:
    """A voice that was heard."""

    wish: Wish
    new: bool
    """False: this phone said so this week already."""
    aside: bool = False
    """Whether it is kept and not counted, until staff looked at its network."""


def ask(community: Community, word: str, *, token: str, address: str, way: Way, at: datetime) -> Said:
    """A phone wants something. Saying it twice a week is saying it once.

    No line of the journal: nobody acted who has a name, and a machine could fill it. Refuses
    `demand.no_word`, `demand.long_word`, `demand.names_a_person`, `demand.banned` and `demand.too_often`.
    """
    week = week_of(clock.local(at, community.zone).date())
    salt = salt_for(week)
    network = network_mark(community, week, address, salt)
    spoken = _spoken(community, week, network)
    wish = known_or_new(community, word, at=at)
    phone = phone_mark(community, week, token, salt)
    known = sa.select(WishVoice.id).where(
        WishVoice.wish_id == wish.id, WishVoice.week == week, WishVoice.phone == phone
    )
    if db.session.scalar(known) is not None:
        return Said(wish, new=False)
    if spoken >= MOST_KEPT:
        sentence = _("这个网络这一周点得太多了，先不记了。您真想要，请打社区电话，或到集市服务台说一声。")
        raise Refusal("demand.too_often", sentence, 429)
    race_point("demand.ask")
    voice = WishVoice(wish_id=wish.id, week=week, phone=phone, network=network, way=way)
    # The one that makes a network busy takes all its voices out of the numbers; those after it change none.
    believed = spoken >= BUSY and _believed(community, week, network)
    voice.moves_pages = (spoken <= BUSY or believed) and _is_counted_in_public(wish)
    db.session.add(voice)
    db.session.flush()
    return Said(wish, new=True, aside=spoken >= BUSY and not believed)


def _spoken(community: Community, week: date, network: str) -> int:
    query = sa.select(sa.func.count()).select_from(WishVoice).join(Wish, Wish.id == WishVoice.wish_id)
    query = query.where(
        Wish.community_id == community.id, WishVoice.week == week, WishVoice.network == network
    )
    return db.session.scalar(query) or 0


def _believed(community: Community, week: date, network: str) -> bool:
    """Whether staff said that a network which spoke so often is a house full of people."""
    return verdicts(community).get((week, network), False)


def is_listed(wish: Wish) -> bool:
    """Whether everybody may read it."""
    query = sa.select(WishListing.listed).where(WishListing.wish_id == wish.id)
    decided = db.session.scalar(query.order_by(WishListing.id.desc()).limit(1))
    return wish.type is not None if decided is None else decided


def _is_counted_in_public(wish: Wish) -> bool:
    """Whether everybody reads how many want it, under its own name or that of the wish it was merged into."""
    head = head_of(wish.id, merges_in_force(wish.community))
    return is_listed(wish) or is_listed(db.session.get_one(Wish, head))


def known_or_new(community: Community, word: str, *, at: datetime) -> Wish:
    """The wish that a word means, made when it is the first time. Refuses as `ask`."""
    known = wish_meant(community, word)
    if known is not None:
        return known
    kind = type_meant(word)
    text = kind.chinese if kind is not None else one_line(word)
    if kind is None:
        _refuse_word(community, text)
    wish = Wish(
        community_id=community.id,
        word=text,
        key=meant_key(word),
        type_code=kind.code if kind is not None else "",
        made_at=at,
    )
    db.session.add(wish)
    db.session.flush()
    return wish


def _refuse_word(community: Community, word: str) -> None:
    if not key_of_word(word):
        raise Refusal("demand.no_word", _("请写一两个词，比如 弹棉花。"), 422)
    if names_a_person(word):
        raise Refusal("demand.names_a_person", _("请只写想要什么，不要写手机号或身份证号。"), 422)
    if len(word) > LONGEST_WORD:
        sentence = _("请写短一点，一两个词就够，最多 %(n)s 个字。", n=LONGEST_WORD)
        raise Refusal("demand.long_word", sentence, 422)
    found = banned((word,), profile_of(community))
    if found:
        goods = found[0]
        reason = goods.reason or goods.name
        sentence = _(
            "%(item)s不能在集市上卖：%(reason)s。",
            item=in_language(goods.name.zh, goods.name.en),
            reason=in_language(reason.zh, reason.en),
        )
        raise Refusal("demand.banned", sentence, 422)


def said_by(community: Community, token: str, *, at: datetime) -> set[int]:
    """Ids of the wishes for which a phone spoke this week."""
    week = week_of(clock.local(at, community.zone).date())
    salt = salt_of(week) if token else None
    if salt is None:
        return set()
    query = sa.select(WishVoice.wish_id).where(
        WishVoice.week == week, WishVoice.phone == phone_mark(community, week, token, salt)
    )
    return set(db.session.scalars(query))


def take_back(wish: Wish, *, token: str, at: datetime) -> bool:
    """A phone unsays what it said this week; False when it had said nothing."""
    week = week_of(clock.local(at, wish.community.zone).date())
    salt = salt_of(week)
    if not token or salt is None:
        return False
    phone = phone_mark(wish.community, week, token, salt)
    voice = db.session.scalar(
        sa.select(WishVoice).where(
            WishVoice.wish_id == wish.id, WishVoice.week == week, WishVoice.phone == phone
        )
    )
    if voice is None:
        return False
    db.session.delete(voice)
    db.session.flush()
    return True
