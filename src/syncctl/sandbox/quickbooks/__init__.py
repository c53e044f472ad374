"""A pretend QuickBooks Online company."""

from syncctl.sandbox.quickbooks.vendor import QuickBooksSandbox

__all__ = ["QuickBooksSandbox"]
