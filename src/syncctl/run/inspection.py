"""The use cases around the work: doctor, setup, live schemas. I/O: vendors, ledger, schema files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from syncctl.errors import ConfigError, CredentialError, LedgerError, SyncctlError
from syncctl.fields.schema import Field, Schema
from syncctl.ledger.totals import Totals
from syncctl.project import Project
from syncctl.run.endings import endings
from syncctl.run.guarding import no_ceiling, uncounted
from syncctl.run.heads import standing
from syncctl.run.pausing import pause_trip
from syncctl.run.placing import placed
from syncctl.run.pull import check_company, describe, schema_check, undescribed
from syncctl.run.scopes import lacking_for_mappings
from syncctl.run.setting_up import missing_setup
from syncctl.run.weak_spots import (
    Check,
    broad_keys,
    clock_check,
    deciding_files,
    journal_check,
    ledger_disk,
    private_files,
)
from syncctl.schemas import schema_from_json, schema_to_json
from syncctl.wholefile import write_whole

SCHEMAS_FOLDER: Final = "schemas"


def doctor(project: Project) -> tuple[Check, ...]:
    """Looks at everything a run rests on; never raises for what it finds. A person waits for it: what does not answer
    at once is told as such.
    """
    project.read_attempts = 1
    return tuple(_checks(project))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _checks(project: Project) -> Iterator[Check]:
    counts = _count(len(project.mappings), "mapping"), _count(len(project.settings.systems), "system")
    yield Check("configuration", ok=True, cause=", ".join(counts))
    if (pause := pause_trip(project)) is not None:
        yield Check("writing", ok=False, cause=pause.what, fix=pause.fix)
    yield from _ledger_checks(project)
    closed = False
    for name in project.settings.systems:
        found = tuple(_system_checks(project, name))
        closed = closed or not found[0].ok
        yield from found
        yield from broad_keys(project, name)
        yield from clock_check(project, name)
    for lack in lacking_for_mappings(project):
        cause = lack.sentence
        yield Check(
            f"scopes of {lack.system}", ok=False, cause=cause, fix=lack.fix, exit_code=CredentialError.exit_code
        )
    for ending in endings(project):
        yield Check(f"sign-in to {ending.system}", ok=True, cause=ending.sentence, fix=ending.fix, weak=True)
    yield from _mapping_checks(project, closed=closed)
    yield _ceilings(project)
    yield _open_operations(project)


def _ceilings(project: Project) -> Check:
    missing = no_ceiling(project, Totals(project.engine).currencies())
    if not missing:
        return _blind_ceilings(project)
    cause = f"no max_amount names {', '.join(missing)}: a change in them may be of any size"
    fix = f"add to guards, max_amount: 25000 {missing[0]}, for example"
    return Check("amount guards", ok=True, cause=cause, fix=fix, weak=True)


def _blind_ceilings(project: Project) -> Check:
    try:
        blind = uncounted(project)
    except ConfigError:  # the mappings' own lines say what is wrong
        blind = ()
    if not blind:
        return Check("amount guards", ok=True)
    cause = f"what mapping {', '.join(blind)} makes has an amount that max_amount does not see: its source has none"
    fix = "name it in the mapping: amount: {left: PATH}, or a sum of its lines: amount: {right: {sum: [Line.Amount]}}"
    return Check("amount guards", ok=True, cause=cause, fix=fix, weak=True)


def _ledger_checks(project: Project) -> Iterator[Check]:
    yield from private_files(project)
    yield from deciding_files(project)
    yield ledger_disk(project)
    yield journal_check(project.engine.journal_mode())
    yield _audit_check(project)


def _audit_check(project: Project) -> Check:
    """The chain by itself, and against the heads kept outside; `ledger verify` looks at the rows too."""
    broken = project.journal.verify()
    if broken is not None:
        cause = f"event {broken.number}: {broken.what}"
        return Check("audit chain", ok=False, cause=cause, fix="syncctl ledger verify")
    try:
        old = standing(project)
    except LedgerError as error:
        return Check("audit chain", ok=False, cause=error.message, fix=error.fix)
    if old is not None:
        return Check("audit chain", ok=False, cause=old.sentence, fix=old.error().fix)
    head = project.journal.head()
    ends = f"{_count(head.count, 'event')}, head {head.short}" if head.count else "no run yet"
    return Check("audit chain", ok=True, cause=ends)


def _system_checks(project: Project, name: str) -> Iterator[Check]:
    try:
        if project.settings.systems[name].sign_in is None:
            project.settings.secret(name)
        check_company(project, name)
        describe(project, name)
    except ConfigError as error:
        yield from _config_checks(f"system {name}", error)
        return
    except SyncctlError as error:
        fix = placed(error, project.settings)
        yield Check(f"system {name}", ok=False, cause=error.message, fix=fix, exit_code=error.exit_code)
        return
    company = project.records.pins()[name]
    standing = ", ".join(
        ("live" if company[2] else "sandbox", *(("read only",) if project.settings.systems[name].read_only else ()))
    )
    yield Check(f"system {name}", ok=True, cause=f"{company[1]} ({company[0]}), {standing}")
    missing = 0 if project.settings.systems[name].read_only else len(missing_setup(project, name))
    if missing:
        cause = f"{missing} properties are missing at {name}: nothing can be created there safely"
        yield Check(f"setup of {name}", ok=False, cause=cause, fix=f"syncctl setup {name}")


def _config_checks(name: str, error: ConfigError) -> Iterator[Check]:
    """One line per problem of a file, with its place and its fix; the error itself where it names no place."""
    if not error.problems:
        yield Check(name, ok=False, cause=error.message, fix=error.fix, exit_code=error.exit_code)
    for problem in error.problems:
        cause = f"{problem.where}: {problem.message}"
        yield Check(name, ok=False, cause=cause, fix=problem.hint, exit_code=error.exit_code)


def _mapping_checks(project: Project, *, closed: bool) -> Iterator[Check]:
    """`closed`: a system did not let us in, and its own line says so."""
    unknown = sorted(undescribed(project))
    if unknown:
        cause = f"the schemas of {', '.join(unknown)} were never read"
        fix = "mend the systems above, then again"
        yield Check("mappings against live schemas", ok=False, cause=cause, fix=fix, exit_code=0 if closed else 1)
        return
    if not project.mappings:  # who sets up systems first has none yet
        none = project.no_mapping()
        yield Check("mappings", ok=True, cause=f"{none.where}: {none.message}", fix=none.hint, weak=True)
        return
    problems = schema_check(project)
    if not problems:
        yield Check("mappings against live schemas", ok=True)
    for problem in problems:
        cause = f"{problem.where}: {problem.message}"
        yield Check("mapping", ok=False, cause=cause, fix=problem.hint, exit_code=ConfigError.exit_code)


def _open_operations(project: Project) -> Check:
    count = len(project.journal.open_intents())
    if not count:
        return Check("open operations", ok=True)
    return Check(
        "open operations",
        ok=False,
        cause=f"{_count(count, 'write')} without a clear outcome",
        fix="`syncctl reconcile` resolves them first; see `syncctl ops list`",
    )


def schema_pull(project: Project) -> tuple[Path, ...]:
    """Reads every live schema and writes `schemas/SYSTEM/KIND.yaml`; returns the files that changed.

    Raises SyncctlError when one cannot be written; those before it stay.
    """
    for name in project.settings.systems:
        describe(project, name)
    changed = []
    for (system, kind), schema in sorted(project.schemas().items()):
        path = project.folder / SCHEMAS_FOLDER / system / f"{kind}.yaml"
        text = _yaml(schema_to_json(schema))
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            _write(path, text)
            changed.append(path)
    return tuple(changed)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as error:
        why = f"the schema file {path} cannot be written: {error.strerror}"
        raise SyncctlError(why, fix="make room, or make its folder writable; then again") from error


def _yaml(body: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 110
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    buffer = io.StringIO()
    yaml.dump(_plain(body), buffer)
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed at a vendor since the schema files were written. `label` is what people see in the vendor's pages,
    empty where the field has none; `field` its path.
    """

    system: str
    kind: str
    label: str
    field: str
    what: str


def schema_diff(project: Project) -> tuple[Drift, ...]:
    """Live schemas against the files under `schemas/`. Raises ConfigError where there are none."""
    folder = project.folder / SCHEMAS_FOLDER
    if not folder.is_dir():
        raise ConfigError("there are no schema files yet", fix="run `syncctl schema pull` and keep `schemas/` in git")
    for name in project.settings.systems:
        describe(project, name)
    return tuple(drift for schema in project.schemas().values() for drift in _drift(folder, schema))


def _drift(folder: Path, live: Schema) -> Iterator[Drift]:
    from ruamel.yaml import YAML

    path = folder / live.system / f"{live.kind}.yaml"
    if not path.exists():
        yield Drift(live.system, live.kind, "", "", "new kind")
        return
    kept = schema_from_json(YAML(typ="safe", pure=True).load(path.read_text()))
    for name in sorted({*kept.fields, *live.fields}):
        before, after = kept.fields.get(name), live.fields.get(name)
        found = after or before
        if found is not None and before != after:
            yield Drift(live.system, live.kind, found.label, name, _change(before, after))


def _change(before: Field | None, after: Field | None) -> str:
    """`new field`, `field is gone`, or what of it changed, from what to what."""
    if before is None or after is None:
        return "new field" if before is None else "field is gone"
    steps = ((one.name, getattr(before, one.name), getattr(after, one.name)) for one in fields(Field))
    return "; ".join(_step(name.replace("_", " "), old, new) for name, old, new in steps if old != new)


def _step(name: str, old: object, new: object) -> str:
    """What of a field changed; a list of options only by what came and went."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        came, went = ([one for one in these if one not in those] for these, those in ((new, old), (old, new)))
        parts = [
            f"{word} {', '.join(map(_word, listed))}" for word, listed in (("with", came), ("without", went)) if listed
        ]
        return f"{name}: now {' and '.join(parts) or 'in another order'}"
    return f"{name}: {_word(old)} → {_word(new)}"


def _word(value: object) -> str:
    """An option by its label, a flag as yes or no, nothing as (empty)."""
    if isinstance(value, tuple):
        return str(value[-1] or value[0])
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value or "(empty)")
