"""A vendor's papers line by line: what is owed or held, what was handed in for it, how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from market.vendors import service
from market.vendors.models import Document, Vendor
from market.vendors.paper_rows import HandedPaper
from market.vendors.papers import Need, PaperAnswer, PaperState, paper_state
from market.vendors.rules import DocumentKind
from market.vendors.words import document_word, in_language


@dataclass(frozen=True)
class PaperLine:
    """One line of the page."""

    name: str
    kinds: list[tuple[str, str]]
    """Any one of these does: value and word."""
    person: str
    person_name: str
    brought_for: date | None
    state: PaperState
    ends: date | None
    """None where there is no end."""
    document: Document | None
    handed: HandedPaper | None
    """What waits, or was refused last."""

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to do anything now."""
        return self.state in (PaperState.GOOD, PaperState.WAITING)


def paper_lines(vendor: Vendor, on: date) -> list[PaperLine]:
    """Everything about a vendor's papers, as it is judged for a date."""
    handed, needs = service.handed_papers(vendor), service.needs(vendor, on)
    documents = {document.ref: document for document in vendor.documents}
    names = {person.ref: person.name for person in vendor.people}
    lines = [_line(need, on, _newest(need, handed, on), documents, names) for need in needs]
    shown = {id(line.handed) for line in lines}
    kinds = {kind for need in needs for kind in need.kinds}
    rest = [one for one in handed if one.kind not in kinds and id(one) not in shown]
    return [*lines, *_others(rest, on)]


def open_papers(vendor: Vendor, on: date) -> list[PaperLine]:
    """What was handed in and waits, or was refused while nothing counts instead."""
    if not service.has_open_papers(vendor):
        return []
    return [
        line for line in paper_lines(vendor, on) if line.state in (PaperState.WAITING, PaperState.REFUSED)
    ]


def _newest(need: Need, handed: list[HandedPaper], on: date) -> HandedPaper | None:
    fitting = [
        paper
        for paper in handed
        if paper.kind in need.kinds
        and (paper.person.ref if paper.person else "") == need.person
        and (not need.of_a_batch or paper.brought_for == on)
    ]
    return next(iter(fitting), None)


def _line(
    need: Need,
    on: date,
    handed: HandedPaper | None,
    documents: dict[str, Document],
    names: dict[str, str],
) -> PaperLine:
    pending = handed if handed is not None and handed.answer is not PaperAnswer.SEEN else None
    state = paper_state(
        need.ends,
        on,
        waiting=pending is not None and pending.waits,
        refused=pending is not None and not pending.waits,
    )
    if need.of_a_batch and state is PaperState.SOON:
        state = PaperState.GOOD
    return PaperLine(
        in_language(*need.name) or str(document_word(need.kinds[0])),
        [(kind.value, str(document_word(kind))) for kind in need.kinds],
        need.person,
        names.get(need.person, ""),
        on if need.of_a_batch else None,
        state,
        need.ends if need.ends != date.max else None,
        documents.get(need.paper.ref) if need.paper is not None else None,
        pending,
    )


def _others(handed: list[HandedPaper], on: date) -> list[PaperLine]:
    """What was handed in though nobody asks for it, the newest of each kind, until it was seen."""
    newest: dict[DocumentKind, HandedPaper] = {}
    for paper in handed:
        newest.setdefault(paper.kind, paper)
    return [
        PaperLine(
            str(document_word(kind)),
            [(kind.value, str(document_word(kind)))],
            "",
            "",
            None,
            paper_state(None, on, waiting=paper.waits, refused=True),
            None,
            None,
            paper,
        )
        for kind, paper in newest.items()
        if paper.answer is not PaperAnswer.SEEN
    ]
