"""Agreements with partners and workshops: entered, ended, and how many work in a workshop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.clock import local
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.fund.models import CharityNotice, Fund, JobCount, Partner, PartnerService
from market.fund.rules import Rhythm, Source
from market.fund.schedule import Kept, Standing, dues, kept, standing
from market.ledger.rules import MAX_TEXT, check_text
from market.people.models import User

MOST_SERVICES = 30


@dataclass(frozen=True)
class PartnerDraft:
    """What an agreement says."""

    source: Source
    name: str
    place: str
    agreement_no: str
    starts_on: date
    ends_on: date
    support_fen: int
    rhythm: Rhythm
    services: Sequence[str] = ()
    promise: str = ""
    makes: str = ""
    made_with: str = ""
    wage_low_fen: int = 0
    wage_high_fen: int = 0


def add_partner(fund: Fund, draft: PartnerDraft, *, by: User, at: datetime) -> Partner:
    """Enters an agreement; the same number again is the same agreement."""
    services = [name.strip() for name in draft.services if name.strip()]
    _check_draft(draft, services)
    lock_row(fund)
    earlier = _by_agreement(fund, draft.agreement_no.strip())
    if earlier is not None:
        if (earlier.name, earlier.starts_on) != (draft.name.strip(), draft.starts_on):
            raise Refusal("fund.agreement_taken", _("这个协议编号已经登记给别家了，请核对。"))
        return earlier
    if draft.starts_on < fund.signed_on:
        raise Refusal("fund.partner_before", _("协议开始得比基金还早，请看看年月日是不是选错了。"), 422)
    race_point("fund.add_partner")
    partner = Partner(
        fund=fund,
        source=draft.source,
        name=draft.name.strip(),
        place=draft.place.strip(),
        agreement_no=draft.agreement_no.strip(),
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        promise=draft.promise.strip(),
        makes=draft.makes.strip(),
        made_with=draft.made_with.strip(),
        wage_low_fen=draft.wage_low_fen,
        wage_high_fen=draft.wage_high_fen,
        support_fen=draft.support_fen,
        rhythm=draft.rhythm,
        entered_by=by.id,
        entered_at=at,
        services=[PartnerService(name=name) for name in services],
    )
    db.session.add(partner)
    db.session.flush()
    audit.record("fund.add_partner", partner, by=by, at=at, community=fund.community)
    return partner


def _check_draft(draft: PartnerDraft, services: Sequence[str]) -> None:
    texts = (draft.name, draft.place, draft.agreement_no, draft.promise or "-", draft.makes or "-")
    if any(check_text(text, MAX_TEXT) is not None for text in (*texts, draft.made_with or "-", *services)):
        sentence = _("请写清名称、地方和协议编号；会公开，请不要写手机号或身份证号。")
        raise Refusal("fund.unfit_agreement", sentence, 422)
    if not draft.source.is_agreed:
        raise Refusal("fund.no_partner_kind", _("请选是合伙人还是微业。"), 422)
    if draft.ends_on < draft.starts_on:
        raise Refusal("fund.partner_term", _("协议结束得比开始还早，请看看年月日。"), 422)
    if draft.source is Source.SPACE and not 0 < len(services) <= MOST_SERVICES:
        raise Refusal("fund.no_services", _("请写它给居民办哪些服务，一行一项，最多 30 项。"), 422)
    if draft.source is Source.WORKSHOP and not draft.makes.strip():
        raise Refusal("fund.makes_nothing", _("请写做什么活，比如缝纫、手工。"), 422)
    if draft.support_fen < 0 or not 0 <= draft.wage_low_fen <= draft.wage_high_fen:
        raise Refusal("fund.wages", _("工钱要从低写到高，金额不能是负数。"), 422)


def _by_agreement(fund: Fund, number: str) -> Partner | None:
    return db.session.scalar(
        sa.select(Partner).where(Partner.fund_id == fund.id, Partner.agreement_no == number)
    )


def end_partner(partner: Partner, on: date, reason: str, *, by: User, at: datetime) -> None:
    """The agreement ended before its term; what was given stays, and nothing more falls due. Once."""
    lock_row(partner)
    if partner.ended_on is not None:
        if partner.ended_on != on:
            raise Refusal("fund.partner_ended", _("这份协议已经登记过结束了。"))
        return
    today = local(at, partner.fund.community.zone).date()
    if not partner.starts_on <= on <= min(today, partner.ends_on):
        raise Refusal("fund.ended_on", _("结束日期要在协议期内，也不能还没有到。"), 422)
    if check_text(reason) is not None:
        raise Refusal("fund.no_end_reason", _("请写一句为什么结束；会公开，请不要写手机号。"), 422)
    race_point("fund.end_partner")
    partner.ended_on, partner.ended_by, partner.end_reason = on, by.id, reason.strip()
    audit.record("fund.end_partner", partner, by=by, at=at, community=partner.fund.community)


def count_jobs(partner: Partner, jobs: int, on: date, *, by: User, at: datetime) -> JobCount:
    """How many people a workshop gave work to on a day; the same count again is the same."""
    lock_row(partner)
    newest = newest_jobs([partner]).get(partner.id)
    if newest is not None and (newest.jobs, newest.counted_on) == (jobs, on):
        return newest
    if partner.source is not Source.WORKSHOP:
        raise Refusal("fund.no_workshop", _("只有社区微业才登记就业人数。"))
    if not partner.starts_on <= on <= local(at, partner.fund.community.zone).date():
        raise Refusal("fund.counted_on", _("点数的日期要在协议开始以后，也不能还没有到。"), 422)
    if jobs < 0:
        raise Refusal("fund.jobs", _("人数不能是负数。"), 422)
    race_point("fund.count_jobs")
    counted = JobCount(partner=partner, counted_on=on, jobs=jobs, noted_by=by.id, noted_at=at)
    db.session.add(counted)
    db.session.flush()
    audit.record("fund.count_jobs", partner, by=by, at=at, community=partner.fund.community, jobs=jobs)
    return counted


def find_partner(fund: Fund, ref: str) -> Partner:
    """A partner or workshop of this fund."""
    partner = db.session.scalar(sa.select(Partner).where(Partner.fund_id == fund.id, Partner.ref == ref))
    if partner is None:
        raise NotFound("fund.no_such_partner", _("没有这家合伙人或微业。"))
    return partner


def job_counts(partner: Partner) -> list[JobCount]:
    """Every count of a workshop, the newest first."""
    query = sa.select(JobCount).where(JobCount.partner_id == partner.id)
    return list(db.session.scalars(query.order_by(JobCount.counted_on.desc(), JobCount.id.desc())))


def newest_jobs(partners: Sequence[Partner]) -> dict[int, JobCount]:
    """The count that holds, by partner."""
    ids = [partner.id for partner in partners]
    query = sa.select(JobCount).where(JobCount.partner_id.in_(ids))
    found = db.session.scalars(query.order_by(JobCount.counted_on, JobCount.id))
    return {one.partner_id: one for one in found}


class Support(NamedTuple):
    """An agreement as it stands: what it gave, what is due, who works there."""

    partner: Partner
    given_fen: int
    last_given_on: date | None
    supports: list[Kept]
    standing: Standing
    jobs: JobCount | None

    @property
    def service_count(self) -> int:
        return len(self.partner.services)

    @property
    def job_count(self) -> int:
        return self.jobs.jobs if self.jobs else 0


def supports_of(partners: Sequence[Partner], today: date) -> list[Support]:
    """How these agreements stand on a day, in three questions for all of them."""
    given, jobs = _given(partners), newest_jobs([one for one in partners if one.source is Source.WORKSHOP])
    found = []
    for partner in partners:
        fen, last = given[partner.id]
        supports = kept(dues(partner.supports), fen)
        found.append(Support(partner, fen, last, supports, standing(supports, today), jobs.get(partner.id)))
    return found


def support_of(partner: Partner, today: date) -> Support:
    """How one agreement stands on a day."""
    return supports_of([partner], today)[0]


def partners_of(fund: Fund, source: Source | None = None) -> list[Partner]:
    """Everybody who has or had an agreement: those in force first, then by name of the agreement."""
    query = sa.select(Partner).where(Partner.fund_id == fund.id)
    if source is not None:
        query = query.where(Partner.source == source)
    return list(db.session.scalars(query.order_by(Partner.ended_on.is_not(None), Partner.id)))


def _given(partners: Sequence[Partner]) -> defaultdict[int, tuple[int, date | None]]:
    """What counts of each, and when it last gave."""
    query = (
        sa.select(
            CharityNotice.partner_id,
            sa.func.sum(CharityNotice.amount_fen),
            sa.func.max(CharityNotice.received_on),
        )
        .where(
            CharityNotice.partner_id.in_([partner.id for partner in partners]),
            CharityNotice.entry_id.is_not(None),
            CharityNotice.undone_at.is_(None),
        )
        .group_by(CharityNotice.partner_id)
    )
    found: defaultdict[int, tuple[int, date | None]] = defaultdict(lambda: (0, None))
    found.update({int(id_ or 0): (int(fen), last) for id_, fen, last in db.session.execute(query)})
    return found
