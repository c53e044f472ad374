"""Stripe's view of invoices and credit notes. No I/O."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.facts import Company, CreditNote, Currency, Customer, Invoice, Line
from syncctl.sandbox.ids import CRM_NOUNS, Ids
from syncctl.sandbox.seed_stripe_shared import address, epoch, minor, price_id, tax_rate_id
from syncctl.stack import Stack

Raw = dict[str, Any]

USUAL_TERMS = "Net 30"
"""What an invoice has that says nothing about its terms."""


class Invoices:
    """How invoices and credit notes look in Stripe."""

    def __init__(self, company: Company, planted: Planted, ids: Ids, stack: Stack) -> None:
        self.company = company
        self.planted = planted
        self.ids = ids
        self.stack = stack

    def invoice(self, invoice: Invoice) -> Raw:
        """A finalized invoice with its lines, totals and what was settled of it."""
        customer = invoice.customer
        sent = invoice.due > invoice.issued
        return {
            "id": self.ids.stripe("in", invoice.key),
            "created": epoch(invoice.issued - timedelta(minutes=5)),
            "number": invoice.number,
            "customer": self.ids.stripe("cus", customer.key),
            "customer_name": self.planted.wrong("colon_name", customer.key, customer.name),
            "customer_email": customer.person.email,
            "customer_phone": customer.person.phone,
            "customer_address": address(customer.address),
            "customer_tax_exempt": "exempt" if customer.tax_exempt else "none",
            "currency": invoice.currency.lower(),
            "collection_method": "send_invoice" if sent else "charge_automatically",
            "due_date": epoch(invoice.due) if sent else None,
            "effective_at": epoch(invoice.issued),
            "period_start": epoch(invoice.issued),
            "period_end": epoch(invoice.issued),
            "metadata": self._metadata(invoice),
            "lines": [self._line(invoice, place, line) for place, line in enumerate(invoice.lines)],
            **_totals(invoice),
            **self._settled(invoice),
        }

    def _metadata(self, invoice: Invoice) -> Raw:
        unknown = any(self.planted.has(kind, invoice.key) for kind in ("invoice_unlinked", "invoice_tie"))
        deal = self.company.deal_of.get(invoice.key)
        books, crm = self.stack.books, self.stack.crm
        noun = CRM_NOUNS[crm]["deal"]
        booked = self.planted.booked(invoice) and not unknown
        found = {
            f"{books}_id": self.ids.at(books, "invoice", invoice.key) if booked else "",
            f"{crm}_{noun}_id": self.ids.at(crm, noun, deal.key) if deal else "",
            "project": deal.project_id if deal else "",
            "po_number": invoice.po_number,
            "terms": "" if invoice.terms == USUAL_TERMS else invoice.terms,
        }
        return {key: value for key, value in found.items() if value}

    def _line(self, invoice: Invoice, place: int, line: Line) -> Raw:
        currency = invoice.currency
        amount = minor(line.amount, currency)
        discounts = [{"amount": minor(line.discount, currency), "discount": self._discount_id(invoice)}]
        return {
            "id": self.ids.stripe("il", invoice.key, place),
            "amount": amount,
            "description": line.product.description,
            "discount_amounts": discounts if line.discount else [],
            "parent": {"invoice_item_details": {"invoice_item": self.ids.stripe("ii", invoice.key, place)}},
            "period": {"start": epoch(line.service_from), "end": epoch(line.service_from)},
            "pricing": self._pricing(line, currency),
            "quantity": line.quantity,
            "taxes": self._taxes(line.tax, line.amount - line.discount, invoice.customer) if line.tax else [],
        }

    def _pricing(self, line: Line, currency: Currency) -> Raw:
        product, price = self.ids.stripe("prod", line.product.key), price_id(self.ids, line.product, currency)
        return {
            "type": "price_details",
            "price_details": {"price": price, "product": product},
            "unit_amount_decimal": str(minor(line.unit_price, currency)),
        }

    def _taxes(self, tax: Decimal, taxable: Decimal, customer: Customer) -> list[Raw]:
        return [
            {
                "amount": minor(tax, customer.currency),
                "tax_behavior": "exclusive",
                "tax_rate_details": {"tax_rate": tax_rate_id(self.ids, customer.address.state)},
                "taxability_reason": "standard_rated",
                "taxable_amount": minor(taxable, customer.currency),
                "type": "tax_rate_details",
            }
        ]

    def _discount_id(self, invoice: Invoice) -> str:
        return self.ids.stripe("di", invoice.key)

    def _settled(self, invoice: Invoice) -> Raw:
        """Status and what is still to pay, as payments and credit notes left them."""
        company, currency = self.company, invoice.currency
        paid = company.paid_on.get(invoice.key, Decimal(0))
        credited = company.credited_on.get(invoice.key, Decimal(0))
        remaining = invoice.total - paid - credited
        taxable = sum((line.amount - line.discount for line in invoice.lines if line.tax), Decimal(0))
        finalized = epoch(invoice.issued)
        discounts = [{"amount": minor(invoice.discount, currency), "discount": self._discount_id(invoice)}]
        return {
            "status": "void" if invoice.void else "open" if remaining else "paid",
            "amount_due": minor(invoice.total - credited, currency),
            "amount_paid": minor(paid, currency),
            "amount_remaining": minor(remaining, currency),
            "pre_payment_credit_notes_amount": minor(credited, currency),
            "total_taxes": self._taxes(invoice.tax, taxable, invoice.customer) if invoice.tax else [],
            "total_discount_amounts": discounts if invoice.discount else [],
            "status_transitions": {
                "finalized_at": finalized,
                "marked_uncollectible_at": None,
                "paid_at": None if remaining or invoice.void else self._paid_at(invoice),
                "voided_at": self._voided_at(invoice) if invoice.void else None,
            },
        }

    def _paid_at(self, invoice: Invoice) -> int:
        return max(epoch(payment.paid) for payment in self.company.payments_of.get(invoice.key, ()))

    def _voided_at(self, invoice: Invoice) -> int:
        """The next day, or an hour ago."""
        return epoch(min(invoice.issued + timedelta(days=1), self.company.now - timedelta(hours=1)))

    def credit_note(self, note: CreditNote) -> Raw:
        """A credit note on an open invoice: one line of its own, no tax."""
        currency = note.invoice.currency
        amount = minor(note.amount, currency)
        line = {
            "id": self.ids.stripe("cnli", note.key),
            "amount": amount,
            "description": note.description,
            "quantity": 1,
            "type": "custom_line_item",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        }
        return {
            "id": self.ids.stripe("cn", note.key),
            "number": note.number,
            "created": epoch(note.issued),
            "effective_at": epoch(note.issued),
            "invoice": self.ids.stripe("in", note.invoice.key),
            "type": "pre_payment",
            "amount": amount,
            "subtotal": amount,
            "subtotal_excluding_tax": amount,
            "total": amount,
            "total_excluding_tax": amount,
            "pre_payment_amount": amount,
            "memo": note.memo,
            "lines": [line],
        }


def _totals(invoice: Invoice) -> Raw:
    currency = invoice.currency
    shipping = minor(invoice.shipping, currency)
    cost = {"amount_subtotal": shipping, "amount_tax": 0, "amount_total": shipping, "shipping_rate": None}
    untaxed = minor(invoice.total - invoice.tax, currency)
    return {
        "subtotal": minor(invoice.subtotal, currency),
        "subtotal_excluding_tax": minor(invoice.subtotal, currency),
        "total": minor(invoice.total, currency),
        "total_excluding_tax": untaxed,
        "amount_shipping": shipping,
        "shipping_cost": cost if shipping else None,
    }
