"""Sign-in: OAuth grants, tokens kept durably, and one refresh at a time for every process on the ledger."""
