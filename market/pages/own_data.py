"""What a community keeps of a vendor: taken along as a workbook, or deleted (PIPL 44–47)."""

from __future__ import annotations

from io import BytesIO

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.feedback import service as feedback
from market.feedback.words import ABOUT_WORDS, PRAISE_WORDS
from market.layout.answers import XLSX, send_file
from market.layout.filters import day_text, stamp_text
from market.notices import service as notices
from market.notices.words import words_of
from market.outbox import service as outbox
from market.pages.application_words import state_words
from market.pages.blueprint import bp
from market.pages.vendor_home import current_vendor
from market.people.access import current_user
from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.settlement import service as settlement
from market.settlement.paper_kit.workbook import write_tables
from market.vendors import service
from market.vendors.forms import PlainForm
from market.vendors.models import Vendor
from market.vendors.words import WHY_PHONE_WORDS, category_word, document_word


@bp.get("/vendor/<slug>/my-data.xlsx")
@open_to(Audience.VENDOR)
def own_data() -> Response:
    vendor, at, out = current_vendor(), clock.now(), BytesIO()
    today = clock.local(at, vendor.community.zone).date().isoformat()
    write_tables(f"{vendor.community.name} · {vendor.trading_name} {today}", at, own_tables(vendor), out)
    name = f"{vendor.trading_name}_{_('我的资料')}_{today}.xlsx"
    return send_file(out.getvalue(), XLSX, name)


def own_tables(vendor: Vendor) -> list[Table]:
    """Everything that is kept of a vendor, a sheet for each kind."""
    return [table(vendor) for table in (_facts, _papers, _markets, _takings, _messages, _said, _looks)]


def _table(key: str, title: str, columns: list[Column], rows: list[tuple[Cell, ...]]) -> Table:
    return Table(key, title, tuple(columns), tuple(rows), to_read=True)


def _facts(vendor: Vendor) -> Table:
    told: list[tuple[str, Cell]] = [
        (_("招牌"), vendor.trading_name),
        (_("经营者"), vendor.holder),
        (_("手机号"), vendor.phone),
        (_("经营品类"), str(category_word(vendor.category))),
        (_("主要商品"), vendor.goods),
        (_("价格区间"), vendor.price_range),
        (_("用电（瓦）"), vendor.power_w),
        (_("用水"), _yes(vendor.needs_water)),
        (_("停车"), _yes(vendor.needs_vehicle)),
        (_("车牌"), vendor.plate),
        (_("摊子宽（分米）"), vendor.width_dm),
        (_("摊子深（分米）"), vendor.depth_dm),
        (_("明火"), _yes(vendor.open_flame)),
        (_("燃气罐"), _yes(vendor.gas_bottle)),
        (_("燃气报警器和灭火器"), _yes(vendor.gas_alarm)),
        (_("自带帐篷"), _yes(vendor.own_tent)),
        (_("可以用爱心摊位"), _yes(vendor.may_use_reserved)),
        (_("登记日期"), stamp_text(vendor.registered_at)),
    ]
    ways = outbox.ways_of(vendor)
    if ways is not None:
        told += [
            (_("邮箱"), ways.email), (_("不要给我发邮件"), _yes(ways.no_email)),
            (_("不要给我发短信"), _yes(ways.no_sms)),
        ]  # fmt: skip
    helpers: list[tuple[str, Cell]] = [(_("摊上的帮手"), one.user.display_name) for one in vendor.helpers]
    return _table("facts", _("资料"), [Column(_("项目"), 60), Column(_("内容"), 130)], [*told, *helpers])


def _yes(fact: bool) -> str:
    return _("是") if fact else _("否")


def _papers(vendor: Vendor) -> Table:
    columns = [
        Column(_("证照"), 60), Column(_("编号"), 70, Kind.CODE), Column(_("发证机关"), 60),
        Column(_("有效期至"), 30, Kind.DATE), Column(_("登记日期"), 40),
    ]  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (str(document_word(one.kind)), one.number, one.issuer, one.valid_to, stamp_text(one.checked_at))
        for one in vendor.documents
    ]
    return _table("papers", _("证照和协议"), columns, rows)


def _markets(vendor: Vendor) -> Table:
    columns = [
        Column(_("集市"), 60), Column(_("日期"), 50), Column(_("报名"), 40), Column(_("结果"), 40),
        Column(_("备注"), 60),
    ]  # fmt: skip
    history = service.history(vendor)
    states = state_words(history)
    rows: list[tuple[Cell, ...]] = [
        (
            one.day.theme, day_text(one.day.open_at), stamp_text(one.submitted_at), str(states[one.id][1]),
            one.note,
        )
        for one in history
    ]  # fmt: skip
    return _table("markets", _("报过的集市"), columns, rows)


def _takings(vendor: Vendor) -> Table:
    columns = [
        Column(_("日期"), 50), Column(_("第几次报"), 20, Kind.NUMBER), Column(_("营业额"), 30, Kind.MONEY),
        Column(_("自己定的捐款"), 30, Kind.MONEY), Column(_("什么时候报的"), 40), Column(_("为什么改"), 60),
    ]  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            day_text(one.assignment.day.open_at), one.revision, None if one.gift_only else one.takings_fen,
            one.chosen_fen, stamp_text(one.reported_at), one.reason,
        )
        for one in settlement.told_by(vendor)
    ]  # fmt: skip
    return _table("takings", _("报过的营业额"), columns, rows)


def _messages(vendor: Vendor) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (stamp_text(one.told_at), words_of(one).sentence) for one in notices.history(vendor)
    ]
    return _table("messages", _("告诉过的"), [Column(_("什么时候"), 40), Column(_("内容"), 150)], rows)


def _said(vendor: Vendor) -> Table:
    """What residents said of the vendor, and what it answered."""
    praised = [one.praise for one in feedback.praise_of_vendor(vendor, most=None)]
    complaints = [one.complaint for one in feedback.complaints_about(vendor, clock.now(), most=None)]
    found = [
        *((one.given_at, PRAISE_WORDS[one.kind], one.sentence) for one in praised),
        *((one.made_at, ABOUT_WORDS[one.about], one.text) for one in complaints),
        *((one.said_at, _("我这边的情况"), one.text) for one in feedback.sides_of(vendor)),
    ]
    rows: list[tuple[Cell, ...]] = [
        (stamp_text(at), str(what), text)
        for at, what, text in sorted(found, key=lambda one: one[0], reverse=True)
    ]
    columns = [Column(_("什么时候"), 40), Column(_("什么事"), 40), Column(_("内容"), 110)]
    return _table("said", _("居民怎么说我"), columns, rows)


def _looks(vendor: Vendor) -> Table:
    columns = [Column(_("什么时候"), 40), Column(_("谁"), 50), Column(_("为什么"), 100)]
    rows: list[tuple[Cell, ...]] = [
        (stamp_text(one.at), one.who, str(WHY_PHONE_WORDS[one.why]) if one.why else _("导出了商户通讯录"))
        for one in service.looks_of(vendor, most=1000)
    ]
    return _table("looks", _("谁看过手机号"), columns, rows)


@bp.post("/vendor/<slug>/deletion")
@open_to(Audience.VENDOR)
def create_own_deletion() -> ResponseReturnValue:
    """The vendor wants to be forgotten: at once, or as soon as the law lets us."""
    vendor, form = current_vendor(), PlainForm()
    if not form.validate_on_submit():
        return redirect(url_for("pages.vendor_profile", _anchor="data"))
    due = form.attempt(lambda: service.ask_to_be_forgotten(vendor, by=current_user(), at=clock.now()))
    if due is None:
        flash(str(form.refusal.sentence) if form.refusal else "", "stop")
    elif vendor.forgotten:
        flash(_("您的资料删掉了。以后想来，再登记一次就行。"), "go")
        return redirect(url_for("pages.community"))
    else:
        flash(_("记下了，%(day)s 自动删。", day=day_text(due.value)), "go")
    return redirect(url_for("pages.vendor_profile", _anchor="data"))


@bp.post("/vendor/<slug>/deletion/removal")
@open_to(Audience.VENDOR)
def delete_own_deletion() -> ResponseReturnValue:
    if PlainForm().validate_on_submit():
        service.stay(current_vendor(), by=current_user(), at=clock.now())
        flash(_("好的，资料留着。"), "go")
    return redirect(url_for("pages.vendor_profile", _anchor="data"))
