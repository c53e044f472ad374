"""One connector before one fresh pretend vendor, and what promises do with them over and over. No network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import Any, Final

import httpx

from syncctl.connectors.base import Access, Connector
from syncctl.contract.subject import Kind, Subject
from syncctl.fields.jsontext import decode_json
from syncctl.fields.schema import Schema
from syncctl.model import Action, Change, Edit, Page, Raw, Record, Ref, Request, Window
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock

GONE: Final = ("archived", "deleted", "void")
"""States of a record that is not used any more."""
SOURCE: Final = Ref("contract", "record", "1")
SHOWN_MAX: Final = 3
"""How many ids a sentence names."""


class Broken(Exception):
    """The promise is not kept; the text says what was seen instead."""


class DoesNotApply(Exception):
    """The connector says of itself that it makes no such promise; the text says where."""


def keep(kept: bool, why: str) -> None:
    """Raises Broken unless kept."""
    if not kept:
        raise Broken(why)


class Wire(SandboxTransport):
    """The way to the sandbox. `spoiled` are (name, id) of rows whose id arrives as an object, which no id is; `cut` is
    raised instead of an answer.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.spoiled: set[tuple[str, str]] = set()
        self.cut: type[httpx.TransportError] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut is not None:
            raise self.cut(f"no answer to {request.headers.get('authorization')}", request=request)
        answer = super().handle_request(request)
        if not self.spoiled:
            return answer
        body = answer.content
        for name, identity in self.spoiled:
            here = rb'("%s"\s*:\s*)"?%s"?(?=\s*[,}\]])' % (name.encode(), re.escape(identity.encode()))
            body = re.sub(here, rb'\1{"spoiled":"%s"}' % identity.encode(), body)
        return httpx.Response(answer.status_code, headers=answer.headers, content=body, request=request)


class Stand:
    """Both ends of the wire, and the hand of somebody else at the vendor's."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.clock = FakeClock()
        self.pretend = subject.pretend(self.clock)
        self.sandbox = Sandbox(self.pretend.vendor)
        self.wire = Wire(self.sandbox)
        self.redact = Redactor()
        self.connector = self.connect()
        self.kind = subject.kinds[0]
        self._numbers = count(1)

    # --- the connector ---

    def connect(self, *, token: str = "", company: str = "", read_only: bool = False) -> Connector:
        """A new connector, as another process would make it."""
        presented = token or self.pretend.token

        def tell() -> str:
            self.redact.add(presented)
            return presented

        access = Access(
            self.subject.name,
            tell,
            self.clock,
            self.redact,
            base_url=self.subject.base_url,
            company=company or self.pretend.company,
            options=self.subject.options,
            transport=self.wire,
            read_only=read_only,
        )
        return self.subject.connect(access)

    @cached_property
    def schemas(self) -> Mapping[str, Schema]:
        """The live schemas by kind."""
        return {schema.kind: schema for schema in self.connector.describe()}

    def pull(self, kind: Kind, windows: Sequence[Window] | None = None) -> list[Page]:
        """Every page."""
        return list(self.connector.pull(kind.name, windows))

    def read(self, kind: Kind, identity: str) -> Record | None:
        """One record, fresh; None when it is not there."""
        found = self.connector.find(kind.name, self.schemas[kind.name].identity, [identity])
        return found[0] if found else None

    def state(self, kind: Kind, record: Record) -> str:
        """A record's state in the one vocabulary."""
        return self.connector.state(kind.name, decoded(record))

    # --- somebody else ---

    def make(self, kind: Kind, records: int) -> list[str]:
        """Ids of records that somebody else makes."""
        return [self.pretend.make(kind.name, next(self._numbers)) for _ in range(records)]

    def change(self, kind: Kind, identity: str) -> None:
        """Somebody else changes a record, a moment later."""
        self.clock.advance(2)
        self.pretend.change(kind.name, identity, next(self._numbers))

    def held(self, kind: Kind) -> Mapping[str, Any]:
        """What the vendor holds of a kind, by id."""
        self.sandbox.catch_up()
        found: Mapping[str, Any] = self.pretend.vendor.state().get(kind.name, {})
        return found

    def fault(self, name: str, *, times: int = 1) -> None:
        """What goes wrong with the next requests, in place of what was to go wrong before."""
        self.sandbox.faults[:] = [Fault(name, times=times)]

    # --- changes ---

    def creating(self) -> Kind:
        """The first kind, which must be one that is created. Raises DoesNotApply."""
        if self.kind.least is None:
            raise DoesNotApply(f"the connector creates no {self.kind.name}")
        return self.kind

    def create(self, kind: Kind, more: Mapping[str, Any] | None = None) -> Change:
        """A create of the next record, with more values."""
        assert kind.least is not None
        number = next(self._numbers)
        values = {**kind.least(number), **(more or {})}
        target = Ref(self.subject.name, kind.name, f"new-{number}")
        return self._change(Action.CREATE, target, [Edit(place, None, value) for place, value in values.items()])

    def update(self, kind: Kind, identity: str, edits: Sequence[Edit]) -> Change:
        """An update of a record."""
        return self._change(Action.UPDATE, Ref(self.subject.name, kind.name, identity), edits)

    def _change(self, action: Action, target: Ref, edits: Sequence[Edit]) -> Change:
        return Change(f"intent of {target}", "contract", action, target, SOURCE, str(target), tuple(edits))

    def request(self, *changes: Change, current: Sequence[Record | None] = ()) -> Request:
        """One request for these changes, under a key of its own."""
        number = next(self._numbers)
        rows = [f"op{number}r{place}" for place in range(len(changes))]
        return self.connector.prepare(changes, current or [None] * len(changes), f"contract-key-{number}", rows)


def ids(pages: Iterable[Page]) -> set[str]:
    """The ids of all records in pages."""
    return {record.ref.id for page in pages for record in page.records}


def decoded(record: Record | None) -> Raw:
    """A record's JSON. Raises Broken when there is no record."""
    if record is None:
        raise Broken("a record that the vendor holds is not found by its id")
    raw: Raw = decode_json(record.raw)
    return raw


def some(identities: Iterable[str]) -> str:
    """A few of many ids, in words."""
    listed = sorted(identities)
    more = f" and {len(listed) - SHOWN_MAX} more" if len(listed) > SHOWN_MAX else ""
    return ", ".join(listed[:SHOWN_MAX]) + more
