"""The OpenAPI 3.1 document of everything that can be asked, made from the operations themselves."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import force_locale
from pydantic.json_schema import models_json_schema

from market.api.blueprint import bp
from market.api.shapes import Problem
from market.api.views.operations import OPERATIONS, Operation, Question

TEMPLATE = "#/components/schemas/{model}"


def document(server: str) -> dict[str, Any]:
    """The document, in English; `server` is the address of the application."""
    answers = sorted({one.answer for one in OPERATIONS} | {Problem}, key=lambda shape: shape.__name__)
    names, schemas = models_json_schema([(one, "serialization") for one in answers], ref_template=TEMPLATE)
    refs = {shape: found for (shape, _mode), found in names.items()}
    with force_locale("en"):
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "睦邻集市",
                "version": "1",
                "description": "Neighbourhood markets and their community funds. Read without a key.",
            },
            "servers": [{"url": server + (bp.url_prefix or "")}],
            "paths": {_path(one.path): {"get": _operation(one, refs)} for one in OPERATIONS},
            "components": {"schemas": schemas["$defs"]},
        }


def _operation(one: Operation, refs: dict[Any, Any]) -> dict[str, Any]:
    return {
        "operationId": one.name,
        "summary": str(one.summary),
        "parameters": [*_in_path(one.path), *(_in_query(question) for question in one.questions)],
        "responses": {
            "200": _said("The answer", "application/json", refs[one.answer]),
            "304": {"description": "Nothing has changed since the answer with this ETag"},
            "4XX": _said("Why there is none", "application/problem+json", refs[Problem]),
            "503": _said("Not now", "application/problem+json", refs[Problem]),
        },
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
