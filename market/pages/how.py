"""In plain words: how a resident does each thing, and how to follow a community without an account."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.rules import PUBLIC_STATES
from market.communities.group import group_of
from market.config import settings
from market.errors import NotFound
from market.pages import subscriptions
from market.pages.blueprint import bp
from market.people.access import current_community
from market.vendors.rules import Category
from market.vendors.words import CATEGORY_WORDS


class Way(NamedTuple):
    """How one thing is done."""

    title: Any
    steps: tuple[Any, ...]
    by_hand: Any
    """How it is done without a phone."""
    endpoint: str
    label: Any


WAYS: dict[str, Way] = {
    "find": Way(
        _("怎么找一个摊位"),
        (
            _("打开“集市”，在框里写您要找的，比如 理发、豆腐。写错一两个字、写拼音都行。"),
            _("页面告诉您来不来、在几号摊。图上标红的就是。"),
            _("没有来的，点一下“想要”，社区就知道了。"),
        ),
        _("不用手机：看门口的海报，或者问服务台。"),
        "pages.community",
        _("去找"),
    ),
    "ask": Way(
        _("怎么要一个摊位"),
        (
            _("打开“想要”，点一下您要的那一样。"),
            _("单子上没有的，自己写一两个字加上去。社区看过，邻居也能点。"),
            _("有了结果，写在那一样下面：哪一场来、几号摊，或者为什么来不了。"),
        ),
        _("不用手机：在居委会门口的纸上画一笔，或者跟网格员说。"),
        "pages.wishes",
        _("去说想要什么"),
    ),
    "say": Way(
        _("怎么说这次集市好不好"),
        (
            _("扫出口的二维码，或者打开“逛完说一声”。"),
            _("三道题，一道点一下。点错了，可以改，可以收回。"),
            _("说的人够多了，结果公开给大家看。"),
        ),
        _("不用手机：服务台有纸，画个勾就行。"),
        "feedback.after",
        _("去说一声"),
    ),
    "praise": Way(
        _("怎么夸一家"),
        (
            _("打开“逛完说一声”，点“夸一家”。"),
            _("选是哪一家、好在哪里。想多说一句就写一句。"),
            _("那一家看得到；社区看过，大家也看得到。"),
        ),
        _("不用手机：当面夸，最好。"),
        "feedback.after",
        _("去夸一家"),
    ),
    "complain": Way(
        _("怎么投诉"),
        (
            _("先跟摊主说，东西还在手上最好。重量不对，到公平秤上称一称。"),
            _("没说好，打开“投诉和答复”，点“我要投诉”。不用写您是谁。"),
            _("交上去会给一个 12 位的回执号。抄下来，凭它查办到哪一步。"),
            _("到期没答复，自动转到上一级。答复了没解决，按“没解决”。"),
        ),
        _("不用手机：到服务台说，或者打社区电话，一样给回执号。"),
        "feedback.complaints",
        _("去投诉、查回执号"),
    ),
    "account": Way(
        _("怎么看基金的账"),
        (
            _("打开“基金账本”。最上面是现在有多少钱。"),
            _("往下是钱从哪里来、用到哪里去。点一笔，看是哪一场、怎么定的。"),
            _("不放心，可以把账本下载下来，自己加一遍。"),
        ),
        _("不用手机：看公示栏里的公示表，上面有监督电话。"),
        "fund.page",
        _("去看账"),
    ),
    "stalls": Way(
        _("摊位是怎么分的"),
        (
            _("谁报名、谁排在前面，按公开的规矩算。"),
            _("捐多捐少不算分。按时到、收摊干净、按时报数算分，投诉属实减分。"),
            _("要抽签的，名单先公开，您可以自己重抽一遍核对。"),
        ),
        _("不用手机：规矩贴在公示栏里，也可以问社区。"),
        "stalls.allocation",
        _("去看规矩"),
    ),
    "sell": Way(
        _("怎么来摆摊"),
        (
            _("先登记一次：卖什么、电话、证照。"),
            _("开始报名时选日子。结果社区会告诉您。"),
            _("捐不捐、捐多少，自己定，不影响摊位。"),
        ),
        _("不用手机：到社区说一声，工作人员帮您填。"),
        "vendors.registration",
        _("去登记"),
    ),
}


@bp.get("/c/<slug>/how")
@open_to(Audience.PUBLIC)
def how() -> ResponseReturnValue:
    return render_template("pages/how.html", ways=WAYS)


@bp.get("/c/<slug>/how/<act>")
@open_to(Audience.PUBLIC)
def how_to(act: str) -> ResponseReturnValue:
    if act not in WAYS:
        raise NotFound("pages.no_way", _("没有这一页。"))
    others = {code: way for code, way in WAYS.items() if code != act}
    return render_template("pages/how_to.html", way=WAYS[act], others=others)


@bp.get("/c/<slug>/follow")
@open_to(Audience.PUBLIC)
def follow() -> ResponseReturnValue:
    """Everything by which somebody hears of markets without an account."""
    community, at = current_community(), clock.now()
    address = settings().public_url + url_for("pages.feed")
    known = [day for day in service.days_around(community, at, 1) if day.state in PUBLIC_STATES]
    return render_template(
        "pages/follow.html",
        address=address,
        webcal="webcal:" + address.partition(":")[2],
        district=community.region.parent or community.region,
        kinds=[(kind.value, CATEGORY_WORDS[kind]) for kind in Category],
        vendors=subscriptions.vendors_known(community, known[-1]) if known else [],
        group=group_of(community),
        today=clock.today(community.zone),
    )
