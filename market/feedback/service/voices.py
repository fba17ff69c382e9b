"""How a market was: three taps from a phone, a line from a form on paper, and the figures of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit, clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.profile import FeedbackRule
from market.communities.service import profile_of
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.feedback import rules
from market.feedback.marks import marks_of, phone_of
from market.feedback.models import DayNetworkVerdict, DaySheet, DayVoice
from market.feedback.rules import BUSY, MOST_KEPT, OF_ONE_NETWORK, Again, Point, Question, Result, Way, Who
from market.people.models import User

CALLED_OFF = (DayState.POSTPONED, DayState.CANCELLED)


def rule_of(community: Community) -> FeedbackRule:
    """What the region says of answers."""
    return profile_of(community).feedback


def may_answer(day: MarketDay, at: datetime) -> bool:
    """Whether a market can be spoken of: from when it opens until some days later."""
    if day.state in CALLED_OFF or not day.was_public or at < day.open_at:
        return False
    today = clock.local(at, day.community.zone).date()
    return rules.in_window(calendar.local_date(day), rule_of(day.community).window_days, today)


def refuse_unless_open(day: MarketDay, at: datetime) -> None:
    """Refuses `feedback.not_yet` and `feedback.over`."""
    if may_answer(day, at):
        return
    if at < day.open_at and day.state not in CALLED_OFF:
        raise Refusal("feedback.not_yet", _("这一场还没开市。开市以后再来说。"))
    raise Refusal("feedback.over", _("这一场已经过了可以说的时间。还有话说，请打社区电话。"))


def answer_day(
    day: MarketDay, question: Question, value: str, *, token: str, address: str, way: Way, at: datetime
) -> DayVoice:
    """One tap. The first question makes the voice of this phone, the others add to it; twice is once.

    No line of the journal: nobody acted who has a name. Refuses `feedback.not_yet`, `feedback.over`,
    `feedback.no_answer`, `feedback.first_question` and `feedback.too_often`.
    """
    refuse_unless_open(day, at)
    said = _read(question, value)
    marks = marks_of(day.community, calendar.local_date(day), token, address)
    voice = _voice(day, marks.phone)
    if voice is None:
        if question is not Question.SCORE:
            raise Refusal("feedback.first_question", _("请先点第一题，再点后面的。"))
        voice = _new_voice(day, marks.phone, marks.network, way)
    setattr(voice, question.value, said)
    db.session.add(voice)
    db.session.flush()
    return voice


def _read(question: Question, value: str) -> int | Point | Again:
    try:
        if question is Question.SCORE and int(value) in rules.SCORES:
            return int(value)
        if question is not Question.SCORE:
            return Point(value) if question is Question.POINT else Again(value)
    except ValueError:
        pass
    raise Refusal("feedback.no_answer", _("请点一个答案。"), 422)


def _voice(day: MarketDay, phone: str) -> DayVoice | None:
    return db.session.scalar(sa.select(DayVoice).where(DayVoice.day_id == day.id, DayVoice.phone == phone))


def _new_voice(day: MarketDay, phone: str, network: str, way: Way) -> DayVoice:
    query = sa.select(sa.func.count()).select_from(DayVoice)
    spoken = db.session.scalar(query.where(DayVoice.day_id == day.id, DayVoice.network == network)) or 0
    if spoken >= MOST_KEPT:
        sentence = _("这个网络点得太多了，先不记了。请填一张纸，交给服务台。")
        raise Refusal("feedback.too_often", sentence, 429)
    race_point("feedback.answer_day")
    voice = DayVoice(day=day, phone=phone, network=network, way=way)
    # The one that makes a network busy takes all its answers out of the figures.
    voice.moves_pages = (
        spoken < OF_ONE_NETWORK or spoken == BUSY or _verdicts([day])[day.id].get(network, False)
    )
    return voice


def said_by(day: MarketDay, token: str) -> DayVoice | None:
    """What a phone said of a market."""
    phone = phone_of(day.community, calendar.local_date(day), token)
    return _voice(day, phone) if phone is not None else None


def take_back(day: MarketDay, *, token: str, at: datetime) -> bool:
    """A phone unsays all of it; False when it had said nothing. Refuses as `answer_day`."""
    refuse_unless_open(day, at)
    voice = said_by(day, token)
    if voice is None:
        return False
    db.session.delete(voice)
    db.session.flush()
    return True


# ── forms on paper ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SheetDraft:
    """One line of the form on paper."""

    who: Who
    score: int
    points: frozenset[Point]
    again: Again | None
    collector: str = ""


def add_sheet(day: MarketDay, draft: SheetDraft, *, by: User, at: datetime) -> DaySheet:
    """Types in one form. On paper there is no last day. Refuses `feedback.not_yet`, `feedback.no_answer`."""
    if at < day.open_at or day.state in CALLED_OFF:
        raise Refusal("feedback.not_yet", _("这一场还没开市。开市以后再来说。"))
    if draft.score not in rules.SCORES:
        raise Refusal("feedback.no_answer", _("请点一个答案。"), 422)
    row = DaySheet(
        day=day,
        who=draft.who,
        score=draft.score,
        better_choice=Point.CHOICE in draft.points,
        better_price=Point.PRICE in draft.points,
        better_order=Point.ORDER in draft.points,
        better_clean=Point.CLEAN in draft.points,
        again=draft.again,
        collector=draft.collector,
        noted_at=at,
        noted_by=by.id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("feedback.add_sheet", day, by=by, at=at, score=draft.score, who=draft.who.value)
    return row


def find_sheet(day: MarketDay, ref: str) -> DaySheet:
    sheet = db.session.scalar(sa.select(DaySheet).where(DaySheet.day_id == day.id, DaySheet.ref == ref))
    if sheet is None:
        raise NotFound("feedback.no_sheet", _("没有这张纸。"))
    return sheet


def undo_sheet(sheet: DaySheet, *, by: User, at: datetime) -> None:
    """It was typed in by mistake; twice is once."""
    lock_row(sheet)
    if sheet.ended_at is not None:
        return
    sheet.ended_at, sheet.ended_by = at, by.id
    db.session.flush()
    audit.record("feedback.undo_sheet", sheet.day, by=by, at=at, score=sheet.score)


def sheets_of(day: MarketDay) -> list[DaySheet]:
    """The forms of a market that count, the newest first."""
    query = sa.select(DaySheet).where(DaySheet.day_id == day.id, DaySheet.ended_at.is_(None))
    return list(db.session.scalars(query.options(joinedload(DaySheet.person)).order_by(DaySheet.id.desc())))


# ── figures ───────────────────────────────────────────────────────────────────────────────────────────────


Busy = tuple[str, int, bool | None]
"""The mark of a network that answered too often, how often, what staff said."""


def results_of(days: Sequence[MarketDay]) -> dict[int, Result]:
    """What was said of some markets, counted now, by their ids; as many questions for one as for all."""
    voices, sheets, said = _voices(days), _sheets(days), _verdicts(days)
    return {
        day.id: rules.result(voices[day.id], [_line(sheet) for sheet in sheets[day.id]], said[day.id])
        for day in days
    }


def result_of(day: MarketDay) -> Result:
    """The same of one market."""
    return results_of([day])[day.id]


def is_public(day: MarketDay, result: Result) -> bool:
    """Whether enough people answered for the figures to say anything."""
    return result.total >= rule_of(day.community).least_answers


def _voices(days: Sequence[MarketDay]) -> defaultdict[int, list[rules.Voice]]:
    query = sa.select(DayVoice.day_id, DayVoice.network, DayVoice.score, DayVoice.point, DayVoice.again)
    query = query.where(DayVoice.day_id.in_([day.id for day in days])).order_by(DayVoice.id)
    found = defaultdict[int, list[rules.Voice]](list)
    for day_id, network, score, point, again in db.session.execute(query):
        found[day_id].append(rules.Voice(network, score, point, again))
    return found


def _sheets(days: Sequence[MarketDay]) -> defaultdict[int, list[DaySheet]]:
    """The forms that count, the newest first."""
    ids = [day.id for day in days]
    query = sa.select(DaySheet).where(DaySheet.day_id.in_(ids), DaySheet.ended_at.is_(None))
    found = defaultdict[int, list[DaySheet]](list)
    for sheet in db.session.scalars(query.order_by(DaySheet.id.desc())):
        found[sheet.day_id].append(sheet)
    return found


def _line(sheet: DaySheet) -> rules.Sheet:
    points = [point for point in list(Point)[:4] if getattr(sheet, f"better_{point.value}")]
    return rules.Sheet(sheet.score, tuple(points) or (Point.NONE,), sheet.again)


def _verdicts(days: Sequence[MarketDay]) -> defaultdict[int, dict[str, bool]]:
    """What staff said last of each network."""
    query = sa.select(DayNetworkVerdict).where(DayNetworkVerdict.day_id.in_([day.id for day in days]))
    found = defaultdict[int, dict[str, bool]](dict)
    for row in db.session.scalars(query.order_by(DayNetworkVerdict.id)):
        found[row.day_id][row.network] = row.counts
    return found


def networks_aside(days: Sequence[MarketDay]) -> dict[int, list[Busy]]:
    """Networks that answered too often, by the market."""
    voices, said = _voices(days), _verdicts(days)
    return {
        day.id: [
            (mark, often, said[day.id].get(mark))
            for mark, often in rules.busy_networks(voices[day.id]).items()
        ]
        for day in days
    }


def say_of_network(day: MarketDay, network: str, *, counts: bool, by: User, at: datetime) -> None:
    """Whether a network that answered so often is a house full of people. Refuses `feedback.no_network`."""
    lock_row(day)
    known = {mark: said for mark, _often, said in networks_aside([day])[day.id]}
    if network not in known:
        raise NotFound("feedback.no_network", _("没有这一处。"))
    if known[network] is counts:
        return
    row = DayNetworkVerdict(day=day, network=network, counts=counts, said_at=at, said_by=by.id)
    db.session.add(row)
    db.session.flush()
    audit.record("feedback.say_of_network", day, by=by, at=at, counts=counts)


def days_spoken_of(community: Community, at: datetime, past: int = 6) -> Sequence[MarketDay]:
    """The newest markets that opened and were not called off, the newest first."""
    days = calendar.days_around(community, at, past)
    return [day for day in reversed(days) if day.open_at <= at and day.state not in CALLED_OFF]
