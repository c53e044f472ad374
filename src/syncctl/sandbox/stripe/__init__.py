"""The pretend Stripe. No network."""

from syncctl.sandbox.stripe.vendor import StripeSandbox

__all__ = ["StripeSandbox"]
