"""What was sold and what is given: terms, takings, the three-way close, and the posting to the fund's ledger."""
