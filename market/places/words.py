"""What kinds of ground, ownership and permits are called, and which law asks for a permit."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from market.places.rules import LandType, Ownership, VenuePermitKind

LAND_WORDS: dict[LandType, Any] = {
    LandType.PLAZA: _("广场"),
    LandType.COMPOUND: _("小区院内"),
    LandType.ROAD: _("道路"),
    LandType.PARK: _("公园绿地"),
}

OWNERSHIP_WORDS: dict[Ownership, Any] = {
    Ownership.PUBLIC: _("公共用地"),
    Ownership.OWNERS_COMMON: _("业主共有"),
    Ownership.COLLECTIVE: _("集体所有"),
    Ownership.PRIVATE: _("单位或个人所有"),
}


class PermitWords(NamedTuple):
    name: Any
    law: Any
    person: Any


PERMIT_WORDS: dict[VenuePermitKind, PermitWords] = {
    VenuePermitKind.OWNERS_CONSENT: PermitWords(
        _("业主同意的决定"), _("民法典第二百七十八条、第二百八十二条"), _("找业委会或物业")
    ),
    VenuePermitKind.DESIGNATION: PermitWords(
        _("政府指定场所和时段的文件"), _("无证无照经营查处办法第三条"), _("找街道")
    ),
    VenuePermitKind.ROAD_PERMIT: PermitWords(
        _("占道许可"), _("城市道路管理条例第三十条、第三十一条"), _("找市政和交警")
    ),
    VenuePermitKind.CHECK_SCALE: PermitWords(
        _("公平秤检定证书"), _("山东省计量条例第二十五条"), _("找市场监管所")
    ),
}
