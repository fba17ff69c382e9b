"""The list of wishes as residents and staff use it: one tap, no cookie before it, answers, mix, papers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.test import TestResponse

from market import clock
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.demand import service
from market.demand.models import Wish, WishAnswer, WishMerge, WishVotes
from market.demand.rules import BUSY, ENOUGH, Way, WishState
from market.stalls import service as stalls
from market.vendors.rules import ApplicationState, Category
from tests.cast import Cast, person, post
from tests.factories.calendar import bring_to, make_day
from tests.factories.vendors import make_application, make_vendor

PAGE = "/c/huaiyin/wishes"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def client(app: Flask, cast: Cast) -> FlaskClient:
    return app.test_client()


def say(client: FlaskClient, word: str, address: str = "203.0.113.1", **headers: str) -> TestResponse:
    return client.post(
        PAGE,
        data={"word": word, "way": "page"},
        headers=headers or FROM_HERE,
        environ_base={"REMOTE_ADDR": address},
    )


def read(client: FlaskClient, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def ask(community: Community, word: str, homes: int) -> None:
    for home in range(homes):
        address = f"198.51.100.{home}"
        service.ask(community, word, token=f"home {home}", address=address, way=Way.PAGE, at=clock.now())


@pytest.fixture
def wanted(app: Flask, cast: Cast) -> None:
    """Some wishes of residents."""
    with app.app_context(), unit_of_work():
        community = find_community(cast.ours)
        ask(community, "理发", 9)
        ask(community, "修鞋", ENOUGH)
        ask(community, "弹棉花", 2)


def ref_of(app: Flask, word: str) -> str:
    with app.app_context():
        return db.session.scalars(sa.select(Wish.ref).where(Wish.word == word)).one()


# ── residents ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("wanted")
@pytest.mark.parametrize("address", [PAGE, f"{PAGE}?word=弹棉花", "/c/huaiyin/", f"{PAGE}.pdf"])
def test_nobody_gets_a_cookie_by_reading(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


@pytest.mark.usefixtures("wanted")
def test_one_tap_is_one_voice_and_can_be_taken_back(app: Flask, client: FlaskClient) -> None:
    answer = say(client, "修鞋")
    assert answer.status_code == 302
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("voice=")
    assert "Path=/c/huaiyin/wishes" in cookie
    assert "HttpOnly" in cookie
    ref = ref_of(app, "修鞋")
    page = read(client, answer.headers["Location"])
    assert "记下了：修鞋，现在 6 票。" in page
    assert "✓ 想要 · 6" in page
    again = say(client, "修鞋")
    assert "这一周您已经点过修鞋了" in read(client, again.headers["Location"])
    back = client.post(f"{PAGE}/{ref}/taken-back", headers=FROM_HERE)
    assert "收回了，修鞋现在 5 票。" in read(client, back.headers["Location"])


@pytest.mark.usefixtures("wanted")
def test_what_a_phone_said_is_marked_for_it_alone(app: Flask, client: FlaskClient) -> None:
    say(client, "理发")
    own = client.get(PAGE)
    assert own.headers["Cache-Control"] == "no-store"
    assert "✓ 想要 · 10" in own.get_data(as_text=True)
    others = app.test_client().get(PAGE)
    assert "public" in others.headers["Cache-Control"]
    assert "✓ 想要" not in others.get_data(as_text=True)
    assert "想要 · 10" in others.get_data(as_text=True)


def test_a_page_without_a_token_takes_nothing_from_another_site(app: Flask, client: FlaskClient) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"X-No": "1"}):
        assert say(client, "理发", **headers).status_code == 400
    with app.app_context():
        assert db.session.scalars(sa.select(Wish)).all() == []
    assert say(client, "理发", Origin="http://localhost").status_code == 302


@pytest.mark.usefixtures("wanted")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("剃头", "单子上有，9 票"),
        ("棕绷床", "单子上还没有“棕绷床”"),
        ("弹棉花", "单子上还没有“弹棉花”"),
        ("修钢笔", "单子上还没有“修钢笔”"),
        ("<script>", "单子上还没有“&lt;script&gt;”"),
    ],
)
def test_a_typed_word_is_found_or_can_be_added(client: FlaskClient, typed: str, said: str) -> None:
    assert said in read(client, f"{PAGE}?word={typed}")


def test_a_word_of_somebodys_own_is_read_by_staff_first(app: Flask, client: FlaskClient) -> None:
    answer = say(client, "弹棉花")
    assert "社区看过这个词" in read(client, answer.headers["Location"])
    assert "弹棉花</strong>" not in read(app.test_client())


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请写一两个词"),
        ("打 13812345678", "不要写手机号"),
        ("请给我们安排一个修鞋的好不好", "请写短一点"),
        ("烟花爆竹", "不能在集市上卖"),
    ],
)
def test_a_word_that_is_no_wish_is_refused_and_kept(client: FlaskClient, typed: str, sentence: str) -> None:
    answer = say(client, typed)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert sentence in page
    assert f'value="{typed}"' in page
    assert "Set-Cookie" not in answer.headers


def test_a_busy_network_is_told_so(app: Flask, cast: Cast) -> None:
    for _number in range(BUSY):
        last = say(app.test_client(), "理发")
    client = app.test_client()
    last = say(client, "理发")
    assert "先放一边，社区看过再算" in read(client, last.headers["Location"])
    assert "想要 · 0" not in read(app.test_client())


def test_each_phone_counts_whatever_its_address_is_called(app: Flask, cast: Cast) -> None:
    for address in ("203.0.113.1", "203.0.113.2", "2001:db8::1"):
        say(app.test_client(), "理发", address)
    assert "想要 · 3" in read(app.test_client())


def test_kept_pages_follow_each_voice(app: Flask, client: FlaskClient) -> None:
    """Somebody else reads the page before and after; nothing is older than the voice."""
    other = app.test_client()
    for number in range(1, 4):
        say(app.test_client(), "理发", f"203.0.113.{number}")
        assert f"想要 · {number}" in read(other)


def test_an_empty_list_offers_every_stall_type(client: FlaskClient) -> None:
    page = read(client)
    assert "点一样您想要的" in page
    for word in ("理发", "修鞋", "旧书旧物"):
        assert f'value="{word}"' in page


# ── what comes ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def market(app: Flask, cast: Cast, wanted: None) -> str:
    """A published market to which a hairdresser comes."""
    with app.app_context(), unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        day = make_day(community, by, in_days=5, state=DayState.REVIEWING)
        vendor = make_vendor(
            community, by, "老顾", category=Category.HAIRCUT, goods="剪发", phone="13800000001", holder="顾"
        )
        make_application(day, vendor, by, state=ApplicationState.APPROVED)
        stalls.compute_plan(day, by=by, at=clock.now())
        bring_to(day, DayState.PUBLISHED, by)
        return day.ref


def test_a_stall_that_comes_is_an_answer_by_itself(client: FlaskClient, market: str) -> None:
    page = read(client)
    assert "这次有了" in page
    assert f"/c/huaiyin/markets/{market}#A01" in page


def test_market_and_poster_say_what_was_asked_for(client: FlaskClient, market: str) -> None:
    page = read(client, f"/c/huaiyin/markets/{market}")
    assert "这些摊位是大家点的" in page
    assert 'value="修鞋"' in page  # does not come, so it is offered
    poster = client.get(f"/c/huaiyin/markets/{market}/poster.pdf")
    assert "大家点的：理发 A01" in PdfReader(BytesIO(poster.data)).pages[0].extract_text()


def test_the_sheet_for_the_wall_has_every_stall_type(client: FlaskClient) -> None:
    text = PdfReader(BytesIO(client.get(f"{PAGE}.pdf").data)).pages[0].extract_text()
    for word in ("想要什么摊位", "理发", "公益服务", "谁收的"):
        assert word in text


# ── staff ─────────────────────────────────────────────────────────────────────────────────────────────────

STAFF = "/staff/huaiyin/wishes"
SHEET = {"word": "磨刀", "kind": "paper", "people": "12", "place": "3 号楼", "collected_on": "2026-01-05"}


def test_staff_enter_votes_on_paper(app: Flask, sign_in: SignIn, cast: Cast) -> None:
    client = sign_in("staff")
    today = clock.today("Asia/Shanghai")
    answer = post(client, STAFF, f"{STAFF}/votes", **SHEET | {"collected_on": today.isoformat()})
    assert answer.status_code == 302
    assert "记下了：磨刀，12 人" in read(client, STAFF)
    assert "纸票 12" in read(app.test_client())
    with app.app_context():
        row = db.session.scalars(sa.select(WishVotes)).one()
        assert (row.people, row.place, row.collected_on) == (12, "3 号楼", today)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"people": "0"}, "人数请填 1 到"),
        ({"people": "很多"}, "请只填数字"),
        ({"word": ""}, "请写想要什么"),
        ({"place": ""}, "请填在哪里收的"),
        ({"collected_on": "2099-01-01"}, "这一天还没到"),
    ],
)
def test_wrong_votes_are_named(sign_in: SignIn, cast: Cast, changes: dict[str, str], sentence: str) -> None:
    answer = post(sign_in("staff"), STAFF, f"{STAFF}/votes", **SHEET | changes)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


@pytest.mark.usefixtures("wanted")
def test_staff_let_a_word_in_and_out(app: Flask, sign_in: SignIn) -> None:
    client, ref = sign_in("staff"), ref_of(app, "弹棉花")
    assert "新词，等您看" in read(client, STAFF)
    post(client, STAFF, f"{STAFF}/{ref}/listings", listed="yes", back="1")
    assert "弹棉花</strong>" in read(app.test_client())
    post(client, STAFF, f"{STAFF}/{ref}/listings", listed="no")
    assert "弹棉花</strong>" not in read(app.test_client())
    assert "新词，等您看" not in read(client, STAFF)


@pytest.mark.usefixtures("wanted")
def test_an_answer_is_public_and_can_be_taken_back(app: Flask, sign_in: SignIn) -> None:
    client, ref = sign_in("staff"), ref_of(app, "修鞋")
    page = f"{STAFF}/{ref}"
    refused = post(client, page, f"{page}/answers", state="not_found", sentence="")
    assert refused.status_code == 422
    assert "请写一句给居民看的话" in refused.get_data(as_text=True)
    post(client, page, f"{page}/answers", state="not_found", sentence="师傅回老家了。")
    assert "师傅回老家了。" in read(app.test_client())
    with app.app_context():
        entry = db.session.scalars(sa.select(WishAnswer.ref)).one()
    post(client, page, f"{page}/undo/{entry}")
    assert "师傅回老家了。" not in read(app.test_client())
    assert "（收回了）" in read(client, page)


@pytest.mark.usefixtures("wanted")
def test_merging_shows_one_line_and_apart_two(app: Flask, sign_in: SignIn) -> None:
    client, shoes, cotton = sign_in("staff"), ref_of(app, "修鞋"), ref_of(app, "弹棉花")
    page = f"{STAFF}/{cotton}"
    answer = post(client, page, f"{page}/merges", into=shoes)
    assert answer.headers["Location"].endswith(shoes)
    with app.app_context():
        row = db.session.scalars(sa.select(WishMerge.ref)).one()
    assert "「弹棉花」算到这里" in read(client, f"{STAFF}/{shoes}")
    assert "这一样算在「修鞋」里" in read(client, page)
    post(client, page, f"{STAFF}/{shoes}/undo/{row}")
    assert "这一样算在" not in read(client, page)


def test_staff_look_at_a_house_behind_one_router(app: Flask, sign_in: SignIn, cast: Cast) -> None:
    for _flat in range(BUSY + 1):
        say(app.test_client(), "修鞋")
    client = sign_in("staff")
    page = read(client, STAFF)
    assert "点得特别多的网络" in page
    with app.app_context():
        community = find_community(cast.ours)
        (found,) = service.networks_aside(community, clock.today(community.zone))
    sent = {"week": found.week.isoformat(), "network": found.network, "counts": "yes"}
    post(client, STAFF, f"{STAFF}/networks", **sent)
    assert f"想要 · {BUSY + 1}" in read(app.test_client())
    assert post(client, STAFF, f"{STAFF}/networks", **sent | {"network": "0" * 24}).status_code == 404


# ── the mix of a market ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("wanted")
def test_what_residents_want_is_taken_into_the_mix_by_one_press(
    app: Flask, sign_in: SignIn, cast: Cast
) -> None:
    with app.app_context(), unit_of_work():
        day = make_day(find_community(cast.ours), person("staff"), state=DayState.OPEN_FOR_APPLICATION)
        ref = day.ref
    client, page = sign_in("staff"), f"/staff/huaiyin/days/{ref}/rules"
    text = read(client, page)
    assert "理发 9 票" in text
    assert "修理缝补争取 1 家" in text
    answer = post(client, page, f"{page}/wishes")
    assert answer.status_code == 302
    assert "已经照这些定了" in read(client, page)
    with app.app_context():
        found = stalls.quotas(find_day_by_ref(ref))
        assert {category: rule.target for category, rule in found.items()} == {
            "haircut": 1,
            "repair_service": 1,
        }


@pytest.mark.usefixtures("wanted")
def test_what_was_said_no_to_asks_for_no_stall(app: Flask, sign_in: SignIn, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = make_day(community, staff, state=DayState.OPEN_FOR_APPLICATION)
        for word in ("理发", "修鞋"):
            wish = service.wish_meant(community, word)
            assert wish is not None
            service.answer(wish, WishState.UNFIT, "这里不合适。", by=staff, at=clock.now())
        ref = day.ref
    client, page = sign_in("staff"), f"/staff/huaiyin/days/{ref}/rules"
    assert "照居民想要的定" not in read(client, page)
    assert post(client, page, f"{page}/wishes").status_code == 409


def test_the_next_week_a_phone_may_say_so_again(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(client, "理发")
    later = clock.now() + timedelta(days=7)
    monkeypatch.setattr("market.clock.now", lambda: later)
    page = read(client, say(client, "理发").headers["Location"])
    assert "记下了：理发，现在 2 票。" in page


@pytest.mark.usefixtures("wanted")
def test_the_form_of_the_office_is_the_list(sign_in: SignIn) -> None:
    client = sign_in("staff")
    full, blank = (
        PdfReader(BytesIO(client.get(f"/staff/huaiyin/paperwork/wishes.pdf{query}").data))
        .pages[0]
        .extract_text()
        for query in ("", "?blank=1")
    )
    assert "理发" in full
    assert "弹棉花" not in full  # staff have not read it yet
    assert "理发" not in blank
