"""A pretend HubSpot: the CRM endpoints of 2026-03, 2026-09, v3 and v4 that a connector uses. No network."""

from syncctl.sandbox.hubspot.vendor import HubSpotSandbox

__all__ = ["HubSpotSandbox"]
