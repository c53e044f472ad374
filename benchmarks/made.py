"""Made-up records in the vendors' shapes: the same number makes the same invoice on both sides. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from syncctl.fields.jsontext import encode_json

FIRST_DAY: Final = 1_767_268_800
"""2026-01-01, 12:00 UTC: noon, so that the day is the same in the books' time zone."""
DAY: Final = 86_400
CITIES: Final = ("Lyon", "Austin", "Osaka", "Bergen", "Porto", "Leeds", "Turin", "Malmö")
NAMES: Final = ("Acme", "Brook & Sons", "Cedar", "Delta Works", "Elm Street", "Foxglove", "Grove", "Harbour")
DIFFERENT_EVERY: Final = 100
"""One invoice in a hundred differs between the sides."""


def different(number: int) -> bool:
    """True for the invoices that drifted apart."""
    return number * 2_654_435_761 % 2**32 % DIFFERENT_EVERY == 0


def cents(number: int) -> int:
    """The invoice's total in cents."""
    return 1_000 + number * 7_919 % 900_000


def stripe_invoice(number: int, *, note: str = "", lines: bool = False) -> bytes:
    """Stripe's side: 0.7 KB without lines, 1.5 KB with them."""
    return encode_json(stripe_raw(number, note=note, lines=lines))


def stripe_raw(number: int, *, note: str = "", lines: bool = False) -> dict[str, Any]:
    """The same, not yet encoded."""
    total, made = cents(number), FIRST_DAY + number % 300 * DAY + number % 10_000
    city = CITIES[number % 8]
    raw: dict[str, Any] = {
        "id": f"in_{number:012}",
        "object": "invoice",
        "number": f"INV-{number:07}",
        "status": "open",
        "collection_method": "send_invoice",
        "currency": "usd",
        "customer": f"cus_{number % 5000:08}",
        "customer_email": f"billing{number % 5000}@example.com",
        "customer_name": f"{NAMES[number % 8]} {number % 5000}",
        "customer_address": {"city": city, "country": "US", "line1": f"{number % 999} Main Street", "state": "TX"},
        "created": made,
        "effective_at": made,
        "due_date": made + 30 * DAY,
        "description": note or f"Services of week {number % 52}",
        "amount_due": total,
        "amount_paid": 0,
        "amount_remaining": total,
        "subtotal": total - total // 10,
        "total": total,
        "total_taxes": [{"amount": total // 10, "tax_behavior": "exclusive"}],
        "metadata": {"quickbooks_id": str(number)} if number % 3 else {},
    }
    return raw | {"lines": _lines(number, total - total // 10)} if lines else raw


def _lines(number: int, total: int) -> dict[str, Any]:
    first = total // 3
    listed = [_line(number, 1, first), _line(number, 2, total - first)]
    return {"object": "list", "data": listed, "has_more": False, "url": f"/v1/invoices/in_{number:012}/lines"}


def _line(number: int, place: int, amount: int) -> dict[str, Any]:
    return {
        "id": f"il_{number:010}{place}",
        "object": "line_item",
        "amount": amount,
        "currency": "usd",
        "description": f"Consulting, part {place} of the project",
        "discount_amounts": [],
        "invoice": f"in_{number:012}",
        "metadata": {},
        "period": {"end": FIRST_DAY, "start": FIRST_DAY},
        "pricing": {"price_details": {"price": "price_1", "product": "prod_1"}, "unit_amount_decimal": str(amount)},
        "quantity": 1,
        "taxes": [],
    }


def quickbooks_invoice(number: int) -> bytes:
    """The same invoice in the books, 0.6 KB; one in a hundred has another memo, date or amount."""
    total, day = Decimal(cents(number)) / 100, FIRST_DAY + number % 300 * DAY
    tax = Decimal(cents(number) // 10) / 100
    odd = different(number)
    shift = Decimal("1.25") if odd and number % 3 == 0 else Decimal(0)
    memo = "by hand" if odd and number % 3 != 0 else f"Services of week {number % 52}"
    return encode_json(
        {
            "Id": str(number),
            "SyncToken": "0",
            "DocNumber": f"INV-{number:07}",
            "TxnDate": _day(day),
            "DueDate": _day(day + 30 * DAY),
            "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
            "CustomerRef": {"value": str(number % 5000), "name": f"{NAMES[number % 8]} {number % 5000}"},
            "BillEmail": {"Address": f"billing{number % 5000}@example.com"},
            "BillAddr": {
                "City": CITIES[number % 8],
                "Country": "US",
                "CountrySubDivisionCode": "TX",
                "Line1": f"{number % 999} Main Street",
            },
            "CustomerMemo": {"value": memo},
            "TxnTaxDetail": {"TotalTax": tax},
            "TotalAmt": total + shift,
            "Balance": total + shift,
        }
    )


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
