"""“Is the barber there?” – what there is to say, found from who stands where; said by `answer_words`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES
from market.calendar.shown_day import ShownDay
from market.communities.models import Community
from market.search.offer import Found, Offer, find, names
from market.search.question import How, Wish, wishes
from market.stalls.service.sellers import (
    NearDay,
    PastSeller,
    Seller,
    days_near,
    sellers_before,
    sellers_on,
)
from market.vendors.narrowed import Condition, is_of, may_have
from market.vendors.rules import Category
from market.vendors.words import category_word

DAYS_ANSWERED = 3
"""Coming markets of which an answer speaks."""

NEAR_SHOWN = 3
DAYS_LOOKED_THROUGH = 40


@dataclass(frozen=True)
class DayAnswer:
    """Who of one market has it."""

    shown: ShownDay
    sure: tuple[Seller, ...]
    perhaps: tuple[Seller, ...]

    @property
    def day(self) -> MarketDay:
        return self.shown.day


@dataclass(frozen=True)
class NearAnswer:
    """Who has it on a market of the neighbourhood."""

    day: NearDay
    sellers: tuple[Seller, ...]


@dataclass(frozen=True)
class Answer:
    """What there is to say of one thing that was asked for."""

    asked: str
    what: str
    """As what it was understood: the thing, or the words themselves."""
    guessed: bool
    """Whether it was understood by a slip or by its sound, so that the reader should look twice."""
    days: tuple[DayAnswer, ...]
    """The coming markets of which is known who comes, in order."""
    others: tuple[str, ...] = ()
    """What else may have been meant."""
    later: ShownDay | None = None
    """The next market of which is not known yet who comes."""
    last: datetime | None = None
    """When somebody last had it here."""
    near: tuple[NearAnswer, ...] = ()

    @property
    def there(self) -> bool:
        """Whether somebody comes who has it."""
        return any(day.sure for day in self.days)

    @property
    def first(self) -> DayAnswer | None:
        """The market to go to: the first that has it, else the first that may, else the next."""
        some = [day for day in self.days if day.sure] or [day for day in self.days if day.perhaps]
        return next(iter(some or self.days), None)


@dataclass(frozen=True)
class Finder:
    """Finds one wish among offers; a category is a wish too."""

    wish: Wish
    category: Category | None = None

    def __call__(self, offers: Sequence[Offer]) -> Found:
        if self.category is None:
            return find(self.wish, offers)
        who = tuple(place for place, offer in enumerate(offers) if offer.category == self.category.value)
        return Found(self.wish, self.wish.text, who, (), ())

    @property
    def among(self) -> Condition:
        """Whom the database reads for it."""
        return may_have(self.wish) if self.category is None else is_of(self.category)


@dataclass(frozen=True)
class Asked:
    """What somebody asks: each wish with the way to find it."""

    text: str
    """The question as it stands in the field."""
    finders: tuple[Finder, ...] = ()
    category: Category | None = None

    @property
    def is_something(self) -> bool:
        """Whether there is a word in it at all."""
        return bool(self.finders)

    @property
    def among(self) -> Condition:
        """Whom the database reads, of the many that stood here before or stand elsewhere."""
        return sa.or_(sa.false(), *(finder.among for finder in self.finders))


def asked_in_words(question: str) -> Asked:
    """A question as somebody typed it."""
    return Asked(question, tuple(map(Finder, wishes(question))))


def asked_by_category(category: Category) -> Asked:
    """A question as somebody pressed it."""
    wish = Wish(str(category_word(category)), (), How.SAID)
    return Asked(wish.text, (Finder(wish, category),), category)


# ── one market ────────────────────────────────────────────────────────────────────────────────────────────


def answers_on(shown: ShownDay, asked: Asked, sellers: Sequence[Seller]) -> list[Answer]:
    """What one market has of what is asked; one answer where somebody has all of it."""
    return _answers(asked, [shown], sellers)


def _answers(asked: Asked, days: Sequence[ShownDay], sellers: Sequence[Seller]) -> list[Answer]:
    offers = [_offer(seller) for seller in sellers]
    found = [finder(offers) for finder in asked.finders]
    whole = _all_of_it(asked, found)
    return [_answer(one, days, sellers) for one in ([whole] if whole else found)]


def _offer(seller: Seller | PastSeller) -> Offer:
    label = seller.label if isinstance(seller, Seller) else ""
    return Offer(label, seller.name, seller.goods, seller.category.value)


def _all_of_it(asked: Asked, found: Sequence[Found]) -> Found | None:
    """Who has everything that was asked for: 老顾 修面 is one barber."""
    if len(found) < 2:
        return None
    common = set(found[0].sure).intersection(*(one.sure for one in found[1:]))
    text = " ".join(one.wish.text for one in found)
    return Found(Wish(text, (), How.SAID), "", tuple(sorted(common)), (), ()) if common else None


def _answer(found: Found, days: Sequence[ShownDay], sellers: Sequence[Seller]) -> Answer:
    wish = found.wish
    return Answer(
        asked=wish.text,
        what=_what(found),
        guessed=bool(found.thing) and wish.how >= How.SOUND,
        days=tuple(_on(shown, found, sellers) for shown in days),
        others=found.others[:3],
    )


def _what(found: Found) -> str:
    """As what it is spoken of; an English word for it stays the reader's own."""
    wish = found.wish
    own = wish.how is How.SAID and wish.text.isascii()
    return wish.text if own or not found.thing else found.thing


def _on(shown: ShownDay, found: Found, sellers: Sequence[Seller]) -> DayAnswer:
    def there(places: Collection[int]) -> tuple[Seller, ...]:
        return tuple(sellers[place] for place in places if sellers[place].day_id == shown.day.id)

    return DayAnswer(shown, there(found.sure), there(found.perhaps))


# ── a community ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Coming:
    """The markets of a community that lie ahead."""

    known: tuple[ShownDay, ...]
    """Those of which is known who comes."""
    later: ShownDay | None
    """The next of the others."""
    sellers: tuple[Seller, ...]

    @property
    def first_sellers(self) -> list[Seller]:
        """Who comes to the first of them."""
        first = {shown.day.id for shown in self.known[:1]}
        return [seller for seller in self.sellers if seller.day_id in first]


def coming_of(community: Community, at: datetime, *, first: str = "") -> Coming:
    """What lies ahead; `first` is the market that somebody comes from: it is spoken of before the others."""
    coming = [ShownDay.of(day, at) for day in service.days_around(community, at, 0)]
    coming = [shown for shown in coming if not shown.over and not shown.called_off]
    known = [shown for shown in coming if shown.day.state in PUBLIC_STATES]
    known = sorted(known, key=lambda shown: shown.day.ref != first)[:DAYS_ANSWERED]
    later = next((shown for shown in coming if shown.day.state not in PUBLIC_STATES), None)
    return Coming(tuple(known), later, tuple(sellers_on([shown.day.id for shown in known])))


def answers_of(community: Community, asked: Asked, coming: Coming, at: datetime) -> list[Answer]:
    """What the coming markets of a community have of what is asked, and where else to go for it."""
    found = _answers(asked, coming.known, coming.sellers)
    return _completed(community, asked, found, coming.later, at)


def _completed(
    community: Community, asked: Asked, found: Sequence[Answer], later: ShownDay | None, at: datetime
) -> list[Answer]:
    """With what helps those who ask in vain: when it was there last, and who has it near by."""
    if all(answer.there for answer in found):
        return list(found)
    before, near = sellers_before(community, at, asked.among), days_near(community, at)
    there = sellers_on([day.id for day in near], asked.among)
    return [
        answer
        if answer.there
        else replace(
            answer,
            later=later,
            last=_last(before, finder),
            near=near_answers(near, there, finder)[:NEAR_SHOWN],
        )
        for answer, finder in zip(found, asked.finders, strict=False)
    ]


def _last(before: Sequence[PastSeller], finder: Finder) -> datetime | None:
    """When somebody who has it was here last."""
    who = finder([_offer(seller) for seller in before]).sure
    return max((before[place].open_at for place in who), default=None)


def near_answers(
    days: Sequence[NearDay], sellers: Sequence[Seller], finder: Finder
) -> tuple[NearAnswer, ...]:
    """Which of these markets have it, in their order."""
    who = finder([_offer(seller) for seller in sellers]).sure
    by_day: dict[int, list[Seller]] = {}
    for place in who:
        by_day.setdefault(sellers[place].day_id, []).append(sellers[place])
    return tuple(NearAnswer(day, tuple(by_day[day.id])) for day in days if day.id in by_day)


def days_named(community: Community, asked: Asked, at: datetime) -> list[ShownDay]:
    """Markets whose theme was asked for, the newest first: 腊八集市 has no stall of that name."""
    known = service.public_themes(community, DAYS_LOOKED_THROUGH)
    named = [day for day, theme in known if _is_called(asked.text, theme)]
    return [ShownDay.of(day, at) for day in service.days_by_number(named[:NEAR_SHOWN])]


def _is_called(text: str, theme: str) -> bool:
    """Also when more was said than the theme: 冬储菜集市什么时候."""
    short = theme.removesuffix("市").removesuffix("集")
    return names(text, theme) or (len(short) > 1 and short in text)
