"""Telling takings by a link without signing in, and telling only the gift."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate import service as gate
from market.gate.rules import ScanMethod, Verdict
from market.passes import keys, service as passes
from market.passes.token import Purpose, mint, read
from market.settlement import service
from market.settlement.models import TakingsReport
from market.settlement.paper_kit.kit import kit_of
from market.settlement.paper_kit.pdf import slip_of
from market.settlement.rules import CloseGap, TakingsSource
from market.settlement.service.links import BEFORE, LONGEST
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.rules import Conduct
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.factories import settlement as make
from tests.factories.calendar import bring_to
from tests.factories.gate import published_day
from tests.races import at_once, guards_off
from tests.settlement.conftest import Desk

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """With the key that signs passes, which publishing makes."""
    with unit_of_work():
        keys.ensure_key(desk.community, by=desk.clerk, at=clock.now())
    return desk


def token_of(held: Assignment) -> str:
    return service.takings_url(held).rsplit("/", 1)[1]


def rows() -> list[TakingsReport]:
    return list(db.session.scalars(sa.select(TakingsReport).order_by(TakingsReport.id)))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def tell(held: Assignment, fen: int = 90_000, **more: object) -> TakingsReport:
    facts: dict[str, object] = {"by": None, "at": held.day.close_at, **more}
    with unit_of_work():
        return service.report_by_link(held, fen, **facts)  # type: ignore[arg-type]  # plain keyword values


# ── the token ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_link_is_the_same_every_time_and_names_one_stall(desk: Desk) -> None:
    day = desk.open()
    one, other = desk.held(day), desk.held(day, "A02")
    assert token_of(one) == token_of(one) != token_of(other)
    assert service.linked_stall(token_of(one), at=day.open_at) is one


def test_a_pass_is_no_link_and_a_link_is_no_pass(desk: Desk) -> None:
    with unit_of_work():
        held = stalls.assignments(published_day(desk.community, desk.clerk))[0]
    stall_pass = passes.pass_of(held)
    assert stall_pass is not None
    assert refused(lambda: service.linked_stall(passes.pass_token(stall_pass), at=held.day.open_at)) == (
        "settlement.link_wrong"
    )
    with unit_of_work():
        seen = gate.scan(
            held.day,
            service.takings_url(held),
            client_id="a-slip-held-up",
            method=ScanMethod.CAMERA,
            scanned_at=held.day.open_at,
            by=desk.clerk,
            at=held.day.open_at,
        )
    assert seen.verdict is not Verdict.ADMITTED


@pytest.mark.parametrize(
    "spoil", [lambda t: "", lambda t: t[:-1], lambda t: t[:-1] + "A", lambda t: "A" * 120]
)
def test_what_we_did_not_sign_is_no_link(desk: Desk, spoil: Callable[[str], str]) -> None:
    held = desk.held(desk.open())
    assert refused(lambda: service.linked_stall(spoil(token_of(held)), at=held.day.open_at)) == (
        "settlement.link_wrong"
    )


def test_a_link_to_a_stall_that_is_not_in_the_book_is_no_link(desk: Desk) -> None:
    """Signed by us, but of a database that was put back from before the market was planned."""
    held = desk.held(desk.open())
    key = keys.signing_key(desk.community)
    claims = read(token_of(held), keys.believed_keys(desk.community.id), purpose=Purpose.TAKINGS)
    other = mint(claims._replace(serial=claims.serial + 1_000), keys.private_key(key))
    assert refused(lambda: service.linked_stall(other, at=held.day.open_at)) == "settlement.link_wrong"


def test_a_link_counts_for_its_days_only(desk: Desk) -> None:
    held = desk.held(desk.open())
    token, first = token_of(held), held.day.open_at - BEFORE
    for at in (first, first + LONGEST):
        assert service.linked_stall(token, at=at) is held
    for at in (first - timedelta(hours=1), first + LONGEST + timedelta(hours=1)):
        assert refused(lambda at=at: service.linked_stall(token, at=at)) == "settlement.link_over"  # type: ignore[misc]  # bound now


def test_a_stolen_key_ends_its_links(desk: Desk) -> None:
    held = desk.held(desk.open())
    token = token_of(held)
    with unit_of_work():
        keys.revoke_key(keys.signing_key(desk.community), by=None, at=clock.now())
    assert refused(lambda: service.linked_stall(token, at=held.day.open_at)) == "settlement.link_wrong"
    assert service.linked_stall(token_of(held), at=held.day.open_at) is held


def test_who_was_moved_tells_for_the_stall_where_it_stands(desk: Desk) -> None:
    day = desk.open()
    token, free = token_of(desk.held(day)), "A04"
    with unit_of_work():
        target = next(stall for stall in day.venue.stalls if stall.label == free)
        stalls.move(desk.held(day), target, by=desk.clerk, at=day.open_at)
    assert service.linked_stall(token, at=day.open_at).label == free


# ── what it tells ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_told_counts_like_any_report_and_earns_the_point(desk: Desk) -> None:
    held = desk.held(desk.open())
    report = tell(held)
    assert (report.source, report.reported_by, report.revision) == (TakingsSource.LINK, None, 1)
    assert service.close_view(held.day).rows[0].contribution_fen == 4_500
    assert held.vendor_id in vendors.who_earned(held.day, Conduct.REPORTED_IN_TIME)


def test_the_link_counts_once_and_the_same_again_is_the_same(desk: Desk) -> None:
    held = desk.held(desk.open())
    first = tell(held)
    assert tell(held) is first
    for other in ({"chosen_fen": 0}, {"fen": 1}, {"fen": 0, "chosen_fen": 5, "gift_only": True}):
        fen = other.pop("fen", 90_000)
        assert refused(lambda fen=fen, other=other: tell(held, fen, **other)) == "settlement.link_spent"  # type: ignore[misc]  # bound now
    assert len(rows()) == 1


@pytest.mark.parametrize("source", [TakingsSource.SELF, TakingsSource.STAFF])
def test_a_slip_that_was_found_changes_nothing_that_was_told(desk: Desk, source: TakingsSource) -> None:
    held = desk.held(desk.open())
    with unit_of_work():
        make.tell(held, 90_000, desk.clerk, source=source)
    assert service.is_spent(held)
    assert refused(lambda: tell(held, 90_000)) == "settlement.link_spent"


def test_an_estimate_does_not_spend_the_link_and_stays_among_the_revisions(desk: Desk) -> None:
    held = desk.held(desk.open())
    with unit_of_work():
        make.tell(held, 50_000, desk.clerk, source=TakingsSource.ESTIMATED)
    tell(held, 90_000)
    assert [(row.revision, row.source.value, row.takings_fen) for row in rows()] == [
        (1, "estimated", 50_000),
        (2, "link", 90_000),
    ]


def test_links_to_send_leave_out_who_has_told(desk: Desk) -> None:
    day = desk.open()
    tell(desk.held(day))
    assert [held.label for held, _url in service.links_to_send(day)] == ["A02", "A03"]


def by_link(held: Assignment, fen: int, *, days_later: int = 0) -> Callable[[], str]:
    held_id, at = held.id, held.day.close_at + timedelta(days=days_later)

    def act() -> str:
        try:
            report = service.report_by_link(db.session.get_one(Assignment, held_id), fen, by=None, at=at)
        except Refusal as refusal:
            return refusal.code
        return f"{report.revision}: {report.takings_fen}"

    return act


@both_engines
def test_of_twenty_phones_with_one_link_one_tells(context: Flask, desk: Desk) -> None:
    held = desk.held(desk.open())
    answers = at_once(context, [by_link(held, 10_000 + n) for n in range(20)])
    assert answers.count("settlement.link_spent") == 19
    assert len(rows()) == 1


@both_engines
def test_without_the_guards_several_would(
    context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No locks, no unique key, and everybody has looked before the first one writes. So late that no point is
    earned: that is written once by a key of its own."""
    held = desk.held(desk.open())
    acts = [by_link(held, 10_000 + n, days_later=3) for n in range(8)]
    with guards_off(
        context, monkeypatch, "settlement.report_takings", together=8, indices=["uq_takings_report_revision"]
    ):
        at_once(context, acts)
    assert len(rows()) > 1


# ── only the gift ─────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_only_the_gift_is_settled_without_takings(desk: Desk) -> None:
    day = desk.open()
    tell(desk.held(day), 0, chosen_fen=2_000, gift_only=True)
    for label in ("A02", "A03"):
        tell(desk.held(day, label), 90_000)
    with unit_of_work():
        bring_to(day, DayState.CLOSED, desk.clerk)
    view = service.close_view(day)
    assert (view.faults, view.reported) == ([], 3)
    assert (CloseGap.GIFT_ONLY, 1) in view.gaps
    settled = desk.close(day)
    line = settled.lines[0]
    assert (line.gift_only, line.takings_fen, line.contribution_fen) == (True, 0, 2_000)
    assert (settled.takings_fen, settled.contribution_fen) == (180_000, 11_000)
    assert service.recompute(settled) == []
    desk.correct(line.assignment, 0, chosen_fen=3_000, gift_only=True)
    assert service.settlements(desk.community)[0].contribution_fen == 12_000
    other = desk.held(day, "A02")
    assert refused(lambda: desk.correct(other, 0, chosen_fen=1, gift_only=True)) == "settlement.takings_known"


def test_only_the_gift_says_nothing_else(desk: Desk) -> None:
    held = desk.held(desk.open())
    for fen, chosen in ((1, 5), (0, None)):
        assert (
            refused(lambda fen=fen, chosen=chosen: tell(held, fen, chosen_fen=chosen, gift_only=True))  # type: ignore[misc]  # bound now
            == "settlement.gift_only"
        )


def test_a_gift_above_what_is_usually_sold_is_asked_about_once(desk: Desk) -> None:
    desk.settled((90_000, 90_000, 90_000))
    held = desk.held(desk.open(in_days=20))
    code = refused(lambda: service.ask_when_gift_doubtful(held, 10_000_000, None))
    assert code == "settlement.doubtful"
    service.ask_when_gift_doubtful(held, 10_000_000, "10000000")
    service.ask_when_gift_doubtful(held, 5, None)


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


class Stand(NamedTuple):
    """An open market, half an hour before it ends, as it is found from outside."""

    ref: str
    address: str


@pytest.fixture
def stand(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Stand:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        keys.ensure_key(community, by=staff, at=clock.now())
        day = make.open_market(community, staff)
        url, at = service.takings_url(stalls.assignments(day)[0]), day.close_at - timedelta(minutes=30)
        found = Stand(day.ref, f"/T/{url.rsplit('/', 1)[1]}")
    monkeypatch.setattr(clock, "now", lambda: at)
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A phone on which nobody is signed in."""
    return app.test_client()


def told(app: Flask) -> list[tuple[int, int | None, bool, TakingsSource]]:
    with app.app_context():
        return [(row.takings_fen, row.chosen_fen, row.gift_only, row.source) for row in rows()]


def test_looking_changes_nothing_however_often_a_robot_looks(
    app: Flask, client: FlaskClient, stand: Stand
) -> None:
    for _ in range(3):
        for robot in ("WeChat", "Mozilla/5.0 (compatible; Baiduspider/2.0)"):
            page = client.get(stand.address, headers={"User-Agent": robot})
            assert page.status_code == 200
            assert client.head(stand.address, headers={"User-Agent": robot}).status_code == 200
            assert client.get(f"{stand.address}/gift?takings=900").status_code == 200
    assert "noindex" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert told(app) == []


def test_a_phone_tells_without_signing_in(app: Flask, client: FlaskClient, stand: Stand) -> None:
    first = post(client, stand.address, takings="900")
    assert "确认，报 900.00 元" in unescape(first.text)
    assert told(app) == []
    done = post(client, stand.address, takings="900", shown="90000:4500")
    assert done.status_code == 200
    assert "捐给社区基金 45.00 元" in done.text
    assert "登记回执，不是捐赠票据" in done.text
    assert told(app) == [(90_000, None, False, TakingsSource.LINK)]
    later = client.get(stand.address).text
    assert "已经报过数了" in later
    assert "900" not in later.split("<main")[1]


def test_a_form_without_its_token_tells_nothing(app: Flask, client: FlaskClient, stand: Stand) -> None:
    assert client.post(stand.address, data={"takings": "900", "shown": "90000:4500"}).status_code >= 400
    assert told(app) == []


def test_only_the_gift_by_a_link(app: Flask, client: FlaskClient, stand: Stand) -> None:
    assert "没说卖了多少" in post(client, stand.address, gift_only="y", only="20").text
    assert told(app) == [(0, 2_000, True, TakingsSource.LINK)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"takings": "很多"}, "看不懂这个金额"),
        ({"takings": ""}, "请填今天卖了多少元"),
        ({"gift_only": "y", "only": ""}, "请填捐多少元；这次不捐就填 0。"),
        ({"gift_only": "y", "only": "-1"}, "金额不能是负数"),
    ],
)
def test_what_cannot_be_meant_by_a_link_gets_a_sentence(
    app: Flask, client: FlaskClient, stand: Stand, typed: dict[str, str], sentence: str
) -> None:
    answer = post(client, stand.address, **typed)
    assert (answer.status_code, sentence in unescape(answer.text), told(app)) == (422, True, [])


def test_before_the_opening_a_link_says_when(
    client: FlaskClient, stand: Stand, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work():
        day = published_day(find_community(cast.ours), person("staff"), in_days=40)
        address = f"/T/{token_of(stalls.assignments(day)[0])}"
        early = day.open_at - timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: early)
    page = client.get(address).text
    assert "开市以后才能报数，现在还没有开市。" in page
    assert 'name="takings"' not in page


def test_a_figure_far_off_is_asked_about_without_saying_what_was_sold_before(
    app: Flask, client: FlaskClient, stand: Stand
) -> None:
    asked = post(client, stand.address, takings="90000000", shown="9000000000:450000000")
    assert asked.status_code == 422
    assert "和平常差得远" in asked.text
    assert "平常是" not in asked.text
    assert told(app) == []


def test_staff_copies_a_link_for_each(sign_in: SignIn, stand: Stand) -> None:
    page = sign_in("staff").get(f"/staff/huaiyin/days/{stand.ref}/takings-links").text
    assert stand.address in unquote(unescape(page))
    assert "*" not in page.split("/T/")[1].split()[0]
    assert page.count("data-copy-source") == 3


def test_the_code_of_a_slip_is_the_link(desk: Desk) -> None:
    day = desk.open()
    kit = kit_of(day)
    assert slip_of(kit, kit.view.rows[0]).address == service.takings_url(desk.held(day))


def test_before_there_is_a_key_a_slip_leads_to_the_sign_in(desk: Desk) -> None:
    kit = kit_of(desk.open())
    with unit_of_work():
        db.session.execute(sa.text("DELETE FROM pass_key"))
    kit = kit_of(kit.day)
    assert slip_of(kit, kit.view.rows[0]).address == ""
