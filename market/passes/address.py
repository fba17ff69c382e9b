"""What the QR code of a pass holds."""

from __future__ import annotations

from urllib.parse import urlsplit


def pass_address(public_url: str, token: str) -> str:
    """The address in a pass's QR code, in capitals where that changes nothing: they need a smaller symbol."""
    return capital_address(public_url, "P", token)


def capital_address(public_url: str, letter: str, token: str) -> str:
    """The address of a signed text; `letter` says what it is for."""
    parts = urlsplit(public_url)
    return f"{parts.scheme.upper()}://{parts.netloc.upper()}{parts.path.rstrip('/')}/{letter}/{token}"
