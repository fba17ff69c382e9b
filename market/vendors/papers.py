"""Papers handed in as pictures: what became of one, how long its pictures are kept, what runs out when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from market.communities.profile import Duty, Profile
from market.vendors.eligibility import DocumentFacts, VendorFacts, counted, end_of, is_replaced, owed
from market.vendors.rules import OF_A_BATCH, SIGNED, DocumentKind

MOST_PICTURES = 6
"""Of one paper: front and back, or the pages of a licence."""
MOST_WAITING = 40
"""Papers of one vendor that nobody has looked at."""


class PaperAnswer(StrEnum):
    """What became of a paper that was handed in."""

    WAITING = "waiting"
    SEEN = "seen"
    REFUSED = "refused"


# ── how long pictures are kept ────────────────────────────────────────────────────────────────────────────

KEPT = timedelta(days=3 * 365 + 1)
"""So long somebody may claim something of the organiser (民法典 188)."""
KEPT_KINDS = {
    DocumentKind.HEALTH_CERT: timedelta(days=30),
    DocumentKind.AGRI_CERT: timedelta(days=183),
    DocumentKind.QUARANTINE_CERT: timedelta(days=731),
}
"""Health is nobody's business once it was looked at (PIPL 28); papers of a batch by their own laws."""
KEPT_REFUSED = timedelta(days=30)
KEPT_WAITING = timedelta(days=183)
"""Nobody ever looked at it: from the day it was handed in."""


def kept_for(kind: DocumentKind, answer: PaperAnswer) -> timedelta:
    """How long pictures are kept after the answer, or after they came while there is none."""
    if answer is PaperAnswer.SEEN:
        return KEPT_KINDS.get(kind, KEPT)
    return KEPT_REFUSED if answer is PaperAnswer.REFUSED else KEPT_WAITING


# ── what runs out ─────────────────────────────────────────────────────────────────────────────────────────

WEEK_DAYS, MONTH_DAYS = 7, 30


class Due(StrEnum):
    """How near the end of a document is; each is one reminder."""

    EXPIRED = "expired"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class DuePaper:
    """A document that somebody must renew."""

    vendor: str
    """The address of the vendor, as the document's and the person's."""
    document: str
    kind: DocumentKind
    person: str
    """Empty: the holder's, or the stall's as a whole."""
    ends: date
    due: Due | None
    """None while its end is far."""

    @property
    def key(self) -> str:
        """The same for one reminder however often it is worked out, so that it is sent once."""
        return f"{self.document}:{self.ends.isoformat()}:{self.due}"


def due_on(ends: date, today: date) -> Due | None:
    """Which reminder a document is at; a document counts on its last day."""
    left = (ends - today).days
    if left < 0:
        return Due.EXPIRED
    if left <= WEEK_DAYS:
        return Due.WEEK
    return Due.MONTH if left <= MONTH_DAYS else None


def papers_due(vendors: Iterable[VendorFacts], today: date, profile: Profile) -> list[DuePaper]:
    """Everything that ran out or soon does and that nothing else replaces, the nearest end first."""
    return [paper for paper in ending_papers(vendors, today, profile) if paper.due is not None]


def ending_papers(vendors: Iterable[VendorFacts], today: date, profile: Profile) -> list[DuePaper]:
    """Everything that runs out one day and that nothing else replaces, the nearest end first."""
    found = [paper for vendor in vendors for paper in _ending_of(vendor, today, profile)]
    return sorted(found, key=lambda paper: (paper.ends, paper.vendor, paper.document))


def _ending_of(vendor: VendorFacts, today: date, profile: Profile) -> Iterator[DuePaper]:
    for paper in vendor.documents:
        ends = runs_out(paper, vendor, profile)
        if ends is None:
            continue
        without = max(today, ends + timedelta(days=1))  # the first day on which it would be missed
        if is_replaced(replace(paper, valid_to=ends), vendor, without, profile):
            continue
        yield DuePaper(vendor.ref, paper.ref, paper.kind, paper.person, ends, due_on(ends, today))


def runs_out(paper: DocumentFacts, vendor: VendorFacts, profile: Profile) -> date | None:
    """The last day of a document that is renewed; None for one without an end, of a batch, or signed."""
    if paper.kind in SIGNED or paper.kind in OF_A_BATCH:
        return None
    duties = [duty for duty in owed(vendor, profile) if paper.kind.value in duty.kinds]
    end = min([paper.valid_to or date.max, *(end_of(paper, duty, profile) for duty in duties)])
    return end if end < date.max else None


# ── what a vendor is shown of one need ────────────────────────────────────────────────────────────────────


class PaperState(StrEnum):
    """How it stands with one paper, as the vendor reads it."""

    WAITING = "waiting"
    REFUSED = "refused"
    MISSING = "missing"
    EXPIRED = "expired"
    SOON = "soon"
    GOOD = "good"


def paper_state(ends: date | None, on: date, *, waiting: bool, refused: bool) -> PaperState:
    """`ends`: the last day of what was seen, None when nothing was. What waits to be looked at comes first:
    there is nothing to do for the vendor; a refusal matters until something else counts."""
    if waiting:
        return PaperState.WAITING
    good = ends is not None and ends >= on
    if refused and not good:
        return PaperState.REFUSED
    if ends is None:
        return PaperState.MISSING
    if not good:
        return PaperState.EXPIRED
    return PaperState.SOON if ends <= on + timedelta(days=MONTH_DAYS) else PaperState.GOOD


@dataclass(frozen=True)
class Need:
    """A paper that a vendor must have, or has: what is asked for, of whom, and which document meets it."""

    code: str
    """Of the duty; empty for a document that no duty asks for."""
    name: tuple[str, str]
    """In Chinese and in English; empty for such a document."""
    kinds: tuple[DocumentKind, ...]
    person: str
    paper: DocumentFacts | None
    """What counts longest."""
    ends: date | None
    of_a_batch: bool


def needs_of(vendor: VendorFacts, on: date, profile: Profile) -> list[Need]:
    """What a vendor owes, a line for each and for each person where each needs one; then what else it has."""
    duties = [duty for duty in owed(vendor, profile) if not duty.of_season]
    lines = [line for duty in duties for line in _lines(vendor, duty, on, profile)]
    asked = {kind for line in lines for kind in line.kinds} | SIGNED
    rest = [paper for paper in vendor.documents if paper.kind not in asked]
    return [*lines, *(_besides(paper) for paper in rest)]


def _lines(vendor: VendorFacts, duty: Duty, on: date, profile: Profile) -> Iterator[Need]:
    papers = counted(vendor, duty, on)
    for whose in _whose(vendor, papers) if duty.per_person else (None,):
        own = [paper for paper in papers if whose in (None, paper.person)]
        best = max(own, key=lambda paper: end_of(paper, duty, profile), default=None)
        yield Need(
            duty.code,
            (duty.name.zh, duty.name.en),
            tuple(map(DocumentKind, duty.kinds)),
            whose or "",
            best,
            end_of(best, duty, profile) if best is not None else None,
            duty.per_batch,
        )


def _whose(vendor: VendorFacts, papers: list[DocumentFacts]) -> list[str]:
    """Everybody who handles food; the holder too, unless there are others and nothing says that it does."""
    people = [person.ref for person in vendor.people if person.handles_food]
    holder = not people or any(not paper.person for paper in papers)
    return [*([""] if holder else []), *people]


def _besides(paper: DocumentFacts) -> Need:
    ends = paper.valid_to or date.max
    return Need("", ("", ""), (paper.kind,), paper.person, paper, ends, paper.kind in OF_A_BATCH)
