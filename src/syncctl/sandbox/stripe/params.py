"""Checks parameters as strictly as the vendor: unknown names, types, enums, lengths, metadata. No I/O.

A shape maps each name to what it takes:
  "str" "str:512" (longest), "int" "bool" "decimal" "enum:a|b" "strs" (a list of texts) "metadata" "currency" "created"
  a trailing "?": an empty value clears it ("str" always does), a trailing "!": it is required
  "-": the vendor has it, the sandbox does not model it
  Hash(…): an object, Rows(…): a list of objects
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from syncctl.sandbox.stripe.refusals import (
    Refusal,
    empty_parameter,
    missing_parameter,
    not_modelled,
    unknown_parameter,
)

METADATA_KEYS: Final = 50
METADATA_KEY: Final = 40
METADATA_VALUE: Final = 500
"""docs.stripe.com/metadata."""


@dataclass(frozen=True, slots=True)
class Hash:
    """An object with these parts; `clearable`: an empty value takes the whole away."""

    parts: Mapping[str, Takes]
    clearable: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of objects."""

    parts: Mapping[str, Takes]


Takes: TypeAlias = str | Hash | Rows
Shape: TypeAlias = Mapping[str, Takes]


def check(given: Mapping[str, Any], shape: Shape, path: str = "") -> dict[str, Any]:
    """The parameters as values; None stands for "clear this". Raises Refusal."""
    checked: dict[str, Any] = {}
    for name, value in given.items():
        takes = shape.get(name)
        where = f"{path}[{name}]" if path else name
        if takes is None:
            raise unknown_parameter(where)
        checked[name] = _value(value, takes, where)
    for name, takes in shape.items():
        required = takes.endswith("!") if isinstance(takes, str) else isinstance(takes, Hash) and takes.required
        if required and checked.get(name) is None:
            raise missing_parameter(f"{path}[{name}]" if path else name)
    return checked


def _value(value: Any, takes: Takes, where: str) -> Any:
    if isinstance(takes, Hash):
        return _hash(value, takes, where)
    if isinstance(takes, Rows):
        return [check(row, takes.parts, f"{where}[{number}]") for number, row in enumerate(_rows(value, where))]
    kind, _, limit = takes.rstrip("?!").partition(":")
    if kind == "-":
        raise not_modelled(where)
    if kind == "strs":
        return None if value == "" else [_text(item, where) for item in _rows(value, where)]
    if kind == "metadata":
        return _metadata(value, where)
    if kind == "created":
        return _created(value, where)
    text = _text(value, where)
    if text == "":
        if kind == "str" or takes.endswith("?"):
            return None
        raise empty_parameter(where)
    return _SCALARS[kind](text, limit, where)


def _hash(value: Any, takes: Hash, where: str) -> Any:
    if value == "" and takes.clearable:
        return None
    if not isinstance(value, dict):
        raise Refusal("Invalid object", param=where)
    return check(value, takes.parts, where)


def _rows(value: Any, where: str) -> list[Any]:
    """A list: `name[]` repeated, or `name[0]`, `name[1]`, …"""
    if isinstance(value, dict) and "" in value:
        found: list[Any] = value[""]
        return found
    if isinstance(value, dict) and all(key.isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    raise Refusal("Invalid array", param=where)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise Refusal(f"Invalid string: {value}", param=where)
    return value


def _metadata(value: Any, where: str) -> dict[str, str] | None:
    if value == "":
        return None
    if not isinstance(value, dict) or not all(isinstance(inner, str) for inner in value.values()):
        raise Refusal("Invalid metadata: metadata must be a set of key-value pairs", param=where)
    for key, text in value.items():
        if len(key) > METADATA_KEY:
            raise Refusal(
                f"Metadata keys can be at most {METADATA_KEY} characters long; '{key}' has {len(key)}", param=where
            )
        if len(text) > METADATA_VALUE:
            raise Refusal(
                f"Metadata values can have up to {METADATA_VALUE} characters, but you passed in a value that is"
                f" {len(text)} characters. Invalid value: {text[:20]}...",
                param=f"{where}[{key}]",
            )
    return dict(value)


def _created(value: Any, where: str) -> dict[str, int]:
    if isinstance(value, str):
        return {"exactly": _integer(value, "", where)}
    return check(value, dict.fromkeys(("gt", "gte", "lt", "lte"), "int"), where)


def _string(text: str, limit: str, where: str) -> str:
    if limit and len(text) > int(limit):
        raise Refusal(
            f"Invalid string: {text[:5]}...{text[-5:]}; must be at most {limit} characters",
            code="parameter_invalid_string",
            param=where,
        )
    return text


def _integer(text: str, _: str, where: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise Refusal(f"Invalid integer: {text}", code="parameter_invalid_integer", param=where)
    return int(text)


def _bool(text: str, _: str, where: str) -> bool:
    if text not in ("true", "false"):
        raise Refusal(f"Invalid boolean: {text}", param=where)
    return text == "true"


def _decimal(text: str, _: str, where: str) -> str:
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,12})?", text):
        raise Refusal(f"Invalid decimal: {text}; must contain at maximum twelve decimal places.", param=where)
    return text


def _enum(text: str, options: str, where: str) -> str:
    allowed = options.split("|")
    if text not in allowed:
        listed = ", ".join(allowed[:-1]) + (f", or {allowed[-1]}" if len(allowed) > 1 else allowed[-1])
        raise Refusal(f"Invalid {where}: must be one of {listed}", param=where)
    return text


def _email(text: str, limit: str, where: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
        raise Refusal(f"Invalid email address: {text}", code="email_invalid", param=where)
    return _string(text, limit, where)


def _currency(text: str, _: str, where: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise Refusal(f"Invalid currency: {text}.", param=where)
    return text.lower()


_SCALARS: Final[dict[str, Callable[[str, str, str], Any]]] = {
    "str": _string,
    "int": _integer,
    "bool": _bool,
    "decimal": _decimal,
    "enum": _enum,
    "email": _email,
    "currency": _currency,
}


def merged_metadata(held: Mapping[str, str], given: Mapping[str, str] | None) -> dict[str, str]:
    """Metadata after an update: an empty value deletes its key, None all of them. Raises Refusal over 50 keys."""
    if given is None:
        return {}
    result = {**held, **given}
    kept = {key: value for key, value in result.items() if value != ""}
    if len(kept) > METADATA_KEYS:
        raise Refusal(
            f"You can specify up to {METADATA_KEYS} metadata keys, but this makes {len(kept)}", param="metadata"
        )
    return kept
