"""Did a create happen after all? Reads the field that the system keeps unique. I/O: network, through the client."""

from __future__ import annotations

from dataclasses import replace

from syncctl.connectors.rest.client import Client
from syncctl.connectors.rest.finding import find_records
from syncctl.connectors.rest.rows import scalar
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Outcome, Request, WriteReceipt


def probe(client: Client, request: Request) -> tuple[WriteReceipt, ...]:
    """APPLIED with the record that holds our value. Without a unique field nothing can be seen. Raises VendorError."""
    receipt = _probed(client, request)
    return tuple(replace(receipt, row=row) for row in request.rows)


def _probed(client: Client, request: Request) -> WriteReceipt:
    own = client.system.idempotency
    if own.way != "unique" or request.action is not Action.CREATE:
        return WriteReceipt("", Outcome.UNKNOWN, message="this system keeps no mark by which a write could be found")
    value = scalar(decode_json(request.body), own.name)
    kind = client.system.kinds[request.kind]
    for record in find_records(client, kind, own.name, [value]):
        if scalar(decode_json(record.raw), own.name) == value:
            return WriteReceipt("", Outcome.APPLIED, record.ref, record)
    return WriteReceipt("", Outcome.UNKNOWN, message=f"no {request.kind} holds {value} in {own.name}")
