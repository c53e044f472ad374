"""The pretend Plaid: every path is a POST with a JSON body; client id and secret in headers. No network."""

from __future__ import annotations

import copy
import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer
from syncctl.sandbox.clock import ServerClock
from syncctl.sandbox.plaid.bank import Bank, Raw
from syncctl.sandbox.plaid.links import PAGE, Link, lifetime
from syncctl.sandbox.plaid.refusals import (
    Refusal,
    bad_access_token,
    bad_field,
    broken,
    item_gone,
    limited,
    login_required,
)

PAGES: Final = "/hl/"
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
VERSION: Final = "2020-09-14"
SYNCS_PER_MINUTE: Final = 50
COUNT_MAX: Final = 500
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "/item/get": ("access_token",),
    "/accounts/get": ("access_token", "options"),
    "/accounts/balance/get": ("access_token", "options"),
    "/transactions/sync": ("access_token", "cursor", "count", "options"),
    "/link/token/create": (
        "client_name", "language", "country_codes", "user", "products", "transactions", "access_token", "hosted_link",
        "webhook",
    ),
    "/link/token/get": ("link_token",),
    "/item/public_token/exchange": ("public_token",),
    "/item/remove": ("access_token",),
    "/sandbox/item/reset_login": ("access_token",),
}  # fmt: skip
SYNC_OPTIONS: Final = (
    "include_original_description", "personal_finance_category_version", "days_requested", "account_id",
)  # fmt: skip


class PlaidSandbox:
    """One client with one bank; `add_item` connects more. `limits` off lets any rate through."""

    name = "plaid"
    asks: tuple[str, ...] = (
        "/item/get",
        "/accounts/get",
        "/accounts/balance/get",
        "/transactions/sync",
        "/link/token/get",
    )

    def __init__(
        self,
        clock: Clock,
        *,
        client_id: str = "5f0c00000000000000000001",
        secret: str = "plaid-sandbox-secret-000000001",  # noqa: S107 (of a pretend vendor)
        limits: bool = True,
    ) -> None:
        self.clock = clock = ServerClock(clock)
        self.client_id = client_id
        self.secret = secret
        self.limits = limits
        self.banks: dict[str, Bank] = {}
        self.before_page: Callable[[int], None] = lambda _: None
        self._links: dict[str, Link] = {}
        self._removed: set[str] = set()
        self._public: dict[str, tuple[datetime, str]] = {}
        self._syncs: dict[str, deque[datetime]] = {}
        self._serial = 0
        self._pages = 0
        self.add_item("First Platypus Bank")

    # --- what a Vendor is ---------------------------------------------------------------------------------------------

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """Answers as Plaid would."""
        self._serial += 1
        if request.method == "GET" and request.path.startswith(PAGES):
            return self._page(request.path)
        try:
            answer = self._routed(request.path, self._body(request), request.headers.get("host", ""))
            return json_answer(200, {**copy.deepcopy(answer), "request_id": self._request_id()})
        except Refusal as refusal:
            return refusal.answer(self._request_id())

    def limited(self) -> SandboxAnswer:
        """429, without a header that says how long."""
        return limited().answer(self._request_id())

    def broken(self) -> SandboxAnswer:
        """500."""
        return broken().answer(self._request_id())

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """An item, account or transaction made or changed by the bank; ids may be given."""
        if kind == "item":
            return self.add_item(str(body.get("institution_name", "Bank"))).item
        bank = self.banks[str(body["item_id"])] if "item_id" in body else next(iter(self.banks.values()))
        given = {name: value for name, value in body.items() if name != "item_id"}
        return self._account(bank, given) if kind == "account" else self._transaction(bank, given)

    def state(self) -> dict[str, Any]:
        """Everything stored: kind -> id -> record."""
        held = [entry for bank in self.banks.values() for entry in bank.entries.values() if not entry.gone]
        return {
            "item": {name: bank.item for name, bank in self.banks.items()},
            "account": {name: raw for bank in self.banks.values() for name, raw in bank.accounts.items()},
            "transaction": {entry.raw["transaction_id"]: entry.raw for entry in held},
        }

    # --- what banks and people do -------------------------------------------------------------------------------------

    @property
    def credential(self) -> str:
        """What a client needs to be let in."""
        tokens = ",".join(bank.token for bank in self.banks.values())
        return ":".join((self.client_id, self.secret, *((tokens,) if tokens else ())))

    def add_item(self, institution: str) -> Bank:
        """Connects a bank with one checking account."""
        number = len(self.banks) + len(self._removed)
        identity = self._id(f"item {number}")
        item = {
            "item_id": identity, "institution_id": f"ins_{109508 + number}", "institution_name": institution,
            "webhook": "", "error": None, "available_products": ["balance"], "billed_products": ["transactions"],
            "consent_expiration_time": None, "update_type": "background",
        }  # fmt: skip
        mark = hashlib.sha256(identity.encode()).hexdigest()
        token = f"access-sandbox-{mark[:8]}-{mark[8:12]}-{mark[12:16]}-{mark[16:20]}-{mark[20:32]}"
        bank = self.banks[identity] = Bank(item, token)
        self._account(bank, {"name": "Plaid Checking", "mask": "0000"})
        return bank

    def _account(self, bank: Bank, given: Raw) -> Raw:
        balances = {
            "available": 100, "current": 110, "limit": None, "iso_currency_code": "USD",
            "unofficial_currency_code": None,
        }  # fmt: skip
        identity = str(given.get("account_id") or self._id(f"account {bank.item['item_id']} {len(bank.accounts)}"))
        made = {"account_id": identity, "balances": balances, "name": "Account", "official_name": None, "mask": "0000"}
        bank.accounts[identity] = {**made, "type": "depository", "subtype": "checking", **given}
        return bank.accounts[identity]

    def _transaction(self, bank: Bank, given: Raw) -> Raw:
        today = self.clock.now().date().isoformat()
        identity = str(given.get("transaction_id") or self._id(f"transaction {bank.steps} {bank.item['item_id']}"))
        held = bank.entries.get(identity)
        made = {
            "transaction_id": identity, "account_id": next(iter(bank.accounts)), "amount": 12.5, "date": today,
            "authorized_date": today, "datetime": None, "authorized_datetime": None, "iso_currency_code": "USD",
            "unofficial_currency_code": None, "name": "Card purchase", "merchant_name": None, "pending": False,
            "pending_transaction_id": None, "payment_channel": "other", "account_owner": None,
            "payment_meta": {"payee": None, "payer": None, "reference_number": None}, "counterparties": [],
            "personal_finance_category": {
                "primary": "GENERAL_SERVICES", "detailed": "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
                "confidence_level": "HIGH", "version": "v2",
            },
        }  # fmt: skip
        bank.put({**(held.raw if held is not None else made), **given, "transaction_id": identity})
        return bank.entries[identity].raw

    def post(self, pending: str, **changes: Any) -> Raw:
        """A pending transaction is posted: another id, and the pending one is gone."""
        bank = self._bank_of(pending)
        raw = {name: value for name, value in bank.entries[pending].raw.items() if name != "transaction_id"}
        bank.remove(pending)
        return self._transaction(bank, {**raw, "pending": False, "pending_transaction_id": pending, **changes})

    def remove(self, identity: str) -> None:
        """The bank takes a transaction back."""
        self._bank_of(identity).remove(identity)

    def _bank_of(self, transaction: str) -> Bank:
        return next(bank for bank in self.banks.values() if transaction in bank.entries)

    def open_link(self, url: str) -> None:
        """A person opens the hosted page. Raises ValueError when there is none (any more)."""
        self._at(url).open(self.clock.now())

    def finish_link(self, url: str, institution: str = "Second Bank") -> None:
        """A person goes through the hosted page to its end. Raises ValueError."""
        link, now = self._at(url), self.clock.now()
        if link.updates:
            link.finish(now)
            self.banks[link.updates].login_required = False
            return
        link.under_way(now)
        bank = self.add_item(institution)
        public = f"public-sandbox-{bank.token.removeprefix('access-sandbox-')}"
        self._public[public] = (now, bank.item["item_id"])
        link.finish(now, public, {"institution_id": bank.item["institution_id"], "name": institution})

    def leave_link(self, url: str, status: str = "requires_credentials", error: Raw | None = None) -> None:
        """A person closes the hosted page before it is done, or the bank refuses with an error. Raises ValueError."""
        self._at(url).leave(self.clock.now(), status, error)

    def _at(self, url: str) -> Link:
        found = self._links.get(url.rpartition("/")[2])
        if found is None:
            raise ValueError("there is no page at this address, or not any more")
        return found

    def _page(self, path: str) -> SandboxAnswer:
        """The hosted page: whoever opens it is done at once."""
        try:
            self.finish_link(path)
        except ValueError as error:
            return SandboxAnswer(404, str(error).encode(), {"content-type": "text/plain"})
        return SandboxAnswer(200, PAGE, {"content-type": "text/html; charset=utf-8"})

    # --- the door -----------------------------------------------------------------------------------------------------

    def _body(self, request: SandboxRequest) -> Raw:
        headers = request.headers
        given = (headers.get("plaid-client-id"), headers.get("plaid-secret"))
        if given != (self.client_id, self.secret):
            raise Refusal("INVALID_INPUT", "INVALID_API_KEYS", "invalid client_id or secret provided")
        if headers.get("plaid-version") != VERSION:
            raise bad_field("Plaid-Version is not a known version")
        known = FIELDS.get(request.path)
        if known is None or request.method != "POST":
            raise Refusal("INVALID_REQUEST", "NOT_FOUND", "the requested resource could not be found", status=404)
        try:
            body = decode_json(request.body)
        except Undecodable as error:
            raise Refusal("INVALID_REQUEST", "INVALID_BODY", "body could not be parsed as JSON") from error
        if not isinstance(body, dict):
            raise Refusal("INVALID_REQUEST", "INVALID_BODY", "body must be an object")
        for name in body:
            if name not in known:
                raise bad_field(f"the following fields are not recognized by this endpoint: {name}")
        return body

    def _bank(self, body: Raw) -> Bank:
        if "access_token" not in body:
            raise bad_field("the following required fields are missing: access_token")
        found = next((bank for bank in self.banks.values() if bank.token == body["access_token"]), None)
        if body["access_token"] in self._removed:
            raise item_gone()
        if found is None:
            raise bad_access_token()
        return found

    def _remove(self, bank: Bank) -> Raw:
        self._removed.add(bank.token)
        del self.banks[bank.item["item_id"]]
        return {}

    def _open(self, body: Raw) -> Bank:
        """The bank, unless its customer must sign in first."""
        bank = self._bank(body)
        if bank.login_required:
            raise login_required()
        return bank

    # --- endpoints ----------------------------------------------------------------------------------------------------

    def _routed(self, path: str, body: Raw, host: str) -> Raw:
        match path:
            case "/item/get":
                bank = self._bank(body)
                error = {"error_type": "ITEM_ERROR", "error_code": "ITEM_LOGIN_REQUIRED", "error_message": "sign in"}
                return {"item": {**bank.item, "error": error if bank.login_required else None}, "status": None}
            case "/accounts/get" | "/accounts/balance/get":
                bank = self._open(body)
                return {"accounts": list(bank.accounts.values()), "item": bank.item}
            case "/transactions/sync":
                return self._sync(body)
            case "/link/token/create":
                return self._link(body, host)
            case "/link/token/get":
                return self._linked(str(body.get("link_token")))
            case "/item/remove":
                return self._remove(self._bank(body))
            case "/sandbox/item/reset_login":
                self._bank(body).login_required = True
                return {"reset_login": True}
        return self._exchange(str(body.get("public_token")))

    def _sync(self, body: Raw) -> Raw:
        bank, options, count = self._open(body), body.get("options", {}), body.get("count", 100)
        for name in options:
            if name not in SYNC_OPTIONS:
                raise bad_field(f"the following fields are not recognized by this endpoint: options.{name}")
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= COUNT_MAX:
            raise bad_field("count must be between 1 and 500")
        days = options.get("days_requested", 90)
        if not isinstance(days, int) or not 1 <= days <= 730:
            raise bad_field("days_requested must be between 1 and 730")
        self._meter(bank)
        self._pages += 1
        self.before_page(self._pages)
        status = "HISTORICAL_UPDATE_COMPLETE" if bank.ready else "NOT_READY"
        answer = bank.sync(str(body.get("cursor") or ""), count)
        return {"accounts": list(bank.accounts.values()), "transactions_update_status": status, **answer}

    def _meter(self, bank: Bank) -> None:
        calls, now = self._syncs.setdefault(bank.token, deque()), self.clock.now()
        while calls and calls[0] <= now - timedelta(minutes=1):
            calls.popleft()
        if self.limits and len(calls) >= SYNCS_PER_MINUTE:
            raise limited()
        calls.append(now)

    def _link(self, body: Raw, host: str) -> Raw:
        for name in ("client_name", "language", "country_codes", "user"):
            if name not in body:
                raise bad_field(f"the following required fields are missing: {name}")
        if not isinstance(body["user"], dict) or not body["user"].get("client_user_id"):
            raise bad_field("the following required fields are missing: user.client_user_id")
        if ("access_token" in body) is ("products" in body):
            raise bad_field("products are required, and not allowed in update mode")
        mark = hashlib.sha256(f"link {self._serial}".encode()).hexdigest()
        token = f"link-sandbox-{mark[:8]}-{mark[8:12]}-{mark[12:16]}-{mark[16:20]}-{mark[20:32]}"
        updates = self._bank(body).item["item_id"] if "access_token" in body else ""
        until = self.clock.now() + timedelta(seconds=lifetime(body.get("hosted_link")))
        self._links[token] = Link(token, updates, until, "hosted_link" in body)
        found = {"link_token": token, "expiration": until.isoformat()}
        here = f"http://{host}{PAGES}" if host.partition(":")[0] in LOOPBACK else f"https://secure.plaid.com{PAGES}"
        return {**found, **({"hosted_link_url": here + token} if "hosted_link" in body else {})}

    def _linked(self, token: str) -> Raw:
        if token not in self._links:
            raise Refusal("INVALID_INPUT", "INVALID_LINK_TOKEN", "invalid link_token provided")
        link = self._links[token]
        return {"link_token": token, "expiration": link.until.isoformat(), "link_sessions": link.sessions}

    def _exchange(self, public: str) -> Raw:
        made, item = self._public.pop(public, (self.clock.now() - timedelta(days=1), ""))
        if self.clock.now() - made > timedelta(minutes=30):
            text = "provided public token is in an invalid format. expected format: public-<environment>-<identifier>"
            raise Refusal("INVALID_INPUT", "INVALID_PUBLIC_TOKEN", text)
        return {"access_token": self.banks[item].token, "item_id": item}

    def _id(self, what: str) -> str:
        return hashlib.blake2b(f"{self.client_id} {what}".encode(), digest_size=18).hexdigest()

    def _request_id(self) -> str:
        return hashlib.sha256(f"plaid {self._serial}".encode()).hexdigest()[:15]
