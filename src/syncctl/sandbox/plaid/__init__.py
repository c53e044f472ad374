"""A pretend Plaid: items, accounts, and transactions as they come from banks."""

from syncctl.sandbox.plaid.vendor import PlaidSandbox

__all__ = ["PlaidSandbox"]
