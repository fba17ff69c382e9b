"""What a program does: read, authorised, done once, answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from flask import Response, request
from flask_babel import LazyString, lazy_gettext as _
from pydantic import BaseModel, ValidationError

from market import audit, clock
from market.access import Audience, open_to
from market.api.blueprint import bp
from market.api.sent import Sent
from market.api.views.operations import OPERATIONS, Operation, as_json, authorised, tag_of
from market.db import do_in_unit_of_work
from market.errors import Refusal
from market.programs import service as programs
from market.programs.rules import Right
from market.together import begins_own_unit

Act = TypeVar("Act", bound=Callable[..., BaseModel])
Current = Callable[..., BaseModel]

MOST_BYTES = 64_000
NAME_LENGTH = 200
"""Letters of an `Idempotency-Key`."""


def acts(
    method: str,
    path: str,
    summary: LazyString,
    right: Right,
    *,
    status: int = 200,
    current: Current | None = None,
) -> Callable[[Act], Act]:
    """Declares a view that does something: its first argument is who acts, the second what was sent.

    A POST has a name and is done once; a PATCH names what it changes by its ETag, and `current` locks and
    tells that. Both are one unit of work with the act.
    """

    def declare(view: Act) -> Act:
        hints = get_type_hints(view)
        operation = Operation(
            path, view.__name__, summary, hints["return"], (), right, method.lower(), hints["sent"], status
        )
        OPERATIONS.append(operation)

        @wraps(view)
        def answered(**values: Any) -> Response:
            authorised(right)
            sent = read_body(hints["sent"])
            done = do_in_unit_of_work(lambda: _done(operation, view, current, sent, values))
            response = as_json(done.body, done.status)
            if done.again:
                response.headers["Idempotency-Replayed"] = "true"
            return response

        bp.route(path, methods=[method])(open_to(Audience.PROGRAM)(begins_own_unit(answered)))
        return view

    return declare


def _done(
    operation: Operation, view: Act, current: Current | None, sent: Sent, values: dict[str, Any]
) -> programs.Answered:
    """Who acts is asked again: between the two, the key may have been taken back."""
    key = authorised(operation.right or Right.READ)
    audit.through_program(key.ref)
    if current is not None:
        _refuse_other_version(current(**values))

    def act() -> programs.Answered:
        return programs.Answered(operation.status, view(key.user, sent, **values).model_dump_json())

    if not operation.is_named:
        return act()
    return programs.answer_once(key, _name_of_call(), _asked(), act, at=clock.now())


def _name_of_call() -> str:
    name = request.headers.get("Idempotency-Key", "").strip()
    if not name or len(name) > NAME_LENGTH or not name.isascii() or not name.isprintable():
        sentence = _("请在请求头里写 Idempotency-Key，1 到 200 个英文字母或数字，每个新请求用一个新的。")
        raise Refusal("api.no_call_name", sentence, 400)
    return name


def _asked() -> bytes:
    return f"{request.method} {request.path}\n".encode() + request.get_data()


def _refuse_other_version(told: BaseModel) -> None:
    """Refuses a change of something that is not any more as the program read it."""
    if not request.if_match:
        sentence = _("请先读一遍，再把读到的 ETag 写在 If-Match 里。")
        raise Refusal("api.no_version", sentence, 428)
    if not request.if_match.contains(tag_of(told.model_dump_json())):
        raise Refusal("api.other_version", _("这期间别人改过了。请再读一遍，看看还要不要改。"), 412)


# ── what was sent ─────────────────────────────────────────────────────────────────────────────────────────

MISTAKES = {
    "missing": _("缺这一项。"),
    "extra_forbidden": _("没有这一项。"),
    "string_too_long": _("太长了。"),
    "string_too_short": _("不能空着。"),
    "greater_than_equal": _("太小了。"),
    "less_than_equal": _("太大了。"),
}
"""What is wrong, by pydantic's word for it; anything else is of the wrong kind."""
OTHERWISE = _("不能这样写，请看接口说明。")


def read_body(shape: type[Sent]) -> Sent:
    """What was sent, when it can be read. Refuses `api.no_json` (415), `api.too_large` (413), `api.bad_json`
    (400) and, naming each field, `api.bad_fields` (422)."""
    if request.mimetype != "application/json":
        raise Refusal("api.no_json", _("请用 application/json 发。"), 415)
    if (request.content_length or 0) > MOST_BYTES or len(data := request.get_data()) > MOST_BYTES:
        raise Refusal("api.too_large", _("太大了，一次最多 64 KB。"), 413)
    try:
        return shape.model_validate_json(data)
    except ValidationError as error:
        raise _mistakes(error) from None


def _mistakes(error: ValidationError) -> Refusal:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in found):
        return Refusal("api.bad_json", _("这不是一段 JSON。"), 400)
    refusal = Refusal("api.bad_fields", _("有几项不能这样写，见 errors。"), 422)
    refusal.fields = tuple(
        (".".join(map(str, one["loc"]))[:80], str(MISTAKES.get(one["type"], OTHERWISE))) for one in found
    )
    return refusal
