"""The staff's desk: the market that needs something next, and the others."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from market import clock
from market.access import Audience, open_to
from market.calendar import service, words
from market.feedback import service as feedback
from market.pages import progress
from market.pages.beginning import beginning
from market.pages.blueprint import bp
from market.people.access import current_community
from market.places import service as places
from market.settlement import service as settlement, words as close_words
from market.vendors import service as vendors

DONE_SHOWN = 5
"""Markets behind us that the desk still shows."""


@bp.get("/staff/<slug>/")
@open_to(Audience.STAFF)
def desk() -> ResponseReturnValue:
    community, at = current_community(), clock.now()
    to_do = service.days_to_do(community)
    newest = service.days(community, limit=DONE_SHOWN + len(to_do))
    venues = places.venues(community)
    return render_template(
        "pages/desk.html",
        venues=venues,
        beginning=beginning(community, venues),
        close_news=settlement.close_news(community, at=at),
        close_words=close_words,
        changed=vendors.waiting_changes(community),
        papers_waiting=len(vendors.waiting_papers(community)),
        now=progress.progress_of(to_do[0], at) if to_do else None,
        others=to_do[1:],
        done=[day for day in newest if day not in to_do][:DONE_SHOWN],
        last=service.last_held(community),
        complaints=feedback.waiting(community),
        words=words,
    )
