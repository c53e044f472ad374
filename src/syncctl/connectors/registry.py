"""Which connectors there are, imported only when one is used. I/O: reads installed entry points."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

from syncctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncctl.auth.card import SignInCard
    from syncctl.connectors.base import Access, Connector

BUILT_IN: Final = {
    "hubspot": "syncctl.connectors.hubspot:HubSpot",
    "plaid": "syncctl.connectors.plaid:Plaid",
    "quickbooks": "syncctl.connectors.quickbooks:QuickBooks",
    "rest": "syncctl.connectors.rest:rest",
    "salesforce": "syncctl.connectors.salesforce:Salesforce",
    "stripe": "syncctl.connectors.stripe:Stripe",
    "xero": "syncctl.connectors.xero:Xero",
}
GROUP: Final = "syncctl.connectors"


def connector_class(name: str) -> Callable[[Access], Connector]:
    """The class of a connector, our own or a third party's entry point; raises ConfigError when there is none."""
    target = BUILT_IN.get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        return cast("Callable[[Access], Connector]", getattr(import_module(module), attribute))
    for point in entry_points(group=GROUP):
        if point.name == name:
            return cast("Callable[[Access], Connector]", point.load())
    known = ", ".join(sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))
    raise ConfigError(f"there is no connector named {name!r}", fix=f"use one of {known}")


def connects_items(name: str) -> bool:
    """True for a connector whose items (banks) are connected one by one on its vendor's page. Raises ConfigError."""
    return bool(getattr(connector_class(name), "linked", False))


def sign_in_card(name: str) -> SignInCard | None:
    """How a connector's vendor signs people in; None where a key is all there is. Raises ConfigError."""
    return cast("SignInCard | None", getattr(connector_class(name), "sign_in", None))
