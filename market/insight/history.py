"""What was done with one object, from the journal; the way from a settled market back to stall and scan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import db
from market.fund.models import Fund, Payment, Proposal, Remittance
from market.gate.models import Scan
from market.gate.rules import Verdict
from market.people.models import User
from market.settlement import service as settlement
from market.settlement.models import Settlement, SettlementLine, TakingsReport


@dataclass(frozen=True)
class Step:
    """One line of the journal about an object."""

    number: int | None
    """None for what was done before the journal began."""
    act: str
    person_id: int | None
    who: str | None
    """None: the program itself, when something was due."""
    on_behalf_of: str | None
    at: datetime
    detail: dict[str, Any]


@dataclass(frozen=True)
class Alone:
    """Kinds of acts, in their order, that one person did and nobody else, not even the program."""

    who: str
    acts: list[str]


@dataclass(frozen=True)
class History:
    """Everything that was done with one object, the first step first."""

    steps: list[Step]

    @property
    def alone(self) -> str | None:
        """Who did all of it, where one person did more than one step and nobody else any."""
        who = {step.who for step in self.steps if step.who is not None}
        return next(iter(who)) if len(who) == 1 and len(self.steps) > 1 else None

    @property
    def alone_in(self) -> list[Alone]:
        """Where one person did two kinds of acts or more alone, such as reporting and settling."""
        doers: dict[str, set[int | None]] = {}
        for step in self.steps:
            doers.setdefault(step.act, set()).add(step.person_id)
        names = {step.person_id: step.who for step in self.steps if step.who is not None}
        found = [Alone(who, [act for act in doers if doers[act] == {one}]) for one, who in names.items()]
        return [one for one in found if len(one.acts) > 1]


def history(community: Community, kind: str, ref: str) -> History:
    """The lines whose act was about an object, or that tell of it; only of this community."""
    told = sa.cast(AuditRow.facts, sa.String).contains(f'"{kind}:{ref}"', autoescape=True)
    about = sa.and_(AuditRow.object_kind == kind, AuditRow.object_ref == ref)
    query = (
        sa.select(AuditRow, User.display_name)
        .outerjoin(User, User.id == AuditRow.user_id)
        .where(AuditRow.chain == community.id, sa.or_(about, told))
        .order_by(AuditRow.id)
    )
    return History(
        [
            Step(row.number, row.act, row.user_id, name, row.on_behalf_of, row.at, row.detail)
            for row, name in db.session.execute(query)
        ]
    )


def figures_by(community: Community, kind: str, ref: str) -> str | None:
    """Who alone reported and settled, where the object is a market or the settlement of it that counts."""
    query = sa.select(Settlement).join(Settlement.day).where(Settlement.community_id == community.id)
    asked = {"settlement": Settlement.ref, "marketday": MarketDay.ref}.get(kind)
    if asked is None:
        return None
    closed = db.session.scalars(query.where(asked == ref).order_by(Settlement.id.desc())).first()
    if closed is None or settlement.settlement_of(closed.day) is not closed:
        return None
    return _wrote_and_settled(closed, chain.from_iterable(settlement.reports(closed.day).values()))


def _wrote_and_settled(closed: Settlement, reports: Iterable[TakingsReport]) -> str | None:
    """The person who settled, where nobody else reported anything."""
    reporters = {report.reported_by for report in reports}
    return closed.person.display_name if reporters == {closed.settled_by} else None


@dataclass(frozen=True)
class Proof:
    """One vendor's part of a settlement with what it follows from."""

    line: SettlementLine
    reports: list[TakingsReport]
    scan: Scan | None
    """None: accepted as present by somebody."""


@dataclass(frozen=True)
class Walk:
    """A settled market, backwards to stall, revision and scan, forwards to what its money did."""

    closed: Settlement
    proofs: list[Proof]
    arrived: list[Remittance]
    spent: list[Payment]
    """What the fund paid since the money had arrived: money has no marks, so it is all of it."""
    people: list[User]
    """Who reported."""

    @property
    def alone(self) -> str | None:
        """Who wrote down every figure and settled them too; None where vendors or others took part."""
        return _wrote_and_settled(self.closed, (report for proof in self.proofs for report in proof.reports))


def walk(day: MarketDay) -> Walk | None:
    """The way of a market's money; None before it is settled."""
    closed = settlement.settlement_of(day)
    if closed is None:
        return None
    reports, scans = settlement.reports(day), _scans(day)
    proofs = [
        Proof(line, reports.get(line.assignment.vendor_id, []), scans.get(line.assignment_id))
        for line in closed.lines
    ]
    query = sa.select(Remittance).where(Remittance.day_id == day.id).order_by(Remittance.id)
    arrived = list(db.session.scalars(query))
    people = _reporters(report for proof in proofs for report in proof.reports)
    return Walk(closed, proofs, arrived, _paid_since(day.community_id, arrived), people)


def _reporters(reports: Iterable[TakingsReport]) -> list[User]:
    """Everybody who reported, together; while they are kept, no report asks for its own."""
    query = sa.select(User).where(User.id.in_({report.reported_by for report in reports}))
    return list(db.session.scalars(query))


def _scans(day: MarketDay) -> dict[int | None, Scan]:
    query = sa.select(Scan).where(Scan.day_id == day.id, Scan.verdict == Verdict.ADMITTED)
    return {scan.assignment_id: scan for scan in db.session.scalars(query)}


def _paid_since(community_id: int, arrived: Iterable[Remittance]) -> list[Payment]:
    first = min((one.confirmed_at for one in arrived), default=None)
    if first is None:
        return []
    query = (
        sa.select(Payment)
        .join(Payment.proposal)
        .join(Proposal.fund)
        .where(Payment.recorded_at >= first, Fund.community_id == community_id)
        .options(contains_eager(Payment.proposal), joinedload(Payment.entry))
        .order_by(Payment.id)
    )
    return list(db.session.scalars(query))
