"""What vendors sign with a pen: a page for each, from the texts that they can also agree to on a phone."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from market.paperwork.facts import Facts
from market.print.upright import Field, Fields, Part, Prose, Signatures, Upright
from market.vendors import agreements
from market.vendors.models import Vendor
from market.vendors.rules import FOOD_CATEGORIES, DocumentKind, season_end
from market.vendors.words import DOCUMENT_WORDS, category_word

LETTERS = 13
"""Of what is read before it is signed."""

Signer = tuple[str, Vendor | None]
"""A stall and its vendor; no vendor: an empty page to fill in by hand."""


def signers(facts: Facts, kind: DocumentKind | None, only: Vendor | None = None) -> list[Signer]:
    """Everybody who comes and has to sign this, or one vendor; an empty page where nobody has."""
    if facts.blank:
        return [("", None)]
    if only is not None:
        return [("", only)]
    asked = [
        (stall, one)
        for stall, one in facts.comers
        if kind is not DocumentKind.FOOD_UNDERTAKING or one.category in FOOD_CATEGORIES
    ]
    return [*asked] or [("", None)]


def entry_agreements(facts: Facts, only: Vendor | None = None) -> list[Upright]:
    """D15, for everybody."""
    return _pages(facts, DocumentKind.ENTRY_AGREEMENT, only)


def food_undertakings(facts: Facts, only: Vendor | None = None) -> list[Upright]:
    """D16, for who sells food."""
    return _pages(facts, DocumentKind.FOOD_UNDERTAKING, only)


def _pages(facts: Facts, kind: DocumentKind, only: Vendor | None) -> list[Upright]:
    said = agreements.lines(agreements.TEXTS[kind])
    return [_page(facts, kind, said, signer) for signer in signers(facts, kind, only)]


def _page(facts: Facts, kind: DocumentKind, said: Sequence[str], signer: Signer) -> Upright:
    end = season_end(facts.today)
    lines = tuple(f"{number}. {line}" for number, line in enumerate(said, 1))
    until = _("到 %(date)s 为止，这一季的每一场都算。两份，各留一份。", date=end.isoformat())
    parts: tuple[Part, ...] = (
        _parties(facts, signer),
        Prose(_("我答应"), lines, size=LETTERS),
        Prose("", (until, _("文本 %(edition)s。", edition=agreements.edition(kind)))),
        Signatures((_("商户签字"), _("社区（盖章）")), _("日期")),
    )
    return Upright(kind.value, str(DOCUMENT_WORDS[kind]), parts, subject=_name(signer))


def _name(signer: Signer) -> str:
    return signer[1].trading_name if signer[1] is not None else ""


def _parties(facts: Facts, signer: Signer) -> Fields:
    stall, vendor = signer
    return Fields((
        Field(_("社区"), facts.community.host_org, wide=True),
        Field(_("商户"), vendor.trading_name if vendor else ""),
        Field(_("摊位号"), stall),
        Field(_("经营者"), vendor.holder if vendor else ""),
        Field(_("联系电话"), vendor.phone if vendor else ""),
        Field(_("经营品类"), str(category_word(vendor.category)) if vendor else ""),
        Field(_("主要商品"), vendor.goods if vendor else ""),
    ))  # fmt: skip


def privacy_notices(facts: Facts, only: Vendor | None = None) -> list[Upright]:
    """D18: what is kept of a vendor and why, with room to consent."""
    said = tuple(agreements.lines(agreements.PRIVACY_NOTICE))
    phone = _("社区电话：%(phone)s", phone=facts.community.phone)
    agreed = (_("我看过了，同意社区为办集市这样用我的资料。"), _("证照里的健康证，也同意这样用。"), phone)
    return [_privacy_notice(facts, signer, said, agreed) for signer in signers(facts, None, only)]


def _privacy_notice(facts: Facts, signer: Signer, said: tuple[str, ...], agreed: tuple[str, ...]) -> Upright:
    parts: tuple[Part, ...] = (
        _parties(facts, signer),
        Prose(_("我们怎么用您的资料"), said, size=12),
        Prose(_("我的意思"), agreed),
        Signatures((_("商户签字"), _("经办人签字")), _("日期")),
    )
    return Upright("privacy", _("个人信息告知同意书"), parts, subject=_name(signer))
