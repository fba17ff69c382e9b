"""Vendors, their papers and applications, made by the services; call inside a unit of work."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count

from market import clock
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import profile_of
from market.people.models import User
from market.people.rules import Role
from market.people.service import grant
from market.vendors import service
from market.vendors.models import Application, Vendor
from market.vendors.rules import ApplicationState, Category, DocumentKind
from market.vendors.service import VendorDraft
from tests.cast import make_user

_numbers = count(1)

FAR = date(2099, 12, 31)


def draft(trading_name: str = "老张豆浆坊", **changes: object) -> VendorDraft:
    """A vendor on paper; each call has a phone number of its own."""
    facts: dict[str, object] = {
        "trading_name": trading_name,
        "holder": "张师傅",
        "phone": f"138{next(_numbers):08d}",
        "category": Category.DAILY_GOODS,
        "goods": "针头线脑",
    }
    return VendorDraft(**{**facts, **changes})  # type: ignore[arg-type]  # the dictionary holds its fields


def make_vendor(
    community: Community,
    by: User,
    trading_name: str = "老张豆浆坊",
    *,
    login: str | None = None,
    papers: bool = True,
    **changes: object,
) -> Vendor:
    """A vendor entered by staff; `login` gives it an account, with `papers` nothing is missing."""
    at = clock.now()
    user = make_user(login, trading_name) if login else None
    vendor = service.register_vendor(community, draft(trading_name, **changes), by=by, at=at, user=user)
    if papers:
        show_papers(vendor, by)
    return vendor


def show_papers(vendor: Vendor, by: User, valid_to: date | None = FAR) -> None:
    """Everything the category needs, valid for a long time."""
    at = clock.now()
    for need in profile_of(vendor.community).duties_of([vendor.category]):
        kind = DocumentKind(need.kinds[0])
        service.check_document(
            vendor, kind, number=f"{kind.value}-1", issuer="市场监管局", valid_to=valid_to, by=by, at=at
        )


def make_application(
    day: MarketDay,
    vendor: Vendor,
    by: User,
    *,
    state: ApplicationState = ApplicationState.SUBMITTED,
    at: datetime | None = None,
    **answers: object,
) -> Application:
    """An application entered by `by`, and decided if `state` asks for it."""
    at = at or clock.now()
    application = service.apply(day, vendor, by=by, at=at, **answers)  # type: ignore[arg-type]  # plain keyword values
    if state is ApplicationState.APPROVED:
        service.approve(application, by=by, at=at)
    elif state is ApplicationState.NEEDS_MORE:
        service.ask_for_documents(application, "请带健康证来。", by=by, at=at)
    elif state is ApplicationState.REJECTED:
        service.reject(application, "这一场同类的摊位满了。", by=by, at=at)
    elif state is ApplicationState.WITHDRAWN:
        service.withdraw(application, by=by, at=at)
    return application


def fill_day(
    day: MarketDay, by: User, number: int, *, state: ApplicationState = ApplicationState.APPROVED
) -> list[Application]:
    """So many vendors of daily goods without special needs, all with an application to the day."""
    return [
        make_application(day, make_vendor(day.community, by, f"第{index}家百货"), by, state=state)
        for index in range(1, number + 1)
    ]


def act_for(vendor: Vendor, user: User) -> None:
    """Lets an account of the cast act for a vendor."""
    vendor.user = user
    grant(user, Role.VENDOR, community=vendor.community, at=clock.now())
