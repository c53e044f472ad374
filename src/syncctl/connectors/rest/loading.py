"""One file of `systems/` on its way from nodes to values: shapes, and the scalars that only it has. No I/O."""

from __future__ import annotations

import re
from typing import Final

from syncctl.addresses import BadAddress, check_base
from syncctl.connectors.rest.addresses import PLACE, split_query
from syncctl.connectors.rest.grammar import ALONGSIDE, CALL, DURATION, SHAPES, WAYS
from syncctl.connectors.rest.language import Call, Keys
from syncctl.mapping.loading import Loading
from syncctl.redact import Redactor
from syncctl.yamltext import List, Map, Node, Text

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_secret: Final = Redactor()


class Declaring(Loading):
    """Collects problems instead of raising them, so that a person sees all of them at once."""

    shapes = SHAPES

    def __init__(self, name: str) -> None:
        super().__init__(name, {})

    def refuse_secrets(self, node: Node) -> None:
        """Anything with the shape of a key or token is refused, wherever it stands."""
        if isinstance(node, Text):
            if _secret(node.text) != node.text:
                self.problem(
                    node, "this is a secret, and configuration files get copied",
                    "revoke it, keep the new one outside this file and name it in syncctl.yaml: credential: env:NAME",
                )  # fmt: skip
        elif isinstance(node, List):
            for element in node.elements:
                self.refuse_secrets(element)
        else:
            for entry in node.pairs:
                self.refuse_secrets(entry.value)

    def way(self, body: Map, shape: str) -> str:
        """Which of the ways a map takes: exactly one, with the keys that go along with it."""
        ways = WAYS[shape]
        given = [name for name in ways if body.get(name) is not None]
        if len(given) != 1:
            if body.pairs:
                said = "says two ways" if given else "says no way"
                self.problem(body, f"`{shape}` {said}", f"write one of {', '.join(ways)}")
            return ""
        for entry in body.pairs:
            known = entry.key.text == given[0] or entry.key.text in ALONGSIDE[shape][given[0]]
            if not known and entry.key.text in SHAPES[shape].names:
                self.problem(entry.key, f"`{entry.key.text}` means nothing beside `{given[0]}`", "remove it")
        return given[0]

    # --- scalars ------------------------------------------------------------------------------------------------------

    def keys(self, node: Node | None, name: str) -> Keys:
        """A place in an answer: `error.code`."""
        text = self.like(node, name, r"[^.\s]+(\.[^.\s]+)*", "the keys that lead there, with points: error.code")
        return tuple(text.split(".")) if text else ()

    def truth(self, node: Node | None, name: str) -> bool:
        """true or false; false where nothing is said."""
        return self.choice(node, name, ("true", "false")) == "true"

    def seconds(self, node: Node | None, name: str, default: float) -> float:
        """A duration in seconds: 30s, 10m, 24h, 7d."""
        text = self.like(node, name, DURATION, "a time: 30s, 10m, 24h, 7d")
        return float(int(text[:-1]) * SECONDS[text[-1]]) if text else default

    def base(self, node: Node | None, name: str) -> str:
        """A server's address."""
        text = self.text(node, name)
        try:
            return check_base(text) if text else ""
        except BadAddress as error:
            if node is not None:
                self.problem(node, f"`{name}`: {error}", error.fix)
            return ""

    def call(self, node: Node | None, name: str, method: str, place: str = "") -> Call | None:
        """`POST /orders`, `/orders/{id}?expand=lines`. `place` is the `{…}` it must hold, if any."""
        hint = f"{method} /PATH" if method != "GET" else "/PATH"
        text = self.like(node, name, CALL, f"a path behind base_url: {hint}")
        if text is None or node is None:
            return None
        given, _, rest = text.rpartition(" ")
        path, query = split_query(rest)
        if path.startswith("//") or any(step in (".", "..") for step in path.split("/")) or "#" in path:
            self.problem(node, f"`{name}` leads out of `base_url`", f"a path below it: {hint}")
        if method == "GET" and given not in ("", "GET"):
            self.problem(node, f"`{name}` only reads", "leave the method out: reads are GET")
        elif method != "GET" and given == "GET":
            self.problem(node, f"`{name}` writes, and GET does not", f"write {hint}")
        self._places(node, name, (path, *(value for _, value in query)), place)
        return Call(given or method, path, query)

    def _places(self, node: Node, name: str, texts: tuple[str, ...], place: str) -> None:
        found = {found for text in texts for found in PLACE.findall(text)}
        if place and place not in found:
            self.problem(node, f"`{name}` does not say which record", f"put {{{place}}} where it belongs")
        for other in sorted(found - {place}):
            self.problem(node, f"`{name}` does not know {{{other}}}", f"only {{{place}}}" if place else "remove it")

    def number(self, node: Node | None, name: str, pattern: str, default: float) -> float:
        """A number of this form, above 0."""
        text = self.like(node, name, pattern, "a number above 0")
        if text is not None and not re.search("[1-9]", text) and node is not None:
            self.problem(node, f"`{name}` is 0", "a number above 0")
            return default
        return float(text) if text else default
