"""The group of the residents: staff say how to join, the page for those who follow shows it."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.communities.forms import GroupForm
from market.communities.group import group_of, hide_group, show_group
from market.errors import NotFound
from market.layout.answers import send_file
from market.pages.blueprint import bp
from market.people.access import current_community, current_user
from market.photos import sent_photos, takes_photos


@bp.get("/staff/<slug>/group")
@open_to(Audience.STAFF)
def group() -> ResponseReturnValue:
    shown = group_of(current_community())
    kept = {"text": shown.text, "valid_until": shown.valid_until} if shown else {}
    return _page(GroupForm(formdata=None, data=kept))


@bp.post("/staff/<slug>/group")
@open_to(Audience.STAFF)
@takes_photos
def change_group() -> ResponseReturnValue:
    form = GroupForm()
    if form.validate_on_submit() and form.attempt(lambda: _show(form)):
        flash(_("放上去了，居民现在就看得到。"), "go")
        return redirect(url_for("pages.group"))
    return _page(form)


def _show(form: GroupForm) -> None:
    sent = sent_photos("picture")
    show_group(
        current_community(),
        form.text.text,
        sent[0] if sent else None,
        form.valid_until.data,
        by=current_user(),
        at=clock.now(),
    )


@bp.post("/staff/<slug>/group/hidden")
@open_to(Audience.STAFF)
def remove_group() -> ResponseReturnValue:
    hide_group(current_community(), by=current_user(), at=clock.now())
    flash(_("拿下来了。"), "go")
    return redirect(url_for("pages.group"))


def _page(form: GroupForm) -> ResponseReturnValue:
    community = current_community()
    page = render_template(
        "pages/group.html", form=form, shown=group_of(community), today=clock.today(community.zone)
    )
    return page, form.status


@bp.get("/c/<slug>/group.jpg")
@open_to(Audience.PUBLIC)
def group_picture() -> Response:
    """The code to scan, to press and save; it is gone when its last day is over."""
    community = current_community()
    shown = group_of(community)
    if shown is None or shown.picture is None or not shown.picture_on(clock.today(community.zone)):
        raise NotFound("pages.no_group", _("没有这一页。"))
    return send_file(shown.picture, "image/jpeg", f"{community.slug}.jpg", attached=False)
