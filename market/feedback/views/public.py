"""After the market, for residents: three taps, praise, the figures; nobody signs in, no cookie by reading."""

from __future__ import annotations

from io import BytesIO

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import public_day_at
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.config import settings
from market.errors import NotFound
from market.feedback import rules, service, words
from market.feedback.blueprint import bp
from market.feedback.exit_sheet import ExitSheet, write_exit_sheet
from market.feedback.forms import PraiseForm, TapForm
from market.feedback.rules import PraiseKind, Question, Way
from market.feedback.views import phone
from market.forms import options
from market.layout.answers import send_pdf
from market.layout.filters import day_text
from market.people.access import current_community
from market.print.qr import draw_qr
from market.stalls import service as stalls
from market.vendors import service as vendors

FOLLOWING = {Question.SCORE: "point", Question.POINT: "again", Question.AGAIN: "thanks"}
"""The page after each tap."""
ANSWERS = {
    Question.SCORE: [(str(score), words.SCORE_WORDS[score]) for score in reversed(rules.SCORES)],
    Question.POINT: [(point.value, word) for point, word in words.POINT_WORDS.items()],
    Question.AGAIN: [(again.value, word) for again, word in words.AGAIN_WORDS.items()],
}


@bp.get("/c/<slug>/feedback")
@open_to(Audience.PUBLIC)
def after() -> ResponseReturnValue:
    """Everything that can be said after a market, and what was said."""
    community, at = current_community(), clock.now()
    days = service.days_spoken_of(community, at)
    results = service.results_of(days)
    page = render_template(
        "feedback/after.html",
        days=[(day, service.may_answer(day, at), _published(day, results[day.id])) for day in days],
        praise=service.public_praise(community),
        least=_least(),
    )
    return phone.not_stored(make_response(page))


def _published(day: MarketDay, found: rules.Result) -> rules.Result | None:
    """What was said of a market; None while too few answered."""
    return found if service.is_public(day, found) else None


def _least() -> int:
    return service.feedback_rule_of(current_community()).least_answers


# ── three taps ────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/feedback/<ref>")
@open_to(Audience.PUBLIC)
def taps(ref: str) -> ResponseReturnValue:
    """`?from=poster` says that the code at the exit led here."""
    return _page(public_day_at(ref), Question.SCORE, TapForm(formdata=None))


@bp.get("/c/<slug>/feedback/<ref>/<step>")
@open_to(Audience.PUBLIC)
def tapped(ref: str, step: str) -> ResponseReturnValue:
    day = public_day_at(ref)
    if step == "thanks":
        return _page(day, None, TapForm(formdata=None))
    if step not in set(Question):
        raise NotFound("feedback.no_page", _("没有这一页。"))
    return _page(day, Question(step), TapForm(formdata=None))


@bp.post("/c/<slug>/feedback/<ref>")
@open_to(Audience.PUBLIC, from_our_pages=True)
def tap(ref: str) -> ResponseReturnValue:
    day, form, token = public_day_at(ref), TapForm(), phone.new_token()
    asked = form.question.data
    question = Question(asked) if asked in set(Question) else Question.SCORE
    if not (form.validate_on_submit() and form.attempt(lambda: _answer(day, question, form, token))):
        return _page(day, question, form)
    answer = redirect(url_for("feedback.tapped", ref=ref, step=FOLLOWING[question]))
    return phone.keep_token(make_response(answer), token)


def _answer(day: MarketDay, question: Question, form: TapForm, token: str) -> None:
    way = Way(form.way.data) if form.way.data in set(Way) else Way.PAGE
    service.answer_day(
        day,
        question,
        form.answer.data or "",
        token=token,
        address=phone.address(),
        way=way,
        at=clock.now(),
    )


@bp.post("/c/<slug>/feedback/<ref>/taken-back")
@open_to(Audience.PUBLIC, from_our_pages=True)
def untap(ref: str) -> ResponseReturnValue:
    service.take_back(public_day_at(ref), token=phone.token(), at=clock.now())
    return redirect(url_for("feedback.taps", ref=ref))


def _page(day: MarketDay, question: Question | None, form: TapForm) -> ResponseReturnValue:
    mine = service.said_by(day, phone.token())
    if mine is None and question is not Question.SCORE:
        question = Question.SCORE if question is not None else None
    page = render_template(
        "feedback/taps.html",
        day=day,
        form=form,
        question=question,
        number=list(Question).index(question) + 1 if question else 0,
        answers=ANSWERS[question] if question else [],
        chosen=str(getattr(mine, question.value) or "") if mine and question else "",
        mine=mine,
        open=service.may_answer(day, clock.now()),
        result=_published(day, service.result_of(day)),
        least=_least(),
        way=Way.POSTER if request.args.get("from") == Way.POSTER else Way.PAGE,
    )
    return phone.not_stored(make_response(page, form.status))


# ── praise ────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/feedback/<ref>/praise")
@open_to(Audience.PUBLIC)
def praise(ref: str) -> ResponseReturnValue:
    day = public_day_at(ref)
    return _praise_page(day, _praise_form(day, PraiseForm(formdata=None)))


@bp.post("/c/<slug>/feedback/<ref>/praise")
@open_to(Audience.PUBLIC, from_our_pages=True)
def give_praise(ref: str) -> ResponseReturnValue:
    day, token = public_day_at(ref), phone.new_token()
    form = _praise_form(day, PraiseForm())
    if not (form.validate_on_submit() and form.attempt(lambda: _give(day, form, token))):
        return _praise_page(day, form)
    answer = redirect(url_for("feedback.praised", ref=ref))
    return phone.keep_token(make_response(answer), token)


@bp.get("/c/<slug>/feedback/<ref>/praise/thanks")
@open_to(Audience.PUBLIC)
def praised(ref: str) -> ResponseReturnValue:
    return render_template("feedback/praised.html", day=public_day_at(ref))


def _praise_form(day: MarketDay, form: PraiseForm) -> PraiseForm:
    form.vendor.choices = options([("", _("选一家")), *sellers(day)])
    return form


def sellers(day: MarketDay) -> list[tuple[str, str]]:
    """Who stood at a market, as a choice: address and what is read."""
    return [(held.vendor.ref, f"{held.label} {held.vendor.trading_name}") for held in stalls.assignments(day)]


def _give(day: MarketDay, form: PraiseForm, token: str) -> None:
    service.give_praise(
        day,
        vendors.find_vendor(current_community(), form.vendor.data or ""),
        PraiseKind(form.kind.data),
        form.sentence.text,
        token=token,
        address=phone.address(),
        at=clock.now(),
    )


def _praise_page(day: MarketDay, form: PraiseForm) -> ResponseReturnValue:
    can = service.may_answer(day, clock.now())
    return render_template("feedback/praise.html", day=day, form=form, open=can), form.status


# ── on paper ──────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/feedback/<ref>/exit.pdf")
@open_to(Audience.PUBLIC)
def exit_sheet(ref: str) -> Response:
    """For the exit: the code, and how to say it without a phone."""
    day, out = public_day_at(ref), BytesIO()
    community = day.community
    address = f"{settings().public_url}{url_for('feedback.taps', ref=ref)}?from={Way.POSTER}"
    sheet = ExitSheet(
        community=community.name,
        when=f"{day_text(day.open_at)} · {day.theme}",
        title=_("这次集市怎么样？"),
        lede=_("扫一扫，点三下。不用登录，不记名字。"),
        questions=tuple(str(word) for word in words.QUESTION_WORDS.values()),
        address=address,
        praise=_("想夸哪一家，也扫这个码。"),
        complain=_(
            "有事要投诉：扫码，或打 %(phone)s，或到服务台说。给您回执号，随时查。", phone=community.phone
        ),
        paper=_("不用手机：服务台有纸，画个勾就行。"),
        host=community.host_org,
    )
    write_exit_sheet(sheet, out, draw_code=draw_qr)
    return send_pdf(out, f"{community.name}_{_('出口二维码')}_{local_date(day)}.pdf")
