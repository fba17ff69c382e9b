"""One page for staff and one for volunteers: what to do, step by step, and whom to call."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from market.communities.service import profile_of
from market.config import settings
from market.paperwork.facts import Facts
from market.paperwork.safety_plan import telephones
from market.stalls import service as stalls


class Step(NamedTuple):
    """One step: its picture, what it is called, what to do, and the page where it is done."""

    picture: str
    title: str
    text: str
    address: str = ""


class Handbook(NamedTuple):
    """A whole page."""

    title: str
    whose: str
    steps: tuple[Step, ...]
    telephones: list[tuple[str, str]]
    code: str
    """The page that residents ask for."""
    code_word: str


def staff_handbook(facts: Facts) -> Handbook:
    """From the date to the notice board."""
    profile = profile_of(facts.community)
    steps = (
        Step("calendar", _("定日子和场地"),
             _("避开调休和考试。预计到 %(n)s 人，提前 %(days)s 天报公安。",
               n=profile.crowd.licence, days=profile.crowd.apply_days), _page("pages.desk")),
        Step("list", _("收报名，核证照"),
             _("群里接龙可以整段贴进来。看原件，记编号和到期日，不拍身份证。"), _page("vendors.register")),
        Step("shield", _("报备，写安全方案"),
             _("有食品摊的，提前 %(n)s 天报市场监管所。方案九条已经写好，改成你们的。",
               n=profile.filing.remind_days), _papers(facts)),
        Step("stalls", _("排摊位，签协议"),
             _("程序排，理由写明。入场协议、食品承诺书、捐赠协议开市前签好；捐不捐都行。"),
             _of_day(facts, "stalls.plan")),
        Step("printer", _("发布，打印，贴海报"),
             _("提前两天公布。摊位证、签到表、检查表一次打齐，停电也能办。"), _of_day(facts, "pages.day")),
        Step("phone", _("当天"),
             _("给门口的手机出码。开市前、开市中各巡查一轮，每段数人，出事记一行。"),
             _of_day(facts, "pages.board")),
        Step("coins", _("收市对账"),
             _("商户自己报数，没卖写 0。当天对齐再入账；另一个人确认到账。"),
             _of_day(facts, "settlement.close")),
        Step("board", _("公示和回访"),
             _("七天内打电话问一问。基金收支贴公示栏，钱到哪里都查得到。"), _page("fund.page")),
    )  # fmt: skip
    return _handbook(facts, _("工作人员一页纸"), steps)


def volunteer_handbook(facts: Facts) -> Handbook:
    """One morning, from the armband to handing it back."""
    steps = (
        Step("person", _("到岗"),
             _("开市前半小时到服务台，戴红袖标，听短会，问清楚自己管哪里、有事找谁。")),
        Step("phone", _("手机上岗"),
             _("扫工作人员出的码，写上称呼，选入口。不用账号，没网也能用。电充满。")),
        Step("gate", _("商户进场"),
             _("扫摊位证：绿的放行，黄的看提示，红的请到服务台。扫不了念短码，手机没电签纸表。")),
        Step("count", _("数人"),
             _("进来一个按一下。数不过来，每段只数 10 分钟，照实写是抽样。")),
        Step("eye", _("转一转，看一看"),
             _("消防通道空着，电线不泡水，明火旁有灭火器，秤准，有价签。不对的请当场改，记下来。")),
        Step("cross", _("出事了"),
             _("受伤 120，着火 119，打架 110。打完告诉负责人，去路口带路。走失的人带到服务台。")),
        Step("stop", _("不做这些"),
             _("不收钱，不收货，不记身份证，不拍别人的脸。捐不捐是商户自己的事，不劝也不问。")),
        Step("broom", _("收工"),
             _("看着摊位扫干净。袖标、签到表、计数表交回服务台，手机点“下班”。")),
    )  # fmt: skip
    return _handbook(facts, _("志愿者一页纸"), steps)


def _handbook(facts: Facts, title: str, steps: tuple[Step, ...]) -> Handbook:
    code_word = _("居民问哪个摊在哪里，扫这个")
    return Handbook(title, whose_text(facts), steps, _whom(facts), _page("pages.community"), code_word)


def _whom(facts: Facts) -> list[tuple[str, str]]:
    """The telephones, and who looks after which part of the plaza."""
    duties = stalls.duties(facts.day) if facts.day is not None else {}
    return [
        *telephones(facts),
        *((_("%(zone)s 区负责人", zone=zone), name) for zone, name in duties.items()),
    ]


def whose_text(facts: Facts) -> str:
    """Whose page it is, and of which market."""
    day = facts.day
    return facts.community.name if day is None else f"{facts.community.name} · {day.theme}"


def _page(endpoint: str) -> str:
    return settings().public_url + url_for(endpoint)


def _of_day(facts: Facts, endpoint: str) -> str:
    if facts.day is None:
        return ""
    return settings().public_url + url_for(endpoint, ref=facts.day.ref)


def _papers(facts: Facts) -> str:
    if facts.day is None:
        return settings().public_url + url_for("paperwork.of_community")
    return settings().public_url + url_for("paperwork.of_day", ref=facts.day.ref)
