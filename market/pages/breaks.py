"""What a new date breaks, and what is to know about a date: said before the step, and as long as it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext as _

from market.calendar import holidays, service, words
from market.calendar.models import DayPermit, MarketDay
from market.calendar.rules import Finding
from market.calendar.service import DateAndPlace
from market.layout.filters import day_text, hours_text
from market.pages.progress import sentence_of
from market.stalls import service as stalls
from market.vendors import service as vendors, words as vendor_words
from market.vendors.models import Application
from market.vendors.rules import LIVE, ApplicationState

KINDS = ("stop", "wait", "info")
"""The looks of a break, the heaviest first."""


@dataclass(frozen=True)
class Break:
    """One thing that does not go along with a new date, and where it is mended."""

    kind: str
    sentence: str
    detail: str = ""
    href: str = ""
    label: str = ""


def breaks(day: MarketDay, plan: DateAndPlace, today: date) -> list[Break]:
    """What a market leaves behind, or runs into, when it moves to another date or place."""
    if plan == service.planned(day):
        return []
    found = [
        *_filings(day, plan),
        *_overrides(day, plan),
        *_place(day, plan, today),
        *_documents(day, plan.on),
        *date_notes(day, plan),
        *_withdrawn(day),
    ]
    return sorted(found, key=lambda one: KINDS.index(one.kind))


# ── permits ────────────────────────────────────────────────────────────────────────────────────────────────


def _filings(day: MarketDay, plan: DateAndPlace) -> list[Break]:
    """Filings follow the date and the place that they were filed for."""
    return [
        Break("stop", left_behind(permit, plan), permit.number)
        for permit in service.permits_in_force(day)
        if (permit.filed_for, permit.venue_id) != (plan.on, plan.venue.id)
    ]


def left_behind(permit: DayPermit, plan: DateAndPlace) -> str:
    """Why a permit does not count for a market at that date and place."""
    what = f"{words.PERMIT_WORDS[permit.kind]}（{permit.kind.value}）"
    if permit.filed_for != plan.on:
        return _("%(what)s是按 %(day)s办的，换了日子要重新办。", what=what, day=day_text(permit.filed_for))
    return _("%(what)s是按原来的场地办的，换了场地要重新办。", what=what)


def _overrides(day: MarketDay, plan: DateAndPlace) -> list[Break]:
    later = service.waivers_in_force(day, plan.on)
    return [
        Break(
            "stop",
            _(
                "%(paper)s还没办、由%(person)s负责放行，只对原来的日子算数。",
                paper=waiver.subject,
                person=waiver.person.display_name,
            ),
            waiver.reason,
        )
        for key, waiver in service.waivers_in_force(day).items()
        if key not in later
    ]


def _place(day: MarketDay, plan: DateAndPlace, today: date) -> list[Break]:
    """Permits of the place that end before, and what the other place lacks."""
    before = {_key(finding) for finding in service.place_readiness(day, today)}
    named = {permit.kind.value for permit in service.permits_in_force(day)}
    href = url_for("places.venue", ref=plan.venue.ref)
    return [
        Break(words.SEVERITY_KINDS[finding.severity], sentence_of(finding), finding.law, href, _("去场地页"))
        for finding in service.place_readiness(day, today, plan)
        if _key(finding) not in before and finding.subject not in named and not finding.waived
    ]


def _documents(day: MarketDay, on: date) -> list[Break]:
    """Documents of vendors that end before the new date; what ends for several is said once."""
    placed = {held.vendor.ref for held in stalls.assignments(day)}
    by_code: dict[str, list[Finding]] = {}
    for finding in _newly_expired(day, on):
        by_code.setdefault(finding.code, []).append(finding)
    return [
        _one_document(found[0], placed) if len(found) == 1 else _same_document(found, placed)
        for found in by_code.values()
    ]


def _newly_expired(day: MarketDay, on: date) -> list[Finding]:
    people = [application.vendor for application in vendors.applications(day) if application.state in LIVE]
    before = vendors.findings_by_vendor(people, service.local_date(day))
    after = vendors.findings_by_vendor(people, on)
    known = {_key(finding) for found in before.values() for finding in found}
    return [one for vendor in people for one in after[vendor.id] if one.blocks and _key(one) not in known]


def _one_document(finding: Finding, placed: set[str]) -> Break:
    href = url_for("pages.vendor", ref=_vendor(finding))
    return Break(_weight([finding], placed), sentence_of(finding), finding.law, href, _("去看证照"))


def _same_document(found: list[Finding], placed: set[str]) -> Break:
    sentence = _(
        "%(n)s 家的%(need)s到那天已经过期：%(names)s。",
        n=len(found),
        need=vendor_words.need_word(found[0]),
        names=vendor_words.in_a_row([dict(one.params)["vendor"] for one in found]),
    )
    return Break(_weight(found, placed), sentence, found[0].law, url_for("vendors.register"), _("去看证照"))


def _weight(found: list[Finding], placed: set[str]) -> str:
    return "stop" if any(_vendor(finding) in placed for finding in found) else "wait"


def _vendor(finding: Finding) -> str:
    return finding.subject.split(":")[0]


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.subject


# ── the date itself ───────────────────────────────────────────────────────────────────────────────────────


def date_notes(day: MarketDay, plan: DateAndPlace) -> list[Break]:
    """What is to know about a date, whenever somebody looks at the market."""
    return [*_holidays(plan.on), *_neighbours(day, plan), *_engaged(day, plan.on)]


def _holidays(on: date) -> list[Break]:
    marked = [words.mark_words(mark) for mark in holidays.marks(on)]
    found = [Break(kind or "info", _on_that_day(word, kind)) for kind, word in marked]
    if not holidays.is_announced(on.year):
        found.append(Break("info", not_announced(on.year)))
    return found


def _on_that_day(word: str, kind: str) -> str:
    if kind == "wait":
        return _("那天是%(word)s，很多人要上班。", word=word)
    return _("那天是%(word)s。", word=word) if not kind else _("那天%(word)s，不少人不在家。", word=word)


def not_announced(year: int) -> str:
    """What nobody can know yet."""
    return _("%(year)s 年怎么放假、哪天调休，还没有公布。", year=year)


def _neighbours(day: MarketDay, plan: DateAndPlace) -> list[Break]:
    """Other markets of the community on that date; the same hours at the same place are refused."""
    return [
        Break(
            "wait" if other.venue_id == plan.venue.id else "info",
            _(
                "那天还有一场「%(theme)s」：%(hours)s，在%(place)s。",
                theme=other.theme,
                hours=hours_text(other.open_at, other.close_at),
                place=other.venue.name,
            ),
            href=url_for("pages.day", ref=other.ref),
            label=_("看这一场"),
        )
        for other in service.days_on(day.community, plan.on)
        if other.id != day.id
    ]


def _engaged(day: MarketDay, on: date) -> list[Break]:
    found = vendors.engaged_elsewhere(day, on)
    if not found:
        return []
    return [Break("wait", _("那天在别的集市也有摊位或报名：%(names)s。", names=_names(found)))]


def _withdrawn(day: MarketDay) -> list[Break]:
    """Who said that the old date does not suit; nobody is called back by a new one."""
    gone = [a for a in vendors.applications(day) if a.state is ApplicationState.WITHDRAWN]
    if not gone:
        return []
    sentence = _("说过来不了的还是算退出：%(names)s。新日子合适的话，可以再问一声。", names=_names(gone))
    return [Break("info", sentence)]


def _names(people: Iterable[Application]) -> str:
    return vendor_words.in_a_row(list(dict.fromkeys(one.vendor.trading_name for one in people)))
