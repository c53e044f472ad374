"""Which connectors there are, imported only when one is used. I/O: reads installed entry points."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

from syncctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    found = entry(BUILT_IN, GROUP, name)
    if found is not None:
        return cast("Callable[[Access], Connector]", found)
    raise ConfigError(f"there is no connector named {name!r}", fix=f"use one of {', '.join(connector_names())}")


def connector_names() -> tuple[str, ...]:
    """Every connector there is, ours and those of installed packages; none is imported."""
    return tuple(sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def entry(built_in: Mapping[str, str], group: str, name: str) -> object | None:
    """What a name stands for: our own `module:attribute`, else an installed entry point of the group, else nothing."""
    target = built_in.get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        found: object = getattr(import_module(module), attribute)
        return found
    return next((point.load() for point in entry_points(group=group, name=name)), None)


def connects_items(name: str) -> bool:
    """True for a connector whose items (banks) are connected one by one on its vendor's page. Raises ConfigError."""
    return bool(getattr(connector_class(name), "linked", False))


def sign_in_card(name: str) -> SignInCard | None:
    """How a connector's vendor signs people in; None where a key is all there is. Raises ConfigError."""
    return cast("SignInCard | None", getattr(connector_class(name), "sign_in", None))
