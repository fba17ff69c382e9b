"""What people read when something is refused or broken: a sentence, a stable code, a next step."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request, session
from flask_babel import LazyString, lazy_gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.http import HTTP_STATUS_CODES

from market import kept_forms
from market.access import Audience, policy_of
from market.db import db, gone as gone_away, unavailable
from market.errors import Refusal
from market.kept_forms import KeptForm
from market.log import log

SENTENCES = {
    400: ("http.bad_request", _("这个请求看不懂。请回到上一页再试一次。")),
    403: ("http.forbidden", _("这一页不对您开放。")),
    404: ("http.not_found", _("没有这一页。可能是网址抄错了，或者它已经搬走。")),
    405: ("http.method_not_allowed", _("这一页不能这样打开。请从页面上的按钮进入。")),
    413: ("http.too_large", _("内容太大了，传不上来。")),
    429: ("http.too_many_requests", _("点得太快了，请等一会儿再试。")),
    500: ("http.internal", _("程序出错了，已经记下来。您填的内容没有生效，请过一会儿再试。")),
}
STYLED = {400, 401, 403, 404, 409, 410, 422, 429, 500, 503}


def init_app(app: Flask) -> None:
    """Registers one handler for each kind of no."""
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(CSRFError, _answer_csrf)
    app.register_error_handler(HTTPException, _answer_http)
    for away in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(away, _answer_database)
    for gone in (ObjectDeletedError, StaleDataError):
        app.register_error_handler(gone, _answer_gone)
    app.register_error_handler(DataError, _answer_data)
    app.register_error_handler(InternalServerError, _answer_bug)


def answer_refusal(refusal: Refusal) -> Response:
    """The refusal as a page, or as JSON for scripts."""
    g.refusal_code = refusal.code
    if refusal.status >= 500:
        _forget_rows()
    if request.path.startswith(API):
        response = _problem(refusal)
    elif _wants_json():
        response = make_response(jsonify(code=refusal.code, sentence=str(refusal.sentence)), refusal.status)
    else:
        template = refusal.status if refusal.status in STYLED else 409
        kept = kept_forms.keep() if refusal.status == 401 else ""
        page = render_template(f"errors/{template}.html", refusal=refusal, kept=kept, back=_way_back(refusal))
        response = make_response(page, refusal.status)
    if refusal.status in (429, 503):
        response.headers["Retry-After"] = str(refusal.wait_s or 5)
    return response


API = "/api/"
"""Below it programs ask, and hear what is wrong as RFC 9457 says."""


def _problem(refusal: Refusal) -> Response:
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(refusal.status, ""),
        "status": refusal.status,
        "detail": str(refusal.sentence),
        "code": refusal.code,
    }
    if refusal.fields:
        told["errors"] = [{"field": name, "detail": str(sentence)} for name, sentence in refusal.fields]
    return Response(json.dumps(told), refusal.status, mimetype="application/problem+json")


BACK = {
    "/staff/<slug>/days/<ref>": _("回到这一场"),
    "/staff/<slug>/vendors/<ref>": _("回到这位商户"),
    "/staff/<slug>/venues/<ref>": _("回到这个场地"),
    "/staff/<slug>/fund": _("回到社区基金"),
    "/staff/<slug>/team": _("回到人员"),
    "/staff/<slug>/": _("回到集市日程"),
    "/vendor/<slug>/": _("回到我的摊位"),
    "/committee/<slug>/": _("回到表决"),
    "/gate/<slug>/": _("回到门口"),
    "/platform/communities": _("回到各社区"),
}
"""Where somebody goes on who was refused, by how the address begins; the nearest page comes first."""


def _way_back(refusal: Refusal) -> tuple[str, LazyString] | None:
    """(address, label) of the page on which the refused act was begun; None for what is not there at all."""
    rule, path = request.url_rule, request.path
    if rule is None or refusal.status not in (409, 410, 422):
        return None
    start = next((start for start in BACK if rule.rule.startswith(start) and rule.rule != start), None)
    if start is None or (start == rule.rule and request.method == "GET"):
        return None
    return "/".join(path.split("/")[: start.count("/") + 1]), BACK[start]


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _forget_rows() -> None:
    """The page that says the database is away must not ask the database for the name of the community."""
    for name in ("community", "region", "user_session"):
        g.pop(name, None)


def _answer_csrf(_error: CSRFError) -> Response:
    kept = kept_forms.restore(kept_forms.keep())
    if kept is not None and not _wants_json():
        return _answer_kept(kept)
    sentence = _("页面开得太久，已经过期。请回到上一页刷新，再提交一次。")
    return answer_refusal(Refusal("http.form_expired", sentence, 400))


def _answer_kept(kept: KeptForm) -> Response:
    """The cookie is gone or of another session: nothing that was typed is, after signing in where need be."""
    policy = policy_of(current_app.view_functions[request.endpoint or "static"])
    if session.get("key") is None and policy is not None and policy.audiences != (Audience.PUBLIC,):
        return answer_refusal(Refusal("access.sign_in", _("登录已经过期。"), 401))
    g.refusal_code = "http.form_expired"
    return make_response(render_template("errors/resend.html", kept=kept), 400)


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, SecurityError):
        return Response("unknown host\n", 400, mimetype="text/plain")
    code, sentence = SENTENCES.get(status) or SENTENCES[500 if status >= 500 else 400]
    response = answer_refusal(Refusal(code, sentence, status))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _answer_database(error: Exception) -> Response:
    log.error("database", exc_info=error)
    db.session.rollback()
    return answer_refusal(unavailable())


def _answer_gone(error: Exception) -> Response:
    """Somebody deleted what this request was working on (ended its session, most likely)."""
    log.warning("gone", endpoint=request.endpoint)
    db.session.rollback()
    _forget_rows()
    return answer_refusal(gone_away())


def _answer_data(error: DataError) -> Response:
    log.error("data", exc_info=error, endpoint=request.endpoint)
    db.session.rollback()
    sentence = _("有一处填得太长，或者有存不下的字。请回到上一页改一改。")
    return answer_refusal(Refusal("database.unfit", sentence, 422))


def _answer_bug(error: InternalServerError) -> Response:
    # The endpoint and not the path: a path may be a sign-in link or a pass.
    log.error("bug", exc_info=error.original_exception, endpoint=request.endpoint)
    db.session.rollback()
    code, sentence = SENTENCES[500]
    return answer_refusal(Refusal(code, sentence, 500))
