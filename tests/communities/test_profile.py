"""What a region demands is a file: read at the start, chosen for a place, and everything follows it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from market import clock
from market.app import create_app
from market.audit import AuditRow
from market.calendar.rules import DayState
from market.calendar.service import place_readiness
from market.communities import service
from market.communities.models import Community
from market.communities.profile import DEFAULT, PARTS, differences
from market.communities.profile_files import FOLDER, profiles
from market.communities.words import DEMAND_WORDS, changes
from market.db import db, unit_of_work
from market.errors import Refusal
from market.fund import service as funds
from market.people import service as people
from market.people.rules import Role
from market.vendors import eligibility, service as vendors
from tests.cast import Cast, person
from tests.conftest import settings_for
from tests.factories.calendar import make_day
from tests.factories.vendors import make_vendor
from tests.trail import select_said

ZIBO, HUNAN = profiles()["shandong_zibo"], profiles()["hunan"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "profiles"))


def test_every_profile_names_only_known_papers_and_categories() -> None:
    for profile in profiles().values():
        eligibility.refuse_unknown(profile)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[committee]\nleast = 0", "committee.least"),
        ("[committee]\nleasst = 3", "committee.leasst"),
        ("[crowd]\nwarn = 2000", "crowd"),
        ('[[duties]]\ncode = "health_cert"\nseverity = "deadly"', "duties.3.severity"),
        ('[[goods]]\ncode = "raw_meat"\nasks = ["a_blessing"]', "a_blessing"),
        ("[committee", "mistake.toml"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_place(files: Path, line: str, said: str) -> None:
    (files / "mistake.toml").write_text(f'name = {{ zh = "错", en = "wrong" }}\n{line}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"mistake\.toml") as caught:
        profiles(files)
    assert said in str(caught.value)


def test_a_profile_that_asks_for_unknown_papers_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = ZIBO.duties[0].model_copy(update={"kinds": ("D99",)})
    wrong = ZIBO.model_copy(update={"duties": (duty,)})
    monkeypatch.setattr("market.app.profiles", lambda: {"wrong": wrong})
    with pytest.raises(ValueError, match="D99"):
        create_app(settings_for(tmp_path))


def test_another_city_is_a_file(files: Path) -> None:
    (files / "elsewhere.toml").write_text(
        'name = { zh = "别处", en = "elsewhere" }\n[committee]\nleast = 7\n[crowd]\nwarn = 300\n'
        "licence = 500\n",
        encoding="utf-8",
    )
    found = profiles(files)["elsewhere"]
    assert (found.committee.least, found.crowd.licence, found.filing) == (7, 500, ZIBO.filing)


def test_what_changes_is_told_before_it_is_chosen(context: Flask) -> None:
    changed = {key for key, _before, _after in differences(ZIBO, HUNAN)}
    assert {"committee.least", "committee.supervisor", "duty.food_permit", "goods.special_food"} <= changed
    assert ("管委会至少几人", "3", "5") in changes(ZIBO, HUNAN)
    assert differences(ZIBO, ZIBO) == []
    parts = {f"{part}.{key}" for part in PARTS for key in type(getattr(ZIBO, part)).model_fields}
    assert parts == set(DEMAND_WORDS), "every number has a word"


# ── chosen for a place ────────────────────────────────────────────────────────────────────────────────────


def choose(community: Community, code: str) -> None:
    service.choose_profile(community, code, by=person("platform"), at=clock.now())


@pytest.mark.usefixtures("context")
def test_a_community_follows_the_region_around_it_unless_it_chooses(cast: Cast) -> None:
    with unit_of_work():
        ours = service.find_community(cast.ours)
        assert service.profile_of(ours).code == DEFAULT
        service.choose_profile(ours.region, "hunan", by=person("platform"), at=clock.now())
        assert service.profile_of(ours) is HUNAN
        choose(ours, "shandong_zibo")
        assert service.profile_of(ours) is ZIBO
        choose(ours, "")
        assert service.profile_of(ours) is HUNAN
        acts = db.session.scalars(
            select_said(AuditRow.act).where(AuditRow.act == "communities.choose_profile")
        )
        assert len(list(acts)) == 3


@pytest.mark.usefixtures("context")
def test_what_does_not_exist_is_not_chosen(cast: Cast) -> None:
    with unit_of_work(), pytest.raises(Refusal) as caught:
        choose(service.find_community(cast.ours), "atlantis")
    assert caught.value.code == "communities.no_profile"


@pytest.mark.usefixtures("context")
def test_switching_the_profile_changes_committee_supervisor_and_duties(cast: Cast) -> None:
    with unit_of_work():
        ours, staff, at = service.find_community(cast.ours), person("staff"), clock.now()
        fund = funds.open_fund(
            ours, "槐荫睦邻基金", charity="市慈善总会", agreement_no="1", signed_on=at.date(), purpose="邻里",
            by=staff, at=at,
        )  # fmt: skip
        assert funds.committee_lacks(fund) is None
        choose(ours, "hunan")
        assert funds.committee_lacks(fund) == (
            "too_small", "管委会不足 5 人，还不能表决。请先在“人员”里补齐委员。",
        )  # fmt: skip
        for number in (4, 5):
            people.appoint(ours, f"委员{number}", f"member{number}", Role.COMMITTEE, by=staff, at=at)
        lacks = funds.committee_lacks(fund)
        assert lacks is not None
        assert lacks[0] == "unsupervised"
        people.appoint(ours, "监督员甲", "supervisor", Role.SUPERVISOR, by=staff, at=at)
        assert funds.committee_lacks(fund) is None


@pytest.mark.usefixtures("context")
def test_limits_of_the_place_follow_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    small = ZIBO.model_copy(update={"crowd": ZIBO.crowd.model_copy(update={"warn": 200, "licence": 300})})
    with unit_of_work():
        ours, staff = service.find_community(cast.ours), person("staff")
        day = make_day(ours, staff, state=DayState.DRAFT)
        today = clock.today(ours.zone)
        assert "crowd_licence" not in [one.code for one in place_readiness(day, today)]
        monkeypatch.setattr(service, "profiles", lambda: {DEFAULT: small})
        assert "crowd_licence" in [one.code for one in place_readiness(day, today)]


@pytest.mark.usefixtures("context")
def test_what_a_vendor_may_sell_follows_too(cast: Cast) -> None:
    with unit_of_work():
        ours, staff = service.find_community(cast.ours), person("staff")
        with pytest.raises(Refusal) as caught:
            make_vendor(ours, staff, goods="保健品")
        assert caught.value.code == "vendors.banned_goods"
        choose(ours, "hunan")
        vendor = make_vendor(ours, staff, goods="保健品")
        on = clock.today(ours.zone) + timedelta(days=10)
        assert vendors.findings_by_vendor([vendor], on)[vendor.id] == []
        choose(ours, "shandong_zibo")
        assert [one.code for one in vendors.findings_by_vendor([vendor], on)[vendor.id]] == ["stand_banned"]
