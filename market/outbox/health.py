"""For `market doctor`: whether messages can leave the house, and what to do where they cannot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa

from market.communities.models import Community
from market.config import SMTP_PORTS, Settings
from market.db import db
from market.outbox.channels import CARRIERS, Undelivered, knock
from market.outbox.models import SWITCHES, Outgoing, SendRule
from market.outbox.rules import OPEN, PERSONAL, TRIED_LONG, Fault, SendState, Way, is_allowed
from market.outbox.service.records import last_failure
from market.outbox.service.settings import robot_url
from market.outbox.words import way_word

TOO_LONG = timedelta(hours=1)


class State(NamedTuple):
    """How it stands with one thing."""

    name: str
    well: bool
    sentence: str


def examine_channels(settings: Settings, at: datetime) -> list[State]:
    """Each way, and what waits. Nothing is sent: the servers are only greeted."""
    ways = [_personal(way, settings, at) for way in PERSONAL]
    return [*ways, *_robots(settings, at), *_waiting(at)]


# ── mail and text messages ────────────────────────────────────────────────────────────────────────────────


def _personal(way: Way, settings: Settings, at: datetime) -> State:
    address = CARRIERS[way].address(settings)
    if not address:
        return _not_connected(way)
    try:
        knock(way, settings)
    except Undelivered as failure:
        return State(way_word(way), False, _why(way, _host(address), failure.fault, failure.detail))
    last = last_failure(way, at)
    if last is not None:
        return State(way_word(way), False, _why(way, _host(address), last.fault or Fault.BUSY, last.detail))
    return State(way_word(way), True, f"{_host(address)} 能连上")


def _not_connected(way: Way) -> State:
    switch = SWITCHES[way]
    wanted = db.session.scalar(sa.select(sa.func.count()).select_from(SendRule).where(switch)) or 0
    if not wanted:
        return State(way_word(way), True, "没有接，也没有社区在用")
    sentence = f"{wanted} 个社区打开了，可是平台没有接：请设 {CARRIERS[way].setting}，再重启"
    return State(way_word(way), False, sentence)


def _host(address: str) -> str:
    """Host and port, without name and password."""
    parts = urlsplit(address)
    port = parts.port or {**SMTP_PORTS, "https": 443, "http": 80}[parts.scheme]
    return f"{parts.hostname}:{port}"


def _why(way: Way, host: str, fault: Fault, detail: str) -> str:
    """What is wrong, and what to do."""
    setting, secret = CARRIERS[way].setting, CARRIERS[way].secret
    said = f"（{detail}）" if detail else ""
    return {
        Fault.UNREACHABLE: f"连不上 {host}{said}：请核对 {setting} 和防火墙；通了会自己接着送",
        Fault.LOCKED_OUT: f"{host} 不认我们{said}：请核对 {secret}，改好再重启",
        Fault.BUSY: f"{host} 说现在不收{said}：过会儿再看；一直这样，请找对方的客服",
    }.get(fault, f"{host} 不收我们的消息{said}：请找对方的客服，问为什么拒收")


# ── robots ────────────────────────────────────────────────────────────────────────────────────────────────


def _robots(settings: Settings, at: datetime) -> Iterator[State]:
    query = (
        sa.select(SendRule).join(SendRule.community).where(SendRule.robot, SendRule.robot_sealed.is_not(None))
    )
    rules = list(db.session.scalars(query.order_by(Community.id)))
    faults = [fault for rule in rules if (fault := _robot_fault(rule, settings, at))]
    yield from (State(way_word(Way.ROBOT), False, fault) for fault in faults)
    if not faults:
        yield State(way_word(Way.ROBOT), True, f"{len(rules)} 个社区在用" if rules else "没有社区在用")


def _robot_fault(rule: SendRule, settings: Settings, at: datetime) -> str:
    name, url = rule.community.name, robot_url(rule)
    if not url:
        return f"{name}：地址打不开，是用另一把密钥封的。请那里的工作人员在“怎么发消息”里重新贴一次地址"
    if not is_allowed(url, settings.webhook_origins):
        return f"{name}：机器人的网址不在 MARKET_WEBHOOK_ORIGINS 里。请核对这一项，或者请他们换一个地址"
    last = last_failure(Way.ROBOT, at, rule.community)
    if last is None:
        return ""
    said = f"（{last.detail}）" if last.detail else ""
    return f"{name}：最近的消息发不进群{said}。请看机器人还在不在群里，在“怎么发消息”里重新贴地址，再试一条"


# ── what waits ────────────────────────────────────────────────────────────────────────────────────────────


def _waiting(at: datetime) -> Iterator[State]:
    moment = sa.case((Outgoing.state == SendState.SENDING, Outgoing.claimed_until), else_=Outgoing.not_before)
    left = _count(Outgoing.state.in_(OPEN), moment < at - TOO_LONG)
    if left:
        sentence = (
            f"有 {left} 条该送的过了一小时没有人送：market serve 没有在运行，或者卡住了。请重启，再看日志"
        )
        yield State("等着送的消息", False, sentence)
    failing = _count(Outgoing.state.in_(OPEN), Outgoing.attempts >= TRIED_LONG, Outgoing.fault.is_not(None))
    if failing:
        sentence = f"有 {failing} 条试了将近一小时还没送到。先把上面打 ✕ 的修好，它们会自己接着送"
        yield State("等着送的消息", False, sentence)
    if not left and not failing:
        held = _count(Outgoing.state == SendState.DUE, Outgoing.fault == Fault.TOO_MANY)
        sentence = "没有压着的" if not held else f"{held} 条短信压着：同一个号码一天收得太多，会自己接着送"
        yield State("等着送的消息", True, sentence)


def _count(*conditions: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Outgoing).where(*conditions)) or 0
