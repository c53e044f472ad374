"""An explanation never cuts what the mapping calls a field."""

from __future__ import annotations

import pytest
from paper import shown

from syncctl.ledger.names import Named
from syncctl.model import Ref
from syncctl.report.explanation import candidates_report, explanation_report
from syncctl.run.explaining import Value, View

LONG = "(Number of the framework agreement that legal and procurement signed for this subsidiary)"
INVOICE = Named(Ref("quickbooks", "Invoice", "145"), "INV-1")
DEAL = Named(Ref("hubspot", "deal", "9"), "Renewal")


@pytest.mark.parametrize("width", [60, 80, 160])
@pytest.mark.parametrize("field", [LONG, "properties.integration__quickbooks__invoice_number_of_the_first_delivery"])
def test_a_long_field_name_is_folded_and_never_cut(width: int, field: str) -> None:
    value = Value(field, "text", "P-1", "P-2", "write", "left")
    view = View("deals", "left", INVOICE, partner=DEAL, rule="marker", score=100, values=(value,))
    text = shown(explanation_report([view], {"deals": ("quickbooks Invoice", "hubspot deal")}), width)
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip().startswith(field[:8]))
    column = lines[start].index("quickbooks Invoice:")
    name = "".join(line[4:column].strip() for line in lines[start:])
    assert name.replace(" ", "").startswith(field.replace(" ", ""))
    assert max(map(len, lines)) <= width


def test_each_of_several_records_has_a_command_that_can_be_copied_whole() -> None:
    odd = Named(Ref("erp", "customer", "A 1;rm"), "Acme")
    long = Named(Ref("stripe", "invoice", "in_" + "x" * 50), "Acme")
    text = shown(candidates_report("acme", (odd, long)), 80)
    assert "syncctl explain 'erp:customer:A 1;rm'" in text
    assert f"syncctl explain \\\n      {long.ref}" in text
