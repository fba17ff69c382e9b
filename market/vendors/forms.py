"""What vendors and staff type: registration, a vendor's facts, a document, an application, a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from market.forms import (
    DayField,
    KilowattField,
    MarketForm,
    PastedField,
    SecretField,
    TextField,
    options,
)
from market.people.rules import MAX_PASSWORD
from market.places.forms import MetreField
from market.typed_text import masked_phone
from market.vendors.models import StallPerson, Vendor
from market.vendors.numbers import CREDIT_CODE, is_credit_code, normal_phone, normal_plate
from market.vendors.rules import (
    SIGNED,
    Category,
    DocumentKind,
    Known,
    VendorDraft,
    is_plausible_side,
)
from market.vendors.words import (
    CATEGORY_WORDS,
    DOCUMENT_WORDS,
    PLATE_SENTENCE,
    SIZE_SENTENCE,
    WHY_PHONE_WORDS,
)

PHONE_SENTENCE = _("手机号是 1 开头的 11 位数字，请再看一眼。")
CATEGORIES = options((category.value, word) for category, word in CATEGORY_WORDS.items())


def _kilowatts(watts: int) -> str:
    return f"{watts / 1000:g}"


class SideField(MetreField):
    """One side of a stand; empty when any stall will do."""

    def process_data(self, value: Any) -> None:
        super().process_data(value or None)

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if not is_plausible_side(self.dm):
            raise ValidationError(str(SIZE_SENTENCE))


class VendorForm(MarketForm):
    """A vendor's facts as staff or the vendor itself correct them."""

    trading_name = TextField(
        _("摊位招牌叫什么"), [DataRequired(_("请填招牌名，居民就认这个。")), Length(max=60)], printed=True
    )
    holder = TextField(_("怎么称呼您"), [DataRequired(_("请填经营人的称呼。")), Length(max=60)], printed=True)
    phone = TextField(_("手机号"), [DataRequired(_("请填手机号。")), Length(max=30)])
    category = RadioField(
        _("主要做哪一类"), [InputRequired(_("请选一类，最像的那一类就行。"))], choices=CATEGORIES
    )
    goods = TextField(
        _("卖什么、做什么"),
        [DataRequired(_("请写一两样，比如：豆浆、豆腐。")), Length(max=120)],
        printed=True,
    )
    power_w = KilowattField(_("用电多少千瓦"), description=_("不用电就写 0。一个电饭煲大约 1 千瓦。"))
    needs_water = BooleanField(_("要用水"))
    needs_vehicle = BooleanField(_("车要停在摊位边"))
    width_dm = SideField(_("摊子多宽"), description=_("连架子带货一共多宽。多大的摊位都行，就空着。"))
    depth_dm = SideField(_("摊子多深"))
    price_range = TextField(
        _("价格区间"), [Length(max=40)], description=_("比如：3 到 15 元。"), printed=True
    )
    open_flame = BooleanField(_("用明火"), description=_("煤气灶、炭火。记得带灭火器"))
    gas_bottle = BooleanField(_("用燃气罐"))
    gas_alarm = BooleanField(_("燃气报警器和灭火器都带上"), description=_("用燃气罐的一定要带。"))
    own_tent = BooleanField(_("自带帐篷"))
    plate = TextField(_("车牌"), [Length(max=20)], description=_("进场放行看它。没有牌照就不填。"))

    landline_allowed = False
    said_at: ClassVar[Mapping[str, str]] = {"vendors.banned_goods": "goods"}

    def validate_phone(self, field: Any) -> None:
        if normal_phone(field.data, landline=self.landline_allowed) is None:
            raise ValidationError(str(PHONE_SENTENCE))

    def validate_plate(self, field: Any) -> None:
        if self.needs_vehicle.data and field.data and normal_plate(field.data) is None:
            raise ValidationError(str(PLATE_SENTENCE))

    def draft(self) -> VendorDraft:
        """What was typed, as the service wants it."""
        return VendorDraft(
            trading_name=self.trading_name.text,
            holder=self.holder.text,
            phone=self.phone.text,
            category=Category(self.category.data),
            goods=self.goods.text,
            power_w=self.power_w.watts,
            needs_water=self.needs_water.data,
            needs_vehicle=self.needs_vehicle.data,
            width_dm=self.width_dm.dm,
            depth_dm=self.depth_dm.dm,
            price_range=self.price_range.text,
            open_flame=self.open_flame.data,
            gas_bottle=self.gas_bottle.data,
            gas_alarm=self.gas_alarm.data,
            own_tent=self.own_tent.data,
            plate=self.plate.text,
        )


class StaffVendorForm(VendorForm):
    """Staff also enter people who have a telephone at home only."""

    landline_allowed = True
    holder = TextField(
        _("经营人"), [DataRequired(_("请填经营人的姓名或称呼。")), Length(max=60)], printed=True
    )
    phone = TextField(
        _("手机号"),
        [DataRequired(_("请填手机号。")), Length(max=30)],
        description=_("没有手机的，填带区号的座机。"),
    )

    def keep_number(self, vendor: Vendor) -> None:
        """The form shows a number with its middle hidden; left like that, it stays what it is."""
        if self.phone.data == masked_phone(vendor.phone):
            self.phone.data = vendor.phone

    may_use_reserved = BooleanField(
        _("可以用爱心摊位"),
        description=_("给残疾、低保、失业的居民留的。只记谁定的，不记原因；义诊和公益服务本来就能用。"),
    )


class RegistrationForm(VendorForm):
    """The vendor registers itself: five facts and one tick; everything else can wait."""

    power_w = KilowattField(_("用电多少千瓦"), description=_("不用电就不填。一个电饭煲大约 1 千瓦。"))
    agreed = BooleanField(_("这三份我看过，都同意"))
    password = SecretField(_("原来的密码"), description=_("这个手机号已经有账号了。"))

    def validate_password(self, field: Any) -> None:
        if len(field.data or "") > MAX_PASSWORD:
            raise ValidationError(str(_("密码最多 200 位。")))

    def validate_agreed(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(str(_("要都同意才能来摆摊。有不明白的，请给社区打电话。")))


def facts_of(vendor: Vendor) -> dict[str, Any]:
    """What a form about a vendor shows first."""
    return {
        "trading_name": vendor.trading_name,
        "holder": vendor.holder,
        "phone": vendor.phone,
        "category": vendor.category.value,
        "goods": vendor.goods,
        "power_w": _kilowatts(vendor.power_w),
        "needs_water": vendor.needs_water,
        "needs_vehicle": vendor.needs_vehicle,
        "width_dm": vendor.width_dm,
        "depth_dm": vendor.depth_dm,
        "price_range": vendor.price_range,
        "open_flame": vendor.open_flame,
        "gas_bottle": vendor.gas_bottle,
        "gas_alarm": vendor.gas_alarm,
        "own_tent": vendor.own_tent,
        "plate": vendor.plate,
        "may_use_reserved": vendor.may_use_reserved,
    }


class PhoneForm(MarketForm):
    """Why staff look at a whole telephone number."""

    why = RadioField(
        _("为什么要看"),
        [InputRequired(_("请选一个原因，会记下来。"))],
        choices=options((why.value, word) for why, word in WHY_PHONE_WORDS.items()),
    )
    note = TextField(_("写一句"), [Length(max=100)], description=_("选了「别的原因」才要写。"))

    said_at: ClassVar[Mapping[str, str]] = {"vendors.no_reason": "note"}


class BringForm(MarketForm):
    """A list of vendors that is pasted; a file comes beside it."""

    lines = PastedField(
        _("名单"),
        [Length(max=60_000, message=_("名单太长了，请分几次贴。"))],
        description=_(
            "微信接龙、聊天记录、Excel 里复制的几列，整段贴进来就行。每家要有招牌名、手机号、做什么。"
        ),
    )
    day = SelectField(_("要不要一起报名"), [Optional()])

    def offer_days(self, days: list[tuple[str, str]]) -> None:
        """Fills the list of markets."""
        self.day.choices = options([("", _("只登记，先不报名")), *days])


class EntryForm(MarketForm):
    """The act on a whole list; `seen` names what was shown."""

    seen = HiddenField(validators=[DataRequired()])
    signed = BooleanField(_("这些人的纸质《入场经营协议》都签好、收好了"))


class RowForm(MarketForm):
    """One row of a list, corrected by hand."""

    trading_name = TextField(_("招牌"), [DataRequired(_("请填招牌名，居民就认这个。")), Length(max=60)])
    holder = TextField(_("经营人"), [Length(max=60)])
    phone = TextField(_("手机号"), [DataRequired(_("请填手机号。")), Length(max=30)])
    category = SelectField(_("类别"), choices=options([("", _("请选一类")), *CATEGORY_WORDS.items()]))
    goods = TextField(_("卖什么"), [Length(max=120)])

    def validate_phone(self, field: Any) -> None:
        if normal_phone(field.data, landline=True) is None:
            raise ValidationError(str(PHONE_SENTENCE))

    def validate_category(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(str(_("请选一类，最像的那一类就行。")))


class HelperForm(MarketForm):
    """Somebody else who acts for a vendor."""

    helper_name = TextField(_("怎么称呼"), [DataRequired(_("请填怎么称呼。")), Length(max=60)])
    helper_phone = TextField(_("帮手自己的手机号"), [DataRequired(_("请填手机号。")), Length(max=30)])


class NumberForm(MarketForm):
    """A new telephone number of whoever is signed in."""

    phone = TextField(_("新手机号"), [DataRequired(_("请填手机号。")), Length(max=30)])


class DocumentForm(MarketForm):
    """A document whose original lies on the desk."""

    kind = SelectField(
        _("哪一种"),
        choices=options((kind.value, word) for kind, word in DOCUMENT_WORDS.items() if kind not in SIGNED),
    )
    number = TextField(_("编号"), [DataRequired(_("请填证照上的编号。")), Length(max=80)])
    issuer = TextField(_("发证机关"), [Length(max=100)])
    valid_to = DayField(_("有效期到"), [Optional()], description=_("长期有效的不用填。"))
    person = SelectField(_("谁的"), [Optional()], choices=options([("", _("摊主的"))]))
    seen = BooleanField(_("原件我看过了"))

    def offer_people(self, people: list[StallPerson]) -> DocumentForm:
        """Fills the list of those whose paper it may be."""
        named = [(person.ref, person.name) for person in people]
        self.person.choices = options([("", _("摊主的")), *named])
        return self

    def validate_seen(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(str(_("要看过原件才能登记。照片、复印件不算。")))

    def number_looks_mistyped(self) -> bool:
        """A business licence whose number has the length of a credit code but not its check character."""
        licence = self.kind.data == DocumentKind.BUSINESS_LICENCE.value
        return licence and len(self.number.text) == CREDIT_CODE and not is_credit_code(self.number.text)


class ApplicationForm(MarketForm):
    """The few answers of one market; the last ones are filled in."""

    power_w = KilowattField(_("用电多少千瓦"), description=_("不用电就写 0。"))
    wanted_stall = SelectField(_("想要的摊位"), [Optional()], description=_("尽量照顾，不一定排得到。"))
    double = BooleanField(
        _("我要两个相邻的摊位"), description=_("一个摊位摆不下才勾：没有两个挨着的空位，就要排候补。")
    )
    note = TextField(_("想对社区说的"), [Length(max=200)])

    def offer(self, labels: list[str]) -> None:
        """Fills the list of stalls."""
        self.wanted_stall.choices = options([("", _("都可以")), *((label, label) for label in labels)])


class ApplyForForm(ApplicationForm):
    """Staff enter somebody who telephoned: a vendor of the register, or whom a name or number points at."""

    vendor = SelectField(_("从登记的商户里选"), [Optional()])
    who = TextField(_("或者写招牌名、手机号"), [Length(max=60)])
    double = BooleanField(_("要两个相邻的摊位"))

    def offer_vendors(self, vendors: Sequence[Known], *, all_of_them: bool = True) -> None:
        """Fills the list of vendors, which says when it does not hold everybody."""
        if not all_of_them:
            self.vendor.description = _("只列最近登记或来过的；别的请在下面写招牌名或手机号。")
        named = (
            (vendor.ref, vendor.trading_name + str(_("（%(text)s）", text=vendor.holder)))
            for vendor in vendors
        )
        self.vendor.choices = options([("", _("请选一位")), *named])


class DecisionForm(MarketForm):
    """One click, and a sentence where it needs one."""

    decision = RadioField(
        choices=options([("approve", _("同意")), ("ask", _("要补证照")), ("reject", _("这次不行"))]),
        validators=[InputRequired(_("请选同意、要补证照或这次不行。"))],
    )
    note = TextField(_("写一句，商户会看到"), [Length(max=200)])


class ExclusionForm(MarketForm):
    """Keeping a vendor away for a while."""

    reason = TextField(
        _("为什么先不让来"),
        [DataRequired(_("请写一句为什么先不让来，商户会看到这句话。")), Length(max=200)],
        description=_("商户会看到这句话。"),
    )
    until = DayField(_("到哪一天为止"), [InputRequired(_("请选日子，最长一年。"))])


class PlainForm(MarketForm):
    """A button and its CSRF token."""
