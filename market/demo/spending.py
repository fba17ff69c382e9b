"""What the fund of the demo was used for, each use on its whole way."""

from __future__ import annotations

from collections.abc import Iterator

from market.demo import records
from market.demo.cast import Cast
from market.demo.drawn import paper_photo
from market.demo.long_way import LongWay, Plan
from market.demo.year import Act
from market.fund.rules import Choice, UseType
from market.photos import Photo
from market.spending.rules import PhotoKind

YES, NO, RECUSE = Choice.YES, Choice.NO, Choice.RECUSE

PLANS = (
    Plan(
        UseType.VISITS,
        "慰问走访",
        "示例社区居民委员会",
        "端午前后走访 24 户独居和困难老人，每户一份 100 元的米面油。",
        "网格员走访时老人们说起",
        "在基金用途之内，往年也办过，价钱和超市比过。",
        "24 户独居和困难老人",
        24,
        (("米面油 24 份", 2_400),),
        (YES, YES, YES),
        (("别忘了 5 号楼新搬来的一户", "名单里加上了，一共 24 户。"),),
        outcome="24 户都送到了，签收单附在后面。",
    ),
    Plan(
        UseType.REPAIRS,
        "路灯维修",
        "示例区亮化工程队",
        "小区北侧 6 盏路灯不亮，换灯头和线，含一年保修。",
        "居民打电话反映，晚上看不清路",
        "晚上看不清，老人摔过跤，应当修。",
        "小区北侧 4 栋楼的居民",
        320,
        (("灯头和线", 1_260), ("人工", 600)),
        (YES, NO, YES, YES),
        (("南侧也有两盏不亮", "这次先修北侧，南侧报给物业了。"), ("支持，早该修", "谢谢，批下来就修。")),
        discussion="有委员提出再找一家比价；比过两家，这家含一年保修，多数同意。",
        outcome="6 盏灯都亮了，保修到明年。",
    ),
    Plan(
        UseType.SERVICES,
        "高龄老人服务",
        "康养驿站",
        "为 30 位 80 岁以上老人理发、测血压、修剪指甲，共两次。",
        "居民需求清单里排在前面的“上门理发”",
        "在基金用途之内，受益的都是 80 岁以上老人。",
        "30 位 80 岁以上老人",
        30,
        (("理发 60 人次", 900), ("测血压、修剪指甲", 600)),
        (RECUSE, YES, YES, YES),
        discussion="有一位委员和收款方有亲戚关系，回避。其余都同意。",
        outcome="两次都办了，30 位老人都来了。",
    ),
)
"""In the order of spending.csv, and of the same sums."""


def _paper(plan: Plan) -> Photo:
    """The voucher as somebody photographed it."""
    return paper_photo("票据（示例）", [f"{what}  {yuan} 元" for what, yuan in plan.budget])


def _place(plan: Plan) -> Photo:
    """What was done, for everybody."""
    return paper_photo(f"{plan.purpose}（示例）", [plan.outcome], "示例，画出来的，不是真照片")


def acts(cast: Cast) -> Iterator[Act]:
    """The acts of every row of spending.csv."""
    for number, (row, plan) in enumerate(zip(records.spending(), PLANS, strict=True), 1):
        photos = {PhotoKind.VOUCHER: _paper(plan), PhotoKind.PLACE: _place(plan)}
        way = LongWay(cast.fund, cast.secretary, cast.staff, cast.members, plan, row.decided_on, photos)
        yield from way.until_paid(row.paid_on, f"示慈付 {row.paid_on.year}-{number:03d}")
