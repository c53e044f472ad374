"""Xero: contacts, invoices, payments, credit notes and the lists behind them."""

from syncctl.connectors.xero.connector import Xero

__all__ = ["Xero"]
