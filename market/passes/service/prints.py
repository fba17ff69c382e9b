"""The printed passes of a market."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice, repeat
from typing import BinaryIO
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _

from market.calendar.models import MarketDay
from market.config import settings
from market.errors import Refusal
from market.journal.printed import head_now
from market.passes import keys, words
from market.passes.cards import PassBack, PassCard
from market.passes.layouts import SHEETS
from market.passes.models import StallPass
from market.passes.pdf import PrintOrder, passes_pdf
from market.passes.service.passes import live_passes, pass_url
from market.stalls import service as stalls
from market.vendors.service import refuse_barred

MOST_SPARES = 100


def write_passes(
    day: MarketDay,
    out: BinaryIO,
    *,
    order: PrintOrder | None = None,
    only: Sequence[StallPass] | None = None,
    progress: Callable[[Iterable[PassCard]], Iterable[PassCard]] = iter,
) -> int:
    """Writes the live passes of a day, or those given, as one PDF; how many. Who may not stand gets none.

    `progress` sees every pass go by. Refuses `gate.no_passes`, `gate.key_lost`, `gate.no_cell`,
    `gate.too_many_spares`, and for those given `vendors.may_not_stand`.
    """
    order = order or PrintOrder()
    refuse_impossible(order)
    passes = printable(day) if only is None else refuse_held_back(day, only)
    spares = spare_numbers(day, order.spares)
    refuse_nothing(len(passes) + len(spares))
    return print_passes(day, passes, spares, out, order=order, progress=progress)


def printable(day: MarketDay) -> list[StallPass]:
    """The live passes of a day without those of vendors who may not stand."""
    left_out = stalls.held_back(day)
    return [one for one in live_passes(day) if one.assignment.id not in left_out]


def refuse_held_back(day: MarketDay, passes: Sequence[StallPass]) -> Sequence[StallPass]:
    """The same passes, when everybody on them may stand."""
    refuse_barred(day, [one.assignment.vendor for one in passes])
    return passes


def print_passes(
    day: MarketDay,
    passes: Sequence[StallPass],
    spares: Sequence[str],
    out: BinaryIO,
    *,
    order: PrintOrder,
    progress: Callable[[Iterable[PassCard]], Iterable[PassCard]] = iter,
) -> int:
    """Writes these passes, and spares for the stalls of these numbers."""
    key = keys.signing_key(day.community) if passes else None
    cards = chain(
        (words.pass_card(stall_pass, pass_url(stall_pass, key)) for stall_pass in passes),
        (words.spare_card(day, number) for number in spares),
    )
    back = _back(day) if order.back else None
    head = head_now(day.community_id).short
    labels = words.pass_labels(head, _head_address(day.community.slug, head))
    return passes_pdf(progress(cards), out, labels=labels, layout=order.layout, start=order.start, back=back)


def _head_address(slug: str, head: str) -> str:
    """The page that says whether the books only grew since: the fund's, which this room does not know."""
    return f"{settings().public_url}/c/{slug}/fund/head?{urlencode({'head': head})}"


def spare_numbers(day: MarketDay, count: int) -> list[str]:
    """What spares are numbered: the free stalls, then nothing."""
    free = [stall.label for stall in stalls.plan_view(day) if stall.state == "free"] if count else []
    return list(islice(chain(free, repeat("")), count))


def _back(day: MarketDay) -> PassBack:
    drawn = [stall for stall in stalls.plan_view(day) if stall.state != "closed"]
    return words.pass_back(day, drawn, stalls.lanes_view(day))


def refuse_nothing(count: int) -> None:
    if not count:
        raise Refusal("gate.no_passes", _("这一场还没有摊位证可以打印。发布以后就有了。"))


def refuse_impossible(order: PrintOrder) -> None:
    cells = len(SHEETS[order.layout].corners)
    if not 1 <= order.start <= cells:
        sentence = _("这种纸一页有 %(cells)s 格，请填 1 到 %(cells)s。", cells=cells)
        raise Refusal("gate.no_cell", sentence, 422)
    if not 0 <= order.spares <= MOST_SPARES:
        sentence = _("备用证一次最多打 %(most)s 张。", most=MOST_SPARES)
        raise Refusal("gate.too_many_spares", sentence, 422)
