"""The OpenAPI 3.1 document of everything that can be asked and done, made from the operations themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from market.api.blueprint import bp
from market.api.shapes import Problem
from market.api.views.operations import OPERATIONS, Operation, Question
from market.programs.rules import Right
from market.programs.words import RIGHT_WORDS

TEMPLATE = "#/components/schemas/{model}"
Refs = Mapping[Any, Any]
"""Where each shape stands, by it and by whether it is sent or answered."""

INTRODUCTION = (
    "Neighbourhood markets and their community funds. What is public is read without a key; staff give keys "
    "for the rest. Amounts are in fen, moments in UTC. Every POST carries an `Idempotency-Key`, whose answer "
    "is known for seven days; every PATCH an `If-Match` with the ETag of what was read. What is refused is "
    "said as RFC 9457 has it, with a `code` that stays. The `RateLimit` fields say what is left of a minute."
)


def document(server: str) -> dict[str, Any]:
    """The document, in English; `server` is the address of the application."""
    names, schemas = models_json_schema(_shapes(), ref_template=TEMPLATE)
    with force_locale("en"):
        return {
            "openapi": "3.1.0",
            "info": {"title": "睦邻集市", "version": "1", "description": INTRODUCTION},
            "servers": [{"url": server + (bp.url_prefix or "")}],
            "paths": _paths(names),
            "components": {
                "schemas": schemas["$defs"],
                "securitySchemes": {"key": _key()},
            },
        }


def _shapes() -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    answers = {one.answer for one in OPERATIONS} | {Problem}
    sent = {one.sent for one in OPERATIONS if one.sent is not None}
    return [
        *[(one, "serialization") for one in sorted(answers, key=lambda shape: shape.__name__)],
        *[(one, "validation") for one in sorted(sent, key=lambda shape: shape.__name__)],
    ]


def _key() -> dict[str, Any]:
    rights = "; ".join(f"{right.value}: {RIGHT_WORDS[right]}" for right in Right)
    return {
        "type": "http",
        "scheme": "bearer",
        "description": f"A key that staff made for a program (mk_…), with some of these rights. {rights}",
    }


def _paths(refs: Refs) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(_path(one.path), {})[one.method] = _operation(one, refs)
    return paths


def _operation(one: Operation, refs: Refs) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": str(one.summary),
        "parameters": [
            *_in_path(one.path),
            *(_in_query(question) for question in one.questions),
            *_in_header(one),
        ],
        "responses": _responses(one, refs),
    }
    if one.right is not None:
        told["security"] = [{"key": [one.right.value]}]
    if one.sent is not None:
        content = {"schema": refs[one.sent, "validation"], **_example(one.sent)}
        told["requestBody"] = {"required": True, "content": {"application/json": content}}
    return told


def _example(sent: type[BaseModel]) -> dict[str, Any]:
    """What is sent, as an invented program would."""
    found = sent.model_config.get("json_schema_extra")
    example = found.get("example") if isinstance(found, dict) else None
    return {"example": example} if example else {}


def _responses(one: Operation, refs: Refs) -> dict[str, Any]:
    problem = refs[Problem, "serialization"]
    done = _said("The answer", "application/json", refs[one.answer, "serialization"])
    told = {
        str(one.status): {**done, "headers": HEADERS},
        "4XX": _said("Why there is none", "application/problem+json", problem),
        "429": _said("Too often; Retry-After says when again", "application/problem+json", problem),
        "503": _said("Not now", "application/problem+json", problem),
    }
    if one.method == "get":
        told["304"] = {"description": "Nothing has changed since the answer with this ETag"}
    return told


HEADERS = {
    "ETag": {"description": "Its name, by what it says", "schema": {"type": "string"}},
    "RateLimit": {"description": "What is left of this minute", "schema": {"type": "string"}},
}


def _said(description: str, kind: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema}}}


_NAMED = re.compile(r"<(\w+)>")


def _path(path: str) -> str:
    return _NAMED.sub(r"{\1}", path)


def _in_path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _NAMED.findall(path)
    ]


def _in_query(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "in": "query",
        "required": False,
        "description": str(question.summary),
        "schema": question.schema,
    }


def _in_header(one: Operation) -> list[dict[str, Any]]:
    if one.is_named:
        schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,200}$"}
        return [_header("Idempotency-Key", "A new one for each new call", schema)]
    if one.is_matched:
        return [_header("If-Match", "The ETag of what is changed, as it was read", {"type": "string"})]
    return []


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": description, "schema": schema}
