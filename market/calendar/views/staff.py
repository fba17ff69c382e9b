"""The staff desk, market days and their steps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.calendar import service, words
from market.calendar.finding import day_at
from market.calendar.forms import CopyForm, DayForm, PaperForm, StepForm, WaiverForm, wall_values
from market.calendar.models import MarketDay
from market.calendar.rules import (
    EDITABLE_STATES,
    GATE_STATES,
    MOVABLE_STATES,
    DayPaperKind,
    DayState,
    Severity,
    Step,
    draft_faults,
)
from market.calendar.service import DayDraft
from market.calendar.views import bp, progress
from market.errors import NotFound, Refusal
from market.gate import service as gate
from market.layout.filters import day_text
from market.people.access import Audience, current_community, current_user, open_to
from market.places import service as places
from market.places.models import Venue
from market.settlement.paper_kit.sheets import titles
from market.stalls import service as stalls

PAGE = 20
STEPS_HERE = frozenset(
    {Step.PREPARE, Step.OPEN_APPLICATIONS, Step.CLOSE_APPLICATIONS, Step.REOPEN_PLAN, Step.SET_UP, Step.OPEN,
     Step.CLOSE, Step.START_SETTLING, Step.ARCHIVE}
)  # fmt: skip
"""Steps that are nothing but a step; the others are joint acts of later rooms and have their own pages."""


# ── the desk ──────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/")
@open_to(Audience.STAFF)
def desk() -> ResponseReturnValue:
    community, at = current_community(), clock.now()
    to_do = service.days_to_do(community)
    known = service.days(community)
    return render_template(
        "calendar/desk.html",
        venues=places.venues(community),
        now=progress.progress_of(to_do[0], at) if to_do else None,
        others=to_do[1:],
        done=[day for day in known if day not in to_do][:5],
        last=known[0] if known else None,
        words=words,
    )


@bp.get("/staff/<slug>/days")
@open_to(Audience.STAFF)
def days() -> ResponseReturnValue:
    known = service.days(current_community())
    pages = max(1, -(-len(known) // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = known[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "calendar/days.html", days=shown, page=page, pages=pages, address=_page_address, words=words
    )


def _page_address(page: int) -> str:
    return url_for("calendar.days", page=page)


# ── writing a day down ────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/new")
@open_to(Audience.STAFF)
def new_day() -> ResponseReturnValue:
    community = current_community()
    venues = places.venues(community)
    if not venues:
        flash(_("先画好场地，再排集市。"), "wait")
        return redirect(url_for("places.new_venue"))
    like = service.find_day(community, request.args["like"]) if "like" in request.args else None
    like = like or next(iter(service.days(community)), None)
    form = _offered(DayForm(formdata=None, data=_prefilled(like), like=like.ref if like else ""), venues)
    return render_template("calendar/day_form.html", form=form, day=None, fixed=False)


@bp.post("/staff/<slug>/days")
@open_to(Audience.STAFF)
def create_day() -> ResponseReturnValue:
    community = current_community()
    form = _offered(DayForm(), places.venues(community))
    draft = _valid_draft(form)
    if draft is not None and (made := form.attempt(lambda: _create(draft, form.like.data))):
        flash(
            _("记下了：%(day)s。现在还是草稿，只有工作人员看得到。", day=day_text(made.value.open_at)), "go"
        )
        return redirect(url_for("calendar.day", ref=made.value.ref))
    return render_template("calendar/day_form.html", form=form, day=None, fixed=False), form.status


def _create(draft: DayDraft, like: str | None) -> MarketDay:
    """A market, with the quotas and duties of the one that it was filled in from."""
    community, by, at = current_community(), current_user(), clock.now()
    made = service.create_day(community, draft, by=by, at=at)
    if like:
        stalls.copy_rules(service.find_day(community, like), made, by=by, at=at)
    return made


@bp.route("/staff/<slug>/days/<ref>/edit", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def edit_day(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    service.check_editable(day)
    fixed = day.state not in MOVABLE_STATES
    venues = [day.venue] if fixed else places.venues(current_community())
    form = _offered(DayForm(data=_as_written(_starting_draft(day))), venues)
    if request.method == "POST":
        draft = _valid_draft(form, day)
        if draft is not None and form.attempt(lambda: _rewrite(day, draft)):
            flash(_("改好了。"), "go")
            return redirect(url_for("calendar.day", ref=day.ref))
    return render_template("calendar/day_form.html", form=form, day=day, fixed=fixed), form.status


def _starting_draft(day: MarketDay) -> DayDraft:
    """What the form shows first: a day as it stands, or a new date for a postponed one."""
    if day.state is not DayState.POSTPONED:
        return service.draft_of(day)
    return service.shifted_draft(day, service.same_weekday_later(day, clock.today(day.community.zone)))


def _rewrite(day: MarketDay, draft: DayDraft) -> None:
    """Writes a day anew; a postponed day thereby gets its new date."""
    by, at = current_user(), clock.now()
    placed = len(stalls.assignments(day))
    if draft.stall_limit < placed:
        raise Refusal("calendar.limit_below_placed", _("已经排了 %(n)s 家，摊位数不能比这个少。", n=placed))
    if day.state is not DayState.POSTPONED:
        service.edit_day(day, draft, by=by, at=at)
        return
    old, new = service.local_date(day), draft.on
    note = _("原定 %(old)s的集市，改到 %(new)s。", old=day_text(old), new=day_text(new)) if old != new else ""
    gate.reschedule_day(day, draft, public_note=note, by=by, at=at)


@bp.post("/staff/<slug>/days/<ref>/copies")
@open_to(Audience.STAFF)
def copy(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = CopyForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _copy(day, cast("date", form.on.data)))):
        flash(_("照样记下了：%(day)s。看看哪里要改。", day=day_text(made.value.open_at)), "go")
        return redirect(url_for("calendar.day", ref=made.value.ref))
    return _day_page(day, copy_form=form), form.status


def _copy(day: MarketDay, on: date) -> MarketDay:
    """The same market on another date, with its quotas and duties."""
    by, at = current_user(), clock.now()
    made = service.copy_day(day, on, by=by, at=at)
    stalls.copy_rules(day, made, by=by, at=at)
    return made


def _offered(form: DayForm, venues: list[Venue]) -> DayForm:
    form.offer((venue.ref, venue.name) for venue in venues)
    return form


def _prefilled(like: MarketDay | None) -> dict[str, Any]:
    """The last market four weeks later, or the ordinary hours of a first one."""
    today = clock.today(current_community().zone)
    if like is not None:
        return _as_written(service.shifted_draft(like, service.same_weekday_later(like, today)))
    on = today + timedelta(days=28 + (5 - today.weekday()) % 7)
    return DayForm.ordinary(on)


def _as_written(draft: DayDraft) -> dict[str, Any]:
    """A draft as the fields of the form show it, in the hours of the wall."""
    zone = current_community().zone
    values = {name: value for name, value in draft.__dict__.items() if name != "venue"}
    for name in ("apply_from", "apply_until"):
        values[name] = clock.local(values[name], zone)
    return {**wall_values(values), "venue": draft.venue.ref}


def _valid_draft(form: DayForm, day: MarketDay | None = None) -> DayDraft | None:
    """What was typed, when it can be; otherwise every mistake stands under its field."""
    if not form.validate_on_submit():
        return None
    community, at = current_community(), clock.now()
    draft = _draft(form)
    date_is_new = day is None or service.local_date(day) != draft.on
    faults = draft_faults(draft.facts(community.zone, at), date_is_new=date_is_new)
    form.show_faults(faults)
    return draft if not faults else None


def _draft(form: DayForm) -> DayDraft:
    community = current_community()
    values = {name: value for name, value in form.data.items() if name not in ("csrf_token", "like", "venue")}
    for name in ("apply_from", "apply_until"):
        values[name] = clock.at_local(values[name].date(), values[name].time(), community.zone)
    return DayDraft(venue=places.find_venue(community, form.venue.data), **values)


# ── one day ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>")
@open_to(Audience.STAFF)
def day(ref: str) -> ResponseReturnValue:
    return _day_page(day_at(ref))


def _day_page(day: MarketDay, **forms: Any) -> str:
    """The page of a day; a form that was refused is shown again as it was typed."""
    at = clock.now()
    today = clock.today(day.community.zone)
    fresh: dict[str, Any] = {
        "step_form": StepForm(formdata=None),
        "waiver_form": WaiverForm(formdata=None),
        "paper_form": PaperForm(formdata=None, filed_on=today, kind=_asked_paper()),
        "copy_form": CopyForm(formdata=None, on=service.same_weekday_later(day, today)),
    }
    return render_template(
        "calendar/day.html",
        day=day,
        progress=progress.progress_of(day, at),
        side_steps=progress.side_steps(day),
        links=_links(day),
        tables=_tables(day),
        papers_open="paper" in request.args or "paper_form" in forms,
        editable=day.state in EDITABLE_STATES,
        callable_off=day.state in EDITABLE_STATES,
        words=words,
        **{**fresh, **forms},
    )


def _asked_paper() -> DayPaperKind | None:
    asked = request.args.get("paper", "")
    return next((kind for kind in DayPaperKind if kind.value == asked), None)


def _links(day: MarketDay) -> list[tuple[str, str]]:
    """The pages of a day that make sense in its state."""
    state, order = day.state, list(DayState)
    reached = order.index(state) if state not in (DayState.POSTPONED, DayState.CANCELLED) else -1

    def since(first: DayState) -> bool:
        return reached >= order.index(first)

    pages = (
        (since(DayState.OPEN_FOR_APPLICATION), _("报名"), "vendors.applications"),
        (since(DayState.DRAFT), _("这一场的规矩"), "stalls.rules"),
        (since(DayState.REVIEWING), _("摊位图"), "stalls.plan"),
        (since(DayState.PUBLISHED), _("摊位证和签到表"), "gate.pass_list"),
        (state in GATE_STATES, _("扫码签到"), "gate.scanner"),
        (since(DayState.OPEN), _("对账和入账"), "settlement.close"),
        (day.was_public, _("居民看到的页面"), "calendar.market"),
        (since(DayState.SETTLED), _("这一场的账目"), "fund.market_account"),
    )
    return [(label, url_for(endpoint, ref=day.ref)) for shown, label, endpoint in pages if shown]


def _tables(day: MarketDay) -> list[tuple[str, str]]:
    """The single tables of the paper kit, once stalls are given out."""
    if day.state in (DayState.POSTPONED, DayState.CANCELLED) or not stalls.assignments(day):
        return []
    return [(title, url_for("settlement.table", ref=day.ref, name=key)) for key, title in titles().items()]


@bp.post("/staff/<slug>/days/<ref>/steps")
@open_to(Audience.STAFF)
def create_step(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = StepForm()
    if form.validate_on_submit() and form.attempt(lambda: _take_step(day, form.step.data, form.reason.text)):
        flash(_("好了，现在是「%(state)s」。", state=words.state_word(day.state)), "go")
        return redirect(url_for("calendar.day", ref=day.ref))
    return _day_page(day, step_form=form), form.status


def _take_step(day: MarketDay, step: Step, reason: str) -> None:
    at = clock.now()
    if step not in STEPS_HERE:
        raise Refusal("calendar.not_here", _("这一步有自己的页面，请从上面的按钮进入。"), 422)
    if progress.too_early(day, step, at):
        raise Refusal("calendar.too_early", _("还没到开市那天，到了当天再点。"))
    note = reason if step is Step.CLOSE and service.closes_early(day, at) else None
    service.take_step(day, step, by=current_user(), at=at, reason=reason, public_note=note)


@bp.post("/staff/<slug>/days/<ref>/waivers")
@open_to(Audience.STAFF)
def create_waiver(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = WaiverForm()
    if form.validate_on_submit() and form.attempt(lambda: _waive(day, form)):
        flash(_("记下了：由您负责，原因留档。"), "go")
        return redirect(url_for("calendar.day", ref=day.ref) + "#lacks")
    return _day_page(day, waiver_form=form), form.status


def _waive(day: MarketDay, form: WaiverForm) -> None:
    code, subject = form.code.data or "", form.subject.data or ""
    found = progress.findings(day, clock.today(day.community.zone))
    if (code, subject) not in {(f.code, f.subject) for f in found if f.severity is Severity.OVERRIDABLE}:
        raise NotFound("calendar.no_finding", _("这一条已经不缺了，或者不能这样办。请刷新页面看看。"))
    service.waive(day, code, subject, form.reason.text, by=current_user(), at=clock.now())


@bp.post("/staff/<slug>/days/<ref>/papers")
@open_to(Audience.STAFF)
def create_paper(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = PaperForm()
    if form.validate_on_submit() and form.attempt(lambda: _add_paper(day, form)):
        flash(_("文件登记好了。"), "go")
        return redirect(url_for("calendar.day", ref=day.ref) + "#papers")
    return _day_page(day, paper_form=form), form.status


def _add_paper(day: MarketDay, form: PaperForm) -> None:
    filed_on = cast("date", form.filed_on.data)
    service.add_day_paper(
        day, form.kind.data, form.number.text, form.issuer.text, filed_on, by=current_user(), at=clock.now()
    )
