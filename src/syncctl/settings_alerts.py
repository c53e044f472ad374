"""The `alerts:` block of syncctl.yaml, checked value by value; problems are collected, never raised. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from syncctl.settings import AlertChannel, AlertState
from syncctl.yamltext import List, Map, Node, Text, unknown_keys, what

if TYPE_CHECKING:
    from syncctl.settings_values import Reading

IN_ALERT: Final = ("channel", "states", "min_open", "allow_private")
STATES: Final[tuple[AlertState, ...]] = get_args(AlertState)
MIN_OPEN: Final = ("1", "10", "100", "1000", "10000")
"""Open items are told when their number has one more digit (docs/alerts.md), so nothing lies between."""
EXAMPLE: Final = "alerts: [{channel: env:ALERT_MAIL}]"
STORE_IT: Final = "an alert address holds a password or token: put it into .env and name it: channel: env:ALERT_CHAT"


def read_alerts(reading: Reading, tree: Map) -> tuple[AlertChannel, ...]:
    """Every channel under `alerts:`, each address once."""
    held = tree.get("alerts")
    if held is None or (isinstance(held, Text) and not held.text and not held.quoted):
        return ()
    if not isinstance(held, List):
        said = _address_said(held) if isinstance(held, Text) else None
        reading.problem(held, *(said or ("`alerts` is a list of channels", EXAMPLE)))
        return ()
    found: dict[str, AlertChannel] = {}
    for element in held.elements:
        channel = _channel(reading, element)
        if channel is not None and channel.name in found:
            reading.problem(element, f"{channel.name} stands here twice", "keep one")
        elif channel is not None:
            found[channel.name] = channel
    return tuple(found.values())


def _channel(reading: Reading, node: Node) -> AlertChannel | None:
    if not isinstance(node, Map):
        said = _address_said(node) if isinstance(node, Text) else None
        reading.problem(node, *(said or ("a channel is a map of `key: value`", EXAMPLE)))
        return None
    reading.problems += unknown_keys(node, IN_ALERT)
    written = node.get("channel")
    said = _address_said(written) if isinstance(written, Text) else None
    if said is not None and written is not None:
        reading.problem(written, *said)
        return None
    address = reading.reference(node, "channel", needed=f"say where the channel's address is kept: {EXAMPLE}")
    states = _states(reading, node)
    least = reading.choice(node, "min_open", MIN_OPEN)
    private = reading.choice(node, "allow_private", ("true", "false")) == "true"
    return AlertChannel(address, states, int(least or "1"), private) if address is not None else None


def _address_said(node: Text) -> tuple[str, str] | None:
    """The problem with an address that stands in the file itself; it is not repeated."""
    scheme, literal, _ = node.text.partition("://")
    return ("this is a channel's address itself", STORE_IT) if literal and scheme not in ("op", "vault") else None


def _states(reading: Reading, node: Map) -> tuple[AlertState, ...]:
    """A list of states, or one; all of them where nothing is said."""
    held = node.get("states")
    if held is None:
        return STATES
    chosen = []
    for element in held.elements if isinstance(held, List) else (held,):
        if isinstance(element, Text) and element.text in STATES:
            chosen.append(element.text)
        else:
            reading.problem(element, f"{what(element)} is no state of an alert", f"use some of: {', '.join(STATES)}")
    return tuple(dict.fromkeys(chosen)) or STATES
