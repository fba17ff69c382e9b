"""The donation agreement as it is read, signed and kept: parties, formula, use, delivery (慈善法 37)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import NamedTuple

from flask import Flask, current_app
from flask_babel import force_locale, gettext as _

from market.communities.models import Community
from market.settlement.rules import WORDING, Terms
from market.settlement.words import AGREEMENT, terms_word
from market.vendors.models import Vendor


class Recipient(NamedTuple):
    """Who receives: the charity by its full name, its fund for the community, and what it may be used for."""

    charity: str
    fund: str
    purpose: str


RecipientOf = Callable[[Community], Recipient | None]


def init_app(app: Flask, recipient_of: RecipientOf) -> None:
    """Who receives is known further right: the fund stands behind this room."""
    app.extensions["recipient_of"] = recipient_of


def recipient_of(community: Community) -> Recipient | None:
    """Whom vendors of a community give to, None before its fund is registered."""
    known: RecipientOf = current_app.extensions["recipient_of"]
    return known(community)


def agreement_lines(vendor: Vendor, terms: Terms | None) -> list[str]:
    """The agreement in the reader's language; without terms the sum is left for a pen."""
    giver = vendor.trading_name
    if vendor.holder and vendor.holder != vendor.trading_name:
        giver = _("%(name)s（摊主 %(holder)s）", name=vendor.trading_name, holder=vendor.holder)
    return lines_between(giver, vendor.community, terms)


def lines_between(giver: str, community: Community, terms: Terms | None) -> list[str]:
    """The agreement between a giver, as named, and whoever receives for a community."""
    to = recipient_of(community)
    charity = to.charity if to else _("与本社区签有基金协议的慈善组织")
    fund = to.fund if to else _("本社区的社区发展基金")
    purpose = to.purpose if to else _("本社区的公益服务")
    formula = terms_word(terms) if terms is not None else _("见下面勾选的一项")
    return [
        _("捐赠人：%(giver)s。", giver=giver),
        _("受赠人：%(charity)s，记在“%(fund)s”名下。", charity=charity, fund=fund),
        _("捐的是钱，每场数额：%(formula)s。", formula=formula),
        _("用途：%(purpose)s。改变用途要先征得捐赠人同意。", purpose=purpose),
        _("交付：每场收市结算后，由社区汇总交给受赠人，以受赠人确认到账为准；票据由受赠人开。"),
        *map(str, AGREEMENT),
    ]


def kept_text(vendor: Vendor, terms: Terms) -> str:
    """The text that is kept with a signature: the Chinese one, whoever read it in which language."""
    with force_locale("zh_Hans_CN"):
        lines = agreement_lines(vendor, terms)
        return "\n".join([_("捐赠协议（%(version)s 版）", version=WORDING), *lines])


def sealed_text(text: str) -> str:
    """A text with a random last line. Once the text is forgotten, no name can be tried against its hash."""
    return f"{text}\n{secrets.token_hex(16)}"


def is_sealed(kept: str, text: str) -> bool:
    """Whether what was kept is this text; what was kept before there was a last line counts too."""
    return text in (kept, kept.rpartition("\n")[0])


def text_hash(text: str) -> str:
    """SHA-256 of a text, to see later that it is still the one that was signed."""
    return hashlib.sha256(text.encode()).hexdigest()
