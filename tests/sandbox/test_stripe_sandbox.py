"""The pretend Stripe is as strict as the real one: what it refuses, remembers, limits and computes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from syncctl.fields.jsontext import decode_json
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.stripe import StripeSandbox

DAY = 86_400


@pytest.fixture
def vendor(clock: FakeClock) -> StripeSandbox:
    return StripeSandbox(clock, requests_per_second=None, endpoint_per_second=None)


def ask(vendor: StripeSandbox, method: str, path: str, given: Any = (), **headers: str) -> SandboxAnswer:
    pairs = list(given.items()) if isinstance(given, dict) else list(given)
    sent = {
        "authorization": f"Bearer {vendor.token}",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    query, body = ((), urlencode(pairs).encode()) if method == "POST" else (tuple(pairs), b"")
    return vendor.handle(SandboxRequest(method, path, query, sent, body))


def get(vendor: StripeSandbox, path: str, **given: str) -> Any:
    answer = ask(vendor, "GET", path, given)
    assert answer.status == 200, answer.body
    return decode_json(answer.body)


def post(vendor: StripeSandbox, path: str, given: Any = ()) -> Any:
    answer = ask(vendor, "POST", path, given)
    assert answer.status == 200, answer.body
    return decode_json(answer.body)


def error(answer: SandboxAnswer) -> dict[str, Any]:
    found: dict[str, Any] = decode_json(answer.body)["error"]
    return found


def refused(vendor: StripeSandbox, method: str, path: str, given: Any = ()) -> tuple[int, str, str]:
    answer = ask(vendor, method, path, given)
    told = error(answer)
    return answer.status, told.get("code", ""), told.get("param", "")


def customer(vendor: StripeSandbox, **given: Any) -> str:
    return str(vendor.seed("customer", {"name": "Acme", **given})["id"])


def invoice(vendor: StripeSandbox, amount: int = 5_000, **given: Any) -> dict[str, Any]:
    lines = [{"description": "Work", "amount": amount}]
    return vendor.seed("invoice", {"customer": customer(vendor), "status": "open", "lines": lines, **given})


# --- who asks ---


@pytest.mark.parametrize("authorization", ["Bearer sk_test_wrongwrongwrong", "Basic c2tfd3Jvbmc6", "Basic !!!"])
def test_a_wrong_key_is_401_and_shows_little_of_it(vendor: StripeSandbox, authorization: str) -> None:
    answer = ask(vendor, "GET", "/v1/customers", authorization=authorization)
    assert answer.status == 401
    assert "sk_test_wrongwrongwrong" not in answer.body.decode()
    assert set(error(answer)) == {"message", "type"}


def test_the_key_may_come_as_basic_user_without_password(vendor: StripeSandbox) -> None:
    import base64

    basic = base64.b64encode(f"{vendor.token}:".encode()).decode()
    assert ask(vendor, "GET", "/v1/customers", authorization=f"Basic {basic}").status == 200


def test_an_unknown_path_is_404(vendor: StripeSandbox) -> None:
    answer = ask(vendor, "GET", "/v1/things")
    assert (answer.status, error(answer)["message"][:24]) == (404, "Unrecognized request URL")


def test_every_answer_names_its_request_and_version(vendor: StripeSandbox) -> None:
    answer = ask(vendor, "GET", "/v1/customers", stripe_version="2025-10-29.clover")
    assert answer.headers["stripe-version"] == "2025-10-29.clover"
    assert answer.headers["request-id"].startswith("req_")
    assert ask(vendor, "GET", "/v1/customers").headers["stripe-version"] == vendor.version


# --- how often ---


def test_an_endpoint_takes_25_a_second_and_the_account_100(clock: FakeClock) -> None:
    vendor = StripeSandbox(clock)
    answers = [ask(vendor, "GET", "/v1/customers") for _ in range(26)]
    assert [answer.status for answer in answers] == [200] * 25 + [429]
    assert answers[-1].headers["stripe-rate-limited-reason"] == "endpoint-rate"
    assert error(answers[-1])["code"] == "rate_limit"
    rest = [ask(vendor, "GET", f"/v1/{name}") for name in ("charges", "refunds", "payouts") for _ in range(25)]
    assert rest[-1].headers["stripe-rate-limited-reason"] == "global-rate"
    clock.advance(0.05)
    assert ask(vendor, "GET", "/v1/customers").status == 200


# --- idempotency ---


def test_a_key_answers_the_same_again_and_says_so(vendor: StripeSandbox) -> None:
    first = ask(vendor, "POST", "/v1/customers", {"name": "Acme"}, idempotency_key="k")
    again = ask(vendor, "POST", "/v1/customers", {"name": "Acme"}, idempotency_key="k")
    assert first.body == again.body
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"] != again.headers["request-id"]
    assert first.headers["stripe-should-retry"] == "false"


def test_a_key_with_other_parameters_or_another_endpoint_is_400(vendor: StripeSandbox) -> None:
    ask(vendor, "POST", "/v1/customers", {"name": "Acme"}, idempotency_key="k")
    for path in ("/v1/customers", "/v1/products"):
        answer = ask(vendor, "POST", path, {"name": "Other"}, idempotency_key="k")
        assert (answer.status, error(answer)["type"]) == (400, "idempotency_error")


def test_a_key_lives_24_hours(vendor: StripeSandbox, clock: FakeClock) -> None:
    for seconds, count in ((DAY - 1, 1), (1, 2)):
        ask(vendor, "POST", "/v1/customers", {"name": "Acme"}, idempotency_key="k")
        clock.advance(seconds)
        ask(vendor, "POST", "/v1/customers", {"name": "Acme"}, idempotency_key="k")
        assert len(vendor.state()["customer"]) == count


def test_a_key_does_not_remember_a_failed_validation_but_a_failed_execution(vendor: StripeSandbox) -> None:
    assert ask(vendor, "POST", "/v1/customers", {"nme": "Acme"}, idempotency_key="k").status == 400
    assert ask(vendor, "POST", "/v1/customers", {"name": "Acme"}, idempotency_key="k").status == 200
    for _ in range(2):
        answer = ask(vendor, "POST", "/v1/customers/cus_never", {"name": "x"}, idempotency_key="k2")
    assert (answer.status, answer.headers["idempotent-replayed"]) == (404, "true")


def test_a_saved_500_is_replayed(vendor: StripeSandbox) -> None:
    vendor.crashes = 1
    for _ in range(2):
        answer = ask(vendor, "POST", "/v1/customers", {"name": "Acme"}, idempotency_key="k")
    assert (answer.status, answer.headers["idempotent-replayed"]) == (500, "true")
    assert len(vendor.state()["customer"]) == 1


# --- parameters ---


@pytest.mark.parametrize(
    ("method", "path", "given", "code", "param"),
    [
        ("POST", "/v1/customers", {"nme": "x"}, "parameter_unknown", "nme"),
        ("POST", "/v1/customers", {"address[town]": "x"}, "parameter_unknown", "address[town]"),
        ("POST", "/v1/customers", {"tax_exempt": "maybe"}, "", "tax_exempt"),
        ("POST", "/v1/customers", {"email": "nobody"}, "email_invalid", "email"),
        ("POST", "/v1/customers", {"name": "x" * 257}, "parameter_invalid_string", "name"),
        ("POST", "/v1/customers", {"balance": "1.5"}, "parameter_invalid_integer", "balance"),
        ("POST", "/v1/customers", {"balance": ""}, "parameter_invalid_empty", "balance"),
        ("POST", "/v1/customers", {"shipping[name]": "x"}, "parameter_missing", "shipping[address]"),
        ("POST", "/v1/customers", {"tax_id_data[0][type]": "eu_vat"}, "sandbox_not_modelled", "tax_id_data"),
        ("POST", "/v1/customers", {"metadata[" + "k" * 41 + "]": "x"}, "", "metadata"),
        ("POST", "/v1/customers", {"metadata[k]": "v" * 501}, "", "metadata[k]"),
        ("POST", "/v1/customers", {"metadata[a[b]]": "x"}, "", "metadata[a[b]]"),
        ("POST", "/v1/products", {"active": "true"}, "parameter_missing", "name"),
        ("POST", "/v1/products", {"name": "x", "active": "yes"}, "", "active"),
        ("POST", "/v1/prices", {"currency": "usd", "unit_amount": "1"}, "parameter_missing", "product"),
        ("POST", "/v1/invoices", {"customer": "cus_never"}, "resource_missing", "customer"),
        ("POST", "/v1/refunds", {"charge": "ch_never"}, "resource_missing", "charge"),
        ("POST", "/v1/refunds/re_never", {"metadata[a]": "b"}, "resource_missing", "id"),
        ("POST", "/v1/payouts", {"amount": "0", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ("GET", "/v1/customers", {"limit": "101"}, "parameter_invalid_integer", "limit"),
        ("GET", "/v1/customers", {"limit": "0"}, "parameter_invalid_integer", "limit"),
        ("GET", "/v1/customers", {"updated[gte]": "1"}, "parameter_unknown", "updated"),
        ("GET", "/v1/customers", {"created[since]": "1"}, "parameter_unknown", "created[since]"),
        ("GET", "/v1/customers", {"starting_after": "cus_never"}, "resource_missing", "starting_after"),
        ("GET", "/v1/balance_transactions", {"payout": "po_never"}, "resource_missing", "payout"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(
    vendor: StripeSandbox, method: str, path: str, given: dict[str, str], code: str, param: str
) -> None:
    assert refused(vendor, method, path, given)[1:] == (code, param)


def test_events_take_a_type_or_up_to_twenty_types(vendor: StripeSandbox) -> None:
    both = [("type", "customer.created"), ("types[]", "customer.updated")]
    assert ask(vendor, "GET", "/v1/events", both).status == 400
    assert ask(vendor, "GET", "/v1/events", [("types[]", f"a.b{number}") for number in range(21)]).status == 400


def test_metadata_merges_key_by_key_and_holds_fifty(vendor: StripeSandbox) -> None:
    identity = customer(vendor, metadata={f"k{number}": "x" for number in range(50)})
    assert refused(vendor, "POST", f"/v1/customers/{identity}", {"metadata[k50]": "x"})[0] == 400
    found = post(vendor, f"/v1/customers/{identity}", {"metadata[k0]": "", "metadata[k50]": "x"})
    assert len(found["metadata"]) == 50
    assert "k0" not in found["metadata"]
    assert post(vendor, f"/v1/customers/{identity}", {"metadata": ""})["metadata"] == {}


# --- deletes and states ---


def test_a_deleted_customer_is_still_told_when_it_is_read_but_not_listed(vendor: StripeSandbox) -> None:
    identity = customer(vendor)
    tombstone = {"id": identity, "object": "customer", "deleted": True}
    assert decode_json(ask(vendor, "DELETE", f"/v1/customers/{identity}").body) == tombstone
    assert get(vendor, f"/v1/customers/{identity}") == tombstone
    assert get(vendor, "/v1/customers")["data"] == []
    assert refused(vendor, "POST", f"/v1/customers/{identity}", {"name": "x"})[:2] == (404, "resource_missing")


def test_a_product_with_prices_and_a_finalised_invoice_cannot_be_deleted_and_a_price_never(
    vendor: StripeSandbox,
) -> None:
    product = vendor.seed("product", {"name": "Plan"})["id"]
    price = vendor.seed("price", {"product": product, "unit_amount": 5})["id"]
    assert ask(vendor, "DELETE", f"/v1/products/{product}").status == 400
    assert ask(vendor, "DELETE", f"/v1/prices/{price}").status == 404
    assert ask(vendor, "DELETE", f"/v1/invoices/{invoice(vendor)['id']}").status == 400
    draft = invoice(vendor, status="draft")["id"]
    assert ask(vendor, "DELETE", f"/v1/invoices/{draft}").status == 200
    assert ask(vendor, "GET", f"/v1/invoices/{draft}").status == 404


def test_a_finalised_invoice_is_frozen_but_for_its_metadata_and_texts(vendor: StripeSandbox) -> None:
    identity = invoice(vendor)["id"]
    path = f"/v1/invoices/{identity}"
    assert refused(vendor, "POST", path, {"collection_method": "send_invoice"})[1] == "invoice_not_editable"
    assert post(vendor, path, {"metadata[a]": "b", "description": "memo"})["metadata"] == {"a": "b"}
    assert ask(vendor, "POST", f"{path}/finalize").status == 400
    assert post(vendor, f"{path}/void")["status"] == "void"
    assert ask(vendor, "POST", f"{path}/pay").status == 400


def test_totals_are_computed_as_stripe_does(vendor: StripeSandbox) -> None:
    exclusive = vendor.seed("tax_rate", {"display_name": "VAT", "percentage": 19})["id"]
    inclusive = vendor.seed("tax_rate", {"display_name": "GST", "percentage": 10, "inclusive": True})["id"]
    lines = [
        {"description": "A", "amount": 1_005, "tax_rates": [exclusive]},
        {"description": "B", "amount": 1_100, "tax_rates": [inclusive]},
        {"description": "C", "amount": 500, "discount_amounts": [{"amount": 100, "discount": "di_1"}]},
    ]
    made = vendor.seed("invoice", {"customer": customer(vendor), "lines": lines, "status": "open"})
    assert (made["subtotal"], made["total"], made["amount_due"]) == (2_605, 2_605 - 100 + 191, 2_696)
    assert made["total_excluding_tax"] == 2_696 - 191 - 100
    assert [tax["amount"] for tax in made["total_taxes"]] == [191, 100]
    assert made["total_discount_amounts"] == [{"amount": 100, "discount": "di_1"}]


def test_what_a_seed_gives_is_not_computed_over(vendor: StripeSandbox) -> None:
    made = invoice(vendor, total=4_999, number="INV-7", metadata={"a": "b"}, created=1_700_000_000)
    assert (made["total"], made["amount_due"], made["number"]) == (4_999, 4_999, "INV-7")
    assert (made["created"], made["effective_at"]) == (1_700_000_000, 1_700_000_000)
    with pytest.raises(ValueError, match="there is no totl"):
        invoice(vendor, totl=1)
    with pytest.raises(ValueError, match="no kind 'coupon'"):
        vendor.seed("coupon", {})


def test_a_credit_note_lowers_an_open_invoice_and_a_void_one_gives_it_back(vendor: StripeSandbox) -> None:
    identity = invoice(vendor, 5_000)["id"]
    lines = {"invoice": identity, "lines[0][type]": "custom_line_item", "lines[0][unit_amount]": "2000"}
    note = post(vendor, "/v1/credit_notes", lines)
    assert (note["type"], note["pre_payment_amount"]) == ("pre_payment", 2_000)
    assert get(vendor, f"/v1/invoices/{identity}")["amount_remaining"] == 3_000
    assert post(vendor, f"/v1/credit_notes/{note['id']}/void")["status"] == "void"
    assert get(vendor, f"/v1/invoices/{identity}")["amount_remaining"] == 5_000


def test_a_credit_note_of_a_paid_invoice_must_say_where_the_money_goes(vendor: StripeSandbox) -> None:
    made = invoice(vendor, 5_000)
    vendor.seed("charge", {"invoice": made["id"], "amount": 5_000})
    assert refused(vendor, "POST", "/v1/credit_notes", {"invoice": made["id"], "amount": "500"})[0] == 400
    note = post(vendor, "/v1/credit_notes", {"invoice": made["id"], "amount": "500", "out_of_band_amount": "500"})
    assert note["type"] == "post_payment"


def test_a_refund_is_never_more_than_what_is_left(vendor: StripeSandbox) -> None:
    charge = vendor.seed("charge", {"amount": 1_000})["id"]
    assert post(vendor, "/v1/refunds", {"charge": charge, "amount": "400"})["amount"] == 400
    assert refused(vendor, "POST", "/v1/refunds", {"charge": charge, "amount": "601"})[2] == "amount"
    assert post(vendor, "/v1/refunds", {"charge": charge})["amount"] == 600
    assert refused(vendor, "POST", "/v1/refunds", {"charge": charge})[1] == "charge_already_refunded"
    assert get(vendor, f"/v1/charges/{charge}")["refunded"] is True


def test_only_automatic_payouts_can_be_itemised_and_their_list_holds_their_own_transaction(
    vendor: StripeSandbox,
) -> None:
    charge = vendor.seed("charge", {"amount": 1_000})
    payout = vendor.seed("payout", {"transactions": [charge["balance_transaction"]]})
    rows = get(vendor, "/v1/balance_transactions", payout=payout["id"])["data"]
    assert sorted(row["type"] for row in rows) == ["charge", "payout"]
    assert sum(row["net"] for row in rows) == 0
    manual = post(vendor, "/v1/payouts", {"amount": "100", "currency": "usd"})
    assert refused(vendor, "GET", "/v1/balance_transactions", {"payout": manual["id"]})[0] == 400


def test_a_card_payment_may_be_authorised_first_and_captured_later(vendor: StripeSandbox) -> None:
    given = {"amount": "900", "currency": "usd", "capture_method": "manual", "confirm": "true"}
    intent = post(vendor, "/v1/payment_intents", {**given, "payment_method": "pm_card_visa"})
    assert intent["status"] == "requires_capture"
    assert get(vendor, f"/v1/charges/{intent['latest_charge']}")["captured"] is False
    assert post(vendor, f"/v1/payment_intents/{intent['id']}/capture")["status"] == "succeeded"
    charge = get(vendor, f"/v1/charges/{intent['latest_charge']}")
    assert (charge["captured"], charge["amount_captured"]) == (True, 900)


def test_an_item_with_a_bare_amount_gets_a_price_that_lists_do_not_show(vendor: StripeSandbox) -> None:
    given = {"customer": customer(vendor), "amount": "1000", "currency": "usd", "description": "Setup"}
    items = [post(vendor, "/v1/invoiceitems", given) for _ in range(2)]
    prices = {item["pricing"]["price_details"]["price"] for item in items}
    assert len(prices) == 1
    assert get(vendor, "/v1/prices", active="false")["data"] == []
    assert get(vendor, f"/v1/prices/{prices.pop()}")["unit_amount"] == 1_000


def test_an_answer_holds_ten_lines_and_the_rest_is_listed(vendor: StripeSandbox) -> None:
    lines = [{"description": str(number), "amount": number} for number in range(1, 26)]
    identity = vendor.seed("invoice", {"customer": customer(vendor), "lines": lines})["id"]
    held = get(vendor, f"/v1/invoices/{identity}")["lines"]
    assert (len(held["data"]), held["has_more"], held["total_count"]) == (10, True, 25)
    page = get(vendor, f"/v1/invoices/{identity}/lines", limit="20", starting_after=held["data"][-1]["id"])
    assert ([row["amount"] for row in page["data"]], page["has_more"]) == (list(range(11, 26)), False)


def test_the_same_seed_makes_the_same_ids_and_another_one_others(clock: FakeClock) -> None:
    def first(seed: int) -> str:
        return customer(StripeSandbox(clock, seed=seed))

    assert first(1) == first(1) != first(2)


def test_what_is_seeded_before_the_first_request_is_history_and_afterwards_news(
    vendor: StripeSandbox, clock: FakeClock
) -> None:
    week_ago = int(clock.now().timestamp()) - 7 * DAY
    customer(vendor, created=week_ago)
    assert [event["created"] for event in get(vendor, "/v1/events")["data"]] == [week_ago]
    customer(vendor, created=week_ago)
    assert get(vendor, "/v1/events")["data"][0]["created"] == int(clock.now().timestamp())
