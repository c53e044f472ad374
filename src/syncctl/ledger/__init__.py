"""The ledger: one SQLite file per set of books, and the only SQL in the project."""
