"""What a list comes to beside the register: who is new, what changes, what somebody must say first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from market.typed_text import search_key
from market.vendors.listed.entry import Entry, Odd
from market.vendors.numbers import normal_phone
from market.vendors.rules import LIVE, ApplicationState, Category, VendorDraft


class Outcome(StrEnum):
    """What becomes of a row."""

    ASK = "ask"
    NEW = "new"
    UPDATE = "update"
    SAME = "same"
    LEFT = "left"


class Doubt(StrEnum):
    """Why a row waits for a word, or is left out."""

    HIDDEN = "hidden"
    CALLED_OFF = "called_off"
    FORMULA = "formula"
    DATE = "date"
    ROUNDED = "rounded"
    TWO_PHONES = "two_phones"
    BAD_PHONE = "bad_phone"
    CONTINUED = "continued"
    NO_PHONE = "no_phone"
    NO_NAME = "no_name"
    NO_CATEGORY = "no_category"
    BANNED = "banned"
    WHICH = "which"
    """No number, and somebody of the register could be meant."""
    OTHER_NAME = "other_name"
    """The number is known under another name."""
    NEW_NUMBER = "new_number"
    """The name is known under another number."""
    TURNED_DOWN = "turned_down"
    """Staff said no for this market."""
    TWICE = "twice"
    TWICE_OTHERWISE = "twice_otherwise"
    """The same number as a row before, and not the same person."""
    BY_HAND = "by_hand"


ASKED = {
    Odd.CALLED_OFF: Doubt.CALLED_OFF,
    Odd.HIDDEN: Doubt.HIDDEN,
    Odd.FORMULA: Doubt.FORMULA,
    Odd.DATE: Doubt.DATE,
    Odd.TWO_PHONES: Doubt.TWO_PHONES,
}
"""What somebody may say is right as it stands."""
WRONG = {Odd.ROUNDED: Doubt.ROUNDED, Odd.BAD_PHONE: Doubt.BAD_PHONE}
"""What must be corrected."""


@dataclass(frozen=True)
class Known:
    """A vendor of the register, as far as a list can say something of it."""

    ref: str
    facts: VendorDraft
    state: ApplicationState | None = None
    """Its application to the market that the list is for."""

    @property
    def phone(self) -> str:
        return self.facts.phone


@dataclass(frozen=True)
class Choice:
    """What staff said of a row."""

    leave: bool = False
    use: bool = False
    """It is right as it stands."""
    vendor: str = ""
    """It is this vendor of the register."""
    is_new: bool = False
    take: bool | None = None
    """Whether the register takes over what the list says; None: as such lists are read."""
    typed: Mapping[str, str] | None = None
    """What was corrected by hand."""


def added(before: Choice, said: Choice) -> Choice:
    """What was said of a row so far with what is said now: a second question takes no answer away."""
    return Choice(
        leave=said.leave,
        use=before.use or said.use,
        vendor="" if said.is_new else said.vendor or before.vendor,
        is_new=said.is_new or (before.is_new and not said.vendor),
        take=before.take if said.take is None else said.take,
        typed=before.typed if said.typed is None else said.typed,
    )


@dataclass(frozen=True)
class Change:
    """A fact of the register that the list says otherwise."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Verdict:
    """What becomes of a row, and why."""

    entry: Entry
    outcome: Outcome
    doubt: Doubt | None = None
    draft: VendorDraft | None = None
    known: Known | None = None
    changes: tuple[Change, ...] = ()
    candidates: tuple[Known, ...] = ()
    applies: bool = False
    with_row: str = ""
    """The earlier row that says the same."""
    detail: str = ""

    @property
    def counts(self) -> bool:
        """Whether the act does anything for the row."""
        return self.outcome in (Outcome.NEW, Outcome.UPDATE) or (
            self.outcome is Outcome.SAME and self.applies
        )


Banned = Callable[[str], str]
"""The name of what nobody may sell among some goods; empty for none."""


@dataclass(frozen=True)
class Terms:
    """How a list is read."""

    for_market: bool
    takes: bool
    """Whether what it says of known vendors is taken over: a chain only says who comes."""
    banned: Banned


def judge(
    entries: Sequence[Entry], register: Iterable[Known], choices: Mapping[int, Choice], terms: Terms
) -> list[Verdict]:
    """Every row with what becomes of it, in the order of the list."""
    judging = _Judging(_Register(register), terms)
    return [judging.verdict(entry, choices.get(entry.number, Choice())) for entry in entries]


class _Register:
    """The vendors of a community by what a list may say of them."""

    def __init__(self, known: Iterable[Known]) -> None:
        everybody = list(known)
        self.by_ref = {one.ref: one for one in everybody}
        self.by_phone = {one.phone: one for one in everybody}
        self.by_name: dict[str, list[Known]] = {}
        self.by_tail: dict[str, list[Known]] = {}
        for one in everybody:
            for name in {_key(one.facts.trading_name), _key(one.facts.holder)}:
                self.by_name.setdefault(name, []).append(one)
            self.by_tail.setdefault(one.phone[-4:], []).append(one)

    def named(self, entry: Entry) -> list[Known]:
        return self.by_name.get(_key(entry.trading_name), [])

    def ending(self, entry: Entry) -> list[Known]:
        return self.by_tail.get(entry.tail, []) if entry.tail else []


def _key(name: str) -> str:
    return search_key(name).replace(" ", "")


def is_worth_saying(change: Change) -> bool:
    """Whether a difference is told that changes nothing: not a name cut short, nor what was only guessed."""
    return change.name not in ("category", "phone") and change.new not in change.old


def is_alike(entry: Entry, known: Known) -> bool:
    """Whether a row and a vendor have a name in common, be it in part."""
    ours = {_key(known.facts.trading_name), _key(known.facts.holder)}
    theirs = {_key(entry.trading_name), _key(entry.holder)} - {""}
    return not theirs or any(one in other or other in one for one in ours for other in theirs)


class _Judging:
    """Goes through a list and remembers which numbers it has met."""

    def __init__(self, register: _Register, terms: Terms) -> None:
        self.register, self.terms = register, terms
        self.met: dict[str, Verdict] = {}

    def verdict(self, entry: Entry, choice: Choice) -> Verdict:
        entry = corrected(entry, choice)
        verdict = self._left(entry, choice) or self._asked(entry, choice) or self._found(entry, choice)
        number = verdict.draft.phone if verdict.draft else ""
        if verdict.outcome in (Outcome.ASK, Outcome.LEFT) or not number:
            return verdict
        before = self.met.get(number)
        if before is None:
            self.met[number] = verdict
            return verdict
        same = _key(before.entry.trading_name) == _key(entry.trading_name)
        doubt, outcome = (Doubt.TWICE, Outcome.LEFT) if same else (Doubt.TWICE_OTHERWISE, Outcome.ASK)
        return Verdict(entry, outcome, doubt, with_row=before.entry.label)

    @staticmethod
    def _left(entry: Entry, choice: Choice) -> Verdict | None:
        if choice.leave:
            return Verdict(entry, Outcome.LEFT, Doubt.BY_HAND)
        return Verdict(entry, Outcome.LEFT, Doubt.CONTINUED) if Odd.CONTINUED in entry.odd else None

    @staticmethod
    def _asked(entry: Entry, choice: Choice) -> Verdict | None:
        wrong = next((doubt for odd, doubt in WRONG.items() if odd in entry.odd), None)
        asked = next((doubt for odd, doubt in ASKED.items() if odd in entry.odd and not choice.use), None)
        doubt = asked or wrong
        return Verdict(entry, Outcome.ASK, doubt, detail=entry.phone) if doubt else None

    def _found(self, entry: Entry, choice: Choice) -> Verdict:
        known = self.register.by_ref.get(choice.vendor)
        if known is not None:
            return self._beside(entry, known, choice, certain=True)
        if not entry.phone:
            return self._without_number(entry, choice)
        known = self.register.by_phone.get(entry.phone)
        if known is not None:
            return self._beside(entry, known, choice, certain=False)
        same_name = () if choice.is_new else tuple(self.register.named(entry))
        if same_name:
            return Verdict(entry, Outcome.ASK, Doubt.NEW_NUMBER, candidates=same_name[:3])
        return self._new(entry)

    def _without_number(self, entry: Entry, choice: Choice) -> Verdict:
        named, ending = self.register.named(entry), self.register.ending(entry)
        sure = [one for one in ending if is_alike(entry, one)]
        if len(sure) == 1 and entry.trading_name:
            return self._beside(entry, sure[0], choice, certain=True)
        candidates = tuple(dict.fromkeys((*ending, *named)))[:3]
        if candidates and not choice.is_new:
            return Verdict(entry, Outcome.ASK, Doubt.WHICH, candidates=candidates)
        return Verdict(entry, Outcome.ASK, Doubt.NO_PHONE)

    def _beside(self, entry: Entry, known: Known, choice: Choice, *, certain: bool) -> Verdict:
        """A row of somebody who is in the register."""
        if not certain and not choice.use and not is_alike(entry, known):
            return Verdict(entry, Outcome.ASK, Doubt.OTHER_NAME, candidates=(known,))
        if self.terms.for_market and known.state is ApplicationState.REJECTED and not choice.use:
            return Verdict(entry, Outcome.ASK, Doubt.TURNED_DOWN, known=known)
        applies = self.terms.for_market and known.state not in LIVE
        new = merged(entry, known.facts)
        takes = self.terms.takes if choice.take is None else choice.take
        changes = changes_between(known.facts, new)
        if not takes:  # a new number is why somebody said whose row it is
            new = known.facts if not choice.vendor else replace(known.facts, phone=new.phone)
            changes = tuple(one for one in changes if is_worth_saying(one))
        doubt = self._barred(entry, new.goods) if new.goods != known.facts.goods else None
        if doubt:
            return replace(doubt, known=known)
        differs = new != known.facts
        outcome = Outcome.UPDATE if differs else Outcome.SAME
        told = changes_between(known.facts, new) if differs else changes
        return Verdict(entry, outcome, draft=new, known=known, changes=told, applies=applies)

    def _new(self, entry: Entry) -> Verdict:
        if not entry.trading_name:
            return Verdict(entry, Outcome.ASK, Doubt.NO_NAME)
        if entry.category is None:
            return Verdict(entry, Outcome.ASK, Doubt.NO_CATEGORY)
        return self._barred(entry, entry.goods) or Verdict(
            entry, Outcome.NEW, draft=draft_of(entry, entry.category), applies=self.terms.for_market
        )

    def _barred(self, entry: Entry, goods: str) -> Verdict | None:
        named = self.terms.banned(goods)
        return Verdict(entry, Outcome.ASK, Doubt.BANNED, detail=named) if named else None


# ── what a row says, as a vendor ──────────────────────────────────────────────────────────────────────────

UNSAID_W = 1_000
"""What is put down for who wants power and does not say how much; the page says so."""


def corrected(entry: Entry, choice: Choice) -> Entry:
    """The row as it was corrected by hand; what was odd about what is typed anew is odd no longer."""
    if choice.typed is None:
        return entry
    typed = dict(choice.typed)
    category = typed.pop("category", "")
    number = normal_phone(typed.get("phone", ""), landline=True)
    bad = (Odd.BAD_PHONE,) if typed.get("phone") and number is None else ()
    kept = tuple(odd for odd in entry.odd if odd is Odd.POWER_UNSAID)
    return replace(
        entry,
        trading_name=typed.get("trading_name", entry.trading_name),
        holder=typed.get("holder", entry.holder),
        goods=typed.get("goods", entry.goods),
        phone=number or typed.get("phone", ""),
        tail="" if typed.get("phone") else entry.tail,
        category=Category(category) if category in set(Category) else None,
        says_category=True,
        odd=(*kept, *bad),
    )


def power_of(entry: Entry) -> int | None:
    """What a row says of power; None for nothing."""
    return UNSAID_W if entry.power_w is None and Odd.POWER_UNSAID in entry.odd else entry.power_w


def draft_of(entry: Entry, category: Category) -> VendorDraft:
    """A new vendor as the row says it."""
    return VendorDraft(
        trading_name=entry.trading_name, holder=entry.holder or entry.trading_name, phone=entry.phone,
        category=category, goods=entry.goods or entry.trading_name, power_w=power_of(entry) or 0,
        needs_water=entry.needs_water, needs_vehicle=bool(entry.plate), price_range=entry.price_range,
        open_flame=entry.open_flame, own_tent=entry.own_tent, plate=entry.plate,
    )  # fmt: skip


def merged(entry: Entry, facts: VendorDraft) -> VendorDraft:
    """A known vendor with what the row says; what it does not say stays."""
    power = power_of(entry)
    if Odd.POWER_UNSAID in entry.odd and facts.power_w:
        power = None
    said_only_name = entry.holder == entry.trading_name
    told = {
        "trading_name": entry.trading_name if entry.trading_name != facts.holder else "",
        "holder": "" if said_only_name else entry.holder,
        "goods": "" if entry.goods == entry.trading_name else entry.goods,
    }
    return replace(
        facts,
        trading_name=told["trading_name"] or facts.trading_name,
        holder=told["holder"] or facts.holder,
        phone=entry.phone or facts.phone,
        goods=told["goods"] or facts.goods,
        price_range=entry.price_range or facts.price_range,
        plate=entry.plate or facts.plate,
        category=entry.category if entry.says_category and entry.category else facts.category,
        power_w=facts.power_w if power is None else power,
        needs_water=facts.needs_water or entry.needs_water,
        open_flame=facts.open_flame or entry.open_flame,
        own_tent=facts.own_tent or entry.own_tent,
        needs_vehicle=facts.needs_vehicle or bool(entry.plate),
    )


def changes_between(old: VendorDraft, new: VendorDraft) -> tuple[Change, ...]:
    """What would be otherwise."""
    before, after = asdict(old), asdict(new)
    return tuple(
        Change(name, str(before[name]), str(after[name])) for name in before if before[name] != after[name]
    )


# ── what was shown ────────────────────────────────────────────────────────────────────────────────────────


def digest_of(verdicts: Iterable[Verdict], *more: str) -> str:
    """What was shown in one short text: the act does this, or is shown again."""
    shown = [
        (
            verdict.entry.number,
            verdict.outcome.value,
            asdict(verdict.draft) if verdict.draft else None,
            verdict.known.ref if verdict.known else "",
            [(change.name, change.old, change.new) for change in verdict.changes],
            verdict.applies,
            verdict.entry.note,
        )
        for verdict in verdicts
    ]
    text = json.dumps([shown, more], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
