"""What can be asked: each operation declares its address, its answer, its questions and its right once.

The view, the OpenAPI document and the page for people are made from the same declaration.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, NamedTuple, TypeVar, get_type_hints

from flask import Response, g, request
from flask_babel import LazyString, lazy_gettext as _
from pydantic import BaseModel

from market import clock, headers
from market.access import Audience, open_to
from market.api.blueprint import bp
from market.errors import Refusal
from market.people.access import current_community, current_region
from market.programs import service as programs
from market.programs.models import ProgramKey
from market.programs.rules import Right

View = TypeVar("View", bound=Callable[..., BaseModel])

MOST = 200
"""Items of a page of a list."""


class Question(NamedTuple):
    """What may be asked in the query of an address."""

    name: str
    schema: dict[str, Any]
    """As JSON Schema says it."""
    summary: LazyString


LIMIT = Question("limit", {"type": "integer", "minimum": 1, "maximum": MOST}, _("一页最多几条，1 到 200"))
CURSOR = Question("cursor", {"type": "string"}, _("上一页给出的 next，从那里接着读"))
FROM = Question("from", {"type": "string", "format": "date"}, _("从哪一天起（含），例如 2026-01-01"))
UNTIL = Question("until", {"type": "string", "format": "date"}, _("到哪一天为止（含）"))
YEARS = range(2000, 2101)
"""Whatever lies outside is a slip."""
YEAR = Question(
    "year", {"type": "integer", "minimum": YEARS[0], "maximum": YEARS[-1]}, _("哪一年；不写就是全部")
)


class Operation(NamedTuple):
    """Something that a program may read or do."""

    path: str
    """As Flask writes it, below the root of this version."""
    name: str
    summary: LazyString
    answer: type[BaseModel]
    questions: tuple[Question, ...] = ()
    right: Right | None = None
    """What a key must be for; None: nobody needs one."""
    method: str = "get"
    sent: type[BaseModel] | None = None
    """What goes along; None: nothing."""
    status: int = 200

    @property
    def is_named(self) -> bool:
        """Whether a call has a name, so that it may come again and is done once."""
        return self.method == "post"

    @property
    def is_matched(self) -> bool:
        """Whether a call says what it changes, as it was read."""
        return self.method == "patch"


OPERATIONS: list[Operation] = []


def reads(
    path: str, summary: LazyString, *questions: Question, right: Right | None = None
) -> Callable[[View], View]:
    """Declares a view whose value is the answer: its annotation says the shape. Everybody may read what no
    `right` is said of."""

    def declare(view: View) -> View:
        answer = get_type_hints(view)["return"]
        OPERATIONS.append(Operation(path, view.__name__, summary, answer, questions, right))

        @wraps(view)
        def answered(**values: Any) -> Response:
            if right is not None:
                authorised(right)
            _refuse_unknown(questions)
            if right is None:
                headers.readable_anywhere()
            return as_json(view(**values).model_dump_json())

        bp.get(path)(open_to(Audience.PROGRAM if right else Audience.PUBLIC)(answered))
        return view

    return declare


def authorised(right: Right) -> ProgramKey:
    """The key of this call, which may do this here today. Refuses as `programs.refuse_without` does."""
    place = current_community() if g.get("slug") else current_region()
    key = programs.refuse_without(shown_key(), right, place)
    g.user_id = key.user_id
    return key


def shown_key() -> ProgramKey | None:
    """The key that this call shows; looked up anew after a lock. Refuses `programs.bad_key`."""
    return programs.shown_key(request.headers.get("Authorization", ""), at=clock.now())


def _refuse_unknown(questions: tuple[Question, ...]) -> None:
    """A question that is misspelt must not be taken for none."""
    unknown = sorted(set(request.args) - {one.name for one in questions})
    if unknown:
        raise Refusal("api.unknown_parameter", _("这里没有参数 %(name)s。", name=unknown[0]), 400)


def as_json(body: str, status: int = 200) -> Response:
    """The answer with a name by what it says: who has it already is told so in a few bytes."""
    headers.make_each_time()
    response = Response(body, status, mimetype="application/json")
    response.set_etag(tag_of(body))
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response


def tag_of(body: str) -> str:
    """The name of an answer by what it says."""
    return hashlib.sha256(body.encode()).hexdigest()[:20]


# ── what was asked ────────────────────────────────────────────────────────────────────────────────────────


def asked_limit() -> int:
    """How many items a page is to have. Refuses `api.bad_parameter`."""
    return asked_number(LIMIT) or MOST


def asked_number(question: Question) -> int | None:
    """A number within its bounds, where one was asked. Refuses `api.bad_parameter`."""
    text = request.args.get(question.name)
    if text is None:
        return None
    least, most = question.schema["minimum"], question.schema["maximum"]
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and least <= int(text) <= most):
        raise bad_parameter(question, text)
    return int(text)


def asked_cursor() -> str:
    """Where to read on; empty at the beginning."""
    return request.args.get(CURSOR.name, "")


def asked_date(question: Question) -> date | None:
    """A date, where one was asked. Refuses `api.bad_parameter`."""
    text = request.args.get(question.name)
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise bad_parameter(question, text) from None
    if found.year not in YEARS:
        raise bad_parameter(question, text)
    return found


def bad_parameter(question: Question, text: str) -> Refusal:
    """`api.bad_parameter`: what was asked is none of what can be."""
    sentence = _("参数 %(name)s 不能是 %(text)s。", name=question.name, text=text[:40])
    return Refusal("api.bad_parameter", sentence, 400)
