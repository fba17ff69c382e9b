"""The page that shows a one-time link, once: afterwards only its hash is known."""

from __future__ import annotations

from flask import render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from market import form_use
from market.config import settings
from market.people.models import User
from market.print.qr import qr_svg


def link_page(person: User, secret: str, *, back: tuple[str, str], is_kept: bool = False) -> str:
    """`back` is where the reader goes on, address and label; `is_kept` when it opens this community only."""
    address = settings().public_url + url_for("people.sign_in_link", secret=secret)
    code = Markup(qr_svg(address, _("登录二维码")))  # noqa: S704 - our own drawing
    form_use.shown_once()
    return render_template(
        "people/new_link.html", person=person, address=address, code=code, is_kept=is_kept, back=back
    )


def own_link_page(secret: str, *, title: str, on: tuple[str, str]) -> str:
    """The link with which a vendor comes back on this telephone; `on` is where to go next, and its label."""
    address = settings().public_url + url_for("people.sign_in_link", secret=secret)
    form_use.shown_once()
    return render_template("people/own_link.html", address=address, title=title, on=on)
