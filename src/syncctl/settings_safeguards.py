"""What `guards:` holds beside limits, checked value by value; problems are collected, never raised. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncctl.safeguards import CANARY, TRIES, Safeguards
from syncctl.yamltext import List, Map, Text, what

if TYPE_CHECKING:
    from collections.abc import Collection

    from syncctl.settings_values import Reading

IN_SAFEGUARDS: Final = ("canary", "approve_above", "protected", "tries")
SHAPE: Final = "protected: [quickbooks.Invoice.DocNumber]"


def read_safeguards(reading: Reading, tree: Map, systems: Collection[str]) -> Safeguards:
    """The project's safeguards; the defaults where nothing is said."""
    node = reading.map(tree, "guards")
    return Safeguards(
        canary=_whole(reading, node, "canary", CANARY, "writes", "0 for none"),
        approve_above=reading.amounts(node, "approve_above"),
        protected=_protected(reading, node, systems),
        tries=_whole(reading, node, "tries", TRIES, "tries", "0 for ever"),
    )


def _whole(reading: Reading, node: Map, key: str, usual: int, things: str, zero: str) -> int:
    written = reading.text(node, key)
    if written and not (written.isascii() and written.isdigit()):
        reading.problem(node.get(key) or node, f"`{written}` is no number of {things}", f"{key}: {usual}, or {zero}")
        return usual
    return int(written) if written else usual


def _protected(reading: Reading, node: Map, systems: Collection[str]) -> tuple[str, ...]:
    held = node.get("protected")
    written = held.elements if isinstance(held, List) else (held,) if held is not None else ()
    names: list[str] = []
    for element in written:
        if not isinstance(element, Text) or len(element.text.split(".", 2)) != 3 or "" in element.text.split("."):
            reading.problem(element, f"{what(element)} is no field of a system", SHAPE)
        elif element.text.split(".", 1)[0] not in systems:
            system = element.text.split(".", 1)[0]
            reading.problem(element, f"no system is named `{system}`", f"there is: {', '.join(sorted(systems))}")
        else:
            names.append(element.text)
    return tuple(dict.fromkeys(names))
