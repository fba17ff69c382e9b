"""What holds for a market before its stalls are given out: quotas, stalls kept free, who looks after what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.allocation.market_rules import Quota
from market.allocation.mix import advised_minimums, targets_from_votes
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.words import state_word
from market.demand.words import wish_word
from market.people.access import current_user
from market.places.models import Stall
from market.places.service import live_stalls
from market.stalls import service
from market.stalls.blueprint import bp
from market.stalls.forms import RulesForm, VotesForm, quota_values, rules_form, votes_form
from market.stalls.service import wished
from market.vendors.models import Application
from market.vendors.rules import LIVE, may_stand_on_reserved
from market.vendors.service import applications
from market.vendors.words import CATEGORY_WORDS


@bp.get("/staff/<slug>/days/<ref>/rules")
@open_to(Audience.STAFF)
def rules(ref: str) -> ResponseReturnValue:
    """`?fill=advised`, `last` or `votes` fills the fields; nothing is written by looking."""
    day = day_at(ref)
    votes = votes_form()(request.args)
    wanted = service.quotas(day) | _filled(day, request.args.get("fill", ""), votes)
    form = _form(day)(
        formdata=None, data={**quota_values(wanted), **_zone_values(day), "free": _kept_refs(day)}
    )
    return _rules_page(day, form, votes)


@bp.post("/staff/<slug>/days/<ref>/rules")
@open_to(Audience.STAFF)
def save_rules(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = _form(day)()
    if form.validate_on_submit() and form.attempt(lambda: _save(day, form)):
        flash(_("存好了。分摊位的时候就按这些来。"), "go")
        return redirect(url_for("stalls.rules", ref=day.ref))
    return _rules_page(day, form, votes_form()(formdata=None)), form.status


@bp.post("/staff/<slug>/days/<ref>/rules/wishes")
@open_to(Audience.STAFF)
def take_wishes(ref: str) -> ResponseReturnValue:
    """One press: what residents want becomes what the mix strives for."""
    day = day_at(ref)
    wished.take_wishes(day, by=current_user(), at=clock.now())
    flash(_("照居民想要的定好了：排到这个数以前，这几类优先。还可以改。"), "go")
    return redirect(url_for("stalls.rules", ref=day.ref))


def _form(day: MarketDay) -> type[RulesForm]:
    return rules_form(sorted({stall.zone for stall in live_stalls(day.venue)}))


def _save(day: MarketDay, form: RulesForm) -> None:
    """Quotas as long as they may be changed, and only the stalls of which something changed."""
    by, at = current_user(), clock.now()
    if day.state in service.QUOTA_STATES:
        service.set_quotas(day, form.quotas(), by=by, at=at)
    kept, wanted = service.kept_free(day), set(form.free.data or ())
    for stall in live_stalls(day.venue):
        if stall.ref in wanted and stall.id not in kept:
            service.keep_free(day, stall, by=by, at=at)
        if stall.ref not in wanted and stall.id in kept:
            service.use_again(day, stall, by=by, at=at)
    service.set_duties(day, form.people(), by=by, at=at)


def _filled(day: MarketDay, fill: str, votes: VotesForm) -> dict[str, Quota]:
    """What a button fills in, on top of what was decided."""
    known, applied = service.quotas(day), _applied(day)
    if fill == "last":
        return service.quotas_before(day)
    if fill == "advised":
        least = advised_minimums(applied)
        return {c: _raised(known.get(c, Quota()), count) for c, count in least.items()}
    if fill == "votes" and votes.validate():
        targets = targets_from_votes(votes.votes(), day.stall_limit, applied or None)
        return {c: replace(known.get(c, Quota()), target=targets.get(c, 0)) for c in {**known, **targets}}
    return {}


def _raised(quota: Quota, least: int) -> Quota:
    """At least so many, and room for them."""
    most = quota.maximum if quota.maximum is None else max(quota.maximum, least)
    return replace(quota, minimum=max(quota.minimum, least), maximum=most)


def _applied(day: MarketDay) -> dict[str, int]:
    """How many of each category have applied and not gone again."""
    return dict(Counter(one.vendor.category.value for one in applications(day) if one.state in LIVE))


def _zone_values(day: MarketDay) -> dict[str, str]:
    return {f"zone_{zone}": person for zone, person in service.duties(day).items()}


def _kept_refs(day: MarketDay) -> list[str]:
    kept = service.kept_free(day)
    return [stall.ref for stall in live_stalls(day.venue) if stall.id in kept]


@dataclass(frozen=True)
class QuotaRow:
    """A category with its three fields."""

    word: Any
    applied: int
    least: Any
    most: Any
    target: Any

    @property
    def ruled(self) -> bool:
        """Whether anything is asked for."""
        return any(field.data is not None or field.errors for field in (self.least, self.most, self.target))


def _quota_rows(day: MarketDay, form: RulesForm) -> list[QuotaRow]:
    applied = _applied(day)
    return [
        QuotaRow(
            word, applied.get(category, 0), form[f"least_{category}"], form[f"most_{category}"],
            form[f"target_{category}"],
        )
        for category, word in CATEGORY_WORDS.items()
    ]  # fmt: skip


def _rules_page(day: MarketDay, form: RulesForm, votes: VotesForm) -> str:
    rows, stalls = _quota_rows(day, form), live_stalls(day.venue)
    is_open = day.state in service.QUOTA_STATES
    used = [row for row in rows if row.ruled or (is_open and row.applied)]
    form.free.choices = [(stall.ref, stall.label) for stall in _choosable(day, stalls)]
    return render_template(
        "stalls/market_rules.html",
        day=day,
        form=form,
        votes=votes,
        used=used,
        unused=[row for row in rows if row not in used],
        open=is_open,
        state_word=state_word(day.state),
        filled=request.args.get("fill") if request.method == "GET" and not votes.errors else None,
        before=service.quotas_before(day),
        **_wishes(day, is_open),
        frozen=service.current_lottery(day),
        reserved=[stall for stall in stalls if stall.reserved],
        for_reserved=_for_reserved(day),
        held=bool(service.assignments(day)),
        plannable=day.state in service.PLANNING_STATES,
        zones=[form[name] for name in form.data if name.startswith("zone_")],
    )


def _wishes(day: MarketDay, is_open: bool) -> dict[str, Any]:
    """What residents want, as long as it can still be taken over."""
    at = clock.now()
    found = wished.wished_categories(day, at) if is_open else []
    return {
        "wishes": found,
        "wishes_taken": not found or wished.with_wishes(day, at) == service.quotas(day),
        "wish_word": wish_word,
        "category_words": CATEGORY_WORDS,
    }


def _choosable(day: MarketDay, stalls: list[Stall]) -> list[Stall]:
    """Stalls that nobody holds; whoever holds one is moved on the plan first."""
    held = {stall_id for one in service.assignments(day) for stall_id in one.stall_ids}
    return [stall for stall in stalls if stall.id not in held]


def _for_reserved(day: MarketDay) -> list[Application]:
    """Who of the applicants may stand on a reserved stall."""
    return [
        one
        for one in applications(day)
        if one.state in LIVE and may_stand_on_reserved(one.vendor.category, one.vendor.may_use_reserved)
    ]
