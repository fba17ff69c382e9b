"""What would change a result, and how stalls are given out, in the words of the vendors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from market.allocation.rules import Method, Reason, SeedKind
from market.stalls.rules import ReleaseReason

METHOD_WORDS: dict[str, Any] = {
    Method.OPTIMUM: _("全场最优"),
    Method.LOTTERY: _("抽签"),
    Method.ROTATION: _("轮换"),
    Method.FIXED: _("固定摊位"),
    Method.FIRST_COME: _("先到先得"),
}
METHOD_HINTS: dict[str, Any] = {
    Method.OPTIMUM: _(
        "排下的摊主尽量多；名额不够时，居民点名的品类、近几场没排上的、守规矩的、先报名的在前。"
        "再让每家站得最合适，并给出证明。"
    ),
    Method.LOTTERY: _("先公布名单，再用谁也不知道的号码抽，人人可以重抽一遍核对。"),
    Method.ROTATION: _("近四场出摊少的先选，次数一样的按报名先后。"),
    Method.FIXED: _("上一场有摊位的先留原位，其余按报名先后。"),
    Method.FIRST_COME: _("完全按报名先后，一家一家选最合适的空摊位。"),
}
METHOD_ORDER: dict[str, Any] = {
    Method.OPTIMUM: _("按公布的分数"),
    Method.LOTTERY: _("按抽签次序"),
    Method.ROTATION: _("近几场出摊少的在前"),
    Method.FIXED: _("固定摊主在前，其余按报名先后"),
    Method.FIRST_COME: _("按报名先后"),
}
SEED_WORDS: dict[str, Any] = {
    SeedKind.WITNESSES: _("三位见证人当场各报一个数"),
    SeedKind.PUBLIC_NUMBER: _("一个还没有公布的公开号码"),
    SeedKind.DRUM: _("摇号机（纸质抽签）"),
}
SEED_HINTS: dict[str, Any] = {
    SeedKind.WITNESSES: _(
        "写三位见证人的身份和时间，比如：居民代表、摊主代表、社区书记，周三 15:00。不写姓名。"
    ),
    SeedKind.PUBLIC_NUMBER: _("写明哪一个号码，比如：福彩双色球第 2026136 期开奖号码。"),
    SeedKind.DRUM: _("按摇出的次序填名单上的序号。"),
}

_CHANGES: dict[str, Any] = {
    "waiting_full": _("有人退出，就按次序补上。"),
    "waiting_stalls": _("有合适的摊位空出来就补上；需要少一些，能用的摊位就多一些。"),
    "waiting_circuit": _("少用电，或同一条线路上有人退出，就能补上。"),
    "waiting_stalls_taken": _("有合适的摊位空出来就补上；需要少一些，能用的摊位就多一些。"),
    "waiting_quota": _("同一品类有人退出，就能补上。"),
    "waiting_no_fit": _("需要变了，或场地添了设施，才排得上。"),
    "waiting_pair": _("相邻的两个摊位都空出来，或您改要一个，就能补上。"),
    "waiting_apart": _("旁边的摊主换了位置，就能补上。"),
    "waiting_score": _("有人退出，就按次序补上。"),
}


def change_sentence(reason: Reason) -> str:
    """What would have to happen so that somebody who waits gets a stall."""
    code = "waiting_full" if reason.code.startswith("waiting_full") else reason.code
    next_time = _("这一场没排上会记下来，下一场您就靠前。") if reason.params.get("counts_next") else ""
    return str(_CHANGES.get(code, "")) + str(next_time)


_LOST: dict[str, Any] = {
    ReleaseReason.NO_SHOW: _("到时间没有签到，%(stall)s 号已经让给候补。"),
    ReleaseReason.WITHDRAWN: _("您说了这一场不来，%(stall)s 号已经让给候补。"),
    ReleaseReason.REPLANNED: _("摊位重新排过，您现在在候补里。"),
    ReleaseReason.REFUSED: _("社区收回了 %(stall)s 号。"),
    ReleaseReason.DAY_CALLED_OFF: _("这一场不办了，%(stall)s 号不用来。"),
}


def lost_sentence(code: str, params: Mapping[str, Any]) -> str:
    """Why a vendor no longer has a stall."""
    return str(_LOST.get(code, "")) % params
