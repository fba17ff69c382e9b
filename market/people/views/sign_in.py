"""Sign-in and sign-out, one-time links, demo mode, first set-up."""

from __future__ import annotations

from flask import g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock, kept_forms
from market.access import Audience, open_to
from market.addresses import safe_next
from market.config import settings
from market.errors import Refusal
from market.people import service
from market.people.blueprint import bp
from market.people.browser_key import browser_key, keep_browser_key, new_browser_key
from market.people.forms import SetupForm, SignInForm
from market.people.models import User
from market.people.views.first_page import enter


@bp.get("/sign-in")
@open_to(Audience.PUBLIC)
def sign_in() -> ResponseReturnValue:
    form = SignInForm(next=safe_next(request.args.get("next")) or "")
    return render_template("people/sign_in.html", form=form, demo_users=_demo_users())


@bp.before_request
def check_password() -> None:
    """Before the unit of work begins: hashing is slow on purpose, and meanwhile nobody else could write."""
    if request.endpoint != "people.create_session":
        return
    form = SignInForm()
    if not form.validate_on_submit():
        return
    try:
        service.refuse_while_locked(form.login.text, _address(), at=clock.now())
        g.knows_password = service.knows_password(form.login.text, form.password.text)
    except Refusal as refusal:
        g.locked = refusal


@bp.post("/sign-in")
@open_to(Audience.PUBLIC)
def create_session() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate_on_submit() and (found := form.attempt(lambda: _sign_in(form))):
        if found.value is not None:
            return _go_on(enter(found.value, safe_next(form.next.data)), form.kept.data)
        form.refusal = Refusal("people.wrong_password", _("手机号（登录名）或密码不对。"), 422)
        form.say_wrong(str(form.refusal.sentence))
    return render_template("people/sign_in.html", form=form, demo_users=_demo_users()), form.status


def _go_on(entered: ResponseReturnValue, kept: str | None) -> ResponseReturnValue:
    """To the next page, or to the form that was refused because the session had ended."""
    form = kept_forms.restore(kept)
    if form is None:
        return entered
    g.pop("csrf_token", None)  # it was made for the session that ended with this sign-in
    return render_template("errors/resend.html", kept=form)


def _sign_in(form: SignInForm) -> User | None:
    if "locked" in g:
        raise g.locked
    return service.finish_sign_in(form.login.text, g.knows_password, address=_address(), at=clock.now())


def _address() -> str:
    """Where the request comes from; behind proxies what they say, as far as they are trusted."""
    return request.remote_addr or ""


@bp.post("/sign-out")
@open_to(Audience.SIGNED_IN)
def delete_session() -> ResponseReturnValue:
    service.end_session(session.get("key", ""))
    session.clear()
    response = redirect(url_for("pages.home"))
    response.headers["Clear-Site-Data"] = '"cache"'  # "storage" too would lose scans that wait there
    return response


# ── one-time links: looking changes nothing, the button signs in ──────────────────────────────────────────


@bp.get("/enter/<secret>")
@open_to(Audience.PUBLIC)
def sign_in_link(secret: str) -> str:
    link = service.find_sign_in_link(
        secret, at=clock.now(), session_secret=session.get("key", ""), browser=browser_key()
    )
    return render_template("people/sign_in_link.html", link=link, secret=secret)


@bp.post("/enter/<secret>")
@open_to(Audience.PUBLIC)
def use_sign_in_link(secret: str) -> ResponseReturnValue:
    key = new_browser_key()
    link = service.spend_sign_in_link(
        secret, at=clock.now(), session_secret=session.get("key", ""), browser=key
    )
    return keep_browser_key(make_response(enter(link.user, community_id=link.community_id)), key)


# ── demo mode: one click is one role ──────────────────────────────────────────────────────────────────────


def _demo_users() -> list[User]:
    """The invented people whom one click signs in; nobody outside demo mode."""
    return service.demo_users() if settings().demo else []


@bp.post("/demo-sign-in")
@open_to(Audience.PUBLIC)
def demo_sign_in() -> ResponseReturnValue:
    for user in _demo_users():
        if user.ref == request.form.get("user"):
            return enter(user)
    raise Refusal("people.no_demo", _("只有演示模式才能一键登录。"), 403)


# ── first set-up ──────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/setup")
@open_to(Audience.PUBLIC)
def setup() -> ResponseReturnValue:
    if service.is_set_up():
        return redirect(url_for("people.sign_in"))
    return render_template("people/setup.html", form=SetupForm())


@bp.post("/setup")
@open_to(Audience.PUBLIC)
def create_first_user() -> ResponseReturnValue:
    form = SetupForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _set_up(form))):
        return enter(made.value)
    return render_template("people/setup.html", form=form), form.status


def _set_up(form: SetupForm) -> User:
    return service.use_setup_token(
        form.token.text, form.login.text, form.display_name.text, form.password.text, at=clock.now()
    )
