"""The vendor's own refusals: one exception, its error body, and its form inside a batch answer. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Invalid:
    """One property value that does not pass: the vendor's code, as in INVALID_OPTION."""

    name: str
    code: str
    message: str


class Refusal(Exception):
    """The vendor says no. `status` is the HTTP status when the whole request is refused."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, Sequence[str]] | None = None,
        sub_category: str = "",
        links: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.errors = [dict(error) for error in errors]
        self.context = {name: list(values) for name, values in (context or {}).items()}
        self.sub_category = sub_category
        self.links = dict(links or {})

    def body(self, correlation: str) -> dict[str, Any]:
        """The error as the body of an answer."""
        shown: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation}
        extras = {"context": self.context, "errors": self.errors, "links": self.links}
        shown |= {name: value for name, value in extras.items() if value}
        shown["category"] = self.category
        if self.sub_category:
            shown["subCategory"] = self.sub_category
        return shown

    def row(self, context: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The error as one element of `errors` in a batch answer (StandardError of the vendor's specification)."""
        shown: dict[str, Any] = {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": {**self.context, **{name: list(values) for name, values in context.items()}},
            "errors": self.errors,
            "links": self.links,
        }
        if self.sub_category:
            shown["subCategory"] = self.sub_category
        return shown


def invalid_values(problems: Sequence[Invalid], portal_id: int) -> Refusal:
    """Values that do not pass: the list of them is JSON inside the message, as the vendor sends it."""
    inner = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
            "portalId": portal_id,
        }
        for problem in problems
    ]
    errors = [
        {"message": problem.message, "code": problem.code, "context": {"propertyName": [problem.name]}}
        for problem in problems
    ]
    message = f"Property values were not valid: {json.dumps(inner, separators=(',', ':'))}"
    return Refusal(400, "VALIDATION_ERROR", message, errors=errors)


def invalid_json(reason: str) -> Refusal:
    """A body, a query parameter or a field that the endpoint does not know."""
    return Refusal(400, "VALIDATION_ERROR", f"Invalid input JSON on line 1, column 1: {reason}")


def not_found(message: str = "resource not found") -> Refusal:
    return Refusal(404, "OBJECT_NOT_FOUND", message)
