"""One request inside the pretend Salesforce, and what it answers. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from syncctl.sandbox.salesforce.fields import ObjectDef
from syncctl.sandbox.salesforce.org import Org
from syncctl.sandbox.salesforce.refusals import Fault, Refusal, not_found


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, decoded body (None: none; bytes: as they are) and further headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """`base` is `/services/data/vXX.0`; `parts` are the named pieces of the path."""

    org: Org
    base: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body. Raises Refusal."""
        try:
            return json.loads(self.body or b"{}", parse_float=Decimal)
        except ValueError as error:
            raise Refusal(400, Fault("JSON_PARSER_ERROR", f"Unexpected character: {error}")) from error

    def object(self) -> Mapping[str, Any]:
        """The decoded body, which must be an object. Raises Refusal."""
        found = self.json()
        if not isinstance(found, Mapping):
            raise Refusal(400, Fault("JSON_PARSER_ERROR", "The request body must be an object"))
        return found

    def about(self) -> ObjectDef:
        """The object that the path names. Raises Refusal."""
        found = self.org.visible(self.parts["kind"])
        if found is None:
            raise not_found()
        return found

    @property
    def saves(self) -> bool:
        """True when a duplicate rule may be overruled."""
        return "allowsave=true" in self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()


Endpoint = Callable[[Call], Reply]
