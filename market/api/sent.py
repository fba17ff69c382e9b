"""What programs send. No other name is taken; the descriptions are those of the OpenAPI document.

Money is in fen, everything else in whole numbers too; text is folded as forms fold it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from market.gate.rules import MAX_VISITS_A_SLOT
from market.money import MAX_FEN
from market.typed_text import one_line
from market.vendors.rules import Category

YEARS = range(2000, 2101)
"""Whatever lies outside is a slip."""


def _of_our_time(when: date) -> date:
    if when.year not in YEARS:
        raise ValueError("year")
    return when


def _moment_of_our_time(when: datetime) -> datetime:
    _of_our_time(when)
    return when


Fen = Annotated[int, Field(ge=0, le=MAX_FEN)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,10}$")]
Hour = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Day = Annotated[date, AfterValidator(_of_our_time)]
Moment = Annotated[AwareDatetime, AfterValidator(_moment_of_our_time)]
Line30 = Annotated[str, Field(min_length=1, max_length=30), AfterValidator(one_line)]
Line60 = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(one_line)]
Line120 = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(one_line)]
Some40 = Annotated[str, Field(max_length=40), AfterValidator(one_line)]
Some200 = Annotated[str, Field(max_length=200), AfterValidator(one_line)]


class Sent(BaseModel):
    """Anything that is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


def _example(**values: object) -> ConfigDict:
    """What an invented program sends, for who reads the description."""
    return ConfigDict(json_schema_extra={"example": values})  # type: ignore[dict-item]  # plain JSON


class VendorSent(Sent):
    """A vendor for the register."""

    model_config = _example(
        trading_name="老张豆腐",
        holder="张师傅",
        phone="13911112222",
        category="bakery_drinks",
        goods="豆腐 豆浆",
    )

    trading_name: Line60
    holder: Line60
    phone: Line30
    category: Category
    goods: Line120
    power_w: Annotated[int, Field(ge=0, le=20_000)] = 0
    needs_water: bool = False
    needs_vehicle: bool = False
    width_dm: Annotated[int, Field(ge=0, le=100)] = 0
    """In tenths of a metre, from 5 on; 0: any stall will do."""
    depth_dm: Annotated[int, Field(ge=0, le=100)] = 0
    price_range: Some40 = ""
    open_flame: bool = False
    gas_bottle: bool = False
    gas_alarm: bool = False
    own_tent: bool = False
    plate: Some40 = ""


class VendorChange(Sent):
    """What is to be another of a vendor; what is not sent stays."""

    model_config = _example(goods="豆腐 豆浆 豆皮", power_w=1500)

    trading_name: Line60 | None = None
    holder: Line60 | None = None
    phone: Line30 | None = None
    category: Category | None = None
    goods: Line120 | None = None
    power_w: Annotated[int, Field(ge=0, le=20_000)] | None = None
    needs_water: bool | None = None
    needs_vehicle: bool | None = None
    width_dm: Annotated[int, Field(ge=0, le=100)] | None = None
    depth_dm: Annotated[int, Field(ge=0, le=100)] | None = None
    price_range: Some40 | None = None
    open_flame: bool | None = None
    gas_bottle: bool | None = None
    gas_alarm: bool | None = None
    own_tent: bool | None = None
    plate: Some40 | None = None


class ApplicationSent(Sent):
    """That a vendor wants to come."""

    model_config = _example(vendor="abcde12345", power_w=1500)

    vendor: Ref
    power_w: Annotated[int, Field(ge=0, le=20_000)] | None = None
    """Null: what the register says."""
    double: bool | None = None
    """Whether two stalls side by side are asked for; null: as it was."""
    note: Some200 = ""


class TakingsSent(Sent):
    """What was sold at a stall, as the vendor says; 0 is a report too."""

    model_config = _example(stall="abcde12345", takings_fen=68_000)

    stall: Ref
    """Reference of the taking of this stall, as the list of takings has it."""
    takings_fen: Fen
    chosen_fen: Fen | None = None
    """What the vendor gives this once; null: as agreed."""
    gift_only: bool = False
    """Only the gift is told: then `takings_fen` is 0."""
    sure_fen: Fen | None = None
    """The same figure again, where it is far from what is usual and meant all the same."""


class CountSent(Sent):
    """How many came in by an entrance in a part of the opening hours, as a whole."""

    model_config = _example(entrance="东门", slot=1, visits=124)

    entrance: Annotated[str, Field(max_length=40)] = ""
    slot: Annotated[int, Field(ge=1, le=100)]
    visits: Annotated[int, Field(ge=0, le=MAX_VISITS_A_SLOT)]


class DaySent(Sent):
    """A market day, which only staff see for now. Hours are those of the wall there."""

    model_config = _example(
        venue="abcde12345", theme="周末集市", on="2026-05-16", opens="08:00", closes="11:30",
        arrive_by="07:40", apply_from="2026-04-25T00:00:00Z", apply_until="2026-05-09T10:00:00Z",
        expected_visitors=500, stall_limit=24,
    )  # fmt: skip

    venue: Ref
    theme: Line30
    on: Day
    opens: Hour
    closes: Hour
    arrive_by: Hour
    apply_from: Moment
    apply_until: Moment
    expected_visitors: Count
    stall_limit: Count
    has_donation_box: bool = False


class DayChange(Sent):
    """What is to be another of a draft; what is not sent stays."""

    model_config = _example(theme="端午集市", expected_visitors=600)

    venue: Ref | None = None
    theme: Line30 | None = None
    on: Day | None = None
    opens: Hour | None = None
    closes: Hour | None = None
    arrive_by: Hour | None = None
    apply_from: Moment | None = None
    apply_until: Moment | None = None
    expected_visitors: Count | None = None
    stall_limit: Count | None = None
    has_donation_box: bool | None = None
