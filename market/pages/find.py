"""Residents' search: in one community with its neighbourhood, and everywhere. It asks, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from market import clock, headers
from market.access import Audience, open_to
from market.communities.service import Place, community_places
from market.config import settings
from market.pages import answer_words
from market.pages.answer import (
    Answer,
    Asked,
    NearAnswer,
    answers_of,
    coming_of,
    days_named,
    near_answers,
)
from market.pages.asking import asked_here, chips_on
from market.pages.blueprint import bp
from market.pages.found_plan import FoundPlan, found_plan
from market.people.access import current_community
from market.search.offer import names
from market.stalls import service as stalls
from market.stalls.models import ShutStall
from market.stalls.service.sellers import Seller, days_everywhere, sellers_on

PLACES_SHOWN, MARKETS_SHOWN = 12, 6


@bp.get("/c/<slug>/find")
@open_to(Audience.PUBLIC)
def find() -> ResponseReturnValue:
    """`?q=` asks in words, `?kind=` by a category; `on` names the market that somebody comes from."""
    community, at, on = current_community(), clock.now(), request.args.get("on", "")[:16]
    asked, coming = asked_here(), coming_of(community, at, first=on)
    answers = answers_of(community, asked, coming, at) if asked.is_something else []
    if asked.category is None or not all(answer.there for answer in answers):
        headers.make_each_time()  # so many questions, and what is near by belongs to other communities
    in_vain = not any(answer.there or (answer.first and answer.first.perhaps) for answer in answers)
    return render_template(
        "pages/find.html",
        asked=asked,
        said="q" in request.args or "kind" in request.args,
        answers=answers,
        found=_drawn(answers),
        shut=_shut(answers),
        named=days_named(community, asked, at) if answers and in_vain else [],
        next=coming.known[0] if coming.known else coming.later,
        chips=chips_on(coming.first_sellers, on, asked.category),
        words=answer_words,
        canonical=settings().public_url + url_for("pages.find", **_question(asked)),
    )


def _question(asked: Asked) -> dict[str, Any]:
    return {"kind": asked.category.value} if asked.category else {"q": asked.text} if asked.text else {}


def _drawn(answers: Sequence[Answer]) -> FoundPlan | None:
    """The plaza of the first market that has something of it, with all of that marked."""
    shown = next((a.first for a in answers if a.first and (a.first.sure or a.first.perhaps)), None)
    if shown is None:
        return None
    day, sellers = shown.day, [s for a in answers for s in _sellers_of(a, shown.day.id)]
    return found_plan(stalls.plan_view(day), stalls.lanes_view(day), [seller.label for seller in sellers])


def _sellers_of(answer: Answer, day: int) -> tuple[Seller, ...]:
    return next((one.sure or one.perhaps for one in answer.days if one.day.id == day), ())


def _shut(answers: Sequence[Answer]) -> list[ShutStall]:
    """Stalls of the answer that do not open this time."""
    first = next((a.first for a in answers if a.first and a.first.sure), None)
    if first is None:
        return []
    labels = {label for seller in first.sure for label in seller.label.split("+")}
    return [row for row in stalls.shut_stalls(first.day).values() if row.stall.label in labels]


# ── everywhere ────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/find")
@open_to(Audience.PUBLIC)
def find_everywhere() -> ResponseReturnValue:
    """Communities by their name, and which of the markets that come next have what is asked."""
    headers.make_each_time()
    asked, at = asked_here(), clock.now()
    places = _places(asked.text) if asked.is_something else []
    return render_template(
        "pages/find_everywhere.html",
        asked=asked,
        places=places,
        near=_everywhere(asked)[:MARKETS_SHOWN] if asked.is_something else [],
        today=clock.local(at, settings().zone).date(),
        words=answer_words,
    )


def _places(text: str) -> list[Place]:
    """Communities of that name, then those of that street or district."""
    known = community_places()
    named = [place for place in known if _is_called(text, place.name)]
    around = [place for place in known if _is_called(text, place.street) or _is_called(text, place.district)]
    return list(dict.fromkeys([*named, *around]))[:PLACES_SHOWN]


def _is_called(text: str, name: str) -> bool:
    """Also when more was said than the name: 槐荫社区集市."""
    short = name.removesuffix("社区")
    return names(text, name) or (len(short) > 1 and short in text)


def _everywhere(asked: Asked) -> list[NearAnswer]:
    days = days_everywhere(clock.now())
    sellers = sellers_on([day.id for day in days], asked.among)
    found = [answer for finder in asked.finders for answer in near_answers(days, sellers, finder)]
    return sorted({answer.day.id: answer for answer in found}.values(), key=lambda one: one.day.open_at)
