"""The pages of the gate: with and without a script, for the right people only."""

from __future__ import annotations

import re
from collections.abc import Callable
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.gate.models import FootfallCount, Scan
from market.gate.rules import Verdict
from market.passes import service as passes
from market.passes.rules import Layout
from tests.cast import Cast, csrf_token, person, post
from tests.factories import gate as make
from tests.factories.vendors import act_for
from tests.parts.pdf import codes, page_count, page_size_mm, picture, text

SignIn = Callable[[str], FlaskClient]


class Today(NamedTuple):
    """A market that is on now, in plain words: pages are asked by address."""

    ref: str
    codes: dict[str, str]
    urls: dict[str, str]
    pass_refs: dict[str, str]
    held_refs: dict[str, str]

    @property
    def gate(self) -> str:
        return f"/gate/huaiyin/days/{self.ref}"

    @property
    def staff(self) -> str:
        return f"/staff/huaiyin/days/{self.ref}"

    @property
    def vendor(self) -> str:
        return f"/vendor/huaiyin/days/{self.ref}"


def described(day: MarketDay) -> Today:
    live = make.passes_by_stall(day)
    return Today(
        day.ref,
        {stall: p.short_code for stall, p in live.items()},
        {stall: passes.pass_url(p) for stall, p in live.items()},
        {stall: p.ref for stall, p in live.items()},
        {stall: p.assignment.ref for stall, p in live.items()},
    )


@pytest.fixture
def today(app: Flask, cast: Cast) -> Today:
    with app.app_context(), unit_of_work():
        day = make.running_today(find_community(cast.ours), person("staff"))
        act_for(make.passes_by_stall(day)["A02"].assignment.vendor, person("member3"))
        return described(day)


@pytest.fixture
def volunteer(sign_in: SignIn) -> FlaskClient:
    return sign_in("gate")


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def send(
    client: FlaskClient,
    today: Today,
    code: str,
    *,
    entrance: str = "",
    client_id: str = "number-of-a-scan",
    waited_s: int = 0,
) -> dict[str, Any]:
    """What the page with the camera gets when it brings a scan, on a phone that takes a place for it."""
    key, token = token_hex(32), csrf_token(page(client, today.gate))
    fields = {"key": key, "entrance": entrance}
    enrolled = client.post(f"{today.gate}/own-phone", data=fields, headers={"X-CSRFToken": token})
    assert enrolled.status_code == 200
    moment = clock.now().timestamp() * 1000 - waited_s * 1000
    scan = {"id": client_id, "code": code, "method": "camera", "seen_at": moment, "phone_at": moment}
    body = {"day": today.ref, "scans": [scan], "counts": [], "waiting": 0}
    answer = client.post("/door/scans", json=body, headers={"Authorization": f"Phone {key}"})
    assert answer.status_code == 200
    return dict(answer.get_json()["scans"][0])


# ── scanning ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_gate_chooses_among_published_markets_todays_first(
    app: Flask, cast: Cast, today: Today, volunteer: FlaskClient
) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        make.published_day(community, staff, in_days=9, theme="以后的")
        make.planned_day(community, staff, in_days=16, theme="没发布的")
    shown = page(volunteer, "/gate/huaiyin/")
    assert shown.index(today.ref) < shown.index("以后的")
    assert "没发布的" not in shown


def test_a_script_gets_the_verdict_with_everything_the_screen_says(
    today: Today, volunteer: FlaskClient
) -> None:
    told = send(volunteer, today, today.urls["A01"], entrance="东门")
    assert (told["verdict"], told["kind"], told["word"], told["stall"], told["name"]) == (
        "admitted", "go", "可以进场", "A01", "第1家百货",
    )  # fmt: skip
    assert re.fullmatch(r"证照齐全 · \d+:\d\d 签到 · 第 1 家 / 共 3 家", told["detail"])


def test_sending_again_gives_the_same_answer(today: Today, volunteer: FlaskClient) -> None:
    assert send(volunteer, today, today.codes["A01"]) == send(volunteer, today, today.codes["A01"])


def test_a_second_scan_is_refused_with_the_first_time_and_entrance(
    today: Today, volunteer: FlaskClient
) -> None:
    first = send(volunteer, today, today.codes["A01"], entrance="西门")
    second = send(volunteer, today, today.codes["A01"], client_id="the-second-scan")
    time = re.search(r"\d+:\d\d", first["detail"])
    assert time is not None
    assert second["kind"] == "wait"
    assert second["detail"].startswith(f"{time[0]} 从西门进的场。")


def test_a_typed_code_works_without_a_script(today: Today, volunteer: FlaskClient) -> None:
    nonce = re.search(r'name="nonce"[^>]*value="([^"]+)"', page(volunteer, today.gate))
    assert nonce is not None
    fields = {"code": today.codes["A02"].lower(), "nonce": nonce[1], "method": "typed", "entrance": "东门"}
    answer = post(volunteer, today.gate, f"{today.gate}/scans", **fields)
    assert answer.status_code == 302
    shown = page(volunteer, answer.location)
    assert 'data-kind="go"' in shown
    assert "A02" in shown
    again = post(volunteer, today.gate, f"{today.gate}/scans", **fields)
    assert (again.status_code, again.location) == (302, answer.location)
    other = post(volunteer, today.gate, f"{today.gate}/scans", **{**fields, "code": today.codes["A03"]})
    assert 'data-kind="go"' in page(volunteer, other.location)


def test_an_empty_code_is_asked_for_again(today: Today, volunteer: FlaskClient) -> None:
    answer = post(volunteer, today.gate, f"{today.gate}/scans", code=" ", nonce="n" * 10, method="typed")
    assert answer.status_code == 422
    assert "请填摊位证上的短码" in answer.get_data(as_text=True)


def test_a_scan_that_waited_keeps_its_own_hour(app: Flask, today: Today, volunteer: FlaskClient) -> None:
    send(volunteer, today, today.codes["A01"], waited_s=60)
    with app.app_context():
        seen = db.session.query(Scan).one()
        assert round((seen.received_at - seen.scanned_at).total_seconds()) == 60


def test_only_the_scan_page_may_use_the_camera(today: Today, volunteer: FlaskClient) -> None:
    scanner, roll = volunteer.get("/door/"), volunteer.get(f"{today.gate}/sign-in")
    assert "camera=(self)" in scanner.headers["Permissions-Policy"]
    assert "'wasm-unsafe-eval'" in scanner.headers["Content-Security-Policy"]
    assert "camera=()" in roll.headers["Permissions-Policy"]
    assert "wasm" not in roll.headers["Content-Security-Policy"]


def test_every_verdict_has_a_word_and_a_next_step(
    app: Flask, cast: Cast, today: Today, volunteer: FlaskClient
) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        later = described(make.published_day(community, staff, in_days=9, theme="以后的"))
        theirs = described(make.published_day(find_community(cast.theirs), person("staff-b")))
    forged = today.urls["A01"][:-1] + ("0" if today.urls["A01"][-1] != "0" else "1")
    cases = {
        "junk": ("查不到", "这个码不是摊位证"),
        forged: ("不是真证", "签名对不上"),
        later.urls["A01"]: ("不是这一场", "「以后的」"),
        theirs.urls["A01"]: ("别的社区的证", "这张证是松鹤社区的"),
    }
    for number, (code, (word, detail)) in enumerate(cases.items()):
        told = send(volunteer, today, code, client_id=f"number-{number:04}")
        assert (told["kind"], told["word"], told["stall"]) == ("stop", word, "")
        assert detail in told["detail"]


# ── the sign-in list ──────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_who_is_missing_with_a_way_to_call(today: Today, volunteer: FlaskClient) -> None:
    send(volunteer, today, today.codes["A01"])
    shown = page(volunteer, f"{today.gate}/sign-in")
    assert "未到 2 家" in shown
    assert len(re.findall(r'href="tel:134\d{8}"', shown)) == 2


def test_ticking_in_a_known_person_is_confirmed_by_name(
    app: Flask, today: Today, volunteer: FlaskClient
) -> None:
    roll = f"{today.gate}/sign-in"
    fields = {"assignment": today.held_refs["A03"], "client_id": "ticked-in-by-hand"}
    answer = post(volunteer, roll, f"{today.gate}/admissions", **fields)
    assert answer.status_code == 302
    assert "A03 第3家百货：可以进场。" in page(volunteer, roll)
    post(volunteer, roll, f"{today.gate}/admissions", **fields)
    with app.app_context():
        assert [seen.verdict for seen in db.session.query(Scan)] == [Verdict.ADMITTED]


def test_a_stall_of_another_market_cannot_be_ticked(
    app: Flask, cast: Cast, today: Today, volunteer: FlaskClient
) -> None:
    with app.app_context(), unit_of_work():
        theirs = described(make.published_day(find_community(cast.theirs), person("staff-b")))
    fields = {"assignment": theirs.held_refs["A01"], "client_id": "ticked-in-by-hand"}
    answer = post(volunteer, f"{today.gate}/sign-in", f"{today.gate}/admissions", **fields)
    assert answer.status_code == 404


# ── visitors ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_clicker_works_without_a_script_and_adds_nothing_twice(
    today: Today, volunteer: FlaskClient
) -> None:
    fields = {"entrance": "东门", "slot": 1, "visits": 1}
    for _press in range(2):
        answer = post(volunteer, f"{today.gate}/footfall", f"{today.gate}/counts", **fields)
        assert answer.status_code == 302
    assert "一共 <b data-total>1</b> 人次" in page(volunteer, f"{today.gate}/footfall")


def test_the_whole_sheet_is_typed_in_and_corrected(app: Flask, today: Today, volunteer: FlaskClient) -> None:
    sheet, action = f"{today.gate}/footfall", f"{today.gate}/count-sheet"
    cells = {"visits-0-1": "1,200", "visits-1-6": "30", "visits-0-2": "", "method": "full_count"}
    assert post(volunteer, sheet, action, **cells).status_code == 302
    assert "一共 1,230 人次" in page(volunteer, sheet)
    assert post(volunteer, sheet, action, **{**cells, "visits-1-6": "20"}).status_code == 302
    with app.app_context():
        rows = {(c.entrance, c.slot): c.visits for c in db.session.query(FootfallCount)}
    assert rows == {("东门", 1): 1200, ("西门", 6): 20}


def test_a_wrong_figure_is_told_and_everything_typed_is_kept(
    app: Flask, today: Today, volunteer: FlaskClient
) -> None:
    cells = {"visits-0-1": "12", "visits-0-2": "很多", "method": "full_count"}
    answer = post(volunteer, f"{today.gate}/footfall", f"{today.gate}/count-sheet", **cells)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="12"' in shown
    assert 'value="很多"' in shown
    with app.app_context():
        assert db.session.query(FootfallCount).count() == 0


# ── staff ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_publishing_leads_to_the_passes(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        ref = make.planned_day(find_community(cast.ours), person("staff")).ref
    client, address = sign_in("staff"), f"/staff/huaiyin/days/{ref}"
    answer = post(client, f"{address}/passes", f"{address}/publication")
    assert (answer.status_code, answer.location) == (302, f"{address}/passes")
    assert "3 张摊位证可以打印" in page(client, answer.location)


def test_an_unready_market_is_refused_with_the_next_step(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        ref = make.planned_day(find_community(cast.ours), person("staff"), papers=False).ref
    client, address = sign_in("staff"), f"/staff/huaiyin/days/{ref}"
    answer = post(client, f"{address}/passes", f"{address}/publication")
    assert answer.status_code == 409
    assert "请先看开市前检查" in answer.get_data(as_text=True)


def test_the_passes_print_on_both_papers_under_a_readable_name(today: Today, sign_in: SignIn) -> None:
    client = sign_in("staff")
    single, sheet = (
        client.get(f"{today.staff}/passes.pdf"),
        client.get(f"{today.staff}/passes.pdf?layout=a4x4"),
    )
    assert (page_count(single.data), page_size_mm(single.data)) == (3, (105.0, 148.0))
    assert (page_count(sheet.data), page_size_mm(sheet.data)) == (1, (210.0, 297.0))
    name = single.headers["Content-Disposition"]
    assert name.startswith("inline")
    assert "filename*=UTF-8''" in name
    assert quote("摊位证") in name
    assert single.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query, pages, size",
    [
        ("layout=labels24&start=23&spares=0", 2, (210.0, 297.0)),
        ("layout=a5&spares=2", 5, (210.0, 148.0)),
        ("layout=a4x8&start=&spares=&back=y", 2, (297.0, 210.0)),
        ("layout=lanyard&back=1", 2, (210.0, 297.0)),
        ("back=1", 6, (105.0, 148.0)),
    ],
)
def test_passes_are_printed_as_ordered(
    today: Today, sign_in: SignIn, query: str, pages: int, size: tuple[float, float]
) -> None:
    pdf = sign_in("staff").get(f"{today.staff}/passes.pdf?{query}").data
    assert (page_count(pdf), page_size_mm(pdf)) == (pages, size)


@pytest.mark.parametrize(
    "query", ["layout=a0", "layout=labels24&start=25", "start=x", "spares=1000", "spares=-1", "start=-1"]
)
def test_a_print_that_cannot_be_is_refused(today: Today, sign_in: SignIn, query: str) -> None:
    assert sign_in("staff").get(f"{today.staff}/passes.pdf?{query}").status_code == 422


def test_the_page_of_passes_offers_every_paper(today: Today, sign_in: SignIn) -> None:
    offered = page(sign_in("staff"), f"{today.staff}/passes")
    assert [layout for layout in Layout if f'value="{layout.value}"' not in offered] == []


def test_the_sign_in_sheet_lists_every_stall(today: Today, sign_in: SignIn) -> None:
    pdf = sign_in("staff").get(f"{today.staff}/sign-in-sheet.pdf").data
    printed = text("pdfium", pdf)
    assert [stall for stall in ("A01", "A02", "A03") if stall not in printed] == []


def test_a_lost_pass_is_replaced_and_the_old_one_withdrawn(
    today: Today, sign_in: SignIn, volunteer: FlaskClient
) -> None:
    client = sign_in("staff")
    address = f"{today.staff}/assignments/{today.held_refs['A01']}/pass"
    assert post(client, f"{today.staff}/passes", address, reason="lost").status_code == 302
    assert "第 2 版" in page(client, f"{today.staff}/passes")
    told = send(volunteer, today, today.urls["A01"])
    assert told["word"] == "这张证作废了"
    assert told["detail"].startswith("已经换成第 2 版，摊位是 A01。")


def test_a_withdrawn_pass_admits_nobody_and_may_be_issued_again(
    today: Today, sign_in: SignIn, volunteer: FlaskClient
) -> None:
    client = sign_in("staff")
    address = f"{today.staff}/passes/{today.pass_refs['A01']}/revocation"
    assert post(client, f"{today.staff}/passes", address, reason="misused").status_code == 302
    assert send(volunteer, today, today.urls["A01"])["verdict"] == "revoked"
    assert "补发" in page(client, f"{today.staff}/passes")


def test_who_has_not_come_makes_room_and_who_is_in_cannot_be_absent(
    today: Today, sign_in: SignIn, volunteer: FlaskClient
) -> None:
    client, passes = sign_in("staff"), f"{today.staff}/passes"
    send(volunteer, today, today.codes["A01"])
    refused = post(client, passes, f"{today.staff}/assignments/{today.held_refs['A01']}/absence")
    assert refused.status_code == 409
    assert "已经签到进场了" in refused.get_data(as_text=True)
    done = post(client, passes, f"{today.staff}/assignments/{today.held_refs['A02']}/absence")
    assert done.status_code == 302
    assert "A02 空出来了" in page(client, passes)
    assert send(volunteer, today, today.codes["A02"], client_id="another-scan")["verdict"] == "released"


def test_a_reason_that_is_none_is_refused(today: Today, sign_in: SignIn) -> None:
    address = f"{today.staff}/passes/{today.pass_refs['A01']}/revocation"
    assert post(sign_in("staff"), f"{today.staff}/passes", address, reason="moved").status_code == 422


def test_calling_off_shows_whom_it_touches_before_and_whom_to_call_after(
    app: Flask, today: Today, sign_in: SignIn
) -> None:
    client, address = sign_in("staff"), f"{today.staff}/call-off"
    before = page(client, address)
    assert re.findall(r'<span class="num">(\d+)<', before) == ["3", "3", "3"]
    assert before.count('href="tel:134') == 2  # one of the three has an account
    refused = post(client, address, step="cancel", public_note=" ")
    assert refused.status_code == 422
    assert post(client, address, step="cancel", public_note="有大风，不办了。").status_code == 302
    after = page(client, address)
    assert "有大风，不办了。" in after
    assert "/staff/huaiyin/notices" in after
    calls = page(client, "/staff/huaiyin/notices")
    assert calls.count('href="tel:134') == 3  # on the day itself also who has not read it
    with app.app_context():
        assert db.session.query(MarketDay).one().state is DayState.CANCELLED


# ── the vendor's own pass ─────────────────────────────────────────────────────────────────────────────────


def test_a_vendor_sees_stall_code_and_short_code(today: Today, sign_in: SignIn) -> None:
    shown = page(sign_in("member3"), f"{today.vendor}/pass")
    code = today.codes["A02"]
    assert [word for word in ("A02", f"{code[:4]}-{code[4:]}", "<svg", "截图也行") if word not in shown] == []
    assert today.codes["A01"][:4] not in shown


def test_a_vendor_prints_only_the_own_pass(today: Today, sign_in: SignIn) -> None:
    pdf = sign_in("member3").get(f"{today.vendor}/pass.pdf").data
    assert page_count(pdf) == 1
    assert codes(picture("pdfium", pdf)) == [today.urls["A02"]]


def test_a_vendor_without_a_stall_is_told_so(app: Flask, cast: Cast, today: Today, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        ref = make.planned_day(find_community(cast.ours), person("staff"), in_days=9).ref
    client = sign_in("member3")
    assert "还没有摊位证" in page(client, f"/vendor/huaiyin/days/{ref}/pass")
    assert client.get(f"/vendor/huaiyin/days/{ref}/pass.pdf").status_code == 404


# ── anybody ───────────────────────────────────────────────────────────────────────────────────────────────


def test_anybody_may_check_a_pass_without_a_cookie(app: Flask, today: Today) -> None:
    token = today.urls["A01"].rpartition("/")[2]
    for path in (f"/p/{token}", f"/P/{token}"):
        answer = app.test_client().get(path)
        shown = answer.get_data(as_text=True)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
        words = ("真证，现在有效", "A01", "第1家百货", "槐荫社区", "金秋生活集市", "第 1 版")
        assert [word for word in words if word not in shown] == []


def test_the_public_page_of_a_pass_holds_nothing_private(app: Flask, today: Today) -> None:
    shown = app.test_client().get(f"/p/{today.urls['A01'].rpartition('/')[2]}").get_data(as_text=True)
    with app.app_context():
        holder = db.session.query(MarketDay).one()
        vendor = make.passes_by_stall(holder)["A01"].assignment.vendor
        private = (vendor.phone, vendor.holder, vendor.goods, today.codes["A01"])
    assert [word for word in private if word in shown] == []


def test_a_replaced_pass_names_the_version_that_counts(app: Flask, today: Today, sign_in: SignIn) -> None:
    address = f"{today.staff}/assignments/{today.held_refs['A01']}/pass"
    post(sign_in("staff"), f"{today.staff}/passes", address, reason="lost")
    shown = app.test_client().get(f"/p/{today.urls['A01'].rpartition('/')[2]}").get_data(as_text=True)
    assert "旧证，已经换新" in shown
    assert "现在有效的是第 2 版，摊位 A01" in shown


def test_what_is_no_pass_of_ours_is_said_to_be_none(app: Flask, cast: Cast) -> None:
    for token in ("ABC", "A" * 120, "中文", "x" * 2000):
        answer = app.test_client().get(f"/p/{token}")
        assert answer.status_code == 404
        assert "不是我们发的证" in answer.get_data(as_text=True)


# ── other people's markets ────────────────────────────────────────────────────────────────────────────────

GATE_PAGES = ("", "/sign-in", "/footfall")
STAFF_PAGES = ("/passes", "/passes.pdf", "/sign-in-sheet.pdf", "/call-off")


def test_the_people_of_another_community_reach_nothing(today: Today, sign_in: SignIn) -> None:
    stranger = sign_in("staff-b")
    addresses = [today.gate + path for path in GATE_PAGES] + [today.staff + path for path in STAFF_PAGES]
    assert {stranger.get(address).status_code for address in addresses} == {403}
    under_their_name = [address.replace("huaiyin", "songhe") for address in addresses]
    assert {stranger.get(address).status_code for address in under_their_name} == {404}


def test_a_volunteer_sees_the_gate_and_nothing_of_the_staff(today: Today, volunteer: FlaskClient) -> None:
    assert {volunteer.get(today.gate + path).status_code for path in GATE_PAGES} == {200}
    assert {volunteer.get(today.staff + path).status_code for path in STAFF_PAGES} == {403}
    assert volunteer.get(f"{today.vendor}/pass").status_code == 403
