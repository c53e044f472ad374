"""Compares the vendors' raw records field by field, as the starter mappings mean them. No I/O.

Written by hand against the vendors' JSON, so that it agrees with the engine only if both are right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import phonenumbers
import pycountry

Raw = dict[str, Any]
Difference = tuple[str, str]
"""Mapping, and field or what is the matter."""

NO_DECIMALS = {"jpy"}


def differences(
    stripe: Mapping[str, Any], quickbooks: Mapping[str, Any], hubspot: Mapping[str, Any]
) -> Counter[Difference]:
    """Every difference between three vendors' states."""
    world = _World(stripe, quickbooks, hubspot)
    return Counter(
        [
            *world.customers(),
            *world.invoices(),
            *world.payments(),
            *world.refunds(),
            *world.credit_memos(),
            *world.deals(),
            *world.contacts(),
            *world.products(),
        ]
    )


def major(amount: int, currency: str) -> Decimal:
    return Decimal(amount) if currency in NO_DECIMALS else Decimal(amount) / 100


def day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def same_phone(text: str) -> str:
    return phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.E164)


def same_country(text: str) -> str:
    return str(pycountry.countries.lookup(text).alpha_2)


class _World:
    def __init__(self, stripe: Mapping[str, Any], quickbooks: Mapping[str, Any], hubspot: Mapping[str, Any]) -> None:
        self.stripe, self.quickbooks, self.hubspot = stripe, quickbooks, hubspot
        by_email: dict[str, Raw] = {}
        for found in quickbooks["Customer"].values():
            if "PrimaryEmailAddr" in found:
                by_email[found["PrimaryEmailAddr"]["Address"].lower()] = found
        self.customer_of = {
            identity: quickbooks["Customer"].get(customer["metadata"].get("quickbooks_id"))
            or by_email.get(customer["email"].lower())
            for identity, customer in stripe["customer"].items()
        }
        self.by_number: dict[str, list[Raw]] = defaultdict(list)
        for invoice in quickbooks["Invoice"].values():
            self.by_number[invoice["DocNumber"]].append(invoice)
        self.by_note = {
            record["PrivateNote"]: record
            for kind in ("Invoice", "Payment", "RefundReceipt", "CreditMemo")
            for record in quickbooks[kind].values()
            if "PrivateNote" in record
        }
        self.item_of = {
            product["id"]: next(
                item for item in quickbooks["Item"].values() if item.get("Sku") == product["metadata"]["sku"]
            )
            for product in stripe["product"].values()
        }

    # --- customers ---------------------------------------------------------------------------------------------

    def customers(self) -> Iterator[Difference]:
        names = {" ".join(found["DisplayName"].casefold().split()) for found in self._unclaimed()}
        for identity, customer in self.stripe["customer"].items():
            other = self.customer_of[identity]
            if other is None:
                yield "customers", "proposal" if customer["name"].casefold() in names else "create"
                continue
            yield from (("customers", name) for name in self._customer(customer, other))

    def _unclaimed(self) -> Iterator[Raw]:
        claimed = {found["Id"] for found in self.customer_of.values() if found}
        return (found for identity, found in self.quickbooks["Customer"].items() if identity not in claimed)

    def _customer(self, left: Raw, right: Raw) -> Iterator[str]:
        pairs = {
            "DisplayName": (left["name"], right["DisplayName"]),
            "PrimaryEmailAddr.Address": (left["email"].lower(), right["PrimaryEmailAddr"]["Address"].lower()),
            "PrimaryPhone.FreeFormNumber": (
                same_phone(left["phone"]),
                same_phone(right["PrimaryPhone"]["FreeFormNumber"]),
            ),
            "metadata.quickbooks_id": (left["metadata"].get("quickbooks_id"), right["Id"]),
            "gone": (True, right["Active"]),
            "Taxable": (left["tax_exempt"] == "none", right["Taxable"]),
        }
        address, billed = left["address"], right["BillAddr"]
        for name, other in (("line1", "Line1"), ("line2", "Line2"), ("city", "City"), ("postal_code", "PostalCode")):
            pairs[f"BillAddr.{other}"] = (address[name], billed.get(other))
        pairs["BillAddr.CountrySubDivisionCode"] = (address["state"], billed.get("CountrySubDivisionCode"))
        pairs["BillAddr.Country"] = (address["country"], same_country(billed["Country"]))
        return _unequal(pairs)

    # --- invoices ----------------------------------------------------------------------------------------------

    def invoices(self) -> Iterator[Difference]:
        claimed = set()
        for invoice in self.stripe["invoice"].values():
            others = self._invoice_of(invoice)
            claimed |= {other["Id"] for other in others}
            if not others:
                yield "invoices", "create"
            elif len(others) > 1:
                yield "invoices", "tie"
            elif invoice["status"] == "void":
                if others[0]["TotalAmt"]:
                    yield "invoices", "missing"
            else:
                yield from (("invoices", name) for name in self._invoice(invoice, others[0]))
        yield from (("invoices", "missing") for identity in self.quickbooks["Invoice"] if identity not in claimed)

    def _invoice_of(self, invoice: Raw) -> list[Raw]:
        linked = self.quickbooks["Invoice"].get(invoice["metadata"].get("quickbooks_id"))
        return [linked] if linked else self.by_number[invoice["number"]]

    def _invoice(self, left: Raw, right: Raw) -> Iterator[str]:
        currency = left["currency"]
        customer = self.customer_of[left["customer"]]
        custom = {each["Name"]: each.get("StringValue") for each in right["CustomField"]}
        taxes = sum(tax["amount"] for tax in left["total_taxes"])
        pairs = {
            "DocNumber": (left["number"], right["DocNumber"]),
            "TxnDate": (day(left["effective_at"]), right["TxnDate"]),
            "DueDate": (day(left["due_date"] or left["effective_at"]), right["DueDate"]),
            "CustomerRef": (customer and customer["Id"], right["CustomerRef"]["value"]),
            "BillEmail.Address": (left["customer_email"], right["BillEmail"]["Address"]),
            "CurrencyRef": (currency.upper(), right["CurrencyRef"]["value"]),
            "PO Number": (left["metadata"].get("po_number"), custom["PO Number"]),
            "TxnTaxDetail.TotalTax": (major(taxes, currency), Decimal(right["TxnTaxDetail"]["TotalTax"])),
            "metadata.quickbooks_id": (left["metadata"].get("quickbooks_id"), right["Id"]),
            "TotalAmt": (major(left["total"], currency), Decimal(right["TotalAmt"])),
        }
        yield from _unequal(pairs)
        yield from self._lines(left, right)

    def _lines(self, left: Raw, right: Raw) -> Iterator[str]:
        currency = left["currency"]
        sold = [line for line in right["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        shipping = [line for line in sold if line.get("Description") == "Shipping"]
        sold = [line for line in sold if line not in shipping]
        discounts = [line for line in right["Line"] if line["DetailType"] == "DiscountLineDetail"]
        discounted = sum(discount["amount"] for discount in left["total_discount_amounts"])
        yield from _unequal(
            {
                "Line": (len(left["lines"]["data"]), len(sold)),
                "shipping": (major(left["amount_shipping"], currency), _amount(shipping)),
                "discount": (major(discounted, currency), _amount(discounts)),
            }
        )
        for line, other in zip(left["lines"]["data"], sold, strict=True):
            yield from self._line(line, other, currency)

    def _line(self, left: Raw, right: Raw, currency: str) -> Iterator[str]:
        detail = right["SalesItemLineDetail"]
        item = self.item_of[left["pricing"]["price_details"]["product"]]
        price = major(int(left["pricing"]["unit_amount_decimal"]), currency)
        return _unequal(
            {
                "Line.Description": (left["description"], right["Description"]),
                "Line.Amount": (major(left["amount"], currency), Decimal(right["Amount"])),
                "Line.SalesItemLineDetail.Qty": (left["quantity"], detail["Qty"]),
                "Line.SalesItemLineDetail.UnitPrice": (price, Decimal(detail["UnitPrice"])),
                "Line.SalesItemLineDetail.ItemRef": (item["Id"], detail["ItemRef"]["value"]),
                "Line.SalesItemLineDetail.ServiceDate": (day(left["period"]["start"]), detail["ServiceDate"]),
                "Line.SalesItemLineDetail.TaxCodeRef": (
                    "TAX" if left["taxes"] else "NON",
                    detail["TaxCodeRef"]["value"],
                ),
            }
        )

    # --- money -------------------------------------------------------------------------------------------------

    def payments(self) -> Iterator[Difference]:
        applied: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for part in self.stripe["invoice_payment"].values():
            if part["status"] == "paid":
                invoice = self._invoice_of(self.stripe["invoice"][part["invoice"]])[0]["Id"]
                intent = part["payment"]["payment_intent"]
                applied[intent][invoice] = major(part["amount_paid"], part["currency"])
        for charge in self.stripe["charge"].values():
            other = self._payment_of(charge)
            if other is None:
                yield "payments", "create"
                continue
            linked = {line["LinkedTxn"][0]["TxnId"]: Decimal(line["Amount"]) for line in other["Line"]}
            pairs = {
                "TxnDate": (day(charge["created"]), other["TxnDate"]),
                "TotalAmt": (major(charge["amount_captured"], charge["currency"]), Decimal(other["TotalAmt"])),
                "CurrencyRef": (charge["currency"].upper(), other["CurrencyRef"]["value"]),
                "Line": (applied[charge["payment_intent"]], linked),
            }
            yield from (("payments", name) for name in _unequal(pairs))

    def _payment_of(self, charge: Raw) -> Raw | None:
        marked = self.by_note.get(f"syncctl stripe:charge:{charge['id']}")
        if marked:
            return marked
        customer = self.customer_of[charge["customer"]]
        amount = major(charge["amount_captured"], charge["currency"])
        found = [
            payment
            for payment in self.quickbooks["Payment"].values()
            if customer
            and payment["CustomerRef"]["value"] == customer["Id"]
            and Decimal(payment["TotalAmt"]) == amount
            and payment["TxnDate"] == day(charge["created"])
        ]
        assert len(found) <= 1, f"{charge['id']} could be any of {len(found)} payments"
        return found[0] if found else None

    def refunds(self) -> Iterator[Difference]:
        for refund in self.stripe["refund"].values():
            other = self.by_note.get(f"syncctl stripe:refund:{refund['id']}")
            if other is None:
                yield "refunds", "create"
                continue
            amount = major(refund["amount"], refund["currency"])
            pairs = {
                "TxnDate": (day(refund["created"]), other["TxnDate"]),
                "TotalAmt": (amount, Decimal(other["TotalAmt"])),
                "Line.Amount": (amount, Decimal(other["Line"][0]["Amount"])),
                "Line.Description": (refund["reason"] or "Refund", other["Line"][0]["Description"]),
            }
            yield from (("refunds", name) for name in _unequal(pairs))

    def credit_memos(self) -> Iterator[Difference]:
        memos = {memo["DocNumber"]: memo for memo in self.quickbooks["CreditMemo"].values()}
        for note in self.stripe["credit_note"].values():
            other = memos.get(note["number"])
            if other is None:
                yield "credit_memos", "create"
                continue
            total = major(note["total"], note["currency"])
            pairs = {
                "TxnDate": (day(note["effective_at"]), other["TxnDate"]),
                "TotalAmt": (total, Decimal(other["TotalAmt"])),
                "Line.Amount": (total, Decimal(other["Line"][0]["Amount"])),
                "Line.Description": (note["lines"]["data"][0]["description"], other["Line"][0]["Description"]),
            }
            yield from (("credit_memos", name) for name in _unequal(pairs))

    # --- sales -------------------------------------------------------------------------------------------------

    def deals(self) -> Iterator[Difference]:
        for invoice in self.stripe["invoice"].values():
            identity = invoice["metadata"].get("hubspot_deal_id")
            if identity is None:
                continue
            deal = self.hubspot["deal"][identity]["properties"]
            others = self._invoice_of(invoice)
            yield from (("deals", name) for name in _unequal(self._deal(invoice, others[0] if others else None, deal)))

    def _deal(self, invoice: Raw, booked: Raw | None, deal: Raw) -> dict[str, tuple[Any, Any]]:
        """A deal against its QuickBooks invoice, or against what that invoice will be."""
        currency = invoice["currency"]
        total = Decimal(booked["TotalAmt"]) if booked else major(invoice["total"], currency)
        balance = Decimal(booked["Balance"]) if booked else major(invoice["amount_remaining"], currency)
        custom = {each["Name"]: each.get("StringValue") for each in booked["CustomField"]} if booked else {}
        labels = {stage["id"]: stage["label"] for stage in self.hubspot["pipeline"]["default"]["stages"]}
        return {
            "Project ID": (custom.get("Project ID"), deal["project_id"]) if booked else ("", ""),
            "QuickBooks invoice number": (invoice["number"], deal.get("quickbooks_invoice_number")),
            "dealstage": ("Invoiced" if balance else "Closed won", labels[deal["dealstage"]]),
            "amount": (total, Decimal(deal["amount"])),
            "Open balance": (balance, Decimal(deal.get("open_balance", "-1"))),
            "deal_currency_code": (currency.upper(), deal["deal_currency_code"]),
            "closedate": (f"{day(invoice['effective_at'])}T00:00:00Z", deal["closedate"]),
        }

    def contacts(self) -> Iterator[Difference]:
        for identity, contact in self.hubspot["contact"].items():
            values = contact["properties"]
            if values["lifecyclestage"] != "customer":
                continue
            customer = next(c for c in self.stripe["customer"].values() if c["email"].lower() == values["email"])
            company = values.get("associatedcompanyid")
            firm = self.hubspot["company"][company]["properties"] if company else {}
            home = firm or values
            pairs = {
                "phone": (same_phone(values["phone"]), same_phone(customer["phone"])),
                "Stripe customer ID": (values.get("stripe_customer_id"), customer["id"]),
                "name": (firm.get("name") or f"{values['firstname']} {values['lastname']}", customer["name"]),
                "hubspot_contact_id": (identity, customer["metadata"]["hubspot_contact_id"]),
                "hubspot_company_id": (company, customer["metadata"].get("hubspot_company_id")),
                "owner": (
                    self.hubspot["owner"][values["hubspot_owner_id"]]["email"],
                    customer["metadata"]["account_manager"],
                ),
                "Tax exempt": (values["tax_exempt"], str(customer["tax_exempt"] == "exempt").lower()),
                "address": (home["address"], customer["address"]["line1"]),
                "city": (home["city"], customer["address"]["city"]),
                "zip": (home["zip"], customer["address"]["postal_code"]),
                "country": (same_country(home["country"]), customer["address"]["country"]),
            }
            yield from (("contacts", name) for name in _unequal(pairs))

    def products(self) -> Iterator[Difference]:
        for product in self.stripe["product"].values():
            item = self.item_of[product["id"]]
            price = self.stripe["price"][product["default_price"]]
            pairs = {
                "Name": (product["name"], item["Name"]),
                "UnitPrice": (major(price["unit_amount"], price["currency"]), Decimal(item["UnitPrice"])),
            }
            yield from (("products", name) for name in _unequal(pairs))


def _amount(lines: list[Raw]) -> Decimal:
    return sum((Decimal(line["Amount"]) for line in lines), Decimal(0))


def _unequal(pairs: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    return (name for name, (left, right) in pairs.items() if left != right)
