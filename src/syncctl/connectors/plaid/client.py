"""Plaid over HTTP: every request is a POST that reads. I/O: network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from syncctl.connectors.base import Access, Limits
from syncctl.connectors.http import Answer, Http, Limiter
from syncctl.connectors.plaid.complaints import explain
from syncctl.connectors.plaid.options import PAGE_ROWS, VERSION, Credential, Options, read_credential
from syncctl.connectors.plaid.rows import SyncAnswer, item_id, read_accounts, read_item, read_sync
from syncctl.errors import AnswerUnreadable, CredentialError, Exchange
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.undecodable import Undecodable

Read = TypeVar("Read")
ASKS: Final = (
    "/item/get", "/accounts/get", "/accounts/balance/get", "/transactions/sync", "/link/token/create",
    "/link/token/get", "/item/public_token/exchange", "/item/remove",
)  # fmt: skip
"""Every request there is: none writes into anybody's books; some sign in and out."""
_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}
TIMEOUT_SECONDS: Final = 90.0
"""Live balances are asked from the bank, which takes its time."""


@dataclass
class Client:
    """Reads. Items are known by their access tokens; `_items` remembers which token opens which item."""

    access: Access
    options: Options
    http: Http
    _items: dict[str, tuple[str, bytes]] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The system's configured name."""
        return self.access.name

    def credential(self) -> Credential:
        """Client id, secret and access tokens, read now. Raises CredentialError."""
        found = read_credential(self.name, self.access.token())
        for secret in (found.secret, *found.tokens):
            self.access.redact.add(secret)
        return found

    def authorize(self) -> Mapping[str, str]:
        """The headers of every request."""
        found = self.credential()
        return {"PLAID-CLIENT-ID": found.client_id, "PLAID-SECRET": found.secret, "Plaid-Version": VERSION}

    def items(self, *, fresh: bool = False) -> dict[str, str]:
        """Item id to access token, in the order of the credential. Raises CredentialError, VendorError."""
        found = {}
        tokens = self.credential().tokens
        if not tokens:
            fix = f"connect one: syncctl auth login {self.name}"
            raise CredentialError(f"no bank is connected to {self.name}: there is no access token", fix=fix)
        for token in tokens:
            if fresh or token not in self._items:
                row = self._read("/item/get", {"access_token": token}, read_item)
                self._items[token] = (self._understood(Answer(200, {}, row, "POST /item/get"), item_id), row)
            found[self._items[token][0]] = token
        return found

    def bank(self, item: str) -> str:
        """What the bank of an item that was read is called."""
        row = next((row for identity, row in self._items.values() if identity == item), b"{}")
        return str(decode_json(row).get("institution_name") or "a bank")

    def item_rows(self) -> list[tuple[str, bytes]]:
        """Every item's id and own bytes, read now. Raises VendorError."""
        tokens = self.items(fresh=True)
        return [(item, self._items[token][1]) for item, token in tokens.items()]

    def accounts(self, token: str) -> list[bytes]:
        """The accounts of an item, undecoded. Raises VendorError."""
        path = "/accounts/balance/get" if self.options.balances == "live" else "/accounts/get"
        return self._read(path, {"access_token": token}, read_accounts)

    def sync(self, token: str, cursor: str) -> SyncAnswer:
        """One page of changes after a cursor; an empty one begins at the beginning. Raises VendorError."""
        options: dict[str, Any] = {"include_original_description": True}
        if self.options.category_version:
            options["personal_finance_category_version"] = self.options.category_version
        body: dict[str, Any] = {"access_token": token, "count": PAGE_ROWS, "options": options}
        if cursor:
            body["cursor"] = cursor
        else:
            options["days_requested"] = self.options.days
        return self._read("/transactions/sync", body, read_sync)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """One request that changes nothing. Raises VendorError."""
        return self.http.read("POST", path, body=encode_json(dict(body)), headers=_JSON)

    def _read(self, path: str, body: Mapping[str, Any], read: Callable[[bytes], Read]) -> Read:
        return self._understood(self.post(path, body), read)

    def _understood(self, answer: Answer, read: Callable[[bytes], Read]) -> Read:
        try:
            return read(answer.body)
        except Undecodable as error:
            where = Exchange(self.name, answer.request, answer.status, body=self.http.shown_body(answer))
            raise AnswerUnreadable(f"{self.name}: {error}", where, fix="try again later") from error


def client_for(access: Access, options: Options, limits: Limits) -> Client:
    """The client of one system."""

    def authorize() -> Mapping[str, str]:
        return client.authorize()

    http = Http(
        replace(access, read_only=True),
        base_url=options.base_url,
        authorize=authorize,
        explain=lambda answer: explain(answer, options.wait_seconds, access.name),
        limiter=Limiter(limits, access.clock, access.reservations("")),
        timeout_seconds=TIMEOUT_SECONDS,
        asks=ASKS,
    )
    client = Client(access, options, http)
    return client
