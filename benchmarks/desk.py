"""A ledger file with one mapping of twelve fields between Stripe and QuickBooks. I/O: the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from syncctl.connectors.quickbooks.books import Books as Company
from syncctl.connectors.quickbooks.options import Options
from syncctl.connectors.quickbooks.schemas import schemas as quickbooks_schemas
from syncctl.connectors.quickbooks.states import state_of as quickbooks_state
from syncctl.connectors.stripe.schemas import schemas as stripe_schemas
from syncctl.connectors.stripe.states import state_of as stripe_state
from syncctl.ledger.engine import Engine, open_engine
from syncctl.ledger.lookups import Lookups
from syncctl.ledger.records import Records
from syncctl.ledger.totals import Totals
from syncctl.mapping.load import load_mapping
from syncctl.model import Page, Raw, Record, Ref
from syncctl.projection.compiler import compile_mapping
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.refresh import Refreshed, Version, refresh
from syncctl.statement import statement_lines
from syncctl.statement_line import StatementLine
from syncctl.values.scope import Catalogue

AT: Final = "2026-11-20T03:00:00+00:00"
MAPPING: Final = b"""
mapping: invoices
left: stripe.invoice
right: quickbooks.Invoice
dated: {left: effective_at, right: TxnDate}
where: {left: {status: [open, paid]}}
match:
  - {left: metadata.quickbooks_id, right: Id}
  - {left: number, right: DocNumber}
unmatched: {left: report, right: report}
fields:
  - {left: number, right: DocNumber, owner: left}
  - {left: effective_at, right: TxnDate, owner: left}
  - {left: due_date, right: DueDate, owner: left}
  - {left: currency, right: CurrencyRef, owner: left}
  - {left: customer_email, right: BillEmail.Address, owner: left, as: email}
  - {left: customer_address.line1, right: BillAddr.Line1, owner: left}
  - {left: customer_address.city, right: BillAddr.City, owner: left}
  - {left: customer_address.country, right: BillAddr.Country, owner: left}
  - {left: description, right: CustomerMemo.value, owner: left}
  - {left: {sum: [total_taxes.amount]}, right: TxnTaxDetail.TotalTax, owner: left}
  - {left: total, right: TotalAmt, owner: none}
  - {left: amount_remaining, right: Balance, owner: none}
"""
FIELDS: Final = 12


def state(ref: Ref, raw: Raw) -> str:
    """A record's state, as the two connectors tell it."""
    return stripe_state(ref.kind, raw) if ref.system == "stripe" else quickbooks_state(ref.kind, raw)


@dataclass(frozen=True, slots=True)
class Desk:
    """One open ledger and the compiled mapping."""

    engine: Engine
    books: Books
    projection: Projection
    version: Version

    @property
    def number(self) -> int:
        """The ledger's number of the mapping."""
        return self.books.lookups.mapping_id(self.projection.mapping.name)

    def put(self, system: str, kind: str, rows: list[tuple[str, bytes]]) -> None:
        """Stores records as a pull would, one page."""
        records = tuple(Record(Ref(system, kind, identity), raw) for identity, raw in rows)
        self.books.records.store_page(system, kind, Page(records), AT)

    def refresh(self, verdicts: str = "", sides: str = "") -> Refreshed:
        """What `syncctl diff` does before it shows anything; another `verdicts` judges every pair again, another
        `sides` projects every record again.
        """
        version = replace(self.version, sides=sides or self.version.sides, verdicts=verdicts or self.version.verdicts)
        with self.engine.write():
            self.books.lookups.refresh()
        with self.engine.write():
            return refresh(self.books, self.projection, version, AT)

    def statement(self) -> tuple[StatementLine, ...]:
        """The statement, as `syncctl diff` makes it."""
        totals, number = Totals(self.engine), self.number
        left, right = (totals.sums(number, side) for side in (0, 1))
        gaps = (found.gap for found in totals.gaps(number, unmatched=(True, True)))
        return statement_lines(self.projection.mapping, left, right, gaps)


def open_desk(path: Path) -> Desk:
    """Opens or makes the ledger, in the journal mode that ships."""
    engine = open_engine(path)
    records = Records(engine)
    mapping = load_mapping("mappings/invoices.yaml", MAPPING, {"time_zone": "UTC"})
    sides = {mapping.name: (mapping.left, mapping.right)}
    listed = (*stripe_schemas("stripe"), *quickbooks_schemas("quickbooks", Company("USD", True, True), Options("1")))
    known = {(schema.system, schema.kind): schema for schema in listed}
    projection = compile_mapping(mapping, Catalogue(known, state, ZoneInfo("America/New_York"), sides))
    return Desk(engine, Books(records, Lookups(engine, records, sides)), projection, Version("1", "1"))
