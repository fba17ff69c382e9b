"""A market and what the world knows of it beside the database: who showed which paper, who answers for what,
who heard what, which passes lie in whose hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState
from market.db import db, unit_of_work
from market.errors import Refusal
from market.passes import service as passes
from market.people.models import User
from market.places import service as places
from market.places.models import Stall
from market.stalls import service as stalls
from market.stalls.models import Assignment, StallOffer
from market.stalls.rules import OfferAnswer
from market.stalls.service.offers import offers
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.rules import ApplicationState, DocumentKind
from tests.cast import person
from tests.factories.calendar import time_of

NAMES = "甲乙丙丁戊"
LABELS = tuple(f"A{number:02d}" for number in range(1, 7))
PROFILES = ("shandong_zibo", "hunan")
BANNED_IN_ZIBO = "散装醋"
"""Nobody may sell it there; the rules of Hunan say nothing of it."""
Found = TypeVar("Found")


@dataclass(frozen=True)
class Printed:
    """A pass that lies in somebody's hand."""

    token: str
    short_code: str
    version: int
    vendor: str
    on: date


class Learnt(NamedTuple):
    """What somebody heard, saw or did: what they know from then on."""

    facts: dict[str, Any]
    telling: str = ""
    """The telling it came by, which can be taken back."""


class World(RuleBasedStateMachine):
    """A published market of five vendors with three stalls to give, a second place, and two accounts."""

    ref: str

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(unit_of_work())
        self.day: MarketDay = calendar.find_day_by_ref(self.ref)
        self.staff: User = person("staff")
        self.at = time_of(self.day, DayState.PUBLISHED)
        self.count = 0
        self.vendors: dict[str, Vendor] = {
            vendor.trading_name: vendor for vendor in vendors.register(self.day.community)
        }
        self.learnt: dict[str, list[Learnt]] = {name: [] for name in NAMES}
        self.old: set[str] = set()
        """Words that were true once and are not any more."""
        self.papers: dict[str, dict[DocumentKind, date]] = {
            name: {document.kind: document.valid_to or date.max for document in vendor.documents}
            for name, vendor in self.vendors.items()
        }
        self.sells = {name: [(vendor.category, vendor.goods)] for name, vendor in self.vendors.items()}
        """The newest last; more than one while nobody has looked at the change."""
        self.profile = PROFILES[0]
        """Whose rules hold."""
        self.away: dict[str, date] = {}
        self.answered: set[tuple[str, str, date]] = set()
        """For whom, for what and for which date a named person answers."""
        self.shut: set[tuple[int, date]] = set()
        """Stalls, and the date on which they do not open."""
        self.printed: list[Printed] = []
        self.taken_back: set[str] = set()
        """Short codes of passes that staff took back by hand."""
        self.came: set[str] = set()
        """Whoever was let in, and has not lost the stall since."""
        self.entered: list[Assignment] = []
        """Who came to stand somewhere by the last act."""
        self.approved: list[Application] = []
        self.looked: dict[str, Any] = {}
        """What was looked up since the last act: every look takes its time."""
        for application in vendors.applications(self.day):
            self.learn_from_applying(application)
        self.collect()

    def teardown(self) -> None:
        db.session.rollback()
        self.stack.close()

    # ── how acts are done ─────────────────────────────────────────────────────────────────────────────────

    def act(self, deed: Callable[[], object]) -> bool:
        """Does something, and then what the clock asks for; what is refused changes nothing."""
        self.pass_time()
        before = {held.id for held in self.held()}
        asked = {a.id for a in vendors.applications(self.day) if a.state is ApplicationState.APPROVED}
        done = False
        with suppress(Refusal), db.session.begin_nested():
            deed()
            done = True
        with suppress(Refusal), db.session.begin_nested():
            calendar.take_due_steps(self.at)
            stalls.expire_offers(at=self.at)
        db.session.expire_all()
        self.looked.clear()
        self.entered = [held for held in self.held() if held.id not in before]
        self.approved = [
            a
            for a in vendors.applications(self.day)
            if a.state is ApplicationState.APPROVED and a.id not in asked and self.day.state in GATE_STATES
        ]
        self.came &= {held.vendor.trading_name for held in self.held()}
        self.collect()
        return done

    def pass_time(self) -> None:
        self.at += timedelta(minutes=1)
        self.looked.clear()

    def look(self, what: str, find: Callable[[], Found]) -> Found:
        """What `find` finds, once after each act."""
        if what not in self.looked:
            self.looked[what] = find()
        found: Found = self.looked[what]
        return found

    def collect(self) -> None:
        """Every pass that can be shown lies in somebody's hand from then on."""
        known = {one.short_code for one in self.printed}
        if self.day.state not in GATE_STATES:
            return
        for one in passes.live_passes(self.day):
            if one.short_code not in known:
                name = one.assignment.vendor.trading_name
                on = calendar.local_date(self.day)
                self.printed.append(Printed(passes.pass_token(one), one.short_code, one.version, name, on))

    def held(self) -> list[Assignment]:
        return self.look("held", lambda: stalls.assignments(self.day))

    def one_held(self, who: int) -> Assignment:
        return self.held()[who % len(self.held())]

    def application(self, name: str) -> Application | None:
        return vendors.of_day(self.day, self.vendors[name])

    def offers(self) -> list[StallOffer]:
        return [offer for offer in self.every_offer() if offer.answer is OfferAnswer.OPEN]

    def every_offer(self) -> list[StallOffer]:
        """The newest first."""
        return self.look("offers", lambda: offers(self.day))

    def stall(self, label: str) -> Stall:
        return next(stall for stall in places.live_stalls(self.day.venue) if stall.label == label)

    def myself(self, vendor: Vendor) -> User:
        """The vendor's own account, or of who helps at the stall; else staff who act for it."""
        helper = next((one.user for one in vendor.helpers), self.staff)
        return vendor.user or helper

    # ── what people learn ─────────────────────────────────────────────────────────────────────────────────

    def day_facts(self) -> dict[str, Any]:
        """What anybody can know of the market itself."""
        day, zone = self.day, self.day.community.zone
        opens, closes, arrive = (
            clock.local(moment, zone) for moment in (day.open_at, day.close_at, day.arrive_by)
        )
        return {
            "held": self.day.state.value if self.called_off() else "on",
            "on": opens.date(),
            "hours": (opens.time(), closes.time()),
            "arrive": arrive.time(),
            "theme": day.theme,
            "place": day.venue.name,
            "address": day.venue.address,
            "entrance": day.venue.entrances,
        }

    def called_off(self) -> bool:
        return self.day.state in (DayState.POSTPONED, DayState.CANCELLED)

    def learn(self, name: str, facts: dict[str, Any], telling: str = "") -> None:
        self.learnt[name].append(Learnt(facts, telling))

    def learn_from_applying(self, application: Application) -> None:
        """Whoever applies has seen for what."""
        self.learn(application.vendor.trading_name, {**self.day_facts(), "held": "on"})

    def knows(self, name: str) -> dict[str, Any]:
        """What somebody knows after all of it."""
        return {key: value for one in self.learnt[name] for key, value in one.facts.items()}
