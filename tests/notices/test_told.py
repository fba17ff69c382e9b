"""After which act is whom told what: the sentences as a vendor reads them, or hears them on the telephone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import reschedule, shifted_draft
from market.calendar.words import notice_facts, said
from market.communities.service import find_community
from market.config import ROOT
from market.db import db, unit_of_work
from market.gate import service as gate
from market.notices import service as notices
from market.notices.models import Telling
from market.notices.rules import Channel
from market.notices.sayings import SAYINGS
from market.notices.words import ALSO, BY_TELEPHONE, IN_THE_APP, NOTICES, OF_OLD, words_of
from market.passes import service as passes
from market.passes.rules import RevokeReason
from market.people.models import User
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.vendors import service as vendors
from market.vendors.models import Application
from market.vendors.rules import ApplicationState
from tests.cast import Cast, person
from tests.factories.gate import published_day
from tests.factories.stalls import stall
from tests.factories.vendors import make_application, make_vendor
from tests.notices.conftest import tell_everybody

PASS = "摊位证找社区拿。"
NEW_PASS = "旧的摊位证不能用了，新的找社区拿。"


@dataclass
class Market:
    """A published market with two stalls; 甲 and 乙 stand there, 丙 waits. Inside a unit of work."""

    day: MarketDay
    staff: User

    @property
    def date(self) -> str:
        return str(said(notice_facts(self.day))["day"])

    def held(self, name: str) -> Assignment:
        return next(one for one in stalls.assignments(self.day) if one.vendor.trading_name == name)

    def application(self, name: str) -> Application:
        return next(a for a in vendors.applications(self.day) if a.vendor.trading_name == name)

    def told(self, at: datetime | None = None) -> dict[str, str]:
        """Who is still to be told what; the date reads D."""
        found = notices.messages([self.day], at=at or clock.now())
        return {one.person.row.vendor: words_of(one).sentence.replace(self.date, "D") for one in found}

    def tell(self) -> None:
        tell_everybody(self.day, self.staff)


@pytest.fixture
def market(context: Flask, cast: Cast) -> Iterator[Market]:
    with unit_of_work():
        staff = person("staff")
        day = published_day(find_community(cast.ours), staff, vendors=3, stall_limit=2)
        for application, name in zip(vendors.applications(day), "甲乙丙", strict=True):
            application.vendor.trading_name = name
        market = Market(day, staff)
        market.tell()
        yield market


def test_publication_tells_everybody_where_to_stand_or_to_wait(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        day = published_day(find_community(cast.ours), person("staff"), vendors=3, stall_limit=2)
        market = Market(day, person("staff"))
        sentences = list(market.told().values())
        labels = [held.label for held in stalls.assignments(day)]
    assert sentences == [
        f"D的集市，您在 {labels[0]} 号摊位。请 7:40 前到小区广场。{PASS}",
        f"D的集市，您在 {labels[1]} 号摊位。请 7:40 前到小区广场。{PASS}",
        "D的集市，这次还没排上摊位，您是候补第 1 位。有摊位空出来，就按次序问您。",
    ]


def test_nothing_is_told_of_a_plan_that_is_not_public(context: Flask, cast: Cast) -> None:
    from tests.factories.gate import planned_day

    with unit_of_work():
        staff = person("staff")
        day = planned_day(find_community(cast.ours), staff, vendors=2)
        held = stalls.assignments(day)[0]
        stalls.move(held, stall(day, "A06"), by=staff, at=clock.now())
        stalls.release(stalls.assignments(day)[0], ReleaseReason.REPLANNED, by=staff, at=clock.now())
        kinds = {message.kinds for message in notices.messages([day], at=clock.now())}
    assert kinds == {("vendors.approved",)}


def test_a_stall_given_back_is_offered_to_the_next_who_reads_until_when(market: Market) -> None:
    free = market.held("甲").label
    stalls.withdraw(market.application("甲"), by=market.staff, at=clock.now())
    (offer,) = stalls.open_offers(market.day)
    until = clock.local(offer.expires_at, market.day.community.zone)
    moment = f"{until.month} 月 {until.day} 日 {until.hour}:{until.minute:02d}"
    assert market.told() == {
        "甲": "您已经退出 D的集市，那天不用来了。要是弄错了，请赶快打电话。",
        "丙": f"D的集市空出一个摊位，{free} 号，给您留到 {moment}。来还是不来，请回个话：打电话就行。",
    }


def test_who_takes_the_offer_reads_where_to_stand(market: Market) -> None:
    stalls.withdraw(market.application("甲"), by=market.staff, at=clock.now())
    placed = stalls.accept_offer(stalls.open_offers(market.day)[0], by=market.staff, at=clock.now())
    sentence = f"排到摊位了：D的集市，您在 {placed.label} 号。请 7:40 前到小区广场。{PASS}"
    assert market.told()["丙"] == sentence


def test_on_the_morning_nobody_is_told_to_come_at_an_hour_that_is_over(market: Market) -> None:
    late = market.day.arrive_by + timedelta(minutes=20)
    gate.mark_no_show(market.held("甲"), by=market.staff, at=late)
    placed = stalls.accept_offer(stalls.open_offers(market.day)[0], by=market.staff, at=late)
    assert market.told(late) == {
        "甲": f"D的集市，没等到您，{placed.label} 号摊位先让出来了。还想来，请先打电话问问有没有空位。",
        "丙": f"排到摊位了：D的集市，您在 {placed.label} 号，现在就可以来小区广场。{PASS}",
    }


def test_an_offer_that_nobody_answers_in_time_says_so(market: Market) -> None:
    free = market.held("甲").label
    stalls.withdraw(market.application("甲"), by=market.staff, at=clock.now())
    offer = stalls.open_offers(market.day)[0]
    for _twice in range(2):
        stalls.expire_offers(at=offer.expires_at)
    sentence = f"D的集市，{free} 号摊位没等到您回话，已经问下一位了。您还在候补里，有空位再问您。"
    assert market.told()["丙"] == sentence


def test_an_offer_declined_on_the_telephone_needs_no_second_call(market: Market) -> None:
    stalls.withdraw(market.application("甲"), by=market.staff, at=clock.now())
    offer = stalls.open_offers(market.day)[0]
    assert set(market.told()) == {"甲", "丙"}
    stalls.decline_offer(offer, by=market.staff, at=clock.now())
    assert set(market.told()) == {"甲"}


def test_a_stall_offered_and_given_to_another_is_not_waited_for(market: Market) -> None:
    stalls.withdraw(market.application("甲"), by=market.staff, at=clock.now())
    offer = stalls.open_offers(market.day)[0]
    market.tell()
    stalls.move(market.held("乙"), offer.stall, by=market.staff, at=clock.now())
    sentence = f"D的集市，{offer.stall.label} 号摊位另有安排了，不用再回话。您还在候补里，有空位再问您。"
    assert market.told()["丙"] == sentence


def test_a_move_tells_of_the_stall_and_of_the_pass_in_one_notice_and_again_when_moved_again(
    market: Market,
) -> None:
    first = market.held("甲").label
    sentences = []
    for label in ("A05", "A06"):
        stalls.move(market.held("甲"), stall(market.day, label), by=market.staff, at=clock.now())
        sentences.append(market.told()["甲"])
        market.tell()
    stalls.move(market.held("甲"), stall(market.day, "A06"), by=market.staff, at=clock.now())
    assert sentences == [
        f"D的集市，您的摊位从 {first} 号换到 A05 号。{NEW_PASS}",
        f"D的集市，您的摊位从 A05 号换到 A06 号。{NEW_PASS}",
    ]
    assert market.told() == {}


def test_a_stall_moved_away_and_back_before_anybody_was_told_is_no_news_but_for_the_pass(
    market: Market,
) -> None:
    first = market.held("甲").stall
    for there in (stall(market.day, "A05"), first):
        stalls.move(market.held("甲"), there, by=market.staff, at=clock.now())
    assert market.told() == {
        "甲": f"D的集市，{first.label} 号摊位换了新的摊位证，旧的不能用了。新的找社区拿。"
    }


def test_who_changed_places_both_read_with_whom(market: Market) -> None:
    one, other = market.held("甲"), market.held("乙")
    was = {"甲": one.label, "乙": other.label}
    stalls.swap(one, other, by=market.staff, at=clock.now())
    assert market.told() == {
        "甲": f"D的集市，您和乙对调了摊位：您从 {was['甲']} 号换到 {was['乙']} 号。{NEW_PASS}",
        "乙": f"D的集市，您和甲对调了摊位：您从 {was['乙']} 号换到 {was['甲']} 号。{NEW_PASS}",
    }


def test_who_goes_back_to_the_waiting_list_reads_it(market: Market) -> None:
    held = market.held("甲")
    stalls.release(held, ReleaseReason.REPLANNED, by=market.staff, at=clock.now())
    assert market.told() == {
        "甲": f"D的集市，您的 {held.label} 号摊位要调整，您先在候补里。有空位马上问您；有疑问请打电话。"
    }


@pytest.mark.parametrize(
    "reason, sentence",
    [
        (RevokeReason.LOST, "D的集市，{label} 号摊位换了新的摊位证，旧的不能用了。新的找社区拿。"),
        (RevokeReason.HOURS_CHANGED, "D的集市，{label} 号摊位换了新的摊位证，旧的不能用了。新的找社区拿。"),
    ],
)
def test_a_new_pass_is_told_once(market: Market, reason: RevokeReason, sentence: str) -> None:
    held = market.held("甲")
    passes.reissue(held, reason, by=market.staff, at=clock.now())
    assert market.told() == {"甲": sentence.format(label=held.label)}


def test_a_pass_taken_back_is_told_with_whom_to_ask(market: Market) -> None:
    held = market.held("甲")
    shown = passes.pass_of(held)
    assert shown is not None
    for _twice in range(2):
        passes.revoke(shown, RevokeReason.MISUSED, by=market.staff, at=clock.now())
    sentence = f"D的集市，您 {held.label} 号摊位的摊位证收回了，凭它进不了场。请给社区打电话。"
    assert market.told() == {"甲": sentence}


@pytest.mark.parametrize(
    "step, sentence",
    [
        (Step.POSTPONE, "D的集市延期了，那天先别来。新日子定了再告诉您。原因是：明天有大风。"),
        (Step.CANCEL, "D的集市取消了，不用来了。原因是：明天有大风。"),
    ],
)
def test_calling_off_tells_everybody_placed_or_waiting(market: Market, step: Step, sentence: str) -> None:
    passes.call_off_day(market.day, step, "明天有大风", by=market.staff, at=clock.now())
    assert market.told() == dict.fromkeys("甲乙丙", sentence)


def test_a_new_date_tells_everybody_who_had_applied(market: Market) -> None:
    passes.call_off_day(market.day, Step.POSTPONE, "明天有大风", by=market.staff, at=clock.now())
    market.tell()
    on = clock.local(market.day.open_at, market.day.community.zone).date() + timedelta(days=14)
    draft = shifted_draft(market.day, on)
    reschedule(market.day, draft, public_note="改期。", by=market.staff, at=clock.now())
    sentence = "集市定了新日子：D 8:00–11:30，在小区广场。您的报名还算数；来不了，请早点说。"
    assert (market.told(), market.day.state) == (dict.fromkeys("甲乙丙", sentence), DayState.PREPARED)


@pytest.mark.parametrize(
    "state, sentence",
    [
        (ApplicationState.APPROVED, "社区同意您来 D的集市。摊位排好以后，再告诉您站哪里。"),
        (ApplicationState.NEEDS_MORE, "您报的 D的集市还差一点。社区说：请带健康证来。"),
        (ApplicationState.REJECTED, "您报的 D的集市这次不行。社区说：这一场同类的摊位满了。"),
        (ApplicationState.WITHDRAWN, "您已经退出 D的集市，那天不用来了。要是弄错了，请赶快打电话。"),
    ],
)
def test_the_answer_to_an_application_is_told(market: Market, state: ApplicationState, sentence: str) -> None:
    vendor = make_vendor(market.day.community, market.staff, "丁")
    application = make_application(market.day, vendor, market.staff, state=state)
    assert market.told() == {"丁": sentence}
    if state is ApplicationState.APPROVED:
        vendors.approve(application, by=market.staff, at=clock.now())
        assert market.told() == {"丁": sentence}


def test_who_asks_again_is_answered_again(market: Market) -> None:
    vendor = make_vendor(market.day.community, market.staff, "丁")
    application = make_application(market.day, vendor, market.staff, state=ApplicationState.APPROVED)
    sentences = [market.told()["丁"]]
    for act in (partial(vendors.ask_for_documents, note="健康证到期了。"), vendors.approve):
        market.tell()
        act(application, by=market.staff, at=clock.now())
        sentences.append(market.told()["丁"])
    approved = "社区同意您来 D的集市。摊位排好以后，再告诉您站哪里。"
    assert sentences == [approved, "您报的 D的集市还差一点。社区说：健康证到期了。", approved]


def test_who_says_that_the_papers_are_there_and_lacks_the_same_is_told_again(market: Market) -> None:
    vendor = make_vendor(market.day.community, market.staff, "丁")
    application = make_application(market.day, vendor, market.staff, state=ApplicationState.NEEDS_MORE)
    market.tell()
    vendors.apply(market.day, vendor, by=market.staff, at=clock.now())
    assert market.told() == {}
    vendors.ask_for_documents(application, "请带健康证来。", by=market.staff, at=clock.now())
    assert market.told() == {"丁": "您报的 D的集市还差一点。社区说：请带健康证来。"}


# ── what is never told ────────────────────────────────────────────────────────────────────────────────────

FACTS = {
    "theme", "place", "address", "entrance", "zone", "opens", "closes", "arrive", "until",
    "vendor", "stall", "old", "other", "position", "note", "method", "shut",
}  # fmt: skip
"""Everything a notice may say. No money is among it: what somebody gives is nobody's news."""
SPOKEN = FACTS | {"day", "hours", *IN_THE_APP, *BY_TELEPHONE}


def test_no_sentence_can_speak_of_anything_else() -> None:
    sentences = {kind: sentence for kind, (_look, sentence) in {**NOTICES, **OF_OLD}.items()}
    for kind, sentence in [*sentences.items(), *ALSO.items()]:
        asked = set(re.findall(r"%\((\w+)\)s", str(sentence)))
        assert asked <= SPOKEN, kind
        assert "元" not in str(sentence), kind


def told_by(market: Market, channel: Channel, by: User | None) -> list[Telling]:
    """甲 has withdrawn, 丙 is asked: both were told so."""
    stalls.withdraw(market.application("甲"), by=market.staff, at=clock.now())
    seen = [message.seen for message in notices.messages([market.day], at=clock.now())]
    return notices.tell(market.day, seen, channel=channel, by=by, at=clock.now())


def test_what_a_program_brought_was_said_by_nobody(market: Market) -> None:
    told = told_by(market, Channel.POSTED, None)
    assert [one.told_by for one in told] == [None, None]


def test_it_is_kept_whether_somebody_could_read_it(market: Market) -> None:
    """Who had no account was told what to do by telephone, and reads so later, in the app too."""
    told = told_by(market, Channel.CALL, market.staff)
    assert [one.can_read for one in told] == [False, False]
    spoken = [words_of(one).sentence for one in told]
    for one in told:
        one.params = {**one.params, "can_read": True}
    assert spoken != [words_of(one).sentence for one in told]
    assert Telling(params={}, channel=Channel.APP).can_read


def test_there_is_a_sentence_for_every_kind() -> None:
    assert {saying.kind for saying in SAYINGS} == set(NOTICES)
    assert set(ALSO) <= set(NOTICES)


def test_nobody_is_told_anything_of_money() -> None:
    """What is told is read from these rooms; none of them knows what somebody gives."""
    read_from = set()
    for path in (ROOT / "market" / "notices").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("market."):
                read_from.add((node.module or "").split(".")[1])
    assert read_from & {"ledger", "settlement", "fund", "insight"} == set()


def test_every_notice_of_a_year_can_be_read_and_says_nothing_else(year_app: Flask) -> None:
    with year_app.app_context():
        told = list(db.session.scalars(sa.select(Telling)))
        sentences = {words_of(telling).sentence for telling in told}
    assert {key for telling in told for key in telling.params} <= FACTS | {"can_read"}
    assert {"gate.placed", "gate.waiting", "vendors.rejected"} <= {kind for t in told for kind in t.kinds}
    assert [sentence for sentence in sentences if "元" in sentence or "%" in sentence] == []
