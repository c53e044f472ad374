"""The query language, as far as a connector speaks it: text to a Query. No I/O.

SELECT a, b | COUNT() FROM Object [WHERE …] [ORDER BY a DESC, b] [LIMIT n] [OFFSET n], with AND, OR, NOT, brackets, the
comparisons = != < <= > >= LIKE, IN and NOT IN, and literals for texts, numbers, dates, datetimes, true, false and null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from syncctl.sandbox.salesforce.refusals import Fault, Refusal

_TOKENS: Final = re.compile(
    r"\s*(?:"
    r"(?P<text>'(?:[^'\\\n]|\\.)*')"
    r"|(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>[+-]?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z][A-Za-z0-9_.]*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),])"
    r")",
    re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"'}
_COMPARED: Final = frozenset({"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"})


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is text, datetime, date, number, word or sign; `at` is where it stands."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: text, number, date, datetime, bool or null."""

    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison; `values` are several only with IN and NOT IN. `at` is where the field stands."""

    field: str
    sign: str
    values: tuple[Literal, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Joined:
    """AND, OR, or NOT (of one)."""

    word: str
    parts: tuple[Condition, ...]


Condition = Compare | Joined


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `fields` with the places where they stand; empty for COUNT()."""

    text: str
    fields: tuple[tuple[str, int], ...]
    kind: str
    kind_at: int
    where: Condition | None = None
    order: tuple[tuple[str, bool, int], ...] = ()
    limit: int | None = None
    offset: int = 0


def parse(text: str) -> Query:
    """Raises Refusal with MALFORMED_QUERY."""
    return _Parser(text, _tokens(text)).query()


def malformed(text: str, at: int, message: str, code: str = "MALFORMED_QUERY") -> Refusal:
    """The vendor shows the query, a caret below the place, and a row and column."""
    start = max(0, at - 40)
    shown = f"\n{text[start : at + 40]}\n{' ' * (at - start)}^\nERROR at Row:1:Column:{at + 1}\n{message}"
    return Refusal(400, Fault(code, shown))


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKENS.match(text, at)
        if match is None:
            rest = len(text[at:]) - len(text[at:].lstrip())
            raise malformed(text, at + rest, f"unexpected token: '{text[at + rest]}'")
        kind = str(match.lastgroup)
        found.append(Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
    return found


class _Parser:
    """A cursor over the tokens."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0

    def query(self) -> Query:
        self.expect("SELECT")
        fields = self._fields()
        self.expect("FROM")
        kind = self._word()
        where = self._any() if self.accept("WHERE") else None
        order = self._order() if self.accept("ORDER") else ()
        limit = self._whole() if self.accept("LIMIT") else None
        offset = self._whole() if self.accept("OFFSET") else 0
        if self.at < len(self.tokens):
            self._fail()
        return Query(self.text, fields, kind.text, kind.at, where, order, limit, offset or 0)

    # --- tokens ---

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def accept(self, word: str) -> bool:
        token = self.peek()
        if token is None or token.kind not in ("word", "sign") or token.text.upper() != word:
            return False
        self.at += 1
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            self._fail()

    def take(self) -> Token:
        token = self.peek()
        if token is None:
            self._fail()
        self.at += 1
        return token

    def _fail(self) -> NoReturn:
        token = self.peek()
        if token is None:
            raise malformed(self.text, len(self.text), "unexpected token: '<EOF>'")
        raise malformed(self.text, token.at, f"unexpected token: '{token.text}'")

    def _word(self) -> Token:
        token = self.peek()
        if token is None or token.kind != "word":
            self._fail()
        self.at += 1
        return token

    def _whole(self) -> int:
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            self.at -= 1
            self._fail()
        return int(token.text)

    # --- parts ---

    def _fields(self) -> tuple[tuple[str, int], ...]:
        if self.accept("COUNT"):
            self.expect("(")
            self.expect(")")
            return ()
        found = [self._word()]
        while self.accept(","):
            found.append(self._word())
        return tuple((token.text, token.at) for token in found)

    def _order(self) -> tuple[tuple[str, bool, int], ...]:
        self.expect("BY")
        found = []
        while True:
            token = self._word()
            down = self.accept("DESC")
            if not down:
                self.accept("ASC")
            found.append((token.text, down, token.at))
            if not self.accept(","):
                return tuple(found)

    def _any(self) -> Condition:
        """OR and AND may not be mixed without brackets: the vendor refuses that."""
        parts, word = [self._one()], ""
        while True:
            token = self.peek()
            if token is None or token.text.upper() not in ("AND", "OR"):
                return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))
            if word and token.text.upper() != word:
                self._fail()
            word = token.text.upper()
            self.at += 1
            parts.append(self._one())

    def _one(self) -> Condition:
        if self.accept("NOT"):
            return Joined("NOT", (self._one(),))
        if self.accept("("):
            found = self._any()
            self.expect(")")
            return found
        return self._comparison()

    def _comparison(self) -> Condition:
        name = self._word()
        if self.accept("NOT"):
            self.expect("IN")
            return Compare(name.text, "NOT IN", self._list(), name.at)
        if self.accept("IN"):
            return Compare(name.text, "IN", self._list(), name.at)
        sign = self.take()
        if sign.text.upper() not in _COMPARED:
            self.at -= 1
            self._fail()
        text = "!=" if sign.text == "<>" else sign.text.upper()
        return Compare(name.text, text, (self._literal(),), name.at)

    def _list(self) -> tuple[Literal, ...]:
        self.expect("(")
        found = [self._literal()]
        while self.accept(","):
            found.append(self._literal())
        self.expect(")")
        return tuple(found)

    def _literal(self) -> Literal:
        token = self.take()
        if token.kind == "text":
            return Literal("text", self._unescaped(token))
        if token.kind == "word":
            word = token.text.lower()
            if word in ("true", "false"):
                return Literal("bool", word == "true")
            if word == "null":
                return Literal("null", None)
        if token.kind in ("number", "date", "datetime"):
            return Literal(token.kind, token.text)
        self.at -= 1
        return self._fail()

    def _unescaped(self, token: Token) -> str:
        def plain(match: re.Match[str]) -> str:
            letter = match.group(1)
            if letter not in _ESCAPES:
                raise malformed(self.text, token.at, f"Invalid string literal '{token.text[1:-1]}'")
            return _ESCAPES[letter]

        return re.sub(r"\\(.)", plain, token.text[1:-1], flags=re.DOTALL)
