"""Sign-in and sign-out, one-time links, first set-up, the account, preferences, and whether we are alive."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from market import clock, doctor
from market.config import settings
from market.errors import NotFound, Refusal
from market.layout.frame import ENGLISH, PREFERENCES, chosen_locale, elder_mode, safe_next
from market.people import service, words
from market.people.access import Audience, current_community, current_user, open_to
from market.people.forms import PasswordForm, PersonForm, SetupForm, SignInForm
from market.people.models import Membership, User
from market.people.rules import Role
from market.print.qr import qr_svg

bp = Blueprint("people", __name__)

FIRST_PAGES = {
    Role.STAFF: "calendar.desk",
    Role.GATE: "gate.days",
    Role.COMMITTEE: "fund.committee",
    Role.VENDOR: "vendors.home",
}
"""Where somebody with this role in a community begins; who has several begins with the first."""


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
            return _enter(found.value, safe_next(form.next.data))
        form.refusal = Refusal("people.wrong_password", _("手机号（登录名）或密码不对。"), 422)
        form.form_errors.append(str(form.refusal.sentence))
    return render_template("people/sign_in.html", form=form, demo_users=_demo_users()), form.status


def _sign_in(form: SignInForm) -> User | None:
    if "locked" in g:
        raise g.locked
    return service.finish_sign_in(form.login.text, g.knows_password, address=_address(), at=clock.now())


def _address() -> str:
    """Where the request comes from; behind proxies what they say, as far as they are trusted."""
    return request.remote_addr or ""


def _enter(user: User, target: str | None = None) -> ResponseReturnValue:
    secret = service.start_session(user, device=request.user_agent.string, at=clock.now())
    session.clear()
    session["key"] = secret
    session.permanent = True
    return redirect(target or _home(user))


def _home(user: User) -> str:
    """The first page of a person, by what they may do."""
    roles = {membership.role: membership for membership in user.memberships if membership.until is None}
    for role in (*FIRST_PAGES, Role.REGION_VIEWER, Role.PLATFORM):
        address = _first_page(roles[role]) if role in roles else None
        if address is not None:
            return address
    return url_for("people.account")


@bp.post("/sign-out")
@open_to(Audience.SIGNED_IN)
def delete_session() -> ResponseReturnValue:
    service.end_session(session.get("key", ""))
    session.clear()
    response = redirect(url_for("calendar.home"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


# ── one-time links: looking changes nothing, the button signs in ──────────────────────────────────────────


@bp.get("/enter/<secret>")
@open_to(Audience.PUBLIC)
def sign_in_link(secret: str) -> str:
    link = service.find_sign_in_link(secret, at=clock.now())
    return render_template("people/sign_in_link.html", link=link, secret=secret)


@bp.post("/enter/<secret>")
@open_to(Audience.PUBLIC)
def use_sign_in_link(secret: str) -> ResponseReturnValue:
    return _enter(service.use_sign_in_link(secret, at=clock.now()))


# ── demo mode: one click is one role ──────────────────────────────────────────────────────────────────────


def _demo_users() -> list[User]:
    """The invented people whom one click signs in; nobody outside demo mode."""
    return service.demo_users() if settings().demo else []


@bp.post("/demo-sign-in")
@open_to(Audience.PUBLIC)
def demo_sign_in() -> ResponseReturnValue:
    for user in _demo_users():
        if user.ref == request.form.get("user"):
            return _enter(user)
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
        return _enter(made.value)
    return render_template("people/setup.html", form=form), form.status


def _set_up(form: SetupForm) -> User:
    return service.use_setup_token(
        form.token.text, form.login.text, form.display_name.text, form.password.text, at=clock.now()
    )


# ── the account ───────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/account")
@open_to(Audience.SIGNED_IN)
def account() -> str:
    return _account_page(PasswordForm())


def _account_page(form: PasswordForm) -> str:
    return render_template("people/account.html", form=form, places=_places(current_user()))


def _places(user: User) -> list[tuple[str, str]]:
    """Where a person may work: what it is called, and its first page."""
    found = []
    for membership in user.memberships:
        address = _first_page(membership) if membership.until is None else None
        if address is not None:
            where = membership.community or membership.region
            names = [where.name] if where is not None else []
            found.append((" · ".join([*names, str(words.ROLE_WORDS[membership.role])]), address))
    return found


def _first_page(membership: Membership) -> str | None:
    if membership.role is Role.PLATFORM:
        return url_for("places.communities")
    if membership.region is not None:
        return url_for("insight.region", code=membership.region.code)
    if membership.community is None:
        return None
    return url_for(FIRST_PAGES[membership.role], slug=membership.community.slug)


@bp.post("/account/sign-outs")
@open_to(Audience.SIGNED_IN)
def delete_sessions() -> ResponseReturnValue:
    """Ends every session of the account, this one too."""
    service.sign_out_everywhere(current_user())
    session.clear()
    return redirect(url_for("people.sign_in"))


@bp.post("/account/password")
@open_to(Audience.SIGNED_IN)
def create_password() -> ResponseReturnValue:
    form, user = PasswordForm(), current_user()
    if form.validate_on_submit() and form.attempt(
        lambda: service.set_password(user, form.password.text, by=user, at=clock.now())
    ):
        flash(_("密码改好了。别的设备都已退出。"), "go")
        return _enter(user, url_for("people.account"))
    return _account_page(form), form.status


# ── the team of a community ───────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/team")
@open_to(Audience.STAFF)
def team() -> str:
    return _team_page(PersonForm())


@bp.post("/staff/<slug>/team")
@open_to(Audience.STAFF)
def create_member() -> ResponseReturnValue:
    form = PersonForm()
    made = _appoint(form)
    if made is None:
        return _team_page(form), form.status
    if service.may_make_link(made, current_user()):
        return _show_link(made)
    flash(_("%(name)s 已经有账号，现在也在名单里了。请本人用自己的密码登录。", name=made.display_name), "go")
    return redirect(url_for("people.team"))


@bp.post("/staff/<slug>/team/<user_ref>/<role>/link")
@open_to(Audience.STAFF)
def create_link(user_ref: str, role: str) -> ResponseReturnValue:
    return _show_link(service.find_membership(current_community(), user_ref, _role(role)).user)


@bp.post("/staff/<slug>/team/<user_ref>/<role>/end")
@open_to(Audience.STAFF)
def end_membership(user_ref: str, role: str) -> ResponseReturnValue:
    membership = service.find_membership(current_community(), user_ref, _role(role))
    service.revoke(membership, by=current_user(), at=clock.now())
    flash(_("%(name)s 已移出名单，马上生效。", name=membership.user.display_name), "go")
    return redirect(url_for("people.team"))


@bp.post("/platform/communities/<slug>/staff")
@open_to(Audience.PLATFORM)
def appoint() -> ResponseReturnValue:
    """The first staff member of a community, named by the platform."""
    form = PersonForm(role=Role.STAFF.value)
    made = _appoint(form)
    if made is None:
        raise Refusal("people.bad_person", _("请填姓名，以及手机号或登录名。"), 422)
    return _show_link(made)


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
        may_make_link=service.may_make_link,
    )


def _appoint(form: PersonForm) -> User | None:
    community, role, by, at = current_community(), form.role, current_user(), clock.now()
    name, login = form.display_name.text, form.login.text
    if not form.validate_on_submit():
        return None
    made = form.attempt(lambda: service.appoint(community, name, login, Role(role.data), by=by, at=at))
    return made.value if made else None


def _show_link(user: User) -> ResponseReturnValue:
    """The page that shows a one-time link, once: afterwards only its hash is known."""
    secret = service.make_sign_in_link(user, by=current_user(), at=clock.now())
    address = settings().public_url + url_for("people.sign_in_link", secret=secret)
    code = Markup(qr_svg(address, _("登录二维码")))  # noqa: S704 - our own drawing
    return render_template("people/new_link.html", person=user, address=address, code=code)


# ── preferences and health ────────────────────────────────────────────────────────────────────────────────


@bp.get("/preferences")
@open_to(Audience.PUBLIC)
def preferences() -> ResponseReturnValue:
    """Keeps the reader's choice of large type and language in a cookie, and goes back."""
    elder = request.args.get("elder", "1" if elder_mode() else "0") == "1"
    english = request.args.get("lang", chosen_locale()) == ENGLISH
    chosen = ".".join(name for name, on in (("elder", elder), (ENGLISH, english)) if on)
    response = redirect(safe_next(request.args.get("next")) or url_for("calendar.home"))
    if chosen:
        response.set_cookie(
            PREFERENCES,
            chosen,
            max_age=365 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=settings().secure,
        )
    else:
        response.delete_cookie(PREFERENCES)
    return response


@bp.get("/healthz")
@open_to(Audience.PUBLIC)
def alive() -> ResponseReturnValue:
    return {"status": "ok"}, 200, {"Cache-Control": "no-store"}


@bp.get("/readyz")
@open_to(Audience.PUBLIC)
def ready() -> ResponseReturnValue:
    """200 when the database answers and its schema is current, 503 otherwise."""
    reachable = doctor.database_answers()
    migrated = reachable and doctor.is_migrated()
    body = {"status": "ok" if migrated else "unavailable", "database": reachable, "migrated": migrated}
    return body, 200 if migrated else 503, {"Cache-Control": "no-store"}
