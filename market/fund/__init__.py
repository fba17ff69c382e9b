"""The community development fund: the charity's confirmations, committee, spending and public disclosure."""
