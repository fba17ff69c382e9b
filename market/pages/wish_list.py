"""What residents want, for the staff: the ranking, votes on paper, what means the same, answers in public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.communities.models import Community
from market.demand import rules, service, words
from market.demand.forms import AnswerForm, ListingForm, MergeForm, VotesForm
from market.demand.models import Wish, WishAnswer, WishListing, WishMerge, WishVotes
from market.demand.rules import PaperKind
from market.demand.service import VotesDraft, Wanted
from market.errors import NotFound
from market.forms import options
from market.pages.blueprint import bp
from market.people.access import current_community, current_user
from market.stalls.service import wished
from market.vendors.rules import Category
from market.vendors.words import CATEGORY_WORDS


@bp.get("/staff/<slug>/wishes")
@open_to(Audience.STAFF)
def wish_list() -> ResponseReturnValue:
    today = clock.today(current_community().zone)
    return _list_page(VotesForm(formdata=None, data={"collected_on": today, "kind": PaperKind.PAPER.value}))


@bp.post("/staff/<slug>/wishes/votes")
@open_to(Audience.STAFF)
def add_wish_votes() -> ResponseReturnValue:
    form = VotesForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _add_votes(form))):
        wish = made.value.wish
        flash(_("记下了：%(word)s，%(n)s 人。", word=words.wish_word(wish), n=made.value.people), "go")
        return redirect(url_for("pages.wish_list"))
    return _list_page(form)


def _add_votes(form: VotesForm) -> WishVotes:
    draft = VotesDraft(
        word=form.word.text,
        kind=PaperKind(form.kind.data),
        people=form.people.data or 0,
        place=form.place.text,
        collected_on=form.collected_on.data or date.min,
        collector=form.collector.text,
    )
    return service.add_votes(current_community(), draft, by=current_user(), at=clock.now())


def _list_page(form: VotesForm) -> ResponseReturnValue:
    community, at = current_community(), clock.now()
    today = clock.local(at, community.zone).date()
    everything = service.wanted(community, today)
    answers = wished.answers_by_wish(calendar.days_ahead(community, at), everything)
    page = render_template(
        "pages/wish_list.html",
        form=form,
        lines=[line for line in everything if line.listed],
        waiting=[line for line in everything if not line.listed and not line.hidden and line.count.total],
        hidden=[line for line in everything if not line.listed and (line.hidden or not line.count.total)],
        networks=service.networks_aside(community, today),
        coming={wish: held[0] for wish, held in answers.items()},
        today=today,
        rules=rules,
        words=words,
        categories=CATEGORY_WORDS,
    )
    return page, form.status


@bp.post("/staff/<slug>/wishes/networks")
@open_to(Audience.STAFF)
def say_of_network() -> ResponseReturnValue:
    """What staff say of a network that spoke too often in a week."""
    community, at = current_community(), clock.now()
    today = clock.local(at, community.zone).date()
    week, network = request.form.get("week", ""), request.form.get("network", "")
    found = [
        one
        for one in service.networks_aside(community, today)
        if (one.week.isoformat(), one.network) == (week, network)
    ]
    if not found:
        raise NotFound("demand.no_network", _("没有这一处，可能已经过了计票的时间。"))
    counts = request.form.get("counts") == "yes"
    service.say_of_network(community, found[0].week, network, counts=counts, by=current_user(), at=at)
    flash(_("算上了。") if counts else _("不算。"), "go")
    return redirect(url_for("pages.wish_list", _anchor="networks"))


# ── one wish ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Forms:
    """Everything that can be typed about one wish."""

    answer: AnswerForm
    merge: MergeForm
    listing: ListingForm


@bp.get("/staff/<slug>/wishes/<ref>")
@open_to(Audience.STAFF)
def wish(ref: str) -> ResponseReturnValue:
    return _wish_page(_wish(ref))


@bp.post("/staff/<slug>/wishes/<ref>/answers")
@open_to(Audience.STAFF)
def answer_wish(ref: str) -> ResponseReturnValue:
    found, form = _wish(ref), AnswerForm()
    if form.validate_on_submit() and form.attempt(lambda: _answer(found, form)):
        flash(_("答复了，居民在单子上看得到。"), "go")
        return redirect(url_for("pages.wish", ref=ref))
    return _wish_page(found, answer=form)


def _answer(found: Wish, form: AnswerForm) -> None:
    service.answer(found, form.chosen, form.sentence.text, by=current_user(), at=clock.now())


@bp.post("/staff/<slug>/wishes/<ref>/merges")
@open_to(Audience.STAFF)
def merge_wish(ref: str) -> ResponseReturnValue:
    found, form = _wish(ref), _merge_form(_wish(ref))
    if form.validate_on_submit() and form.attempt(lambda: _merge(found, form)):
        flash(_("从现在起算在一起。票没有动，随时可以拆开。"), "go")
        return redirect(url_for("pages.wish", ref=form.into.data))
    return _wish_page(found, merge=form)


def _merge(found: Wish, form: MergeForm) -> None:
    into = service.find_wish(current_community(), form.into.data or "")
    service.merge(found, into, by=current_user(), at=clock.now())


@bp.post("/staff/<slug>/wishes/<ref>/listings")
@open_to(Audience.STAFF)
def list_wish(ref: str) -> ResponseReturnValue:
    """Lets a word stand in the list (`listed=yes`) or takes it out."""
    found, form = _wish(ref), ListingForm()
    if not form.validate_on_submit():
        return _wish_page(found, listing=form)
    listed = request.form.get("listed") == "yes"
    category = Category(form.category.data) if form.category.data else None
    service.list_wish(found, listed=listed, category=category, by=current_user(), at=clock.now())
    word = words.wish_word(found)
    flash(
        _("「%(word)s」列到单子里了。", word=word) if listed else _("「%(word)s」不在单子里了。", word=word),
        "go",
    )
    return redirect(
        url_for("pages.wish_list") if request.form.get("back") else url_for("pages.wish", ref=ref)
    )


@bp.post("/staff/<slug>/wishes/<ref>/undo/<entry>")
@open_to(Audience.STAFF)
def undo_wish_entry(ref: str, entry: str) -> ResponseReturnValue:
    service.undo(service.find_entry(_wish(ref), entry), by=current_user(), at=clock.now())
    flash(_("收回了，记录还在。"), "go")
    return redirect(url_for("pages.wish", ref=ref))


def _wish(ref: str) -> Wish:
    return service.find_wish(current_community(), ref)


def _line_of(community: Community, found: Wish) -> Wanted:
    today = clock.today(community.zone)
    return next(line for line in service.wanted(community, today) if found in line.family)


def _merge_form(found: Wish) -> MergeForm:
    community = current_community()
    lines = service.wanted(community, clock.today(community.zone))
    form = MergeForm()
    alike = service.suggestions(found.word, lines)
    offered = [*alike, *(line for line in lines if line not in alike)]
    form.into.choices = options(
        [("", _("选一样")), *(_choice(line) for line in offered if found not in line.family)]
    )
    return form


def _choice(line: Wanted) -> tuple[str, str]:
    word, votes = words.wish_word(line.wish), line.count.total
    return line.wish.ref, _("%(word)s（%(n)s 票）", word=word, n=votes)


def _wish_page(
    found: Wish,
    *,
    answer: AnswerForm | None = None,
    merge: MergeForm | None = None,
    listing: ListingForm | None = None,
) -> ResponseReturnValue:
    community = current_community()
    line = _line_of(community, found)
    chosen = {"category": line.category.value if line.category else ""}
    forms = Forms(
        answer or AnswerForm(formdata=None),
        merge or _merge_form(found),
        listing or ListingForm(formdata=None, data=chosen),
    )
    page = render_template(
        "pages/wish.html",
        wish=found,
        line=line,
        is_head=line.wish is found,
        word=words.wish_word(found),
        forms=forms,
        entries=[_entry(found, row) for row in service.history(found)],
        words=words,
        categories=CATEGORY_WORDS,
    )
    sent = next((form for form in (answer, merge, listing) if form is not None), None)
    return page, sent.status if sent is not None else 200


@dataclass(frozen=True)
class Entry:
    """A line of the history."""

    at: datetime
    person: str
    sentence: str
    note: str
    undo: str
    """Its address where it can be taken back."""
    ended: bool


def _entry(found: Wish, row: WishVotes | WishMerge | WishAnswer | WishListing) -> Entry:
    if isinstance(row, WishListing):
        sentence = _("列到单子里") if row.listed else _("从单子里拿掉")
        category = str(CATEGORY_WORDS[row.category]) if row.category else ""
        return Entry(row.decided_at, row.person.display_name, sentence, category, "", ended=False)
    sentence, note, at = _told(found, row)
    ended = row.ended_at is not None
    return Entry(at, row.person.display_name, sentence, note, "" if ended else row.ref, ended)


def _told(found: Wish, row: WishVotes | WishMerge | WishAnswer) -> tuple[str, str, datetime]:
    if isinstance(row, WishVotes):
        sentence = _("%(kind)s %(n)s 人", kind=words.KIND_WORDS[row.kind], n=row.people)
        return sentence, " · ".join(_where(row)), row.noted_at
    if isinstance(row, WishAnswer):
        return _("答复：%(state)s", state=words.STATE_WORDS[row.state][1]), row.sentence, row.answered_at
    if row.wish is found:
        return _("算到「%(word)s」里", word=words.wish_word(row.into)), "", row.merged_at
    return _("「%(word)s」算到这里", word=words.wish_word(row.wish)), "", row.merged_at


def _where(row: WishVotes) -> list[str]:
    collected = row.collected_on.isoformat()
    return [row.place, collected, *([row.collector] if row.collector else [])]
