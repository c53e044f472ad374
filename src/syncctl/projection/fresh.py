"""Records that a mapping is creating: their made-up ids. No I/O."""

from __future__ import annotations

from syncctl.model import NEW, Ref, digest


def ref_is_fresh(ref: Ref, mapping: str) -> bool:
    """True for a record that this mapping is creating."""
    return ref.id.startswith(f"{NEW}{mapping}.")


def fresh_id(mapping: str, source: str) -> str:
    """The made-up id of a record that a mapping creates from a source."""
    return f"{NEW}{mapping}.{digest(mapping, source)[:12]}"
