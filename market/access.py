"""What a view declares of itself: for whom it is, and whose objects it shows. Knows no table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask


class Audience(StrEnum):
    """For whom a page is."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    VENDOR = "vendor"
    GATE = "gate"
    STAFF = "staff"
    COMMITTEE = "committee"
    REGION = "region"
    PLATFORM = "platform"
    PHONE = "phone"
    """A telephone at the gate, without an account: it shows a key of its own with every request. The view
    asks for it; as browsers never send it by themselves, no form of somebody else can use it."""
    PROGRAM = "program"
    """A program of somebody else, with a key in its `Authorization` header and nothing else: the operation
    asks for it, and whoever made the key must still be allowed to do the same."""


KEY_HOLDERS = ((Audience.PHONE,), (Audience.PROGRAM,))
"""Who shows a key of their own, which the view looks at."""


class Scope(StrEnum):
    """Whose objects a page may show or change."""

    PUBLIC = "public"
    """What is published to everybody."""
    OWN = "own"
    """Objects of the signed-in person."""
    COMMUNITY = "community"
    """Objects of the community in the address, of which the person must be a member."""
    REGION = "region"
    PLATFORM = "platform"


DEFAULT_SCOPES = {
    Audience.PUBLIC: Scope.PUBLIC,
    Audience.SIGNED_IN: Scope.OWN,
    Audience.VENDOR: Scope.OWN,
    Audience.GATE: Scope.COMMUNITY,
    Audience.STAFF: Scope.COMMUNITY,
    Audience.COMMITTEE: Scope.COMMUNITY,
    Audience.REGION: Scope.REGION,
    Audience.PLATFORM: Scope.PLATFORM,
    Audience.PHONE: Scope.OWN,
    Audience.PROGRAM: Scope.COMMUNITY,
}


@dataclass(frozen=True)
class Policy:
    """What a view declares of itself."""

    audiences: tuple[Audience, ...]
    scope: Scope
    from_our_pages: bool = False
    """A form of residents, on pages that are kept for everybody: it has no token, since a token needs a
    cookie, and nobody gets one before they act. Instead the browser must say that a page of ours sent it."""
    onlookers_may: bool = False
    """Whether somebody who only looks on (a supervisor) may do what the view does, and not just read it."""


View = TypeVar("View", bound=Callable[..., Any])


def open_to(
    *audiences: Audience, from_our_pages: bool = False, onlookers_may: bool = False
) -> Callable[[View], View]:
    """Declares for whom a view is; anyone of several audiences may open it."""
    policy = Policy(audiences, DEFAULT_SCOPES[audiences[0]], from_our_pages, onlookers_may)

    def declare(view: View) -> View:
        view.policy = policy  # type: ignore[attr-defined]  # the declaration travels with the function
        return view

    return declare


def policy_of(view: Callable[..., Any]) -> Policy | None:
    """What a view declared, None when it did not."""
    return cast("Policy | None", getattr(view, "policy", None))


def refuse_undeclared(app: Flask) -> None:
    """Stops the start when any route does not say for whom it is."""
    silent = [name for name, view in app.view_functions.items() if policy_of(view) is None]
    if silent:
        raise RuntimeError(f"views without open_to(…): {', '.join(sorted(silent))}")
