"""Nobody is let in against the rule: every act that could is asked, at every weight a lack can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.profile import DEFAULT
from market.communities.profile_files import profiles
from market.communities.rules import Severity
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import NotFound, Refusal
from market.gate import service as gate
from market.gate.rules import Verdict
from market.passes import service as passes
from market.passes.rules import RevokeReason
from market.people.models import User
from market.stalls import service
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.rules import ApplicationState
from tests.cast import Cast, person
from tests.factories.calendar import bring_to
from tests.factories.gate import give_passes, morning, passes_by_stall, scan_code, take_papers
from tests.factories.stalls import approved, day_under_review, held_by, stall
from tests.factories.vendors import make_application, make_vendor

pytestmark = pytest.mark.usefixtures("context")

DUTY = "entry_agreement"
Lose = Callable[[Vendor], None]


@contextmanager
def weighing(monkeypatch: pytest.MonkeyPatch, severity: Severity) -> Iterator[None]:
    """The agreement that everybody owes weighs so much here."""
    usual = profiles()[DEFAULT]
    duties = tuple(
        duty.model_copy(update={"severity": severity}) if duty.code == DUTY else duty for duty in usual.duties
    )
    changed = {DEFAULT: usual.model_copy(update={"duties": duties})}
    with monkeypatch.context() as patched:
        patched.setattr("market.communities.service.profiles", lambda: changed)
        yield


def answer(day: MarketDay, vendor: Vendor) -> None:
    """A named person lets the vendor stand on this day."""
    code, subject = f"{DUTY}_missing", f"{vendor.ref}:{DUTY}"
    by = person("second")
    vendors.answer_for(day, vendor, code, subject, "书记看过，协议今天补签", by=by, at=clock.now())


def tried(act: Callable[[], object]) -> bool:
    """Whether an act was done; what was refused for this reason left nothing behind."""
    try:
        with db.session.begin_nested():
            act()
    except Refusal as refusal:
        if refusal.code != "vendors.may_not_stand":
            raise
        return False
    return True


# ── the acts: each prepares its own day, lets the vendor lose the paper, tries, and says who came in ──────


def approving(community: Community, by: User, lose: Lose) -> bool:
    day = day_under_review(community, by)
    vendor = make_vendor(community, by, "缺证的")
    application = make_application(day, vendor, by)
    lose(vendor)
    return tried(lambda: vendors.approve(application, by=by, at=clock.now()))


def approving_all(community: Community, by: User, lose: Lose) -> bool:
    day = day_under_review(community, by)
    application = make_application(day, make_vendor(community, by, "缺证的"), by)
    lose(application.vendor)
    return application in vendors.approve_complete(day, by=by, at=clock.now())


def _approved(community: Community, by: User, limit: int = 36) -> tuple[MarketDay, Application]:
    day = day_under_review(community, by, limit=limit)
    return day, approved(day, by, "缺证的")


def placing(community: Community, by: User, lose: Lose) -> bool:
    day, application = _approved(community, by)
    lose(application.vendor)
    return tried(lambda: service.place(application, stall(day, "A01"), by=by, at=clock.now()))


def moving(community: Community, by: User, lose: Lose) -> bool:
    day, application = _approved(community, by)
    held = service.place(application, stall(day, "A01"), by=by, at=clock.now())
    lose(application.vendor)
    return tried(lambda: service.move(held, stall(day, "A05"), by=by, at=clock.now()))


def swapping(community: Community, by: User, lose: Lose) -> bool:
    day, application = _approved(community, by)
    one = service.place(application, stall(day, "A01"), by=by, at=clock.now())
    other = service.place(approved(day, by, "证齐的"), stall(day, "A05"), by=by, at=clock.now())
    lose(application.vendor)
    return tried(lambda: service.swap(other, one, by=by, at=clock.now()))


def adding_a_second(community: Community, by: User, lose: Lose) -> bool:
    day, application = _approved(community, by)
    held = service.place(application, stall(day, "A01"), by=by, at=clock.now())
    lose(application.vendor)
    return tried(lambda: service.add_second(held, by=by, at=clock.now()))


def promoting(community: Community, by: User, lose: Lose) -> bool:
    day, application = _approved(community, by)
    lose(application.vendor)
    suggested = service.next_in_line(day, service.plan_state(day))
    promoted = service.promote_next(day, by=by, at=clock.now())
    assert (suggested is None) == (promoted is None)
    return promoted is not None


def computing(community: Community, by: User, lose: Lose) -> bool:
    day, application = _approved(community, by)
    approved(day, by, "证齐的")
    lose(application.vendor)
    service.compute_plan(day, by=by, at=clock.now())
    if application.state is ApplicationState.WAITLISTED:
        (waiting,) = service.waiting_reasons(day)
        assert waiting.reason is not None
        assert waiting.reason.code == "waiting_barred"
    return _stands(day, application)


def undoing(community: Community, by: User, lose: Lose) -> bool:
    day, application = _approved(community, by)
    service.compute_plan(day, by=by, at=clock.now())
    approved(day, by, "后来的")
    service.compute_plan(day, by=by, at=clock.now())
    lose(application.vendor)
    return tried(lambda: service.undo_plan(day, by=by, at=clock.now()))


def _offered(community: Community, by: User, lose: Lose, before: bool) -> tuple[MarketDay, Application]:
    """The only stall of a published day becomes free, and the vendor is first in line."""
    day = day_under_review(community, by, limit=1)
    approved(day, by, "站着的")
    application = approved(day, by, "缺证的")
    service.compute_plan(day, by=by, at=clock.now())
    bring_to(day, DayState.PUBLISHED, by)
    if before:
        lose(application.vendor)
    service.withdraw(held_by(day, "站着的").application, by=by, at=clock.now())
    return day, application


def offering(community: Community, by: User, lose: Lose) -> bool:
    _day, application = _offered(community, by, lose, before=True)
    return service.offer_to(application) is not None


def accepting(community: Community, by: User, lose: Lose) -> bool:
    _day, application = _offered(community, by, lose, before=False)
    offer = service.offer_to(application)
    assert offer is not None
    lose(application.vendor)
    return tried(lambda: service.accept_offer(offer, by=by, at=clock.now()))


def _published(community: Community, by: User) -> tuple[MarketDay, Assignment]:
    day, _application = _approved(community, by)
    approved(day, by, "证齐的")
    service.compute_plan(day, by=by, at=clock.now())
    bring_to(day, DayState.PUBLISHED, by)
    give_passes(day, by, clock.now())
    return day, held_by(day, "缺证的")


def printing_all(community: Community, by: User, lose: Lose) -> bool:
    day, held = _published(community, by)
    lose(held.vendor)
    return passes.write_passes(day, BytesIO()) == 2


def printing_one(community: Community, by: User, lose: Lose) -> bool:
    day, held = _published(community, by)
    lose(held.vendor)
    mine = passes_by_stall(day)[held.label]
    return tried(lambda: passes.write_passes(day, BytesIO(), only=[mine]))


def _reissuing(community: Community, by: User, lose: Lose, *, revoked: bool) -> bool:
    """On the day itself, which is what the gate asks about; a pass that was taken back is replaced too."""
    day, held = _published(community, by)
    if revoked:
        passes.revoke(passes_by_stall(day)[held.label], RevokeReason.MISUSED, by=by, at=clock.now())
    lose(held.vendor)
    return tried(lambda: passes.reissue(held, RevokeReason.LOST, by=by, at=morning(day)))


def reissuing(community: Community, by: User, lose: Lose) -> bool:
    return _reissuing(community, by, lose, revoked=False)


def replacing_a_revoked(community: Community, by: User, lose: Lose) -> bool:
    return _reissuing(community, by, lose, revoked=True)


def reissuing_all(community: Community, by: User, lose: Lose) -> bool:
    day, held = _published(community, by)
    lose(held.vendor)
    new = passes.reissue_all(day, RevokeReason.KEY_CHANGED, by=by, at=morning(day))
    return held in [one.assignment for one in new]


def scanning(community: Community, by: User, lose: Lose) -> bool:
    day, held = _published(community, by)
    lose(held.vendor)
    seen = scan_code(day, passes_by_stall(day)[held.label].short_code, by)
    assert seen.verdict in (Verdict.ADMITTED, Verdict.MAY_NOT_STAND)
    return seen.verdict is Verdict.ADMITTED


def ticking_the_list(community: Community, by: User, lose: Lose) -> bool:
    day, held = _published(community, by)
    lose(held.vendor)
    ticked = gate.admit_from_list(held, client_id="ticked-001", by=by, at=morning(day))
    return ticked.verdict is Verdict.ADMITTED


def _stands(day: MarketDay, application: Application) -> bool:
    return service.assignment_of(day, application.vendor) is not None


ACTS: dict[str, Any] = {
    act.__name__: act
    for act in (
        approving, approving_all, placing, moving, swapping, adding_a_second, promoting, computing, undoing,
        offering, accepting, printing_all, printing_one, reissuing, replacing_a_revoked, reissuing_all,
        scanning, ticking_the_list,
    )
}  # fmt: skip


@pytest.mark.parametrize("answered", [False, True], ids=["nobody", "named"])
@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("act", ACTS)
def test_every_act_asks_the_rule(
    act: str, severity: Severity, answered: bool, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block stops in any case; what may be overridden is let pass by a name only; less stops nobody."""
    with weighing(monkeypatch, severity), unit_of_work():

        def lose(vendor: Vendor) -> None:
            take_papers(vendor)
            if answered and severity is Severity.OVERRIDABLE:
                answer(vendor.applications[-1].day, vendor)
            elif answered:
                with pytest.raises(NotFound) as caught:
                    answer(vendor.applications[-1].day, vendor)
                assert caught.value.code == "vendors.no_finding"

        came_in = ACTS[act](find_community(cast.ours), person("staff"), lose)
        stops = severity is Severity.BLOCK or (severity is Severity.OVERRIDABLE and not answered)
        assert came_in is not stops


QUESTIONS = {
    "approving": "market.vendors.service.application.refuse_barred",
    "approving_all": "market.vendors.service.application.barred",
    "placing": "market.stalls.service.placement.refuse_barred",
    "moving": "market.stalls.service.placement.refuse_barred",
    "swapping": "market.stalls.service.placement.refuse_barred",
    "adding_a_second": "market.stalls.service.two_stalls.refuse_barred",
    "promoting": "market.stalls.service.facts.vendors.barred",
    "computing": "market.stalls.service.lottery.barred",
    "undoing": "market.stalls.service.undo.refuse_barred",
    "offering": "market.stalls.service.facts.vendors.barred",
    "accepting": "market.stalls.service.placement.refuse_barred",
    "printing_all": "market.stalls.service.queries.barred",
    "printing_one": "market.passes.service.prints.refuse_barred",
    "reissuing": "market.passes.service.passes.refuse_barred",
    "replacing_a_revoked": "market.passes.service.passes.refuse_barred",
    "reissuing_all": "market.passes.service.passes.barred",
    "scanning": "market.gate.service.look_up.barred_by",
    "ticking_the_list": "market.gate.service.look_up.barred_by",
}
"""Where each act asks."""


@pytest.mark.parametrize("act", ACTS)
def test_without_its_question_an_act_would_let_them_in(
    act: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is this question that stops, no other by chance."""
    with unit_of_work():

        def lose(vendor: Vendor) -> None:
            take_papers(vendor)
            monkeypatch.setattr(QUESTIONS[act], lambda *_facts, **_more: {})

        assert ACTS[act](find_community(cast.ours), person("staff"), lose)
