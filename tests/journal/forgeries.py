"""Thirty and more ways to change the past by plain SQL: what each is called, what it does, who sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import sqlalchemy as sa

from market.audit import AuditRow
from market.db import Model, db
from market.journal.kinds import facts_named, facts_of
from market.journal.models import Journal
from market.journal.rules import genesis, line_hash, said_hash, shown_facts
from market.journal.writing import facts_of_line, kinds
from market.ledger import chain
from market.ledger.models import Book, Entry
from market.ledger.verification import book_facts

VERIFY, PRINTED = "`verify`", "a printed head"


class Forgery(NamedTuple):
    """A change, and by what it is named."""

    what: str
    how: tuple[str | Callable[[Any], None], ...]
    seen_by: tuple[str, ...]
    named: str = ""
    """What the sentence of `verify` says among other things."""


GATE = "(SELECT id FROM user_account WHERE login = 'gate')"


def swap_lines(_year: Any) -> None:
    """Two vendors of one market change places; every sum stays right."""
    query = "SELECT id, assignment_id FROM settlement_line WHERE settlement_id = {one} ORDER BY id LIMIT 2"
    one, two = db.session.execute(sa.text(query.format(one="(SELECT min(id) FROM settlement)"))).all()
    put = sa.text("UPDATE settlement_line SET assignment_id = :at WHERE id = :id")
    spare = db.session.execute(sa.text("SELECT max(id) FROM assignment")).scalar_one()
    for line, assignment in ((one.id, spare), (two.id, one.assignment_id), (one.id, two.assignment_id)):
        db.session.execute(put, {"at": assignment, "id": line})


def paid_to_another(_year: Any) -> None:
    """The payee of a paid proposal, with its hash and that of the votes made right again."""
    row = db.session.execute(sa.text("SELECT use_type, purpose, detail, amount_fen FROM proposal")).one()
    parts = (row.use_type, row.purpose, row.detail, "张三", str(row.amount_fen))
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    db.session.execute(sa.text("UPDATE proposal SET payee = '张三', text_hash = :hash"), {"hash": digest})
    db.session.execute(sa.text("UPDATE vote SET text_hash = :hash"), {"hash": digest})


def chain_the_book_anew(_year: Any) -> None:
    """Every entry hashed again from the first on, as the program would have."""
    book = db.session.scalars(sa.select(Book)).one()
    head = chain.genesis(book_facts(book))
    for entry in db.session.scalars(sa.select(Entry).order_by(Entry.sequence)):
        head = seal_entry(entry, head, entry.journal)
    db.session.execute(sa.update(Book.__table__).values(head_hash=head))  # type: ignore[arg-type]  # a table


def seal_entry(entry: Entry, before: str, journal: str | None) -> str:
    facts = chain.EntryFacts(
        entry.ref, entry.sequence, entry.fiscal_year, entry.number, entry.kind.value, entry.source,
        entry.happened_on, entry.posted_at, entry.posted_by, entry.memo, entry.lines,
        entry.reverses.sequence if entry.reverses else None, entry.reason, journal, entry.salt,
    )  # fmt: skip
    hash_ = chain.entry_hash(before, facts)
    table: Any = Entry.__table__
    values = {"prev_hash": before, "hash": hash_, "journal": journal}
    db.session.execute(sa.update(table).where(table.c.id == entry.id).values(values))
    return hash_


def chain_everything_anew(_year: Any) -> None:
    """The whole journal and the book told again, with the digests of what the tables say now."""
    db.session.expire_all()
    now = {fact.key: fact.digest for kind in kinds().kinds for fact in facts_of(kind)}
    entries = {f"entry:{entry.ref}": entry for entry in db.session.scalars(sa.select(Entry))}
    heads: dict[str, str] = {}
    table: Any = AuditRow.__table__
    book = db.session.scalars(sa.select(Book)).one()
    book_head = chain.genesis(book_facts(book))
    for journal in db.session.scalars(sa.select(Journal)):
        rows = list(
            db.session.scalars(
                sa.select(AuditRow)
                .where(AuditRow.chain == journal.chain, AuditRow.number.is_not(None))
                .order_by(AuditRow.number)
            )
        )
        last = {key: row.id for row in rows for key in row.facts}
        head = genesis(journal.chain)
        heads[head] = head
        for row in rows:
            for key in sorted(set(row.facts) & set(entries), key=lambda key: entries[key].sequence):
                entry = entries.pop(key)
                book_head = seal_entry(entry, book_head, heads.get(entry.journal or ""))
                kind = kinds().by_table["entry"]
                (fact,) = facts_named(kind, {"id": [entry.id]})
                now[key] = fact.digest
            facts = {key: now.get(key) if last[key] == row.id else said for key, said in row.facts.items()}
            before, line = row.hash, facts_of_line(row)
            said = said_hash(line._replace(facts=facts), row.salt)
            head = line_hash(head, said, shown_facts(facts, kinds().public))
            heads[before] = head
            values = {"facts": facts, "said": said, "hash": head}
            db.session.execute(sa.update(table).where(table.c.id == row.id).values(values))
        ends: Any = Journal.__table__
        db.session.execute(sa.update(ends).where(ends.c.chain == journal.chain).values(head_hash=head))
    books: Any = Book.__table__
    db.session.execute(sa.update(books).values(head_hash=book_head))


def put_back_the_old_copy(year: Any) -> None:
    """Every table as it was in the middle of the year."""
    for table in reversed(Model.metadata.sorted_tables):
        db.session.execute(table.delete())
    for table in Model.metadata.sorted_tables:
        if year.copy[table.name]:
            db.session.execute(table.insert(), year.copy[table.name])


def cut_the_tail(_year: Any) -> None:
    """The newest line goes, and the end of the chain says that it never was."""
    ours = "(SELECT id FROM community WHERE slug = 'huaiyin')"
    last = f"chain = {ours} AND number = (SELECT lines FROM journal WHERE chain = {ours})"
    before = f"(SELECT hash FROM audit_row WHERE chain = {ours} AND number = journal.lines - 1)"
    for statement in (
        f"DELETE FROM audit_row WHERE {last}",
        f"UPDATE journal SET head_hash = {before}, lines = lines - 1 WHERE chain = {ours}",
    ):
        db.session.execute(sa.text(statement))


FORGERIES = (
    Forgery(
        "two lines of a settlement swapped",
        (swap_lines,),
        (VERIFY,),
        "结算",
    ),
    Forgery(
        "takings doubled",
        ("UPDATE takings_report SET takings_fen = takings_fen * 2",),
        (VERIFY,),
        "营业额报数",
    ),
    Forgery(
        "a report added",
        (
            "INSERT INTO takings_report (day_id, assignment_id, revision, takings_fen, source, reported_by,"
            " reported_at, reason) SELECT day_id, assignment_id, 9, 1, source, reported_by, reported_at, ''"
            " FROM takings_report WHERE id = (SELECT min(id) FROM takings_report)",
        ),
        (VERIFY,),
        "营业额报数",
    ),
    Forgery(
        "a report deleted",
        ("DELETE FROM takings_report WHERE id = (SELECT max(id) FROM takings_report)",),
        (VERIFY,),
        "营业额报数",
    ),
    Forgery("terms lowered", ("UPDATE terms SET basis_points = 100",), (VERIFY,), "捐款约定"),
    Forgery(
        "terms signed earlier", ("UPDATE terms SET agreed_at = '2020-01-01 00:00:00'",), (VERIFY,), "捐款约定"
    ),
    Forgery("scans deleted", ("DELETE FROM scan",), (VERIFY,), "扫码记录"),
    Forgery(
        "a scan added",
        (
            "INSERT INTO scan (community_id, day_id, client_id, verdict, method, entrance, scanned_at,"
            " received_at, scanned_by) SELECT community_id, day_id, 'forged', 'invalid', method, '',"
            " scanned_at, received_at, scanned_by FROM scan WHERE id = (SELECT min(id) FROM scan)",
        ),
        (VERIFY,),
        "扫码记录",
    ),
    Forgery(
        "a scan moved to another hour",
        ("UPDATE scan SET scanned_at = '2020-01-01 00:00:00'",),
        (VERIFY,),
        "扫码记录",
    ),
    Forgery("visits doubled", ("UPDATE footfall_count SET visits = visits * 2",), (VERIFY,), "人次"),
    Forgery("visits deleted", ("DELETE FROM footfall_count",), (VERIFY,), "人次"),
    Forgery("goods made less", ("UPDATE in_kind_item SET items = 2",), (VERIFY,), "物资"),
    Forgery("goods deleted", ("DELETE FROM in_kind_item",), (VERIFY,), "物资"),
    Forgery(
        "an exception accepted afterwards",
        (
            "INSERT INTO close_waiver (day_id, assignment_id, fault, reason, waived_by, waived_at)"
            " SELECT day_id, assignment_id, 'not_scanned', 'x', reported_by, reported_at FROM takings_report"
            " WHERE id = (SELECT min(id) FROM takings_report)",
        ),
        (VERIFY,),
        "收市时的认可",
    ),
    Forgery(
        "an assignment given to another vendor",
        (
            "UPDATE assignment SET vendor_id = (SELECT max(id) FROM vendor)"
            " WHERE id = (SELECT min(id) FROM assignment)",
        ),
        (VERIFY,),
        "摊位安排",
    ),
    Forgery(
        "an opening moved to a later hour",
        ("UPDATE day_step SET taken_at = '2099-01-01 00:00:00'",),
        (VERIFY,),
        "集市的一步",
    ),
    Forgery("the payee of the stall fee", ("UPDATE stall_fee SET payee = '张三'",), (VERIFY,), "摊位费"),
    Forgery("the amount of the stall fee", ("UPDATE stall_fee SET amount_fen = 100",), (VERIFY,), "摊位费"),
    Forgery(
        "the amount of the stall fee, with what every vendor was charged",
        ("UPDATE stall_fee SET amount_fen = 100", "UPDATE settlement_line SET fee_fen = 100"),
        (VERIFY,),
        "摊位费",
    ),
    Forgery("who pays no stall fee", ("UPDATE stall_fee SET exempt = 'produce'",), (VERIFY,), "摊位费"),
    Forgery("by which rule the fee is charged", ("UPDATE stall_fee SET basis = 'x'",), (VERIFY,), "摊位费"),
    Forgery(
        "the stall fee set earlier",
        ("UPDATE stall_fee SET set_at = '2020-01-01 00:00:00'",),
        (VERIFY,),
        "摊位费",
    ),
    Forgery(
        "a vendor let off the fee",
        ("UPDATE settlement_line SET fee_fen = 0 WHERE id = (SELECT min(id) FROM settlement_line)",),
        (VERIFY,),
        "结算",
    ),
    Forgery(
        "the stall fee deleted, as if none had been charged",
        (
            "UPDATE settlement SET fee_id = NULL",
            "UPDATE settlement_line SET fee_fen = 0",
            "DELETE FROM stall_fee",
        ),
        (VERIFY,),
        "摊位费",
    ),
    Forgery("NO votes deleted", ("DELETE FROM vote WHERE choice = 'no'",), (VERIFY,), "表决"),
    Forgery("a NO turned into a YES", ("UPDATE vote SET choice = 'yes'",), (VERIFY,), "表决"),
    Forgery(
        "a vote given to somebody else",
        (f"UPDATE vote SET user_id = {GATE} WHERE choice = 'no'",),
        (VERIFY,),
        "表决",
    ),
    Forgery(
        "a vote added",
        (
            f"INSERT INTO vote (proposal_id, user_id, choice, text_hash, remark, voted_at)"
            f" SELECT id, {GATE}, 'yes', text_hash, '', proposed_at FROM proposal",
        ),
        (VERIFY,),
        "表决",
    ),
    Forgery(
        "the payee of a paid proposal, with all hashes of its text", (paid_to_another,), (VERIFY,), "用款提议"
    ),
    Forgery(
        "the amount of a paid proposal", ("UPDATE proposal SET amount_fen = 4000",), (VERIFY,), "用款提议"
    ),
    Forgery(
        "the reference of a payment",
        ("UPDATE payment SET reference = 'FK-9'",),
        (VERIFY,),
        "付款登记",
    ),
    Forgery(
        "who recorded a payment",
        ("UPDATE payment SET recorded_by = (SELECT proposed_by FROM proposal)",),
        (VERIFY,),
        "付款登记",
    ),
    Forgery(
        "who settled",
        (f"UPDATE settlement SET settled_by = {GATE}",),
        (VERIFY,),
        "结算",
    ),
    Forgery(
        "why a settlement was corrected",
        ("UPDATE settlement SET reason = '别的原因' WHERE revision = 2",),
        (VERIFY,),
        "结算",
    ),
    Forgery(
        "the reference of an arrival", ("UPDATE remittance SET reference = 'GZ-9'",), (VERIFY,), "到账登记"
    ),
    Forgery(
        "who confirmed an arrival",
        (f"UPDATE remittance SET confirmed_by = {GATE}",),
        (VERIFY,),
        "到账登记",
    ),
    Forgery("the charity of the fund", ("UPDATE fund SET charity = '别的慈善会'",), (VERIFY,), "基金登记"),
    Forgery(
        "the number of the agreement", ("UPDATE fund SET agreement_no = '2024-9'",), (VERIFY,), "基金登记"
    ),
    Forgery(
        "the whole fund deleted, with its book",
        (
            *(f"DELETE FROM {name}" for name in ("vote", "payment", "proposal", "remittance", "fund")),
            "UPDATE settlement SET entry_id = NULL",
            *(f"DELETE FROM {name}" for name in ("posting", "entry", "book")),
        ),
        (VERIFY,),
        "账簿却不见了",
    ),
    Forgery(
        "a settlement deleted, its market left settled",
        ("DELETE FROM settlement_line", "DELETE FROM settlement"),
        (VERIFY,),
        "却没有结算表",
    ),
    Forgery(
        "a settlement deleted, its market opened again",
        ("DELETE FROM settlement_line", "DELETE FROM settlement", "UPDATE market_day SET state = 'closed'"),
        (VERIFY,),
        "结算",
    ),
    Forgery(
        "a member made a member earlier",
        ("UPDATE membership SET since = '2020-01-01 00:00:00'",),
        (VERIFY,),
        "身份",
    ),
    Forgery(
        "somebody made a member of the committee",
        ("UPDATE membership SET role = 'committee' WHERE role = 'gate'",),
        (VERIFY,),
        "身份",
    ),
    Forgery(
        "who made a member's link", ("UPDATE sign_in_link SET made_by = user_id",), (VERIFY,), "登录链接"
    ),
    Forgery("a member's link deleted", ("DELETE FROM sign_in_link",), (VERIFY,), "登录链接"),
    Forgery("the audit trail emptied", ("DELETE FROM audit_row",), (VERIFY, PRINTED), "末尾对不上"),
    Forgery(
        "the audit trail and the ends of its chains emptied",
        ("DELETE FROM audit_row", "DELETE FROM journal"),
        (VERIFY, PRINTED),
        "日志里没有",
    ),
    Forgery(
        "a line given to another person",
        (f"UPDATE audit_row SET user_id = {GATE}",),
        (VERIFY,),
        "内容被改动过",
    ),
    Forgery(
        "a line deleted from the middle",
        ("DELETE FROM audit_row WHERE number = 5",),
        (VERIFY,),
        "缺了行",
    ),
    Forgery(
        "the newest line deleted, the end set back",
        (cut_the_tail,),
        (VERIFY, PRINTED),
        "付款登记",
    ),
    Forgery(
        "the head of the journal replaced",
        ("UPDATE journal SET head_hash = (SELECT head_hash FROM book)",),
        (VERIFY, PRINTED),
        "末尾对不上",
    ),
    Forgery(
        "a memo changed and the book chained anew",
        ("UPDATE entry SET memo = '别的事' WHERE sequence = 1", chain_the_book_anew),
        (VERIFY,),
        "凭证",
    ),
    Forgery(
        "entries without the head of the journal, the book chained anew",
        ("UPDATE entry SET journal = NULL", chain_the_book_anew),
        (VERIFY,),
        "凭证",
    ),
    Forgery(
        "a vote turned, and journal and book chained anew from the first line",
        ("UPDATE vote SET choice = 'yes'", chain_everything_anew),
        (PRINTED,),
    ),
    Forgery(
        "who settled changed, and journal and book chained anew",
        (f"UPDATE settlement SET settled_by = {GATE}", chain_everything_anew),
        (PRINTED,),
    ),
    Forgery(
        "the payee of the stall fee, and journal and book chained anew",
        ("UPDATE stall_fee SET payee = '张三'", chain_everything_anew),
        (PRINTED,),
    ),
    Forgery("an old backup put back", (put_back_the_old_copy,), (PRINTED,)),
)
