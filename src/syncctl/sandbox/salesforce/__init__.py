"""A pretend Salesforce: REST, SOQL, collections, replication, bulk queries and sign-ins. No network."""

from syncctl.sandbox.salesforce.vendor import SalesforceSandbox

__all__ = ["SalesforceSandbox"]
