"""A proposal as one readable story: its steps in the order in which they happened, each with its date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from market.fund.rules import Choice, ProposalState
from market.money import yuan
from market.spending.models import CommitteeMeeting, ResidentRemark
from market.spending.rules import Verdict
from market.spending.service import Story


@dataclass(frozen=True)
class Happened:
    """One step: when, what, and what belongs to it."""

    on: date
    what: str
    sentences: tuple[str, ...] = ()
    kind: str = "go"


def happened(story: Story) -> list[Happened]:
    """Everything that may be read of it in public; no name of a resident, no single vote."""
    return [step for part in PARTS for step in part(story)]


def _proposed(story: Story) -> Iterator[Happened]:
    case, one = story.case, story.proposal
    said = []
    if case is not None and case.wish is not None:
        said.append(_("来自居民需求清单：%(word)s", word=case.wish.word))
    if case is not None and case.origin:
        said.append(_("需求从哪来：%(text)s", text=case.origin))
    if case is not None and case.amends is not None:
        said.append(_("原来的提议改过，从头再走一遍。"))
    yield Happened(story.date_of(one.proposed_at), _("提议"), tuple(said))


def _appraised(story: Story) -> Iterator[Happened]:
    one = story.appraisal
    if one is None:
        return
    said = [
        one.suitability,
        _("谁受益：%(who)s，%(n)s 人", who=one.beneficiaries, n=one.people),
        _("谁来做：%(who)s", who=one.executor),
        _("什么时候：%(first)s 到 %(last)s", first=one.starts_on.isoformat(), last=one.ends_on.isoformat()),
        *(_("%(what)s：%(amount)s 元", what=line.what, amount=yuan(line.amount_fen)) for line in one.lines),
    ]
    yield Happened(story.date_of(one.made_at), _("论证"), tuple(said))


def _consulted(story: Story) -> Iterator[Happened]:
    one = story.consultation
    if one is None:
        return
    until = one.ends_on.isoformat()
    said = (_("公告贴在：%(place)s", place=one.place), _("居民提意见到 %(date)s 为止", date=until))
    yield Happened(story.date_of(one.opened_at), _("开始征求居民意见"), said)
    if one.closed_at is not None:
        said_by = len(one.remarks)
        count = _("居民提了 %(n)s 条意见，都答复了。", n=said_by) if said_by else _("没有人提意见。")
        yield Happened(story.date_of(one.closed_at), _("征求意见结束"), (count, one.outcome))


def shown_remarks(story: Story) -> list[ResidentRemark]:
    """What residents said and were answered, for everybody to read."""
    one = story.consultation
    if one is None:
        return []
    return [remark for remark in one.remarks if remark.answered_at is not None and not remark.hidden]


def _met(story: Story) -> Iterator[Happened]:
    for one in story.meetings:
        if one.opened_at is not None:
            yield Happened(story.date_of(one.opened_at), _("管委会开会"), tuple(_meeting(story, one)))


def _meeting(story: Story, one: CommitteeMeeting) -> Iterator[str]:
    yield _("%(place)s，%(who)s 主持", place=one.place, who=one.chair.display_name)
    yield _("应到 %(all)s 人，实到 %(n)s 人", all=one.expected, n=len(one.present))
    if story.interests:
        names = _("、").join(interest.user.display_name for interest in story.interests)
        yield _("事先说明与自己有关：%(names)s", names=names)
    if one.discussion:
        yield one.discussion
    if one.supervision:
        yield _("监督员：%(text)s", text=one.supervision)


def _decided(story: Story) -> Iterator[Happened]:
    one = story.proposal
    if one.decided_at is None:
        return
    passed = one.state is not ProposalState.REJECTED
    said = (vote_words(story),)
    word = _("表决通过") if passed else _("表决没有通过")
    yield Happened(story.date_of(one.decided_at), word, said, "go" if passed else "stop")


def vote_words(story: Story) -> str:
    """How many said what."""
    votes = Counter(vote.choice for vote in story.proposal.votes)
    return _(
        "同意 %(yes)s 票，不同意 %(no)s 票，回避 %(recuse)s 人",
        yes=votes[Choice.YES],
        no=votes[Choice.NO],
        recuse=votes[Choice.RECUSE],
    )


def _applied(story: Story) -> Iterator[Happened]:
    for one in story.applications:
        enclosed = (_("附：%(what)s", what=one.enclosed),) if one.enclosed else ()
        yield Happened(one.applied_on, _("向慈善组织申请"), enclosed)
        if one.answered_on is None:
            continue
        said = [_("编号 %(no)s", no=one.number), *([one.reason] if one.reason else [])]
        returned = one.verdict is Verdict.RETURNED
        word = _("慈善组织退回") if returned else _("慈善组织批准")
        yield Happened(one.answered_on, word, tuple(said), "stop" if returned else "go")


def _paid(story: Story) -> Iterator[Happened]:
    payment = story.proposal.payment
    if payment is not None:
        fen, payee = yuan(story.proposal.amount_fen), story.proposal.payee
        yield Happened(payment.paid_on, _("付款"), (_("%(amount)s 元付给 %(who)s", amount=fen, who=payee),))


def _accounted(story: Story) -> Iterator[Happened]:
    account = story.account
    for voucher in story.vouchers:
        text = _(
            "票据 %(no)s：%(what)s，%(amount)s 元",
            no=voucher.number,
            what=voucher.what,
            amount=yuan(voucher.amount_fen),
        )
        yield Happened(voucher.spent_on, _("花钱"), (text,))
    if account is not None and account.checked_at is not None:
        said = [_("花了 %(amount)s 元，%(n)s 人受益", amount=yuan(account.spent_fen), n=account.served)]
        if account.returned_fen:
            said.append(_("没用完的 %(amount)s 元退回了基金", amount=yuan(account.returned_fen)))
        said += [account.outcome] if account.outcome else []
        yield Happened(story.date_of(account.checked_at), _("核销，公布"), tuple(said))


PARTS = (_proposed, _appraised, _consulted, _met, _decided, _applied, _paid, _accounted)
