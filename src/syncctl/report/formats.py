"""One report in every output format: table, json, jsonl, csv, md. I/O: writes to the stream it is given."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TextIO

from syncctl.fields.numbers import plain_number
from syncctl.model import Money, Ref
from syncctl.report.text import decimal_text, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

SCHEMA_VERSION: Final = 1
"""Of every JSON on stdout; raised when a field changes its meaning or goes."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet calculate a cell, full-width look-alikes included."""
_TELEPHONE: Final = re.compile(r"\+[0-9]{1,4}(?: [0-9]+| \([0-9]+\))+")
THOUSANDS: Final = 3
"""Digits of a group where a blank parts the thousands of a number."""
CELL_MAX: Final = 32_000
"""Characters of a cell; Excel holds 32,767 (Microsoft, "Excel specifications and limits"). JSON has the whole text."""


@dataclass(frozen=True, slots=True)
class Report:
    """One answer of a command. `rows` is what a table of it has, `fields` everything else a program wants to know;
    `show` draws it for a page of the given width. `whole`: the fields say everything, so JSON leaves the rows out.
    """

    kind: str
    show: Callable[[int], RenderableType]
    rows: Sequence[Mapping[str, Any]] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[str] = ()
    whole: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns of CSV and Markdown: those given, or every key that a row has."""
        return tuple(self.columns or dict.fromkeys(key for row in self.rows for key in row))


def write_report(report: Report, form: str, stream: TextIO) -> None:
    """Writes a report in any format but `table`, which needs a console."""
    stream.write("".join(FORMATS[form](report)))


def _json(report: Report) -> Iterator[str]:
    body = {"schema_version": SCHEMA_VERSION, "kind": report.kind, **report.fields}
    if not report.whole:
        body["rows"] = report.rows
    yield json.dumps(plain(body), indent=2) + "\n"


def _jsonl(report: Report) -> Iterator[str]:
    for row in report.rows or ([report.fields] if report.fields else ()):
        yield json.dumps(plain({"schema_version": SCHEMA_VERSION, "kind": report.kind, **row})) + "\n"


def _csv(report: Report) -> Iterator[str]:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(report.headers)
    for row in report.rows:
        writer.writerow([csv_cell(row.get(header)) for header in report.headers])
    yield stream.getvalue()


def _md(report: Report) -> Iterator[str]:
    yield f"| {' | '.join(report.headers)} |\n"
    yield f"|{' --- |' * len(report.headers)}\n"
    for row in report.rows:
        yield f"| {' | '.join(md_cell(row.get(header)) for header in report.headers)} |\n"


FORMATS: Final[Mapping[str, Callable[[Report], Iterator[str]]]] = {
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "md": _md,
}


def plain(value: Any) -> Any:
    """A value as JSON holds it. Amounts and numbers with decimals are texts, so that no reader makes floats of them."""
    if isinstance(value, Money):
        return {"amount": decimal_text(value.amount, value.currency), "currency": value.currency}
    if isinstance(value, Ref):
        return str(value)
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {found.name: plain(getattr(value, found.name)) for found in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def cell(value: Any) -> str:
    """A value in one cell: lists separated by semicolons, hidden characters visible."""
    shown = plain(value)
    if shown is None:
        return ""
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(value, Money):
        return str(shown["amount"])
    if isinstance(shown, list):
        return "; ".join(cell(inner) for inner in shown)
    if isinstance(shown, dict):
        return visible(json.dumps(shown))
    return visible(str(shown))


def _cut(shown: str) -> str:
    return shown if len(shown) <= CELL_MAX else f"{shown[:CELL_MAX]}… ({len(shown):,} characters)"


def csv_cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula; a plain negative number and a telephone number stay."""
    shown = _cut(cell(value))
    if shown.startswith(_FORMULA) and not _is_number(shown) and not _is_telephone(shown):
        return f"'{shown}"
    return shown


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal() and text.isascii()


def _is_telephone(text: str) -> bool:
    """True for `+1 555 0100`: nothing in it calculates, and it is no number anywhere. `+15550100` would be one, without
    its plus sign; so would `+33 199 001 652` where blanks part thousands, so one group has to be of another size."""
    return _TELEPHONE.fullmatch(text) is not None and any(
        len(group.strip("()")) != THOUSANDS for group in text.split(" ")[1:]
    )


def md_cell(value: Any) -> str:
    """A cell that stays one cell and holds no markup of its own."""
    shown = _cut(cell(value))
    for mark in "\\`*_[]<>|#":
        shown = shown.replace(mark, f"\\{mark}")
    return shown
