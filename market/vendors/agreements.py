"""The texts a vendor agrees to; a hash of the text is kept, so it stays clear what was signed."""

from __future__ import annotations

import hashlib

from flask_babel import gettext

from market.vendors.rules import DocumentKind


def N_(text: str) -> str:  # noqa: N802 - the name by which extraction finds texts that are translated later
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


ENTRY_AGREEMENT = (
    N_("按时到场：在入场时间前到达，在收市后把摊位打扫干净再走。"),
    N_("只在安排给我的摊位上摆，不转让，不占消防通道和邻摊。"),
    N_("明码标价，足斤足两；有人对重量有疑问，一起到公平秤上称。"),
    N_("不卖药品、烟草、彩票、烟花爆竹、活禽、野生动物、管制刀具，不办预付卡，不做推销讲座。"),
    N_("用电只接一个电器、不超过报名的千瓦数；明火要先说明并带灭火器。"),
    N_("来不了就提前退出，把摊位让给候补的人。"),
    N_("有投诉先好好商量，商量不成请社区调解；严重违反的，社区可以请我离场。"),
    N_(
        "收不收摊位费、收多少、交给谁，报名前就公开；反哺社区完全自愿，给不给、给多少都不影响报名、摊位和摊位费。"
    ),
)
FOOD_UNDERTAKING = (
    N_("食品来源清楚，进货凭证留着，过期和变质的不卖。"),
    N_("做散装和现做食品的人都有有效的健康证，戴口罩、帽子和手套。"),
    N_("生熟分开，有防尘防蝇的罩子，餐具干净。"),
    N_("不卖裱花蛋糕、生食水产、散装酒、现制乳制品，不卖散装的食用油、酱油和醋。"),
    N_("证照摆在摊位上看得见的地方；检查时配合，有问题马上停卖。"),
)
PRIVACY_NOTICE = (
    N_("谁来处理：您报名的社区（居民委员会），电话写在本页下方。"),
    N_(
        "记下什么：摊名、经营人称呼、手机号、您愿意留的邮箱、经营品类、用电用水、摊子大小、价格区间、明火和燃气罐、帐篷，开车来的车牌，证照的编号和有效期，您每场的摊位、签到、守约分和自报营业额。"
    ),
    N_("为什么：安排摊位、核对证照、入场签到、算清楚您自愿的反哺。不记身份证号。"),
    N_("能不能用爱心摊位，只记社区同意了没有、谁同意的，不记原因。"),
    N_("健康证属于敏感信息：只记编号、发证机关和有效期，只用来核对能不能做食品。"),
    N_(
        "证照的照片：交不交由您，带原件来也行。只有您和社区工作人员看得到，图里的拍摄地点会去掉；"
        "健康证的照片在看过原件 30 天后删掉，随货的证明留半年（肉两年），别的最长留 3 年。"
    ),
    N_("摊位上别的人：只记怎么称呼、碰不碰吃的。"),
    N_(
        "谁看得到：社区工作人员；到场时志愿者。公开页面只有摊名、品类、商品和摊位号，没有手机号、车牌，没有您一个人的营业额。"
    ),
    N_(
        "留多久：最后一次参加后 24 个月删去手机号、车牌和证照编号；没批准的报名，备注留半年；"
        "给您的消息留一年；"
        "交易和反哺账目按会计档案保存 30 年，里面没有手机号。"
    ),
    N_(
        "您可以随时查看、改正、下载自己的资料，看谁看过您的手机号，也可以自己删去（摆过摊的，"
        "按规定满六个月才删）；删去后以前的集市不受影响。"
    ),
)

TEXTS = {
    DocumentKind.ENTRY_AGREEMENT: ENTRY_AGREEMENT,
    DocumentKind.FOOD_UNDERTAKING: FOOD_UNDERTAKING,
}


def lines(text: tuple[str, ...]) -> list[str]:
    """A text in the reader's language."""
    return [gettext(line) for line in text]


def edition(kind: DocumentKind) -> str:
    """Eight letters that change whenever the Chinese text of an agreement changes."""
    return hashlib.sha256("\n".join(TEXTS[kind]).encode()).hexdigest()[:8]
