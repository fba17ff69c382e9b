"""What the fund of the demo was used for: proposed, voted on, paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from market.demo import records
from market.demo.cast import Cast, morning
from market.demo.records import SpendingRow
from market.demo.year import Act
from market.fund import service as funds
from market.fund.models import Proposal
from market.fund.rules import Choice, UseType

TEXTS: dict[str, tuple[UseType, str, str]] = {
    "慰问走访": (
        UseType.VISITS,
        "示例社区居民委员会",
        "端午前后走访 24 户独居和困难老人，每户一份 100 元的米面油。",
    ),
    "路灯维修": (UseType.REPAIRS, "示例区亮化工程队", "小区北侧 6 盏路灯不亮，换灯头和线，含一年保修。"),
    "高龄老人服务": (UseType.SERVICES, "康养驿站", "为 30 位 80 岁以上老人理发、测血压、修剪指甲，共两次。"),
}
"""Type of use, who is paid, and what for."""

VOTES = (
    (Choice.YES, Choice.YES, Choice.YES),
    (Choice.YES, Choice.NO, Choice.YES, Choice.YES),
    (Choice.RECUSE, Choice.YES, Choice.YES, Choice.YES),
)
"""In the order of the members, until the proposal is decided."""

REMARKS = {Choice.NO: "再找一家比比价。", Choice.RECUSE: "收款方是我家亲戚，我回避。"}
PROPOSED_BEFORE = timedelta(days=5)


def acts(cast: Cast) -> Iterator[Act]:
    """The acts of every row of spending.csv."""
    for number, row in enumerate(records.spending()):
        found: list[Proposal] = []
        yield _at(row.decided_on - PROPOSED_BEFORE, 16), partial(_propose, cast, row, found)
        for index, choice in enumerate(VOTES[number]):
            yield _at(row.decided_on, 9 + index), partial(_vote, cast, index, choice, found)
        yield _at(row.paid_on, 10), partial(_pay, cast, row, number, found)


def _at(on: date, hour: int) -> datetime:
    return morning(on, hour)


def _propose(cast: Cast, row: SpendingRow, found: list[Proposal], at: datetime) -> None:
    use_type, payee, detail = TEXTS[row.purpose]
    proposal = funds.propose(
        cast.fund,
        use_type,
        row.purpose,
        payee=payee,
        amount_fen=row.amount_fen,
        detail=detail,
        by=cast.secretary,
        at=at,
    )
    found[:] = [proposal]


def _vote(cast: Cast, index: int, choice: Choice, found: list[Proposal], at: datetime) -> None:
    remark = REMARKS.get(choice, "")
    funds.vote(found[0], choice, by=cast.members[index], at=at, remark=remark)


def _pay(cast: Cast, row: SpendingRow, number: int, found: list[Proposal], at: datetime) -> None:
    reference = f"示慈付 {row.paid_on.year}-{number + 1:03d}"
    funds.record_payment(found[0], row.paid_on, reference, by=cast.staff, at=at)
