"""ledger: the fund's book in double entry (Book, Entry, Posting, Line, Account). Knows no markets."""
