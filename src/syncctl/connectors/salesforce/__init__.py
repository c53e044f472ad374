"""Salesforce: any object that the user sees is read, any that may be changed is written."""

from syncctl.connectors.salesforce.connector import Salesforce

__all__ = ["Salesforce"]
