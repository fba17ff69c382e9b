"""Partners, workshops and what the charity wrote of them, made by the services; call in a unit of work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from market.fund import service
from market.fund.models import CharityNotice, Fund
from market.fund.rules import Rhythm, Source
from market.fund.service import NoticeDraft, PartnerDraft
from market.people.models import User

SPACE = PartnerDraft(
    source=Source.SPACE,
    name="慢时光书吧",
    place="服务中心一楼东侧，120 平方米",
    agreement_no="合 2025-1",
    starts_on=date(2025, 1, 1),
    ends_on=date(2026, 12, 31),
    support_fen=400_000,
    rhythm=Rhythm.QUARTER,
    services=("借书看书", "儿童故事会"),
    promise="比市价低两成",
)
WORKSHOP = replace(
    SPACE,
    source=Source.WORKSHOP,
    name="巧手工坊",
    agreement_no="微 2025-1",
    rhythm=Rhythm.YEAR,
    support_fen=5_000_000,
    services=(),
    makes="缝纫围裙和布包",
    made_with="针线坊布艺店供料、包销",
    wage_low_fen=8_000,
    wage_high_fen=20_000,
)


def draft_of(source: Source, fen: int, on: date, reference: str, **more: object) -> NoticeDraft:
    """What is typed from the charity's paper."""
    return NoticeDraft(source, fen, on, reference, **more)  # type: ignore[arg-type]  # plain keyword values


def posted(fund: Fund, draft: NoticeDraft, people: tuple[User, User], at: datetime) -> CharityNotice:
    """Typed by the first and confirmed by the second."""
    noter, confirmer = people
    notice = service.enter_notice(fund, draft, by=noter, at=at)
    return service.confirm_notice(notice, by=confirmer, at=at + timedelta(hours=1))
