"""A scan's verdict in words: what the gate may do, and the next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext, lazy_gettext as _

from market.calendar.printed import clock_of, date_at, date_of
from market.calendar.words import state_word
from market.gate.rules import ScanMethod, Verdict
from market.stalls.rules import ReleaseReason
from market.vendors.eligibility import by_name
from market.vendors.words import lacks_sentence

if TYPE_CHECKING:
    from market.gate.service.admission import ScanView

VERDICT_KINDS: dict[Verdict, str] = {
    Verdict.ADMITTED: "go",
    Verdict.ALREADY_IN: "wait",
    Verdict.TOO_EARLY: "wait",
}
"""The look of a verdict; every other is a stop."""

VERDICT_WORDS: dict[Verdict, Any] = {
    Verdict.ADMITTED: _("可以进场"),
    Verdict.ALREADY_IN: _("已经进过了"),
    Verdict.UNKNOWN_CODE: _("查不到"),
    Verdict.FORGED: _("不是真证"),
    Verdict.OTHER_COMMUNITY: _("别的社区的证"),
    Verdict.OTHER_DAY: _("不是这一场"),
    Verdict.TOO_EARLY: _("还没到时间"),
    Verdict.TOO_LATE: _("过了进场时间"),
    Verdict.REVOKED: _("这张证作废了"),
    Verdict.RELEASED: _("摊位已经让出"),
    Verdict.GATE_CLOSED: _("现在不放行"),
    Verdict.STALL_SHUT: _("这个摊位今天不开"),
    Verdict.MAY_NOT_STAND: _("还不能进场"),
}


@dataclass(frozen=True)
class Answer:
    """A verdict as the screen shows it, read at arm's length."""

    kind: str
    word: str
    stall: str
    name: str
    detail: str


def answer(view: ScanView) -> Answer:
    """The verdict of a scan with the next step."""
    verdict = view.scan.verdict
    return Answer(
        VERDICT_KINDS.get(verdict, "stop"),
        str(VERDICT_WORDS[verdict]),
        view.stall if verdict in VERDICT_KINDS else "",
        view.name,
        DETAILS[verdict](view),
    )


def answer_line(stall: str, answer: Answer) -> str:
    """The verdict in one line, for whoever pressed a button in a list."""
    return gettext(
        "%(stall)s %(name)s：%(word)s。%(detail)s",
        stall=stall,
        name=answer.name,
        word=answer.word,
        detail=answer.detail,
    )


def _admitted(view: ScanView) -> str:
    papers = _papers(view)
    came = gettext("%(time)s 签到", time=clock_of(view.scan.scanned_at, view.day))
    return " · ".join((papers, came, *([place_sentence(view.place, view.expected)] if view.expected else [])))


def place_sentence(place: int, expected: int) -> str:
    """Which number somebody was to come in."""
    return gettext("第 %(place)s 家 / 共 %(expected)s 家", place=place, expected=expected)


def _papers(view: ScanView) -> str:
    if not view.answered:
        return gettext("证照齐全")
    name, reason = view.answered[0].person.display_name, view.answered[0].reason
    return gettext("%(name)s负责放行：%(reason)s", name=name, reason=reason)


def _may_not_stand(view: ScanView) -> str:
    lacks = lacks_sentence(view.lacks)
    if by_name(view.lacks):
        return gettext("%(lacks)s补齐登记好再扫一次；社区工作人员写明原因，也可以放行。", lacks=lacks)
    return gettext("%(lacks)s先别放行，请叫社区工作人员来。补齐登记好，再扫一次。", lacks=lacks)


def _stall_shut(view: ScanView) -> str:
    return gettext(
        "%(stall)s 号今天不开：%(reason)s。请商户等一等，叫社区工作人员给他换一个摊位，换好再扫新的证。",
        stall="+".join(row.stall.label for row in view.shut),
        reason=view.shut[0].reason if view.shut else "",
    )


def _already_in(view: ScanView) -> str:
    if view.first is None:
        return ""
    time = clock_of(view.first.scanned_at, view.day)
    if view.first.entrance:
        return gettext(
            "%(time)s 从%(entrance)s进的场。如果不是同一个人，请叫社区工作人员来看。",
            time=time,
            entrance=view.first.entrance,
        )
    return gettext("%(time)s 进的场。如果不是同一个人，请叫社区工作人员来看。", time=time)


def _unknown(view: ScanView) -> str:
    if view.scan.method is ScanMethod.TYPED:
        return gettext("短码对不上。请照着证上再念一遍，一共 6 位；还不行，到名单里按店名找。")
    return gettext("这个码不是摊位证。请再扫一次证上的二维码，或到名单里按店名找。")


def _forged(_view: ScanView) -> str:
    return gettext("签名对不上，这张证不是我们发的。先别放行，到名单里按店名核对，并告诉社区工作人员。")


def _other_community(view: ScanView) -> str:
    found = view.scan.stall_pass
    name = found.day.community.name if found is not None else ""
    return gettext("这张证是%(community)s的，不是我们这里。请商户看看证上写的社区和地点。", community=name)


def _other_day(view: ScanView) -> str:
    found = view.scan.stall_pass
    if found is None:
        return ""
    return gettext(
        "这张证是 %(date)s「%(theme)s」的。请到名单里看看，这一场有没有他家。",
        date=date_at(found.hours[0], found.day),
        theme=found.day.theme,
    )


def _too_early(view: ScanView) -> str:
    valid_from = view.valid_from
    return gettext("%(time)s 起可以进场，请先在外面等一等。", time=clock_of(valid_from, view.day))


def _too_late(view: ScanView) -> str:
    return gettext(
        "这一场 %(time)s 以后不再进场。有急事请找社区工作人员。", time=clock_of(view.valid_to, view.day)
    )


def _revoked(view: ScanView) -> str:
    if view.newest is None and view.holds is not None:
        return gettext(
            "这家现在的摊位是 %(stall)s，新证还没发。认识本人的，到名单里勾选放行。",
            stall=view.holds.label,
        )
    if view.newest is None:
        return gettext("这张证已经收回，先别放行。请商户联系社区工作人员。")
    shown = view.scan.stall_pass
    if shown is not None and date_at(shown.hours[0], view.day) != date_of(view.day):
        return gettext(
            "这张证是改日子以前的（%(date)s）。已经换成第 %(version)s 版，摊位是 %(stall)s。"
            "请商户出示新证，手机上打开就有。",
            date=date_at(shown.hours[0], view.day),
            version=view.newest.version,
            stall=view.newest.assignment.label,
        )
    return gettext(
        "已经换成第 %(version)s 版，摊位是 %(stall)s。请商户出示新证，手机上打开就有。",
        version=view.newest.version,
        stall=view.newest.assignment.label,
    )


def _released(view: ScanView) -> str:
    if view.lost in (ReleaseReason.DAY_CALLED_OFF, ReleaseReason.REPLANNED):
        return gettext("这张证是以前的，这一次没有排上他家的摊位。想来请找社区工作人员看看还有没有空位。")
    return gettext("这家退出了，或者没按时到，摊位已经不留了。想来请找社区工作人员看看还有没有空位。")


def _gate_closed(view: ScanView) -> str:
    return gettext(
        "这场集市现在是「%(state)s」，门口不放行。有疑问请找社区工作人员。", state=state_word(view.day.state)
    )


DETAILS: dict[Verdict, Callable[[ScanView], str]] = {
    Verdict.ADMITTED: _admitted,
    Verdict.ALREADY_IN: _already_in,
    Verdict.UNKNOWN_CODE: _unknown,
    Verdict.FORGED: _forged,
    Verdict.OTHER_COMMUNITY: _other_community,
    Verdict.OTHER_DAY: _other_day,
    Verdict.TOO_EARLY: _too_early,
    Verdict.TOO_LATE: _too_late,
    Verdict.REVOKED: _revoked,
    Verdict.RELEASED: _released,
    Verdict.GATE_CLOSED: _gate_closed,
    Verdict.STALL_SHUT: _stall_shut,
    Verdict.MAY_NOT_STAND: _may_not_stand,
}
