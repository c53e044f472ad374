"""A pretend legacy ERP: orders and customers."""

from syncctl.sandbox.erp.vendor import ErpSandbox

__all__ = ["ErpSandbox"]
