"""A few nights of a small company: random faults, deaths, human edits and reruns. The vendors' truth is the judge."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from push_desk import Desk, create, known_later, marker, update
from push_vendor import schema
from syncctl.connectors.base import Card
from syncctl.ledger.states import State
from syncctl.model import Change, Raw, Ref
from syncctl.push import fingerprint, push, resolve_open, resume

FAULTS = (
    "ok",
    "ok",
    "ok",
    "lost",
    "drop",
    "late",
    "500 before",
    "500 after",
    "429",
    "unreached",
    "half",
    "quota",
    "stop",
)
BY_HAND = "by hand"


def parent(made: list[Change], change: Change) -> tuple[Change, ...]:
    """A planned change is a parent of what needs it; one that is not planned is in agreement."""
    return (change,) if change in made else ()


class Died(BaseException):
    """The process is gone."""


@dataclass
class World:
    """Per source: a customer and its invoice in the books, a credit at the payer that names the invoice, a memo after
    it where keys are unknown, and a deal in the CRM that gets the invoice's id and a stage. `cards` are what
    connectors say of their vendors, rightly or not."""

    seed: int
    sources: int = 4
    cards: dict[str, Card] = field(default_factory=dict)
    troubled: bool = True
    in_plan: Callable[[list[Change], Change], tuple[Change, ...]] = parent

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.desk = Desk(reach=self._reach, prefix=f"{self.seed}-")
        for system, card in self.cards.items():
            self.desk.connector(system).card = card
        self.deals = [self.desk.vendor("crm").seed("deal", linked="", stage="new") for _ in range(self.sources)]
        self.edited: dict[str, str] = {}
        self.broken: list[str] = []
        self.unsafe_run = ""
        for system in ("books", "crm"):
            self.desk.vendor(system).before_write = self._somebody_edits

    # --- trouble ---

    def _reach(self, _: str) -> None:
        """Anywhere between two steps the process may die, or the machine may sleep."""
        chance = self.random.random() if self.troubled else 1.0
        if chance < 0.03:
            raise Died
        if chance < 0.05:
            self.desk.clock.advance(self.random.choice((5, 60, 4_000, 90_000)))

    def _trouble(self) -> None:
        for vendor in self.desk.systems.vendors.values():
            vendor.faults = [self._fault() for _ in range(6)] if self.troubled else []
            vendor.down = self.troubled and self.random.random() < 0.1

    def _fault(self) -> str:
        fault = self.random.choice(FAULTS)
        return f"late:{self.random.choice((1, 30, 59))}" if fault == "late" else fault

    def _somebody_edits(self) -> None:
        """A payment that touches no mapped field, in the moment between read and write."""
        if self.troubled and self.random.random() < 0.1:
            books = self.desk.vendor("books")
            ids = [raw["id"] for raw in books.records.values()]
            if ids:
                books.edit(self.random.choice(ids), balance=self.random.random() > 0.5)

    def _human(self) -> None:
        """A person moves a deal's stage between plan and push. Not while a write to the CRM is still on its way:
        without version checks nobody can keep that one from arriving later."""
        crm = self.desk.vendor("crm")
        crm.arrive()
        if self.troubled and not crm.late and self.random.random() < 0.5:
            deal = self.random.choice(self.deals)
            value = f"{BY_HAND} {self.random.random()}"
            crm.edit(deal, stage=value)
            self.edited[deal] = value

    # --- the planner: from the ledger alone ---

    def _held(self, system: str, kind: str) -> dict[str, Raw]:
        """Pulled records of a kind by their marker."""
        found = {}
        for raw in self._pulled(system, kind):
            found[raw.get("note", "")] = raw
        return found

    def _pulled(self, system: str, kind: str) -> list[Raw]:
        number = self.desk.records.kind_id(system, kind)
        rows = self.desk.engine.db.execute("SELECT rid FROM records WHERE kind = ? AND gone = ''", (number,))
        refs = [Ref(system, kind, row[0]) for row in rows.fetchall()]
        return [raw for ref in refs if (raw := self.desk.records.raw(ref)) is not None]

    def changes(self) -> list[Change]:
        """What the ledger says is missing or different, without what is open or was refused unchanged."""
        held = {
            kind: self._held(system, kind)
            for system, kind in (("books", "customer"), ("books", "invoice"), ("pay", "credit"), ("plain", "memo"))
        }
        blocked = set(self.desk.journal.open_intents())
        wanted = [change for number in range(self.sources) for change in self._for_source(number, held)]
        kept: list[Change] = []
        for change in wanted:
            refused = self.desk.journal.rejected_fingerprint(change.intent)
            kind = schema(change.target.system, change.target.kind)
            if refused and refused == fingerprint(change, self.desk.records, kind):
                blocked.add(change.intent)
            if change.intent in blocked or blocked & set(change.parents):
                blocked.add(change.intent)
            else:
                kept.append(change)
        return kept

    def _for_source(self, number: int, held: dict[str, dict[str, Raw]]) -> list[Change]:
        name = f"s{number}"
        found = {kind: held[kind].get(marker(Ref("source", kind, name))) for kind in held}
        made: list[Change] = []
        customer = create("books", "customer", name, number=f"C-{name}")
        pointer: Any = {"value": found["customer"]["id"]} if found["customer"] else None
        if found["customer"] is None:
            made.append(customer)
            pointer = {"value": known_later(customer.target)}
        invoice = create("books", "invoice", name, *self.in_plan(made, customer), number=f"I-{name}", customer=pointer)
        identity: Any = found["invoice"]["id"] if found["invoice"] else known_later(invoice.target)
        if found["invoice"] is None:
            made.append(invoice)
        credit = create("pay", "credit", name, *self.in_plan(made, invoice), linked=identity)
        if found["credit"] is None:
            made.append(credit)
        if found["memo"] is None:
            made.append(create("plain", "memo", name, *self.in_plan(made, invoice)))
        return [*made, *self._deal(number, identity, self.in_plan(made, invoice))]

    def _deal(self, number: int, identity: Any, parents: tuple[Change, ...]) -> list[Change]:
        ref = Ref("crm", "deal", self.deals[number])
        raw = self.desk.records.raw(ref) or {}
        values = {}
        if raw.get("linked") != identity:
            values["linked"] = (raw.get("linked"), identity)
        if raw.get("stage") != "won" and not str(raw.get("stage")).startswith(BY_HAND):
            values["stage"] = (raw.get("stage"), "won")
        return [update(ref, *parents, **values)] if values else []

    # --- nights ---

    def night(self) -> int:
        """One night with its reruns after deaths; returns how many changes its last plan had."""
        self.desk.clock.advance(self.random.choice((3_600, 86_400 - 300, 86_400, 90_000)))
        while True:
            self._trouble()
            try:
                return self._run()
            except Died:
                self.desk.clock.advance(self.random.choice((1, 20, 200, 4_000)))
                self.desk.restart()

    def _run(self) -> int:
        desk = self.desk
        means = desk.means()
        resolve_open(means)
        half = self._half_applied()
        if half and self.troubled and self.random.random() < 0.3:
            resume(half, desk.means())
            return -1
        desk.pull()
        plan = desk.plan(*self.changes())
        self._human()
        push(plan, desk.means())
        desk.journal.runs.finish(means.run, "done", 0, {})
        return len(plan.changes)

    def _half_applied(self) -> str:
        for run in self.desk.journal.runs.list(3):
            plan = self.desk.journal.runs.plan_of(run.id)
            if plan and self.desk.journal.operations.unsent(plan):
                return run.id
        return ""

    def live(self, nights: int = 3) -> None:
        """Troubled nights, then quiet ones until nothing is left to do."""
        for _ in range(nights):
            self.night()
        self.troubled = False
        for _ in range(6):
            if self.night() == 0:
                return
        self.broken.append("it never comes to rest")

    # --- the judge ---

    def verdict(self) -> list[str]:
        """Everything that went wrong, as the vendors' records tell it."""
        wrong = list(self.broken)
        for system, kind in (("books", "customer"), ("books", "invoice"), ("pay", "credit"), ("plain", "memo")):
            wrong += self._counted(system, kind)
        wrong += self._references()
        problem = self.desk.journal.verify()
        wrong += [f"audit: {problem}"] if problem else []
        left = self.desk.journal.operations.in_states({State.SENDING, State.UNKNOWN, State.REVIEW})
        return wrong + [f"left {one.state}: {one.intent}" for one in left]

    def _counted(self, system: str, kind: str) -> list[str]:
        notes = Counter(raw.get("note") for raw in self.desk.vendor(system).of_kind(kind))
        names = [marker(Ref("source", kind, f"s{number}")) for number in range(self.sources)]
        return [f"{kind} {name}: {notes[name]} records" for name in names if notes[name] != 1]

    def _references(self) -> list[str]:
        books = {raw["id"]: raw for raw in self.desk.vendor("books").records.values()}
        invoices = {raw["note"]: raw for raw in books.values() if raw["kind"] == "invoice"}
        wrong = [
            f"credit {raw['id']} before its invoice"
            for raw in self.desk.vendor("pay").of_kind("credit")
            if books.get(raw.get("linked", ""), {}).get("kind") != "invoice"
        ]
        wrong += [
            f"memo {raw['id']} before its invoice"
            for raw in self.desk.vendor("plain").of_kind("memo")
            if raw["created"] < invoices.get(raw["note"].replace(":memo:", ":invoice:"), raw)["created"]
        ]
        for number, deal in enumerate(self.deals):
            raw = self.desk.vendor("crm").records[deal]
            invoice = invoices.get(marker(Ref("source", "invoice", f"s{number}")), {})
            if raw["linked"] != invoice.get("id"):
                wrong.append(f"deal {deal} names invoice {raw['linked']!r}")
            if raw["stage"] != self.edited.get(deal, "won"):
                wrong.append(f"deal {deal}: stage {raw['stage']!r}, a person wrote {self.edited.get(deal)!r}")
        return wrong
