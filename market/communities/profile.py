"""What a region demands, as data: duties, how much each weighs, numbers. Another city is another file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from market.communities.rules import Mender, Severity

DEFAULT = "shandong_zibo"
"""What holds where nobody has chosen."""
EVERYBODY = "*"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,23}$")]
Days = Annotated[int, Field(ge=0, le=3_650)]


class Fixed(BaseModel):
    """A part of the file: every key is known, and nothing changes once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Fixed):
    """The same in both languages of the pages."""

    zh: Annotated[str, StringConstraints(min_length=1)]
    en: Annotated[str, StringConstraints(min_length=1)]


class CommitteeRule(Fixed):
    """Who decides on the fund's money."""

    least: Annotated[int, Field(ge=1, le=99)]
    odd: bool
    supervisor: bool
    """A supervisor (监督员) sits in and has no vote."""


class CrowdRule(Fixed):
    """From how many expected visitors on the police are asked."""

    warn: int
    licence: int
    apply_days: Days

    @model_validator(mode="after")
    def warns_before(self) -> Self:
        """A warning that comes after the limit warns nobody."""
        if not 0 < self.warn < self.licence:
            raise ValueError("crowd.warn must lie below crowd.licence")
        return self


class FilingRule(Fixed):
    """Food stalls are reported before the market: reminded of first, and later needed."""

    remind_days: Days
    due_days: Days
    early: Severity
    late: Severity


class PlaceRule(Fixed):
    """How serious it is when a permit of a place or a day is missing."""

    road_permit: Severity
    owners_consent: Severity
    designation: Severity
    crowd_near_limit: Severity
    crowd_licence: Severity
    safety_plan: Severity
    check_scale: Severity
    fire_lane: Severity
    donation_box: Severity


class DisclosureRule(Fixed):
    """How what happened with the money is published."""

    objection_days: Days
    """So long it hangs on the board."""
    publish_days: Days
    """So long after a quarter its notice is published at the latest."""
    smallest_group: Annotated[int, Field(ge=2, le=99)]
    """A sum is published when so many vendors are in it."""


class SpendingRule(Fixed):
    """How the fund's money is used: what is asked before, and how small a use may go the short way."""

    simple_fen: Annotated[int, Field(ge=0)]
    """Up to so much goes the simple way; 0: nothing does."""
    split_days: Days
    """Uses for the same payee or purpose within so many days count together."""
    simple_appraisal: bool
    simple_consultation: bool
    simple_meeting: bool
    simple_application: bool
    """What the simple way asks for as well."""
    consult_days: Annotated[int, Field(ge=1, le=90)]
    """So many whole days residents may speak before the committee meets."""
    quorum_percent: Annotated[int, Field(ge=1, le=100)]
    """So many of a hundred members must be there."""
    account_days: Days
    """Within so many days after the payment vouchers are expected."""


class DocumentRule(Fixed):
    """How long documents count."""

    warn_days: Days
    """How long before its end somebody is told to renew a document."""
    batch_days: Days
    """How many days after it was seen a document of one batch still counts."""


class StandRule(Fixed):
    """What concerns a vendor besides documents and goods."""

    excluded: Severity
    open_flame: Severity | None = None
    """None: it may burn, and the inspection looks at it."""
    flame_not_here: Severity
    """A fire where the venue allows none."""
    gas_unsafe: Severity
    """A gas bottle without alarm and extinguisher."""
    goods_elsewhere: Severity
    """Goods that belong to another category than the vendor's."""


class FeedbackRule(Fixed):
    """What residents say after a market."""

    least_answers: Annotated[int, Field(ge=3, le=999)]
    """From so many answers on the figures of a market are published."""
    window_days: Annotated[int, Field(ge=0, le=14)]
    """So many days after a market it can still be answered."""


class ComplaintRule(Fixed):
    """The ladder of a complaint and its clock."""

    window_days: Days
    """So many days after a market something can be complained about."""
    acknowledge_days: Days
    """By then who complained hears that it was received."""
    first_days: Days
    """So many days the staff of the community have; then it goes to the next rung by itself."""
    second_days: Days
    """So many days the head of the community has."""
    third_days: Days
    """So many days the street has, from when it came there."""
    working_days: bool
    """Whether these days are working days; the window, and what follows, are days of the calendar."""
    again_days: Days
    """So long after an answer it can be said that nothing is settled."""
    keep_phone_days: Days
    """So long after the last answer a telephone number is kept."""


class Duty(Fixed):
    """One of `kinds` must count on the market day; `severity` says how much its lack weighs."""

    code: Code
    name: Text
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    categories: tuple[str, ...] = ()
    """Who owes it: categories, or `*` for everybody; goods may ask for it too."""
    severity: Severity
    law: str
    mender: Mender = Mender.VENDOR
    of_season: bool = False
    """Signed anew each season by everybody, so nobody is warned that it ends soon."""
    per_batch: bool = False
    """Comes with the goods: before the day it is only reminded of."""
    per_person: bool = False
    """Each who handles food at the stall needs one; the stall needs one at least."""
    term_days: Days | None = None
    """How long a document without an end date counts, from the day it was seen."""


class Goods(Fixed):
    """Goods that are recognised in what a vendor writes."""

    code: Code
    name: Text
    words: tuple[str, ...] = ()
    """Found anywhere in the text."""
    alone: tuple[str, ...] = ()
    """Found only as a word between separators: 烟 is meant, 烟台苹果 is not."""
    but: tuple[str, ...] = ()
    """What contains such a word and is something else."""
    belongs: tuple[str, ...] = ()
    """The categories that may sell it; empty: any."""
    asks: tuple[Code, ...] = ()
    """Duties that whoever sells it owes, whatever the category."""
    spared: tuple[str, ...] = ()
    """Categories that do not owe them: who sells it cooked need not show that of the raw batch."""
    banned: Severity | None = None
    reason: Text | None = None
    """Why it is banned, or what to bring."""
    law: str = ""

    @model_validator(mode="after")
    def has_a_reason(self) -> Self:
        """A banned item needs a reason: nobody is sent away without one."""
        if self.banned is not None and self.reason is None:
            raise ValueError(f"{self.code}: what is banned needs a reason")
        if not (self.words or self.alone):
            raise ValueError(f"{self.code}: no words by which it is recognised")
        return self


class CheckItem(Fixed):
    """One point of a round of inspection."""

    code: Code
    name: Text
    place: Literal["stall", "plaza"] = "stall"
    categories: tuple[str, ...] = ()
    """At whose stall it is looked at: categories, or `*` for everybody's."""
    when: tuple[Literal["power", "flame"], ...] = ()
    """Also wherever there is one of these."""
    law: str = ""


class Profile(Fixed):
    """Everything a region demands."""

    code: Code
    name: Text
    note: Text | None = None
    """What whoever chooses it should know, for example what is not confirmed yet."""
    committee: CommitteeRule
    crowd: CrowdRule
    filing: FilingRule
    place: PlaceRule
    disclosure: DisclosureRule
    spending: SpendingRule
    documents: DocumentRule
    stand: StandRule
    feedback: FeedbackRule
    complaints: ComplaintRule
    duties: tuple[Duty, ...]
    goods: tuple[Goods, ...] = ()
    checks: tuple[CheckItem, ...] = ()
    """What inspections look at, in the order of the sheet."""

    @model_validator(mode="after")
    def asks_for_known_duties(self) -> Self:
        """Goods cannot ask for what no duty describes."""
        known = {duty.code for duty in self.duties}
        unknown = {code for goods in self.goods for code in goods.asks} - known
        if unknown:
            raise ValueError(f"goods ask for unknown duties: {', '.join(sorted(unknown))}")
        return self

    def duties_of(self, categories: Collection[str], asked: Collection[str] = ()) -> tuple[Duty, ...]:
        """What vendors of these categories owe, and what their goods ask for."""
        wanted = {EVERYBODY, *categories}
        return tuple(duty for duty in self.duties if wanted & {*duty.categories} or duty.code in asked)


PARTS = (
    "committee",
    "crowd",
    "filing",
    "place",
    "disclosure",
    "spending",
    "documents",
    "stand",
    "feedback",
    "complaints",
)
Value = int | bool | Severity | Duty | Goods | CheckItem | None


def differences(one: Profile, other: Profile) -> list[tuple[str, Value, Value]]:
    """(what, before, after) of everything that changes when `other` takes the place of `one`."""
    before, after = _values(one), _values(other)
    return [
        (key, before.get(key), after.get(key))
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]


def _values(profile: Profile) -> dict[str, Value]:
    """Everything a profile says, each under a name of its own."""
    numbers = {f"{part}.{name}": value for part in PARTS for name, value in getattr(profile, part)}
    duties: dict[str, Value] = {f"duty.{duty.code}": duty for duty in profile.duties}
    goods: dict[str, Value] = {f"goods.{goods.code}": goods for goods in profile.goods}
    return {**numbers, **duties, **goods, **{f"check.{item.code}": item for item in profile.checks}}
