"""Drawing lots: the list published, the number typed in, and everybody may do it again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at, public_day_at
from market.calendar.models import MarketDay
from market.config import ROOT, settings
from market.layout.answers import send_file, send_pdf
from market.people.access import current_user
from market.stalls import service
from market.stalls.advice import SEED_HINTS, SEED_WORDS
from market.stalls.blueprint import bp
from market.stalls.forms import FreezeForm, SeedForm, VoidForm
from market.stalls.lottery_record import RecordRow, record_pdf
from market.stalls.models import Lottery
from market.stalls.service import SeedAnswer
from market.stalls.views.papers import heading, record_labels
from market.vendors.words import CATEGORY_WORDS


@dataclass(frozen=True)
class Line:
    """One line of a list, and what became of it."""

    number: int
    name: str
    category: str
    turn: int = 0
    """Whose turn it was, from 1; 0 = not drawn yet."""
    place: str = ""
    passed_over: bool = False
    """Withdrew after the list was frozen."""


def lines(frozen: Lottery) -> list[Line]:
    """The people of a list in the order of their turns, or of the list."""
    people = [json.loads(row) for row in frozen.list_text.splitlines()[1:]]
    record: dict[str, Any] = json.loads(frozen.record) if frozen.record else {"order": [], "places": {}}
    passed_over = set(service.left_out(frozen))
    turn = {key: number for number, key in enumerate(record["order"], 1)}
    words = {category.value: str(word) for category, word in CATEGORY_WORDS.items()}
    told = [
        Line(
            number, person["name"], words.get(person["category"], ""), turn.get(person["id"], 0),
            "+".join(record["places"].get(person["id"], [])), person["id"] in passed_over,
        )
        for number, person in enumerate(people, 1)
    ]  # fmt: skip
    return sorted(told, key=lambda line: (line.turn, line.number))


# ── staff ─────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/draw")
@open_to(Audience.STAFF)
def lottery(ref: str) -> ResponseReturnValue:
    return _page(day_at(ref))


@bp.post("/staff/<slug>/days/<ref>/draw-list")
@open_to(Audience.STAFF)
def create_list(ref: str) -> ResponseReturnValue:
    day, form, by, at = day_at(ref), FreezeForm(), current_user(), clock.now()
    kind, source = form.kind.data, form.source.text
    if form.validate_on_submit() and form.attempt(
        lambda: service.freeze_list(day, kind, source, by=by, at=at)
    ):
        flash(_("名单公布了，从现在起不能改。号码出来以后再抽。"), "go")
        return redirect(url_for("stalls.lottery", ref=ref))
    return _page(day, freeze=form), form.status


@bp.post("/staff/<slug>/days/<ref>/draw-list/withdrawal")
@open_to(Audience.STAFF)
def void_list(ref: str) -> ResponseReturnValue:
    day, form, by, at = day_at(ref), VoidForm(), current_user(), clock.now()
    if form.validate_on_submit() and form.attempt(
        lambda: service.void_list(day, form.reason.text, by=by, at=at)
    ):
        flash(_("名单收回了。原因写在公开页上。"), "wait")
        return redirect(url_for("stalls.lottery", ref=ref))
    return _page(day, void=form), form.status


@bp.post("/staff/<slug>/days/<ref>/draw-result")
@open_to(Audience.STAFF)
def create_result(ref: str) -> ResponseReturnValue:
    """The number is known: lots are drawn and the plan is laid."""
    day, form, by, at = day_at(ref), SeedForm(), current_user(), clock.now()
    frozen = service.find_lottery(day)
    answer = SeedAnswer(form.text.text, form.numbers(frozen.seed_kind))
    if form.validate_on_submit() and form.attempt(lambda: service.hold_lottery(day, answer, by=by, at=at)):
        flash(_("抽好了。公开页上人人可以重抽一遍核对。"), "go")
        return redirect(url_for("stalls.lottery", ref=ref))
    return _page(day, seed=form), form.status


@bp.get("/staff/<slug>/days/<ref>/draw-protocol.pdf")
@open_to(Audience.STAFF)
def lottery_record(ref: str) -> ResponseReturnValue:
    """The record to sign; before the draw, the numbered list for the witnesses and the drum."""
    day, out = day_at(ref), BytesIO()
    frozen = service.current_lottery(day)
    if frozen is None:
        return redirect(url_for("stalls.lottery", ref=ref))
    rows = [
        RecordRow(str(line.turn or ""), str(line.number), line.name, line.category, _result(line))
        for line in lines(frozen)
    ]
    record_pdf(heading(day, _("抽签记录")), _facts(day, frozen), rows, out, labels=record_labels())
    return send_pdf(out, f"{_('抽签记录')}.pdf")


def _result(line: Line) -> str:
    if line.passed_over:
        return _("退出了，跳过")
    if not line.turn:
        return ""
    return line.place or _("候补")


def _facts(day: MarketDay, frozen: Lottery) -> list[tuple[str, str]]:
    zone = day.community.zone
    stamp = "%Y-%m-%d %H:%M"
    facts = [
        (_("名单公布"), clock.local(frozen.frozen_at, zone).strftime(stamp)),
        (_("名单指纹（SHA-256）"), frozen.list_sha256),
        (_("定结果的号码"), f"{SEED_WORDS[frozen.seed_kind]}：{frozen.seed_source}"),
        (_("参加"), _("%(n)s 家", n=service.people_on(frozen))),
        *_passed_over(frozen),
        (_("公开页"), public_address(day)),
    ]
    if frozen.seed is not None and frozen.drawn_at is not None:
        facts.insert(3, (_("号码"), frozen.seed))
        facts.insert(4, (_("抽签时间"), clock.local(frozen.drawn_at, zone).strftime(stamp)))
    return facts


def _passed_over(frozen: Lottery) -> list[tuple[str, str]]:
    """What happened between the list and the draw, in one line of the record."""
    names = [line.name for line in lines(frozen) if line.passed_over]
    return [(_("名单公布后退出，跳过"), "、".join(names))] if names else []


def public_address(day: MarketDay) -> str:
    """The public page as people outside reach it."""
    return settings().public_url + url_for("stalls.public_lottery", slug=day.community.slug, ref=day.ref)


def _page(
    day: MarketDay,
    freeze: FreezeForm | None = None,
    seed: SeedForm | None = None,
    void: VoidForm | None = None,
) -> str:
    frozen = service.current_lottery(day)
    return render_template(
        "stalls/lottery.html",
        day=day,
        lottery=frozen,
        by_lottery=service.method_of(day) == "draw",
        plannable=day.state in service.PLANNING_STATES,
        freeze=freeze or FreezeForm(formdata=None),
        seed=seed or SeedForm(formdata=None),
        void=void or VoidForm(formdata=None),
        seed_words=SEED_WORDS,
        seed_hints=SEED_HINTS,
        people=lines(frozen) if frozen else [],
        came_later=service.came_later(frozen) if frozen else [],
        gone=_gone(frozen) if frozen else [],
        address=public_address(day),
    )


def _gone(frozen: Lottery) -> list[str]:
    """The stalls of a list that nobody can be drawn to any more."""
    listed = json.loads(frozen.list_text.splitlines()[0])["stalls"]
    return [label for label in service.left_out(frozen) if label in listed]


# ── everybody ─────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/markets/<ref>/draw")
@open_to(Audience.PUBLIC)
def public_lottery(ref: str) -> ResponseReturnValue:
    day = public_day_at(ref)
    known = service.lotteries(day)
    frozen = next((one for one in known if one.voided_at is None), None)
    return render_template(
        "stalls/public_lottery.html",
        day=day,
        lottery=frozen,
        voided=[one for one in known if one.voided_at is not None],
        people=lines(frozen) if frozen else [],
        gone=_gone(frozen) if frozen else [],
        left_out=service.left_out(frozen) if frozen else (),
        seed_words=SEED_WORDS,
    )


@bp.get("/c/<slug>/markets/<ref>/draw-list.jsonl")
@open_to(Audience.PUBLIC)
def public_list(ref: str) -> ResponseReturnValue:
    """The published list, to the byte."""
    frozen = service.current_lottery(public_day_at(ref))
    if frozen is None:
        return redirect(url_for("stalls.public_lottery", ref=ref))
    return send_file(frozen.list_text, "application/jsonl; charset=utf-8", f"draw-{ref}.jsonl")


@bp.get("/c/<slug>/markets/<ref>/draw-record.json")
@open_to(Audience.PUBLIC)
def public_record(ref: str) -> ResponseReturnValue:
    """The published record, to the byte."""
    frozen = service.current_lottery(public_day_at(ref))
    if frozen is None or frozen.record is None:
        return redirect(url_for("stalls.public_lottery", ref=ref))
    return send_file(frozen.record, "application/json; charset=utf-8", f"draw-{ref}-record.json")


@bp.get("/c/<slug>/markets/<ref>/redraw.py")
@open_to(Audience.PUBLIC)
def redraw_script(ref: str) -> Response:
    """A program of standard-library Python that draws the same lots again."""
    public_day_at(ref)
    program = (ROOT / "market" / "allocation" / "redraw.py").read_bytes()
    return send_file(program, "text/x-python; charset=utf-8", "redraw.py")
