"""The pretend Xero."""

from syncctl.sandbox.xero.vendor import XeroSandbox

__all__ = ["XeroSandbox"]
