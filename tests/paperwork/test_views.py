"""The page of all forms, and what a community writes itself: kept, used by what is printed, never lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from market import clock
from market.calendar import service as calendar
from market.calendar.models import PlanText
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.paperwork.registry import PAPERS
from tests.cast import Cast, person, post
from tests.factories.calendar import make_day
from tests.factories.gate import published_day
from tests.parts.pdf import page_count, text

SignIn = Callable[[str], FlaskClient]
COMMUNITY = "/staff/huaiyin/paperwork"


@pytest.fixture
def day(app: Flask, cast: Cast) -> str:
    """The address of a published market."""
    with app.app_context(), unit_of_work():
        made = published_day(find_community(cast.ours), person("staff"))
        return f"/staff/huaiyin/days/{made.ref}"


def written(client: FlaskClient, page: str) -> dict[str, str]:
    """What stands in the fields of the page."""
    found = client.get(page).text
    areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*(.*?)</textarea>', found, re.S)
    return {name: unescape(said).strip() for name, said in areas}


def whole_text(pdf: bytes) -> str:
    return "".join("".join(text("pdfium", pdf, page).split()) for page in range(1, page_count(pdf) + 1))


def write(client: FlaskClient, page: str, **texts: str) -> str:
    """Sends the page with these fields written anew, and comes back where it leads."""
    shown = re.search(r'name="shown"[^>]*value="([^"]*)"', client.get(page).text)
    assert shown is not None
    answer = post(client, page, shown=shown[1], **{**written(client, page), **texts})
    assert answer.status_code == 302, answer.text
    return answer.location


def test_the_page_of_a_market_leads_to_every_form(sign_in: SignIn, day: str) -> None:
    staff = sign_in("staff")
    page = staff.get(f"{day}/paperwork").text
    links = set(re.findall(rf'href="({re.escape(day)}/paperwork/[^"]+)"', page))
    assert {f"{day}/paperwork/{one.key}.pdf" for one in PAPERS if one.printed and one.of_market} <= links
    assert all(staff.get(unescape(link)).status_code == 200 for link in links)
    assert f'href="{day}/paperwork"' in staff.get(day).text


def test_the_page_of_a_community_leads_to_its_forms_and_its_markets(sign_in: SignIn, day: str) -> None:
    staff = sign_in("staff")
    page = staff.get(COMMUNITY).text
    links = set(re.findall(rf'href="({COMMUNITY}/[^"]+)"', page))
    assert {f"{COMMUNITY}/{one.key}.pdf" for one in PAPERS if one.printed and one.of_community} <= links
    assert all(staff.get(unescape(link)).status_code == 200 for link in links)
    assert f'href="{day}/paperwork"' in page
    assert COMMUNITY in staff.get("/staff/huaiyin/").text


@pytest.mark.parametrize(
    "address", ["nothing.pdf", "nothing.xlsx", "entry-agreement.xlsx", "monthly.pdf", "minutes.pdf"]
)
def test_what_a_market_has_not_is_not_there(sign_in: SignIn, day: str, address: str) -> None:
    assert sign_in("staff").get(f"{day}/paperwork/{address}").status_code == 404


def test_a_form_is_a_file_with_a_name_people_read(sign_in: SignIn, day: str) -> None:
    answer = sign_in("staff").get(f"{day}/paperwork/footfall.xlsx")
    (name,) = re.findall(r"filename\*=UTF-8''(\S+)", answer.headers["Content-Disposition"])
    assert name.endswith(".xlsx")
    assert load_workbook(BytesIO(answer.data)).sheetnames == ["客流统计表"]


def test_what_a_community_writes_stands_in_the_plan_of_every_market(sign_in: SignIn, day: str) -> None:
    staff = sign_in("staff")
    location = write(
        staff, f"{COMMUNITY}/texts", contacts="派出所 0533-110110", leader="张主任 13800000000", limit="321"
    )
    assert location.endswith(COMMUNITY)
    plan = whole_text(staff.get(f"{day}/paperwork/safety-plan.pdf").data)
    for said in ("0533-110110", "张主任", "同时在场最多321人", "一、时间、地点", "九、应急救援预案"):
        assert said in plan
    handbook = whole_text(staff.get(f"{day}/paperwork/volunteer-handbook.pdf").data)
    assert ("派出所" in handbook, "13800000000" in handbook) == (True, True)


def test_a_market_may_say_something_else_and_go_back(sign_in: SignIn, day: str) -> None:
    staff, page = sign_in("staff"), f"{day}/paperwork/texts"
    usual = written(staff, page)["fire"]
    write(staff, page, fire="今天不许用火。")
    assert written(staff, page)["fire"] == "今天不许用火。"
    assert written(staff, f"{COMMUNITY}/texts")["fire"] == usual
    write(staff, page, fire="")
    assert written(staff, page)["fire"] == usual
    assert "今天不许用火。" in staff.get(page).text  # what was written can still be read


def test_sending_the_page_unchanged_writes_nothing(app: Flask, sign_in: SignIn, day: str) -> None:
    staff, page = sign_in("staff"), f"{day}/paperwork/texts"
    write(staff, page)
    write(staff, page, fire="")  # nothing of its own to take back
    write(staff, page, order="我们自己管。")
    for _time in range(2):
        write(staff, page, order="")
    with app.app_context():
        assert [row.text for row in db.session.query(PlanText).order_by(PlanText.id)] == ["我们自己管。", ""]


def test_who_kept_an_old_page_open_takes_nothing_back(sign_in: SignIn, day: str) -> None:
    staff, page = sign_in("staff"), f"{COMMUNITY}/texts"
    old = written(staff, page)
    shown = re.search(r'name="shown"[^>]*value="([^"]*)"', staff.get(page).text)
    assert shown is not None
    write(staff, page, fire="别人改的。")
    post(staff, page, shown=shown[1], **{**old, "order": "我改的。"})
    now = written(staff, page)
    assert (now["fire"], now["order"]) == ("别人改的。", "我改的。")


@pytest.mark.parametrize("wrong", [{"limit": "很多"}, {"fire": "长" * 1501}, {"leader": "长" * 81}])
def test_what_is_refused_stays_in_its_field(sign_in: SignIn, day: str, wrong: dict[str, str]) -> None:
    staff, page = sign_in("staff"), f"{COMMUNITY}/texts"
    answer = post(staff, page, shown="", **{**written(staff, page), **wrong})
    assert answer.status_code == 422
    assert next(iter(wrong.values())) in unescape(answer.text)


def test_a_draft_that_is_deleted_takes_its_texts_along(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        draft = make_day(find_community("huaiyin"), person("staff"))
        address, ref = f"/staff/huaiyin/days/{draft.ref}/paperwork/texts", draft.ref
    write(sign_in("staff"), address, fire="只这一场。")
    with app.app_context(), unit_of_work():
        found = calendar.find_day(find_community("huaiyin"), ref)
        calendar.delete_draft(found, by=person("staff"), at=clock.now())
        assert db.session.query(PlanText).count() == 0
