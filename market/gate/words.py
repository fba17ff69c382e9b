"""What the gate says and prints: verdicts with the next step, passes, the sign-in list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import format_date, get_locale, gettext, lazy_gettext as _

from market import clock
from market.calendar.models import MarketDay
from market.calendar.words import state_word
from market.gate.cards import Ground, PassBack, PassCard, PassLabels, Spot
from market.gate.models import StallPass
from market.gate.pdf import Layout
from market.gate.rules import CountMethod, RevokeReason, ScanMethod, Standing, Verdict
from market.gate.short_code import format_code
from market.gate.sign_in_sheet import SheetHeading, SheetLabels, SignInRow
from market.stalls.models import Assignment
from market.vendors.words import CATEGORY_WORDS

if TYPE_CHECKING:
    from market.gate.models import Scan
    from market.gate.service.admission import ScanView
    from market.places.service import PlanLane
    from market.stalls.service import PlanStall

# ── dates and hours on the community's wall ───────────────────────────────────────────────────────────────


def _chinese() -> bool:
    return str(get_locale()).startswith("zh")


def clock_of(moment: datetime, day: MarketDay) -> str:
    """7:42, on the wall of the market's community, whoever reads it and wherever."""
    local = clock.local(moment, day.community.zone)
    return f"{local.hour}:{local.minute:02d}"


def hours_of(day: MarketDay) -> str:
    """8:00–11:30."""
    return f"{clock_of(day.open_at, day)}–{clock_of(day.close_at, day)}"


def date_of(day: MarketDay) -> str:
    """11 月 28 日."""
    return format_date(
        clock.local(day.open_at, day.community.zone).date(), "M 月 d 日" if _chinese() else "d MMM"
    )


def weekday_of(day: MarketDay) -> str:
    """星期六."""
    return format_date(clock.local(day.open_at, day.community.zone).date(), "EEEE")


# ── verdicts ──────────────────────────────────────────────────────────────────────────────────────────────

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
    seen = view.scan
    held = seen.assignment
    verdict = seen.verdict
    return Answer(
        VERDICT_KINDS.get(verdict, "stop"),
        str(VERDICT_WORDS[verdict]),
        held.stall.label if held is not None and verdict in VERDICT_KINDS else "",
        held.vendor.trading_name if held is not None else "",
        DETAILS[verdict](view),
    )


def _admitted(view: ScanView) -> str:
    papers = (
        gettext("证照还差 %(count)s 样，请告诉工作人员", count=view.papers_lacking)
        if view.papers_lacking
        else gettext("证照齐全")
    )
    came = gettext("%(time)s 签到", time=clock_of(view.scan.scanned_at, view.day))
    place = gettext("第 %(place)s 家 / 共 %(expected)s 家", place=view.place, expected=view.expected)
    return " · ".join((papers, came, place))


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
        date=date_of(found.day),
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
            stall=view.holds.stall.label,
        )
    if view.newest is None:
        return gettext("这张证已经收回，先别放行。请商户联系社区工作人员。")
    return gettext(
        "已经换成第 %(version)s 版，摊位是 %(stall)s。请商户出示新证，手机上打开就有。",
        version=view.newest.version,
        stall=view.newest.assignment.stall.label,
    )


def _released(_view: ScanView) -> str:
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
}

METHOD_WORDS: dict[ScanMethod, Any] = {
    ScanMethod.CAMERA: _("扫码"),
    ScanMethod.TYPED: _("短码"),
    ScanMethod.LIST: _("名单勾选"),
}

COUNT_WORDS: dict[CountMethod, Any] = {
    CountMethod.CLICKER: _("点按计数"),
    CountMethod.FULL_COUNT: _("逐个数的"),
    CountMethod.SAMPLE: _("抽样估的"),
}

REASON_WORDS: dict[RevokeReason, Any] = {
    RevokeReason.LOST: _("丢了"),
    RevokeReason.DAMAGED: _("坏了，扫不出"),
    RevokeReason.MISUSED: _("被别人拿去用了"),
    RevokeReason.MOVED: _("换了摊位"),
    RevokeReason.RELEASED: _("摊位让出来了"),
    RevokeReason.CALLED_OFF: _("这一场改期或取消了"),
    RevokeReason.HOURS_CHANGED: _("开市时间改了"),
    RevokeReason.KEY_CHANGED: _("签名密钥换了"),
}

STANDINGS: dict[Standing, tuple[str, Any]] = {
    Standing.GENUINE: ("go", _("真证，现在有效")),
    Standing.FOR_LATER: ("info", _("真证，还没到日子")),
    Standing.OVER: ("wait", _("真证，已经过期")),
    Standing.REPLACED: ("stop", _("旧证，已经换新")),
    Standing.WITHDRAWN: ("stop", _("这张证已经收回")),
    Standing.NOT_OURS: ("stop", _("不是我们发的证")),
}
"""Kind of the notice and its word."""

NOTICES: dict[str, tuple[str, Any]] = {
    "gate.placed": (
        "go",
        _(
            "%(day)s的集市，您在 %(stall)s 号摊位。请 %(arrive)s 前到%(place)s。"
            "摊位证手机上有，纸的找社区拿。"
        ),
    ),
    "gate.waiting": (
        "wait",
        _("%(day)s的集市，这次还没排上摊位，您是候补第 %(position)s 位。有摊位空出来，就按次序问您。"),
    ),
    "gate.no_show": (
        "stop",
        _("%(day)s的集市，没等到您，%(stall)s 号摊位先让出来了。还想来，请先打电话问问有没有空位。"),
    ),
    "gate.new_pass": (
        "wait",
        _("%(day)s的集市，%(stall)s 号摊位换了新的摊位证，旧的不能用了。新的手机上有，纸的找社区拿。"),
    ),
    "gate.new_hours": (
        "wait",
        _(
            "%(day)s的集市改了时间：%(hours)s，请 %(arrive)s 前到，您还在 %(stall)s 号摊位。"
            "旧的摊位证不能用了，新的手机上有，纸的找社区拿。"
        ),
    ),
}
"""Look and sentence of a notice."""

# ── paper ─────────────────────────────────────────────────────────────────────────────────────────────────


def pass_labels() -> PassLabels:
    """The words that every pass carries."""
    return PassLabels(
        title=gettext("摊位证"),
        show=gettext("门口出示，一扫就进"),
        spell=gettext("扫不出？报短码"),
        call=gettext("有事打"),
        verify=gettext("任何人都可扫码查真伪"),
        spare=gettext("备用证 · 手写"),
        spare_note=gettext("没有二维码，门口按名单核对"),
        name_here=gettext("店名"),
        here=gettext("您的摊位在这里"),
    )


def pass_card(stall_pass: StallPass, address: str) -> PassCard:
    """One pass, in words ready to print; `address` is what its QR code holds."""
    held = stall_pass.assignment
    return spare_card(stall_pass.day, held.stall.label)._replace(
        trading_name=held.vendor.trading_name,
        category=str(CATEGORY_WORDS[held.vendor.category]),
        size_text=f"{held.stall.width_dm / 10:g} m × {held.stall.depth_dm / 10:g} m",
        power_text=_power_text(held.application.power_w),
        qr_url=address,
        short_code=format_code(stall_pass.short_code),
        version=version_text(stall_pass),
    )


def spare_card(day: MarketDay, stall_no: str) -> PassCard:
    """What is the same for every vendor: a pass to be filled in by hand."""
    return PassCard(
        community=day.community.name,
        stall_no=stall_no,
        trading_name="",
        category="",
        size_text="",
        power_text="",
        market_title=day.theme,
        date_text=date_of(day),
        weekday_text=weekday_of(day),
        hours_text=hours_of(day),
        arrive_by_text=gettext("%(time)s 前进场", time=clock_of(day.arrive_by, day)),
        qr_url="",
        short_code="",
        version="",
        phone=day.community.phone,
        rules=(
            gettext("摊走地净，垃圾带走"),
            gettext("明码标价，秤要准"),
            gettext("消防通道不放东西"),
            gettext("喇叭小声点"),
        ),
        footnote=gettext("地点：%(venue)s", venue=day.venue.name),
    )


def pass_back(day: MarketDay, stalls: Iterable[PlanStall], lanes: Iterable[PlanLane]) -> PassBack:
    """The plaza and whom to call."""
    venue = day.venue
    place = venue.name
    if venue.entrances:
        place = gettext("%(venue)s · 入口：%(entrances)s", venue=venue.name, entrances=venue.entrances)
    spots = tuple(Spot(s.label, s.x_dm, s.y_dm, s.width_dm, s.depth_dm) for s in stalls)
    strips = tuple(Spot(s.label, s.x_dm, s.y_dm, s.width_dm, s.depth_dm) for s in lanes if not s.entrance)
    ground = Ground(venue.width_dm, venue.depth_dm, spots, strips, place)
    contacts = (
        gettext("社区工作人员 %(phone)s", phone=day.community.phone),
        gettext("火警 119 · 急救 120 · 报警 110"),
    )
    return PassBack(ground, contacts)


LAYOUT_WORDS: dict[Layout, Any] = {
    Layout.A4X4: _("A4 一页四张，裁开"),
    Layout.A6: _("A6 卡片，一页一张"),
    Layout.A5: _("A5 摊位牌，立在摊上"),
    Layout.LANYARD: _("挂脖证，正反对折，一页两张"),
    Layout.A4X1: _("A4 一页一张，大字"),
    Layout.A4X2: _("A4 一页两张"),
    Layout.A4X8: _("A4 一页八张，小卡"),
    Layout.LABELS24: _("不干胶 24 枚（70 × 37 mm）"),
    Layout.LABELS14: _("不干胶 14 枚（99 × 38 mm）"),
}
"""In the order offered: the most usual first."""


def version_text(stall_pass: StallPass) -> str:
    """第 2 版."""
    return gettext("第 %(version)s 版", version=stall_pass.version)


def _power_text(watts: int) -> str:
    if watts == 0:
        return gettext("不用电")
    return gettext("用电 %(kilowatts)s 千瓦", kilowatts=f"{watts / 1000:g}")


def sheet_labels() -> SheetLabels:
    """The words of the sign-in list."""
    columns = (
        gettext("摊位号"), gettext("商户"), gettext("到场人"), gettext("证件核对"), gettext("签到时间"),
        gettext("签退时间"), gettext("保洁验收"), gettext("签字"),
    )  # fmt: skip
    return SheetLabels(
        columns=columns,
        made_by=gettext("制表人"),
        checked_by=gettext("审核人"),
        date=gettext("日期"),
        # The places are filled page by page, after the translation.
        page=gettext("第 %(page)s 页，共 %(pages)s 页", page="%(page)s", pages="%(pages)s"),
    )


def sheet_heading(day: MarketDay) -> SheetHeading:
    """The head of the sign-in list."""
    date_text = f"{date_of(day)} {weekday_of(day)} {hours_of(day)}"
    return SheetHeading(gettext("商户签到表"), day.community.name, day.theme, date_text)


def sheet_row(held: Assignment, came: Scan | None, lacking: int) -> SignInRow:
    """A stall's line: what is known is printed, the rest is written by hand."""
    return SignInRow(
        stall_no=held.stall.label,
        trading_name=held.vendor.trading_name,
        person=held.vendor.holder,
        papers=gettext("还差 %(count)s 样", count=lacking) if lacking else gettext("齐全"),
        came_at=clock_of(came.scanned_at, held.day) if came is not None else "",
    )


def passes_file_name(day: MarketDay) -> str:
    """What the file of all passes is called when it is saved."""
    return f"{_local_date(day)} {day.theme} {gettext('摊位证')}.pdf"


def sheet_file_name(day: MarketDay) -> str:
    return f"{_local_date(day)} {day.theme} {gettext('商户签到表')}.pdf"


def pass_file_name(stall_pass: StallPass) -> str:
    held, day = stall_pass.assignment, stall_pass.day
    return f"{_local_date(day)} {held.stall.label} {held.vendor.trading_name} {gettext('摊位证')}.pdf"


def _local_date(day: MarketDay) -> str:
    return clock.local(day.open_at, day.community.zone).date().isoformat()
