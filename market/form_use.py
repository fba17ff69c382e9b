"""Every form carries an id, so that sending it twice is sending it once, whatever it does."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from market import clock
from market.db import Model, db, race_point
from market.errors import Refusal

FIELD = "form_id"
KEPT = timedelta(days=30)
"""How long a form that was sent is known; a page stays open for days, not for months."""

ALWAYS_RUN = frozenset({"people.delete_session", "people.delete_sessions"})
"""Acts that must be done whenever they are asked for: whoever wants to leave, leaves."""


class FormUse(Model):
    """A form that was sent and did its act; where that led to."""

    __tablename__ = "form_use"
    __table_args__ = (sa.Index("uq_form_use_key", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[str] = mapped_column(sa.Text)
    """The address that came next; empty when the answer was a page that is shown once."""
    used_at: Mapped[datetime] = mapped_column(index=True)


def new_id() -> str:
    """The id of a form that is being shown."""
    return secrets.token_urlsafe(12)


def shown_once() -> None:
    """Says that the act of the running request is done though it answers with a page (a secret link)."""
    g.form_used = True


def once(view: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Runs the view of a form that was not used yet; the same form again gets the first answer, and no act.

    Only the very same form is a repetition: whoever goes back and types something else means something else.
    Runs inside the unit of work of the request, so that act and note are written together or not at all.
    """
    key = _key()
    if key is None:
        return view()
    known = db.session.scalar(sa.select(FormUse).where(FormUse.key == key))
    if known is not None:
        return _first_answer(known)
    race_point("form_use.once")
    response = make_response(view())
    if 300 <= response.status_code < 400 or g.pop("form_used", False):
        answer = response.headers.get("Location", "")
        db.session.add(FormUse(key=key, answer=answer, used_at=clock.now()))
        db.session.flush()
    return response


def _key() -> str | None:
    """What names this form, this person, this act and what was typed; None for what is not remembered."""
    form_id, user_id = request.form.get(FIELD), g.get("user_id")
    if not form_id or user_id is None or request.endpoint in ALWAYS_RUN:
        return None
    typed = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    return hashlib.sha256(repr((user_id, request.full_path, typed)).encode()).hexdigest()


def _first_answer(known: FormUse) -> Response:
    if not known.answer:
        sentence = _("这一步刚才已经做过了。要再做一次，请回到上一页，刷新以后再按。")
        raise Refusal("forms.used", sentence)
    return make_response(redirect(known.answer))


def purge(*, at: datetime) -> int:
    """Forgets forms that were sent long ago; how many."""
    gone = db.session.execute(sa.delete(FormUse).where(FormUse.used_at < at - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
