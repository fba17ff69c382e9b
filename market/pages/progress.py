"""What a market day needs next, as the staff pages show it: state line, stages, lacks, the next act."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _

from market import clock
from market.calendar import service, words
from market.calendar.models import MarketDay, Waiver
from market.calendar.rules import DayPermitKind, DayState, Finding, Severity, heaviest_first, stage_marks
from market.layout.filters import clock_text, days_away, end_text, stamp_text
from market.money import yuan
from market.pages.next_act import Act, next_act, undecided
from market.settlement import service as settlement
from market.stalls import service as stalls, words as stall_words
from market.vendors import service as vendors, words as vendor_words
from market.vendors.rules import LIVE, ApplicationState

S = DayState
PLACED_STATES = (S.ALLOCATED, S.PUBLISHED, S.SETTING_UP, S.OPEN)
"""States in which the papers of placed vendors count too."""


@dataclass(frozen=True)
class Lack:
    """One finding with everything a person needs to mend it."""

    kind: str
    sentence: str
    law: str
    person: str
    due: date | None
    overdue: bool
    href: str
    label: str
    code: str
    subject: str
    can_waive: bool
    waiver: Waiver | None


@dataclass(frozen=True)
class Progress:
    """A day as the desk and its own page show it."""

    day: MarketDay
    line: str
    stages: list[tuple[str, str, str | None]]
    lacks: list[Lack]
    waived: list[Lack]
    act: Act

    @property
    def blockers(self) -> int:
        return sum(lack.kind == "stop" for lack in self.lacks)


def progress_of(day: MarketDay, at: datetime) -> Progress:
    """Where a day stands, what it lacks and what comes next."""
    found = _lacks(day, clock.local(at, day.community.zone).date())
    open_lacks = [lack for lack in found if lack.waiver is None]
    counts = Counter(application.state for application in vendors.applications(day))
    return Progress(
        day=day,
        line=_line(day, counts, at),
        stages=_stages(day),
        lacks=open_lacks,
        waived=[lack for lack in found if lack.waiver is not None],
        act=next_act(day, counts, any(lack.kind == "stop" for lack in open_lacks), at),
    )


# ── lacks ─────────────────────────────────────────────────────────────────────────────────────────────────


def findings(day: MarketDay, today: date) -> list[Finding]:
    """What a day lacks, the heaviest first; nothing once it is over or called off."""
    if day.state in PLACED_STATES:
        found = stalls.readiness(day, today)
    elif day.state in (S.DRAFT, S.PREPARED, S.OPEN_FOR_APPLICATION, S.REVIEWING):
        found = [
            *service.place_readiness(day, today),
            *service.report_readiness(day, today, vendors.expected_food(day)),
        ]
    else:
        found = []
    return heaviest_first(found)


def _lacks(day: MarketDay, today: date) -> list[Lack]:
    waivers = service.waivers_in_force(day)
    return [_lack(day, finding, waivers, today) for finding in findings(day, today)]


def _lack(day: MarketDay, finding: Finding, waivers: dict[tuple[str, str], Waiver], today: date) -> Lack:
    href, label = _where(day, finding)
    return Lack(
        kind=words.SEVERITY_KINDS[finding.severity],
        sentence=sentence_of(finding),
        law=finding.law,
        person=_person_of(finding),
        due=finding.due,
        overdue=finding.due is not None and finding.due < today,
        href=href,
        label=label,
        code=finding.code,
        subject=finding.subject,
        can_waive=finding.severity is Severity.OVERRIDABLE,
        waiver=waivers.get((finding.code, finding.subject)),
    )


def sentence_of(finding: Finding) -> str:
    """A finding in words; the room that made it has them."""
    if words.knows(finding):
        return words.finding_sentence(finding)
    if vendor_words.knows(finding):
        return vendor_words.finding_sentence(finding)
    return stall_words.finding_sentence(finding)


def _person_of(finding: Finding) -> str:
    if words.knows(finding):
        return words.finding_person(finding)
    if vendor_words.knows(finding):
        return vendor_words.finding_person(finding)
    return stall_words.finding_person(finding)


def _where(day: MarketDay, finding: Finding) -> tuple[str, str]:
    """The page on which a finding is mended."""
    if vendor_words.knows(finding):
        return url_for("pages.vendor", ref=finding.subject.split(":")[0]), _("去看证照")
    if not words.knows(finding):
        return url_for("stalls.plan", ref=day.ref), _("去看摊位图")
    if finding.subject in {kind.value for kind in DayPermitKind}:
        return url_for("pages.day", ref=day.ref, paper=finding.subject) + "#papers", _("登记文件")
    if finding.code == "crowd_near_limit":
        return url_for("pages.edit_day", ref=day.ref), _("改人次")
    return url_for("places.venue", ref=day.venue.ref), _("去场地页")


# ── where it stands ───────────────────────────────────────────────────────────────────────────────────────


def _stages(day: MarketDay) -> list[tuple[str, str, str | None]]:
    before = day.steps[-1].from_state if day.steps else day.state
    marks = stage_marks(day.state, before)
    note = str(words.state_word(day.state))
    return [
        (str(words.STAGE_WORDS[stage]), mark, note if mark in ("now", "off") else None)
        for stage, mark in marks
    ]


def _line(day: MarketDay, counts: Counter[ApplicationState], at: datetime) -> str:
    """One sentence on where a day stands."""
    lines = {
        S.DRAFT: _("还是草稿，只有工作人员看得到。"),
        S.PREPARED: _("准备好了，还没有开始报名。"),
        S.CLOSED: _("收市了，还没有对账入账。"),
        S.SETTLING: _("正在对账，还没有入账。"),
        S.POSTPONED: _("延期了，新日子还没有定。"),
        S.CANCELLED: _("取消了。居民看得到取消的通知。"),
        S.SETTING_UP: _("商户正在进场，%(time)s 开市。", time=clock_text(day.open_at)),
        S.OPEN: _("正在开市，%(time)s 收市。", time=end_text(day.close_at, day.open_at)),
        S.PUBLISHED: _("发布了，居民和商户都看得到。%(away)s开市。", away=days_away(day.open_at)),
    }
    return lines.get(day.state) or _counted_line(day, counts, at)


def _counted_line(day: MarketDay, counts: Counter[ApplicationState], at: datetime) -> str:
    live = sum(counts[state] for state in LIVE)
    if day.state is S.OPEN_FOR_APPLICATION and day.apply_from > at:
        return _("报名还没开始：%(time)s 开始。", time=stamp_text(day.apply_from))
    if day.state is S.OPEN_FOR_APPLICATION:
        return _("报名中：已有 %(n)s 家，%(time)s 截止。", n=live, time=stamp_text(day.apply_until))
    if day.state is S.REVIEWING:
        waiting = undecided(counts)
        return _("报名截止了：%(n)s 家报名，%(waiting)s 家等审核。", n=live, waiting=waiting)
    if day.state is S.ALLOCATED:
        current = stalls.plan_state(day)
        placed, waiting = len(current.live), len(current.applications) - len(current.live)
        return _("摊位排好了：%(n)s 家有摊位，%(waiting)s 家候补。还没有发布。", n=placed, waiting=waiting)
    settled = settlement.settlement_of(day)
    amount = yuan(settled.contribution_fen) if settled is not None else "0.00"
    return _("已经入账，反哺社区 %(amount)s 元。", amount=amount)
