"""Regions and communities, as the platform adds them, and the first staff member of each."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.communities import service, words
from market.communities.forms import CommunityForm, RegionForm
from market.communities.rules import RegionLevel
from market.errors import Refusal
from market.paging import SIZE, paging
from market.people import service as people
from market.people.access import current_user
from market.people.blueprint import bp
from market.people.forms import PersonForm
from market.people.rules import Role
from market.people.views.team import appointed, show_link


@bp.get("/platform/communities")
@open_to(Audience.PLATFORM)
def communities() -> ResponseReturnValue:
    return _platform_page()


@bp.post("/platform/communities")
@open_to(Audience.PLATFORM)
def create_community() -> ResponseReturnValue:
    form = CommunityForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.create_community(
            form.slug.text, form.name.text, service.find_region(form.region.data or ""),
            host_org=form.host_org.text, phone=form.phone.text, zone="Asia/Shanghai",
            by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("%(name)s添加好了。接着指定第一位工作人员。", name=form.name.text), "go")
        return redirect(url_for("people.communities"))
    return _platform_page(community_form=form), form.status


@bp.post("/platform/regions")
@open_to(Audience.PLATFORM)
def create_region() -> ResponseReturnValue:
    form = RegionForm(prefix="region")
    if form.validate_on_submit() and form.attempt(
        lambda: service.create_region(
            form.code.text, form.name.text, RegionLevel(form.level.data),
            parent=service.parent_region(form.code.text), by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("%(name)s添加好了。", name=form.name.text), "go")
        return redirect(url_for("people.communities"))
    return _platform_page(region_form=form), form.status


@bp.post("/platform/communities/<slug>/staff")
@open_to(Audience.PLATFORM)
def appoint() -> ResponseReturnValue:
    """The first staff member of a community, named by the platform."""
    form = PersonForm(role=Role.STAFF.value)
    made = appointed(form)
    if made is None:
        raise Refusal("people.bad_person", _("请填姓名，以及手机号或登录名。"), 422)
    return show_link(made, back=(url_for("people.communities"), _("回到各社区")))


def _platform_page(community_form: CommunityForm | None = None, region_form: RegionForm | None = None) -> str:
    form = community_form or CommunityForm(formdata=None)
    regions = service.regions()
    form.region.choices = [
        (region.code, f"{region.name} {region.code}")
        for region in regions
        if region.level is RegionLevel.STREET
    ]
    page = paging(service.count_communities())
    shown = service.communities(page.offset, SIZE)
    return render_template(
        "people/communities.html",
        communities=shown,
        paging=page,
        staffed=people.staffed_communities([one.id for one in shown]),
        regions=regions,
        words=words,
        community_form=form,
        region_form=region_form or RegionForm(formdata=None, prefix="region"),
    )
