"""Works the notice of a closed quarter out from the book, as far as it is public."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.clock import local
from market.communities.service import profile_of
from market.db import db
from market.fund import quarter_facts as told
from market.fund.disclosure import effect_of
from market.fund.due import due_of
from market.fund.goods_rows import GoodsLot
from market.fund.late_entries import remarks
from market.fund.models import CharityNotice, Fund, Proposal
from market.fund.notice_rows import QuarterNotice
from market.fund.published import PublicBook, newest_settlements, public_book
from market.fund.rules import Choice, GoodsWay, ProposalState, goods_worth, money_of, moves_beside
from market.fund.service import committee, proposals
from market.fund.service.funds import newest_terms
from market.fund.service.goods import lots, never_stored
from market.fund.service.periods import statement_of
from market.ledger import service as ledger
from market.ledger.models import Entry, Period
from market.ledger.rules import Code, EntryKind, Kind, balances
from market.ledger.spans import Span, quarter_of
from market.people import service as people
from market.people.rules import Role
from market.settlement.models import Settlement
from market.typed_text import without_persons


class _Sums(NamedTuple):
    """What the accounts moved, as far as it is public."""

    quarter: Mapping[str, int]
    year: Mapping[str, int]
    ever: Mapping[str, int]


def facts_of(fund: Fund, period: Period) -> told.QuarterFacts:
    """What the notice of a closed quarter says."""
    seen, span, host = public_book(fund.community), period.span, fund.community
    year = span.last.replace(month=1, day=1)
    sums = _Sums(
        seen.balances(span.last, span.first), seen.balances(span.last, year), seen.balances(span.last)
    )
    statement, rule = statement_of(period), profile_of(host).disclosure
    before = seen.balances(span.first - timedelta(days=1)).get(Code.AT_CHARITY, 0)
    opening = _closing_before(fund, span, before)
    return told.QuarterFacts(
        community=host.name,
        host=host.host_org,
        phone=host.phone,
        fund=fund.name,
        charity=fund.charity,
        licence_no=fund.licence_no,
        agreement_no=fund.agreement_no,
        purpose=fund.purpose,
        fee_clause=fund.fee_clause,
        first_on=span.first,
        last_on=span.last,
        entries=period.entry_count,
        head=period.head_hash,
        statement_no=statement.reference,
        explanation=statement.explanation,
        opening_fen=opening,
        told_later_fen=before - opening,
        income=_by_account(sums, Kind.INCOME),
        uses=_by_account(sums, Kind.EXPENSE),
        moves=tuple(told.Move(code=code, fen=fen) for code, fen in moves_beside(sums.quarter).items()),
        closing_fen=sums.ever.get(Code.AT_CHARITY, 0),
        on_its_way_fen=sums.ever.get(Code.TRANSFER_PENDING, 0) + sums.ever.get(Code.CASH_IN_TRANSIT, 0),
        owed_fen=-sums.ever.get(Code.REFUNDABLE, 0),
        waiting=seen.waiting,
        markets=tuple(_markets(fund, seen, span)),
        donations=tuple(_donations(fund, span)),
        projects=tuple(_projects(fund, seen, span)),
        decisions=tuple(_decisions(fund, span)),
        members=tuple(_members(fund, span)),
        corrections=tuple(corrections(fund, seen, span)),
        goods=_goods(fund, span, sums),
        objection_days=rule.objection_days,
        due_on=due_of(span, rule.publish_days, None, span.last).due_on,
    )


def _closing_before(fund: Fund, span: Span, otherwise: int) -> int:
    """With what the notice of the quarter before closed, where it was published."""
    query = sa.select(QuarterNotice.facts).join(Period, Period.id == QuarterNotice.period_id)
    kept = db.session.scalar(
        query.where(
            QuarterNotice.fund_id == fund.id,
            QuarterNotice.reviewed_at.is_not(None),
            Period.last_on == span.first - timedelta(days=1),
        )
    )
    return told.read_facts(kept).closing_fen if kept is not None else otherwise


def _by_account(sums: _Sums, kind: Kind) -> tuple[told.Sum, ...]:
    quarter, year, ever = (money_of(some, kind) for some in sums)
    return tuple(
        told.Sum(code=code, quarter_fen=quarter.get(code, 0), year_fen=year.get(code, 0), ever_fen=fen)
        for code, fen in ever.items()
    )


def _markets(fund: Fund, seen: PublicBook, span: Span) -> Iterable[told.Market]:
    """Every market that was held in the quarter and settled."""
    query = (
        sa.select(Settlement)
        .join(Settlement.day)
        .options(contains_eager(Settlement.day))
        .where(Settlement.id.in_(newest_settlements(fund.community_id)))
        .order_by(MarketDay.open_at, MarketDay.id)
    )
    for one in db.session.scalars(query):
        held_on = local_date(one.day)
        if span.holds(held_on):
            yield told.Market(
                ref=one.day.ref,
                theme=one.day.theme,
                held_on=held_on,
                stalls=one.vendors,
                fen=seen.of(one).contribution_fen,
            )


def _donations(fund: Fund, span: Span) -> Iterable[told.Donation]:
    """What came beside the markets and counts in the quarter, without names."""
    query = (
        sa.select(CharityNotice)
        .join(CharityNotice.entry)
        .where(CharityNotice.fund_id == fund.id, Entry.happened_on.between(*span))
        .order_by(Entry.sequence)
    )
    for notice in db.session.scalars(query):
        undone = notice.entry.reversed_by if notice.entry is not None else None
        if undone is not None and undone.happened_on <= span.last:
            continue
        yield told.Donation(
            notice=notice.ref, code=notice.source.value, received_on=notice.received_on, fen=notice.amount_fen
        )


def _projects(fund: Fund, seen: PublicBook, span: Span) -> Iterable[told.Project]:
    """What was spent, voucher by voucher; the charity's fee and corrections stand in lines of their own."""
    for entry in ledger.entries(fund.book, since=span.first, until=span.last):
        spent = money_of(balances(entry.lines), Kind.EXPENSE)
        if spent and entry.kind not in (EntryKind.FEE, EntryKind.REVERSAL) and entry.id not in seen.hidden:
            yield told.Project(
                entry=entry.ref,
                code=max(spent, key=lambda code: spent[code]),
                what=entry.memo,
                paid_on=entry.happened_on,
                fen=sum(spent.values()),
            )


def _decisions(fund: Fund, span: Span) -> Iterable[told.Decision]:
    for one in reversed(proposals(fund)):
        if one.decided_at is not None and span.holds(local(one.decided_at, fund.community.zone).date()):
            yield _decision(one)


def _decision(one: Proposal) -> told.Decision:
    votes = Counter(vote.choice for vote in one.votes)
    state = ProposalState.APPROVED if one.state is not ProposalState.REJECTED else one.state
    return told.Decision(
        what=one.purpose,
        fen=one.amount_fen,
        state=state.value,
        yes=votes[Choice.YES],
        no=votes[Choice.NO],
        recused=tuple(vote.user.display_name for vote in one.votes if vote.choice is Choice.RECUSE),
    )


def _members(fund: Fund, span: Span) -> Iterable[told.Member]:
    """Who sits in the committee on its last day, and who looks on."""
    terms = newest_terms(fund)
    for user in committee(fund, span.last):
        term = terms.get(user.id)
        yield told.Member(
            name=user.display_name,
            seat=term.seat.value if term else "member",
            first_on=term.first_on if term else None,
            last_on=term.last_on if term else None,
        )
    for user in people.members(fund.community, Role.SUPERVISOR):
        yield told.Member(name=user.display_name, seat="supervisor")


# ── corrections ───────────────────────────────────────────────────────────────────────────────────────────


def corrections(fund: Fund, seen: PublicBook, span: Span | None = None) -> Iterable[told.Correction]:
    """Every voucher that was undone, numbered within the year, and what was booked late with its own."""
    numbers: Counter[int] = Counter()
    numbered = []
    for entry in ledger.entries(fund.book, kind=EntryKind.REVERSAL):
        numbers[entry.fiscal_year] += 1
        if span is None or span.holds(entry.happened_on):
            numbered.append((entry, f"{entry.fiscal_year}-{numbers[entry.fiscal_year]}"))
    around = _Around(fund, [entry for entry, _number in numbered])
    undone = [_correction(entry, number, seen, around) for entry, number in numbered]
    return [*undone, *remarks(fund, seen, span)]


class _Around:
    """What corrections undo and what was posted right after them, read with one question."""

    def __init__(self, fund: Fund, undoing: Sequence[Entry]) -> None:
        places = {entry.sequence + step for entry in undoing for step in (1, 2)}
        originals = [entry.reverses_id for entry in undoing]
        query = sa.select(Entry).where(
            Entry.book_id == fund.book_id, sa.or_(Entry.sequence.in_(places), Entry.id.in_(originals))
        )
        found = db.session.scalars(query).all() if undoing else []
        self._by_id = {entry.id: entry for entry in found}
        self._by_place = {entry.sequence: entry for entry in found}

    def wrong(self, undoing: Entry) -> Entry:
        """What it undoes: the database says that a reversal has its original."""
        return self._by_id[undoing.reverses_id or 0]

    def right(self, undoing: Entry) -> Entry | None:
        """The voucher that says it right: posted right after, of the same subject."""
        wrong = self.wrong(undoing)
        after = (self._by_place.get(undoing.sequence + step) for step in (1, 2))
        subject = wrong.source.split(":")[:2]
        same = (one for one in after if one is not None and one.source.split(":")[:2] == subject)
        return next((one for one in same if one.kind is wrong.kind), None)


def _correction(entry: Entry, number: str, seen: PublicBook, around: _Around) -> told.Correction:
    wrong = around.wrong(entry)
    shown = not {entry.id, wrong.id} & seen.hidden.keys()
    quarter = quarter_of(wrong.happened_on)
    right = around.right(entry) if shown else None
    return told.Correction(
        number=number,
        voucher=wrong.voucher,
        entry=entry.ref if shown else None,
        what=without_persons(wrong.memo),
        reason=entry.reason or "",
        made_on=entry.happened_on,
        before_fen=effect_of(wrong) if shown else None,
        after_fen=effect_of(right) if right is not None and right.id not in seen.hidden else None,
        earlier="" if quarter.holds(entry.happened_on) else f"{quarter.last.year}-{quarter.quarter}",
    )


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────────────


def _goods(fund: Fund, span: Span, sums: _Sums) -> told.Goods:
    """Goods in items that came and went in the quarter, and what was left at its end."""
    gone: Counter[GoodsWay] = Counter()
    received = left = 0
    for lot in lots(fund.community):
        still, went = _of_lot(lot, span)
        received += lot.count if span.holds(lot.received_on) else 0
        left += still
        gone += went
    return told.Goods(
        received=received,
        given=gone[GoodsWay.GIVEN],
        spoiled=gone[GoodsWay.SPOILED],
        left=left,
        returned=gone[GoodsWay.RETURNED],
        at_markets=sum(item.items for item, _day in never_stored(fund.community, span)),
        worth=_worth(sums),
    )


def _worth(sums: _Sums) -> told.Worth | None:
    """What valued goods moved in the quarter."""
    moved = goods_worth(sums.quarter, sums.ever)
    if not (moved or goods_worth(sums.ever, sums.ever)):
        return None
    return told.Worth(
        opening_fen=moved.held_fen - sums.quarter.get(Code.GOODS, 0),
        received_fen=moved.received_fen,
        given_fen=moved.given_fen,
        lost_fen=moved.lost_fen,
        held_fen=moved.held_fen,
    )


def _of_lot(lot: GoodsLot, span: Span) -> tuple[int, Counter[GoodsWay]]:
    """What of a lot was there at the end of the quarter, and what left in it."""
    gone: Counter[GoodsWay] = Counter()
    left = lot.count if lot.received_on <= span.last else 0
    for out in lot.outs:
        if out.voided_at is None and out.happened_on <= span.last:
            left -= out.items
            gone[out.way] += out.items if span.holds(out.happened_on) else 0
    return left, gone
