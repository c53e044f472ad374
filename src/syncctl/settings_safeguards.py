"""What `guards:` holds beside limits, checked value by value; problems are collected, never raised. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncctl.safeguards import CANARY, Safeguards
from syncctl.yamltext import List, Map, Text, what

if TYPE_CHECKING:
    from collections.abc import Collection

    from syncctl.settings_values import Reading

IN_SAFEGUARDS: Final = ("canary", "approve_above", "protected")
SHAPE: Final = "protected: [quickbooks.Invoice.DocNumber]"


def read_safeguards(reading: Reading, tree: Map, systems: Collection[str]) -> Safeguards:
    """The project's safeguards; the defaults where nothing is said."""
    node = reading.map(tree, "guards")
    return Safeguards(
        canary=_canary(reading, node),
        approve_above=reading.amounts(node, "approve_above"),
        protected=_protected(reading, node, systems),
    )


def _canary(reading: Reading, node: Map) -> int:
    written = reading.text(node, "canary")
    if written and not (written.isascii() and written.isdigit()):
        reading.problem(node.get("canary") or node, f"`{written}` is no number of writes", "canary: 3, or 0 for none")
        return CANARY
    return int(written) if written else CANARY


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
