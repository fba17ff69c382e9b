"""Who may sign in: accounts, memberships, revocable sessions, sign-in links, and the audiences of every page."""
