"""A fund with three contributions, a committee of three, and shorthand for its acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import find_community
from market.db import do_in_unit_of_work, unit_of_work
from market.fund import service
from market.fund.models import Fund, Payment, Proposal, Remittance, Vote
from market.fund.rules import Choice, UseType
from market.people.models import User
from market.settlement.models import Settlement
from market.spending import service as spending
from tests.cast import Cast, person
from tests.factories.settlement import evening, make_fund, settled_market

AT = clock.now()


def day_of(moment: datetime) -> date:
    """The date on the wall of our community, which in the evening is not that of UTC."""
    return clock.local(moment, "Asia/Shanghai").date()


@dataclass
class Desk:
    """Our fund and the people around it: `clerk` proposes, `second` pays, the members vote."""

    community: Community
    fund: Fund

    @property
    def clerk(self) -> User:
        return person("staff")

    @property
    def second(self) -> User:
        return person("second")

    def market(self, *takings: int, in_days: int = -30) -> Settlement:
        """A settled market; everyone gives five percent."""
        with unit_of_work():
            return settled_market(self.community, self.clerk, takings, in_days=in_days)

    def arrive(
        self, day: MarketDay, reference: str, at: datetime | None = None, *, login: str = "second"
    ) -> Remittance:
        return do_in_unit_of_work(
            lambda: service.confirm_remittance(day, reference, by=person(login), at=at or evening(day))
        )

    def money(self, fen: int) -> None:
        """So much at the charity, from one market."""
        self.arrive(self.market(fen * 20).day, "GZ-1")

    def propose(self, fen: int = 6_000, **changes: object) -> Proposal:
        facts: dict[str, object] = {
            "use_type": UseType.VISITS,
            "purpose": "慰问走访",
            "payee": "槐荫社区居民委员会",
            "detail": "看望 24 户老人。",
            "by": self.clerk,
            "at": AT - timedelta(days=3),
            **changes,
        }
        return do_in_unit_of_work(lambda: spending.propose(self.fund, amount_fen=fen, **facts))  # type: ignore[arg-type]  # plain keyword values

    def vote(self, proposal: Proposal, login: str, choice: Choice = Choice.YES) -> Vote:
        return do_in_unit_of_work(
            lambda: spending.vote(proposal, choice, by=person(login), at=AT - timedelta(days=2))
        )

    def approved(self, fen: int = 6_000, **changes: object) -> Proposal:
        proposal = self.propose(fen, **changes)
        for login in ("member1", "member2"):
            self.vote(proposal, login)
        return proposal

    def pay(
        self, proposal: Proposal, reference: str = "FK-1", *, login: str = "second", **changes: date
    ) -> Payment:
        paid_on = changes.get("paid_on", day_of(AT - timedelta(days=1)))
        return do_in_unit_of_work(
            lambda: spending.record_payment(proposal, paid_on, reference, by=person(login), at=AT)
        )


@pytest.fixture
def desk(context: Flask, cast: Cast) -> Desk:
    with unit_of_work():
        community = find_community(cast.ours)
        fund = make_fund(community, person("staff"), AT - timedelta(days=400))
    return Desk(community, fund)
