"""What was sold and what is given: terms, takings, the three-way close, the posting to the ledger."""
