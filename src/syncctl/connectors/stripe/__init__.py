"""The Stripe connector. I/O: network, through the HTTP client."""

from syncctl.connectors.stripe.connector import Stripe
from syncctl.connectors.stripe.shapes import shape_problems

__all__ = ["Stripe", "shape_problems"]
