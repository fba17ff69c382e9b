"""What is counted, as people read it: the name, the definition under the figure, and how it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flask_babel import gettext, lazy_gettext as _

from market.clock import local
from market.insight.charts import Bar, Point, columns, rows
from market.insight.impact import MONEY, Counted, Impact, Quadrant
from market.money import yuan
from market.settlement.models import Settlement
from market.vendors.words import CATEGORY_WORDS

QUADRANT_WORDS: dict[Quadrant, tuple[Any, Any]] = {
    Quadrant.RESIDENTS: (_("居民享服务"), _("在家门口办成的事")),
    Quadrant.COMMUNITY: (_("社区有收入"), _("集市给社区留下的")),
    Quadrant.GOVERNMENT: (_("政府省开支"), _("用这笔钱办的事")),
    Quadrant.VENDORS: (_("市场主体能发展"), _("摆摊、做活的人得到的")),
}


class Meaning(NamedTuple):
    """Name, unit, definition and method of a counter."""

    name: Any
    unit: Callable[[str], str]
    """What is counted, in the form that fits a figure."""
    definition: Any
    method: Any


C = Counted
MEANINGS: dict[Counted, Meaning] = {
    C.VISITS: Meaning(
        _("来过"), lambda n: gettext("人次", n=n), _("门口按数，一人来几次算几次"),
        _("志愿者在门口按数，收市对账时定下。没有数的集市不算在里面，也不按 0 算，更不估。"),
    ),
    C.HANDY: Meaning(
        _("便民服务"), lambda n: gettext("家次", n=n), _("理发、修理、义诊等摊位，每场算一次"),
        _("到场的理发、修理缝补、义诊、公益服务、养老托育摊位，一场一场加起来。到没到场看签到。"),
    ),
    C.CONTRIBUTED: Meaning(
        _("自愿反哺"), lambda n: gettext("元", n=n), _("商户自愿捐给社区基金的"),
        _("按基金账本入账的日子加。更正算在更正的那一期。涉及商户太少的，等和别的合起来再公布。"),
    ),
    C.ITEMS: Meaning(
        _("捐的物资"), lambda n: gettext("件", n=n), _("只数件数，不折钱"), _("收市时由工作人员清点登记。"),
    ),
    C.PAID: Meaning(
        _("基金付了"), lambda n: gettext("元", n=n), _("每笔都由管委会表决"),
        _("慈善组织按管委会的决定付出去的钱，按入账的日子算。慈善组织的管理费不算在里面。"),
    ),
    C.PROJECTS: Meaning(
        _("办成的事"), lambda n: gettext("件事", n=n), _("基金付了款的项目"),
        _("这一期里付款的项目，付一笔算一件。"),
    ),
    C.VENDORS: Meaning(
        _("来过的商户"), lambda n: gettext("家", n=n), _("一家来几场只算一家"),
        _("这一期里到过场的不同商户。各社区分别数；几个社区加起来时，在两个社区都摆过摊的算两家。"),
    ),
    C.APPEARANCES: Meaning(
        _("摆摊"), lambda n: gettext("家次", n=n), _("每场到场的商户加起来"), _("按签到，收市对账时定下。"),
    ),
    C.TAKINGS: Meaning(
        _("卖出"), lambda n: gettext("元", n=n), _("商户自己报的，只说合计"),
        _("只在商户够多的时候说合计，看不出哪一家卖了多少。"),
    ),
    C.PARTNERS: Meaning(
        _("合伙人"), lambda n: gettext("家机构", n=n), _("用社区的空间给居民办服务的"),
        _("和社区签了空间换服务协议的，这一期里协议有效就算，一家算一次。"),
    ),
    C.HOURS: Meaning(
        _("志愿服务"), lambda n: gettext("小时", n=n), _("志愿者的时间加起来"),
        _("每场收摊后由工作人员登记：几个人、一共几小时。没登记的集市不算在里面，也不估。"),
    ),
    C.JOBS: Meaning(
        _("家门口做活"), lambda n: gettext("人", n=n), _("社区微业、工坊里做活的人"),
        _("各工坊到这一期末最后一次点的人数加起来。没点过的工坊不算。摆摊的人不算在里面。"),
    ),
}  # fmt: skip

MOST_KINDS = 5


class Shown(NamedTuple):
    """A counter ready to be read."""

    meaning: Meaning
    figure: str
    long: bool
    """A figure that needs more room."""

    @property
    def unit(self) -> str:
        return self.meaning.unit(self.figure)


def quadrants(impact: Impact) -> list[tuple[str, str, list[Shown]]]:
    """The four quadrants in words: heading, what they are about, the counters."""
    return [
        (str(heading), str(about), [_shown(one, value) for one, value in each])
        for (heading, about), each in ((QUADRANT_WORDS[one], each) for one, each in impact.quadrants)
    ]


def _shown(one: Counted, value: int) -> Shown:
    figure = yuan(value) if one in MONEY else f"{value:,}"
    return Shown(MEANINGS[one], figure, len(figure) > 7)


def meanings(impact: Impact) -> list[Meaning]:
    """Those of the counters that are shown."""
    return [MEANINGS[one] for _quadrant, each in impact.quadrants for one, _value in each]


class Chart(NamedTuple):
    """A picture with the sentence that says the same."""

    title: str
    bars: list[Bar]
    spoken: str
    lying: bool = False


def charts(impact: Impact, markets: Iterable[tuple[Settlement, int | None]]) -> list[Chart]:
    """Visits and gifts market by market, and the kinds of stalls; what has nothing to show is left out."""
    known = list(markets)
    visits = [
        _point(closed, closed.counted, f"{closed.counted:,}") for closed, _fen in known if closed.counted
    ]
    given = [_point(closed, fen, yuan(fen)) for closed, fen in known if fen]
    kinds = _kinds(impact)
    found = (
        _chart(gettext("每场来了多少人次"), visits),
        _chart(gettext("每场反哺多少元"), given),
        Chart(gettext("哪一类摊（家次）"), rows(kinds), _spoken(kinds), lying=True),
    )
    return [chart for chart in found if chart.bars]


def _point(closed: Settlement, value: int, figure: str) -> Point:
    wall = local(closed.day.open_at, closed.day.community.zone)
    return Point(str(wall.month), value, figure)


def _chart(title: str, points: list[Point]) -> Chart:
    return Chart(title, columns(points), _extremes(points))


def _extremes(points: list[Point]) -> str:
    if not points:
        return ""
    most, least = (pick(points, key=lambda point: point.value) for pick in (max, min))
    return gettext(
        "最多 %(most)s（%(then)s 月），最少 %(least)s（%(when)s 月）",
        most=most.figure, then=most.label, least=least.figure, when=least.label,
    )  # fmt: skip


def _kinds(impact: Impact) -> list[Point]:
    """The most frequent kinds; the others together as the last one."""
    shown, rest = impact.kinds[:MOST_KINDS], sum(n for _kind, n in impact.kinds[MOST_KINDS:])
    points = [Point(str(CATEGORY_WORDS[kind]), n, f"{n:,}") for kind, n in shown]
    return [*points, Point(gettext("其他"), rest, f"{rest:,}")] if rest else points


def _spoken(points: list[Point]) -> str:
    return gettext("、").join(f"{point.label} {point.figure}" for point in points)


def not_yet(impact: Impact) -> list[str]:
    """What did not go well, from the facts: a case that tells only of success is believed by nobody."""
    said = []
    if impact.called_off:
        said.append(gettext("取消或延期了 %(n)s 场。", n=impact.called_off))
    if impact.uncounted:
        said.append(gettext("%(n)s 场没有数人，来了多少人次不知道。", n=impact.uncounted))
    if impact.on_its_way_fen:
        said.append(
            gettext("还有 %(amount)s 元在路上，慈善组织还没确认收到。", amount=yuan(impact.on_its_way_fen))
        )
    return said
