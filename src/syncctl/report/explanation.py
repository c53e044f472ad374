"""An explanation as a page: per mapping the pair, the rule, and each value with what becomes of it. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.report.changes import broken
from syncctl.report.choices import shell_word
from syncctl.report.findings import accepted_text, kind_text, said_of
from syncctl.report.formats import Report
from syncctl.report.style import INDENT, QUIET, STRONG, WARN, command_text, heading, indented, rule
from syncctl.report.text import exact_text, field_text, plural, short, value_text, values_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.ledger.names import Named
    from syncctl.model import Finding
    from syncctl.run.explaining import LineGap, Look, Value, View

Systems = Mapping[str, tuple[str, str]]
"""Per mapping what its two sides are called."""
EQUAL: Final = frozenset({"equal", "once"})
COLUMNS: Final = (
    "mapping", "record", "name", "partner", "rule", "score", "decided_by", "field", "left", "right", "said", "owner",
    "hint",
)  # fmt: skip
SAID: Final = {
    "equal": "equal",
    "once": "written once, then left alone",
    "apart": "differs, and nothing is to be done",
    "write": "differs: {owner} is right, the other side is corrected",
    "report": "differs: reported, never written",
    "held": "differs: on hold after an undo, nothing is written",
    "waits": "differs: {owner} is right, and nothing is written now",
    "follows": "differs: follows from what is corrected",
    "tolerated": "differs within the tolerance",
    "conflict": "both sides changed: a person decides",
    "blocked": "cannot be compared",
}


def explanation_report(views: Sequence[View], sides: Systems) -> Report:
    """Every mapping's view of a record. For a program one row per value, per block of lines and per rule."""

    def show(width: int) -> RenderableType:
        if not views:
            return Group(Text("no mapping is about this record"))
        return Group(*(block for view in views for block in (*_view(view, sides[view.mapping], width), Text())))

    return Report("explanation", show, [row for view in views for row in _rows(view)], {}, COLUMNS)


def candidates_report(called: str, found: Sequence[Named]) -> Report:
    """Several records with the name that was typed: each with the command that explains it."""
    words = [["syncctl", "explain", shell_word(str(named.ref))] for named in found]
    rows = [
        {"record": named.ref, "name": named.name, "command": " ".join(command)}
        for named, command in zip(found, words, strict=True)
    ]

    def show(width: int) -> RenderableType:
        title = heading("WHICH ONE", f"{plural(len(rows), 'record')} are called {short(called)!r}")
        listed = (
            Group(
                Text.assemble((f"  {short(named.name)}", STRONG), (f"  {short(str(named.ref))}", QUIET)),
                indented(command_text(command, width - INDENT)),
            )
            for named, command in zip(found, words, strict=True)
        )
        return Group(title, rule(), *listed)

    return Report("candidates", show, rows, {}, ("record", "name", "command"))


def _view(view: View, names: tuple[str, str], width: int) -> Iterator[RenderableType]:
    yield heading(view.mapping, " and ".join(short(name) for name in names))
    yield rule()
    yield Text.assemble((f"  {short(view.record.name)}", STRONG), (f"  {short(str(view.record.ref))}", QUIET))
    if view.standing:
        yield indented(Text(f"does not take part: {short(view.standing)}", WARN))
    if view.partner is None:
        yield indented(Text("has no partner", WARN))
        if view.left_out:
            yield indented(Text(_left_out(view), WARN))
        yield from (indented(_look(look)) for look in view.looks)
    else:
        yield indented(Text(f"is the partner of {_person(view.partner)}"))
        yield indented(Text(_decided(view), QUIET))
        yield indented(_values(view.values, names, width))
        yield from (indented(block) for lines in view.lines for block in _lines(lines, names))
    for finding in view.findings:
        number = f" {finding.number}" if finding.number else ""
        word = _standing(finding)
        yield indented(Text.assemble((f"{word} finding{number}, {kind_text(finding)}: ", WARN), said_of(finding)))
        if finding.accepted:
            yield indented(Text(accepted_text(finding), QUIET))


def _standing(finding: Finding) -> str:
    if finding.accepted:
        return "on hold:" if finding.on_hold else "accepted"
    return "to be corrected" if finding.planned else "open"


def _left_out(view: View) -> str:
    """Why nobody is told of a record without a partner, where that is written, and the way out."""
    said = (
        f"not compared: the mapping ignores {view.record.ref.system} {view.record.ref.kind} records without a partner"
    )
    return f"{said} ({short(view.left_out)}); to be told of them: unmatched: {{{view.side}: report}}"


def _decided(view: View) -> str:
    """By which rule two records became a pair, and who decided it."""
    if view.rule == "made by us":
        return "syncctl made one from the other"
    by = "by the mark that syncctl wrote into it" if view.rule == "marker" else f"by rule {short(view.rule)!r}"
    who = {"person": ", decided by a person", "plan": ", made by a plan"}.get(view.decided_by, "")
    return f"{by}, {view.score:.0f} % alike{who}"


def _person(named: Named) -> str:
    return f"{short(named.name)}  {short(str(named.ref))}"


def _values(values: Sequence[Value], names: tuple[str, str], width: int) -> RenderableType:
    """What is equal in one line each; what differs with both values and what becomes of it."""
    names_wide = max(20, width // 3)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(max_width=names_wide, overflow="fold")
    grid.add_column(overflow="fold")
    for value in values:
        said = SAID[value.said].format(owner=short(value.owner))
        left, right = _shown(value.left, value), _shown(value.right, value)
        if value.said in EQUAL and (left == right or value.said == "equal"):
            told = Text.assemble(left or "(empty)", (f"  {said}", QUIET))
        else:
            told = Text(f"{names[0]}: {left or '(empty)'}\n{names[1]}: {right or '(empty)'}\n")
            told.append(" ".join(filter(None, [said, short(value.hint)])), QUIET if value.said in EQUAL else WARN)
        grid.add_row(Text(broken(field_text(value.field), names_wide)), told)
    return grid


def _shown(text: str, value: Value) -> str:
    return value_text(text, value.type if value.type == "money" else "")


def _lines(lines: LineGap, names: tuple[str, str]) -> Iterator[RenderableType]:
    apart = [(name, words) for name, found in zip(names, (lines.left, lines.right), strict=True) for words in found]
    yield Text(f"{field_text(lines.field)}: {plural(lines.equal, 'line')} equal, {len(apart)} not")
    yield from (Text(f"  only in {name}: {value_text(words, 'object')}", WARN) for name, words in apart)


def _look(look: Look) -> RenderableType:
    rule_name = f"rule {short(look.rule)!r}"
    if not look.wanted:
        return Text(f"{rule_name}: one of its values is empty here", QUIET)
    found = f"{plural(look.count, 'record')} over there {'has' if look.count == 1 else 'have'} that"
    lines = [Text(f"{rule_name}: looks for {values_text(look.wanted)}; {found}")]
    lines += [Text(f"  {_person(named)}", QUIET) for named in look.found]
    return Group(*lines)


def _rows(view: View) -> Iterator[dict[str, Any]]:
    head = {
        "mapping": view.mapping,
        "record": view.record.ref,
        "name": view.record.name,
        "partner": view.partner.ref if view.partner else None,
        "rule": view.rule,
        "score": round(view.score),
        "decided_by": view.decided_by,
    }
    if view.standing:
        yield {**head, "said": f"does not take part: {view.standing}"}
    if view.left_out:
        yield {**head, "said": _left_out(view)}
    for value in view.values:
        left, right = (exact_text(text, value.type) for text in (value.left, value.right))
        told = {"field": value.field, "left": left, "right": right, "said": value.said, "owner": value.owner}
        yield {**head, **told, "hint": value.hint}
    for lines in view.lines:
        apart = "; ".join(lines.left), "; ".join(lines.right)
        yield {**head, "field": lines.field, "left": apart[0], "right": apart[1], "said": f"{lines.equal} equal"}
    for look in view.looks:
        near = ", ".join(str(named.ref) for named in look.found)
        yield {**head, "rule": look.rule, "left": look.wanted, "said": f"{look.count} over there", "hint": near}
    for finding in view.findings:
        yield {**head, "field": finding.field, "said": finding.kind, "hint": said_of(finding)}
