"""Structured logs: one JSON line an event, without secrets, tokens or phone numbers."""

from __future__ import annotations

import logging

import structlog
from flask import Flask, Response, g, request
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger("market")


def init_app(app: Flask, level: str) -> None:
    """Configures the logger and writes a line for every unsafe request and every answer of 500 and above."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=False,
    )

    @app.after_request
    def write_line(response: Response) -> Response:
        if request.method not in ("GET", "HEAD") or response.status_code >= 500:
            log.info(
                "request",
                method=request.method,
                endpoint=request.endpoint,
                status=response.status_code,
                user=g.get("user_id"),  # not from the session's row: the database may be what is broken
                refusal=g.get("refusal_code"),
            )
        return response
