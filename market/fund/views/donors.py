"""A donor's own statement, behind a link; staff make the links and take them back."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.config import settings
from market.errors import NotFound
from market.fund import service, words
from market.fund.blueprint import bp
from market.fund.models import CharityNotice, Fund, Partner
from market.fund.rules import is_nobodys_name
from market.fund.service import donors as acts
from market.people.access import current_community, current_user, stand_in


@bp.get("/d/<secret>")
@open_to(Audience.PUBLIC)
def donor_statement(secret: str) -> Response:
    """Whoever has the link reads it: so no search engine finds it, and no other page learns of it."""
    link = acts.link_of_secret(secret)
    fund, gifts = link.fund, acts.gifts_of(link)
    stand_in(fund.community)
    answer = make_response(
        render_template("fund/donor_statement.html", fund=fund, link=link, gifts=gifts, words=words)
    )
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/staff/<slug>/fund/donors")
@open_to(Audience.STAFF)
def donors() -> str:
    return _page(_fund())


@bp.post("/staff/<slug>/fund/donors")
@open_to(Audience.STAFF)
def make_donor_link() -> ResponseReturnValue:
    """The address is shown once, on the page that answers."""
    fund = _fund()
    donor = _meant(fund, request.form.get("donor", ""))
    link, secret = acts.make_link(fund, donor, by=current_user(), at=clock.now())
    path = url_for("fund.donor_statement", secret=secret)
    return _page(fund, made=(link.donor_name, settings().public_url + path))


@bp.post("/staff/<slug>/fund/donors/<ref>/revocation")
@open_to(Audience.STAFF)
def revoke_donor_link(ref: str) -> ResponseReturnValue:
    acts.revoke_link(acts.find_link(_fund(), ref), by=current_user(), at=clock.now())
    flash(_("收回了，这个链接打不开了。"), "go")
    return redirect(url_for("fund.donors"))


def _fund() -> Fund:
    return service.require_fund(current_community())


def _meant(fund: Fund, key: str) -> acts.Donor:
    found = next((donor for donor in acts.donors(fund) if _key(donor) == key), None)
    if found is None:
        raise NotFound("fund.no_such_donor", _("没有这位捐赠人，请从名单里选。"))
    return found


def _key(donor: acts.Donor) -> str:
    return f"{type(donor).__name__}:{donor.ref}"


def _name(donor: acts.Donor) -> str:
    if isinstance(donor, CharityNotice):
        return f"{donor.donor} · {donor.reference}" if is_nobodys_name(donor.donor) else donor.donor
    if isinstance(donor, Partner):
        return _("%(name)s（合伙人或工坊）", name=donor.name)
    return _("%(name)s（商户）", name=donor.trading_name)


def _page(fund: Fund, made: tuple[str, str] | None = None) -> str:
    return render_template(
        "fund/donors.html",
        fund=fund,
        donors=[(_key(donor), _name(donor)) for donor in acts.donors(fund)],
        links=acts.links_of(fund),
        made=made,
        words=words,
    )
