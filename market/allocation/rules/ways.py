"""The ways to give out stalls, and where the number comes from that decides a lottery."""

from enum import StrEnum


class Method(StrEnum):
    OPTIMUM = "optimum"
    LOTTERY = "draw"
    ROTATION = "rotation"
    FIXED = "fixed"
    FIRST_COME = "first_come"


class SeedKind(StrEnum):
    PUBLIC_NUMBER = "public_number"
    WITNESSES = "witnesses"
    DRUM = "drum"
