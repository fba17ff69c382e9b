"""The fund on paper: the notice as a table, asking for money, the committee's minutes, accounting for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from market import clock
from market.config import settings
from market.fund import service as fund_service
from market.fund.disclosure import disclose_public
from market.fund.models import Fund, Proposal
from market.fund.notice import FundNotice, notice_of
from market.fund.rules import Choice, ProposalState
from market.fund.words import USE_WORDS
from market.money import parse_yuan, yuan
from market.paperwork.facts import Facts
from market.people import service as people
from market.people.rules import Role
from market.print.columns import Column, Kind
from market.print.table import Table
from market.print.upright import Field, Fields, Grid, Part, Prose, Signatures, Upright
from market.spending import service as spending
from market.spending.models import CommitteeMeeting, SpendingVoucher
from market.spending.service import Story
from market.spending.telling import vote_words
from market.spending.words import STAGE_WORDS, VERDICT_WORDS

NEWEST = 10
"""So many proposals at most are printed at once, a page each."""

# ── form 11 ───────────────────────────────────────────────────────────────────────────────────────────────


def public_notice(facts: Facts, page_address: str) -> FundNotice | None:
    """What the sheet for the notice board says; None before there is a fund."""
    if facts.fund is None:
        return None
    it = disclose_public(facts.fund)
    address = settings().public_url + page_address
    return notice_of(it, today=facts.today, page_address=address)


def notice_table(facts: Facts) -> Table:
    """The same sums as rows, for the workbook and as a form to fill in."""
    columns = (Column(_("项目"), 150), Column(_("金额（元）"), 50, Kind.MONEY), Column(_("说明"), 77))
    notice = None if facts.blank else public_notice(facts, "")
    if notice is None:
        return Table("fund-notice", _("基金收支公示表"), columns, _blank_sums(), unit=_("单位：元"))
    lines = (*notice.sums, *notice.lines)
    rows = tuple((one.what, parse_yuan(one.amount) if one.amount else None, None) for one in lines)
    note = f"{notice.fund} · {notice.period} · {notice.custody}"
    return Table("fund-notice", _("基金收支公示表"), columns, rows, unit=notice.unit, note=note, to_read=True)


def _blank_sums() -> tuple[tuple[str, None, None], ...]:
    words = (
        _("期初结余"), _("收入（按来源）"), "", "", "", _("支出（按类型）"), "", "", "",
        _("用在这些事上（按项目）"), "", "", _("期末结余"), _("监督电话"),
    )  # fmt: skip
    return tuple((word, None, None) for word in words)


# ── form 12 ───────────────────────────────────────────────────────────────────────────────────────────────

ASKING = (ProposalState.PROPOSED, ProposalState.APPROVED)


def spending_requests(facts: Facts) -> list[Upright]:
    """A form for each proposal that is under way; an empty one where there is none."""
    found: list[Story | None] = [*_stories(facts, ASKING)]
    return [_spending_request(facts, one) for one in found or [None]]


def _stories(facts: Facts, states: Sequence[ProposalState]) -> list[Story]:
    if facts.blank or facts.fund is None:
        return []
    known = [one for one in fund_service.proposals(facts.fund) if one.state in states]
    return spending.stories(sorted(known, key=lambda one: one.id)[-NEWEST:], at=facts.at)


def _spending_request(facts: Facts, story: Story | None) -> Upright:
    said = _said(facts, story)
    fields = (
        Field(_("申请社区"), facts.community.name), Field(_("基金名称"), said["fund"]),
        Field(_("项目名称"), said["purpose"], wide=True), Field(_("类型"), said["use"]),
        Field(_("金额（元）"), said["amount"]),
        Field(_("背景与需求来源"), said["origin"], wide=True, lines=3),
        Field(_("受益人数"), said["people"]), Field(_("实施时间"), said["period"]),
        Field(_("执行方"), said["executor"], wide=True),
        Field(_("征求意见情况"), said["consulted"], wide=True, lines=2),
    )  # fmt: skip
    decided = Fields((
        Field(_("应到"), said["members"]), Field(_("实到"), said["present"]),
        Field(_("赞成"), _count(story, Choice.YES)), Field(_("反对"), _count(story, Choice.NO)),
        Field(_("回避"), _count(story, Choice.RECUSE)), Field(_("结果"), said["state"]),
        Field(_("附件"), said["enclosed"], wide=True),
        Field(_("慈善组织审批"), said["answer"], wide=True, lines=2),
        Field(_("拨付日期"), said["paid"]), Field(_("凭证号"), said["reference"]),
    ))  # fmt: skip
    signed = Signatures((_("社区党组织（盖章）"), _("管委会主任签字"), _("慈善组织（盖章）")), _("日期"))
    parts: tuple[Part, ...] = (Fields(fields), _budget(story), Prose(_("管委会意见")), decided, signed)
    return Upright("spending-request", _("用款申请表"), parts, subject=said["purpose"])


def _count(story: Story | None, choice: Choice) -> str:
    """Nothing while somebody has still to vote."""
    if story is None or story.proposal.decided_at is None:
        return ""
    return str(Counter(vote.choice for vote in story.proposal.votes)[choice])


def _budget(story: Story | None) -> Grid:
    appraisal = story.appraisal if story is not None else None
    rows = (
        tuple((line.what, None, None, line.amount_fen, None) for line in appraisal.lines) if appraisal else ()
    )
    return Grid(_("预算明细"), _budget_columns(), rows, lines=max(1, 4 - len(rows)))


def _budget_columns() -> tuple[Column, ...]:
    return (
        Column(_("做什么"), 70), Column(_("数量"), 25), Column(_("单价（元）"), 30, Kind.MONEY),
        Column(_("金额（元）"), 30, Kind.MONEY), Column(_("依据"), 45),
    )  # fmt: skip


BLANK = (
    "purpose", "use", "amount", "origin", "people", "period", "executor", "consulted", "present",
    "state", "enclosed", "answer", "paid", "reference", "returned", "return_reference", "spent",
)  # fmt: skip


def _said(facts: Facts, story: Story | None) -> dict[str, str]:
    """What is known of a proposal, in words; nothing where there is none."""
    fund = facts.fund
    known = {"fund": facts.said(fund.name) if fund else "", "members": _members(facts, fund)}
    known |= dict.fromkeys(BLANK, "")
    if story is None:
        return known
    one, payment = story.proposal, story.proposal.payment
    known |= {
        "purpose": one.purpose,
        "use": str(USE_WORDS[one.use_type]),
        "amount": yuan(one.amount_fen),
        "executor": one.payee,
        "origin": _origin(story),
        "state": str(STAGE_WORDS[story.stage]),
        "paid": payment.paid_on.isoformat() if payment else "",
        "reference": payment.reference if payment else "",
    }
    return known | _of_steps(story)


def _origin(story: Story) -> str:
    case = story.case
    wished = case.wish.word if case is not None and case.wish is not None else ""
    parts = (wished, case.origin if case is not None else "", story.proposal.detail)
    return _("；").join(part for part in parts if part)


def _of_steps(story: Story) -> dict[str, str]:
    """What the steps say that were taken."""
    said: dict[str, str] = {}
    if story.appraisal is not None:
        first, last = story.appraisal.starts_on.isoformat(), story.appraisal.ends_on.isoformat()
        people = _("%(who)s，%(n)s 人", who=story.appraisal.beneficiaries, n=story.appraisal.people)
        said |= {"people": people, "period": f"{first} – {last}", "executor": _executor(story)}
    if story.consultation is not None:
        said["consulted"] = _consulted(story)
    held = next((one for one in reversed(story.meetings) if one.opened_at is not None), None)
    if held is not None:
        said |= {"members": str(held.expected), "present": str(len(held.present))}
    if story.application is not None:
        said |= {"enclosed": story.application.enclosed, "answer": _answer(story)}
    if story.account is not None:
        said |= {
            "spent": yuan(story.account.spent_fen), "returned": yuan(story.account.returned_fen),
            "return_reference": story.account.return_reference,
        }  # fmt: skip
    return said


def _executor(story: Story) -> str:
    """Who does it, and who is paid where that is somebody else."""
    doing, payee = story.appraisal.executor if story.appraisal is not None else "", story.proposal.payee
    return doing if doing in ("", payee) else _("%(who)s（付给%(payee)s）", who=doing, payee=payee)


def _consulted(story: Story) -> str:
    one = story.consultation
    if one is None:
        return ""
    return _(
        "公告到 %(date)s，居民提了 %(n)s 条意见。%(outcome)s",
        date=one.ends_on.isoformat(),
        n=len(one.remarks),
        outcome=one.outcome,
    )


def _answer(story: Story) -> str:
    one = story.application
    if one is None or one.answered_on is None:
        return ""
    parts = (str(VERDICT_WORDS[one.verdict]), one.number, one.answered_on.isoformat(), one.reason)
    return " ".join(part for part in parts if part)


def _members(facts: Facts, fund: Fund | None) -> str:
    return str(len(fund_service.committee(fund))) if fund is not None and not facts.blank else ""


# ── form 13 ───────────────────────────────────────────────────────────────────────────────────────────────


def minutes(facts: Facts) -> list[Upright]:
    """The minutes of the newest meetings; before there is one, what waits, to be filled in by hand."""
    held = [] if facts.blank or facts.fund is None else spending.meetings(facts.fund)[:NEWEST]
    return [_minutes(facts, one) for one in held] or [_minutes(facts, None)]


def _minutes(facts: Facts, meeting: CommitteeMeeting | None) -> Upright:
    found = _agenda(facts, meeting)
    columns = (
        Column(_("议题"), 68), Column(_("金额（元）"), 28, Kind.MONEY), Column(_("赞成"), 16),
        Column(_("反对"), 16), Column(_("回避（谁）"), 30), Column(_("结果"), 22),
    )  # fmt: skip
    rows = tuple(map(_decision, found))
    discussed = (meeting.discussion,) if meeting is not None and meeting.discussion else ()
    watched = (meeting.supervision,) if meeting is not None and meeting.supervision else ()
    rule = _("监督员列席，不表决。与自己有关的议题，本人回避。")
    parts: tuple[Part, ...] = (
        _minutes_head(facts, meeting),
        Grid(_("议题和表决"), columns, rows, lines=max(1, 4 - len(rows))),
        Prose(_("讨论要点"), discussed, lines=2 if discussed else 5),
        Prose(_("决议"), tuple(_resolution(story) for story in found if story.proposal.decided_at), lines=2),
        Prose(_("监督意见"), (rule, *watched), lines=2),
        Signatures((_("主持人签字"), _("委员签字"), _("监督员签字")), _("日期")),
    )
    subject = printed_at(facts, meeting.held_at) if meeting is not None else ""
    return Upright("minutes", _("管委会会议纪要"), parts, subject=subject)


def _agenda(facts: Facts, meeting: CommitteeMeeting | None) -> list[Story]:
    if meeting is None:
        return _stories(facts, (ProposalState.PROPOSED,))
    return spending.stories([item.proposal for item in meeting.items], at=facts.at)


def _minutes_head(facts: Facts, meeting: CommitteeMeeting | None) -> Fields:
    opened = meeting if meeting is not None and meeting.opened_at is not None else None
    there = _("、").join(one.user.display_name for one in opened.present) if opened is not None else ""
    return Fields((
        Field(_("时间"), printed_at(facts, meeting.held_at) if meeting else ""),
        Field(_("地点"), meeting.place if meeting else ""),
        Field(_("主持"), meeting.chair.display_name if meeting else ""), Field(_("记录")),
        Field(_("应到"), str(opened.expected) if opened else _members(facts, facts.fund)),
        Field(_("实到"), str(len(opened.present)) if opened else ""),
        Field(_("到场委员") if opened else _("委员"), there or _names(facts, Role.COMMITTEE), wide=True),
        Field(_("监督员"), _names(facts, Role.SUPERVISOR), wide=True),
    ))  # fmt: skip


Row = tuple[str, int, str | None, str | None, str | None, str | None]


def _decision(story: Story) -> Row:
    one, matter = story.proposal, _matter(story.proposal)
    if one.decided_at is None:
        return matter, one.amount_fen, None, None, None, None
    away = _("、").join(vote.user.display_name for vote in one.votes if vote.choice is Choice.RECUSE)
    passed = _("没有通过") if one.state is ProposalState.REJECTED else _("通过")
    yes, no = _count(story, Choice.YES), _count(story, Choice.NO)
    return matter, one.amount_fen, yes, no, away or None, passed


def _resolution(story: Story) -> str:
    """What was decided, and the number of the text on which they voted."""
    return _(
        "%(what)s：%(votes)s。表决的文字编号 %(no)s。",
        what=story.proposal.purpose,
        votes=vote_words(story),
        no=story.proposal.text_hash[:8],
    )


def _matter(one: Proposal) -> str:
    return _("%(what)s（付给%(payee)s）", what=one.purpose, payee=one.payee)


def _names(facts: Facts, role: Role) -> str:
    known = [] if facts.blank else people.members(facts.community, role)
    return _("、").join(one.display_name for one in known)


# ── form 14 ───────────────────────────────────────────────────────────────────────────────────────────────


def final_accounts(facts: Facts) -> list[Upright]:
    """What became of money that was paid: a form for each payment, an empty one where there is none."""
    found: list[Story | None] = [*_stories(facts, (ProposalState.PAID,))]
    return [_final_account(facts, one) for one in found or [None]]


def _final_account(facts: Facts, story: Story | None) -> Upright:
    said = _said(facts, story)
    columns = (
        Column(_("做什么"), 46), Column(_("预算（元）"), 28, Kind.MONEY),
        Column(_("实际（元）"), 28, Kind.MONEY), Column(_("差异（元）"), 28, Kind.MONEY),
        Column(_("票据号"), 38), Column(_("照片"), 14),
    )  # fmt: skip
    rows = _spent_rows(story) if story is not None else ()
    head = Fields((
        Field(_("项目名称"), said["purpose"], wide=True), Field(_("拨付金额（元）"), said["amount"]),
        Field(_("拨付日期"), said["paid"]), Field(_("执行方"), said["executor"]),
        Field(_("凭证号"), said["reference"]),
    ))  # fmt: skip
    received = (Column(_("受益人（称呼）"), 50), Column(_("得到什么"), 72), Column(_("签收"), 60))
    parts: tuple[Part, ...] = (
        head,
        Grid(_("花在哪里"), columns, rows, lines=max(1, 6 - len(rows))),
        Fields((
            Field(_("合计实际（元）"), said["spent"]), Field(_("结余退回（元）"), said["returned"]),
            Field(_("退回凭证"), said["return_reference"], wide=True),
        )),
        Grid(_("受益人签收"), received, _received(story), lines=4),
        Prose("", (_("照片不拍受帮助的人的脸。票据贴在背面，编上号。"),)),
        Signatures((_("执行方签字"), _("审核人"), _("管委会主任签字")), _("日期")),
    )  # fmt: skip
    return Upright("final-account", _("决算/核销表"), parts, subject=said["purpose"])


def _received(story: Story | None) -> tuple[tuple[str, str, None], ...]:
    """How many signed; their lists are kept with the papers."""
    account = story.account if story is not None else None
    if account is None:
        return ()
    return ((_("一共 %(n)s 人，名单附后", n=account.served), account.outcome, None),)


Spent = tuple[str, int | None, int | None, int | None, str | None, str | None]


def _spent_rows(story: Story) -> tuple[Spent, ...]:
    """Budget beside vouchers and the difference of the whole; without vouchers what was planned."""
    one, appraisal = story.proposal, story.appraisal
    planned: list[Spent] = [(one.purpose, one.amount_fen, None, None, None, None)]
    if appraisal is not None:
        planned = [(line.what, line.amount_fen, None, None, None, None) for line in appraisal.lines]
    if not story.vouchers:
        return tuple(planned)
    bought: list[Spent] = [
        (voucher.what, None, voucher.amount_fen, None, voucher.number, _pictures(voucher))
        for voucher in story.vouchers
    ]
    whole: Spent = (
        _("合计"), one.amount_fen, story.spent_fen, one.amount_fen - story.spent_fen, None, None,
    )  # fmt: skip
    return (*planned, *bought, whole)


def _pictures(voucher: SpendingVoucher) -> str | None:
    return str(len(voucher.photos)) if voucher.photos else None


def printed_at(facts: Facts, moment: datetime) -> str:
    """A moment on the community's wall."""
    local = clock.local(moment, facts.community.zone)
    return f"{local.date().isoformat()} {local.hour}:{local.minute:02d}"


def printed_on(facts: Facts) -> str:
    """The moment of a print."""
    return printed_at(facts, facts.at)
