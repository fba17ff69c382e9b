"""Taking all data of a community along: who did, when and why stands in the journal."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import aliased

from market import audit
from market.audit import AuditRow
from market.communities.models import Community
from market.db import db
from market.errors import Refusal
from market.people.models import User
from market.typed_text import names_a_person

LEAST_REASON = 4
TAKEN = "reports.take_data"
SHOWN = 10


def take_data(community: Community, reason: str, *, whole: bool, by: User, at: datetime) -> None:
    """Notes that somebody takes the data along; `whole`: with numbers of persons and papers.

    Refuses `reports.no_reason` and `reports.names_a_person`.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise Refusal("reports.no_reason", _("请写明为什么要导出，至少四个字。"), 422)
    if names_a_person(reason):
        raise Refusal("reports.names_a_person", _("理由会一直留着，请不要写手机号或身份证号。"), 422)
    audit.record(TAKEN, community, by=by, at=at, community=community, reason=reason.strip(), whole=whole)


def taken_before(community: Community) -> list[tuple[AuditRow, str]]:
    """Who took the data along lately, the newest first, each with a name."""
    person = aliased(User)
    query = (
        sa.select(AuditRow, person.display_name)
        .outerjoin(person, person.id == AuditRow.user_id)
        .where(AuditRow.community_id == community.id, AuditRow.act == TAKEN)
        .order_by(AuditRow.id.desc())
        .limit(SHOWN)
    )
    return [(row, name or "") for row, name in db.session.execute(query)]
