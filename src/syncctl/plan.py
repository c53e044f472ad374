"""Findings to ordered Changes, mapping by mapping, over an overlay of planned records. I/O: the ledger, nothing kept.

The overlay is the ledger itself inside a transaction that is rolled back: a planned create is stored as a provisional
record, a planned update as its after-values, and the same project, match and judge run over them. So one dry run shows
the whole chain before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias

from syncctl.diff import Judgement, judge
from syncctl.edits import apply_edits, unknowns
from syncctl.fields import Schema, Undecodable, encode_json, placeholder
from syncctl.ledger.pairs import Link
from syncctl.lineplan import line_edits
from syncctl.mapping.language import Constant, Entry, PathValue, other
from syncctl.model import (
    Action,
    Change,
    Edit,
    Finding,
    FindingKind,
    Money,
    Raw,
    Record,
    Ref,
    SideName,
    Unknown,
    digest,
)
from syncctl.paths import parse_path, read, write
from syncctl.projection import Projection, fresh_id, speaking
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.judging import field_name
from syncctl.reconciliation.refresh import Version, refresh
from syncctl.settlement import expected, foreseen, newly_settled, recomputed
from syncctl.shortcuts import MICROS
from syncctl.values import Scope, called, locate
from syncctl.writeback import Target, Unlinked, Unwritable, edits_for, target_of, wanted

ROUNDS_MAX: Final = 4
"""Rounds over one mapping: a create, what flows back from it, and one to see that nothing is left."""
HELD_BY: Final = frozenset(
    {FindingKind.TIE, FindingKind.PROPOSAL, FindingKind.CONFLICT, FindingKind.BLOCKED, FindingKind.POISON}
)
"""Findings that hold whatever depends on their records."""
WENT: Final = frozenset({FindingKind.GONE, FindingKind.LEFT_SCOPE})
GONE: Final = frozenset({"void", "archived", "deleted", "filtered"})
Mark: TypeAlias = tuple[str, str, str]
"""One thing to plan, so that it is planned once: its subject, its records, and where it writes or what went."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the journal knows: intents whose outcome is open."""

    open_intents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What planning made."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


def draft(
    books: Books, projections: Sequence[tuple[Projection, Version]], standing: Standing, at: str, names: frozenset[str]
) -> Draft:
    """Plans all mappings in order; changes of mappings not in `names` (when given) are left out."""
    with books.engine.overlay():
        planner = _Planner(books, standing, at)
        try:
            for projection, version in projections:
                planner.plan(projection, version, wanted=not names or projection.mapping.name in names)
        finally:
            books.lookups.forget()
    return Draft(in_order(tuple(planner.changes.values())), tuple(planner.findings))


def _mark(row: tuple[Any, ...]) -> Mark | None:
    """What planning a finding writes; None for one that only a person settles."""
    _, subject, kind, _, body, *_ = row
    if kind == FindingKind.MISSING:
        return (subject, "", "create") if body.get("create") else None
    if kind in WENT:
        return subject, body["records"], "went"
    writes = kind == FindingKind.DIFFERENCE and body["result"] == "write"
    return (subject, body["records"], body["toward"]) if writes else None


class _Planner:
    """Walks the mappings once; holds what is planned so far."""

    def __init__(self, books: Books, standing: Standing, at: str) -> None:
        self.books = books
        self.standing = standing
        self.at = at
        self.changes: dict[str, Change] = {}
        self.findings: list[Finding] = []
        self.planned: dict[Ref, list[str]] = {}
        self.paying: dict[Ref, list[str]] = {}
        self.trouble = {ref: f"it cannot be read: {reason}" for ref, reason, _ in books.records.poison()}
        self.idle: set[tuple[str | None, str | None]] = set()
        """(records, side) of pairs whose difference no edit settles."""

    # --- one mapping ---

    def plan(self, projection: Projection, version: Version, *, wanted: bool) -> None:
        """Rounds until nothing new comes up: creates first, then what flows back from them."""
        mapping = self.books.lookups.mapping_id(projection.mapping.name)
        done: set[Mark] = set()
        for _ in range(ROUNDS_MAX):
            self.books.lookups.refresh()
            refresh(self.books, projection, version, self.at)
            rows = self.books.findings.open(mapping)
            if not wanted or not self._round(projection, rows, done):
                break
        self._remaining(projection, mapping, done)

    def _round(self, projection: Projection, rows: list[tuple[Any, ...]], done: set[Mark]) -> bool:
        """Plans every finding that was not planned yet; True when anything was. An accepted one is left as it is."""
        by_record: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        for row in rows:
            by_record.setdefault((row[1], row[4].get("records", "")), []).append(row)
        before = len(self.changes), len(done)
        for listed in by_record.values():
            accepted = frozenset(field_name(row[3]) for row in listed if row[6])
            self._record(projection, [row for row in listed if not row[6]], accepted, done)
        return (len(self.changes), len(done)) != before

    def _record(
        self, projection: Projection, rows: list[tuple[Any, ...]], accepted: frozenset[str], done: set[Mark]
    ) -> None:
        """Plans what one record without partner, or one pair of records, needs."""
        for row in sorted(rows, key=lambda each: each[4].get("toward") == "right"):
            mark = _mark(row)
            if mark is None or mark in done:
                continue
            done.add(mark)
            _, subject, kind, _, body, *_ = row
            if kind == FindingKind.MISSING:
                planned = self._guarded(projection, row, partial(self._create, projection, subject))
            elif kind in WENT:
                planned = self._guarded(projection, row, partial(self._gone, projection, body))
            else:
                toward: SideName = "left" if body["toward"] == "left" else "right"
                planned = self._guarded(projection, row, partial(self._update, projection, body, toward, accepted))
            if not planned:
                break

    def _guarded(self, projection: Projection, row: tuple[Any, ...], plan: Callable[[], None]) -> bool:
        """Plans one thing; what cannot be written becomes a blocked finding with its reason, and False."""
        try:
            plan()
        except (Unwritable, Undecodable) as error:
            held = self.trouble.get(error.ref) if isinstance(error, Unlinked) else None
            reason = f"waits for {error.ref}: {held}" if isinstance(error, Unlinked) and held else str(error)
            self._blocked(projection, row, reason)
            return False
        return True

    def _blocked(self, projection: Projection, row: tuple[Any, ...], reason: str) -> None:
        left, right = self._refs(row[1], row[4])
        name = self._name_of(projection, left, right)
        self.findings.append(
            Finding(projection.mapping.name, FindingKind.BLOCKED, left, right, since=self.at, hint=reason, name=name)
        )
        for ref in (left, right):
            if ref is not None:
                self.trouble.setdefault(ref, reason)

    # --- creates ---

    def _create(self, projection: Projection, subject: str) -> None:
        here: SideName = "left" if subject.startswith("left:") else "right"
        toward = other(here)
        ref, raw = self.books.sides.stored(int(subject.partition(":")[2]))
        mapping = projection.mapping
        system, kind = mapping.side(toward)
        schema = projection.catalogue.schema(system, kind)
        if Action.CREATE not in schema.actions:
            raise Unwritable(schema.note or f"{system}.{kind} records cannot be created")
        fresh = Ref(system, kind, fresh_id(mapping.name, str(ref)))
        intent = digest(mapping.name, str(ref), Action.CREATE, f"{system}:{kind}")[:24]
        self._refuse_open(intent, ref)
        source = Scope(ref, raw, self.books.lookups)
        target = target_of(projection, toward, fresh, {}, self.books.lookups, creating=True)
        edits = self._create_edits(projection, toward, source, target)
        made = apply_edits({}, edits)
        self._required(schema, made)
        moves = self._payments(projection, schema, {}, made)
        change = Change(
            intent,
            mapping.name,
            Action.CREATE,
            fresh,
            ref,
            projection.name(here, raw, source),
            tuple(edits),
            amount=self._money(projection, here, raw, source),
            undo="void" if Action.VOID in schema.actions else "archive" if Action.ARCHIVE in schema.actions else "",
        )
        change = self._with_parents(change, target.rests_on | {ref}, frozenset(target.reads))
        self._store_provisional(schema, fresh, made, change.amount)
        self._pair(projection, subject, fresh, toward)
        self._keep(change)
        self._pay(projection, fresh, moves)

    def _create_edits(self, projection: Projection, toward: SideName, source: Scope, target: Target) -> list[Edit]:
        here = other(toward)
        slots = [
            (number, slot)
            for number, slot in speaking(projection.slots, here, source.root, source)
            if slot.entry.owner in (here, "both")
        ]
        edits: dict[int, list[Edit]] = {}
        # The currency first: an amount is only written to a record of its own.
        for number, slot in sorted(slots, key=lambda each: each[1].reading(toward).type != "currency"):
            spoken = wanted(slot, toward, source.root, source, target)
            if spoken is None or spoken[1] is None:
                continue
            entry, value = spoken
            for edit in edits_for(entry.form(toward), value, target, entry, ""):
                edits.setdefault(number, []).append(edit)
                target.raw = target.root = apply_edits(target.raw, [edit])
        marker = self._marker(projection, toward, source, target)
        made = [edit for number in sorted(edits) for edit in edits[number]]
        return [*made, *marker, *line_edits(projection, toward, source, target)]

    def _marker(self, projection: Projection, toward: SideName, source: Scope, target: Target) -> list[Edit]:
        """The source's Ref written into the record itself, so that it can be found again without memory."""
        form = projection.mapping.marker.side(toward)
        if not isinstance(form, PathValue):
            return []
        place = locate(form.path, target.system, target.kind, target.catalogue).place
        held = [str(value) for value in read(target.raw, parse_path(place))]
        text = " ".join([*held, f"syncctl {source.ref}"])
        entry = Entry(Constant(text, projection.mapping.at), form, projection.mapping.at, owner=other(toward))
        return list(edits_for(form, text, target, entry, ""))

    def _required(self, schema: Schema, made: Raw) -> None:
        missing = [
            found.path
            for found in schema.fields.values()
            if found.required and "." not in found.path and not list(read(made, parse_path(found.place)))
        ]
        if missing:
            raise Unwritable(
                f"{schema.system} wants {', '.join(missing)} on a new {schema.kind}, and there is no value"
            )

    def _store_provisional(self, schema: Schema, ref: Ref, made: Raw, money: Money | None) -> None:
        """The planned record as the overlay's: its id and what the vendor assigns are known after apply."""
        for found in schema.fields.values():
            plain = parse_path(found.place)
            if found.assigned and found.path != schema.identity and not list(read(made, plain)):
                total = money.amount if money is not None and found.path in (schema.amount, schema.owed) else None
                made = foreseen(made, ref, found.place, total)
        identity = schema.fields[schema.identity].place if schema.identity in schema.fields else schema.identity
        made = write(made, parse_path(identity), placeholder(Unknown(ref, "")))
        self.books.records.store_receipt(Record(ref, encode_json(made)), self.at)
        self.books.lookups.forget()

    def _pair(self, projection: Projection, subject: str, fresh: Ref, toward: SideName) -> None:
        old, new = int(subject.partition(":")[2]), self.books.sides.record_id(fresh)
        assert new is not None
        left, right = (old, new) if toward == "right" else (new, old)
        mapping = self.books.lookups.mapping_id(projection.mapping.name)
        self.books.pairs.add(mapping, [Link((left,), (right,), "created", 100.0, "plan")], self.at)

    # --- updates ---

    def _update(self, projection: Projection, body: dict[str, str], toward: SideName, accepted: frozenset[str]) -> None:
        left_id, right_id = (int(part) for part in body["records"].split(":"))
        refs = {"left": self.books.sides.stored(left_id), "right": self.books.sides.stored(right_id)}
        here = other(toward)
        (source_ref, source_raw), (target_ref, target_raw) = refs[here], refs[toward]
        schema = projection.catalogue.schema(target_ref.system, target_ref.kind)
        if Action.UPDATE not in schema.actions:
            raise Unwritable(schema.note or f"{target_ref.system}.{target_ref.kind} records cannot be changed")
        source = Scope(source_ref, source_raw, self.books.lookups)
        target = target_of(projection, toward, target_ref, target_raw, self.books.lookups, creating=False)
        judgement = self._judgement(projection, left_id, right_id)
        edits = self._update_edits(projection, judgement, accepted, toward, source, target)
        if not edits:
            self.idle.add((body["records"], toward))
            return
        mapping = projection.mapping
        intent = digest(mapping.name, Action.UPDATE, str(target_ref))[:24]
        self._refuse_open(intent, target_ref)
        money = self._money(projection, toward, target_raw, Scope(target_ref, target_raw, self.books.lookups))
        moved = any(edit.codec.startswith("money") or edit.codec == "object" for edit in edits)
        after = apply_edits(target_raw, edits)
        moves = self._payments(projection, schema, target_raw, after)
        change = Change(
            intent,
            mapping.name,
            Action.UPDATE,
            target_ref,
            source_ref,
            projection.name(toward, target_raw, target.scope),
            tuple(edits),
            amount=self._money(projection, here, source_raw, source) if moved else money,
            amount_before=money,
            version=self._version(target_ref),
            undo="update",
        )
        change = self._with_parents(change, target.rests_on | {source_ref}, frozenset(target.reads))
        if moved:
            after = recomputed(schema, target_ref, after, change.amount.amount if change.amount else None)
        self._store_after(target_ref, after)
        self._keep(change)
        self._pay(projection, target_ref, moves)

    def _judgement(self, projection: Projection, left: int, right: int) -> Judgement:
        """What differs between two records now, on the overlay."""
        mapping = self.books.lookups.mapping_id(projection.mapping.name)
        here, there = self.books.sides.body(mapping, "left", left), self.books.sides.body(mapping, "right", right)
        if here is None or there is None:
            return Judgement((), ())
        pair = self.books.pairs.pair_of(mapping, 0, left)
        return judge(projection, here[0], there[0], self.books.pairs.base(pair) if pair else "{}")

    def _update_edits(
        self,
        projection: Projection,
        judgement: Judgement,
        accepted: frozenset[str],
        toward: SideName,
        source: Scope,
        target: Target,
    ) -> list[Edit]:
        edits: list[Edit] = []
        for cell in judgement.cells:
            slot = projection.slots[cell.index]
            if slot.name in accepted:
                continue
            if cell.result == "blocked" and slot.entry.owner != "none":
                raise Unwritable(f"{slot.name}: {cell.hint}")  # half a record is not written
            spoken = None
            if cell.result == "write" and cell.toward == toward:
                spoken = wanted(slot, toward, source.root, source, target)
            if spoken is not None:
                entry, value = spoken
                edits += edits_for(entry.form(toward), value, target, entry, cell.reason)
        blocks = [projection.lines[lines.block].name for lines in judgement.lines if lines.owner == other(toward)]
        if not accepted.issuperset(blocks):
            edits += line_edits(projection, toward, source, target, accepted)
        return edits

    def _store_after(self, ref: Ref, raw: Raw) -> None:
        self.books.records.store_receipt(replace(self._stored(ref), raw=encode_json(raw)), self.at)
        self.books.lookups.forget()

    def _stored(self, ref: Ref) -> Record:
        found = self.books.records.record(ref)
        assert found is not None
        return found

    def _version(self, ref: Ref) -> str:
        return self._stored(ref).version

    # --- what a payment does to what it pays ---

    def _payments(self, projection: Projection, schema: Schema, before: Raw, after: Raw) -> dict[Ref, Decimal]:
        """What a write takes off each record that it pays. Raises Unwritable when that is more than is owed there."""
        moves = newly_settled(schema, before, after) if schema.settles else {}
        for ref, amount in moves.items():
            paid = projection.catalogue.schema(ref.system, ref.kind)
            owed = expected(self.books.lookups.record(ref) or {}, paid.owed)
            if owed is not None and amount > owed:
                name = called(ref, self.books.lookups, projection.catalogue)
                raise Unwritable(f"it pays {amount:f} on {ref.kind} {name}, on which {owed:f} is owed")
        return moves

    def _pay(self, projection: Projection, payment: Ref, moves: Mapping[Ref, Decimal]) -> None:
        """Takes payments off what is owed in the overlay; what reads a paid record waits for its payments."""
        for ref, amount in moves.items():
            raw = self.books.lookups.record(ref)
            place = projection.catalogue.schema(ref.system, ref.kind).owed
            owed = expected(raw or {}, place)
            if raw is not None and place:
                self._store_after(ref, foreseen(raw, ref, place, None if owed is None else owed - amount))
            self.paying.setdefault(ref, []).extend(self.planned[payment])

    # --- partners that went ---

    def _gone(self, projection: Projection, body: dict[str, str]) -> None:
        """A record went: its partner is voided or archived when the mapping says so, else it is reported."""
        side: SideName = "left" if body["side"] == "left" else "right"
        standing = body["standing"]
        policy = projection.mapping.when_gone(standing) if standing in GONE else "report"  # type: ignore[arg-type]
        if policy == "report":
            return
        left_id, right_id = (int(part) for part in body["records"].split(":"))
        target_ref, target_raw = self.books.sides.stored(right_id if side == "left" else left_id)
        source_ref = self.books.sides.ref(left_id if side == "left" else right_id)
        action = Action.VOID if policy == "void" else Action.ARCHIVE
        schema = projection.catalogue.schema(target_ref.system, target_ref.kind)
        if action not in schema.actions:
            raise Unwritable(schema.note or f"{target_ref.system}.{target_ref.kind} records cannot be set {policy}")
        toward = other(side)
        scope = Scope(target_ref, target_raw, self.books.lookups)
        money = self._money(projection, toward, target_raw, scope)
        intent = digest(projection.mapping.name, str(source_ref), action, str(target_ref))[:24]
        self._refuse_open(intent, target_ref)
        change = Change(
            intent,
            projection.mapping.name,
            action,
            target_ref,
            source_ref,
            projection.name(toward, target_raw, scope),
            amount=money,
            version=self._version(target_ref),
            reason=f"{source_ref} is {standing}",
        )
        change = self._with_parents(change, {source_ref}, frozenset())
        self._keep(change)

    # --- what is common to all changes ---

    def _money(self, projection: Projection, side: SideName, raw: Raw, scope: Scope) -> Money | None:
        micros, currency = projection.amount_of(side, raw, scope)
        return None if micros is None else Money(Decimal(micros) / MICROS, currency)

    def _refuse_open(self, intent: str, ref: Ref) -> None:
        """An intent whose outcome is open is never planned again, and holds what depends on it."""
        state = self.standing.open_intents.get(intent)
        if state is not None:
            raise Unwritable(f"an earlier write of this is {state}: it is resolved before anything is sent again")
        held = self.trouble.get(ref)
        if held is not None:
            raise Unwritable(f"waits for {ref}: {held}")

    def _with_parents(self, change: Change, rests_on: Iterable[Ref], reads: frozenset[str]) -> Change:
        """The change with what it waits for: every planned change to its source, its links and its unknowns."""
        refs = set(rests_on) | {unknown.ref for edit in change.edits for unknown in unknowns(edit.after)}
        for ref in sorted(refs):
            held = self.trouble.get(ref)
            if held is not None:
                raise Unwritable(f"waits for {ref}: {held}")
        parents = dict.fromkeys(
            intent
            for ref in sorted(refs)
            for intent in self.planned.get(ref, ())
            if intent != change.intent and self._matters(change, self.changes[intent], reads)
        )
        paying = self.paying.get(change.source, ()) if change.source is not None else ()
        return replace(change, parents=tuple(dict.fromkeys((*parents, *paying))))

    def _matters(self, change: Change, planned: Change, reads: frozenset[str]) -> bool:
        """False for an update of the source by the same mapping that touches nothing this change reads.

        A mapping that also writes back (the new id into the source's metadata) would otherwise wait for itself.
        """
        if planned.mapping != change.mapping or planned.action is not Action.UPDATE:
            return True
        return any(edit.path == place or edit.path.startswith(f"{place}.") for edit in planned.edits for place in reads)

    def _keep(self, change: Change) -> None:
        """Adds a change, or joins it to a planned one of the same record where no cycle would follow."""
        for intent in self.planned.get(change.target, ()):
            held = self.changes[intent]
            writes = change.action is Action.UPDATE and held.action in (Action.UPDATE, Action.CREATE)
            if writes and not self._waits_for(change.parents, intent):
                self.changes[intent] = _joined(held, change)
                return
        self.changes[change.intent] = change
        self.planned.setdefault(change.target, []).append(change.intent)

    def _waits_for(self, intents: Iterable[str], on: str) -> bool:
        """True when one of these intents is `on`, or waits for it through any number of others."""
        seen: set[str] = set()
        waiting = list(intents)
        while waiting:
            intent = waiting.pop()
            if intent == on:
                return True
            if intent not in seen and intent in self.changes:
                seen.add(intent)
                waiting += self.changes[intent].parents
        return False

    # --- what stays open ---

    def _remaining(self, projection: Projection, mapping: int, done: set[Mark]) -> None:
        """Open findings that no change of this plan settles; they hold what depends on their records."""
        for row in self.books.findings.open(mapping):
            if not row[6] and _mark(row) in done and self._is_planned(row):
                continue
            if (
                row[4].get("result") == "report"
                and row[4].get("reason") in ("amount", "tax")
                and self._lines_change(row)
            ):
                continue  # a total that the vendor adds up: checked again after the apply
            finding = self.finding(projection, row)
            self.findings.append(finding)
            if finding.kind in HELD_BY and not finding.accepted:
                for ref in self._held_refs(row, finding):
                    self.trouble.setdefault(ref, finding.hint or f"{finding.kind} in mapping {finding.mapping}")

    def _is_planned(self, row: tuple[Any, ...]) -> bool:
        """True when a change, or a blocked finding with its reason, speaks for this one."""
        if row[2] in WENT:
            return any(change.action in (Action.VOID, Action.ARCHIVE) for change in self._planned_for(row))
        return (row[4].get("records"), row[4].get("toward")) not in self.idle

    def _planned_for(self, row: tuple[Any, ...]) -> list[Change]:
        """The planned changes of either record of a finding."""
        refs = [ref for ref in self._refs(row[1], row[4]) if ref is not None]
        return [self.changes[intent] for ref in refs for intent in self.planned.get(ref, ())]

    def _lines_change(self, row: tuple[Any, ...]) -> bool:
        return any(
            "(" in edit.path or edit.codec == "object" for change in self._planned_for(row) for edit in change.edits
        )

    def _held_refs(self, row: tuple[Any, ...], finding: Finding) -> list[Ref]:
        numbers = [part for key in ("lefts", "rights") for part in row[4].get(key, "").split(",") if part]
        listed = [self.books.sides.ref(int(number)) for number in numbers]
        return listed or [ref for ref in (finding.left, finding.right) if ref is not None]

    def finding(self, projection: Projection, row: tuple[Any, ...]) -> Finding:
        """An open finding as people see it."""
        number, subject, kind, name, body, since, accepted, note = row
        left, right = self._refs(subject, body)
        return Finding(
            projection.mapping.name,
            FindingKind(kind),
            left,
            right,
            field_name(name),
            body.get("left", ""),
            body.get("right", ""),
            body.get("base", ""),
            body.get("reason", ""),
            since,
            note,
            bool(accepted),
            self._name_of(projection, left, right),
            hint=body.get("hint", "") or self._choices(body),
            number=number,
        )

    def _choices(self, body: dict[str, str]) -> str:
        """Which records a tie or proposal is between."""
        numbers = [part for key in ("lefts", "rights") for part in body.get(key, "").split(",") if part]
        refs = [str(self.books.sides.ref(int(number))) for number in numbers]
        if not refs:
            return ""
        score = f", {body['score']} % alike" if body.get("score") else ""
        return f"rule {body['rule']!r}: {', '.join(refs)}{score}"

    def _refs(self, subject: str, body: dict[str, str] | None = None) -> tuple[Ref | None, Ref | None]:
        side, _, number = subject.partition(":")
        if side in ("left", "right"):
            ref = self.books.sides.ref(int(number))
            partner = body.get("rights", "") if body else ""
            if side == "left" and partner.isdigit():  # a proposal of one for one
                return ref, self.books.sides.ref(int(partner))
            return (ref, None) if side == "left" else (None, ref)
        if body and "records" in body:
            left, right = body["records"].split(":")
            return self.books.sides.ref(int(left)), self.books.sides.ref(int(right))
        members = self.books.pairs.members(int(number))
        refs = [None if member is None else self.books.sides.ref(member) for member in members]
        return refs[0], refs[1]

    def _name_of(self, projection: Projection, left: Ref | None, right: Ref | None) -> str:
        side: SideName = "left" if left is not None else "right"
        ref = left or right
        try:
            raw = self.books.records.raw(ref) if ref else None
        except Undecodable:
            raw = None
        if ref is None or raw is None:
            return ""
        return projection.name(side, raw, Scope(ref, raw, self.books.lookups))


def without_refused(books: Books, made: Draft, refused: Callable[[Change], str], at: str) -> Draft:
    """Takes out what its vendor refused before in the same words, and whatever waits for it; both become findings.

    `refused` says where to read why, or "". The changes are whole here, as they would be sent, and parents come first.
    """
    kept: list[Change] = []
    findings = list(made.findings)
    held: dict[str, str] = {}
    told: set[Ref | None] = set()
    for change in made.changes:
        refusal = refused(change)
        waits = next((held[parent] for parent in change.parents if parent in held), "")
        if not refusal and not waits:
            kept.append(change)
            continue
        held[change.intent] = waits or f"{change.mapping} {change.name}, which the vendor refused before"
        hint = (
            f"the vendor refused this before and nothing changed since: {refusal}" if refusal else f"waits for {waits}"
        )
        source, target = (ref if ref and not ref.provisional else None for ref in (change.source, change.target))
        if waits and target in told:
            continue  # what would have flowed back to a record that is listed already
        told.update((source, target))
        left, right = (
            (source, target) if books.lookups.side_of(change.mapping, change.target) == "right" else (target, source)
        )
        findings.append(
            Finding(change.mapping, FindingKind.BLOCKED, left, right, since=at, hint=hint, name=change.name)
        )
    return Draft(tuple(kept), tuple(findings))


def present(books: Books, projection: Projection) -> tuple[Finding, ...]:
    """The open findings of a mapping as people see them, oldest first."""
    planner = _Planner(books, Standing(), "")
    rows = books.findings.open(books.lookups.mapping_id(projection.mapping.name))
    return tuple(planner.finding(projection, row) for row in rows)


def _joined(first: Change, second: Change) -> Change:
    """Two changes to one record as one write. Its amount is that of the one that moves money."""
    parents = tuple(dict.fromkeys(parent for parent in (*first.parents, *second.parents) if parent != first.intent))
    edits = (*first.edits, *second.edits)
    if first.amount in (None, first.amount_before) and second.amount != second.amount_before:
        first = replace(first, amount=second.amount, amount_before=second.amount_before)
    return replace(first, edits=edits, parents=parents)


def in_order(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes so that each comes after its parents; otherwise as planned."""
    placed: dict[str, Change] = {}
    by_intent = {change.intent: change for change in changes}
    entered: set[str] = set()
    for change in changes:
        waiting = [change]
        while waiting:
            current = waiting[-1]
            entered.add(current.intent)
            before = [
                by_intent[parent]
                for parent in current.parents
                if parent in by_intent and parent not in placed and parent not in entered
            ]
            if before:
                waiting.append(before[0])
                continue
            placed.setdefault(current.intent, waiting.pop())
    return tuple(placed.values())
