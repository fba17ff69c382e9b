"""From nothing to the first market: what is done and what is next, worked out from what there is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import LazyString, lazy_gettext as _

from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES
from market.communities.models import Community
from market.fund import service as fund
from market.pages.rules import Beginning, FirstStep, Progress, first_steps
from market.places import service as places
from market.places.models import Venue
from market.settlement import service as settlement
from market.vendors import service as vendors

WORDS: dict[FirstStep, tuple[LazyString, LazyString]] = {
    FirstStep.PLACE: (_("先画场地"), _("多大、在哪里、几个入口。")),
    FirstStep.STALLS: (_("画摊位"), _("一点就按场地的大小画好，再跟实地对一对。")),
    FirstStep.FUND: (_("登记社区基金"), _("有人捐，就要先有基金。可以以后再登记。")),
    FirstStep.VENDORS: (_("登记商户"), _("有名单就整份贴进来；没有，就等开始报名后他们自己登记。")),
    FirstStep.TERMS: (_("问商户愿意反哺多少"), _("自愿，不捐也行。开市前说好就可以。")),
    FirstStep.DAY: (_("排第一场集市"), _("哪天、几点、几个摊位。")),
    FirstStep.PUBLISH: (_("报名、排摊位、发布"), _("发布以后居民就看得到谁来。")),
}


@dataclass(frozen=True)
class Step:
    """A line of the guide; `href` is where it is done."""

    name: str
    hint: str
    progress: Progress
    href: str


def beginning(community: Community, venues: list[Venue]) -> list[Step] | None:
    """The steps of a community that has never published a market; None for every other."""
    if calendar.count_days(community, PUBLIC_STATES):
        return None
    days = calendar.days(community)
    register = vendors.register(community)
    there = Beginning(
        places=len(venues),
        stalls=sum(len(places.live_stalls(venue)) for venue in venues),
        has_fund=fund.fund_of(community) is not None,
        vendors=len(register),
        agreed=sum(settlement.newest_terms(vendor) is not None for vendor in register),
        days=len(days),
        published=0,
    )
    return [
        Step(str(WORDS[step][0]), str(WORDS[step][1]), progress, _address(step, venues, days))
        for step, progress in first_steps(there)
    ]


def _address(step: FirstStep, venues: list[Venue], days: list[MarketDay]) -> str:
    if step is FirstStep.PLACE and not venues:
        return url_for("places.new_venue")
    if step is FirstStep.STALLS and venues:
        return url_for("places.venue", ref=venues[0].ref)
    if step is FirstStep.DAY and not days:
        return url_for("pages.new_day")
    if step is FirstStep.PUBLISH and days:
        return url_for("pages.day", ref=days[-1].ref)
    return url_for(PAGES[step])


PAGES = {
    FirstStep.PLACE: "places.venues",
    FirstStep.STALLS: "places.venues",
    FirstStep.FUND: "fund.desk",
    FirstStep.VENDORS: "vendors.paste",
    FirstStep.TERMS: "vendors.register",
    FirstStep.DAY: "calendar.days",
    FirstStep.PUBLISH: "pages.desk",
}
