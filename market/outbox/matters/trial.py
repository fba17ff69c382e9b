"""A test that staff ask for on the page of the channels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _

from market.communities.models import Community
from market.outbox.matters.matter import Said, Want
from market.outbox.models import Outgoing


def wants(_community: Community, _at: datetime) -> Iterator[Want]:
    """Nothing by itself: a person asks for it."""
    return iter(())


def say(row: Outgoing, at: datetime) -> Said | None:
    """Always the same; it disturbs only whoever asked for it."""
    name = row.community.name
    text = _("这是%(community)s发出的测试消息。收到了，说明能用。", community=name)
    title = _("测试消息")
    return Said(row.mark, title, text, at, template="test", params={"community": name})
