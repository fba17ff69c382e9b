"""What the kinds of facts are called, and what is said when one is not as the journal tells it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from market.journal.rules import FaultCode
from market.journal.verification import Wrong

KINDS = {
    "assignment": _("摊位安排"),
    "scan": _("扫码记录"),
    "scanundo": _("撤回进场"),
    "footfallcount": _("人次"),
    "footfalltap": _("点一下记的人次"),
    "footfallsample": _("抽样数的人次"),
    "volunteerwork": _("志愿者的小时数"),
    "daystep": _("集市的一步"),
    "spotcheck": _("巡查"),
    "finding": _("巡查发现的问题"),
    "followup": _("复查"),
    "incident": _("事件"),
    "inspectorlink": _("检查人员的链接"),
    "linkopening": _("检查人员打开链接"),
    "suggestedterms": _("社区的建议"),
    "stallfee": _("摊位费"),
    "agreedterms": _("捐款约定"),
    "takingsreport": _("营业额报数"),
    "inkinditem": _("物资"),
    "closewaiver": _("收市时的认可"),
    "settlement": _("结算"),
    "spendingcase": _("用款要走的步骤"),
    "appraisal": _("用款论证"),
    "consultation": _("征求居民意见"),
    "committeemeeting": _("管委会会议"),
    "agendaitem": _("会议议题"),
    "attendance": _("到会的人"),
    "declaredinterest": _("声明的利害关系"),
    "charityapplication": _("向慈善组织申请"),
    "spendingvoucher": _("用款票据"),
    "finalaccount": _("决算"),
    "entry": _("凭证"),
    "period": _("关账"),
    "charitystatement": _("慈善组织的对账单"),
    "receiptrequest": _("捐赠票据的申请"),
    "fund": _("基金登记"),
    "remittance": _("到账登记"),
    "refund": _("退款"),
    "partner": _("合伙人和微业的协议"),
    "jobcount": _("微业的就业人数"),
    "charitynotice": _("慈善组织的到账通知"),
    "goodslot": _("物资入库"),
    "goodsout": _("物资去向"),
    "goodsvaluation": _("物资估价"),
    "proposal": _("用款提议"),
    "vote": _("表决"),
    "payment": _("付款登记"),
    "membership": _("身份"),
    "signinlink": _("登录链接"),
}

WRONGS = {
    Wrong.CHANGED: _("和日志里记的不一样，被改动过"),
    Wrong.GONE: _("日志里有，现在不见了，被删掉了"),
    Wrong.UNKNOWN: _("日志里没有，不是通过程序记进来的"),
    Wrong.UNREADABLE: _("内容已经读不出来"),
}

CHAIN_WRONGS = {
    FaultCode.GAP: _("缺了行"),
    FaultCode.CONTENT: _("内容被改动过"),
    FaultCode.LINK: _("和上一行连不上，前面被换过"),
    FaultCode.HEAD: _("末尾对不上，后面的行可能被删掉了"),
}
