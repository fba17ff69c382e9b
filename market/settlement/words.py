"""Sentences of this room: agreements, exceptions of the close, where a figure came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext, lazy_gettext as _

from market.money import short_yuan, yuan
from market.settlement.rehearsal import Size
from market.settlement.rules import CloseFault, CloseGap, TakingsSource, Terms, TermsKind, share
from market.vendors.rules import Category
from market.vendors.words import CATEGORY_WORDS

AGREEMENT: tuple[Any, ...] = (
    _("我自愿从集市的营业额里拿出一部分，捐给社区基金，由慈善组织保管，用在本社区。"),
    _("捐多少由我定，可以是 0；每次报数时还可以改，或者这次不捐。"),
    _("捐不捐、捐多少，不影响报名、审核和分摊位。"),
    _("从签字以后开市的集市起算。以后想改，重新选一次就行。"),
)
"""Text of the agreement, version `rules.WORDING`; change both together."""


KIND_WORDS: dict[TermsKind, Any] = {
    TermsKind.PERCENT: _("按比例"),
    TermsKind.FIXED: _("定额"),
    TermsKind.TIERS: _("分档"),
    TermsKind.NONE: _("不捐"),
}
"""A kind of agreement in one word, as a table on paper has it."""

TERMS_FAULTS = {
    "percent_range": _("请填 0.01 到 100 之间的百分数，比如 5。不捐就选“不捐”。"),
    "fixed_range": _("请填每场捐多少元，比如 20。不捐就选“不捐”。"),
    "tiers_order": _("分档要从低到高：后一档的钱数要比前一档大，至少有一档的百分数不是 0。"),
    "limits_range": _("“不捐”“最少”“最多”的钱数要在 0 和 10 亿元之间。"),
    "floor_above_cap": _("“最少”比“最多”还大，请看看是不是填反了。"),
}
"""What is wrong with an agreement, by the codes of `rules.terms_fault`."""


def terms_word(terms: Terms) -> str:
    """An agreement in words: 营业额的 5%，卖不到 200 元不捐，最多 50 元 / 每场 20.00 元 / 不捐."""
    if terms.kind is TermsKind.NONE:
        return gettext("这一类不用捐") if terms.exempt else gettext("不捐")
    first = {TermsKind.PERCENT: _percent_word, TermsKind.FIXED: _fixed_word, TermsKind.TIERS: _tiers_word}
    return gettext("，").join([first[terms.kind](terms), *_clauses(terms)])


def _percent_word(terms: Terms) -> str:
    return gettext("营业额的 %(percent)s%%", percent=_rate(terms.basis_points))


def _fixed_word(terms: Terms) -> str:
    return gettext("每场 %(amount)s 元", amount=yuan(terms.fixed_fen))


def _rate(basis_points: int) -> str:
    return f"{basis_points / 100:g}"


def _tiers_word(terms: Terms) -> str:
    first, *others = terms.tiers
    within = gettext(
        "%(amount)s 元以内捐 %(percent)s%%",
        amount=short_yuan(others[0].from_fen),
        percent=_rate(first.basis_points),
    )
    above = [
        gettext(
            "超过 %(amount)s 元的部分捐 %(percent)s%%",
            amount=short_yuan(tier.from_fen),
            percent=_rate(tier.basis_points),
        )
        for tier in others
    ]
    return gettext("，").join([within, *above])


def _clauses(terms: Terms) -> Iterator[str]:
    """What limits an agreement, each as a few words."""
    if terms.threshold_fen:
        yield gettext("卖不到 %(amount)s 元不捐", amount=short_yuan(terms.threshold_fen))
    if terms.floor_fen:
        yield gettext("最少 %(amount)s 元", amount=short_yuan(terms.floor_fen))
    if terms.cap_fen:
        yield gettext("最多 %(amount)s 元", amount=short_yuan(terms.cap_fen))
    if terms.exempt:
        names = gettext("、").join(
            str(word) for category, word in CATEGORY_WORDS.items() if category in terms.exempt
        )
        yield gettext("%(categories)s不用捐", categories=names)


EXAMPLES_FEN = (10_000, 50_000, 100_000, 300_000)
"""Takings of which a page says what is given of them."""


def examples(terms: Terms) -> list[str]:
    """What an agreement comes to: 卖 500 元捐 15 元."""
    edges = {terms.threshold_fen, *(tier.from_fen for tier in terms.tiers)} - {0}
    return [_example(fen, share(fen, terms)) for fen in sorted({*EXAMPLES_FEN, *edges})]


def _example(takings_fen: int, given_fen: int) -> str:
    if not given_fen:
        return gettext("卖 %(takings)s 元，不捐", takings=short_yuan(takings_fen))
    return gettext(
        "卖 %(takings)s 元，捐 %(gift)s 元", takings=short_yuan(takings_fen), gift=short_yuan(given_fen)
    )


SIZES: dict[Size, Any] = {
    Size.SMALL: _("卖得少的三分之一"),
    Size.MIDDLE: _("卖得中等的三分之一"),
    Size.LARGE: _("卖得多的三分之一"),
}
"""Groups of vendors by what they sell on a day."""


def group_word(group: Category | Size | None) -> Any:
    """What a group of a rehearsal is called."""
    if group is None:
        return _("其他品类合起来")
    return SIZES[group] if isinstance(group, Size) else CATEGORY_WORDS[group]


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
    TakingsSource.LINK: _("扫码或点链接报"),
}
"""Where a figure came from."""

GAPS: dict[CloseGap, Any] = {
    CloseGap.NOT_COUNTED: _("没有人数过有多少人来逛。入账以后，公开页上写“没有数”。"),
    CloseGap.PARTLY_COUNTED: _("数人的表还有 %(n)s 格空着。"),
    CloseGap.NO_TAKINGS: _("%(n)s 家没有报数，按没有捐算。"),
    CloseGap.GIFT_ONLY: _("%(n)s 家只报了捐多少，没说卖了多少，合计的营业额里没有它们。"),
    CloseGap.ESTIMATED: _("%(n)s 家的数是估计的。"),
    CloseGap.ACCEPTED: _("%(n)s 家没有扫码，是认下来的。"),
}
"""What is missing, named before a market is posted."""


def gap_sentence(gap: CloseGap, number: int) -> str:
    return str(GAPS[gap]) % {"n": number}
