"""One project opened: settings, ledger, connectors, mappings, clock. I/O: opens the ledger; connects lazily."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

from syncctl import __version__
from syncctl.auth.store import open_store
from syncctl.auth.tokens import TOKENS
from syncctl.clock import Clock, SystemClock
from syncctl.connectors.base import READ_ATTEMPTS, Access, Allowance, Answered, Connector, DateTold, Meter
from syncctl.connectors.registry import connector_class, connects_items, sign_in_card
from syncctl.connectors.reservations import reservations_beside
from syncctl.errors import ConfigError
from syncctl.fields.schema import Schema
from syncctl.ledger.audit import Head
from syncctl.ledger.engine import Engine, open_engine
from syncctl.ledger.journal import Journal
from syncctl.ledger.lookups import Lookups
from syncctl.ledger.records import Records
from syncctl.mapping.check import refuse_unfit
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.mapping.load import load_mappings
from syncctl.mapping.order import in_order
from syncctl.model import Problem, Raw, Ref, digest
from syncctl.person import Operator, system_operator
from syncctl.projection.compiler import compile_mapping
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.closing import closed_to
from syncctl.reconciliation.refresh import PROJECTION_VERSION, Version
from syncctl.redact import Redactor
from syncctl.schemas import read_schema, schema_text, schema_to_json
from syncctl.settings import Settings, load_settings
from syncctl.values.scope import Catalogue
from syncctl.yamltext import FILES_KEPT

if TYPE_CHECKING:
    import httpx

    from syncctl.auth.linked import LinkedItems
    from syncctl.auth.opening import SystemSignIn

_PLACES: Final = re.compile(r"At\(file='[^']*', line=\d+, column=\d+\)")

Compiled: TypeAlias = tuple[Projection, frozenset[tuple[str, str]]]


def new_id() -> str:
    """A fresh identifier: 12 hex digits of the system's randomness."""
    return secrets.token_hex(6)


@dataclass
class Project:
    """Everything a use case needs. Connectors are made when first asked for. `moved_to` is where the audit chain ends
    once something was written to it; `fits` that the mappings were checked against these schemas. Connectors try a
    read `read_attempts` times.
    """

    folder: Path
    settings: Settings
    engine: Engine
    mappings: tuple[MappingFile, ...]
    clock: Clock
    new_id: Callable[[], str]
    redact: Redactor
    transports: Mapping[str, httpx.BaseTransport] = field(default_factory=dict)
    operator: Operator = system_operator
    moved_to: Head | None = None
    fits: bool = False
    read_attempts: int = READ_ATTEMPTS
    _connectors: dict[str, Connector] = field(default_factory=dict)
    _sign_ins: dict[str, SystemSignIn] = field(default_factory=dict)
    _linked: dict[str, LinkedItems] = field(default_factory=dict)
    _meters: dict[str, Meter] = field(default_factory=dict)
    _schemas: dict[tuple[str, str], Schema] | None = None
    _kept: dict[tuple[str, str], str] = field(default_factory=dict)
    _compiled: dict[str, Compiled] = field(default_factory=dict)
    _projections: list[tuple[Projection, Version]] | None = None

    def __post_init__(self) -> None:
        self.records = Records(self.engine)
        self.journal = Journal(self.engine, self.clock, self.operator)
        sides = {mapping.name: (mapping.left, mapping.right) for mapping in self.mappings}
        self.lookups = Lookups(self.engine, self.records, sides)
        self.books = Books(self.records, self.lookups, self.settings.safeguards.tries)

    # --- systems ---

    def connector(self, name: str) -> Connector:
        """The connector of a configured system. Raises ConfigError when there is none of that name."""
        found = self._connectors.get(name)
        if found is None:
            settings = self.settings.systems.get(name)
            if settings is None:
                known = ", ".join(sorted(self.settings.systems)) or "none"
                raise ConfigError(f"no system is named {name!r} in syncctl.yaml", fix=f"there is: {known}")
            try:
                found = connector_class(settings.connector)(self._access(name))
            except ConfigError as error:
                raise settings.placed(error) from error
            self._connectors[name] = found
        return found

    def _access(self, name: str) -> Access:
        settings = self.settings.systems[name]
        tokens = settings.sign_in is not None and not self.connects_items(name)

        def token() -> str:
            if self.connects_items(name):
                return self.linked_items(name).credential()
            if settings.sign_in is not None:
                return self.sign_in(name).signed_in.token()
            secret = self.settings.secret(name)
            self.redact.add(secret)
            return secret

        def renew(rejected: str) -> bool:
            return tokens and self.sign_in(name).signed_in.renew(rejected)

        def facts() -> Mapping[str, str]:
            return self.sign_in(name).signed_in.tokens().facts if tokens else {}

        return Access(
            name,
            token,
            self.clock,
            self.redact,
            settings.base_url,
            settings.company,
            settings.environment == "live",
            {**settings.options, "file": str(settings.file)} if settings.file is not None else settings.options,
            self.transports.get(name),
            read_only=settings.read_only,
            meter=self._meters.setdefault(name, Meter()),
            renew=renew,
            facts=facts,
            kinds=self._kinds_named(name),
            reservations=reservations_beside(self.engine.path, name, self.clock),
            tokens=lambda client: open_store(self.settings.place(name, client), TOKENS, "file"),
            read_attempts=self.read_attempts,
        )

    def allowance(self, name: str) -> Allowance | None:
        """How many requests a system's vendor last said are left; None where it does not say."""
        meter = self._meters.get(name)
        return meter.last if meter else None

    def answered(self, name: str) -> Answered | None:
        """What a system's vendor answered to the last write; None where it did not."""
        meter = self._meters.get(name)
        return meter.answered if meter else None

    def date_told(self, name: str) -> DateTold | None:
        """What a system's last answer said about the time; None where it says nothing."""
        meter = self._meters.get(name)
        return meter.told if meter else None

    def _kinds_named(self, system: str) -> tuple[str, ...]:
        """The kinds of a system that mappings are about."""
        sides = (side for mapping in self.mappings for side in (mapping.left, mapping.right))
        return tuple(dict.fromkeys(kind for name, kind in sides if name == system))

    def sign_in(self, name: str) -> SystemSignIn:
        """The sign-in of a configured system. Raises ConfigError, CredentialError."""
        found = self._sign_ins.get(name)
        if found is None:
            from syncctl.auth.opening import open_sign_in

            self._refuse_named_items(name)
            card = sign_in_card(self.settings.systems[name].connector)
            found = open_sign_in(self.settings, name, card, self.clock, self.redact, self.transports.get(name))
            self._sign_ins[name] = found
        return found

    def _refuse_named_items(self, name: str) -> None:
        if self.settings.systems[name].sign_in is None and connects_items(self.settings.systems[name].connector):
            raise ConfigError(
                f"{name} does not sign in: its access tokens are named under `credential`",
                fix="write `sign_in:` in its place, then connect the banks again (docs/signing-in.md)",
            )

    def connects_items(self, name: str) -> bool:
        """True for a system whose items (banks) people connect one by one, and whose tokens are kept here."""
        settings = self.settings.systems[name]
        return settings.sign_in is not None and connects_items(settings.connector)

    def linked_items(self, name: str) -> LinkedItems:
        """The connected items of such a system. Raises ConfigError."""
        found = self._linked.get(name)
        if found is None:
            from syncctl.auth.opening import open_linked_items

            found = self._linked[name] = open_linked_items(self.settings, name)
        return found

    @property
    def connectors(self) -> Mapping[str, Connector]:
        """Every system that a mapping names."""
        names = dict.fromkeys(name for mapping in self.mappings for name in (mapping.left[0], mapping.right[0]))
        return {name: self.connector(name) for name in names}

    # --- schemas and compiled mappings ---

    def schemas(self) -> dict[tuple[str, str], Schema]:
        """The live schemas as last pulled."""
        if self._schemas is None:
            kept = [(read_schema(text), text) for text in self.records.schemas()]
            self._schemas = {(schema.system, schema.kind): schema for schema, _ in kept}
            self._kept = {(schema.system, schema.kind): text for schema, text in kept}
        return self._schemas

    def keep_schemas(self, schemas: tuple[Schema, ...]) -> None:
        """Stores freshly described schemas; what did not change is not written."""
        known = self.schemas()
        changed = [schema for schema in schemas if known.get((schema.system, schema.kind)) != schema]
        if changed:
            self.records.set_schemas((one.system, one.kind, schema_to_json(one)) for one in changed)
            self._schemas = self._projections = None
            self._compiled.clear()
            self.fits = False

    def catalogue(self) -> Catalogue:
        """The schemas, how each vendor tells a state, and the books' time zone."""
        sides = {mapping.name: (mapping.left, mapping.right) for mapping in self.mappings}
        return Catalogue(self.schemas(), self.state, ZoneInfo(self.settings.time_zone), sides)

    def state(self, ref: Ref, raw: Raw) -> str:
        """A record's state in the one vocabulary."""
        return self.connector(ref.system).state(ref.kind, raw)

    def projections(self) -> list[tuple[Projection, Version]]:
        """Every mapping compiled, in the order of their links, each with its version. Raises ConfigError."""
        if self._projections is None:
            self._projections = self._compile()
        return self._projections

    def _compile(self) -> list[tuple[Projection, Version]]:
        if not self.mappings:
            raise ConfigError("there is nothing to compare", (self.no_mapping(),))
        catalogue = self.catalogue()
        for side in (side for mapping in self.mappings for side in (mapping.left, mapping.right)):
            if side not in catalogue.schemas:
                raise ConfigError(f"{'.'.join(side)} was never pulled", fix="run `syncctl pull` first")
        versions = []
        for mapping in self.ordered():
            try:
                projection, asked = self.compiled(mapping)
            except ConfigError:
                # The check says it better: every mapping's problems, each with its column and a fix.
                refuse_unfit(self.ordered(), catalogue.schemas, self.mappings)
                raise
            seen = [schema_text(self._kept[key]) for key in sorted(asked & catalogue.schemas.keys())]
            versions.append((projection, self._version(mapping, catalogue, seen)))
        return versions

    def no_mapping(self) -> Problem:
        """What is wrong with a project without a mapping: a folder that was emptied by mistake is not in sync."""
        fix = "write one there, or begin with those of `syncctl init DIR`"
        return Problem(f"{self.settings.mappings.name}/", "there is no mapping, *.yaml, in this folder", fix)

    def compiled(self, mapping: MappingFile) -> Compiled:
        """One mapping compiled, and the kinds that compiling looked at; compiled once, until a schema changes.

        Raises ConfigError.
        """
        found = self._compiled.get(mapping.name)
        if found is None:
            catalogue = self.catalogue()
            projection = compile_mapping(mapping, catalogue)
            found = self._compiled[mapping.name] = projection, frozenset(catalogue.asked)
        return found

    def ordered(self) -> tuple[MappingFile, ...]:
        """The mappings, each after those it depends on."""
        return in_order(self.mappings)

    def _version(self, mapping: MappingFile, catalogue: Catalogue, seen: list[str]) -> Version:
        """Changes with whatever changes a side: forms, rules, conditions, tables, schemas (`seen`: those that compiling
        looked at, as text), time zone, our own code.

        Owners, tolerances and guards only change verdicts.
        """
        sides, whole = _texts(mapping)
        side = digest(sides, self.settings.time_zone, str(PROJECTION_VERSION), *seen)
        return Version(side[:24], digest(side, whole, *self._closed(mapping, catalogue))[:24])

    def _closed(self, mapping: MappingFile, catalogue: Catalogue) -> tuple[str, ...]:
        """The last closed days of a mapping that posts today what is older: they say which dates are meant."""
        sides = (mapping.left, mapping.right) if mapping.closed == "today" else ()
        return tuple(str(closed_to(self.books, catalogue, catalogue.schemas[side])) for side in sides)

    @property
    def config_hash(self) -> str:
        """Changes with any mapping, guard, setting of the books or system, or file that declares a system."""
        settings = self.settings
        systems = [
            (name, one.connector, one.environment, one.company, one.base_url, one.read_only, one.file_digest)
            for name, one in sorted(settings.systems.items())
        ]
        rest = _PLACES.sub("", repr((settings.guards, settings.safeguards, settings.books, systems)))
        return digest(*(_texts(mapping)[1] for mapping in self.mappings), rest)[:24]

    @property
    def tool_version(self) -> str:
        """The version of syncctl that decides."""
        return __version__

    def at(self) -> str:
        """Now, ISO-8601 UTC."""
        return self.clock.now().isoformat()

    def close(self) -> None:
        """Gives the connections back and closes the ledger."""
        for connector in self._connectors.values():
            connector.close()
        self.engine.close()


@lru_cache(maxsize=FILES_KEPT)
def _texts(mapping: MappingFile) -> tuple[str, str]:
    """What of a mapping changes its sides, and all of it, as text without the places in its file."""
    fields = [_projected(entry) for entry in mapping.fields]
    lines = [
        (block.left, block.right, block.when, [_projected(entry) for entry in block.fields]) for block in mapping.lines
    ]
    parts = (
        mapping.left, mapping.right, mapping.dated, mapping.amount, mapping.marker, mapping.from_, mapping.where,
        mapping.match, mapping.many, fields, lines,
    )  # fmt: skip
    return _PLACES.sub("", repr(parts)), _PLACES.sub("", repr(mapping))


def _projected(entry: object) -> tuple[object, ...]:
    """What of an entry changes a cell: not its tolerance, reason or `empty`."""
    names = ("left", "right", "owner", "once", "link", "values", "as_", "when")
    return tuple(getattr(entry, name) for name in names)


def open_project(
    folder: Path,
    *,
    profile: str = "",
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Clock | None = None,
    ids: Callable[[], str] = new_id,
    operator: Operator = system_operator,
    environment: Mapping[str, str] = os.environ,
) -> Project:
    """Opens the project in a folder. Raises ConfigError with every problem, LedgerError."""
    settings = load_settings(folder, profile=profile, environment=environment)
    mappings = load_mappings(settings.mappings, settings.books)
    engine = open_engine(settings.ledger)
    now, redact = clock or SystemClock(), Redactor()
    return Project(folder, settings, engine, mappings, now, ids, redact, transports or {}, operator)
