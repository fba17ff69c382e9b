"""The faces of a stall pass, each with its lower left corner at (0, 0): card, small card, stall sign, label.

A face has two layers. What all passes of a market have in common is drawn once a document, as a form that
every page refers to; only the stall, the name and the code are drawn for each.
"""

from __future__ import annotations

from market.passes.faces.card import CARD
from market.passes.faces.labels import label
from market.passes.faces.parts import DrawCode, Face, draw_face, draw_once, form_name
from market.passes.faces.sign import SIGN
from market.passes.faces.small_card import SMALL_CARD

__all__ = ["CARD", "SIGN", "SMALL_CARD", "DrawCode", "Face", "draw_face", "draw_once", "form_name", "label"]
