"""What became of the money: vouchers with their pictures, what was left over, and a second pair of eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, race_point
from market.errors import NotFound, Refusal
from market.fund.models import Proposal
from market.ledger import service as ledger
from market.ledger.rules import Code, EntryKind, check_text, credit, debit
from market.money import yuan
from market.people.models import User
from market.photos import Photo
from market.spending.models import FinalAccount, SpendingPhoto, SpendingVoucher
from market.spending.rules import PhotoKind, Stage
from market.spending.service.cases import (
    EVERYBODY,
    WORKERS,
    Story,
    locked,
    require_role,
    require_seen,
    require_stage,
)

MOST_PHOTOS = 4
LONGEST_NUMBER, LONGEST_WHAT, LONGEST_OUTCOME = 60, 60, 300


@dataclass(frozen=True)
class VoucherDraft:
    number: str
    what: str
    amount_fen: int
    spent_on: date


def add_voucher(
    proposal: Proposal, draft: VoucherDraft, *, seen: str | None = None, by: User, at: datetime
) -> SpendingVoucher:
    """Notes one paper. The same number with the same sum again is once; with another it is refused."""
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, WORKERS)
    number = draft.number.strip()
    known = next((one for one in story.vouchers if one.number == number), None)
    if known is not None:
        if known.amount_fen != draft.amount_fen:
            raise Refusal("spending.voucher_known", _("这个票据号已经登记过，金额不一样，请核对。"))
        return known
    require_seen(story, seen)
    require_stage(story, Stage.ACCOUNT)
    _check_voucher(story, draft)
    race_point("spending.add_voucher")
    row = SpendingVoucher(
        proposal=proposal,
        number=number,
        what=draft.what.strip(),
        amount_fen=draft.amount_fen,
        spent_on=draft.spent_on,
        noted_by=by.id,
        noted_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "spending.add_voucher",
        proposal,
        by=by,
        at=at,
        community=proposal.fund.community,
        fen=draft.amount_fen,
    )
    return row


def _check_voucher(story: Story, draft: VoucherDraft) -> None:
    for text, limit in ((draft.number, LONGEST_NUMBER), (draft.what, LONGEST_WHAT)):
        if check_text(text, limit) is not None:
            raise Refusal("fund.unfit_text", _("请填票据号和买了什么，不要写手机号或身份证号。"), 422)
    if draft.amount_fen <= 0:
        raise Refusal("fund.no_amount", _("请照票据填金额。"), 422)
    left = story.proposal.amount_fen - story.spent_fen
    if draft.amount_fen > left:
        sentence = _("票据加起来超过了拨付的钱：还能登记 %(left)s 元。", left=yuan(left))
        raise Refusal("spending.over_budget", sentence, 422)
    if not story.date_of(story.proposal.proposed_at) <= draft.spent_on <= story.today:
        raise Refusal("spending.unfit_date", _("票据的日期要在提议以后、今天以前，请看看是不是选错了。"), 422)


def void_voucher(voucher: SpendingVoucher, *, by: User, at: datetime) -> None:
    """Takes back a voucher that was noted wrongly, before the account is written; twice is once."""
    story = locked(voucher.proposal, at=at)
    require_role(voucher.proposal.fund, by, WORKERS)
    db.session.refresh(voucher)
    if voucher.voided_at is not None:
        return
    require_stage(story, Stage.ACCOUNT)
    voucher.voided_by, voucher.voided_at = by.id, at
    db.session.flush()
    audit.record(
        "spending.void_voucher", voucher.proposal, by=by, at=at, community=story.proposal.fund.community
    )


def add_photo(
    voucher: SpendingVoucher, photo: Photo, kind: PhotoKind, *, by: User, at: datetime
) -> SpendingPhoto:
    """A picture of the paper, or of what was done; drawn anew before it came here."""
    story = locked(voucher.proposal, at=at)
    require_role(voucher.proposal.fund, by, WORKERS)
    require_stage(story, Stage.ACCOUNT)
    db.session.refresh(voucher)
    if voucher.voided_at is not None:
        raise Refusal("spending.voided", _("这张票据已经撤回了。"))
    if len(voucher.photos) >= MOST_PHOTOS:
        raise Refusal("spending.enough_photos", _("这张票据已经有 4 张照片了，够用了。"))
    row = SpendingPhoto(
        voucher=voucher,
        kind=kind,
        content=photo.content,
        width=photo.width,
        height=photo.height,
        added_by=by.id,
        added_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "spending.add_photo", voucher.proposal, by=by, at=at, community=story.proposal.fund.community
    )
    return row


@dataclass(frozen=True)
class AccountDraft:
    """What is left, and where it went back to."""

    served: int
    outcome: str = ""
    returned_fen: int = 0
    returned_on: date | None = None
    return_reference: str = ""


def write_account(
    proposal: Proposal, draft: AccountDraft, *, seen: str | None = None, by: User, at: datetime
) -> FinalAccount:
    """Vouchers and what went back are together what was paid, to the fen. The same again is once.

    Refuses `spending.account_written` who would write another over one that is there.
    """
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, EVERYBODY)
    if story.account is not None:
        return _same_account(story.account, draft)
    require_seen(story, seen)
    require_stage(story, Stage.ACCOUNT)
    _check_account(story, draft)
    race_point("spending.write_account")
    row = FinalAccount(
        proposal=proposal,
        spent_fen=story.spent_fen,
        **_told(draft),
        made_by=by.id,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("spending.write_account", proposal, by=by, at=at, community=proposal.fund.community)
    return row


def _told(draft: AccountDraft) -> dict[str, object]:
    """What an account says of itself; of a return only where something went back."""
    return {
        "served": draft.served,
        "outcome": draft.outcome.strip(),
        "returned_fen": draft.returned_fen,
        "returned_on": draft.returned_on if draft.returned_fen else None,
        "return_reference": draft.return_reference.strip() if draft.returned_fen else "",
    }


def _same_account(account: FinalAccount, draft: AccountDraft) -> FinalAccount:
    if any(getattr(account, name) != said for name, said in _told(draft).items()):
        sentence = _("决算已经写好了，和您这次写的不一样。要改，先撤回那一份，再写。")
        raise Refusal("spending.account_written", sentence)
    return account


def _check_account(story: Story, draft: AccountDraft) -> None:
    paid, payment = story.proposal.amount_fen, story.proposal.payment
    if story.spent_fen + draft.returned_fen != paid:
        sentence = _(
            "票据 %(spent)s 元加上退回 %(returned)s 元，不等于拨付的 %(paid)s 元。",
            spent=yuan(story.spent_fen),
            returned=yuan(draft.returned_fen),
            paid=yuan(paid),
        )
        raise Refusal("spending.does_not_add_up", sentence, 422)
    if draft.returned_fen and (
        draft.returned_on is None or check_text(draft.return_reference, LONGEST_NUMBER)
    ):
        raise Refusal("spending.no_return", _("请填退回的日期和慈善组织收到退款的凭证号。"), 422)
    paid_on = payment.paid_on if payment is not None else story.today
    if draft.returned_on is not None and not paid_on <= draft.returned_on <= story.today:
        raise Refusal("spending.unfit_date", _("退回的日期要在付款以后、今天以前。"), 422)
    if draft.served < 0 or (draft.outcome and check_text(draft.outcome.replace("\n", " "), LONGEST_OUTCOME)):
        raise Refusal("fund.unfit_text", _("请看看人数和结果；会公开，请不要写手机号或身份证号。"), 422)


def check_account(proposal: Proposal, *, seen: str | None = None, by: User, at: datetime) -> FinalAccount:
    """A second person compared the papers; what was left goes back into the book. Once."""
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, EVERYBODY)
    account = story.account
    if account is not None and account.checked_at is not None:
        return account
    require_seen(story, seen)
    require_stage(story, Stage.CHECK)
    if account is None:
        raise AssertionError("an account to check")
    if by.id == account.made_by:
        raise Refusal("fund.second_person", _("核对要由写决算以外的另一位来做。"), 403)
    race_point("spending.check_account")
    if account.returned_fen:
        _post_return(story, account, by, at)
    account.checked_by, account.checked_at = by.id, at
    db.session.flush()
    audit.record(
        "spending.check_account", proposal, by=by, at=at, community=proposal.fund.community,
        fen=account.returned_fen,
    )  # fmt: skip
    return account


def _post_return(story: Story, account: FinalAccount, by: User, at: datetime) -> None:
    proposal = story.proposal
    account.entry = ledger.post(
        proposal.fund.book,
        f"unspent:{proposal.ref}",
        EntryKind.UNSPENT,
        [debit(Code.AT_CHARITY, account.returned_fen), credit(proposal.use_type.value, account.returned_fen)],
        happened_on=ledger.booking_date(proposal.fund.book, account.returned_on or story.today, at),
        memo=proposal.purpose,
        by=by,
        at=at,
    )


def reopen_account(proposal: Proposal, *, by: User, at: datetime) -> None:
    """Takes back an account that nobody has checked yet, so that vouchers can be put right; twice is once."""
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, EVERYBODY)
    if story.account is None:
        return
    require_stage(story, Stage.CHECK)
    db.session.delete(story.account)
    db.session.flush()
    audit.record("spending.reopen_account", proposal, by=by, at=at, community=proposal.fund.community)


def find_voucher(proposal: Proposal, ref: str) -> SpendingVoucher:
    """A voucher of this proposal."""
    found = db.session.scalar(
        sa.select(SpendingVoucher).where(
            SpendingVoucher.proposal_id == proposal.id, SpendingVoucher.ref == ref
        )
    )
    if found is None:
        raise NotFound("spending.no_voucher", _("没有这张票据。"))
    return found


def find_photo(proposal: Proposal, ref: str, kinds: Sequence[PhotoKind]) -> SpendingPhoto:
    """A picture of one of these kinds."""
    found = db.session.scalar(
        sa.select(SpendingPhoto)
        .join(SpendingVoucher)
        .where(
            SpendingVoucher.proposal_id == proposal.id,
            SpendingVoucher.voided_at.is_(None),
            SpendingPhoto.ref == ref,
            SpendingPhoto.kind.in_(kinds),
        )
    )
    if found is None:
        raise NotFound("spending.no_photo", _("没有这张照片。"))
    return found
