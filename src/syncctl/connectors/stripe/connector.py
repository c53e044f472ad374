"""Stripe as a Connector: wires the parts together. I/O: network, through the HTTP client."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from syncctl.connectors.base import Access, Company, alike
from syncctl.connectors.http import Http, Limiter
from syncctl.connectors.stripe import writes
from syncctl.connectors.stripe.card import BASE_URL, card, read_options
from syncctl.connectors.stripe.complaints import Explain
from syncctl.connectors.stripe.kinds import KINDS
from syncctl.connectors.stripe.probe import probe
from syncctl.connectors.stripe.pull import pull
from syncctl.connectors.stripe.reader import Reader
from syncctl.connectors.stripe.schemas import schemas
from syncctl.connectors.stripe.states import state_of
from syncctl.errors import AuthenticationFailed, Exchange, RequestRefused
from syncctl.fields.schema import Schema
from syncctl.model import Change, Page, Raw, Record, Request, Window, WriteReceipt

_ACCOUNT: Final = re.compile(r"\bacct_[A-Za-z0-9]+")


class Stripe:
    """One Stripe account. Options: see card.Options."""

    def __init__(self, access: Access) -> None:
        self.name = access.name
        self._access = access
        self._options = read_options(access.name, access.options)
        self.card = card(self._options)
        self._http = Http(
            access,
            base_url=access.base_url or BASE_URL,
            authorize=self._authorize,
            explain=Explain(self._options.rate_limit_wait_seconds),
            limiter=Limiter(self.card.limits, access.clock, access.reservations("")),
            headers=self._headers(),
        )
        self._reader = Reader(self._http)

    def _headers(self) -> dict[str, str]:
        account = {"Stripe-Account": self._options.account} if self._options.account else {}
        return {"Stripe-Version": self._options.api_version, **account}

    def _authorize(self) -> Mapping[str, str]:
        token = self._access.token()
        self._access.redact.add(token)
        return {"Authorization": f"Bearer {token}"}

    def close(self) -> None:
        """Gives the connections back."""
        self._http.close()

    def company(self) -> Company:
        """The account that the key opens. Raises VendorError."""
        live = "_test_" not in self._access.token()
        try:
            account = self._http.read_json("GET", "/v1/account")
        except AuthenticationFailed as error:
            return _refused_company(error, live)
        return Company(str(account["id"]), _display_name(account), live)

    def describe(self) -> tuple[Schema, ...]:
        """The schema of every kind; Stripe's fields are the same for everybody, so nothing is asked."""
        return schemas(self.name)

    def state(self, kind: str, raw: Raw) -> str:
        return state_of(kind, raw)

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        """See pull.py. Raises VendorError."""
        return pull(self._reader, kind, windows, self._access.clock.now(), self._options.overlap_seconds)

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        """By id one call each, by another field one list each. Raises VendorError."""
        found = (record for value in values for record in self._find(kind, field, value))
        return tuple({record.ref: record for record in found}.values())

    def _find(self, kind: str, field: str, value: str) -> list[Record]:
        if field == "id":
            record = self._reader.retrieve(kind, value)
            return [record] if isinstance(record, Record) else []
        parameter = KINDS[kind].lookups.get(field)
        if parameter is None:
            raise RequestRefused(
                f"{self.name}: no {kind} can be looked up by {field}",
                Exchange(self.name, f"find {kind}"),
                fix="pull the kind and search the ledger",
            )
        query = [(parameter, value)]
        if parameter == "payment[payment_intent]":
            query.append(("payment[type]", "payment_intent"))
        return self._reader.rows(kind, self._reader.whole_list(KINDS[kind].path, tuple(query)))[0]

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: every change is one request here."""
        return (change,)

    def request_key(self, change: Change) -> str:
        """Pure: changes with the same key may share a request."""
        return alike(change)

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """See writes.py."""
        return writes.prepare(self.name, changes, current, key, rows)

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        return writes.send(self._http, request)

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        """See probe.py. Raises VendorError."""
        return tuple(probe(self._reader, request, change, since) for change in changes)


def _display_name(account: Mapping[str, Any]) -> str:
    """The name people know the account by."""
    settings, profile = account.get("settings") or {}, account.get("business_profile") or {}
    shown = (settings.get("dashboard") or {}).get("display_name")
    return str(shown or profile.get("name") or account.get("email") or account["id"])


def _refused_company(error: AuthenticationFailed, live: bool) -> Company:
    """Restricted keys may not read their account (dj-stripe #1131), but the refusal names it."""
    named = _ACCOUNT.search(error.message) if error.exchange.status == 403 else None
    if named is None:
        raise error
    return Company(named.group(), named.group(), live)
