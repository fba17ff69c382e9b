"""审计包: what an auditor asks for of one year, as pages in a folder, with the hash of each file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import sqlalchemy as sa
from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from market.clock import local
from market.config import settings
from market.db import db
from market.fund import disclosure, quarter_paper, words
from market.fund.bundle import LONG_AGO
from market.fund.models import CharityNotice, Fund
from market.fund.published import PublicBook
from market.fund.quarter import corrections
from market.fund.service import about, account_statements, compare, partners_of, proposals
from market.fund.service.goods import lots
from market.fund.service.profile import history, member_facts
from market.fund.service.quarter_notices import quarter_notices
from market.fund.service.questions import public_questions
from market.ledger import service as ledger
from market.ledger.chain import spelt_entry
from market.ledger.models import Entry
from market.ledger.rules import CHART
from market.ledger.spans import Span
from market.ledger.verification import sealed_entries
from market.settlement.models import AgreedTerms
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
    index = _page("index", _("审计包"), fund, year=year, parts=parts, entries=fund.book.entry_count)
    with ZipFile(out, "w") as archive:
        for part in (Part("index.html", "", index), *parts):
            told = ZipInfo(part.name, LONG_AGO)
            told.compress_type = ZIP_DEFLATED
            archive.writestr(told, part.content)


def years_of(fund: Fund) -> list[int]:
    """The years in which anything was booked, the newest first."""
    query = sa.select(Entry.fiscal_year).where(Entry.book_id == fund.book_id).distinct()
    return sorted(db.session.scalars(query), reverse=True)


def _parts(fund: Fund, year: Span) -> Iterator[Part]:
    yield _part("profile", _("基金、协议和管委会"), fund, **_of_fund(fund))
    entries = ledger.entries(fund.book, since=year.first, until=year.last)
    yield _part("ledger", _("凭证目录"), fund, entries=entries, effect_of=disclosure.effect_of)
    yield from (_voucher(fund, entry) for entry in entries)
    yield Part("book.jsonl", _("账本原文，一行一笔，可以重算校验值"), _book(fund, year))
    yield _part("notices", _("慈善组织的到账通知"), fund, notices=_notices(fund, year))
    yield _part("agreements", _("捐赠协议的校验值"), fund, agreed=_agreed(fund), partners=partners_of(fund))
    yield _part("minutes", _("管委会的表决"), fund, proposals=_decided(fund, year))
    yield from _statements(fund, year)
    yield _part("goods", _("捐的物资"), fund, lots=[lot for lot in lots(fund.community) if _in(lot, year)])
    everything = PublicBook(fund.community, fund.book)  # an auditor sees what is held back from everybody
    found = list(corrections(fund, everything, year))
    yield _part("corrections", _("更正说明"), fund, corrections=found)
    yield _part("questions", _("大家问的和社区答的"), fund, questions=public_questions(fund))
    yield from _quarters(fund, year)


def _part(name: str, title: str, fund: Fund, **facts: Any) -> Part:
    return Part(f"{name}.html", title, _page(name, title, fund, **facts))


def _page(name: str, title: str, fund: Fund, **facts: Any) -> bytes:
    said = {"fund": fund, "title": title, "words": words, "chart": CHART, "local": _local(fund), **facts}
    return render_template(f"fund/audit/{name}.html", **said).encode()


def _local(fund: Fund) -> Any:
    """A moment on the community's wall, as text."""
    return lambda at: f"{local(at, fund.community.zone):%Y-%m-%d %H:%M}" if at is not None else ""


def _voucher(fund: Fund, entry: Entry) -> Part:
    title = _("凭证 %(no)s", no=entry.voucher)
    origin = disclosure.origin_of(entry)
    page = _page("voucher", title, fund, entry=entry, origin=origin, total=sum(map(abs, _sides(entry))) // 2)
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


def _agreed(fund: Fund) -> Iterable[AgreedTerms]:
    """What vendors signed, with the hash of each text; those of before such texts have none."""
    query = sa.select(AgreedTerms).join(Vendor, Vendor.id == AgreedTerms.vendor_id)
    query = query.where(Vendor.community_id == fund.community_id).order_by(AgreedTerms.id)
    return list(db.session.scalars(query.options(selectinload(AgreedTerms.vendor))))


def _decided(fund: Fund, year: Span) -> list[Any]:
    zone = fund.community.zone
    return [one for one in reversed(proposals(fund)) if year.holds(local(one.proposed_at, zone).date())]


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
