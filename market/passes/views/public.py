"""Anybody who scans a pass reads whether it is genuine."""

from __future__ import annotations

from flask import g, render_template
from flask.typing import ResponseReturnValue

from market import clock
from market.access import Audience, open_to
from market.communities.models import Community
from market.passes import service, words
from market.passes.blueprint import bp
from market.passes.rules import Standing


@bp.get("/p/<token>")
@bp.get("/P/<token>")
@open_to(Audience.PUBLIC)
def verify(token: str) -> ResponseReturnValue:
    """Genuine or not; 404 for what is not ours, with the same plain page."""
    found = service.verify_token(token, clock.now())
    if found.stall_pass is not None:
        _speak_for(found.stall_pass.day.community)
    kind, word = words.STANDINGS[found.standing]
    version = words.version_text
    page = render_template("passes/verify.html", found=found, kind=kind, word=word, version=version)
    return page, 404 if found.standing is Standing.NOT_OURS else 200


def _speak_for(community: Community) -> None:
    """The address names no community, but the pass does: the page shows its name, its clock and its tabs."""
    g.community, g.slug = community, community.slug
