"""Reconciling one mapping in the ledger: project, match, judge. The SQL is the ledger's."""
