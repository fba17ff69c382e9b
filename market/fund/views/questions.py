"""Questions about a line or a notice: residents ask without a name, and everybody reads the answer."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.config import settings
from market.fund import service, words
from market.fund.blueprint import bp
from market.fund.forms import AnswerForm, AskForm, NamedAskForm
from market.fund.models import Fund
from market.fund.published import public_book
from market.fund.service import questions as acts
from market.fund.service.quarter_notices import find_published
from market.ledger import service as ledger
from market.people import service as people
from market.people.access import current_community, current_user
from market.people.rules import Role
from market.public_pages import VOICE

COOKIE_LASTS = timedelta(days=60)
ENTRIES_SHOWN = 12
"""Of the newest vouchers, on the supervisor's page."""

# ── everybody ─────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/fund/questions")
@open_to(Audience.PUBLIC)
def questions() -> str:
    fund = _fund()
    return render_template(
        "fund/questions.html",
        fund=fund,
        questions=acts.public_questions(fund),
        aside=acts.put_aside_count(fund),
        words=words,
    )


@bp.get("/c/<slug>/fund/questions/entries/<ref>", defaults={"kind": "entry"})
@bp.get("/c/<slug>/fund/questions/quarterly/<ref>", defaults={"kind": "notice"})
@open_to(Audience.PUBLIC)
def question_page(kind: str, ref: str) -> ResponseReturnValue:
    return _ask_page(_fund(), kind, ref, AskForm(formdata=None))


@bp.post("/c/<slug>/fund/questions/entries/<ref>", defaults={"kind": "entry"})
@bp.post("/c/<slug>/fund/questions/quarterly/<ref>", defaults={"kind": "notice"})
@open_to(Audience.PUBLIC, from_our_pages=True)
def ask_question(kind: str, ref: str) -> ResponseReturnValue:
    form, fund = AskForm(), _fund()
    token = request.cookies.get(VOICE, "")[:40] or secrets.token_urlsafe(18)
    address = request.remote_addr or ""
    if not (
        form.validate_on_submit()
        and form.attempt(
            lambda: acts.ask(
                fund, f"{kind}:{ref}", form.text.text, token=token, address=address, at=clock.now()
            )
        )
    ):
        return _ask_page(fund, kind, ref, form)
    response = make_response(redirect(url_for("fund.question_page", kind=kind, ref=ref, asked=1)))
    response.set_cookie(
        VOICE,
        token,
        max_age=COOKIE_LASTS,
        path=url_for("fund.questions"),
        httponly=True,
        samesite="Lax",
        secure=settings().secure,
    )
    return response


def _ask_page(fund: Fund, kind: str, ref: str, form: AskForm) -> ResponseReturnValue:
    about = f"{kind}:{ref}"
    acts.subject_of(fund, about)
    page = render_template(
        "fund/question_page.html",
        fund=fund,
        kind=kind,
        ref=ref,
        form=form,
        subject=_subject(fund, kind, ref),
        questions=acts.public_questions(fund, about),
        words=words,
    )
    return page, form.status if request.method == "POST" else 200


def _subject(fund: Fund, kind: str, ref: str) -> str:
    if kind == "entry":
        return ledger.entry_of(fund.book, ref).memo
    return words.quarter_word(find_published(fund, ref).period.span)


# ── who answers, and who asks by name ─────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/fund/questions")
@open_to(Audience.STAFF)
def questions_desk() -> str:
    return _desk(for_staff=True)


@bp.get("/committee/<slug>/questions")
@open_to(Audience.COMMITTEE)
def questions_for_members() -> str:
    return _desk(for_staff=False)


@bp.post("/staff/<slug>/fund/questions/<ref>/answer")
@open_to(Audience.STAFF)
def answer_question(ref: str) -> ResponseReturnValue:
    return _answer(ref, for_staff=True)


@bp.post("/committee/<slug>/questions/<ref>/answer")
@open_to(Audience.COMMITTEE)
def answer_question_as_member(ref: str) -> ResponseReturnValue:
    return _answer(ref, for_staff=False)


def _answer(ref: str, *, for_staff: bool) -> ResponseReturnValue:
    form, question = AnswerForm(), acts.find_question(_fund(), ref)
    if form.validate_on_submit() and form.attempt(
        lambda: acts.answer(question, form.answer.text, by=current_user(), at=clock.now())
    ):
        flash(_("答好了，大家都看得到。"), "go")
        return redirect(url_for("fund.questions_desk" if for_staff else "fund.questions_for_members"))
    return _desk(for_staff=for_staff, form=form, answering=ref), form.status


@bp.post("/staff/<slug>/fund/questions/<ref>/aside")
@open_to(Audience.STAFF)
def put_question_aside(ref: str) -> ResponseReturnValue:
    acts.put_aside(acts.find_question(_fund(), ref), by=current_user(), at=clock.now())
    flash(_("放到一边了，不公布；公示页上写着一共放了几个。"), "go")
    return redirect(url_for("fund.questions_desk"))


@bp.post("/committee/<slug>/questions")
@open_to(Audience.COMMITTEE, onlookers_may=True)
def ask_as_supervisor() -> ResponseReturnValue:
    """The one thing that a supervisor writes."""
    form, fund = NamedAskForm(), _fund()
    if form.validate_on_submit() and form.attempt(
        lambda: acts.ask_as_supervisor(
            fund, form.about.data or "", form.text.text, by=current_user(), at=clock.now()
        )
    ):
        flash(_("问出去了，大家都看得到，等人回答。"), "go")
        return redirect(url_for("fund.questions_for_members"))
    return _desk(for_staff=False, ask_form=form), form.status


def _desk(
    *,
    for_staff: bool,
    form: AnswerForm | None = None,
    answering: str = "",
    ask_form: NamedAskForm | None = None,
) -> str:
    fund, me = _fund(), current_user()
    ask_form = ask_form or NamedAskForm(formdata=None)
    asks = me.id in {one.id for one in people.members(fund.community, Role.SUPERVISOR)}
    ask_form.about.choices = _newest(fund) if asks else []
    return render_template(
        "fund/questions_desk.html",
        fund=fund,
        for_staff=for_staff,
        open_questions=acts.open_questions(fund),
        questions=acts.public_questions(fund),
        asks=asks and not for_staff,
        may_answer=for_staff or me.id in {one.id for one in service.committee(fund)},
        form=form or AnswerForm(formdata=None),
        answering=answering,
        ask_form=ask_form,
        words=words,
    )


def _newest(fund: Fund) -> list[tuple[str, str]]:
    """What can be asked about: the newest vouchers that are shown by themselves, by what the form sends."""
    shown = public_book(fund.community).newest(ENTRIES_SHOWN)
    return [(f"entry:{entry.ref}", f"{entry.voucher} {entry.memo}") for entry in shown]


def _fund() -> Fund:
    return service.require_fund(current_community())
