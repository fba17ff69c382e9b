"""Everything that can happen to a market, done at random through the real services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO
from typing import Any

from hypothesis.stateful import initialize, precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from

from market import clock
from market.calendar import service as calendar
from market.calendar.rules import GATE_STATES, DayPermitKind, DayState, Step
from market.communities import service as communities
from market.gate import service as gate
from market.gate.models import Scan
from market.gate.rules import Verdict
from market.notices import service as notices
from market.notices.models import Telling
from market.notices.rules import Channel
from market.passes import service as passes
from market.passes.cards import PassCard
from market.passes.rules import RevokeReason
from market.places import service as places
from market.places.models import Stall
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.vendors import service as vendors
from market.vendors.models import Application
from market.vendors.rules import ApplicationState, Category, DocumentKind, VendorDraft
from tests.factories.gate import scan_code
from tests.machine.world import BANNED_IN_ZIBO, LABELS, NAMES, PROFILES, Printed, World

names, numbers, labels = sampled_from(NAMES), integers(0, 4), sampled_from(LABELS)
GOODS = {
    "daily": (Category.DAILY_GOODS, "针头线脑"),
    "odd": (Category.DAILY_GOODS, "煎饼"),
    "cooked": (Category.COOKED_FOOD, "煎饼"),
    "loose": (Category.DAILY_GOODS, BANNED_IN_ZIBO),
}
"""What a vendor may come to sell: harmless, at odds with its category, in need of more papers, banned by the
rules of one region and not by those of another."""
KINDS = (
    DocumentKind.ENTRY_AGREEMENT, DocumentKind.HEALTH_CERT, DocumentKind.FOOD_STALL_CARD,
    DocumentKind.FOOD_UNDERTAKING,
)  # fmt: skip
ANSWERABLE = {
    "odd": ("stand_elsewhere", "made_on_the_spot"),
}


class Acts(World):
    """What people do; each act says itself what the world learns from it."""

    @initialize(told=booleans())
    def begin(self, told: bool) -> None:
        """Half of the markets begin with everybody told."""
        if told:
            self.tell(NAMES)

    def facts(self, application: Application) -> dict[str, Any]:
        """Everything that holds for somebody (`truth.py` knows)."""
        raise NotImplementedError

    def verdict(self, one: Printed, moment: datetime) -> Verdict:
        """What is true of a pass (`truth.py` knows)."""
        raise NotImplementedError

    # ── the day itself ────────────────────────────────────────────────────────────────────────────────────

    def edit(self, **changes: object) -> None:
        draft = replace(calendar.draft_of(self.day), **changes)  # type: ignore[arg-type]  # fields of a draft
        self.act(lambda: calendar.edit_day(self.day, draft, by=self.staff, at=self.at))

    @rule(hour=integers(8, 10), minute=sampled_from((0, 30)))
    def change_hours(self, hour: int, minute: int) -> None:
        self.edit(opens=time(hour, minute), closes=time(hour + 3, minute))

    @rule(minute=integers(0, 5))
    def change_arrival(self, minute: int) -> None:
        self.edit(arrive_by=time(6, minute))

    def once(self, word: str, old: str) -> str:
        """A word that was never used before."""
        self.count += 1
        self.old.add(old)
        return f"{word}{self.count}-"

    @rule()
    def change_theme(self) -> None:
        self.edit(theme=self.once("主题", self.day.theme))

    @rule(what=sampled_from(("name", "address", "entrances")))
    def change_venue(self, what: str) -> None:
        venue = self.day.venue
        kept = ("name", "address", "land_type", "ownership", "width_dm", "depth_dm", "entrances")
        known = {name: getattr(venue, name) for name in kept}
        draft = places.VenueDraft(**{**known, what: self.once("地方", known[what])})
        self.act(lambda: places.edit_venue(venue, draft, by=self.staff, at=self.at))

    @rule(method=sampled_from(("first_come", "optimum")))
    def change_method(self, method: str) -> None:
        self.act(lambda: stalls.choose_method(self.day, method, by=self.staff, at=self.at))

    @precondition(lambda self: self.day.state in GATE_STATES)
    @rule(days=sampled_from((-1, 0, 1, 7)), elsewhere=booleans())
    def move_market(self, days: int, elsewhere: bool) -> None:
        """Another date, another place, or both."""
        here = calendar.draft_of(self.day)
        venue = next(v for v in places.venues(self.day.community) if (v.id != here.venue.id) is elsewhere)
        draft = calendar.moved_draft(
            self.day, here.on + timedelta(days=days), here.opens, here.closes, here.arrive_by, venue,
            at=self.at,
        )  # fmt: skip
        left = {here.venue.name, here.venue.address, here.venue.entrances} if elsewhere else set()
        back = {venue.name, venue.address, venue.entrances}
        if self.act(lambda: gate.move_day(self.day, draft, public_note="换一换", by=self.staff, at=self.at)):
            self.old = (self.old | left) - back

    @precondition(lambda self: not self.called_off())
    @rule(step=sampled_from((Step.POSTPONE, Step.POSTPONE, Step.POSTPONE, Step.CANCEL)))
    def call_off(self, step: Step) -> None:
        self.act(lambda: passes.call_off_day(self.day, step, "有大风", by=self.staff, at=self.at))

    @precondition(lambda self: self.day.state is DayState.POSTPONED)
    @rule(days=sampled_from((0, 1, 7)))
    def reschedule(self, days: int) -> None:
        draft = calendar.shifted_draft(self.day, calendar.local_date(self.day) + timedelta(days=days))
        self.act(lambda: calendar.reschedule(self.day, draft, public_note="改期", by=self.staff, at=self.at))

    @precondition(lambda self: self.day.state is DayState.PREPARED)
    @rule()
    def plan_again(self) -> None:
        """From the preparation to the next publication."""
        self.act(self._plan_again)

    def _plan_again(self) -> None:
        self.day.apply_until = self.at + timedelta(seconds=30)
        for step in (Step.OPEN_APPLICATIONS, Step.CLOSE_APPLICATIONS):
            calendar.take_step(self.day, step, by=self.staff, at=self.at)
        stalls.compute_plan(self.day, by=self.staff, at=self.at)
        passes.publish_day(self.day, by=self.staff, at=self.at)

    # ── the hours pass ────────────────────────────────────────────────────────────────────────────────────

    @rule(hours=sampled_from((1, 6, 20)))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        self.act(lambda: None)

    @precondition(lambda self: self.day.state in GATE_STATES)
    @rule(minutes=sampled_from((-100, -40, -5, 1, 40)))
    def come_to_the_morning(self, minutes: int) -> None:
        self.at = max(self.at, self.day.arrive_by + timedelta(minutes=minutes))
        self.act(lambda: None)

    @precondition(lambda self: self.day.state is DayState.OPEN)
    @rule()
    def close(self) -> None:
        self.act(lambda: calendar.take_step(self.day, Step.CLOSE, by=self.staff, at=self.at, reason="下雨了"))

    # ── who may come ──────────────────────────────────────────────────────────────────────────────────────

    @rule(name=names, itself=booleans())
    def apply(self, name: str, itself: bool) -> None:
        vendor, known = self.vendors[name], self.application(name)
        asked = dict(known.applied_for) if known is not None else {}
        by = self.myself(vendor) if itself else self.staff
        self.act(lambda: vendors.apply(self.day, vendor, by=by, at=self.at))
        application = self.application(name)
        if application is not None and application.applied_for != asked:
            self.learn_from_applying(application)

    @rule(name=names, answer=sampled_from(("approve", "approve", "ask", "reject")))
    def review(self, name: str, answer: str) -> None:
        application = self.application(name)
        if application is None:
            return
        if answer == "approve":
            self.act(lambda: vendors.approve(application, by=self.staff, at=self.at))
        elif answer == "ask":
            self.act(lambda: vendors.ask_for_documents(application, "带证来", by=self.staff, at=self.at))
        else:
            self.act(lambda: vendors.reject(application, "这次不行", by=self.staff, at=self.at))

    @rule(name=names, itself=booleans())
    def withdraw(self, name: str, itself: bool) -> None:
        application = self.application(name)
        if application is None or application.state is ApplicationState.WITHDRAWN:
            return
        by = self.myself(self.vendors[name]) if itself else self.staff
        done = self.act(lambda: stalls.withdraw(application, by=by, at=self.at))
        if done and by is not self.staff:
            self.learn(name, {"standing": "withdrawn", "asked": application.applied_for["asked"]})

    @rule(name=names)
    def dismiss(self, name: str) -> None:
        application = self.application(name)
        if application is not None:
            self.act(lambda: stalls.dismiss(application, "不能来", by=self.staff, at=self.at))

    # ── papers and goods ──────────────────────────────────────────────────────────────────────────────────

    @rule(name=names, kind=sampled_from(KINDS), days=sampled_from((-30, 0, 3, 400)))
    def show_paper(self, name: str, kind: DocumentKind, days: int) -> None:
        """Staff see a paper that counts so many days beyond the market, or write down that it ran out."""
        end = calendar.local_date(self.day) + timedelta(days=days)
        self.act(
            lambda: vendors.check_document(
                self.vendors[name], kind, number=f"{kind.value}-1", issuer="", valid_to=end,
                by=self.staff, at=self.at,
            )
        )  # fmt: skip
        self.papers[name][kind] = end

    @rule(name=names, what=sampled_from(tuple(GOODS)), itself=booleans())
    def change_goods(self, name: str, what: str, itself: bool) -> None:
        vendor, (category, goods) = self.vendors[name], GOODS[what]
        known = {one.name: getattr(vendor, one.name) for one in fields(VendorDraft)}
        new = VendorDraft(**{**known, "category": category, "goods": goods})
        by = self.myself(vendor) if itself else self.staff
        if self.act(lambda: vendors.edit_vendor(vendor, new, by=by, at=self.at)):
            self.sells[name] = self.sold_after(name, (category, goods), unseen=by is not self.staff)

    def sold_after(self, name: str, new: tuple[Category, str], *, unseen: bool) -> list[tuple[Category, str]]:
        """What counts: while nobody has looked, what was sold before the first change as well."""
        first, last = self.sells[name][0], self.sells[name][-1]
        if new == last:
            return self.sells[name]
        return [first, new] if unseen and new != first else [new]

    @rule(name=names, agreed=booleans())
    def look_at_change(self, name: str, agreed: bool) -> None:
        vendor = self.vendors[name]
        deed = vendors.agree_change if agreed else vendors.undo_change
        if self.act(lambda: deed(vendor, by=self.staff, at=self.at)):
            self.sells[name] = self.sells[name][-1:] if agreed else self.sells[name][:1]

    @rule(name=names, days=sampled_from((0, 400)))
    def keep_away(self, name: str, days: int) -> None:
        vendor = self.vendors[name]
        if not days:
            self.act(lambda: vendors.readmit_vendor(vendor, by=self.staff, at=self.at))
            self.away.pop(name, None)
            return
        until = clock.local(self.at, self.day.community.zone).date() + timedelta(days=60)
        if self.act(lambda: vendors.exclude_vendor(vendor, "吵架", until, by=self.staff, at=self.at)):
            self.away[name] = until

    @rule(name=names)
    def answer_for(self, name: str) -> None:
        """A named person lets somebody stand with goods at odds with the category."""
        vendor = self.vendors[name]
        code, about = ANSWERABLE["odd"]
        on = calendar.local_date(self.day)
        if self.act(
            lambda: vendors.answer_for(
                self.day, vendor, code, f"{vendor.ref}:{about}", "看过了", by=self.staff, at=self.at
            )
        ):
            self.answered.add((name, code, on))

    @rule(code=sampled_from(PROFILES))
    def change_profile(self, code: str) -> None:
        """The rules of another region hold from now on."""
        community = self.day.community
        if self.act(lambda: communities.choose_profile(community, code, by=self.staff, at=self.at)):
            self.profile = code

    @rule(waived=booleans())
    def report_food(self, waived: bool) -> None:
        if waived:
            self.act(
                lambda: calendar.waive(
                    self.day, "regulator_report", "M04", "明天补", by=self.staff, at=self.at
                )
            )
            return
        today: date = clock.local(self.at, self.day.community.zone).date()
        self.act(
            lambda: calendar.add_day_permit(
                self.day, DayPermitKind.REGULATOR_REPORT, "1", "", today, by=self.staff, at=self.at
            )
        )

    # ── who stands where ──────────────────────────────────────────────────────────────────────────────────

    @rule(name=names, label=labels)
    def place(self, name: str, label: str) -> None:
        application = self.application(name)
        if application is not None:
            self.act(
                lambda: stalls.place(
                    application, self.stall(label), by=self.staff, at=self.at, because="试试"
                )
            )

    @precondition(lambda self: self.held())
    @rule(who=numbers, label=labels)
    def move(self, who: int, label: str) -> None:
        held = self.one_held(who)
        self.act(lambda: stalls.move(held, self.stall(label), by=self.staff, at=self.at, because="试试"))

    @precondition(lambda self: len(self.held()) > 1)
    @rule()
    def swap(self) -> None:
        one, other, *_rest = self.held()
        self.act(lambda: stalls.swap(one, other, by=self.staff, at=self.at, because="试试"))

    @precondition(lambda self: self.held() and self.day.state in GATE_STATES)
    @rule(who=numbers)
    def take_stall(self, who: int) -> None:
        held = self.one_held(who)
        self.act(lambda: stalls.release(held, ReleaseReason.REPLANNED, by=self.staff, at=self.at))

    @rule(label=labels, again=booleans())
    def shut_stall(self, label: str, again: bool) -> None:
        """One stall is under water, or dry again."""
        self.shut_or_open([self.stall(label)], again)

    @rule(part=sampled_from((LABELS[:3], LABELS[3:])), again=booleans())
    def shut_zone(self, part: tuple[str, ...], again: bool) -> None:
        """Half of the plaza is."""
        self.shut_or_open([self.stall(label) for label in part], again)

    def shut_or_open(self, chosen: list[Stall], again: bool) -> None:
        on = calendar.local_date(self.day)
        if again:
            for stall in chosen:
                self.act(partial(stalls.open_again, self.day, stall, by=self.staff, at=self.at))
                self.shut.discard((stall.id, on))
        elif self.act(lambda: stalls.shut(self.day, chosen, "积水", by=self.staff, at=self.at)):
            self.shut |= {(stall.id, on) for stall in chosen}

    @rule()
    def promote(self) -> None:
        self.act(lambda: stalls.promote_next(self.day, by=self.staff, at=self.at))

    @rule(label=labels)
    def offer(self, label: str) -> None:
        stall = self.stall(label)
        if all(stall.id not in held.stall_ids for held in self.held()):
            self.act(lambda: stalls.offer_stall(self.day, stall, by=self.staff, at=self.at))

    @precondition(lambda self: self.offers())
    @rule(accepted=booleans(), itself=booleans())
    def answer_offer(self, accepted: bool, itself: bool) -> None:
        offer = self.offers()[0]
        vendor = offer.application.vendor
        by = self.myself(vendor) if itself else self.staff
        deed = stalls.accept_offer if accepted else stalls.decline_offer
        if not self.act(lambda: deed(offer, by=by, at=self.at)):
            return
        held = stalls.assignment_of(self.day, vendor)
        if accepted and held is not None and by is not self.staff:
            facts = {"standing": "placed", "stall": held.label, "version": held.version, "offer": ""}
            self.learn(vendor.trading_name, facts)
        elif not accepted:
            self.learn(vendor.trading_name, {"offer": ""})

    # ── passes and the gate ───────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.held() and self.day.state in GATE_STATES)
    @rule(who=numbers)
    def new_pass(self, who: int) -> None:
        held = self.one_held(who)
        old = passes.pass_of(held)
        if self.act(lambda: passes.reissue(held, RevokeReason.LOST, by=self.staff, at=self.at)) and old:
            self.taken_back.add(old.short_code)

    @precondition(lambda self: self.held() and self.day.state in GATE_STATES)
    @rule(who=numbers)
    def take_pass(self, who: int) -> None:
        shown = passes.pass_of(self.one_held(who))
        if shown is not None:
            self.taken_back.add(shown.short_code)
            self.act(lambda: passes.revoke(shown, RevokeReason.MISUSED, by=self.staff, at=self.at))

    @precondition(lambda self: self.day.state in GATE_STATES)
    @rule(one=booleans(), who=numbers)
    def print_passes(self, one: bool, who: int) -> None:
        """All passes on paper, or one: only true ones, for those who may stand."""
        cards: list[PassCard] = []
        held = self.held()
        shown = passes.pass_of(held[who % len(held)]) if one and held else None
        asked = [shown.assignment] if shown is not None else held
        only = [shown] if shown is not None else None

        def keep(given: Iterable[PassCard]) -> Iterable[PassCard]:
            cards.extend(given)
            return cards

        if self.act(lambda: passes.write_passes(self.day, BytesIO(), only=only, progress=keep)):
            self.check_cards(cards, asked)

    def check_cards(self, cards: list[PassCard], asked: list[Assignment]) -> None:
        """What lies on the paper is true (`truth.py` knows)."""
        raise NotImplementedError

    @precondition(lambda self: self.printed)
    @rule(number=integers(0, 30), ticked=booleans())
    def drive_in(self, number: int, ticked: bool) -> None:
        """Somebody shows a pass, whichever it is, or is known and ticked on the list."""
        one = self.printed[-1 - number % len(self.printed)]
        mine = stalls.assignment_of(self.day, self.vendors[one.vendor])
        seen: list[Scan] = []

        def come() -> None:
            if ticked and mine is not None:
                client = f"ticked-{self.at:%d%H%M}"
                seen.append(gate.admit_from_list(mine, client_id=client, by=self.staff, at=self.at))
            else:
                seen.append(scan_code(self.day, one.token, self.staff, at=self.at))

        expected = None if ticked and mine is not None else self.verdict(one, self.at + timedelta(minutes=1))
        self.act(come)
        assert not seen or expected in (None, seen[0].verdict)
        if seen and seen[0].verdict is Verdict.ADMITTED:
            self.came.add(one.vendor)

    @precondition(lambda self: self.held())
    @rule(who=numbers, substituted=booleans())
    def miss(self, who: int, substituted: bool) -> None:
        """Somebody has not come; perhaps another is asked to come instead."""
        held = self.one_held(who)
        coming = stalls.substitutes(held, self.at) if substituted else []
        if coming:
            self.act(lambda: gate.substitute(held, coming[0], by=self.staff, at=self.at))
        else:
            self.act(lambda: gate.mark_no_show(held, by=self.staff, at=self.at))

    @precondition(lambda self: bool(stalls.absent(self.day)))
    @rule(late=booleans())
    def come_after_all(self, late: bool) -> None:
        missed = stalls.absent(self.day)[0]
        if not late:
            self.act(lambda: gate.undo_no_show(missed, by=self.staff, at=self.at))
            return
        client, seen = f"late-{self.at:%d%H%M}", list[Scan]()
        self.act(lambda: seen.append(gate.admit_late(missed, client_id=client, by=self.staff, at=self.at)))
        if seen and seen[0].verdict is Verdict.ADMITTED:
            self.came.add(missed.vendor.trading_name)

    # ── telling ───────────────────────────────────────────────────────────────────────────────────────────

    @rule(name=names)
    def tell_one(self, name: str) -> None:
        self.tell(name)

    @rule()
    def tell_all(self) -> None:
        self.tell(NAMES)

    def tell(self, whom: str) -> None:
        """Staff ring them up, and read out what stands in the list."""
        self.pass_time()
        found = notices.messages([self.day], at=self.at)
        seen = [message.seen for message in found if message.person.row.vendor in whom]
        told = notices.tell(self.day, seen, channel=Channel.CALL, by=self.staff, at=self.at)
        assert len(told) == len(seen)
        self.have_told(told)

    @rule(name=names)
    def read(self, name: str) -> None:
        """Somebody with an account reads what stands on the page."""
        vendor = self.vendors[name]
        by = self.myself(vendor)
        if by is self.staff:
            return
        self.pass_time()
        seen = [message.seen for message in notices.of_vendor(vendor, at=self.at)]
        self.have_told(notices.tell(self.day, seen, channel=Channel.APP, by=by, at=self.at, only=[vendor]))

    def have_told(self, told: list[Telling]) -> None:
        for telling in told:
            name = telling.application.vendor.trading_name
            self.learn(name, self.facts(telling.application), telling.ref)

    @rule(name=names)
    def take_telling_back(self, name: str) -> None:
        """It was somebody else on the telephone."""
        told = [one.telling for one in self.learnt[name] if one.telling]
        if told:
            telling = notices.find_telling(self.day.community, told[-1])
            notices.take_back(telling, by=self.staff, at=self.at)
            self.learnt[name] = [one for one in self.learnt[name] if one.telling != told[-1]]
