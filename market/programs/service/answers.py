"""Answers that are kept: a call that comes again, because its answer got lost, is done once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.db import db, race_point
from market.errors import Refusal
from market.programs.models import KeptAnswer, ProgramKey
from market.programs.rules import ANSWER_KEPT


class Answered(NamedTuple):
    """What is sent back."""

    status: int
    body: str
    again: bool = False
    """Whether it was answered before."""


def answer_once(
    key: ProgramKey, call: str, asked: bytes, act: Callable[[], Answered], *, at: datetime
) -> Answered:
    """Does the act, unless a call of this name was answered: then its answer, and no act.

    Runs inside the unit of work of the act, so both are written or neither is; a call that was refused may be
    made again. Refuses `programs.call_reused` (422) where the same name stands for something else.
    """
    call_hash, body_hash = _hash(call.encode()), _hash(asked)
    query = sa.select(KeptAnswer).where(KeptAnswer.key_id == key.id, KeptAnswer.call_hash == call_hash)
    known = db.session.scalar(query)
    race_point("programs.answer_once")
    if known is not None and known.kept_at > at - ANSWER_KEPT:
        return _same(known, body_hash)
    if known is not None:
        db.session.delete(known)
        db.session.flush()
    answered = act()
    db.session.add(
        KeptAnswer(
            key_id=key.id, call_hash=call_hash, body_hash=body_hash, status=answered.status,
            body=answered.body, kept_at=at,
        )
    )  # fmt: skip
    db.session.flush()
    return answered


def _same(known: KeptAnswer, body_hash: str) -> Answered:
    if known.body_hash != body_hash:
        sentence = _("这个 Idempotency-Key 已经用在别的请求上了。新的请求请换一个新的。")
        raise Refusal("programs.call_reused", sentence, 422)
    return Answered(known.status, known.body, again=True)


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def forget_answers(*, at: datetime) -> int:
    """Deletes answers that are kept long enough; how many."""
    gone = db.session.execute(sa.delete(KeptAnswer).where(KeptAnswer.kept_at < at - ANSWER_KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
