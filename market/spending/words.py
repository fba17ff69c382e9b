"""What stages, steps and verdicts are called."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext as _

from market.fund.words import CHOICE_WORDS as CHOICE_WORDS, USE_WORDS as USE_WORDS, short_date_word
from market.spending.rules import AccountDue, AccountStanding, PhotoKind, Stage, Step, Verdict, Way

STAGE_WORDS = {
    Stage.APPRAISE: _("等写论证"),
    Stage.CONSULT: _("等征求居民意见"),
    Stage.CONSULTING: _("正在征求居民意见"),
    Stage.ANSWER: _("公告期满，等答复意见"),
    Stage.MEET: _("等开会"),
    Stage.CALLED: _("已通知开会"),
    Stage.VOTE: _("等待表决"),
    Stage.APPLY: _("已通过，等向慈善组织申请"),
    Stage.WAIT: _("等慈善组织答复"),
    Stage.RETURNED: _("慈善组织退回，等修改"),
    Stage.PAY: _("已通过，等待付款"),
    Stage.ACCOUNT: _("已付款，等核销"),
    Stage.CHECK: _("决算写好，等另一位核对"),
    Stage.DONE: _("办完了"),
    Stage.REJECTED: _("没有通过"),
    Stage.WITHDRAWN: _("已撤回"),
    Stage.AMENDED: _("改过，见新的提议"),
}

STAGE_KINDS = {
    Stage.CONSULTING: "info",
    Stage.VOTE: "info",
    Stage.RETURNED: "stop",
    Stage.REJECTED: "stop",
    Stage.DONE: "go",
    Stage.WITHDRAWN: "",
    Stage.AMENDED: "",
}
"""The look of the others is that of something that waits."""

STEP_WORDS = {
    Step.APPRAISAL: _("论证"),
    Step.CONSULTATION: _("征求居民意见"),
    Step.MEETING: _("开会表决"),
    Step.APPLICATION: _("向慈善组织申请"),
    Step.ACCOUNTING: _("核销"),
}

VERDICT_WORDS = {Verdict.APPROVED: _("批准了"), Verdict.RETURNED: _("退回来了")}

PHOTO_WORDS = {PhotoKind.VOUCHER: _("票据照片"), PhotoKind.PLACE: _("现场照片")}

WAY_WORDS = {Way.PAGE: _("网页上写的"), Way.PAPER: _("纸上写的")}


def stage_kind(stage: Stage) -> str:
    """The look of a stage."""
    return STAGE_KINDS.get(stage, "wait")


def account_word(due: AccountDue) -> str:
    """What the clock of an account says: 还有 12 天, 晚了 3 天, 按时核销."""
    facts = {"date": short_date_word(due.due_on), "n": abs(due.days)}
    match due.standing:
        case AccountStanding.DUE:
            return gettext("%(date)s以前核销，还有 %(n)s 天", **facts)
        case AccountStanding.LATE:
            return gettext("应在%(date)s以前核销，已经晚了 %(n)s 天", **facts)
        case AccountStanding.WRITTEN_LATE:
            return gettext("晚了 %(n)s 天核销", **facts)
    return gettext("按时核销")


ACCOUNT_KINDS = {
    AccountStanding.DUE: "wait",
    AccountStanding.LATE: "stop",
    AccountStanding.IN_TIME: "go",
    AccountStanding.WRITTEN_LATE: "wait",
}
