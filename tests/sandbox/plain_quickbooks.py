"""A pretend QuickBooks and a client that sends plain requests, with the documents that tests make."""

from __future__ import annotations

from typing import Any

from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.quickbooks import QuickBooksSandbox


class Books:
    """The pretend company and a client that sends plain requests."""

    def __init__(self, clock: FakeClock, **words: Any) -> None:
        self.clock = clock
        self.vendor = QuickBooksSandbox(clock, **{"limits": False, **words})

    def answer(self, method: str, path: str, body: Any = None, token: str = "", **query: str) -> SandboxAnswer:
        request = SandboxRequest(
            method,
            f"/v3/company/{self.vendor.realm}/{path}",
            tuple(query.items()),
            {"authorization": f"Bearer {token or self.vendor.token}"},
            encode_json(body) if body is not None else b"",
        )
        return self.vendor.handle(request)

    def post(self, kind: str, body: Any, **query: str) -> dict[str, Any]:
        """What a write that must succeed gives."""
        answer = self.answer("POST", kind.lower(), body, **query)
        found: dict[str, Any] = decode_json(answer.body)
        assert answer.status == 200, found
        result: dict[str, Any] = found[kind]
        return result

    def refused(self, kind: str, body: Any, **query: str) -> str:
        """The code of a refusal."""
        answer = self.answer("POST", kind.lower(), body, **query)
        assert answer.status == 400, answer.body
        return str(decode_json(answer.body)["Fault"]["Error"][0]["code"])

    def query(self, text: str, **query: str) -> dict[str, Any]:
        found: dict[str, Any] = decode_json(self.answer("GET", "query", query=text, **query).body)
        return found

    def get(self, kind: str, identity: str) -> dict[str, Any]:
        found: dict[str, Any] = decode_json(self.answer("GET", f"{kind.lower()}/{identity}").body)[kind]
        return found


def books_with_acme(clock: FakeClock) -> Books:
    """One that knows the customer Acme, number 1."""
    found = Books(clock)
    found.post("Customer", {"DisplayName": "Acme"})
    return found


def sold(amount: object, **detail: Any) -> dict[str, Any]:
    return {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}, **detail},
    }


def bill(books: Books, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return books.post("Invoice", {"CustomerRef": {"value": "1"}, "Line": list(lines) or [sold(100)], **more})


def pay(books: Books, amount: object, *links: tuple[str, str, object], **more: Any) -> dict[str, Any]:
    lines = [{"Amount": part, "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]} for kind, identity, part in links]
    return books.post("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": amount, "Line": lines, **more})
