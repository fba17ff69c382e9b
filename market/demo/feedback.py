"""What the demo's residents said after two markets: how it was, praise, and a complaint about a scale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.demo.cast import Cast, morning
from market.feedback import service as feedback
from market.feedback.models import Complaint
from market.feedback.rules import About, Again, Door, Outcome, Point, PraiseKind, Question, Way, Who
from market.feedback.service import ComplaintDraft, SheetDraft
from market.people.service import find_user
from market.stalls import service as stalls
from market.vendors.models import Vendor

Act = tuple[datetime, Callable[[datetime], object]]

NIGHT, SCALE, WINTER = date(2024, 7, 6), date(2024, 9, 15), date(2024, 11, 16)
"""The market in the evening, the one with the wrong weight, and the last one of the year."""
SCORES = "5544545435455254"
POINTS = (Point.NONE, Point.CHOICE, Point.PRICE, Point.NONE)
SHEETS = (
    (5, frozenset[Point](), Again.YES),
    (4, frozenset({Point.CHOICE}), Again.YES),
    (3, frozenset[Point](), None),
)
PRAISE = (
    ("理发", PraiseKind.SKILLED, "给老人剪得又快又好"),
    ("磨刀", PraiseKind.SKILLED, ""),
    ("菜", PraiseKind.FRESH, "冬储白菜水灵"),
)


def acts(cast: Cast) -> list[Act]:
    """Everything that was said, at the moment at which it was."""
    return [
        (morning(NIGHT, 20, 40), lambda at: _complain_of_noise(cast, at)),
        (morning(date(2024, 7, 8)), lambda at: _answer_noise(cast, "音响已经调小。", at)),
        (morning(date(2024, 7, 9)), lambda at: _answer_noise(cast, "音响挪到离楼远的一头。", at)),
        (morning(date(2024, 7, 11)), lambda at: _answer_from_street(cast, at)),
        (morning(SCALE, 10, 5), lambda at: _complain(cast, at)),
        (morning(SCALE, 10, 10), lambda at: _answer_phones(cast, SCALE, "544354", at)),
        (morning(WINTER, 11), lambda at: _answer_phones(cast, WINTER, SCORES, at)),
        (morning(WINTER, 11, 20), lambda at: _praise(cast, at)),
        (morning(WINTER, 15), lambda at: _type_sheets(cast, at)),
    ]


def _day(cast: Cast, on: date) -> MarketDay:
    since = clock.at_local(on, time(), cast.zone)
    (day,) = calendar.public_days(cast.community, since, since + timedelta(days=1))
    return day


def _answer_phones(cast: Cast, on: date, scores: str, at: datetime) -> None:
    day = _day(cast, on)
    for number, score in enumerate(scores):
        answers = (
            (Question.SCORE, score),
            (Question.POINT, POINTS[number % len(POINTS)].value),
            (Question.AGAIN, Again.MAYBE.value if score < "4" else Again.YES.value),
        )
        for question, answer in answers:
            feedback.answer_day(
                day,
                question,
                answer,
                token=f"phone {number}",
                address=f"198.51.100.{number}",
                way=Way.POSTER,
                at=at,
            )


def _complain_of_noise(cast: Cast, at: datetime) -> None:
    draft = ComplaintDraft(About.NOISE, "夜集的音响九点多还在响，孩子睡不着", Door.PHONE, _day(cast, NIGHT))
    row = feedback.complain(cast.community, draft, by=cast.staff, at=at)
    feedback.acknowledge(row, by=cast.staff, at=at)


def _noise(cast: Cast, at: datetime) -> Complaint:
    """The one that was not settled at once."""
    found = (case.complaint for case in feedback.open_cases(cast.community, at))
    return next(row for row in found if row.about is About.NOISE)


def _answer_noise(cast: Cast, sentence: str, at: datetime) -> None:
    """Not what was asked for: whoever complained says so, and the next rung answers."""
    row = _noise(cast, at)
    feedback.answer(row, Outcome.CONFIRMED, sentence, public=False, by=cast.secretary, at=at)
    feedback.say_not_settled(row, at=at + timedelta(hours=5))


def _answer_from_street(cast: Cast, at: datetime) -> None:
    viewer = find_user("demo-viewer")
    if viewer is not None:
        sentence = "和社区、摊主说好：夜集九点停音响，社区有人看着。以后的夜集都照办。"
        feedback.answer_from_street(
            _noise(cast, at), Outcome.CONFIRMED, sentence, public=True, by=viewer, at=at
        )


def _complain(cast: Cast, at: datetime) -> None:
    """Weighed again on the public scale, and paid back on the spot: both sides agreed."""
    day = _day(cast, SCALE)
    draft = ComplaintDraft(About.WEIGHT, "买的葡萄少了二两", Door.DESK, day)
    row = feedback.complain(cast.community, draft, by=cast.staff, at=at)
    feedback.acknowledge(row, by=cast.staff, at=at)
    sentence = "拿到公平秤上复称，少的当场退了钱，秤也换了。"
    feedback.answer(row, Outcome.AGREED, sentence, public=True, by=cast.staff, at=at + timedelta(minutes=25))


def _praise(cast: Cast, at: datetime) -> None:
    day = _day(cast, WINTER)
    standing = [held.vendor for held in stalls.assignments(day)]
    for number, (goods, kind, sentence) in enumerate(PRAISE):
        vendor = _who_has(standing, goods)
        if vendor is None:
            continue
        row = feedback.give_praise(
            day,
            vendor,
            kind,
            sentence,
            token=f"phone {number}",
            address=f"198.51.100.{number}",
            at=at,
        )
        if sentence:
            feedback.say_of_praise(row, fit=True, by=cast.staff, at=at)


def _who_has(standing: list[Vendor], goods: str) -> Vendor | None:
    return next((vendor for vendor in standing if goods in f"{vendor.trading_name}{vendor.goods}"), None)


def _type_sheets(cast: Cast, at: datetime) -> None:
    day = _day(cast, WINTER)
    for score, points, again in SHEETS:
        draft = SheetDraft(Who.RESIDENT, score, points, again, "网格员小高")
        feedback.add_sheet(day, draft, by=cast.staff, at=at)
