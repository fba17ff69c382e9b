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
    Reach,
    find_sign_in_link,
    invite,
    is_set_up,
    links_for,
    made_links,
    make_setup_token,
    make_sign_in_link,
    may_make_link,
    own_link,
    reach_of_link,
    spend_sign_in_link,
    use_setup_token,
    use_sign_in_link,
)
from market.people.service.membership import (
    appoint,
    end_role,
    find_membership,
    grant,
    members,
    revoke,
    sees_region,
    set_password,
    staffed_communities,
    team,
)
from market.people.service.sessions import (
    end_session,
    find_session,
    finish_sign_in,
    knows_password,
    last_seen,
    purge_sessions,
    refuse_while_locked,
    sign_in,
    sign_out_everywhere,
    signed_in,
    start_session,
    stored_session,
    touch_session,
)

__all__ = [
    "PASSWORD_SENTENCES", "Reach", "appoint", "check_password", "create_user", "demo_users", "end_role",
    "end_session", "find_membership", "find_session", "find_sign_in_link", "find_user",
    "finish_sign_in", "grant", "hash_password", "hashed", "invite", "is_set_up", "knows_password",
    "last_seen", "links_for", "made_links", "make_setup_token", "make_sign_in_link", "may_make_link",
    "members", "own_link", "purge_sessions", "reach_of_link", "refuse_while_locked", "revoke", "sees_region",
    "set_password", "sign_in", "sign_out_everywhere", "signed_in", "spend_sign_in_link",
    "staffed_communities", "start_session", "stored_session", "team", "touch_session",
    "use_setup_token", "use_sign_in_link",
]  # fmt: skip
