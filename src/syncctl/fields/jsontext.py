"""JSON and back, every fractional number an exact Decimal. No I/O."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from syncctl.fields.undecodable import Undecodable, excerpt
from syncctl.model import Raw

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


def encode_json(value: Any) -> bytes:
    """JSON, Decimals written as numbers digit by digit."""
    return _encoder.encode(value)
