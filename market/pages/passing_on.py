"""Passing a page on: its code and its picture, a piece of it on other sites."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from market import clock, headers
from market.access import Audience, Scope, open_to, policy_of
from market.calendar import service
from market.calendar.lookup import public_day_at
from market.calendar.models import MarketDay
from market.calendar.share_picture import SharePicture, draw_share_picture
from market.calendar.shown_day import ShownDay
from market.communities.models import Community
from market.errors import NotFound
from market.layout.filters import day_text
from market.layout.frame import chosen_locale
from market.pages.blueprint import bp
from market.pages.metadata import outside
from market.people.access import current_community
from market.print.qr import qr_svg
from market.revisions import kept_while_seen

EMBEDDED = 5
"""Markets that a piece on another site shows."""


# ── telling others ───────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/share")
@open_to(Audience.PUBLIC)
def share() -> str:
    """The code of the community's page, the picture for chats, the piece for other sites."""
    address = outside("pages.community")
    return render_template(
        "pages/share.html", address=address, code=_code(address), snippet=_snippet(current_community())
    )


def _snippet(community: Community) -> str:
    """What the people of another site paste: no script, nothing that needs to be kept up to date."""
    title = _("%(community)s睦邻集市", community=community.name)
    return str(
        Markup('<iframe src="{}" title="{}" width="100%" height="420" loading="lazy"></iframe>').format(
            outside("pages.embedded"), title
        )
    )


# ── a piece on other sites ────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/embed")
@open_to(Audience.PUBLIC)
def embedded() -> str:
    """The next markets, for a frame on any site: it holds no form and no script."""
    headers.may_be_framed()
    at = clock.now()
    known = [ShownDay.of(day, at) for day in service.days_around(current_community(), at, 0)]
    coming = [shown for shown in known if not shown.over][:EMBEDDED]
    return render_template("pages/embedded.html", coming=coming)


# ── codes ─────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = {
    "pages.community": _l("集市"),
    "pages.month": _l("集市日历"),
    "pages.wishes": _l("想要什么摊位"),
    "pages.find": _l("找摊位"),
    "pages.share": _l("转发"),
    "pages.follow": _l("怎么知道下一场是哪天"),
    "fund.page": _l("基金账本"),
    "insight.page": _l("办得怎么样"),
    "stalls.allocation": _l("摊位是怎么分的"),
    "vendors.registration": _l("报名摆摊"),
}
"""What stands above the code of a page; others are called by their community."""


@bp.get("/c/<slug>/code/", defaults={"page": ""})
@bp.get("/c/<slug>/code/<path:page>")
@open_to(Audience.PUBLIC)
def page_code(page: str) -> str:
    """The code of any public page of the community, to be printed."""
    community = current_community()
    path = f"{url_for('pages.community')}{page}"
    title = _name_of(path)
    query = request.query_string.decode("latin-1")
    asked = f"{path}?{query}" if query else path
    address = outside("pages.community") + asked[len(url_for("pages.community")) :]
    back = url_for("pages.community") + asked[len(url_for("pages.community")) :]
    return render_template(
        "pages/page_code.html", title=title or community.name, address=address, back=back, code=_code(address)
    )


def _name_of(path: str) -> str:
    """What a page is called; only pages that everybody may open have a code."""
    try:
        endpoint, values = current_app.create_url_adapter(request).match(path, "GET")  # type: ignore[union-attr]
    except HTTPException:
        raise _no_page() from None
    policy = policy_of(current_app.view_functions[endpoint])
    if policy is None or policy.audiences != (Audience.PUBLIC,) or policy.scope is not Scope.PUBLIC:
        raise _no_page()
    if endpoint == "pages.market":
        day = public_day_at(str(values["ref"]))
        return f"{day_text(service.local_date(day))} {day.theme}"
    return str(NAMES.get(endpoint, ""))


def _no_page() -> NotFound:
    return NotFound("pages.no_code", _("没有这一页，所以没有它的二维码。"))


def _code(address: str) -> Markup:
    label = _("扫码打开：%(address)s", address=address)
    return Markup(qr_svg(address, label))  # noqa: S704 - our own drawing


# ── pictures for chats ────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/share.png")
@open_to(Audience.PUBLIC)
def picture() -> ResponseReturnValue:
    """The next market, or that none is fixed yet."""
    community, at = current_community(), clock.now()
    day = service.next_day(community, at)
    return _picture(day.ref if day is not None else "", lambda: _next(community, day))


def _next(community: Community, day: MarketDay | None) -> SharePicture:
    if day is not None:
        return _of_market(day)
    return SharePicture(_head(community), _("下一场还没定"), (_("定下来就写在这里"),))


@bp.get("/c/<slug>/markets/<ref>.png")
@open_to(Audience.PUBLIC)
def market_picture(ref: str) -> ResponseReturnValue:
    day = public_day_at(ref)
    return _picture(ref, lambda: _of_market(day))


def _of_market(day: MarketDay) -> SharePicture:
    """Nothing of it depends on the clock: chats keep what they have seen."""
    shown = ShownDay.of(day, day.open_at)
    on, zone = service.local_date(day), day.community.zone
    hours = clock.span_text(clock.local(day.open_at, zone), clock.local(day.close_at, zone))
    lines = hours, day.theme, day.venue.name
    return SharePicture(_head(day.community), day_text(on), lines, shown.word if shown.called_off else "")


def _head(community: Community) -> str:
    return _("%(community)s睦邻集市", community=community.name)


def _picture(ref: str, say: Callable[[], SharePicture]) -> Response:
    """Drawn once for a state of what is public, as chats ask for it again and again."""
    name = ("pages.picture", current_community().id, ref, chosen_locale())
    return Response(kept_while_seen(name, lambda: draw_share_picture(say())), mimetype="image/png")
