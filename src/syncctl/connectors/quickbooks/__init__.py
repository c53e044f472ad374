"""QuickBooks Online."""

from syncctl.connectors.quickbooks.connector import QuickBooks

__all__ = ["QuickBooks"]
