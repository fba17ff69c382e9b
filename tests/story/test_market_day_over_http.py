"""One market day from an empty installation to the corrected public account, played over plain HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from market import clock
from market.db import do_in_unit_of_work
from market.gate.words import VERDICT_WORDS
from market.insight.proof import verify_everything
from market.people import service as people
from tests.conftest import both_engines
from tests.story.visitor import Visitor

PASSWORD = "four plain words here"
CHINA = timedelta(hours=8)


class Clock:
    """The time that everybody's watch shows; the story moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)

    def set(self, text: str) -> None:
        """`2026-11-28 07:30`, as the clock on the plaza shows it."""
        self.moment = datetime.fromisoformat(text).replace(tzinfo=UTC) - CHINA


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Moves the only clock of the program."""
    watch = Clock()
    monkeypatch.setattr(clock, "now", lambda: watch.moment)
    return watch


VENDORS: tuple[dict[str, Any], ...] = (
    {
        "trading_name": "周记鲜蔬",
        "holder": "周桂兰",
        "phone": "13800000001",
        "category": "produce",
        "goods": "当季蔬菜",
        "power_w": "0",
    },
    {
        "trading_name": "𠮷祥酱菜",
        "holder": "赵䶮",
        "phone": "138 0000 0002",
        "category": "grain_seasoning",
        "goods": "预包装酱菜",
        "power_w": "0",
        "food_undertaking": "y",
    },
    {
        "trading_name": "张记卤味",
        "holder": "张万福",
        "phone": "１３８００００００３３",
        "category": "cooked_food",
        "goods": "卤味",
        "power_w": "2",
        "food_undertaking": "y",
    },
)


@both_engines
def test_a_market_day_from_an_empty_installation_to_the_public_account(app: Flask, watch: Clock) -> None:
    story = Story(app, watch)
    story.set_up_the_installation()
    story.prepare_the_place()
    story.plan_the_day()
    story.vendors_register_and_apply()
    story.review_and_place()
    story.publish()
    story.run_the_gate()
    story.report_takings()
    story.close_the_books()
    story.correct_a_slip()
    story.charity_confirms_and_committee_decides()
    assert story.outcome() == {
        "contribution": "175.00",
        "takings": "2,600.00",
        "vendors": "3",
        "visits": "120",
        "balance": "75.00",
        "faults": 0,
        "revisions": 2,
    }


class Story:
    """The people of the story and what they do, one method a chapter."""

    def __init__(self, app: Flask, watch: Clock) -> None:
        self.app, self.watch = app, watch
        self.platform, self.staff, self.secretary = Visitor(app), Visitor(app), Visitor(app)
        self.gate, self.resident = Visitor(app), Visitor(app)
        self.vendors = {vendor["trading_name"]: Visitor(app) for vendor in VENDORS}
        self.members = [Visitor(app) for _index in range(3)]
        self.ref = ""

    def day(self, rest: str = "") -> str:
        return f"/staff/huaiyin/days/{self.ref}{rest}"

    # ── chapters ──────────────────────────────────────────────────────────────────────────────────────────

    def set_up_the_installation(self) -> None:
        with self.app.app_context():
            token = do_in_unit_of_work(lambda: people.make_setup_token(at=clock.now()))
        self.platform.open("/setup")
        self.platform.send("/setup", token=token, display_name="平台", login="platform", password=PASSWORD)
        self.platform.open("/platform/communities")
        self.platform.send("/regions", code="370303001000", name="槐荫街道")
        self.platform.send(
            "/platform/communities",
            name="槐荫社区",
            slug="huaiyin",
            host_org="槐荫社区居民委员会",
            phone="0533-000-0000",
        )
        self.platform.send("/huaiyin/staff", display_name="王社工", login="wang")
        self._enter_by_link(self.staff, self.platform)
        self._add("李书记", "li", "staff", self.secretary)
        self._add("高志愿", "gao", "gate", self.gate)
        for number, member in enumerate(self.members):
            self._add(f"委员{number}", f"member{number}", "committee", member)
        self.staff.open("/staff/huaiyin/fund")
        self.staff.send(
            "/fund",
            name="示例慈善总会+槐荫社区慈善基金",
            charity="示例慈善总会",
            agreement_no="示慈专〔2026〕1号",
            signed_on="2026-10-20",
            purpose="社区为老为小服务与环境修缮",
        )

    def _add(self, name: str, login: str, role: str, visitor: Visitor) -> None:
        self.staff.open("/staff/huaiyin/team")
        self.staff.send("/team", display_name=name, login=login, role=role)
        self._enter_by_link(visitor, self.staff)

    def _enter_by_link(self, visitor: Visitor, giver: Visitor) -> None:
        link = re.search(r"/enter/[\w-]+", giver.page)
        assert link is not None, giver.text
        visitor.open(link[0])
        visitor.send(link[0])
        visitor.open("/account")
        visitor.send("/password", password=PASSWORD)

    def _sign_in(self, visitor: Visitor, login: str) -> None:
        """Days pass between the chapters; staff must sign in again."""
        visitor.open("/sign-in")
        visitor.send("/sign-in", login=login, password=PASSWORD)

    def prepare_the_place(self) -> None:
        staff = self.staff
        staff.open("/staff/huaiyin/venues/new")
        staff.send(
            "/venues", name="睦邻广场", address="槐荫路 1 号", width="48", depth="40", entrances="东门、西门"
        )
        venue = staff.address
        staff.send("/standard-plan")
        for kind in ("M02", "M07"):
            staff.open(venue)
            staff.send("/papers", kind=kind, number=f"{kind}-1", issuer="区政府", valid_to="2027-12-31")
        self.venue = venue.rsplit("/", 1)[1]

    def plan_the_day(self) -> None:
        staff = self.staff
        staff.open("/staff/huaiyin/days/new")
        wrong: dict[str, Any] = {"theme": "冬储菜集", "on": "2026-11-28", "opens": "11:30", "closes": "08:00"}
        staff.send("/days", status=422, **wrong)
        assert 'value="冬储菜集"' in staff.page  # what was typed is kept
        staff.send(
            "/days",
            venue=self.venue,
            theme="冬储菜集",
            on="2026-11-28",
            opens="08:00",
            closes="11:30",
            arrive_by="07:40",
            apply_from="2026-11-02T08:00",
            apply_until="2026-11-20T18:00",
            expected_visitors="400",
            stall_limit="24",
        )
        self.ref = staff.address.rsplit("/", 1)[1]
        self._step("prepare")
        self._step("open_applications")
        self.resident.open("/")
        assert "11 月 28 日 星期六" in self.resident.text

    def _step(self, step: str, **typed: Any) -> None:
        self.staff.open(self.day())
        self.staff.send("/steps", step=step, **typed)

    def vendors_register_and_apply(self) -> None:
        self.watch.set("2026-11-05 19:00")
        for facts in VENDORS:
            vendor = self.vendors[facts["trading_name"]]
            vendor.open("/c/huaiyin/vendors/new")
            vendor.send("/vendors/new", agreed="y", **facts)
            vendor.open("/vendor/huaiyin/")
            vendor.send("/application")
        self._agree("周记鲜蔬", kind="percent", percent="5")
        self._agree("𠮷祥酱菜", kind="none")
        self._agree("张记卤味", kind="fixed", fixed="100")

    def _agree(self, name: str, **terms: Any) -> None:
        vendor = self.vendors[name]
        vendor.open("/vendor/huaiyin/terms")
        vendor.send("/terms", button="就这样签", **terms)

    def review_and_place(self) -> None:
        self.watch.set("2026-11-21 09:00")
        staff = self.staff
        self._sign_in(staff, "wang")
        self._step("close_applications")
        self._check_papers("𠮷祥酱菜", ("D06", "备案 1 号", ""))
        self._check_papers("张记卤味", ("D05", "公示卡 7 号", ""), ("D07", "健康 33 号", "2027-05-01"))
        staff.open(self.day("/applications"))
        staff.send("/approvals")
        staff.open(self.day("/plan"))
        staff.send("/plan-runs")
        assert "已证明" in staff.text
        if "/confirmation" in staff.page:
            staff.send("/confirmation")

    def _check_papers(self, name: str, *papers: tuple[str, str, str]) -> None:
        staff = self.staff
        for kind, number, valid_to in papers:
            staff.open(f"/staff/huaiyin/vendors?q={name}")
            staff.open(
                next(
                    link for link in staff.links("/staff/huaiyin/vendors/") if len(link.rsplit("/")[-1]) == 10
                )
            )
            staff.send(
                "/documents",
                button="登记",
                kind=kind,
                number=number,
                issuer="街道办",
                valid_to=valid_to,
                seen="y",
            )

    def publish(self) -> None:
        staff = self.staff
        staff.open(self.day())
        staff.send("/papers", kind="M04", number="报备 1 号", issuer="市场监管所", filed_on="2026-11-21")
        staff.open(self.day())
        staff.send("/publication")
        pdf = staff.get(self.day("/passes.pdf"))
        assert pdf.data.startswith(b"%PDF-")
        self.resident.open(f"/c/huaiyin/markets/{self.ref}")
        for facts in VENDORS:
            assert facts["trading_name"] in self.resident.text
            assert facts["holder"] not in self.resident.text
        assert "𠮷祥酱菜" in self.resident.open(f"/c/huaiyin/markets/{self.ref}?q=酱菜")
        assert b"BEGIN:VEVENT" in self.resident.get("/c/huaiyin/calendar.ics").data
        for vendor in self.vendors.values():
            vendor.open("/vendor/huaiyin/")
            assert re.search(r"您在 [A-Z]\d\d 号摊位。请 7:40 前到睦邻广场。", vendor.text), vendor.text
            vendor.send("/reading")
            assert "知道了" not in vendor.text

    def run_the_gate(self) -> None:
        self.watch.set("2026-11-28 07:20")
        gate = self.gate
        self._sign_in(gate, "gao")
        for name in ("周记鲜蔬", "𠮷祥酱菜", "张记卤味"):
            assert self._scan(self._code(name)) == "admitted"
        assert self._scan(self._code("周记鲜蔬")) == "already_in"
        assert self._scan("7K4M-9X") in ("unknown_code", "refused")
        self.watch.set("2026-11-28 09:00")
        self._sign_in(gate, "gao")
        gate.open(f"/gate/huaiyin/days/{self.ref}/footfall")
        sheet = gate.form("/count-sheet").fields
        cells = [name for name in sheet if name.startswith("visits-")]
        counted: dict[str, Any] = dict.fromkeys(cells, "0") | {cells[0]: "70", cells[1]: "50"}
        gate.send("/count-sheet", **counted)

    def _code(self, name: str) -> str:
        """The short code that the vendor reads off the phone."""
        vendor = self.vendors[name]
        vendor.open(f"/vendor/huaiyin/days/{self.ref}/pass")
        found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{2}\b", vendor.text)
        assert found is not None, vendor.text
        return found[0]

    def _scan(self, code: str) -> str:
        """Types a code at the gate; the verdict, or `refused` when it is no code at all."""
        gate = self.gate
        gate.open(f"/gate/huaiyin/days/{self.ref}")
        form = gate.form("/scans")
        data = {**form.fields, "code": code, "entrance": "东门"}
        answer = gate._client.post(form.action, data=data, follow_redirects=True)
        if answer.status_code == 422:
            return "refused"
        found = re.search(r"data-verdict-word>([^<]+)<", answer.text)
        assert found is not None, answer.text
        return next(verdict.value for verdict, word in VERDICT_WORDS.items() if str(word) == found[1])

    def report_takings(self) -> None:
        self.watch.set("2026-11-28 08:05")
        self._sign_in(self.staff, "wang")
        self._step("open")
        self.watch.set("2026-11-28 11:40")
        self._sign_in(self.staff, "wang")
        self._step("close")
        self._report("周记鲜蔬", "15000")  # a slip: one nought too many
        self._report("张记卤味", "800")
        vendor = self.vendors["𠮷祥酱菜"]
        vendor.open(f"/vendor/huaiyin/days/{self.ref}/takings")
        vendor.send("/takings", status=422, takings="-5")
        assert "负数" in vendor.text
        self._report("𠮷祥酱菜", "300")

    def _report(self, name: str, yuan: str) -> None:
        vendor = self.vendors[name]
        vendor.open(f"/vendor/huaiyin/days/{self.ref}/takings")
        vendor.send("/takings", takings=yuan)  # shows what would be given …
        vendor.send("/takings", button="确认")  # … and this button says the same sum

    def close_the_books(self) -> None:
        self.staff.open(self.day("/settlement"))
        self.staff.send("/settlement", button="收市")
        self.resident.open("/c/huaiyin/fund")
        assert "850.00" in self.staff.text  # 5 % of 15,000 and the fixed 100
        assert "850.00" not in self.resident.text  # two gave, and each knows the own gift
        self.staff.open(self.day("/settlement"))  # closing twice is closing once
        assert "收市并入账" not in self.staff.text

    def correct_a_slip(self) -> None:
        self.watch.set("2026-11-29 10:00")
        self._sign_in(self.secretary, "li")
        self.secretary.open(self.day("/corrections"))
        self.secretary.send(
            "/corrections", assignment=self._stall_of("周记鲜蔬"), takings="1500", reason="多打了一个 0"
        )

    def _stall_of(self, name: str) -> str:
        """The value by which the form of corrections names a vendor's stall."""
        found = re.search(rf'<option[^>]*value="(\w+)"[^>]*>[^<]*{name}', self.secretary.page)
        assert found is not None, self.secretary.text
        return found[1]

    def charity_confirms_and_committee_decides(self) -> None:
        self.watch.set("2026-12-02 10:00")
        self._sign_in(self.members[0], "member0")  # one settled, the other corrected: a third person confirms
        self.members[0].open("/committee/huaiyin/")
        self.members[0].send("/remittance", reference="慈收 0001")
        self._sign_in(self.secretary, "li")
        self._sign_in(self.staff, "wang")
        self.staff.open("/staff/huaiyin/fund/proposals")
        self.staff.send(
            "/proposals",
            use_type="5102",
            purpose="修 3 号楼路灯",
            payee="示例电工部",
            amount="100",
            detail="灯泡两只",
        )
        for number, member in enumerate(self.members):
            self._sign_in(member, f"member{number}")
            member.open("/committee/huaiyin/")
            link = member.links("/proposals/")[0]
            member.open(link)
            if f"{link}/votes" in member.page:
                member.send("/votes", choice="yes")
        self.secretary.open("/staff/huaiyin/fund/proposals")
        self.secretary.open(self.secretary.links("/fund/proposals/")[0])
        self.secretary.send("/payment", paid_on="2026-12-02", reference="慈付 0001")

    # ── what came of it ───────────────────────────────────────────────────────────────────────────────────

    def outcome(self) -> dict[str, Any]:
        """The figures of the day, read off the pages of staff, and whether everything verifies.

        Only two gave, and each would know the other's gift: the public reads that the sum comes with the next
        ones, and why it was corrected (D22).
        """
        account = self.resident.open(f"/c/huaiyin/fund/markets/{self.ref}")
        assert "合并公布" in account
        assert not re.search(r"850\.00|175\.00|75\.00", self.resident.text)
        statement = self.staff.open(self.day("/statement"))
        fund = self.staff.open("/staff/huaiyin/fund")
        with self.app.app_context():
            faults = verify_everything().faults
        numbers = re.findall(r'class="num">([\d,.]+)', statement)
        return {
            "contribution": numbers[0],
            "takings": numbers[1],
            "vendors": numbers[2],
            "visits": numbers[3],
            "balance": re.findall(r'class="num">([\d,.]+)', fund)[0],
            "faults": faults,
            "revisions": 2 if "多打了一个 0" in account else 1,
        }
