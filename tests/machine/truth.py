"""What must be true of a market after whatever was done: who is told what, what the gate says, who may stand.

All of it is worked out here anew, from who holds which stall and from what the world knows.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from flask import current_app, g
from hypothesis.stateful import invariant

from market import clock
from market.calendar import service as calendar
from market.calendar.rules import GATE_STATES, PUBLIC_STATES, DayState
from market.db import db
from market.gate import service as gate, words as gate_words
from market.gate.rules import Verdict
from market.notices import service as notices
from market.notices.service import Message
from market.notices.words import group_text, letter_of
from market.pages import market, vendor_home
from market.passes import service as passes
from market.passes.cards import PassCard
from market.passes.rules import Standing
from market.passes.service.prints import printable
from market.places import service as places
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import OfferAnswer, ReleaseReason
from market.stalls.short_code import format_code
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.rules import LIVE, ApplicationState, Category, DocumentKind
from tests.factories.gate import morning, scan_code
from tests.machine.acts import Acts
from tests.machine.world import BANNED_IN_ZIBO, NAMES, PROFILES, Printed

A, D = ApplicationState, DocumentKind
WHEN_AND_WHERE = ("held", "on", "hours", "place", "address")
MATTERS: dict[str, tuple[str, ...]] = {
    "submitted": (*WHEN_AND_WHERE, "theme"),
    "needs_more": ("standing", "note", *WHEN_AND_WHERE, "theme"),
    "approved": ("standing", *WHEN_AND_WHERE, "theme", "method"),
    "rejected": ("standing", "note"),
    "withdrawn": ("standing",),
    "waiting": ("standing", *WHEN_AND_WHERE, "offer", "until", "lapsed"),
    "placed": ("standing", *WHEN_AND_WHERE, "entrance", "arrive", "theme", "stall", "version", "shut"),
    "absent": ("standing", "held", "on"),
}
ANSWERS = ("needs_more", "approved", "rejected", "withdrawn")
FOOD = (
    {D.HEALTH_CERT},
    {D.FOOD_STALL_CARD, D.FOOD_LICENCE, D.SMALL_EATERY, D.SMALL_WORKSHOP},
    {D.FOOD_UNDERTAKING},
)


class Market(Acts):
    """The market with everything that must be true of it."""

    # ── who is told ───────────────────────────────────────────────────────────────────────────────────────

    def standing(self, application: Application) -> str:
        state, public = application.state, self.day.state in PUBLIC_STATES
        if state not in (A.ALLOCATED, A.WAITLISTED):
            return state.value
        if not public:
            return "approved"
        if self.held_by(application) is not None:
            return "placed"
        missed = state is A.ALLOCATED and self.lost_by(application) is ReleaseReason.NO_SHOW
        return "absent" if missed else "waiting"

    def held_by(self, application: Application) -> Assignment | None:
        return next((held for held in self.held() if held.application_id == application.id), None)

    def lost_by(self, application: Application) -> ReleaseReason | None:
        """Why the stall is gone that was held last."""
        held = [one for one in self.all_held() if one.application_id == application.id]
        gone = [one for one in held if one.released_at is not None]
        last = max(gone, key=lambda one: (one.released_at, one.id), default=None)
        return last.release_reason if last is not None else None

    def all_held(self) -> list[Assignment]:
        query = sa.select(Assignment).where(Assignment.day_id == self.day.id)
        return self.look("all held", lambda: list(db.session.scalars(query)))

    def facts(self, application: Application) -> dict[str, Any]:
        """Everything that holds for somebody."""
        return self.look(f"facts of {application.id}", lambda: self.work_out(application))

    def work_out(self, application: Application) -> dict[str, Any]:
        standing = self.standing(application)
        held = self.held_by(application)
        mine = [o for o in reversed(self.every_offer()) if o.application_id == application.id]
        open_ = [o for o in mine if o.answer is OfferAnswer.OPEN and self.at < o.until]
        lapsed = [o.ref for o in mine if o.answer is OfferAnswer.EXPIRED]
        waits = standing == "waiting" and self.day.state in GATE_STATES
        return {
            **self.day_facts(),
            "standing": standing,
            "asked": application.applied_for["asked"],
            "note": application.decision_note,
            "method": stalls.method_of(self.day),
            "stall": held.label if held is not None else "",
            "shut": held is not None and self.is_shut(held),
            "version": self.counting_version(held) if standing == "placed" and held is not None else 0,
            "offer": open_[-1].ref if open_ and waits else "",
            "until": open_[-1].until if open_ and waits else None,
            "lapsed": lapsed[-1] if lapsed else "",
        }

    def is_shut(self, held: Assignment) -> bool:
        on = calendar.local_date(self.day)
        return any((stall_id, on) in self.shut for stall_id in held.stall_ids)

    def counting_version(self, held: Assignment) -> int:
        """The version in hand, unless somebody took it back."""
        mine = [one for one in self.printed if one.vendor == held.vendor.trading_name]
        return 0 if not mine or mine[-1].short_code in self.taken_back else held.version

    def news(self, application: Application) -> set[str]:
        """What somebody must be told, since they know otherwise."""
        now, knows = self.facts(application), self.knows(application.vendor.trading_name)
        standing, held = now["standing"], now["held"]
        if self.is_past() or (held != "on" and application.state not in LIVE):
            return set()
        differs = {
            name
            for name in (MATTERS[standing] if held == "on" else ("held",))
            if name in knows and knows[name] != now[name]
        }
        if held == "on" and standing == "placed" and now["shut"] and not knows.get("shut"):
            differs.add("shut")
        if held == "on" and "standing" in MATTERS[standing]:
            again = standing in ANSWERS and knows.get("asked", now["asked"]) != now["asked"]
            if knows.get("standing") != standing or again:
                differs.add("standing")
        return differs - self.unspoken(differs, now, knows)

    def unspoken(self, differs: set[str], now: dict[str, Any], knows: dict[str, Any]) -> set[str]:
        """Nobody is told an hour of arrival that is over, or of an offer that ran out a moment ago."""
        over = {"arrive"} if self.at >= self.day.arrive_by else set()
        over |= set() if now["offer"] else {"until"}
        over |= {"shut"} if not now["shut"] and knows.get("standing") != "placed" else set()
        asked = {offer.ref: offer.answer for offer in self.every_offer()}
        if "offer" in differs and not now["offer"] and asked[knows["offer"]] is OfferAnswer.OPEN:
            over.add("offer")
        return over

    def is_past(self) -> bool:
        over = (DayState.CLOSED, DayState.SETTLING, DayState.SETTLED, DayState.ARCHIVED)
        return self.at >= self.day.close_at or self.day.state in over

    @invariant()
    def exactly_those_are_told_for_whom_something_is_not_as_they_know_it(self) -> None:
        found = notices.messages([self.day], at=self.at)
        messages = {message.person.row.vendor: message for message in found}
        applications = {a.vendor.trading_name: a for a in vendors.applications(self.day)}
        expected = {name for name, application in applications.items() if self.news(application)}
        assert set(messages) == expected
        for name, message in messages.items():
            self.check_said(self.letter(message), applications[name])

    def letter(self, message: Message) -> str:
        """What is read out on the telephone."""
        return letter_of(message, message.person.row.vendor, self.day.community)

    def check_said(self, said: str, application: Application) -> None:
        """No hour, word, stall or date that does not hold."""
        name, now = application.vendor.trading_name, self.facts(application)
        self.check_words(said)
        stalls_said = set(re.findall(r"A\d\d", said))
        known = {str(self.knows(name).get("stall", ""))} if now["standing"] != "waiting" else set()
        if now["standing"] == "placed":
            assert stalls_said <= {now["stall"]} | known, said
        dates = re.findall(r"(\d+) 月 (\d+) 日 星期", said)
        assert {(int(m), int(d)) for m, d in dates} <= {(now["on"].month, now["on"].day)}, said

    def check_words(self, said: str) -> None:
        assert set(re.findall(r"\d+:\d\d", said)) <= self.hours(), said
        assert not [word for word in self.gone() if word in said], said

    def hours(self) -> set[str]:
        """Those that hold."""
        day, zone = self.day, self.day.community.zone
        moments = [day.open_at, day.close_at, day.arrive_by, *(o.until for o in self.offers())]
        return {f"{wall.hour}:{wall.minute:02d}" for wall in (clock.local(m, zone) for m in moments)}

    def gone(self) -> set[str]:
        """Words that nobody should read any more."""
        day = self.day
        return self.old - {day.theme, day.venue.name, day.venue.address, day.venue.entrances}

    @invariant()
    def what_is_read_out_to_all_holds(self) -> None:
        """The text for the chat group names who stands where, and who waits."""
        said = group_text(self.day)
        if not said:
            return
        self.check_words(said)
        if self.day.state in GATE_STATES:
            lines = {f"{held.label} {held.vendor.trading_name}" for held in self.held()}
            assert {line for line in said.splitlines() if re.match(r"A\d\d", line)} == lines

    # ── what a vendor sees at home ────────────────────────────────────────────────────────────────────────

    @invariant()
    def the_vendors_home_shows_what_holds(self) -> None:
        """In turn for the two who have an account; not after every act, since a page takes its time."""
        vendor = self.vendors["甲" if self.at.minute % 2 else "丁"]
        application = vendors.of_day(self.day, vendor)
        if application is None or self.is_past() or self.at.minute % 5 > 1:
            return
        page, now = self.home(vendor), self.facts(application)
        self.check_home(" ".join(re.sub(r"<[^>]+>", " ", page).split()), now)
        if application.state not in LIVE or now["held"] != "on":
            return
        stalls_shown = set(re.findall(r'class="stallno[^"]*">([^<]+)<', page))
        assert stalls_shown == ({now["stall"]} if now["standing"] == "placed" else set())
        assert ("您的摊位这一场不开" in page) == (now["standing"] == "placed" and now["shut"])
        assert ('name="answer" value="yes"' in page) == bool(now["offer"])
        assert ("证照还差" in page) == bool(self.against(vendor.trading_name))

    def home(self, vendor: Vendor) -> str:
        """The page, as it is rendered at this moment for the holder."""
        session = SimpleNamespace(user=vendor.user, community_id=None, id=0)
        with current_app.test_request_context(), patch("market.clock.now", lambda: self.at):
            g.user_session, g.user = session, session.user
            g.slug, g.community = vendor.community.slug, vendor.community
            page = vendor_home._home()
        assert isinstance(page, tuple)
        return str(page[0])

    def check_home(self, said: str, now: dict[str, Any]) -> None:
        assert not [word for word in self.gone() if word in said], said
        day, zone = self.day, self.day.community.zone
        window = (day.apply_from, day.apply_until)
        hours = self.hours() | {f"{w.hour}:{w.minute:02d}" for w in (clock.local(m, zone) for m in window)}
        if now["standing"] != "withdrawn":
            said = re.sub(r"\d+:\d\d 知道了", "", said)  # since when something is news
            assert not set(re.findall(r"\d+:\d\d", said)) - hours, said

    # ── what residents read ───────────────────────────────────────────────────────────────────────────────

    @invariant()
    def residents_read_what_holds(self) -> None:
        """Not after every act, as the vendor's home."""
        if self.at.minute % 5 == 3:
            self.check_public(self.public_page())

    def public_page(self) -> str:
        """The page of the market as it is rendered at this moment."""
        with current_app.test_request_context(), patch("market.clock.now", lambda: self.at):
            g.slug, g.community = self.day.community.slug, self.day.community
            return str(market.market(self.day.ref))

    def check_public(self, page: str) -> None:
        """The page, and what it tells programs (schema.org)."""
        event = re.search(r"<script type=.application/ld.json.>(.*?)</script>", page, re.S)
        zone = self.day.community.zone
        assert event is not None
        assert json.loads(event[1])["startDate"] == clock.local(self.day.open_at, zone).isoformat()
        said = " ".join(re.sub(r"<[^>]+>", " ", page.replace(event[1], "")).split())
        self.check_words(said)
        if self.day.state not in GATE_STATES:
            return
        sellers = re.findall(
            r'<span class="stallno">(.+?)</span>\s*<span class="body">\s*<strong>(.+?)<', page
        )
        assert sellers == [(held.label, held.vendor.trading_name) for held in self.held()]
        live, on = places.live_stalls(self.day.venue), calendar.local_date(self.day)
        shut = {stall.label for stall in live if (stall.id, on) in self.shut}
        assert {*re.findall(r"(A\d\d) 号这一场不开", said)} == shut

    # ── what the gate says ────────────────────────────────────────────────────────────────────────────────

    def verdict(self, one: Printed, moment: datetime) -> Verdict:
        """What is true of a pass at a moment."""
        mine = [other for other in self.printed if other.vendor == one.vendor]
        asked_on = clock.local(moment, self.day.community.zone).date()
        held = {held.vendor.trading_name: held for held in self.held()}
        questions = (
            (self.day.state not in GATE_STATES, Verdict.GATE_CLOSED),
            (one.vendor not in held, Verdict.RELEASED),
            (mine[-1] is not one or one.short_code in self.taken_back, Verdict.REVOKED),
            (one.vendor in held and self.is_shut(held[one.vendor]), Verdict.STALL_SHUT),
            (bool(self.against(one.vendor, asked_on)), Verdict.MAY_NOT_STAND),
            (moment < self.day.open_at - timedelta(hours=2), Verdict.TOO_EARLY),
            (moment > self.day.close_at + timedelta(hours=1), Verdict.TOO_LATE),
            (one.vendor in self.came, Verdict.ALREADY_IN),
        )
        return next((said for stops, said in questions if stops), Verdict.ADMITTED)

    def shown(self, one: Printed, moment: datetime) -> tuple[Verdict, str]:
        """What the gate says, without anybody coming in."""
        with db.session.begin_nested() as looked:
            code = one.token if self.at.minute % 2 else one.short_code
            seen = scan_code(self.day, code, self.staff, at=moment)
            explained = seen.verdict in (Verdict.RELEASED, Verdict.REVOKED)
            detail = gate_words.answer(gate.scan_view(seen, self.day)).detail if explained else ""
            said = seen.verdict, detail
            looked.rollback()
        return said

    @invariant()
    def every_pass_ever_printed_is_answered_truly(self) -> None:
        """As it would be in the morning of the market; now is what `drive_in` tries."""
        moment = max(self.at, morning(self.day)) if self.day.state in GATE_STATES else self.at
        for one in self.printed:
            verdict, said = self.shown(one, moment)
            assert verdict is self.verdict(one, moment), (one, moment, said)
            self.check_detail(one, verdict, said)
            if self.day.state in GATE_STATES:
                assert passes.verify_token(one.token, moment).standing is self.public_standing(one, moment)
        assert len({one.short_code for one in self.printed}) == len(self.printed)

    def public_standing(self, one: Printed, moment: datetime) -> Standing:
        """What anybody learns who opens the address of a pass."""
        mine = [other for other in self.printed if other.vendor == one.vendor]
        holds = one.vendor in {held.vendor.trading_name for held in self.held()}
        if not holds or mine[-1].short_code in self.taken_back:
            return Standing.WITHDRAWN
        if mine[-1] is not one:
            return Standing.REPLACED
        if moment < self.day.open_at - timedelta(hours=2):
            return Standing.FOR_LATER
        over = moment > self.day.close_at + timedelta(hours=1)
        return Standing.OVER if over else Standing.GENUINE

    def check_detail(self, one: Printed, verdict: Verdict, said: str) -> None:
        """The next step that is said with a verdict is the right one."""
        if verdict is Verdict.RELEASED:
            application = self.application(one.vendor)
            assert application is not None
            left = self.lost_by(application) not in (
                ReleaseReason.DAY_CALLED_OFF, ReleaseReason.REPLANNED,
            )  # fmt: skip
            assert ("退出了" in said) == left, said
        elif verdict is Verdict.REVOKED:
            newest = [other for other in self.printed if other.vendor == one.vendor][-1]
            held = next(h for h in self.held() if h.vendor.trading_name == one.vendor)
            assert held.label in said, said
            if newest is not one and newest.short_code not in self.taken_back:
                assert newest.version > one.version
                assert f"第 {newest.version} 版" in said, said

    def check_cards(self, cards: list[PassCard], asked: list[Assignment]) -> None:
        """A print shows who stands where and when, with the newest pass of each, and nobody who may not."""
        live = [held for held in asked if self.counting_version(held)]
        may = [held for held in live if not self.against(held.vendor.trading_name)]
        said = [(card.stall_no, card.trading_name) for card in cards]
        assert sorted(said) == sorted((held.label, held.vendor.trading_name) for held in may)
        for card in cards:
            newest = [one for one in self.printed if one.vendor == card.trading_name][-1]
            assert card.short_code == format_code(newest.short_code)
            assert card.version == f"第 {newest.version} 版"
            assert newest.token in card.qr_url
            self.check_words(" ".join(said for said in card._replace(qr_url="") if isinstance(said, str)))

    # ── who may stand ─────────────────────────────────────────────────────────────────────────────────────

    def against(self, name: str, asked_on: date | None = None) -> set[str]:
        """What stops somebody from standing on the day of the market, as it is written down now."""
        on = calendar.local_date(self.day)
        categories, goods = [one for one, _ in self.sells[name]], self.sells[name][-1]
        found = {"away"} if self.away.get(name, date.min) >= on else set()
        owed: list[set[DocumentKind]] = [{D.ENTRY_AGREEMENT}]
        owed += FOOD if Category.COOKED_FOOD in categories else ()
        for kinds in owed:
            ends = [end for kind, end in self.papers[name].items() if kind in kinds]
            if max(ends, default=date.min) < on:
                found.add(min(kinds))
        if self.profile == PROFILES[0] and BANNED_IN_ZIBO in [sold for _, sold in self.sells[name]]:
            found.add("banned")
        if goods == (Category.DAILY_GOODS, "煎饼") and (name, "stand_elsewhere", on) not in self.answered:
            found.add("elsewhere")
        return found

    @invariant()
    def nobody_comes_to_stand_against_a_rule_without_a_name(self) -> None:
        for held in self.entered:
            assert not self.is_shut(held), held.label
            assert not self.against(held.vendor.trading_name), held.vendor.trading_name
        for application in self.approved:
            assert not self.against(application.vendor.trading_name), application.vendor.trading_name

    @invariant()
    def whoever_stands_and_may_not_is_named_and_gets_no_print(self) -> None:
        stopped = {held.vendor.trading_name for held in self.held() if self.against(held.vendor.trading_name)}
        by_id = {held.id: held.vendor.trading_name for held in self.held()}
        assert {by_id[key] for key in stalls.held_back(self.day)} == stopped
        if self.day.state in GATE_STATES:
            shown = {one.assignment.vendor.trading_name for one in printable(self.day)}
            live = {one.assignment.vendor.trading_name for one in passes.live_passes(self.day)}
            assert shown == live - stopped
        today = clock.local(self.at, self.day.community.zone).date()
        refs = {f.subject.split(":")[0] for f in stalls.readiness(self.day, today) if f.blocks}
        assert {name for name in NAMES if self.vendors[name].ref in refs} == stopped
