"""Sentences of this room: agreements, exceptions of the close, where a figure came from."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext as _

from market.money import yuan
from market.settlement.rules import CloseFault, CloseGap, TakingsSource, Terms, TermsKind

AGREEMENT: tuple[Any, ...] = (
    _("我自愿从集市的营业额里拿出一部分，捐给社区基金，由慈善组织保管，用在本社区。"),
    _("捐多少由我定，可以是 0；每次报数时还可以改，或者这次不捐。"),
    _("捐不捐、捐多少，不影响报名、审核和分摊位。"),
    _("从签字以后开市的集市起算。以后想改，重新选一次就行。"),
)
"""Text of the agreement, version `rules.WORDING`; change both together."""


def terms_word(terms: Terms) -> str:
    """自愿捐 5% / 每场自愿捐 20.00 元 / 不捐."""
    if terms.kind is TermsKind.PERCENT:
        return gettext("营业额的 %(percent)s%%", percent=f"{terms.basis_points / 100:g}")
    if terms.kind is TermsKind.FIXED:
        return gettext("每场 %(amount)s 元", amount=yuan(terms.fixed_fen))
    return gettext("不捐")


FAULTS: dict[CloseFault, Any] = {
    CloseFault.NOT_SCANNED: _("有摊位，没有扫码进场，也没有报数"),
    CloseFault.REPORTED_NOT_SCANNED: _("报了数，但没有扫码进场"),
    CloseFault.NOT_REPORTED: _("到场了，还没有报数"),
    CloseFault.GIVES_MORE_THAN_SOLD: _("捐的比卖的多，请和摊主核对一下"),
}
"""What does not agree, as the close page says it."""

ACCEPTED: dict[CloseFault, Any] = {
    CloseFault.NOT_SCANNED: _("来了，没扫到"),
    CloseFault.REPORTED_NOT_SCANNED: _("来了，没扫到"),
    CloseFault.NOT_REPORTED: _("问不到，就这样"),
    CloseFault.GIVES_MORE_THAN_SOLD: _("摊主就想多捐"),
}
"""The verb that accepts an exception."""

SOURCES: dict[TakingsSource, Any] = {
    TakingsSource.SELF: _("摊主自己报"),
    TakingsSource.STAFF: _("工作人员代填"),
    TakingsSource.ESTIMATED: _("估计"),
}
"""Where a figure came from."""

GAPS: dict[CloseGap, Any] = {
    CloseGap.NOT_COUNTED: _("没有人数过有多少人来逛。入账以后，公开页上写“没有数”。"),
    CloseGap.PARTLY_COUNTED: _("数人的表还有 %(n)s 格空着。"),
    CloseGap.NO_TAKINGS: _("%(n)s 家没有报数，按没有捐算。"),
    CloseGap.ESTIMATED: _("%(n)s 家的数是估计的。"),
    CloseGap.ACCEPTED: _("%(n)s 家没有扫码，是认下来的。"),
}
"""What is missing, named before a market is posted."""


def gap_sentence(gap: CloseGap, number: int) -> str:
    return str(GAPS[gap]) % {"n": number}
