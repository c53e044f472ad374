"""Writes to a declared system: the exact request, and what its answer means."""

from __future__ import annotations

import base64
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_world import BASE, NAME, SHIPPED, Erp, connector, create, edited, ids, raw, update

from syncctl.connectors.base import Access
from syncctl.connectors.rest import Rest, rest
from syncctl.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    RequestRefused,
    VendorError,
)
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Change, Outcome, Ref
from syncctl.redact import Redactor
from syncctl.sandbox.base import Sandbox, SandboxAnswer, SandboxRequest, json_answer
from syncctl.sandbox.clock import FakeClock

PATCHED = (("update: PUT /customers/{id}", "update: PATCH /customers/{id}"),)


@pytest.fixture
def erp(clock: FakeClock) -> Erp:
    return Erp(clock)


def body(request: Any) -> dict[str, Any]:
    found: dict[str, Any] = decode_json(request.body)
    return found


# --- requests ---------------------------------------------------------------------------------------------------------


def test_a_create_carries_our_own_value_in_the_unique_field(erp: Erp) -> None:
    request = erp.prepared(create(name="Muster", city=None, email=""))
    assert (request.method, request.path) == ("POST", "/customers")
    assert body(request) == {"name": "Muster", "external_ref": "syncctl-7347ffa7c7b06e2460d3590f"}


def test_the_value_is_the_intents_whatever_the_key_is(erp: Erp) -> None:
    """The next attempt, the next night and the next ledger name the same record."""
    one, other = (erp.prepared(create(name="Muster"), key=key) for key in ("a", "b"))
    assert one.body == other.body
    assert erp.prepared(create(name="Muster", intent="another")).body != one.body


def test_a_value_that_a_mapping_writes_there_stays(erp: Erp) -> None:
    marked = erp.prepared(create(name="Muster", external_ref="syncctl stripe:customer:cus_1"))
    assert body(marked)["external_ref"] == "syncctl stripe:customer:cus_1"


def test_a_put_sends_back_all_that_the_system_did_not_compute(erp: Erp) -> None:
    erp.customer("Muster", city="Ulm", blocked="J", credit_limit="1.000,00", external_ref="theirs")
    receipt = erp.update("K10001", name="Muster AG")
    assert receipt.outcome is Outcome.APPLIED
    held = erp.held()["K10001"]
    assert (held["name"], held["city"], held["blocked"]) == ("Muster AG", "Ulm", "J")
    assert (held["credit_limit"], held["external_ref"]) == ("1.000,00", "theirs")


def test_a_patch_sends_what_changed_and_the_version(erp: Erp) -> None:
    patched = connector(erp.clock, erp.sandbox, edited(SHIPPED, *PATCHED))
    erp.customer("Muster", city="Ulm")
    request = patched.prepare([update("K10001", city=None)], [erp.record("K10001")], "k", ["r"])
    assert (request.method, request.path, body(request)) == ("PATCH", "/customers/K10001", {"city": None, "rev": 1})


def test_an_id_cannot_lead_to_another_path(erp: Erp) -> None:
    assert erp.rest.find("customer", "customer_no", ["../orders", "..", "a/b", "K1?x=1"]) == ()
    assert [request.path for request in erp.sandbox.seen] == [
        f"/api/customers/{name}" for name in ("../orders", "a/b", "K1?x=1")
    ]
    erp.customer("Muster")
    with pytest.raises(ValueError, match=r"^erp:customer:[.][.]: '[.][.]' is no id that an address can hold$"):
        erp.rest.prepare([update("..", city="Ulm")], [erp.record("K10001")], "k", ["r"])


@pytest.mark.parametrize(
    ("declared", "header"),
    [
        ("version: rev", ""),
        ("version: {field: rev, header: If-Match}", "1"),
        ("version: {header: If-Match}", '"v1"'),
    ],
)
def test_the_version_goes_back_where_it_is_declared(erp: Erp, declared: str, header: str) -> None:
    text = SHIPPED.replace("    version: rev\n", f"    {declared}\n")
    other = connector(erp.clock, erp.sandbox, text)
    erp.customer("Muster")
    (held,) = other.find("customer", "customer_no", ["K10001"])
    if "field" not in declared and header:
        answer = json_answer(200, {"item": raw(held)}, {"ETag": '"v1"'})
        erp.vendor.handle = lambda _: answer  # type: ignore[method-assign]
        (held,) = other.find("customer", "customer_no", ["K10001"])
    request = other.prepare([update("K10001", name="M")], [held], "k", ["r"])
    assert dict(request.headers).get("If-Match", "") == header
    assert ("rev" in body(request)) is (header in ("", '"v1"'))


def test_without_a_version_to_name_nothing_is_sent(erp: Erp) -> None:
    text = SHIPPED.replace("    version: rev\n", "    version: {header: If-Match}\n")
    other = connector(erp.clock, erp.sandbox, text)
    erp.customer("Muster")
    held = list(other.find("customer", "customer_no", ["K10001"]))
    with pytest.raises(ValueError, match="no version"):
        other.prepare([update("K10001", name="M")], held, "k", ["r"])


@pytest.mark.parametrize("way", ["header", "query"])
def test_a_key_goes_where_it_is_declared(clock: FakeClock, way: str) -> None:
    text = edited(SHIPPED, ("idempotency: {unique: external_ref}", f"idempotency: {{{way}: Idem-Key, retention: 1h}}"))
    request = Erp(clock, text).prepared(create(name="Muster"), key="the-key")
    assert ("Idem-Key", "the-key") in (request.headers if way == "header" else request.query)
    assert "external_ref" not in body(request)


def test_what_no_call_is_declared_for_cannot_be_asked(erp: Erp) -> None:
    with pytest.raises(ValueError, match="declares no void"):
        erp.prepared(Change("i", "m", Action.VOID, Ref(NAME, "order", "1"), None, "x"))


# --- answers ----------------------------------------------------------------------------------------------------------


def test_a_stale_revision_is_a_conflict(erp: Erp) -> None:
    erp.customer("Muster")
    held = erp.record("K10001")
    erp.vendor.seed("customer", {"customer_no": "K10001", "city": "Ulm"})
    receipt = erp.sent(update("K10001", name="M"), held)
    assert (receipt.outcome, receipt.code, receipt.status) == (Outcome.CONFLICT, "4091", 409)


def test_a_taken_value_is_a_duplicate_that_the_probe_finds(erp: Erp) -> None:
    first = erp.sent(create(name="Muster"))
    again = erp.sent(create(name="Muster"))
    assert again.outcome is Outcome.DUPLICATE
    (found,) = erp.rest.probe(erp.prepared(create(name="Muster")), [create()], erp.clock.now())
    assert (found.outcome, found.ref) == (Outcome.APPLIED, first.ref)


def test_refusals_say_code_text_and_request(erp: Erp) -> None:
    receipt = erp.sent(create(name="x" * 61))
    assert (receipt.outcome, receipt.code, receipt.status) == (Outcome.REJECTED, "1001", 422)
    assert "at most 60 signs" in receipt.message
    assert len(receipt.vendor_request_id) == 10


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("lost", Outcome.UNKNOWN), ("500 before", Outcome.UNKNOWN), ("500 after", Outcome.UNKNOWN),
     ("truncated", Outcome.UNKNOWN), ("late", Outcome.UNKNOWN), ("429", Outcome.LATER)],
)  # fmt: skip
def test_what_an_answer_leaves_open_stays_open(erp: Erp, fault: str, outcome: Outcome) -> None:
    erp.fault(fault)
    receipt = erp.sent(create(name="Muster"))
    assert (receipt.outcome, receipt.ref) == (outcome, None)
    assert receipt.wait_seconds == (7 if fault == "429" else None)
    assert len(erp.sandbox.log) == 1


def answering(clock: FakeClock, *answers: SandboxAnswer, text: str = SHIPPED) -> Erp:
    """The ERP, which gives these answers instead of its own."""
    erp, queue = Erp(clock, text), list(answers)
    erp.vendor.handle = lambda _: queue.pop(0)  # type: ignore[method-assign]
    return erp


@pytest.mark.parametrize(
    ("status", "answer", "action", "outcome"),
    [
        (401, {}, Action.CREATE, Outcome.STOP),
        (403, {}, Action.CREATE, Outcome.STOP),
        (409, {}, Action.CREATE, Outcome.DUPLICATE),
        (409, {}, Action.UPDATE, Outcome.CONFLICT),
        (412, {}, Action.UPDATE, Outcome.CONFLICT),
        (404, {}, Action.UPDATE, Outcome.REJECTED),
        (422, {"error": {"no": 4290}}, Action.CREATE, Outcome.LATER),
        (503, {"error": {"no": 4290}}, Action.CREATE, Outcome.LATER),
        (400, {"error": {"no": "4091"}}, Action.UPDATE, Outcome.CONFLICT),
        (408, {}, Action.CREATE, Outcome.UNKNOWN),
        (502, {}, Action.CREATE, Outcome.UNKNOWN),
        (302, {}, Action.CREATE, Outcome.UNKNOWN),
        (200, {"item": {"rev": 1}}, Action.CREATE, Outcome.UNKNOWN),
        (200, {"item": []}, Action.CREATE, Outcome.UNKNOWN),
        (200, {"item": {"customer_no": ".."}}, Action.CREATE, Outcome.UNKNOWN),
        (201, {"item": {"customer_no": 17}}, Action.CREATE, Outcome.APPLIED),
        (200, {}, Action.UPDATE, Outcome.APPLIED),
    ],
)
def test_codes_come_before_statuses(
    clock: FakeClock, status: int, answer: dict[str, Any], action: Action, outcome: Outcome
) -> None:
    erp = Erp(clock)
    erp.customer("Muster")
    held = erp.record("K10001") if action is Action.UPDATE else None
    erp.vendor.handle = lambda _: json_answer(status, answer)  # type: ignore[method-assign]
    change = update("K10001", name="M") if held else create(name="M")
    assert erp.sent(change, held).outcome is outcome


HOSTILE = (
    b"",
    b"null",
    b"[]",
    b"0",
    b"{",
    b'{"item": {"customer_no": 1e400}}',
    b'{"item": ' * 50_000,
    b"[" * 100_000,
    b'{"error": {"no": {"a": 1}, "text": ["x"]}}',
    b'{"item": {"customer_no": "\\ud800"}}',
    b"\xff\xfe",
    b"<html>down for maintenance</html>",
)


@pytest.mark.parametrize("status", [200, 201, 302, 400, 409, 429, 500])
def test_no_answer_breaks_the_connector_and_none_is_taken_for_success(clock: FakeClock, status: int) -> None:
    erp = Erp(clock)
    for answer in HOSTILE:
        erp.vendor.handle = lambda _, body=answer: SandboxAnswer(status, body)  # type: ignore[misc, method-assign]
        receipt = erp.sent(create(name="M"))
        assert receipt.outcome is not Outcome.APPLIED
        with pytest.raises(VendorError):
            erp.record("K1")
        with pytest.raises(VendorError):
            list(erp.rest.pull("customer", None))


def test_the_new_id_may_stand_in_the_location(clock: FakeClock) -> None:
    for place, outcome in (
        (f"{BASE}/customers/K%2F7", Outcome.APPLIED),
        ("/api/customers/K%2F7", Outcome.APPLIED),
        ("https://evil.example/customers/K7", Outcome.UNKNOWN),
    ):
        receipt = answering(clock, SandboxAnswer(201, b"", {"Location": place})).sent(create(name="M"))
        assert receipt.outcome is outcome
        assert receipt.ref == (Ref(NAME, "customer", "K/7") if outcome is Outcome.APPLIED else None)


def test_an_answer_declared_whole_is_the_record(clock: FakeClock) -> None:
    text = edited(SHIPPED, ("    title: name\n", "    title: name\n    answer: record\n"))
    row = {"customer_no": "K7", "name": "M", "rev": 3}
    receipt = answering(clock, json_answer(201, {"item": row}), text=text).sent(create(name="M"))
    assert receipt.record is not None
    assert (raw(receipt.record), receipt.record.version) == (row, "3")


def test_a_code_in_a_success_is_an_error_where_the_file_says_so(clock: FakeClock) -> None:
    bad = json_answer(200, {"error": {"no": 1001, "text": "no such thing"}})
    text = edited(SHIPPED, ("  code: error.no\n", "  code: error.no\n  in_success: true\n"))
    assert answering(clock, bad, text=text).sent(create(name="M")).outcome is Outcome.REJECTED
    with pytest.raises(RequestRefused, match="no such thing"):
        answering(clock, bad, text=text).record("K1")


def test_a_retry_after_may_be_a_time(clock: FakeClock) -> None:
    headers = {"Retry-After": "Fri, 20 Nov 2026 03:02:00 GMT"}
    receipt = answering(clock, json_answer(429, {}, headers)).sent(create(name="M"))
    assert receipt.wait_seconds == 120
    assert answering(clock, json_answer(429, {}, {"Retry-After": "soon"})).sent(create()).wait_seconds == 10


def test_a_decimal_comma_is_written_as_the_system_spells_it(erp: Erp) -> None:
    from syncctl.fields.codecs import encode
    from syncctl.model import Money

    codec = erp.rest.system.kinds["customer"].fields["credit_limit"].codec
    erp.customer("Muster")
    assert erp.update("K10001", credit_limit=encode(codec, Money(Decimal("1234.5"), "EUR"), "EUR")).outcome == "applied"
    assert erp.held()["K10001"]["credit_limit"] == "1.234,50"


# --- reads ------------------------------------------------------------------------------------------------------------


def test_a_field_is_looked_up_where_the_file_says_and_compared_here(erp: Erp) -> None:
    erp.customer("Muster", email="a&b@muster.example")
    (found,) = erp.rest.find("customer", "email", ["a&b@muster.example", "nobody@example.com"])
    assert found.ref.id == "K10001"
    with pytest.raises(RequestRefused, match="cannot look up customer by city"):
        erp.rest.find("customer", "city", ["Ulm"])


def test_a_system_that_ignores_the_filter_does_not_answer_with_somebody_else(erp: Erp) -> None:
    erp.customer("Muster", email="a@muster.example")
    row = {"customer_no": "K10001", "email": "other@muster.example"}
    erp.vendor.handle = lambda _: json_answer(200, {"items": [row]})  # type: ignore[method-assign]
    assert erp.rest.find("customer", "email", ["a@muster.example"]) == ()


def test_the_company_is_told_by_the_system_or_is_its_address(erp: Erp) -> None:
    found = erp.rest.company()
    assert (found.id, found.name, found.live) == ("4711", "Northwind Fertigung", False)
    text = "".join(line for line in SHIPPED.splitlines(keepends=True) if not line.startswith("company:"))
    silent = connector(erp.clock, erp.sandbox, text, live=True).company()
    assert (silent.id, silent.name, silent.live) == (BASE, "Legacy ERP", True)
    with pytest.raises(AnswerUnreadable, match="no company id"):
        connector(erp.clock, erp.sandbox, edited(SHIPPED, ("id: company,", "id: tenant.no,"))).company()


# --- signing in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "authorization", "Bearer s3cr3t-s3cr3t"),
        ("{basic: anna}", "authorization", "Basic " + base64.b64encode(b"anna:s3cr3t-s3cr3t").decode()),
        ("basic", "authorization", "Basic " + base64.b64encode(b"s3cr3t-s3cr3t").decode()),
        ("{header: X-Api-Key}", "x-api-key", "s3cr3t-s3cr3t"),
        ('{header: Authorization, prefix: "Token "}', "authorization", "Token s3cr3t-s3cr3t"),
    ],
)
def test_each_way_of_signing_in(clock: FakeClock, auth: str, header: str, value: str) -> None:
    text = edited(SHIPPED, ("auth: {header: X-Api-Key}", f"auth: {auth}"))
    redact = Redactor()
    erp = Erp(clock, text, access={"token": "s3cr3t-s3cr3t", "redact": redact})
    erp.vendor.handle = lambda asked: json_answer(401, {"error": {"text": dict(asked.headers)[header]}})  # type: ignore[method-assign]
    with pytest.raises(AuthenticationFailed) as caught:
        erp.rest.company()
    assert erp.sandbox.seen[0].headers[header] == value
    said = f"{caught.value} {caught.value.exchange}"
    assert "s3cr3t" not in said
    assert value.split()[-1] not in said


class TokenServer:
    """Gives tokens that end, and an interface that wants the newest of them."""

    name = "tokens"

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.given = 0
        self.revoked = False
        self.forms: list[str] = []
        self.created = 0

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        if request.path == "/token":
            self.forms.append(request.body.decode())
            if "scope=bad" in self.forms[-1]:
                return json_answer(400, {"error": "invalid_scope"})
            self.given, self.revoked = self.given + 1, False
            return json_answer(200, {"access_token": f"token-number-{self.given}", "expires_in": 600})
        if self.revoked or request.headers["authorization"] != f"Bearer token-number-{self.given}":
            return json_answer(401, {"error": {"text": "token expired"}})
        if request.method == "POST":
            self.created += 1
            return json_answer(201, {"item": {"customer_no": "K1"}})
        return json_answer(200, {"company": "4711", "test_system": True})


OAUTH = "auth: {oauth2: http://127.0.0.1:8105/token, client_id: us, scope: books}"


def signing_in(clock: FakeClock, auth: str = OAUTH) -> tuple[TokenServer, Rest]:
    server = TokenServer(clock)
    text = edited(SHIPPED, ("auth: {header: X-Api-Key}", auth))
    return server, connector(clock, Sandbox(server), text, token="client-secret-1")  # type: ignore[arg-type]


def test_one_token_serves_until_shortly_before_it_ends(clock: FakeClock) -> None:
    server, found = signing_in(clock)
    found.company()
    clock.advance(470)
    found.company()
    assert server.given == 1
    clock.advance(20)
    found.company()
    assert server.given == 2
    assert server.forms[0] == "grant_type=client_credentials&scope=books"


def test_client_id_and_secret_may_be_sent_in_the_body(clock: FakeClock) -> None:
    server, found = signing_in(clock, OAUTH.replace("scope: books", "client_in: body"))
    found.company()
    assert server.forms == ["grant_type=client_credentials&client_id=us&client_secret=client-secret-1"]


def test_a62_a_token_that_ends_early_is_replaced_once(clock: FakeClock) -> None:
    server, found = signing_in(clock)
    found.company()
    server.revoked = True
    assert found.company().id == "4711"
    assert server.given == 2


def test_a_write_whose_token_has_ended_goes_out_again_later(clock: FakeClock) -> None:
    server, found = signing_in(clock)
    found.company()
    server.revoked = True
    request = found.prepare([create(name="M")], [None], "k", ["r"])
    (receipt,) = found.send(request)
    assert (receipt.outcome, receipt.wait_seconds, server.created) == (Outcome.LATER, 0, 0)
    (receipt,) = found.send(request)
    assert (receipt.outcome, server.created) == (Outcome.APPLIED, 1)


def test_a63_a_refused_client_is_one_clear_message(clock: FakeClock) -> None:
    server, found = signing_in(clock, OAUTH.replace("books", "bad"))
    with pytest.raises(AuthenticationFailed, match="invalid_scope") as caught:
        found.company()
    assert len(server.forms) == 1
    assert "client-secret-1" not in str(caught.value)
    (receipt,) = found.send(found.prepare([create(name="M")], [None], "k", ["r"]))
    assert receipt.outcome is Outcome.STOP


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_system_is_made_from_the_file_its_option_names(tmp_path: Any, clock: FakeClock) -> None:
    file = tmp_path / "systems" / "erp.yaml"
    file.parent.mkdir()
    file.write_text(SHIPPED)
    made = rest(Access(NAME, lambda: "x", clock, Redactor(), options={"file": str(file)}))
    assert made.card.kinds == ("customer", "order")
    file.write_text("system: x")
    with pytest.raises(ConfigError, match=r"systems/erp\.yaml has"):
        rest(Access(NAME, lambda: "x", clock, Redactor(), options={"file": str(file)}))
    for options in ({}, {"file": str(tmp_path / "none.yaml")}, {"file": str(file), "base": "x"}):
        with pytest.raises(ConfigError, match="erp:"):
            rest(Access(NAME, lambda: "x", clock, Redactor(), options=options))


def test_a_missing_credential_stops_the_system(clock: FakeClock) -> None:
    erp = Erp(clock)

    def missing() -> str:
        raise CredentialError("the environment variable ERP is not set")

    made = Rest(Access(NAME, missing, clock, Redactor(), base_url=BASE), erp.rest.system)
    (receipt,) = made.send(erp.prepared(create(name="M")))
    assert receipt.outcome is Outcome.STOP


def test_orders_come_with_amounts_days_and_states(erp: Erp) -> None:
    erp.customer("Muster")
    position = {"text": "Welle", "qty": "2", "price": "1.234,50", "vat_key": "1"}
    erp.vendor.seed("order", {"customer_no": "K10001", "order_date": "20.11.2026", "positions": [position]})
    (page,) = [page for page in erp.rest.pull("order", None) if page.records]
    (record,) = page.records
    assert (raw(record)["net_total"], raw(record)["gross_total"]) == ("2.469,00", "2.938,11")
    assert record.updated_at == "2026-11-20T03:00:00Z"
    assert [erp.rest.state("order", {"status": word}) for word in ("NEW", "SHIPPED", "CANCELLED", "?")] == [
        "draft", "open", "void", "open",
    ]  # fmt: skip
    assert ids([page]) == ["500001"]


def test_the_card_is_as_careful_as_what_is_declared(clock: FakeClock) -> None:
    def card(idempotency: str, *more: tuple[str, str]) -> Any:
        return Erp(clock, edited(SHIPPED, ("idempotency: {unique: external_ref}", idempotency), *more)).rest.card

    unique, header, none = (
        card("idempotency: {unique: external_ref}"),
        card("idempotency: {header: Idem-Key, retention: 12h}"),
        card("idempotency: none"),
    )
    assert (unique.retention_seconds, unique.absence_seconds) == (0, 120)
    assert (header.retention_seconds, header.absence_seconds) == (timedelta(hours=12).total_seconds(), None)
    assert (none.retention_seconds, none.absence_seconds) == (0, None)
    assert unique.versions
    assert not card("idempotency: none", ("    version: rev\n    updated", "    updated")).versions
