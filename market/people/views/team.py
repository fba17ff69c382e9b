"""The team of a community: who has which role in it, and the links that let them in."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import NotFound
from market.people import service, words
from market.people.access import current_community, current_user
from market.people.blueprint import bp
from market.people.forms import PersonForm
from market.people.link_page import link_page
from market.people.models import User
from market.people.rules import Role


@bp.get("/staff/<slug>/team")
@open_to(Audience.STAFF)
def team() -> str:
    return _team_page(PersonForm())


@bp.post("/staff/<slug>/team")
@open_to(Audience.STAFF)
def create_member() -> ResponseReturnValue:
    form = PersonForm()
    made = appointed(form)
    if made is None:
        return _team_page(form), form.status
    if service.may_make_link(made, current_user()):
        return show_link(made)
    flash(_("%(name)s 已经有账号，现在也在名单里了。请本人用自己的密码登录。", name=made.display_name), "go")
    return redirect(url_for("people.team"))


@bp.post("/staff/<slug>/team/<user_ref>/<role>/link")
@open_to(Audience.STAFF)
def create_link(user_ref: str, role: str) -> ResponseReturnValue:
    return show_link(service.find_membership(current_community(), user_ref, _role(role)).user)


@bp.post("/staff/<slug>/team/<user_ref>/<role>/end")
@open_to(Audience.STAFF)
def end_membership(user_ref: str, role: str) -> ResponseReturnValue:
    membership = service.find_membership(current_community(), user_ref, _role(role))
    service.revoke(membership, by=current_user(), at=clock.now())
    flash(_("%(name)s 已移出名单，马上生效。", name=membership.user.display_name), "go")
    return redirect(url_for("people.team"))


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise NotFound("people.no_role", _("没有这个身份。")) from None


def _team_page(form: PersonForm) -> str:
    return render_template(
        "people/team.html",
        form=form,
        members=service.team(current_community()),
        words=words,
        reach_of_link=service.reach_of_link,
    )


def appointed(form: PersonForm) -> User | None:
    community, role, by, at = current_community(), form.role, current_user(), clock.now()
    name, login = form.display_name.text, form.login.text
    if not form.validate_on_submit():
        return None
    made = form.attempt(lambda: service.appoint(community, name, login, Role(role.data), by=by, at=at))
    return made.value if made else None


def show_link(user: User, back: tuple[str, str] | None = None) -> ResponseReturnValue:
    """A new link for somebody of this community."""
    community, by = current_community(), current_user()
    is_kept = service.reach_of_link(user, by, community) is service.Reach.HERE
    secret = service.make_sign_in_link(user, by=by, at=clock.now(), community=community)
    back = back or (url_for("people.team"), _("回到人员名单"))
    return link_page(user, secret, back=back, is_kept=is_kept)
