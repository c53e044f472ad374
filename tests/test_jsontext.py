"""Bytes that a vendor calls JSON: torn characters are found without making a text of the whole."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from syncctl.fields.jsontext import CHUNK, require_utf8


def decodes(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def passes(body: bytes) -> bool:
    try:
        require_utf8(body)
    except UnicodeDecodeError:
        return False
    return True


@given(st.integers(CHUNK - 4, CHUNK), st.text() | st.just("\U0001f4b6é"), st.binary(max_size=8))
@example(CHUNK - 1, "é", b"")
@example(CHUNK - 1, "", b"\xc3")
@example(0, "", b"")
def test_a_body_passes_exactly_when_it_is_utf8_also_where_a_character_lies_across_two_chunks(
    before: int, text: str, torn: bytes
) -> None:
    for body in (b"x" * before + text.encode(), b"x" * before + text.encode() + torn, torn + b"x" * before):
        assert passes(body) == decodes(body)
