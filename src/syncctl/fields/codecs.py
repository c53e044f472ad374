"""A field's codec by its name, and values through it: from a vendor's JSON to a canonical value and back. No I/O.

A codec's name begins with the type of the value it makes: `money.minor.stripe` makes Money. The connector says which
codec a field has; a mapping never does. Decode once on the way in, encode once on the way out.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from syncctl.fields.builtin import CODECS, Codec
from syncctl.fields.declared import declared
from syncctl.fields.placeholder import placeholder, unknown_in
from syncctl.model import Ref, Unknown


@cache
def codec_named(name: str) -> Codec:
    """The codec of this name, one that vendors share or one that the name declares. Raises KeyError."""
    return CODECS[name] if name in CODECS else declared(name)


def decode(codec: str, raw: Any, currency: str = "") -> Any:
    """The canonical value of a raw one; None for null and the empty or blank text; Unknown for a placeholder.

    Raises Undecodable.
    """
    if raw is None or (type(raw) is str and (not raw or raw.isspace())):
        return None
    if type(raw) is dict and (unknown := unknown_in(raw)) is not None:
        return unknown
    value = codec_named(codec).decode(raw, currency)
    return None if type(value) is str and not value else value


def encode(codec: str, value: Any, currency: str = "") -> Any:
    """The raw value that a vendor is sent; placeholders for values known after apply. Raises Undecodable."""
    if value is None:
        return None
    if isinstance(value, Ref) and value.provisional:
        value = Unknown(value, "")
    if isinstance(value, Unknown):
        hole = placeholder(value)
        return {"value": hole} if codec.endswith(".value") else {"id": hole} if codec == "ref.element" else hole
    return codec_named(codec).encode(value, currency)
