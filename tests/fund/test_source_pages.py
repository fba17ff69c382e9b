"""The pages of partners, workshops and gifts: what staff type and confirm, what everybody reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.fund.models import CharityNotice
from market.people import service as people
from market.people.rules import Role
from tests.cast import Cast, make_user, post
from tests.fund.conftest import AT, day_of
from tests.fund.test_views import at_desk

SignIn = Callable[[str], FlaskClient]
STAFF, PUBLIC = "/staff/huaiyin/fund", "/c/huaiyin/fund"
TODAY = day_of(AT)

AGREEMENT = {
    "name": "慢时光书吧",
    "place": "服务中心一楼",
    "agreement_no": "合 1",
    "starts_on": (TODAY - timedelta(days=200)).isoformat(),
    "ends_on": (TODAY + timedelta(days=300)).isoformat(),
    "support": "4000",
    "rhythm": "3",
}
SPACE = {**AGREEMENT, "services": "借书看书\n\n 儿童故事会", "promise": "比市价低两成"}
WORKSHOP = {
    **AGREEMENT,
    "name": "巧手工坊",
    "agreement_no": "微 1",
    "makes": "缝纫布包",
    "made_with": "针线坊供料",
    "wage_low": "80",
    "wage_high": "200",
    "support": "50000",
    "rhythm": "12",
}


@pytest.fixture
def fund(app: Flask, cast: Cast) -> None:
    with at_desk(app, cast):
        pass


def add(client: FlaskClient, kind: str, fields: dict[str, str]) -> str:
    """Enters an agreement; the address of its page."""
    answer = post(client, f"{STAFF}/new/{kind}", **fields)
    assert answer.status_code == 302, answer.text
    return answer.location


def give(client: FlaskClient, page: str, amount: str, reference: str) -> None:
    fields = {"amount": amount, "received_on": TODAY.isoformat(), "reference": reference}
    assert post(client, page, f"{page}/supports", **fields).status_code == 302


def type_gift(client: FlaskClient, **fields: str) -> None:
    usual = {"source": "4104", "amount": "200", "received_on": TODAY.isoformat(), "reference": "JZ-1"}
    answer = post(client, f"{STAFF}/sources", **{**usual, "donor": "赵大爷", **fields})
    assert answer.status_code == 302, answer.text


def notice(app: Flask, reference: str) -> str:
    with app.app_context():
        query = sa.select(CharityNotice.ref).where(CharityNotice.reference == reference)
        return db.session.scalars(query).one()


def confirm(client: FlaskClient, ref: str) -> int:
    return post(client, f"{STAFF}/sources", f"{STAFF}/arrivals/{ref}/confirmation").status_code


def test_a_partner_from_the_agreement_to_the_public_page(app: Flask, fund: None, sign_in: SignIn) -> None:
    staff, second, public = sign_in("staff"), sign_in("second"), app.test_client()
    page = add(staff, "partner", SPACE)
    give(staff, page, "4000", "HB-1")
    assert "4,000.00" not in public.get(PUBLIC).text
    ref = notice(app, "HB-1")
    assert confirm(staff, ref) == 403
    assert confirm(second, ref) == 302
    home = public.get(PUBLIC).text
    assert "空间换服务" in home
    assert "1 家，2 项服务" in home
    listed = public.get(f"{PUBLIC}/sources/partners").text
    assert "慢时光书吧" in listed
    told = public.get(page.replace(STAFF, PUBLIC)).text
    for words in ("借书看书", "儿童故事会", "比市价低两成", "每季", "4,000.00"):
        assert words in told
    assert "过了日子" not in told


def test_what_is_late_is_for_staff(fund: None, sign_in: SignIn, app: Flask) -> None:
    staff = sign_in("staff")
    page = add(staff, "partner", SPACE)
    assert "过了约定日子还没到账的" in staff.get(f"{STAFF}/sources").text
    assert "过日子了" in staff.get(page).text
    assert "过日子了" not in app.test_client().get(page.replace(STAFF, PUBLIC)).text


def test_a_workshop_says_how_many_work_there(app: Flask, fund: None, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    page = add(staff, "workshop", WORKSHOP)
    answer = post(staff, page, f"{page}/jobs", jobs="60", counted_on=TODAY.isoformat())
    assert answer.status_code == 302
    give(staff, page, "50000", "WY-1")
    assert confirm(sign_in("second"), notice(app, "WY-1")) == 302
    public = app.test_client()
    assert "1 家，60 人干活" in public.get(PUBLIC).text
    told = public.get(page.replace(STAFF, PUBLIC)).text
    for words in ("缝纫布包", "针线坊供料", "80–200", "60", "50,000.00"):
        assert words in told


def test_a_donor_is_named_only_who_agreed_and_may_change_their_mind(
    app: Flask, fund: None, sign_in: SignIn
) -> None:
    staff, second, public = sign_in("staff"), sign_in("second"), app.test_client()
    type_gift(staff)
    type_gift(staff, reference="JZ-2", donor="钱大妈", may_name="y", purpose="给老人送饭")
    for reference in ("JZ-1", "JZ-2"):
        assert confirm(second, notice(app, reference)) == 302
    page = f"{PUBLIC}/sources/gifts"
    told = public.get(page).text
    assert "赵大爷" not in told
    for words in ("爱心人士", "钱大妈", "指定用于给老人送饭", "400.00"):
        assert words in told
    naming = f"{STAFF}/arrivals/{notice(app, 'JZ-2')}/naming"
    for may_name, is_told in (("", False), ("", False), ("y", True)):
        assert post(staff, f"{STAFF}/sources", naming, may_name=may_name).status_code == 302
        assert ("钱大妈" in public.get(page).text) is is_told


def test_nothing_public_names_who_did_not_agree(app: Flask, fund: None, sign_in: SignIn) -> None:
    type_gift(sign_in("staff"))
    assert confirm(sign_in("second"), notice(app, "JZ-1")) == 302
    public = app.test_client()
    home = public.get(PUBLIC).text
    entry = home.split(f"{PUBLIC}/entries/")[1].split('"')[0]
    for address in (
        PUBLIC,
        f"{PUBLIC}/entries/{entry}",
        f"{PUBLIC}/ledger.csv",
        f"{PUBLIC}/ledger.beancount",
    ):
        with public.get(address) as answer:
            assert answer.status_code == 200
            assert "赵大爷" not in answer.get_data(as_text=True)


def test_a_wrong_one_is_reversed_and_both_stay(app: Flask, fund: None, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    type_gift(staff)
    ref = notice(app, "JZ-1")
    sign_in_second = sign_in("second")
    assert confirm(sign_in_second, ref) == 302
    target = f"{STAFF}/arrivals/{ref}/reversal"
    assert post(sign_in_second, f"{STAFF}/sources", target, reason="看错了").status_code == 403
    assert post(staff, f"{STAFF}/sources", target, reason="").status_code == 422
    assert post(staff, f"{STAFF}/sources", target, reason="看错了").status_code == 302
    told = app.test_client().get(f"{PUBLIC}/sources/gifts").text
    assert "已冲销" in told
    assert "0.00" in told


def test_a_member_confirms_and_a_supervisor_only_reads(app: Flask, fund: None, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        watcher = make_user("watcher", "监督员")
        people.grant(watcher, Role.SUPERVISOR, community=find_community("huaiyin"), at=AT)
    type_gift(sign_in("staff"))
    ref, home = notice(app, "JZ-1"), "/committee/huaiyin/"
    watching = sign_in("watcher")
    assert "赵大爷" in watching.get(home).text
    target = f"/committee/huaiyin/arrivals/{ref}/confirmation"
    assert post(watching, home, target).status_code == 403
    assert post(sign_in("member1"), home, target).status_code == 302


@pytest.mark.parametrize("name", ["partners", "workshops", "gifts", "interest", "fee"])
def test_a_source_that_gave_nothing_has_no_page(app: Flask, fund: None, name: str) -> None:
    assert app.test_client().get(f"{PUBLIC}/sources/{name}").status_code == 404


def test_a_form_with_mistakes_keeps_what_was_typed(fund: None, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    answer = post(staff, f"{STAFF}/new/partner", **{**SPACE, "ends_on": "2020-01-01"})
    assert answer.status_code == 422
    assert "慢时光书吧" in answer.text
    answer = post(staff, f"{STAFF}/sources", source="4104", amount="", reference="JZ-9")
    assert answer.status_code == 422
    assert "JZ-9" in answer.text
