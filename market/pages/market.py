"""One market as residents read it: who comes, on which stall, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue

from market import clock, headers
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.lookup import public_day_at
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES, DayState, public_status
from market.calendar.shown_day import ShownDay
from market.db import key_of
from market.demand.words import wish_word
from market.feedback import service as feedback
from market.fund.published import public_book
from market.layout.frame import chosen_locale, elder_mode
from market.pages import answer_words
from market.pages.answer import Asked, answers_on
from market.pages.asking import asked_here, chips_on
from market.pages.blueprint import bp
from market.pages.found_plan import found_plan
from market.pages.metadata import event_data
from market.pages.wish_offers import wish_offers
from market.people.access import current_community
from market.revisions import kept_while_seen, state_seen
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.stalls.service import PlanStall, wished
from market.stalls.service.sellers import Seller, sellers_on
from market.vendors.words import category_word


@bp.get("/c/<slug>/markets/<ref>")
@open_to(Audience.PUBLIC)
def market(ref: str) -> ResponseReturnValue:
    """All that the clock changes on the page is in the name under which it is kept."""
    at, asked, community = clock.now(), asked_here(), current_community()
    if asked.is_something or state_seen() is None:
        return _page(ShownDay.of(public_day_at(ref), at), asked)
    hours = kept_while_seen(("pages.hours", key_of(community), ref), lambda: _Hours.of(public_day_at(ref)))
    read_as = chosen_locale(), elder_mode(), request.full_path
    return kept_while_seen(
        ("pages.market", key_of(community), ref, *hours.told(at), *read_as),
        lambda: _page(ShownDay.of(public_day_at(ref), at), asked),
    )


class _Hours(NamedTuple):
    """What of a day decides how the clock changes its page."""

    state: DayState
    open_at: datetime
    close_at: datetime
    closed_early: bool
    apply_from: datetime
    apply_until: datetime
    zone: str

    @classmethod
    def of(cls, day: MarketDay) -> _Hours:
        times = day.open_at, day.close_at, day.closed_early, day.apply_from, day.apply_until
        return cls(day.state, *times, day.community.zone)

    def told(self, at: datetime) -> tuple[object, ...]:
        """The word of the day, today's date, and whether vendors apply already, and still."""
        status = public_status(
            self.state, open_at=self.open_at, close_at=self.close_at, closed_early=self.closed_early, at=at
        )
        return status, clock.local(at, self.zone).date(), self.apply_from <= at, self.apply_until > at


def _page(shown: ShownDay, asked: Asked) -> str:
    day, community, at = shown.day, current_community(), clock.now()
    known = day.state in PUBLIC_STATES
    if asked.text:
        headers.make_each_time()  # the whole list is what everybody reads
    sellers = sellers_on([day.id]) if known else []
    answers = answers_on(shown, asked, sellers) if known and asked.is_something else []
    found = [seller for answer in answers for seller in answer.days[0].sure or answer.days[0].perhaps]
    settled = settlement.settlement_of(day) if known else None
    held, wanted = stalls.assignments(day) if known else [], wished.wanted_by(day, at)
    return render_template(
        "pages/market.html",
        shown=shown,
        day=day,
        known=known,
        query=asked.text,
        answers=answers,
        words=answer_words,
        category_word=category_word,
        sellers=list(dict.fromkeys(found)) if asked.text else sellers,
        held=len(sellers),
        chips=chips_on(sellers, day.ref) if not shown.over else [],
        found=found_plan(stalls.plan_view(day), stalls.lanes_view(day), [s.label for s in found])
        if found
        else None,
        shut=list(stalls.shut_stalls(day).values()) if known else [],
        plan=_plan(day, sellers) if known and not asked.text else [],
        lanes=stalls.lanes_view(day) if known and not asked.text else [],
        settled=settled,
        charged=settlement.fee_for(day),
        figures=public_book(community).of(settled) if settled else None,
        wanted=day in service.open_for_application(community, at),
        event=event_data(shown),
        asked=[(wish_word(one.line.wish), one.held) for one in wished.asked_for(held, wanted)],
        offers=wish_offers(wanted, held),
        speakable=feedback.may_answer(day, at),
        by_lottery=stalls.current_lottery(day) is not None,
    )


def _plan(day: MarketDay, sellers: Sequence[Seller]) -> list[PlanStall]:
    """The plan, each taken stall a link to its line in the list; two stalls of one vendor have one line."""
    line = {label: seller.label.split("+")[0] for seller in sellers for label in seller.label.split("+")}
    view = stalls.plan_view(day)
    return [
        replace(one, href=f"#{line.get(one.label, one.label)}" if one.state == "taken" else "")
        for one in view
    ]
