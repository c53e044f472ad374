"""mappings/*.yaml to `Mapping` values, every problem at once. I/O: `load_mappings` reads a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from syncctl.errors import ConfigError, reading_fix
from syncctl.mapping.conditions import read_conditions
from syncctl.mapping.entries import Around, read_blocks, read_fields
from syncctl.mapping.forms import read_form
from syncctl.mapping.grammar import (
    CLOSED,
    CREATE,
    GONE,
    GONE_ACTIONS,
    KIND,
    LIMIT,
    NAME,
    SHARE,
    SIDES,
    UNMATCHED,
)
from syncctl.mapping.language import Constant, GoneAction, Guards, Mapping, PathValue, Sided
from syncctl.mapping.loading import Books, Loading
from syncctl.mapping.rules import read_rules
from syncctl.model import Problem, SideName
from syncctl.yamltext import BYTES_MAX, FILES_KEPT, PROBLEMS_MAX, List, Map, Node, Text, read_yaml, short, what

Gone: TypeAlias = Literal["void", "archived", "deleted", "filtered"]
KIND_HINT: Final = "the system's name in syncctl.yaml, a point, the kind: stripe.invoice"


def load_mapping(name: str, text: bytes, settings: Books) -> Mapping:
    """One file. `name` is how problems call it; `settings` is the `books:` part of syncctl.yaml. The same bytes under
    the same settings are read once.

    Raises ConfigError with every problem found.
    """
    return _loaded(name, text, json.dumps(settings))


@lru_cache(maxsize=FILES_KEPT)
def _loaded(name: str, text: bytes, settings: str) -> Mapping:
    root = read_yaml(name, text)
    loading = Loading(name, json.loads(settings))
    found = _mapping(loading, root)
    if loading.problems:
        problems = in_order_of_place(loading.problems)
        raise ConfigError(_counted(name, problems), problems[:PROBLEMS_MAX])
    return found


def load_mappings(folder: Path, books: Books) -> tuple[Mapping, ...]:
    """Every *.yaml of a folder, by name of file. Raises ConfigError with all problems of all files."""
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".yml") and file.name[0] != ".")
        texts = [(f"{folder.name}/{file.name}", _start_of(file)) for file in files]
    except OSError as error:
        fix = reading_fix(error, "name the folder in syncctl.yaml: mappings: DIR")
        raise ConfigError(f"{error.filename} cannot be read: {error.strerror}", fix=fix) from error
    found: list[Mapping] = []
    problems: list[Problem] = []
    for name, text in texts:
        try:
            found.append(load_mapping(name, text, books))
        except ConfigError as error:
            problems += error.problems
    problems += _namesakes(found)
    if problems:
        raise ConfigError(_counted(f"{folder.name}/", problems), problems)
    return tuple(found)


def _start_of(file: Path) -> bytes:
    """As much of a file as a mapping may have, and one byte more for the refusal."""
    with file.open("rb") as opened:
        return opened.read(BYTES_MAX + 1)


def _namesakes(mappings: Sequence[Mapping]) -> list[Problem]:
    first: dict[str, Mapping] = {}
    return [
        Problem(str(each.at), f"a second mapping `{each.name}`", f"the first is {first[each.name].at.file}: rename one")
        for each in mappings
        if first.setdefault(each.name, each) is not each
    ]


def _counted(name: str, problems: Sequence[Problem]) -> str:
    return f"{name} has {len(problems)} problem{'' if len(problems) == 1 else 's'}"


def in_order_of_place(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Problems as the file is read, from top to bottom."""

    def place(problem: Problem) -> tuple[str, int, int]:
        file, line, column = problem.where.rsplit(":", 2)
        return file, int(line), int(column)

    return tuple(sorted(dict.fromkeys(problems), key=place))


def _mapping(loading: Loading, root: Map) -> Mapping:
    body = loading.map(root, "mapping")
    create = loading.choice(body.get("create"), "create", CREATE) or "none"
    left, right = (_kind(loading, body.get(side), side) for side in SIDES)
    if left == right and left[0]:
        loading.problem(
            body.get("right") or body, "both sides are the same kind", "a mapping joins two kinds of records"
        )
    if body.get("match") is None and body.get("marker") is None:
        loading.problem(body, "nothing says which records are the same", "add `match:` or `marker:`")
    return Mapping(
        loading.like(body.get("mapping"), "mapping", NAME, "letters, digits, - and _") or "",
        left,
        right,
        body.at,
        dated=_sided(loading, body.get("dated")),
        amount=_sided(loading, body.get("amount")),
        marker=_marker(loading, body.get("marker")),
        from_=loading.day(body.get("from"), "from"),
        closed=loading.choice(body.get("closed"), "closed", CLOSED) or "block",
        where=read_conditions(loading, body.get("where")),
        match=read_rules(loading, body.get("match")),
        many=loading.choice(body.get("many"), "many", SIDES) or "",
        create=create,
        unmatched=_unmatched(loading, body.get("unmatched")),
        unmatched_at=None if (said := body.get("unmatched")) is None else said.at,
        gone=_gone(loading, body.get("gone")),
        fields=read_fields(loading, body.get("fields"), Around(create)),
        lines=read_blocks(loading, body.get("lines")),
        after=loading.names(body.get("after"), "after"),
        guards=_guards(loading, body.get("guards")),
    )


def _kind(loading: Loading, node: Node | None, side: str) -> tuple[str, str]:
    system, _, kind = (loading.like(node, side, KIND, KIND_HINT) or "").partition(".")
    return system, kind


def _sided(loading: Loading, node: Node | None) -> Sided:
    if node is None:
        return Sided()
    body = loading.map(node, "sided")
    forms = {side: read_form(loading, body.get(side)) for side in SIDES if body.get(side) is not None}
    for form in forms.values():
        if isinstance(form, Constant):
            loading.problem(form.at, "a constant is the same for every record", "name a field")
    return Sided(forms.get("left"), forms.get("right"))


def _marker(loading: Loading, node: Node | None) -> Sided:
    if node is None:
        return Sided()
    found = _sided(loading, node)
    for form in (found.left, found.right):
        if form is None or (isinstance(form, PathValue) and len(form.path.hops) == 1 and not form.path.hops[0].state):
            continue
        loading.problem(form.at, "a marker stands in one field of the record", "name a text field: PrivateNote")
    return found


def _unmatched(loading: Loading, node: Node | None) -> tuple[tuple[SideName, Literal["report", "ignore"]], ...]:
    if node is None:
        return ()
    body = loading.map(node, "unmatched")
    found = ((side, loading.choice(body.get(side), side, UNMATCHED)) for side in SIDES)
    return tuple((side, choice) for side, choice in found if choice is not None)


def _gone(loading: Loading, node: Node | None) -> tuple[tuple[Gone, GoneAction], ...]:
    """`gone: report` holds for all; everything else is said case by case."""
    if node is None:
        return ()
    if isinstance(node, Text):
        if node.text != "report":
            loading.problem(node, f"`gone` holds {what(node)}", "report, or by case: {void: void, deleted: report}")
        return tuple((case, "report") for case in GONE)
    body = loading.map(node, "gone")
    found = ((case, loading.choice(body.get(case), case, GONE_ACTIONS)) for case in GONE)
    return tuple((case, action) for case, action in found if action is not None)


def _guards(loading: Loading, node: Node | None) -> Guards:
    if node is None:
        return Guards()
    body = loading.map(node, "guards")
    share = loading.like(body.get("max_ratio"), "max_ratio", SHARE, "a share of the records: 10% or 0.1")
    ratio = None if share is None else Decimal(share.rstrip("%")) / (100 if share.endswith("%") else 1)
    if ratio is not None and ratio > 1:
        loading.problem(body.get("max_ratio") or body, f"`{share}` is more than all records", "10% or 0.1")
    return Guards(
        loading.whole(body.get("max_changes"), "max_changes"),
        ratio,
        _limits(loading, body.get("max_amount")),
        tuple((key, value.at) for key, value in body.entries()),
    )


def _limits(loading: Loading, node: Node | None) -> tuple[tuple[str, Decimal], ...]:
    """`25000 USD`; several in a list, or divided by commas."""
    nodes = node.elements if isinstance(node, List) else () if node is None else (node,)
    limits: dict[str, Decimal] = {}
    for each in nodes:
        for part in (loading.text(each, "max_amount") or "").split(","):
            found = re.fullmatch(LIMIT, part.strip())
            if found is None and isinstance(each, Text):
                loading.problem(each, f"`{short(part.strip())}` is no amount with its currency", "25000 USD")
            elif found is not None and part.strip()[-3:] in limits:
                loading.problem(each, f"{part.strip()[-3:]} has two limits", "keep one")
            elif found is not None:
                limits[part.strip()[-3:]] = Decimal(part.strip()[:-3].strip())
    return tuple(limits.items())
