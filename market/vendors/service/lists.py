"""Lists that staff bring: kept, looked at, corrected row by row. Nothing of them is entered here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.rules import Severity
from market.communities.service import profile_of
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.tables import reading as tables
from market.tables.rows import ReadTable, TableRow
from market.vendors.goods import banned
from market.vendors.list_rows import ListedVendor, VendorList
from market.vendors.listed.entry import Listed
from market.vendors.listed.headings import Column, columns_by_look, heading_of, read_rows
from market.vendors.listed.pasted import is_chain, read_text
from market.vendors.listed.verdict import Choice, Known, Terms, Verdict, added, digest_of, judge
from market.vendors.models import Vendor
from market.vendors.rules import OVER, VendorDraft
from market.vendors.service.application import applications
from market.vendors.service.registration import register
from market.vendors.words import banned_sentence

MOST_ENTRIES = 600
"""More rows than any register of a community; a larger list is a mistake."""
KEPT_UNDONE = timedelta(days=3)
"""How long a list is kept that nobody entered."""
KEPT_DONE = timedelta(days=30)
"""How long it is known what entering one changed; until then it may be undone."""


@dataclass
class Reading:
    """A list beside the register as it is now."""

    verdicts: list[Verdict] = field(default_factory=list)
    listed: Listed = field(default_factory=Listed)
    columns: dict[int, Column] = field(default_factory=dict)
    headings: list[str] = field(default_factory=list)
    """How the columns are headed; empty for a list without columns."""
    cut: bool = False
    more_sheets: int = 0
    digest: str = ""


# ── brought ───────────────────────────────────────────────────────────────────────────────────────────────


def bring_list(
    community: Community, data: bytes, text: str, *, day: MarketDay | None, by: User, at: datetime
) -> VendorList:
    """Keeps what was pasted or sent as a file, to be looked at.

    Refuses `vendors.no_table`, `vendors.unreadable_file`, `vendors.list_too_long`, `vendors.empty_list` and
    `vendors.closed`.
    """
    _check_day(day)
    brought = VendorList(
        community_id=community.id, day=day, made_by=by.id, made_at=at, source=_source(data, text),
        columns={}, choices={},
    )  # fmt: skip
    listed, *_rest = _listed(brought)
    if not listed.entries:
        raise Refusal("vendors.empty_list", _("没有认出一家来。每行写上招牌名、手机号、做什么就行。"), 422)
    if len(listed.entries) > MOST_ENTRIES:
        sentence = _("名单太长了，一次最多 %(n)s 行，请分几次。", n=MOST_ENTRIES)
        raise Refusal("vendors.list_too_long", sentence, 422)
    db.session.add(brought)
    db.session.flush()
    audit.record("vendors.bring_list", brought, by=by, at=at, rows=len(listed.entries))
    return brought


def _check_day(day: MarketDay | None) -> None:
    if day is not None and day.state in OVER:
        raise Refusal("vendors.closed", _("这一场不能再报名了。"))


def _source(data: bytes, text: str) -> dict[str, Any]:
    """What was brought, as it is kept: the cells of a table, or lines of text."""
    if data and not data.startswith(b"PK"):
        data, text = b"", tables.decoded(data, "vendors")
    if not data and is_chain(text):
        return {"text": text}
    table = tables.read_table(data, text, "vendors")
    by_look = bool(data) or "\t" in text  # commas stand between the words of a chain, too
    if _has_columns(table) and (heading_of(table) is not None or (by_look and columns_by_look(table))):
        return _stored(table)
    return {"text": text or "\n".join("\t".join(row.cells) for row in table.rows)}


def _has_columns(table: ReadTable) -> bool:
    """Whether most rows have several cells: one line with tabs above others without makes no table."""
    filled = [sum(map(bool, row.cells)) for row in table.rows if any(row.cells)]
    return sum(cells > 1 for cells in filled) * 2 > len(filled)


def _stored(table: ReadTable) -> dict[str, Any]:
    rows = [
        [row.number, row.cells, row.hidden, sorted(row.merged), sorted(row.uncounted), sorted(row.dates)]
        for row in table.rows
    ]
    return {"rows": rows, "cut": table.cut, "more_sheets": table.more_sheets}


def _table(source: Mapping[str, Any]) -> ReadTable:
    rows = [
        TableRow(number, cells, hidden, frozenset(merged), frozenset(uncounted), frozenset(dates))
        for number, cells, hidden, merged, uncounted, dates in source["rows"]
    ]
    return ReadTable(rows, source["cut"], source["more_sheets"])


# ── read ──────────────────────────────────────────────────────────────────────────────────────────────────


def read_list(brought: VendorList) -> Reading:
    """The list beside the register as it is now, with what staff said of its rows."""
    listed, columns, headings, table = _listed(brought)
    terms = Terms(
        for_market=brought.day is not None, takes=table is not None, banned=_banned(brought.community)
    )
    verdicts = judge(listed.entries, known_vendors(brought.community, brought.day), _choices(brought), terms)
    day = f"{brought.day.ref}:{brought.day.state.value}" if brought.day else ""
    return Reading(
        verdicts,
        listed,
        columns,
        headings,
        cut=table.cut if table else False,
        more_sheets=table.more_sheets if table else 0,
        digest=digest_of(verdicts, brought.ref, day),
    )


def _listed(brought: VendorList) -> tuple[Listed, dict[int, Column], list[str], ReadTable | None]:
    source = brought.source
    if "rows" not in source:
        return read_text(source.get("text", "")), {}, [], None
    table = _table(source)
    start, columns = heading_of(table) or (0, columns_by_look(table))
    said = {int(index): Column(value) for index, value in brought.columns.items()}
    columns = {
        index: column for index, column in {**columns, **said}.items() if column is not Column.NOT_USED
    }
    width = max((len(row.cells) for row in table.rows), default=0)
    heading = table.rows[start - 1].cells if start else []
    headings = [heading[index] if index < len(heading) else "" for index in range(width)]
    return read_rows(table, start, columns), columns, headings, table


def _banned(community: Community) -> Any:
    profile, said = profile_of(community), dict[str, str]()

    def sentence(goods: str) -> str:
        if goods not in said:
            found = [one for one in banned([goods], profile) if one.banned is Severity.BLOCK]
            said[goods] = str(banned_sentence(found[0])) if found else ""
        return said[goods]

    return sentence


def known_vendors(community: Community, day: MarketDay | None) -> list[Known]:
    """The register of this community, and nothing of any other, as a list is compared with it."""
    states = {one.vendor_id: one.state for one in applications(day)} if day is not None else {}
    people = [vendor for vendor in register(community) if not vendor.forgotten]
    return [Known(vendor.ref, facts_of_vendor(vendor), states.get(vendor.id)) for vendor in people]


def facts_of_vendor(vendor: Vendor) -> VendorDraft:
    """What the register says of a vendor, as a draft."""
    return VendorDraft(**{name: getattr(vendor, name) for name in VendorDraft.__dataclass_fields__})


def _choices(brought: VendorList) -> dict[int, Choice]:
    return {int(number): Choice(**said) for number, said in brought.choices.items()}


# ── corrected ─────────────────────────────────────────────────────────────────────────────────────────────


def answer_row(brought: VendorList, number: int, choice: Choice | None, *, by: User, at: datetime) -> None:
    """What staff say of a row besides what they said before; None takes all of it back.

    Refuses `vendors.list_done` and `vendors.no_row`.
    """
    _begin(brought)
    if not any(verdict.entry.number == number for verdict in read_list(brought).verdicts):
        raise NotFound("vendors.no_row", _("名单里没有这一行。"))
    others = {key: said for key, said in brought.choices.items() if key != str(number)}
    before = _choices(brought).get(number, Choice())
    said = {} if choice is None else {str(number): asdict(added(before, choice))}
    brought.choices = {**others, **said}
    db.session.flush()
    audit.record("vendors.answer_row", brought, by=by, at=at, row=number)


def set_columns(brought: VendorList, columns: Mapping[int, Column], *, by: User, at: datetime) -> None:
    """What each column holds, where it was read wrongly. What was said of rows is kept.

    Refuses `vendors.list_done` and `vendors.two_columns`.
    """
    _begin(brought)
    used = [column for column in columns.values() if column is not Column.NOT_USED]
    if len(used) != len(set(used)):
        raise Refusal("vendors.two_columns", _("有两列选成了同一样，请改一列。"), 422)
    brought.columns = {str(index): column.value for index, column in columns.items()}
    db.session.flush()
    audit.record("vendors.set_columns", brought, by=by, at=at)


def _begin(brought: VendorList) -> None:
    lock_row(brought)
    if brought.done_at is not None:
        raise Refusal("vendors.list_done", _("这份名单已经登记过了。要改，请到各家的页面上改。"))


# ── looking, forgetting ───────────────────────────────────────────────────────────────────────────────────


def find_list(community: Community, ref: str) -> VendorList:
    """A list of this community."""
    query = sa.select(VendorList).where(VendorList.community_id == community.id, VendorList.ref == ref)
    brought = db.session.scalar(query)
    if brought is None:
        raise NotFound("vendors.no_list", _("没有这份名单，或者已经过期删掉了。请再贴一次。"))
    return brought


def recent_lists(community: Community, most: int = 5) -> list[VendorList]:
    """Lists that were entered, the newest first."""
    query = sa.select(VendorList).where(
        VendorList.community_id == community.id, VendorList.done_at.is_not(None)
    )
    return list(db.session.scalars(query.order_by(VendorList.done_at.desc()).limit(most)))


def purge_lists(*, at: datetime) -> int:
    """Deletes lists that nobody entered, and what entering others changed, when their time is over."""
    old = sa.or_(
        sa.and_(VendorList.done_at.is_(None), VendorList.made_at < at - KEPT_UNDONE),
        VendorList.done_at < at - KEPT_DONE,
    )
    ids = list(db.session.scalars(sa.select(VendorList.id).where(old)))
    db.session.execute(sa.delete(ListedVendor).where(ListedVendor.list_id.in_(ids)))
    db.session.execute(sa.delete(VendorList).where(VendorList.id.in_(ids)))
    return len(ids)
