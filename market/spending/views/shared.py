"""What several pages of this room ask for."""

from __future__ import annotations

from flask import Response

from market import clock
from market.fund import service as funds
from market.fund.models import Fund
from market.layout.answers import send_file
from market.people.access import current_community
from market.spending import service
from market.spending.rules import PhotoKind
from market.spending.service import Standing, Story


def our_fund() -> Fund:
    """The fund of the community in the address."""
    return funds.require_fund(current_community())


def story_at(ref: str) -> Story:
    """The proposal in the address, with its steps."""
    return service.story_of(funds.find_proposal(our_fund(), ref), at=clock.now())


def all_standings(fund: Fund) -> list[Standing]:
    """Where every proposal stands, newest first."""
    return service.standings(funds.proposals(fund), at=clock.now())


def send_photo(story: Story, photo_ref: str, *kinds: PhotoKind) -> Response:
    """A picture of one of these kinds; never kept by a browser."""
    found = service.find_photo(story.proposal, photo_ref, kinds)
    return send_file(found.content, "image/jpeg", f"{found.ref}.jpg", attached=False)
