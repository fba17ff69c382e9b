"""May this vendor stand on this market day? One rule, asked at every act that lets somebody in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from market.calendar.rules import Finding, heaviest_first
from market.communities.profile import EVERYBODY, Duty, Goods, Profile
from market.communities.rules import Mender, Severity
from market.vendors.goods import asked_by, elsewhere, recognised
from market.vendors.rules import Category, DocumentKind

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DocumentFacts:
    kind: DocumentKind
    valid_to: date | None
    """None: no term is written on it."""
    seen_on: date | None = None
    """When staff saw the original; None where that does not matter."""
    brought_for: date | None = None
    """The market with whose goods it came; None where nobody said."""
    person: str = ""
    """Whose it is, of the people at the stall; empty: the holder's."""
    ref: str = ""


@dataclass(frozen=True)
class PersonFacts:
    """Somebody at the stall."""

    ref: str
    name: str
    handles_food: bool


@dataclass(frozen=True)
class VendorFacts:
    """What `may_stand` needs to know of a vendor."""

    ref: str
    name: str
    category: Category
    documents: tuple[DocumentFacts, ...] = ()
    goods: str = ""
    before: tuple[tuple[Category, str], ...] = ()
    """Category and goods before changes that staff have not looked at: until then both hold."""
    burns: bool = False
    """A fire at the stall, of gas or charcoal."""
    gas_unsafe: bool = False
    """A gas bottle, and nobody said that an alarm and an extinguisher come along."""
    excluded: str | None = None
    """Why staff keep the vendor away on the market day; None where they do not."""
    people: tuple[PersonFacts, ...] = ()
    """Who else stands at the stall."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Those that hold now, the vendor's own first."""
        return tuple(dict.fromkeys([self.category.value, *(category.value for category, _ in self.before)]))

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says it sells, and said before."""
        return (self.goods, *(goods for _, goods in self.before))


def may_stand(
    vendor: VendorFacts,
    on: date,
    profile: Profile,
    *,
    asked_on: date | None = None,
    no_flame: bool = False,
) -> list[Finding]:
    """What speaks against a vendor on a market day, the duties in the profile's order.

    `asked_on`: the date of the question. Papers that come with the goods are owed on the day itself; before
    it (and where nobody says when) they are only reminded of. `no_flame`: the venue allows no fire.
    """
    goods = recognised(vendor.texts, profile)
    sells = recognised([vendor.goods], profile)
    return [
        *_exclusion(vendor, on, profile),
        *_banned(vendor, on, goods),
        *(
            finding
            for duty in owed(vendor, profile)
            for finding in _duty(vendor, duty, on, asked_on, profile)
        ),
        *_elsewhere(vendor, on, sells, profile),
        *_flame(vendor, on, profile, no_flame=no_flame),
    ]


def owed(vendor: VendorFacts, profile: Profile) -> tuple[Duty, ...]:
    """The duties that a vendor's categories and goods bring with them."""
    goods = recognised(vendor.texts, profile)
    return profile.duties_of(vendor.categories, asked_by(goods, vendor.categories))


def is_replaced(paper: DocumentFacts, vendor: VendorFacts, on: date, profile: Profile) -> bool:
    """Whether nobody misses a paper that has run out: the vendor has another that is valid and meets the same
    duty, or it came with a batch of goods that was sold long ago."""
    if paper.valid_to is None or paper.valid_to >= on:
        return False
    duties = [duty for duty in owed(vendor, profile) if paper.kind.value in duty.kinds]
    if duties and all(duty.per_batch for duty in duties):
        return True
    kinds = {paper.kind.value}.union(*(duty.kinds for duty in duties))
    return any(
        other.kind.value in kinds and (other.valid_to is None or other.valid_to >= on)
        for other in vendor.documents
        if paper.person in ("", other.person) and other.ref != (paper.ref or None)
    )


def refuse_unknown(profile: Profile) -> None:
    """A profile that names kinds of papers or categories which nobody has raises `ValueError`."""
    kinds = {kind for duty in profile.duties for kind in duty.kinds} - {*DocumentKind}
    named = [entry for duty in profile.duties for entry in duty.categories if entry != EVERYBODY]
    named += [entry for item in profile.checks for entry in item.categories if entry != EVERYBODY]
    named += [entry for goods in profile.goods for entry in (*goods.belongs, *goods.spared)]
    unknown = sorted(kinds | ({*named} - {*Category}))
    if unknown:
        raise ValueError(f"{profile.code}.toml: {', '.join(unknown)}")


def stops(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that keep a vendor off the market, the heaviest first."""
    return [finding for finding in heaviest_first(findings) if finding.blocks]


def by_name(findings: Iterable[Finding]) -> bool:
    """Whether a named person could let somebody stand in spite of all these."""
    return all(finding.severity is Severity.OVERRIDABLE for finding in findings if finding.blocks)


def _exclusion(vendor: VendorFacts, on: date, profile: Profile) -> Iterator[Finding]:
    if vendor.excluded is not None:
        params = (("vendor", vendor.name), ("why", vendor.excluded))
        yield _finding(vendor, "excluded", profile.stand.excluded, params, on, Mender.STAFF)


def _banned(vendor: VendorFacts, on: date, goods: Iterable[Goods]) -> Iterator[Finding]:
    for one in goods:
        if one.banned is not None and one.reason is not None:
            params = (
                ("vendor", vendor.name),
                *_both("item", one.name.zh, one.name.en),
                *_both("reason", one.reason.zh, one.reason.en),
            )
            yield _finding(vendor, "banned", one.banned, params, on, law=one.law, about=one.code)


def _elsewhere(vendor: VendorFacts, on: date, goods: Iterable[Goods], profile: Profile) -> Iterator[Finding]:
    """Goods that do not go with the category; the category itself decides which documents are owed."""
    for one in goods:
        if one.banned is None and elsewhere(one, [vendor.category.value]):
            params = (
                ("vendor", vendor.name),
                *_both("item", one.name.zh, one.name.en),
                ("category", vendor.category.value),
            )
            severity = profile.stand.goods_elsewhere
            yield _finding(vendor, "elsewhere", severity, params, on, law=one.law, about=one.code)


def _flame(vendor: VendorFacts, on: date, profile: Profile, *, no_flame: bool) -> Iterator[Finding]:
    """A fire where the region or the venue allows none, and a gas bottle without what makes it safe."""
    params, rule = (("vendor", vendor.name),), profile.stand
    if vendor.burns and rule.open_flame is not None:
        yield _finding(vendor, "open_flame", rule.open_flame, params, on, law="消防法 28")
    elif vendor.burns and no_flame:
        yield _finding(vendor, "flame_not_here", rule.flame_not_here, params, on, law="消防法 28")
    if vendor.gas_unsafe:
        yield _finding(vendor, "gas_unsafe", rule.gas_unsafe, params, on, law="安全生产法 36")


# ── papers ────────────────────────────────────────────────────────────────────────────────────────────────


def _duty(
    vendor: VendorFacts, duty: Duty, on: date, asked_on: date | None, profile: Profile
) -> Iterator[Finding]:
    papers = counted(vendor, duty, on)
    ends = [end_of(paper, duty, profile) for paper in papers]
    params = (("vendor", vendor.name), *_both("need", duty.name.zh, duty.name.en))
    if not ends or (duty.per_batch and _latest(ends) < on):
        severity = duty.severity if not _can_wait(duty, on, asked_on) else _lighter(duty.severity)
        ending = "missing" if severity is duty.severity else "to_bring"
        yield _lack(vendor, duty, ending, severity, params, on)
        return
    latest = _latest(ends)
    dated = (*params, ("date", latest.isoformat()))
    if latest < on:
        yield _lack(vendor, duty, "expired", duty.severity, dated, on)
        return
    if latest < on + timedelta(days=profile.documents.warn_days) and _renewable(duty):
        yield _lack(vendor, duty, "expires_soon", Severity.WARN, dated, latest)
    for person in _without(vendor, duty, on, profile) if duty.per_person else ():
        told = (*params, ("person", person.name))
        yield _lack(vendor, duty, "person", Severity.WARN, told, on, about=f".{person.ref}")


def counted(vendor: VendorFacts, duty: Duty, on: date) -> list[DocumentFacts]:
    """The documents that can meet a duty on a day; what came with the goods of another day cannot."""
    return [
        paper
        for paper in vendor.documents
        if paper.kind.value in duty.kinds and (not duty.per_batch or paper.brought_for in (None, on))
    ]


def _without(vendor: VendorFacts, duty: Duty, on: date, profile: Profile) -> list[PersonFacts]:
    """Who handles food at the stall and has no valid document of their own."""
    papers = [paper for paper in counted(vendor, duty, on) if end_of(paper, duty, profile) >= on]
    covered = {paper.person for paper in papers}
    return [person for person in vendor.people if person.handles_food and person.ref not in covered]


def end_of(document: DocumentFacts, duty: Duty, profile: Profile) -> date:
    """Until when a document counts for a duty; without any term it counts for ever."""
    ends = [document.valid_to or date.max]
    if duty.per_batch and document.brought_for is not None:
        ends.append(document.brought_for)
    elif duty.per_batch and document.seen_on is not None:
        ends.append(document.seen_on + timedelta(days=profile.documents.batch_days))
    if duty.term_days is not None and document.valid_to is None and document.seen_on is not None:
        ends.append(document.seen_on + timedelta(days=duty.term_days))
    return min(ends)


def _latest(ends: list[date]) -> date:
    return max(ends)


def _renewable(duty: Duty) -> bool:
    return not duty.of_season and not duty.per_batch


def _can_wait(duty: Duty, on: date, asked_on: date | None) -> bool:
    return duty.per_batch and (asked_on is None or asked_on < on)


def _lighter(severity: Severity) -> Severity:
    return Severity.WARN if severity in (Severity.BLOCK, Severity.OVERRIDABLE) else severity


def _lack(
    vendor: VendorFacts,
    duty: Duty,
    ending: str,
    severity: Severity,
    params: Params,
    due: date,
    *,
    about: str = "",
) -> Finding:
    subject = f"{vendor.ref}:{duty.code}{about}"
    return Finding(f"{duty.code}_{ending}", severity, subject, params, duty.law, due, mender=duty.mender)


def _finding(
    vendor: VendorFacts,
    code: str,
    severity: Severity,
    params: Params,
    due: date,
    mender: Mender = Mender.VENDOR,
    *,
    law: str = "",
    about: str = "",
) -> Finding:
    subject = f"{vendor.ref}:{about or code}"
    return Finding(f"stand_{code}", severity, subject, params, law, due, mender=mender)


def _both(name: str, zh: str, en: str) -> Params:
    return ((name, zh), (f"{name}_en", en))
