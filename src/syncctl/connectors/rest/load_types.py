"""The fields of a kind and their types, from nodes to `Field` values. No I/O."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.rest.grammar import CURRENCY, SPELLED, TYPES
from syncctl.connectors.rest.loading import Declaring
from syncctl.fields.dates import NotAFormat, parse_format, zone
from syncctl.fields.declared import declare
from syncctl.fields.schema import Field
from syncctl.paths import PathError, parse_path
from syncctl.yamltext import KeyValue, List, Map, Node, Text, closest

NO_FIELD: Final = "$fixed"
"""The currency path of an amount in a fixed currency: no record has this key."""
_ANYWHERE: Final = ("type", "label")
_CORE: Final = {"boolean": "bool", "reference": "ref", "integer": "number", "list": "object"}
"""Types whose codecs begin with another word."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands under one field or type: the built-in type, and the keys that spell it out."""

    type: str
    keys: Mapping[str, Node]
    at: Node


class Types:
    """The types of one file: the built-in ones and those under `types:`."""

    def __init__(self, loading: Declaring, node: Node | None, kinds: Collection[str]) -> None:
        self._loading = loading
        self._kinds = kinds
        self._own: dict[str, Typed] = {}
        for entry in loading.map(node, "types").pairs if node is not None else ():
            if entry.key.text in TYPES:
                loading.problem(entry.key, f"`{entry.key.text}` is a type already", "give it another name")
            typed = self._typed(entry.value)
            if typed is not None:
                self._own[entry.key.text] = typed

    def _typed(self, node: Node) -> Typed | None:
        """A name of a type, or a map with `type` and what spells it out."""
        if isinstance(node, Text):
            node = Map((), node.at) if not (text := self._loading.text(node, "type")) else _named(node, text)
        body = self._loading.map(node, "type")
        name = self._loading.text(body.get("type"), "type")
        if name is None:
            return None
        below = self._own.get(name)
        if below is None and name not in TYPES:
            self._loading.problem(
                body.get("type") or body, f"there is no type `{name}`", closest(name, (*TYPES, *self._own))
            )
            return None
        found = Typed(below.type if below else name, {**(below.keys if below else {}), **dict(body.entries())}, body)
        self._only_known(found, body)
        return found

    def _only_known(self, found: Typed, body: Map) -> None:
        known = (*_ANYWHERE, *SPELLED.get(found.type, ()))
        for entry in body.pairs:
            if entry.key.text not in known and any(entry.key.text in each for each in SPELLED.values()):
                self._loading.problem(entry.key, f"`{entry.key.text}` says nothing of a {found.type}", "remove it")

    # --- fields -------------------------------------------------------------------------------------------------------

    def field(self, key: Text, node: Node) -> Field | None:
        """One field: its path, and how its value is kept."""
        try:
            plain = parse_path(key.text).plain and "(" not in key.text
        except PathError:
            plain = False
        if not plain:
            self._loading.problem(key, f"`{key.text}` is no path", "keys with points between: address.city")
            return None
        typed = self._typed(node)
        if typed is None:
            return None
        say = self._loading
        keys = typed.keys
        label = say.text(keys.get("label"), "label") or ""
        longest = say.whole(keys.get("max"), "max", low=1) if typed.type == "text" else None
        currency, fixed = self._currency(typed)
        target = self._target(typed)
        return Field(
            key.text, self._codec(typed), label=label, many=typed.type == "list", max_length=longest, currency=currency,
            currency_default=fixed, target=target, options=self._options(typed), open_options=False,
        )  # fmt: skip

    def _currency(self, typed: Typed) -> tuple[str, str]:
        if typed.type != "money":
            return "", ""
        text = self._loading.text(typed.keys.get("currency"), "currency")
        if text is None:
            self._loading.problem(
                typed.at, "an amount needs `currency`", "the field that names it, or the currency itself: EUR"
            )
            return "", ""
        return (NO_FIELD, text) if re.fullmatch(CURRENCY, text) else (text, "")

    def _target(self, typed: Typed) -> str:
        if typed.type != "reference":
            return ""
        node = typed.keys.get("to")
        if node is None:
            self._loading.problem(typed.at, "a reference needs `to`", "the kind it points to")
            return ""
        return self._loading.choice(node, "to", tuple(self._kinds)) or ""

    def _options(self, typed: Typed) -> tuple[tuple[str, str], ...]:
        if typed.type != "enum":
            return ()
        if typed.keys.get("values") is None:
            self._loading.problem(typed.at, "an enum needs `values`", "the values there are: [NEW, SHIPPED]")
        return tuple((value, value) for value in self._loading.names(typed.keys.get("values"), "values"))

    # --- spellings ----------------------------------------------------------------------------------------------------

    def _codec(self, typed: Typed) -> str:
        spelling = {
            "number": self._number, "money": self._number, "date": self._date, "instant": self._instant,
            "boolean": self._boolean, "id": self._as, "enum": self._as, "reference": self._as,
        }.get(typed.type)  # fmt: skip
        core = _CORE.get(typed.type, typed.type)
        if typed.type == "integer":
            return declare(core, {"whole": True})
        found = spelling(typed) if spelling is not None else {}
        if found:
            return declare(core, found)
        return "instant.iso" if core == "instant" else core

    def _number(self, typed: Typed) -> dict[str, Any]:
        say, keys = self._loading, typed.keys
        decimal = say.choice(keys.get("decimal"), "decimal", (",", "."))
        minor = say.whole(keys.get("minor"), "minor", high=4)
        if minor is not None:
            if decimal is not None:
                say.problem(typed.at, "whole units have no decimals", "keep `minor` or `decimal`")
            return {"minor": minor}
        if decimal is None:
            for name in ("group", "decimals"):
                if keys.get(name) is not None:
                    say.problem(keys[name], f"`{name}` needs `decimal`", "a JSON number has neither")
            return {}
        found: dict[str, Any] = {"decimal": decimal}
        group, decimals = self._group(keys.get("group"), decimal), say.whole(keys.get("decimals"), "decimals", high=9)
        if group:
            found["group"] = group
        return found if decimals is None else {**found, "decimals": decimals}

    def _group(self, node: Node | None, decimal: str) -> str:
        """One sign that cannot be taken for a part of the number; a blank is one of them."""
        if not isinstance(node, Text):
            return self._loading.text(node, "group") or ""
        if len(node.text) != 1 or node.text == decimal or node.text.isalnum() or node.text in "+-":
            self._loading.problem(node, f"`{node.text}` is no sign between thousands", "one of . , ' or a blank")
            return ""
        return node.text

    def _date(self, typed: Typed) -> dict[str, Any]:
        text = self._loading.text(typed.keys.get("format"), "format")
        if text is None or text == "iso" or not self._format(typed, text, time=False):
            return {}
        return {"format": text}

    def _instant(self, typed: Typed) -> dict[str, Any]:
        text = self._loading.text(typed.keys.get("format"), "format")
        where = self._loading.text(typed.keys.get("zone"), "zone")
        named = text in (None, "iso", "epoch", "epoch_ms")
        if named and where is not None:
            self._loading.problem(typed.keys["zone"], "`zone` needs a `format` without offset", "remove it")
        if named or text is None:
            return {"format": text} if text in ("epoch", "epoch_ms") else {}
        if not self._format(typed, text, time=True) or not self._zone(typed, text, where):
            return {}
        return {"format": text, "zone": where} if where else {"format": text}

    def _format(self, typed: Typed, text: str, *, time: bool) -> bool:
        try:
            parse_format(text, time=time)
        except NotAFormat as error:
            example = "DD.MM.YYYY HH:mm:ss" if time else "DD.MM.YYYY"
            self._loading.problem(typed.keys["format"], str(error), f"for example {example}")
            return False
        return True

    def _zone(self, typed: Typed, text: str, where: str | None) -> bool:
        if parse_format(text, time=True).offset:
            if where is not None:
                self._loading.problem(typed.keys["zone"], "the format says its offset itself", "remove `zone`")
            return where is None
        try:
            zone(where or "")
        except NotAFormat as error:
            message = str(error) if where else f"`{text}` does not say in which time zone"
            self._loading.problem(typed.keys.get("zone") or typed.at, message, "zone: Europe/Berlin, or UTC")
            return False
        return True

    def _boolean(self, typed: Typed) -> dict[str, Any]:
        yes, no = (self._loading.text(typed.keys.get(name), name) for name in ("true", "false"))
        if yes is None and no is None:
            return {}
        if yes is None or no is None or yes == no:
            self._loading.problem(typed.at, "a boolean needs two spellings", "{type: boolean, true: J, false: N}")
            return {}
        return {"true": yes, "false": no, **self._as(typed)}

    def _as(self, typed: Typed) -> dict[str, Any]:
        return {"as": "number"} if self._loading.choice(typed.keys.get("as"), "as", ("number",)) else {}


def _named(node: Text, name: str) -> Map:
    """`name: text` as if written `name: {type: text}`."""
    return Map((KeyValue(Text("type", node.at), Text(name, node.at)),), node.at)


def listed(loading: Declaring, body: Map, key: str, fields: Collection[str]) -> frozenset[str]:
    """The fields that a list of a kind names; every one of them is there."""
    node = body.get(key)
    nodes = node.elements if isinstance(node, List) else (node,) if node is not None else ()
    found = set()
    for each in nodes:
        name = loading.text(each, key)
        if name is not None and name not in fields:
            loading.problem(each, f"`{key}`: there is no field `{name}`", closest(name, fields))
        elif name is not None:
            found.add(name)
    return frozenset(found)
