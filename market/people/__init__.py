"""Who may sign in: accounts, memberships, revocable sessions, sign-in links; who may open which page."""
