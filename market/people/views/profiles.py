"""Which region's rules hold: chosen for a region or for one community, with what changes shown beforehand."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.communities import service, words
from market.communities.forms import ProfileForm
from market.communities.models import Community, Region
from market.communities.profile_files import profiles
from market.people.access import current_community, current_region, current_user
from market.people.blueprint import bp


@bp.get("/platform/communities/<slug>/profile")
@open_to(Audience.PLATFORM)
def community_profile() -> ResponseReturnValue:
    return _page(current_community(), ProfileForm(formdata=None))


@bp.post("/platform/communities/<slug>/profile")
@open_to(Audience.PLATFORM)
def choose_community_profile() -> ResponseReturnValue:
    return _choose(current_community())


@bp.get("/platform/regions/<code>/profile")
@open_to(Audience.PLATFORM)
def region_profile() -> ResponseReturnValue:
    return _page(current_region(), ProfileForm(formdata=None))


@bp.post("/platform/regions/<code>/profile")
@open_to(Audience.PLATFORM)
def choose_region_profile() -> ResponseReturnValue:
    return _choose(current_region())


def _choose(place: Community | Region) -> ResponseReturnValue:
    form = ProfileForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.choose_profile(place, form.profile.data or "", by=current_user(), at=clock.now())
    ):
        name = words.in_language(service.profile_of(place).name)
        flash(_("%(place)s现在照「%(name)s」办，马上生效。", place=place.name, name=name), "go")
        return redirect(_address(place))
    return _page(place, form)


def _address(place: Community | Region) -> str:
    if isinstance(place, Community):
        return url_for("people.community_profile", slug=place.slug)
    return url_for("people.region_profile", code=place.code)


def _page(place: Community | Region, form: ProfileForm) -> ResponseReturnValue:
    now = service.profile_of(place)
    others = [one for one in profiles().values() if one is not now]
    page = render_template(
        "people/profile.html",
        place=place,
        now=now,
        inherited=place.profile not in profiles(),
        others=[(one, words.changes(now, one)) for one in others],
        action=_address(place),
        in_language=words.in_language,
        form=form,
    )
    return page, form.status
