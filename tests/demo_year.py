"""The played demo year as a database to copy, and a cast from a second community that must see none of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from market import clock
from market.app import create_app
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.rules import RegionLevel
from market.communities.service import create_region, find_community
from market.config import Settings
from market.db import Model, db, do_in_unit_of_work
from market.demand.models import Wish
from market.demo.play import play
from market.feedback.models import Complaint, Praise
from market.fund import service as funds
from market.fund.goods_rows import GoodsLot, GoodsOut, GoodsValuation
from market.fund.matching import TheirLine
from market.fund.models import AccountStatement, CharityNotice, Partner, Proposal
from market.fund.notice_rows import QuarterNotice
from market.fund.question_rows import FundQuestion
from market.fund.rules import Basis, GoodsWay, Source
from market.fund.service import (
    GoodsDraft,
    Keeping,
    StatementDraft,
    ValueDraft,
    quarter_notices,
    questions,
    read_in,
    require_fund,
)
from market.inspection import service as inspection
from market.inspection.models import Finding, FindingPhoto
from market.inspection.rules import Result
from market.inspection.service import Problem
from market.ledger.models import Entry
from market.notices.models import Telling
from market.outbox import service as outbox
from market.outbox.models import Letter, LetterCopy, Outgoing
from market.outbox.rules import Errand, Fault, SendState, Way
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.photos import Photo
from market.places.models import Lane, Stall, Venue
from market.programs import service as programs
from market.programs.models import HookDelivery, ProgramKey, Webhook
from market.programs.rules import SUBSCRIBED, Right
from market.settlement.models import InKindItem
from market.spending.models import CommitteeMeeting, ResidentRemark, SpendingPhoto, SpendingVoucher
from market.spending.rules import PhotoKind
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.list_rows import VendorList
from market.vendors.models import Application, StallPerson, Vendor
from market.vendors.paper_rows import HandedPaper, PaperPicture
from market.vendors.rules import Category, DocumentKind
from market.vendors.service import VendorDraft, register_vendor
from tests.factories.sources import SPACE, WORKSHOP, draft_of

OURS = "demo"
THEIRS = "songlin"
OTHER_REGION = "370399999999"
SECRET = "a secret for tests only, long enough"


def _settings(folder: Path) -> Settings:
    return Settings(instance=folder, secret_key=SECRET, log_level="error", demo=True)


@pytest.fixture(scope="session")
def played_year(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which the whole demo year was played, with strangers from a second community added."""
    folder = tmp_path_factory.mktemp("played")
    shutil.copy(migrated_sqlite, folder / "market.sqlite3")
    app = create_app(_settings(folder))
    with app.app_context():
        play(at=clock.now())
        do_in_unit_of_work(lambda: add_strangers(clock.now()))
        db.session.remove()
        db.engine.dispose()
    return folder / "market.sqlite3"


def add_strangers(at: datetime) -> None:
    theirs = find_community(THEIRS)
    for login, role in (
        ("other-staff", Role.STAFF),
        ("other-gate", Role.GATE),
        ("other-member", Role.COMMITTEE),
    ):
        people.grant(people.create_user(login, login, None, at=at), role, community=theirs, at=at)
    vendor = people.create_user("other-vendor", "other-vendor", None, at=at)
    draft = VendorDraft("松林小铺", "松林人", "13911112222", Category.CRAFT, "手作")
    register_vendor(theirs, draft, by=vendor, at=at, user=vendor)
    ours, staff = find_community(OURS), people.find_user("demo-staff")
    assert staff is not None
    published = sa.select(MarketDay).where(
        MarketDay.community_id == ours.id, MarketDay.state == DayState.PUBLISHED
    )
    day = db.session.scalars(published).first()
    vendors.bring_list(ours, b"", "新来的 修鞋 13911113333", day=day, by=staff, at=at)  # nobody enters it
    assert day is not None
    item = inspection.items_at(day, None)[0].code
    problem = Problem(item, Result.STOPPED, "纸箱没收", photos=(Photo(b"\xff\xd8 a photo", 1, 1),))
    inspection.check_spot(day, None, 1, [problem], client_id="strangers-1", by=staff, at=at)
    _add_messages(day, staff, at)
    _add_statement(ours, staff, at)
    _add_sources(staff, at)
    demo_vendor = people.find_user("demo-vendor")
    assert demo_vendor is not None
    handing = vendors.vendor_of(demo_vendor, ours)
    vendors.hand_in(handing, DocumentKind.SCALE, [Photo(b"\xff\xd8 a photo", 1, 1)], by=staff, at=at)
    vendors.add_person(handing, "小帮手", False, by=staff, at=at)
    _add_programs(ours, staff, at)
    region = create_region(OTHER_REGION, "别处街道", RegionLevel.STREET, at=at)
    viewer = people.create_user("other-viewer", "other-viewer", None, at=at)
    people.grant(viewer, Role.REGION_VIEWER, region=region, at=at)


def _add_programs(ours: Community, staff: User, at: datetime) -> None:
    """A key, and a server that was sent a test and did not take it."""
    programs.make_key(ours, "数据平台", [Right.READ], at + timedelta(days=90), by=staff, at=at)
    hook, _secret = programs.subscribe(ours, "https://example.org/hook", SUBSCRIBED, by=staff, at=at)
    tested = programs.ask_for_test(hook, by=staff, at=at)
    tested.state, tested.fault, tested.ended_at = SendState.FAILED, Fault.UNREACHABLE, at


def _add_sources(staff: User, at: datetime) -> None:
    """Partners, a gift and a worth that wait for a second person, goods, some given out, a question."""
    fund = funds.require_fund(find_community(OURS))
    today = clock.local(at, fund.community.zone).date()
    for draft in (SPACE, WORKSHOP):
        partner = funds.add_partner(fund, draft, by=staff, at=at)
    funds.count_jobs(partner, 12, today, by=staff, at=at)
    funds.enter_notice(fund, draft_of(Source.PERSON, 100, today, "JZ-1", donor="赵大爷"), by=staff, at=at)
    rice = GoodsDraft("大米", 9, today, Keeping("储藏室"))
    lot = funds.receive_goods(fund.community, rice, by=staff, at=at)
    funds.send_out(lot, GoodsWay.GIVEN, 2, "2 户老人", today, by=staff, at=at)
    bill = ValueDraft(Basis.INVOICE, 9_000, "发票 1", today, "示例粮店")
    funds.value_goods(lot, bill, by=staff, at=at)  # nobody confirms it
    first = quarter_notices.quarter_notices(fund)[-1]
    questions.ask(
        fund, f"notice:{first.ref}", "这个季度怎么没有用钱", token="a phone", address="10.0.0.1", at=at
    )


def _add_messages(day: MarketDay, staff: User, at: datetime) -> None:
    """A letter to one vendor, long enough ago to have left, and something that could not be brought."""
    to = vendors.applications(day)[0]
    outbox.write_letter(day, "请从东门进", [to.ref], by=staff, at=at - timedelta(hours=1))
    row = Outgoing(
        community_id=day.community_id,
        way=Way.EMAIL,
        errand=Errand.NEWS,
        subject=to.ref,
        number=1,
        mark="of then",
        vendor_id=to.vendor_id,
        day_id=day.id,
        state=SendState.FAILED,
        fault=Fault.BAD_ADDRESS,
        made_at=at,
        not_before=at,
    )
    db.session.add(row)


def _add_statement(ours: Community, staff: User, at: datetime) -> None:
    """A statement of the charity, of one line that is in no book."""
    day = at.date()
    line = TheirLine(2, day, 500, "GZ-0", "")
    draft = StatementDraft("DZ-1", day, day, 0, 500, (line,))
    read_in(require_fund(ours), draft, by=staff, at=at)


@pytest.fixture(scope="module")
def year_app(played_year: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a copy of the played year that this module may change."""
    folder = tmp_path_factory.mktemp("year")
    shutil.copy(played_year, folder / "market.sqlite3")
    app = create_app(_settings(folder))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """For one test: what it changes is not the question, and nothing any application here does is kept.

    Never for longer: the session is the same for all applications of a process, and pytest may run tests of
    another module before it ends what lasts as long as a module.
    """
    with patch.object(db.session, "commit", db.session.rollback):
        yield


def client_of(app: Flask, login: str | None) -> FlaskClient:
    """A signed-in client for a login, or an anonymous one."""
    client = app.test_client()
    if login is None:
        return client
    with app.app_context():

        def start() -> str:
            user = people.find_user(login)
            assert user is not None, login
            return people.start_session(user, device="test", at=clock.now())

        secret = do_in_unit_of_work(start)
    with client.session_transaction() as session:
        session["key"] = secret
    return client


# ── addresses of real objects for every route ─────────────────────────────────────────────────────────────

OBJECTS: dict[str, type[Model]] = {
    "days": MarketDay,
    "markets": MarketDay,
    "vendors": Vendor,
    "venues": Venue,
    "proposals": Proposal,
    "meetings": CommitteeMeeting,
    "statements": AccountStatement,
    "entries": Entry,
    "notices": Telling,
    "lists": VendorList,
    "letters": Letter,
    "copies": LetterCopy,
    "outbox": Outgoing,
    "papers": HandedPaper,
    "partners": Partner,
    "arrivals": CharityNotice,
    "goods": GoodsLot,
    "outs": GoodsOut,
    "values": GoodsValuation,
    "items": InKindItem,
    "wishes": Wish,
    "feedback": MarketDay,
    "complaints": Complaint,
    "praise": Praise,
    "quarterly": QuarterNotice,
    "questions": FundQuestion,
    "keys": ProgramKey,
    "hooks": Webhook,
    "deliveries": HookDelivery,
}
"""Which object `<ref>` names, by the word before it in the address."""

OTHER_NAMES: dict[str, type[Model]] = {
    "application_ref": Application,
    "assignment_ref": Assignment,
    "day_ref": MarketDay,
    "finding_ref": Finding,
    "item_ref": InKindItem,
    "person_ref": StallPerson,
    "photo_ref": FindingPhoto,
    "picture_ref": PaperPicture,
    "pass_ref": Assignment,
    "object_ref": Assignment,
    "remark_ref": ResidentRemark,
    "stall_ref": Stall,
    "vendor_ref": Vendor,
    "voucher_ref": SpendingVoucher,
}


class Samples(NamedTuple):
    """Values for the variable parts of addresses, all of the demo community."""

    values: dict[str, dict[str, Any]]

    def of(self, rule: Rule) -> dict[str, Any]:
        """The values this route needs, without the community's slug."""
        word = re.search(r"/(\w+)/<ref>", rule.rule)
        subject = self.values[word[1]] if word else {}
        if rule.rule.endswith("<paper>.xlsx"):  # what is signed is only printed
            subject = {**subject, "paper": "applications"}
        if "/proposals/<ref>/photos/" in rule.rule:
            subject = self.values["photos of what was done"]
        if "/kinds/" in rule.rule:
            subject = {**subject, "kind": "haircut"}
        if "atom" in rule.rule:  # what people follow
            subject = {**subject, "form": "atom"}
        return {name: subject.get(name, self.values["any"].get(name)) for name in rule.arguments - {"slug"}}


def samples() -> Samples:
    """One existing object of the demo community for each kind of address (inside an application context)."""
    community = find_community(OURS)
    by_word = {word: {"ref": _ref(community, model)} for word, model in OBJECTS.items()}
    by_word["refunds"] = {"ref": "nosuchrefu"}  # the demo gives nothing back
    by_word["periods"] = {"ref": "nosuchperi"}  # what it closed is confirmed, and stays
    by_word["quarters"] = {"ref": "nosuchquar"}
    by_word["quarterly"]["kind"] = "notice"
    by_word["donors"] = {"ref": "nosuchlink"}  # nor has a donor a link
    by_word["entries"]["kind"] = "entry"
    by_word["photos of what was done"] = _shown_photo(community)
    names = {name: _ref(community, model) for name, model in OTHER_NAMES.items()}
    gate = db.session.scalars(sa.select(User).where(User.login == "demo-gate")).one()
    lane = db.session.scalars(sa.select(Lane.id)).first()
    others = {"user_ref": gate.ref, "role": "gate", "number": lane, "token": "NOTOKEN", "secret": "nosecret"}
    others |= {"helper_ref": "nosuchhelp"}  # nobody helps at a stall of the demo
    others |= {"incident_ref": "nosuchinci", "link_ref": "nosuchlink", "opening": "nosuchopen"}
    others |= {"entry": "nosuchentr", "step": "thanks", "act": "complain", "sheet": "nosuchshee"}
    others |= {"receipt": db.session.scalars(sa.select(Complaint.receipt)).first()}
    others |= {"receipt_ref": "nosuchrece"}  # nobody asks for a receipt in the demo
    others |= {
        "code": community.region.code,
        "form": "csv",
        "filename": "css/base.css",
        "first": "2024-01-01",
        "month": "2026-11",
        "name": "roster",
        "kind": "assignment",
        "page": "calendar",
        "paper": "entry-agreement",
        "period": "2024",
        "what": "partner",
        "which": "partners",
    }
    return Samples(by_word | {"any": {**names, **others}})


def _shown_photo(community: Community) -> dict[str, str]:
    """A picture that everybody may see, and of which use of money."""
    query = (
        sa.select(Proposal.ref, SpendingPhoto.ref)
        .join(SpendingVoucher, SpendingVoucher.proposal_id == Proposal.id)
        .join(SpendingPhoto, SpendingPhoto.voucher_id == SpendingVoucher.id)
        .where(Proposal.fund_id == funds.require_fund(community).id, SpendingPhoto.kind == PhotoKind.PLACE)
    )
    proposal, photo = db.session.execute(query).first() or ("", "")
    return {"ref": proposal, "photo_ref": photo}


def _ref(community: Community, model: type[Model]) -> str:
    """The reference of an object; of a market day, of the published one."""
    query = sa.select(model)
    published = sa.select(MarketDay.id).where(
        MarketDay.community_id == community.id, MarketDay.state == DayState.PUBLISHED
    )
    if model is MarketDay:
        query = query.where(MarketDay.id.in_(published))
    elif hasattr(model, "day_id") and model not in (InKindItem, Complaint, Praise):
        query = query.where(model.day_id.in_(published))
    elif hasattr(model, "community_id"):
        query = query.where(model.community_id == community.id)
    elif hasattr(model, "fund_id"):
        query = query.where(model.fund_id == funds.require_fund(community).id)
    elif model in (GoodsOut, GoodsValuation):
        query = query.join(GoodsLot).where(GoodsLot.community_id == community.id)
    found = db.session.scalars(query).first()
    assert found is not None, model
    return str(found.ref)  # type: ignore[attr-defined]  # every model named above is Referable


def rules(app: Flask) -> list[Rule]:
    """Every route, in the order of its address."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
