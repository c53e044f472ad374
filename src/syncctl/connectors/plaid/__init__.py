"""Plaid: bank accounts and their transactions, read only."""

from syncctl.connectors.plaid.connector import Plaid

__all__ = ["Plaid"]
