"""The vendor's error bodies. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"
LOGS = "https://dashboard.stripe.com/test/logs/"


@dataclass
class Refusal(Exception):
    """Why a request was not done. `saved`: the idempotency layer remembers the answer (execution had begun)."""

    message: str
    status: int = 400
    code: str = ""
    param: str = ""
    type: str = "invalid_request_error"
    saved: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, request_id: str, seconds: int) -> dict[str, Any]:
        """The answer's body; keys in the vendor's order."""
        error: dict[str, Any] = {}
        if self.code:
            error |= {"code": self.code, "doc_url": DOCS + self.code.replace("_", "-")}
        error["message"] = self.message
        if self.param:
            error["param"] = self.param
        if self.status != 401:
            error["request_log_url"] = f"{LOGS}{request_id}?t={seconds}"
        return {"error": {**error, "type": self.type}}


def missing(kind: str, identity: str, *, param: str = "id", in_path: bool = True) -> Refusal:
    """No such record: 404 for the record of the path, 400 for one that a parameter names."""
    return Refusal(
        f"No such {_NAMES.get(kind, kind)}: '{identity}'",
        404 if in_path else 400,
        "resource_missing",
        param,
        saved=True,
    )


_NAMES = {"payment_method": "PaymentMethod", "invoice_payment": "invoice payment"}


def unknown_parameter(name: str) -> Refusal:
    return Refusal(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def not_modelled(name: str) -> Refusal:
    """The vendor has this parameter and the sandbox does not: said, so that nobody mistakes it for the vendor."""
    return Refusal(f"The sandbox does not model the parameter {name}", code="sandbox_not_modelled", param=name)


def missing_parameter(name: str) -> Refusal:
    return Refusal(f"Missing required param: {name}.", code="parameter_missing", param=name)


def empty_parameter(name: str) -> Refusal:
    return Refusal(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however"
        f" '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )


def not_now(message: str, code: str = "", param: str = "") -> Refusal:
    """The record's state forbids it."""
    return Refusal(message, 400, code, param, saved=True)
