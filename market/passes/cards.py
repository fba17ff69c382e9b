"""What a pass says, in words ready to print, and the ground that its back shows."""

from __future__ import annotations

from typing import NamedTuple


class PassCard(NamedTuple):
    """One pass; what is empty is left out. One without a trading name is a spare, to be filled in by hand."""

    community: str
    stall_no: str
    trading_name: str
    category: str
    size_text: str
    power_text: str
    market_title: str
    date_text: str
    weekday_text: str
    hours_text: str
    arrive_by_text: str
    qr_url: str
    short_code: str
    version: str
    phone: str
    rules: tuple[str, ...] = ()
    footnote: str = ""
    stalls: tuple[str, ...] = ()
    """The stalls to mark on the map, where they are more than the one that is named."""

    @property
    def marked(self) -> tuple[str, ...]:
        return self.stalls or (self.stall_no,)

    @property
    def is_spare(self) -> bool:
        return not self.trading_name


class PassLabels(NamedTuple):
    """The words that every pass of a print carries, in the reader's language."""

    title: str
    """摊位证"""
    show: str
    """门口出示，一扫就进"""
    spell: str
    """扫不出？报短码"""
    call: str
    """有事打"""
    verify: str
    """任何人都可扫码查真伪"""
    spare: str = ""
    """备用证，手写"""
    spare_note: str = ""
    """没有二维码，门口按名单核对"""
    name_here: str = ""
    """店名"""
    here: str = ""
    """您的摊位在这里"""
    head: str = ""
    """Where the community's journal stood when it was printed."""
    head_address: str = ""
    """Where that can be asked about. Only the sign has a code for it: at the gate a pass shows one code."""


class Rectangle(NamedTuple):
    """A rectangle of the ground in decimetres from its north-west corner, with what is written on it."""

    label: str
    x: float
    y: float
    width: float
    depth: float


class Ground(NamedTuple):
    """The plaza seen from above."""

    width: float
    depth: float
    stalls: tuple[Rectangle, ...] = ()
    lanes: tuple[Rectangle, ...] = ()
    place: str = ""
    """集市广场 · 入口：东门、西门"""


class PassBack(NamedTuple):
    """What every pass of a print has on its back; the stall of each is marked on the ground."""

    ground: Ground
    contacts: tuple[str, ...] = ()
    """Whom to call, most useful first."""
