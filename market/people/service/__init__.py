"""Accounts, memberships, sign-in, sessions, one-time links and the first set-up."""

from __future__ import annotations

from market.people.service.accounts import (
    PASSWORD_SENTENCES,
    check_password,
    create_user,
    demo_users,
    find_user,
    hash_password,
    hashed,
)
from market.people.service.links import (
    find_sign_in_link,
    is_set_up,
    make_setup_token,
    make_sign_in_link,
    may_make_link,
    use_setup_token,
    use_sign_in_link,
)
from market.people.service.membership import (
    appoint,
    find_membership,
    grant,
    members,
    revoke,
    set_password,
    team,
)
from market.people.service.sessions import (
    end_session,
    find_session,
    finish_sign_in,
    knows_password,
    purge_sessions,
    refuse_while_locked,
    sign_in,
    sign_out_everywhere,
    start_session,
    touch_session,
)

__all__ = [
    "PASSWORD_SENTENCES",
    "appoint",
    "check_password",
    "create_user",
    "demo_users",
    "end_session",
    "find_membership",
    "find_session",
    "find_sign_in_link",
    "find_user",
    "finish_sign_in",
    "grant",
    "hash_password",
    "hashed",
    "is_set_up",
    "knows_password",
    "make_setup_token",
    "make_sign_in_link",
    "may_make_link",
    "members",
    "purge_sessions",
    "refuse_while_locked",
    "revoke",
    "set_password",
    "sign_in",
    "sign_out_everywhere",
    "start_session",
    "team",
    "touch_session",
    "use_setup_token",
    "use_sign_in_link",
]
