"""The vendor's query language: parsed, checked and run over stored records. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from syncctl.sandbox.quickbooks.answers import Refusal, moment_of
from syncctl.sandbox.quickbooks.shapes import KINDS, LISTS, SHAPES
from syncctl.sandbox.quickbooks.store import Books, Raw

ROWS_DEFAULT: Final = 100
ROWS_MAX: Final = 1000
HIDDEN: Final = {"Item": ("Sku",)}
"""What `SELECT *` leaves out unless it is named beside the star."""
NOT_QUERYABLE: Final = frozenset({"PrivateNote", "CustomField", "Line", "LinkedTxn", "Notes"})

_TOKEN = re.compile(
    r"\s*(?:'((?:[^'\\]|\\.)*)'|([A-Za-z_][A-Za-z0-9_.]*)|(-?\d[\w.:+-]*)|(<=|>=|=|<|>|\(|\)|,|\*))", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a query. `kind`: text (was quoted), name, number or sign."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a WHERE; all must hold."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `extra` are the columns named beside the star."""

    entity: str
    count: bool = False
    extra: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    start: int = 1
    rows: int = ROWS_DEFAULT


def parse_error(detail: str) -> Refusal:
    """4000: this is not the language."""
    return Refusal("4000", "Error parsing query", f"QueryParserError: {detail}")


def invalid(detail: str) -> Refusal:
    """4001: the language, but nothing that can be asked."""
    return Refusal("4001", "Invalid query", f"QueryValidationError: {detail}")


def _tokens(text: str, *, latin: bool) -> list[Token]:
    strange = next((place for place, sign in enumerate(text) if latin and ord(sign) > 0xFF), None)
    if strange is not None:
        raise parse_error(
            f'Lexical error at line 1, column {strange + 1}.  Encountered: ({ord(text[strange])}), after : ""'
        )
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise parse_error(f'Encountered "{text[at:].strip()[:1]}" at line 1, column {at + 1}.')
        quoted, name, number, sign = match.groups()
        if quoted is not None:
            found.append(Token("text", re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)))
        else:
            found.append(Token("name", name) if name else Token("number", number) if number else Token("sign", sign))
        at = match.end()
    return found


class _Reader:
    """A cursor over the words of one query."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> Token:
        """The next word, left where it is."""
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("end", "<EOF>")

    def next(self) -> Token:
        """Takes the next word."""
        token = self.peek()
        self.at += 1
        return token

    def word(self, *words: str) -> bool:
        """Takes a keyword if it comes next."""
        token = self.peek()
        if token.kind in ("name", "sign") and token.text.upper() in words:
            self.at += 1
            return True
        return False

    def need(self, word: str) -> None:
        """Takes a keyword that must come next. Raises Refusal."""
        if not self.word(word):
            raise parse_error(f'Encountered "{self.peek().text}" where <{word}> was expected.')

    def name(self) -> str:
        """Takes a name. Raises Refusal."""
        token = self.next()
        if token.kind != "name":
            raise parse_error(f'Encountered "{token.text}" where a property was expected.')
        return token.text

    def number(self) -> int:
        """Takes a whole number. Raises Refusal."""
        token = self.next()
        if token.kind != "number" or not token.text.isdigit():
            raise parse_error(f'Encountered "{token.text}" where a number was expected.')
        return int(token.text)


def parse_query(text: str, *, latin: bool = True) -> Query:
    """Reads one query; `latin`: signs beyond Latin-1 are lexical errors. Raises Refusal 4000 and 4001."""
    reader = _Reader(_tokens(text, latin=latin))
    reader.need("SELECT")
    count, extra = _columns(reader)
    reader.need("FROM")
    entity = reader.name()
    if entity not in KINDS:
        raise invalid(f"Entity {entity} is not supported")
    where = _where(reader, entity) if reader.word("WHERE") else ()
    return _tail(reader, Query(entity, count, extra, where))


def _columns(reader: _Reader) -> tuple[bool, tuple[str, ...]]:
    if reader.word("COUNT"):
        for sign in "(*)":
            reader.need(sign)
        return True, ()
    if not reader.word("*"):
        raise invalid("only SELECT * and SELECT COUNT(*) are supported")
    extra = []
    while reader.word(","):
        extra.append(reader.name())
    return False, tuple(extra)


def _where(reader: _Reader, entity: str) -> tuple[Condition, ...]:
    found = [_condition(reader, entity)]
    while reader.word("AND"):
        found.append(_condition(reader, entity))
    return tuple(found)


def _condition(reader: _Reader, entity: str) -> Condition:
    field = reader.name()
    _known(entity, field)
    if reader.word("IN"):
        reader.need("(")
        values = [_value(reader)]
        while reader.word(","):
            values.append(_value(reader))
        reader.need(")")
        return Condition(field, "IN", tuple(values))
    if reader.word("LIKE"):
        return Condition(field, "LIKE", (_value(reader),))
    token = reader.next()
    if token.text not in ("=", "<", ">", "<=", ">="):
        raise parse_error(f'Encountered "{token.text}" where an operator was expected.')
    return Condition(field, token.text, (_value(reader),))


def _value(reader: _Reader) -> str:
    token = reader.next()
    if token.kind in ("text", "number") or token.text.lower() in ("true", "false"):
        return token.text
    raise parse_error(f'Encountered "{token.text}" where a value was expected.')


def _known(entity: str, field: str) -> None:
    first, _, second = field.partition(".")
    found = SHAPES[entity].get(first)
    if found is None or (second and second not in SHAPES.get(found.holds, {})):
        raise invalid(f"Property {field} not found for Entity {entity}")
    if first in NOT_QUERYABLE:
        raise invalid(f"property '{field}' is not queryable")


def _tail(reader: _Reader, query: Query) -> Query:
    order, start, rows = query.order, query.start, query.rows
    while reader.peek().kind != "end":
        if reader.word("ORDERBY") or (reader.word("ORDER") and _by(reader)):
            order = _order(reader, query.entity)
        elif reader.word("STARTPOSITION"):
            start = reader.number()
        elif reader.word("MAXRESULTS"):
            rows = reader.number()
        else:
            raise parse_error(f'Encountered "{reader.peek().text}" at the end of the query.')
    if start < 1:
        raise invalid(f"value {start} is too small. Min allowed value is 1")
    if rows > ROWS_MAX:
        raise invalid(f"value {rows} is too large. Max allowed value is {ROWS_MAX}")
    return Query(query.entity, query.count, query.extra, query.where, order, start, rows)


def _by(reader: _Reader) -> bool:
    reader.need("BY")
    return True


def _order(reader: _Reader, entity: str) -> tuple[tuple[str, bool], ...]:
    found = []
    while True:
        field = reader.name()
        _known(entity, field)
        down = reader.word("DESC")
        if not down:
            reader.word("ASC")
        found.append((field, down))
        if not reader.word(","):
            return tuple(found)


# --- running ---------------------------------------------------------------------------------------------------------


def run_query(books: Books, query: Query) -> tuple[int, list[Raw]]:
    """How many records fit, and the asked stretch of them. Raises Refusal."""
    tests = [_test(query.entity, condition) for condition in query.where]
    hide = query.entity in LISTS and not any(condition.field == "Active" for condition in query.where)
    found = [
        raw
        for raw in books.all(query.entity).values()
        if not (hide and raw.get("Active") is False) and all(test(raw) for test in tests)
    ]
    for field, down in reversed(query.order or (("Id", False),)):
        found.sort(key=_sort_key(query.entity, field, books.rules.id_order), reverse=down)
    hidden = [name for name in HIDDEN.get(query.entity, ()) if name not in query.extra]
    rows = found[query.start - 1 : query.start - 1 + query.rows]
    if hidden:
        rows = [{key: value for key, value in raw.items() if key not in hidden} for raw in rows]
    return len(found), rows


def _read(raw: Raw, field: str) -> Any:
    first, _, second = field.partition(".")
    value = raw.get(first)
    if isinstance(value, dict):
        value = value.get(second) if second else value.get("value", value.get("Address", value.get("FreeFormNumber")))
    return value


def _sort_key(entity: str, field: str, id_order: str) -> Callable[[Raw], Any]:
    convert = _converter(entity, field, strict=False)
    if field == "Id":
        return (lambda raw: raw["Id"]) if id_order == "text" else (lambda raw: (len(raw["Id"]), raw["Id"]))

    def key(raw: Raw) -> Any:
        value = _read(raw, field)
        return (value is not None, convert(value) if value is not None else 0)

    return key


def _converter(entity: str, field: str, *, strict: bool = True) -> Callable[[Any], Any]:
    first, _, second = field.partition(".")
    known = SHAPES[entity][first]
    if second:
        known = SHAPES[known.holds][second]
    sign = "#" if field == "Id" and strict else known.sign
    return {"#": _to_number, "@": _to_date, "^": _to_moment, "?": _to_bool}.get(sign, _to_text)


def _to_number(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise invalid(f"value {value} is not a number") from error


def _to_date(value: Any) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise invalid(f"value {value} is not a date") from error


def _to_moment(value: Any) -> datetime:
    try:
        return moment_of(str(value))
    except ValueError as error:
        raise invalid(f"value {value} is not a time") from error


def _to_bool(value: Any) -> bool:
    return str(value).lower() == "true"


def _to_text(value: Any) -> str:
    return str(value).casefold()


def _test(entity: str, condition: Condition) -> Callable[[Raw], bool]:
    convert = _converter(entity, condition.field)
    if condition.field == "Id" and any(not value.isdigit() for value in condition.values):
        convert = _to_text
    if condition.operator == "LIKE":
        parts = [re.escape(part) for part in condition.values[0].casefold().split("%")]
        pattern = re.compile(".*".join(parts), re.DOTALL)
        return lambda raw: pattern.fullmatch(_to_text(_read(raw, condition.field) or "")) is not None
    wanted = tuple(convert(value) for value in condition.values)
    if condition.operator == "IN":
        among = frozenset(wanted)
        return lambda raw: _present(raw, condition.field) and convert(_read(raw, condition.field)) in among
    compare = _COMPARE[condition.operator]
    return lambda raw: _present(raw, condition.field) and compare(convert(_read(raw, condition.field)), wanted[0])


def _present(raw: Raw, field: str) -> bool:
    return _read(raw, field) is not None


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda held, wanted: bool(held == wanted),
    "<": lambda held, wanted: bool(held < wanted),
    ">": lambda held, wanted: bool(held > wanted),
    "<=": lambda held, wanted: bool(held <= wanted),
    ">=": lambda held, wanted: bool(held >= wanted),
}
