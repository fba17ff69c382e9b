"""What the demo's residents ask for: from phones, on paper, at their doors, and what they are answered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import NamedTuple

from market import clock
from market.demand import service as demand
from market.demand.models import Wish
from market.demand.rules import PaperKind, Way, WishState
from market.demand.service import VotesDraft
from market.demo.cast import Cast, morning
from market.vendors.rules import Category


class Asked(NamedTuple):
    """One thing and how many phones asked for it."""

    word: str
    phones: int
    way: Way = Way.PAGE


ASKED = (
    Asked("磨刀", 22, Way.POSTER),
    Asked("修鞋", 13),
    Asked("理发", 14, Way.MARKET),
    Asked("配钥匙", 9),
    Asked("测血压", 8, Way.POSTER),
    Asked("放露天电影", 8),
    Asked("弹棉花", 7),
    Asked("修伞", 6),
    Asked("教用手机", 6, Way.SEARCH),
    Asked("被套翻新", 3),
    Asked("修钟表", 3, Way.SEARCH),
    Asked("花卉绿植", 2),
)
"""Over the last days, each from a home of its own."""
DAYS = 12
ONE_HOUSE = "203.0.113.40"
HOUSE = (Asked("修鞋", 12), Asked("熟食小吃", 12))
"""Twelve flats behind one router: too many for the rule, so that staff look."""


def play_wishes(cast: Cast, at: datetime) -> None:
    """Everything that was asked for and answered by now."""
    today = clock.local(at, cast.zone).date()
    homes = count(1)
    for asked in ASKED:
        for number in range(asked.phones):
            home = next(homes)
            _ask(
                cast,
                asked,
                f"phone {home}",
                f"198.51.{home // 250}.{home % 250}",
                _moment(today, home, number),
            )
    for asked in HOUSE:
        for number in range(asked.phones):
            _ask(cast, asked, f"flat {number}", ONE_HOUSE, _ago(today, 1, 19))
    _collect(cast, today)
    _answer(cast, today)


def _ago(today: date, days: int, hour: int) -> datetime:
    return morning(today - timedelta(days=days), hour)


def _moment(today: date, home: int, number: int) -> datetime:
    return _ago(today, DAYS - (home + number) % DAYS, 8 + home % 12)


def _ask(cast: Cast, asked: Asked, token: str, address: str, at: datetime) -> None:
    demand.ask(cast.community, asked.word, token=token, address=address, way=asked.way, at=at)


def _collect(cast: Cast, today: date) -> None:
    """What the staff brought back from the notice board and from a walk."""
    for word, kind, people, place in (
        ("磨刀", PaperKind.PAPER, 12, "居委会门口的投票纸"),
        ("测血压", PaperKind.WALK, 6, "3 号楼"),
        ("理发", PaperKind.WALK, 4, "3 号楼"),
    ):
        draft = VotesDraft(word, kind, people, place, today - timedelta(days=3), "网格员小高")
        demand.add_votes(cast.community, draft, by=cast.staff, at=_ago(today, 2, 10))


def _answer(cast: Cast, today: date) -> None:
    at = _ago(today, 1, 9)
    for word, category in (
        ("弹棉花", Category.REPAIR_SERVICE),
        ("教用手机", Category.PUBLIC_SERVICE),
        ("被套翻新", Category.REPAIR_SERVICE),
        ("放露天电影", None),
    ):
        demand.list_wish(_wish(cast, word), listed=True, category=category, by=cast.staff, at=at)
    demand.merge(_wish(cast, "被套翻新"), _wish(cast, "弹棉花"), by=cast.staff, at=at)
    for word, state, sentence in (
        ("修鞋", WishState.LOOKING, "问了两位师傅，下周有信。"),
        ("弹棉花", WishState.NOT_FOUND, "附近两家都不出摊了，还在托人打听。"),
        ("教用手机", WishState.HERE, "每周三下午两点，居委会一楼，志愿者教。"),
        ("放露天电影", WishState.UNFIT, "广场晚上要安静，已经转告文化站。"),
    ):
        demand.answer(_wish(cast, word), state, sentence, by=cast.staff, at=at)


def _wish(cast: Cast, word: str) -> Wish:
    found = demand.wish_meant(cast.community, word)
    if found is None:
        raise LookupError(word)
    return found
