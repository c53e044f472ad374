"""HubSpot: contacts, companies and deals are written, line items, products, owners and pipelines read."""

from syncctl.connectors.hubspot.connector import HubSpot

__all__ = ["HubSpot"]
