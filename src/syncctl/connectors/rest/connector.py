"""A system declared in YAML as a Connector: wires the parts together. I/O: network; `rest` reads the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from syncctl.connectors.base import Access, Company, alike
from syncctl.connectors.rest.client import client_for
from syncctl.connectors.rest.finding import find_records
from syncctl.connectors.rest.language import SystemDeclaration
from syncctl.connectors.rest.probing import probe
from syncctl.connectors.rest.pulling import Pull
from syncctl.connectors.rest.rows import text_at
from syncctl.connectors.rest.schemas import card_of, schema_of, state_of
from syncctl.connectors.rest.sending import send
from syncctl.connectors.rest.writing import Writer
from syncctl.errors import AnswerUnreadable, ConfigError, Exchange
from syncctl.fields.schema import Schema
from syncctl.model import Change, Page, Raw, Record, Request, Window, WriteReceipt

FILE: Final = "file"
FILE_BYTES_MAX: Final = 1_000_000


class Rest:
    """One system that a file of `systems/` declares."""

    def __init__(self, access: Access, system: SystemDeclaration) -> None:
        self.name = access.name
        self.system = system
        self.card = card_of(system)
        self._access = access
        self._client = client_for(access, system)
        self._writer = Writer(access.name, system)

    def close(self) -> None:
        """Gives the connections back."""
        self._client.close()

    def company(self) -> Company:
        """What the system says of itself, or its address where it says nothing. Raises VendorError."""
        asked = self.system.company
        if asked is None:
            return Company(self._access.company or self._client.base_url, self.system.name, self._access.live)
        answer = self._client.get(asked.read.path, asked.read.query)
        identity = text_at(answer.body, asked.id)
        if not identity:
            where = Exchange(self.name, answer.request, answer.status, body=self._client.http.shown_body(answer))
            message = f"{self.name}: the answer holds no company id at {'.'.join(asked.id)}"
            raise AnswerUnreadable(message, where, fix="say in `company:` where it is")
        live = self._access.live
        if asked.sandbox:
            live = text_at(answer.body, asked.sandbox) != "true"
        return Company(identity, text_at(answer.body, asked.name) or self.system.name, live)

    def describe(self) -> tuple[Schema, ...]:
        """The schema of every declared kind; nothing is asked."""
        return tuple(schema_of(self.name, kind) for kind in self.system.kinds.values())

    def state(self, kind: str, raw: Raw) -> str:
        """Pure: draft, open, part_paid, paid, void, archived or deleted."""
        return state_of(self.system.kinds[kind], raw)

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        """All records, or what changed since. Raises VendorError."""
        return Pull(self._client, self.system.kinds[kind], self._access.clock.now()).run(windows)

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        """By id one read each, by another field one list each. Raises VendorError."""
        return find_records(self._client, self.system.kinds[kind], field, values)

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: every change is one request here."""
        return (change,)

    def request_key(self, change: Change) -> str:
        """Pure: changes with the same key may share a request."""
        return alike(change)

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """See writing.py. Raises ValueError."""
        return self._writer.prepare(changes, current, key, rows)

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        """See sending.py."""
        return send(self._client, request)

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        """See probing.py: the request itself says what to look for. Raises VendorError."""
        del changes, since
        return probe(self._client, request)


def rest_connector(name: str, text: bytes, access: Access) -> Rest:
    """The connector that a YAML text declares; `name` is how problems call it. Raises ConfigError."""
    from syncctl.connectors.rest.load import load_system

    return Rest(access, load_system(name, text))


def rest(access: Access) -> Rest:
    """The connector of a system whose option `file` names its YAML file. Raises ConfigError."""
    unknown = sorted(set(access.options) - {FILE})
    if unknown:
        fix = "everything else about the system is said in its file"
        raise ConfigError(f"{access.name}: there is no option {', '.join(unknown)}", fix=fix)
    named = access.options.get(FILE, "")
    if not named:
        raise ConfigError(f"{access.name}: no file says how it is spoken to", fix="name it: file: systems/NAME.yaml")
    path = Path(named)
    try:
        with path.open("rb") as file:
            text = file.read(FILE_BYTES_MAX)
    except OSError as error:
        raise ConfigError(f"{access.name}: {named} cannot be read: {error.strerror}", fix="check `file:`") from error
    return rest_connector(f"{path.parent.name}/{path.name}", text, access)
