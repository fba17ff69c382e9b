"""What the codes of this room are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from market.feedback.rules import (
    About,
    Again,
    Door,
    Outcome,
    Point,
    PraiseKind,
    Question,
    Rung,
    Stage,
    Way,
    Who,
)

SCORE_WORDS: dict[int, Any] = {
    5: _("很好"), 4: _("好"), 3: _("一般"), 2: _("不太好"), 1: _("不好"),
}  # fmt: skip
POINT_WORDS: dict[Point, Any] = {
    Point.CHOICE: _("东西的种类"),
    Point.PRICE: _("价格"),
    Point.ORDER: _("秩序"),
    Point.CLEAN: _("卫生"),
    Point.NONE: _("都挺好"),
}
AGAIN_WORDS: dict[Again, Any] = {
    Again.YES: _("还来"), Again.MAYBE: _("看情况"), Again.NO: _("不来了"),
}  # fmt: skip
QUESTION_WORDS: dict[Question, Any] = {
    Question.SCORE: _("这次集市，您觉得怎么样？"),
    Question.POINT: _("哪一样最该改进？"),
    Question.AGAIN: _("下次还来吗？"),
}
WHO_WORDS: dict[Who, Any] = {Who.RESIDENT: _("居民"), Who.VENDOR: _("商户")}
WAY_WORDS: dict[Way, Any] = {Way.PAGE: _("网页"), Way.POSTER: _("出口的码")}
PRAISE_WORDS: dict[PraiseKind, Any] = {
    PraiseKind.FAIR: _("价钱公道"),
    PraiseKind.FRESH: _("东西新鲜"),
    PraiseKind.KIND: _("态度好"),
    PraiseKind.SKILLED: _("手艺好"),
    PraiseKind.HELPFUL: _("帮了大忙"),
}
ABOUT_WORDS: dict[About, Any] = {
    About.WEIGHT: _("缺斤少两"),
    About.QUALITY: _("东西不好、不新鲜"),
    About.PRICE: _("价格和说的不一样"),
    About.MANNERS: _("态度不好"),
    About.CLEANING: _("脏、没打扫"),
    About.NOISE: _("太吵"),
    About.SAFETY: _("不安全"),
    About.OTHER: _("别的事"),
}
DOOR_WORDS: dict[Door, Any] = {
    Door.PAGE: _("网页"), Door.DESK: _("当面说的"), Door.PHONE: _("打电话说的"),
}  # fmt: skip
RUNG_WORDS: dict[Rung, Any] = {
    Rung.STAFF: _("社区工作人员"),
    Rung.HEAD: _("社区负责人"),
    Rung.STREET: _("街道"),
}
STAGE_WORDS: dict[Stage, tuple[str, Any]] = {
    Stage.RECEIVED: ("wait", _("收到了")),
    Stage.ACKNOWLEDGED: ("wait", _("在办")),
    Stage.AGAIN: ("wait", _("没解决，上一级在办")),
    Stage.ANSWERED: ("go", _("答复了")),
    Stage.SETTLED: ("go", _("办完了")),
}
OUTCOME_WORDS: dict[Outcome, Any] = {
    Outcome.CONFIRMED: _("属实"),
    Outcome.UNFOUNDED: _("不属实"),
    Outcome.UNCLEAR: _("说不清"),
    Outcome.AGREED: _("双方说好了"),
}
"""What an answer found."""
