"""The paper lists, typed in: who came, what was sold, who left clean; one row a stall, all saved or none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from market.errors import Refusal
from market.money import parse_yuan, yuan
from market.settlement.models import TakingsReport
from market.settlement.rules import TakingsSource
from market.settlement.service.arrivals import parse_arrival
from market.settlement.service.comparison import CloseRow, CloseView
from market.settlement.service.plausibility import Habits, discreet_sentence, doubt_sentence
from market.settlement.words import SOURCES

UNTOLD = "不说"
"""What stands for takings that a vendor does not tell, who tells only the gift."""
UNTOLD_WORDS = (UNTOLD, "untold")
"""The same as people type it."""


class Figures(NamedTuple):
    """What was told of one stall."""

    takings_fen: int
    chosen_fen: int | None
    """What is given instead of what was agreed."""
    estimated: bool = False
    gift_only: bool = False


def plain_yuan(fen: int | None) -> str:
    """An amount as a person would type it: 820, 820.50, nothing."""
    if fen is None:
        return ""
    return f"{fen // 100}.{fen % 100:02d}" if fen % 100 else str(fen // 100)


@dataclass
class GridRow:
    """One line of the list: what is in its fields, and what is wrong with it."""

    row: CloseRow
    takings: str = ""
    gift: str = ""
    estimated: bool = False
    seen: int = 0
    """Revision of the report that the person saw; 0 when there was none."""
    error: str = ""
    number: int = 0
    """Which row of an imported table it is from."""
    asks: int | None = None
    """The figure that somebody must tick as meant, far as it is from what is usual."""
    figures: Figures | None = None
    """What is to be saved; None when nothing changed."""
    came: str = ""
    """When the vendor signed the sheet, as typed; only where no phone saw them come."""
    came_at: datetime | None = None
    clean: bool = False
    """Whether the place was left clean."""
    clean_seen: bool = False
    """Whether it was ticked when the person opened the list; only what they changed is saved."""

    @property
    def clean_changed(self) -> bool:
        return self.clean is not self.clean_seen

    @property
    def changed(self) -> bool:
        return self.figures is not None or self.came_at is not None or self.clean_changed

    @property
    def source(self) -> TakingsSource:
        return TakingsSource.ESTIMATED if self.estimated else TakingsSource.STAFF


def stored_rows(view: CloseView, clean: Collection[int]) -> list[GridRow]:
    """The list as it is in the books; `clean`: the vendors who left their place clean."""
    return [_stored(row, row.assignment.vendor_id in clean) for row in view.rows]


def _stored(row: CloseRow, clean: bool) -> GridRow:
    stored, report = GridRow(row, clean=clean, clean_seen=clean), row.report
    if report is not None:
        stored.takings = UNTOLD if report.gift_only else plain_yuan(report.takings_fen)
        stored.gift = plain_yuan(report.chosen_fen)
        stored.estimated, stored.seen = report.source is TakingsSource.ESTIMATED, report.revision
    return stored


def check_names(view: CloseView, fields: Mapping[str, Any]) -> None:
    """Refuses (`settlement.no_row`) a figure for a stall that is not on the list: it would be lost unseen."""
    known = {f"{kind}-{row.assignment.ref}" for row in view.rows for kind in ("takings", "gift", "came")}
    for name, value in fields.items():
        if name.startswith(("takings-", "gift-", "came-")) and name not in known and str(value).strip():
            sentence = _("有一行的摊位刚刚换过，一行都还没存。请看一眼下面的名单，再存一次。")
            raise Refusal("settlement.no_row", sentence, 422)


def question_rows(rows: Iterable[GridRow], habits: Habits, fields: Mapping[str, Any]) -> None:
    """Asks once about every new figure that is far from what is usual."""
    for row in rows:
        if row.figures is None:
            continue
        asked, sentence = _question(row, row.figures, habits)
        if sentence and fields.get(f"sure-{row.row.assignment.ref}") != str(asked):
            row.asks, row.error = asked, sentence


def _question(row: GridRow, told: Figures, habits: Habits) -> tuple[int, str]:
    """The figure that is asked about, and the question; empty for one that can be meant."""
    vendor = row.row.assignment.vendor
    if told.gift_only:
        gift_fen = told.chosen_fen or 0
        return gift_fen, discreet_sentence(gift_fen) if habits.gift_doubt(vendor, gift_fen) else ""
    usual = habits.doubt(vendor, told.takings_fen)
    return told.takings_fen, doubt_sentence(told.takings_fen, usual) if usual is not None else ""


def typed_rows(
    view: CloseView,
    reports: Mapping[int, Sequence[TakingsReport]],
    clean: Collection[int],
    fields: Mapping[str, Any],
) -> list[GridRow]:
    """The list as it was typed; a row whose fields were not sent stays as it is."""
    return [
        _typed(row, reports.get(row.assignment.vendor_id, ()), fields)
        if f"takings-{row.assignment.ref}" in fields
        else _stored(row, row.assignment.vendor_id in clean)
        for row in view.rows
    ]


def _typed(row: CloseRow, reports: Sequence[TakingsReport], fields: Mapping[str, Any]) -> GridRow:
    ref = row.assignment.ref
    seen = str(fields.get(f"seen-{ref}", "0"))
    grid_row = GridRow(
        row,
        str(fields[f"takings-{ref}"]).strip(),
        str(fields.get(f"gift-{ref}", "")).strip(),
        f"estimated-{ref}" in fields,
        min(int(seen), len(reports)) if seen.isdecimal() and len(seen) < 9 else 0,
        clean=f"clean-{ref}" in fields,
        clean_seen=f"clean-seen-{ref}" in fields,
    )
    if row.scan is None:
        grid_row.came = str(fields.get(f"came-{ref}", "")).strip()
    try:
        typed = _figures(grid_row)
        _read_attendance(grid_row)
    except Refusal as refusal:
        grid_row.error = str(refusal.sentence)
        return grid_row
    _judge(grid_row, typed, reports)
    return grid_row


def _read_attendance(row: GridRow) -> None:
    if row.came:
        row.came_at = parse_arrival(row.came, row.row.assignment.day)
    if row.clean and row.clean_changed and row.row.scan is None and row.came_at is None:
        raise Refusal("settlement.clean_alone", _("没签到的记不了保洁，请先补上签到时间。"), 422)


def _figures(row: GridRow) -> Figures | None:
    """What was typed; None for an empty row."""
    if row.takings.casefold() in UNTOLD_WORDS:
        if not row.gift:
            raise Refusal("settlement.gift_only", _("不说卖了多少的，请填捐了多少；不捐填 0。"), 422)
        return Figures(0, parse_yuan(row.gift), row.estimated, gift_only=True)
    if row.takings:
        chosen_fen = parse_yuan(row.gift) if row.gift else None
        return Figures(parse_yuan(row.takings), chosen_fen, row.estimated)
    if row.gift:
        raise Refusal("settlement.gift_alone", _("请先填卖了多少；没卖填 0。不肯说就填“不说”。"), 422)
    return None


def _judge(row: GridRow, typed: Figures | None, reports: Sequence[TakingsReport]) -> None:
    """A row that was not touched stays; a row that somebody else changed meanwhile is asked about again."""
    before = _of(reports[row.seen - 1]) if row.seen else None
    now = reports[-1] if reports else None
    if typed == before or (now is not None and typed == _of(now)):
        return
    if typed is None:
        row.error = _("这家已经报过数，不能变回空的。没卖请填 0。")
    elif now is not None and now.revision != row.seen:
        row.seen = now.revision
        amount, source = yuan(now.takings_fen), SOURCES[now.source]
        row.error = _(
            "刚才改成了 %(amount)s 元（%(source)s）。您填的要是对，再存一次。", amount=amount, source=source
        )
    else:
        row.figures = typed


def _of(report: TakingsReport) -> Figures:
    estimated = report.source is TakingsSource.ESTIMATED
    return Figures(report.takings_fen, report.chosen_fen, estimated, report.gift_only)
