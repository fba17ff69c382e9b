"""What the results, states and points of an inspection are called."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext as _

from market.communities.models import Community
from market.communities.service import profile_of
from market.communities.words import in_language
from market.inspection.models import Finding, SpotCheck
from market.inspection.rules import LinkState, Result

RESULT_WORDS: dict[Result, Any] = {
    Result.FINE: _("没问题"),
    Result.MENDED: _("当场改好了"),
    Result.TO_MEND: _("限时改"),
    Result.STOPPED: _("先停下"),
}

RESULT_KINDS: dict[Result, str] = {
    Result.FINE: "go",
    Result.MENDED: "go",
    Result.TO_MEND: "wait",
    Result.STOPPED: "stop",
}

ROUND_WORDS: dict[int, Any] = {1: _("第一轮（开市前）"), 2: _("第二轮（开市后）")}

LINK_WORDS: dict[LinkState, Any] = {
    LinkState.OPEN: _("能用"),
    LinkState.REVOKED: _("收回了"),
    LinkState.OVER: _("过期了"),
    LinkState.SPENT: _("次数用完了"),
}


def item_word(community: Community, code: str) -> str:
    """What a point is called; one that the profile no longer has keeps its code."""
    names = {item.code: in_language(item.name) for item in profile_of(community).checks}
    return names.get(code, code)


def place_word(check: SpotCheck) -> str:
    """Where somebody looked: `A03 老王水果`, or the plaza."""
    held = check.assignment
    return f"{held.label} {held.vendor.trading_name}" if held is not None else gettext("广场")


def finding_word(finding: Finding) -> str:
    """The point in words."""
    return item_word(finding.check.day.community, finding.item)
