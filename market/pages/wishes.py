"""What residents want (想要什么摊位): the list that everybody reads, and one tap to say so too.

Nobody signs in, and nobody gets a cookie by reading. Who says that they want something gets a random key of
this phone, sent back with this page only, so that one phone is one voice a week and can unsay it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.calendar.shown_day import ShownDay
from market.config import settings
from market.demand import rules, service, words
from market.demand.forms import WishForm
from market.demand.rules import LONGEST_WORD, Way
from market.demand.service import Wanted
from market.demand.wish_sheet import WishSheet, write_wish_sheet
from market.layout.answers import send_pdf
from market.pages.blueprint import bp
from market.pages.paper import file_name
from market.people.access import current_community
from market.print.qr import draw_qr
from market.public_pages import VOICE
from market.stalls.models import Assignment
from market.stalls.service import wished

SHOWN = 12
"""So many lines stand on the first page of the list."""
COOKIE_LASTS = timedelta(days=60)
"""Longer than any week it is good for; whoever does not come again is forgotten."""


@dataclass(frozen=True)
class Line:
    """A wish as residents read it."""

    rank: int
    wanted: Wanted
    word: str
    others: str
    """Other words for the same."""
    pressed: bool
    """Whether this phone said so this week."""
    coming: Assignment | None
    """The stall that answers it at the next market that has one."""
    came: Assignment | None
    """The newest one of a market that is over."""

    @property
    def state(self) -> tuple[str, str]:
        """Look and word: a stall that comes is an answer by itself, whatever was said before."""
        kind, word = words.STATE_WORDS[rules.WishState.HERE if self.coming else self.wanted.state]
        return kind, str(word)

    @property
    def sentence(self) -> str:
        answer = self.wanted.answer
        return answer.sentence if answer is not None and self.coming is None else ""


@bp.get("/c/<slug>/wishes")
@open_to(Audience.PUBLIC)
def wishes() -> ResponseReturnValue:
    """`?word=` looks for a word, `?said=` names the wish just asked for, `?all=1` shows every line."""
    return _page(WishForm(formdata=None, data={"word": request.args.get("word", "").strip()[:60]}))


@bp.post("/c/<slug>/wishes")
@open_to(Audience.PUBLIC, from_our_pages=True)
def say_wish() -> ResponseReturnValue:
    form = WishForm()
    token = _token() or secrets.token_urlsafe(18)
    if not (form.validate_on_submit() and (said := form.attempt(lambda: _ask(form, token)))):
        return _page(form)
    told = "aside" if said.value.aside else "said" if said.value.new else "again"
    query = urlencode({told: said.value.wish.ref})
    response = make_response(redirect(f"{url_for('pages.wishes')}?{query}#said"))
    response.set_cookie(
        VOICE,
        token,
        max_age=COOKIE_LASTS,
        path=url_for("pages.wishes"),
        httponly=True,
        samesite="Lax",
        secure=settings().secure,
    )
    return response


@bp.post("/c/<slug>/wishes/<ref>/taken-back")
@open_to(Audience.PUBLIC, from_our_pages=True)
def unsay_wish(ref: str) -> ResponseReturnValue:
    wish = service.find_wish(current_community(), ref)
    service.take_back(wish, token=_token(), at=clock.now())
    return redirect(url_for("pages.wishes", back=wish.ref, _anchor="said"))


def _token() -> str:
    return request.cookies.get(VOICE, "")[:40]


def _ask(form: WishForm, token: str) -> service.Said:
    way = Way(form.way.data) if form.way.data in set(Way) else Way.PAGE
    address = request.remote_addr or ""
    return service.ask(
        current_community(), form.word.text, token=token, address=address, way=way, at=clock.now()
    )


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────


def _page(form: WishForm) -> ResponseReturnValue:
    community, at = current_community(), clock.now()
    everything = service.wanted(community, clock.local(at, community.zone).date())
    listed = [line for line in everything if line.listed and (line.count.total or line.answers)]
    lines = _lines(listed)
    query = form.word.text if request.method == "GET" else ""
    page = render_template(
        "pages/wishes.html",
        form=form,
        lines=lines if "all" in request.args else lines[:SHOWN],
        left=0 if "all" in request.args else max(0, len(lines) - SHOWN),
        total=sum(line.count.total for line in listed),
        query=query,
        found=_found(query, lines) if query else [],
        exact=_exact(query, lines),
        more_types=_more_types(listed),
        news=_news(everything),
        way=Way.POSTER if request.args.get("from") == Way.POSTER else Way.PAGE,
        rules=rules,
        words=words,
        longest=LONGEST_WORD,
    )
    response = make_response(page, form.status)
    if VOICE in request.cookies:
        response.headers["Cache-Control"] = "no-store"  # it marks what this phone said
    return response


def _lines(listed: list[Wanted]) -> list[Line]:
    community, at = current_community(), clock.now()
    days = calendar.days_around(community, at, 1) if listed else []
    answers = wished.answers_by_wish(days, listed)
    over = {day.id for day in days if ShownDay.of(day, at).over}
    pressed = service.said_by(community, _token(), at=at)
    return [
        _line(rank, one, answers.get(one.wish.id, []), over, pressed) for rank, one in enumerate(listed, 1)
    ]


def _line(rank: int, one: Wanted, held: list[Assignment], over: set[int], pressed: set[int]) -> Line:
    return Line(
        rank=rank,
        wanted=one,
        word=words.wish_word(one.wish),
        others=_("、").join(words.wish_word(wish) for wish in one.shown_others),
        pressed=any(wish.id in pressed for wish in one.family),
        coming=next((found for found in held if found.day_id not in over), None),
        came=next((found for found in reversed(held) if found.day_id in over), None),
    )


def _exact(query: str, lines: list[Line]) -> Line | None:
    """The line that a typed word names, whatever it is called there."""
    wish = service.wish_meant(current_community(), query) if query else None
    return next((line for line in lines if wish is not None and wish in line.wanted.family), None)


def _found(query: str, lines: list[Line]) -> list[Line]:
    """Lines that may mean what was typed: the person decides."""
    known = {line.wanted.wish.id: line for line in lines}
    return [known[one.wish.id] for one in service.suggestions(query, [line.wanted for line in lines])]


def _more_types(listed: list[Wanted]) -> list[tuple[str, str]]:
    """Stall types that nobody asked for yet: (what is sent, what is read)."""
    asked = {wish.type_code for line in listed for wish in line.family}
    return [(chinese, word) for code, chinese, word in words.offered_types() if code not in asked]


@dataclass(frozen=True)
class News:
    """What the press before this page did."""

    kind: str
    sentence: str
    undo: str = ""
    """The wish that can be unsaid."""


def _news(everything: list[Wanted]) -> News | None:
    """Told by the address, so that the page says the same to everybody who opens it."""
    for name in ("said", "aside", "again", "back"):
        ref = request.args.get(name)
        line = next((one for one in everything if any(w.ref == ref for w in one.family)), None)
        if ref and line is not None:
            return _told(name, line, ref)
    return None


def _told(name: str, line: Wanted, ref: str) -> News:
    if name == "aside":
        sentence = _("记下了。您这个网络这一周点得很多，先放一边，社区看过再算。")
        return News("wait", sentence, ref)
    if not line.listed:
        if name == "back":
            return News("info", _("收回了，不算您这一票。"))
        return News("go", _("记下了。社区看过这个词，就列到单子里，邻居也能点。"), ref)
    word = words.wish_word(line.wish)
    if name == "said":
        return News("go", _("记下了：%(word)s，现在 %(n)s 票。", word=word, n=line.count.total), ref)
    if name == "again":
        return News("info", _("这一周您已经点过%(word)s了，一部手机一周算一票。", word=word), ref)
    return News("info", _("收回了，%(word)s现在 %(n)s 票。", word=word, n=line.count.total))


# ── on paper ──────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/wishes.pdf")
@open_to(Audience.PUBLIC)
def wish_sheet() -> Response:
    """For the wall or the desk: a code for phones, and boxes for a pen."""
    community, out = current_community(), BytesIO()
    sheet = WishSheet(
        community=community.name,
        title=_("想要什么摊位？"),
        lede=_("想要哪一样，就在后面画“正”字，一人一样画一笔。不记名字。"),
        rows=tuple(word for _code, _chinese, word in words.offered_types()),
        own=_("还想要别的："),
        place=_("在哪里收的："),
        day=_("哪一天："),
        collector=_("谁收的："),
        scan=_("用手机扫一扫，点一下就行"),
        page_address=f"{settings().public_url}{url_for('pages.wishes')}?from={Way.POSTER}",
        contact=_("%(host)s，电话 %(phone)s", host=community.host_org, phone=community.phone),
    )
    write_wish_sheet(sheet, out, draw_code=draw_qr)
    today = clock.today(community.zone)
    return send_pdf(out, file_name(community, _("想要什么摊位"), today))
