"""审计包: what an auditor asks for of one year, as pages in a folder, with the hash of each file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import sqlalchemy as sa
from flask import current_app, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from market.clock import local
from market.config import settings
from market.db import db
from market.fund import disclosure, quarter_paper, words
from market.fund.bundle import LONG_AGO
from market.fund.models import CharityNotice, Fund, Remittance
from market.fund.published import PublicBook
from market.fund.quarter import corrections
from market.fund.service import about, account_statements, compare, partners_of, proposals
from market.fund.service.goods import lots, never_stored
from market.fund.service.profile import history, member_facts
from market.fund.service.quarter_notices import quarter_notices
from market.fund.service.questions import public_questions
from market.ledger import service as ledger
from market.ledger.chain import spelt_entry
from market.ledger.models import Entry
from market.ledger.rules import CHART
from market.ledger.spans import Span
from market.ledger.verification import sealed_entries
from market.people.models import User
from market.settlement.models import AgreedTerms
from market.spending import service, telling, words as spending_words
from market.spending.models import CommitteeMeeting, SpendingPhoto
from market.spending.service import Story
from market.vendors.models import Vendor


class Part(NamedTuple):
    """One file of the archive."""

    name: str
    title: str
    content: bytes

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def write_audit_pack(fund: Fund, year: int, out: BinaryIO) -> None:
    """Writes the archive of a year; the same books make the same file."""
    parts = list(_parts(fund, Span(date(year, 1, 1), date(year, 12, 31))))
    pages = [Part(STYLE, _("页面的样式"), _style()), *parts]
    facts = {"year": year, "parts": pages, "sums": SUMS, "entries": fund.book.entry_count}
    index = Part("index.html", _("审计包"), _page("index", _("审计包"), fund, **facts))
    with ZipFile(out, "w") as archive:
        for part in (index, *pages, _sums([index, *pages])):
            told = ZipInfo(part.name, LONG_AGO)
            told.compress_type = ZIP_DEFLATED
            archive.writestr(told, part.content)


STYLE, SUMS = "style.css", "SHA256SUMS"


def _style() -> bytes:
    """How the pages look when they are opened from a folder, and printed."""
    folder = Path(current_app.static_folder or "") / "css"
    return b"".join((folder / name).read_bytes() for name in ("tokens.css", "parts/audit.css"))


def _sums(parts: Sequence[Part]) -> Part:
    """The hashes once more, for `sha256sum -c SHA256SUMS`."""
    return Part(SUMS, "", "".join(f"{part.hash}  {part.name}\n" for part in parts).encode())


def _parts(fund: Fund, year: Span) -> Iterator[Part]:
    yield _part("profile", _("基金、协议和管委会"), fund, **_of_fund(fund))
    entries = ledger.entries(fund.book, since=year.first, until=year.last)
    yield _part("ledger", _("凭证目录"), fund, entries=entries, effect_of=disclosure.effect_of)
    yield Part("book.jsonl", _("账本原文，一行一笔，可以重算校验值"), _book(fund, year))
    came = {"notices": _notices(fund, year), "arrived": _arrived(fund, year)}
    yield _part("notices", _("慈善组织的到账通知"), fund, **came)
    yield _part("agreements", _("捐赠协议的校验值"), fund, agreed=_agreed(fund), partners=partners_of(fund))
    yield from _uses(fund, year)
    yield from _statements(fund, year)
    stored = [lot for lot in lots(fund.community) if _in(lot, year)]
    yield _part("goods", _("捐的物资"), fund, lots=stored, given=never_stored(fund.community, year))
    everything = PublicBook(fund.community, fund.book)  # an auditor sees what is held back from everybody
    found = list(corrections(fund, everything, year))
    yield _part("corrections", _("更正说明"), fund, corrections=found)
    yield _part("questions", _("大家问的和社区答的"), fund, questions=public_questions(fund))
    yield from _quarters(fund, year)
    yield from (_voucher(fund, entry) for entry in entries)


def _part(name: str, title: str, fund: Fund, **facts: Any) -> Part:
    return Part(f"{name}.html", title, _page(name, title, fund, **facts))


def _page(name: str, title: str, fund: Fund, **facts: Any) -> bytes:
    said = {"fund": fund, "title": title, "words": words, "chart": CHART, "local": _local(fund), **facts}
    return render_template(f"spending/audit/{name}.html", **said).encode()


def _local(fund: Fund) -> Any:
    """A moment on the community's wall, as text."""
    return lambda at: f"{local(at, fund.community.zone):%Y-%m-%d %H:%M}" if at is not None else ""


def _voucher(fund: Fund, entry: Entry) -> Part:
    title = _("凭证 %(no)s", no=entry.voucher)
    facts = {"origin": disclosure.origin_of(entry), "arrival": _arrival_of(entry)}
    poster, total = db.session.get_one(User, entry.posted_by), sum(map(abs, _sides(entry))) // 2
    page = _page("voucher", title, fund, entry=entry, poster=poster, total=total, **facts)
    return Part(f"vouchers/{entry.voucher}.html", title, page)


def _sides(entry: Entry) -> list[int]:
    return [line.amount_fen for line in entry.lines]


def _book(fund: Fund, year: Span) -> bytes:
    """Every voucher as it went into its hash."""
    kept = (one for one in sealed_entries(fund.book) if year.holds(one.facts.happened_on))
    return "".join(f'{{"facts":{spelt_entry(one.facts)},"hash":"{one.hash}"}}\n' for one in kept).encode()


def _of_fund(fund: Fund) -> dict[str, Any]:
    return {"members": member_facts(fund), "changes": history(fund)}


def _notices(fund: Fund, year: Span) -> list[CharityNotice]:
    query = sa.select(CharityNotice).where(
        CharityNotice.fund_id == fund.id, CharityNotice.received_on.between(*year)
    )
    joined = query.options(joinedload(CharityNotice.partner), joinedload(CharityNotice.entry))
    return list(db.session.scalars(joined.order_by(CharityNotice.received_on, CharityNotice.id)))


def _arrived(fund: Fund, year: Span) -> list[Remittance]:
    """What markets gave and the charity confirmed."""
    query = sa.select(Remittance).join(Remittance.entry).where(Remittance.fund_id == fund.id)
    joined = query.options(joinedload(Remittance.day), joinedload(Remittance.entry))
    return list(db.session.scalars(joined.where(Entry.happened_on.between(*year)).order_by(Remittance.id)))


def _arrival_of(entry: Entry) -> Remittance | None:
    return db.session.scalar(sa.select(Remittance).where(Remittance.entry_id == entry.id))


def _agreed(fund: Fund) -> Iterable[AgreedTerms]:
    """What vendors signed, with the hash of each text; those of before such texts have none."""
    query = sa.select(AgreedTerms).join(Vendor, Vendor.id == AgreedTerms.vendor_id)
    query = query.where(Vendor.community_id == fund.community_id).order_by(AgreedTerms.id)
    return list(db.session.scalars(query.options(selectinload(AgreedTerms.vendor))))


# ── uses of money ─────────────────────────────────────────────────────────────────────────────────────────


def _uses(fund: Fund, year: Span) -> Iterator[Part]:
    """The meetings of the year, and each use that was on its way in it, with its papers and pictures."""
    told = [story for story in _stories(fund, year) if any(map(year.holds, _days_of(story)))]
    yield _part("minutes", _("管委会的会议和表决"), fund, stories=told, meetings=_held(fund, year))
    for number, story in enumerate(told, 1):
        title = _("用款 %(no)s：%(purpose)s", no=number, purpose=story.proposal.purpose)
        pictures = list(_pictures(number, story))
        facts = {"story": story, "steps": telling.happened(story), "pictures": pictures}
        people = {"remarks": telling.shown_remarks(story), **_checkers(story)}
        page = _page("use", title, fund, spending_words=spending_words, **facts, **people)
        yield Part(f"uses/{number}.html", title, page)
        yield from (Part(name, f"{title} · {what}", photo.content) for name, what, photo in pictures)


def _held(fund: Fund, year: Span) -> list[CommitteeMeeting]:
    """The meetings of a year, the first in front."""
    zone = fund.community.zone
    return [one for one in reversed(service.meetings(fund)) if year.holds(local(one.held_at, zone).date())]


def _stories(fund: Fund, year: Span) -> list[Story]:
    """Every use of money, the first in front; what is shown of it does not follow the clock."""
    ended = datetime.combine(year.last, time.max, UTC)
    return service.stories(list(reversed(proposals(fund))), at=ended)


def _days_of(story: Story) -> Iterator[date]:
    """When something of it was done: one that is paid in January belongs to both years."""
    one, account = story.proposal, story.account
    moments = (one.proposed_at, one.decided_at, account.checked_at if account is not None else None)
    yield from (story.date_of(moment) for moment in moments if moment is not None)
    if one.payment is not None:
        yield one.payment.paid_on


def _checkers(story: Story) -> dict[str, Any]:
    """Who wrote the account, and who compared it with the papers."""
    account = story.account
    numbers = (account.made_by, account.checked_by) if account is not None else (None, None)
    maker, checker = (db.session.get(User, number) if number else None for number in numbers)
    return {"maker": maker, "checker": checker}


def _pictures(number: int, story: Story) -> Iterator[tuple[str, str, SpendingPhoto]]:
    """Each picture with the name of its file and what it is of."""
    for voucher in story.vouchers:
        for place, photo in enumerate(voucher.photos, 1):
            what = f"{spending_words.PHOTO_WORDS[photo.kind]} {voucher.number} {place}"
            yield f"uses/{number}-{voucher.id}-{place}.jpg", what, photo


def _statements(fund: Fund, year: Span) -> Iterator[Part]:
    for number, statement in enumerate(account_statements(fund), 1):
        if year.holds(statement.last_on):
            title = _("对账单 %(no)s", no=statement.reference)
            page = _page(
                "statement", title, fund, compared=compare(statement), statement=statement, about=about
            )
            yield Part(f"statements/{number}.html", title, page)


def _in(lot: Any, year: Span) -> bool:
    return year.holds(lot.received_on) or any(year.holds(out.happened_on) for out in lot.outs)


def _quarters(fund: Fund, year: Span) -> Iterator[Part]:
    """The notices that were published, as paper and as the facts behind their hash."""
    for notice in quarter_notices(fund):
        span = notice.period.span
        if notice.is_published and year.holds(span.last):
            name, title = f"quarterly/{span.last.year}-{span.quarter}", words.quarter_word(span)
            paper = BytesIO()
            address = f"{settings().public_url}/c/{fund.community.slug}/fund/quarterly/{notice.ref}"
            quarter_paper.write_pdf(notice, address, paper)
            yield Part(f"{name}.pdf", _("%(quarter)s公示", quarter=title), paper.getvalue())
            yield Part(f"{name}.json", _("%(quarter)s公示的数据", quarter=title), notice.facts.encode())
