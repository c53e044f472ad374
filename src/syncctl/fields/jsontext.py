"""JSON and back, every fractional number an exact Decimal. No I/O."""

from __future__ import annotations

import codecs
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from syncctl.fields.undecodable import Undecodable, excerpt
from syncctl.model import Raw

CHUNK: Final = 8_192
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode_json(body: bytes) -> Any:
    """JSON with every fractional number as an exact Decimal; raises Undecodable when it is no JSON."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation, RecursionError) as error:
        raise Undecodable(f"not JSON: {error}") from error


def decode_record(body: bytes) -> Raw:
    """The JSON object that a record is; raises Undecodable when it is none."""
    found = decode_json(body)
    if not isinstance(found, dict):
        raise Undecodable(f"no record: {excerpt(found)}")
    return found


def require_utf8(body: bytes) -> None:
    """Raises UnicodeDecodeError where a body is no UTF-8: msgspec takes strings that it only slices as they are.

    Chunk by chunk: the text of a whole page is never needed, and making it costs five times as much.
    """
    view, start, end = memoryview(body), 0, len(body)
    while start < end:
        start += codecs.utf_8_decode(view[start : start + CHUNK], "strict", start + CHUNK >= end)[1]


def encode_json(value: Any) -> bytes:
    """JSON, Decimals written as numbers digit by digit."""
    return _encoder.encode(value)
