"""Who may sign in: accounts, memberships, revocable sessions, sign-in links; the audiences of every page."""
