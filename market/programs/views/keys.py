"""Keys of programs: the page of a community's staff, and that of a region's viewers."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock, form_use
from market.access import Audience, open_to
from market.config import settings
from market.people.access import current_community, current_region, current_user
from market.programs import service
from market.programs.blueprint import bp
from market.programs.forms import HookForm, KeyForm, RegionKeyForm
from market.programs.rules import KeyState, Right

USUAL = timedelta(days=180)
"""What the form offers first."""


@bp.get("/staff/<slug>/programs")
@open_to(Audience.STAFF)
def programs() -> ResponseReturnValue:
    return page(fresh_form())


@bp.post("/staff/<slug>/programs/keys")
@open_to(Audience.STAFF)
def create_key() -> ResponseReturnValue:
    """The secret is shown once; afterwards only its hash is known."""
    form, community = KeyForm(), current_community()
    if form.validate_on_submit() and (
        made := form.attempt(
            lambda: service.make_key(
                community, form.name.text, form.chosen(), form.ends_at(community.zone),
                by=current_user(), at=clock.now(),
            )
        )
    ):  # fmt: skip
        form_use.shown_once()
        key, secret = made.value
        return render_template("programs/new_key.html", key=key, secret=secret)
    return page(form)


@bp.post("/staff/<slug>/programs/keys/<ref>/revocation")
@open_to(Audience.STAFF)
def revoke_key(ref: str) -> ResponseReturnValue:
    key = service.find_key(current_community(), ref)
    service.revoke_key(key, by=current_user(), at=clock.now())
    flash(_("收回了，“%(name)s”从现在起不能用了。", name=key.name), "go")
    return redirect(url_for("programs.programs"))


def page(form: KeyForm, hook_form: HookForm | None = None) -> ResponseReturnValue:
    """Keys and subscriptions; with the form that was refused."""
    community, at = current_community(), clock.now()
    return render_template(
        "programs/programs.html",
        form=form,
        hook_form=hook_form or HookForm(formdata=None),
        refused=next((one for one in (hook_form, form) if one is not None and one.status != 200), None),
        keys=[(key, service.state_of(key, at)) for key in service.keys_of(community)],
        in_force=KeyState.IN_FORCE,
        hooks=service.hooks_of(community),
    ), (hook_form or form).status  # fmt: skip


def fresh_form() -> KeyForm:
    """The form of a key as it is shown first."""
    return KeyForm(formdata=None, data={"until": clock.today(current_community().zone) + USUAL})


# ── of a region ───────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/region/<code>/programs")
@open_to(Audience.REGION)
def region_programs() -> ResponseReturnValue:
    until = clock.today(settings().zone) + USUAL
    return _region_page(RegionKeyForm(formdata=None, data={"until": until}))


@bp.post("/region/<code>/programs/keys")
@open_to(Audience.REGION)
def create_region_key() -> ResponseReturnValue:
    form = RegionKeyForm()
    if form.validate_on_submit() and (
        made := form.attempt(
            lambda: service.make_key(
                current_region(), form.name.text, [Right.READ], form.ends_at(settings().zone),
                by=current_user(), at=clock.now(),
            )
        )
    ):  # fmt: skip
        form_use.shown_once()
        key, secret = made.value
        return render_template("programs/new_key.html", key=key, secret=secret)
    return _region_page(form)


@bp.post("/region/<code>/programs/keys/<ref>/revocation")
@open_to(Audience.REGION)
def revoke_region_key(ref: str) -> ResponseReturnValue:
    key = service.find_key(current_region(), ref)
    service.revoke_key(key, by=current_user(), at=clock.now())
    flash(_("收回了，“%(name)s”从现在起不能用了。", name=key.name), "go")
    return redirect(url_for("programs.region_programs"))


def _region_page(form: RegionKeyForm) -> ResponseReturnValue:
    at = clock.now()
    return render_template(
        "programs/region.html",
        form=form,
        region=current_region(),
        keys=[(key, service.state_of(key, at)) for key in service.keys_of(current_region())],
        in_force=KeyState.IN_FORCE,
    ), form.status  # fmt: skip
