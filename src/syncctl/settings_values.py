"""The values of syncctl.yaml, checked one by one; problems are collected, never raised. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, get_args

from syncctl.addresses import BadAddress, check_base
from syncctl.connectors.registry import BUILT_IN, connector_names
from syncctl.credentials import CredentialReference, NotAReference, looks_like_a_secret, parse_reference
from syncctl.guards import PROJECT
from syncctl.mapping.language import Guards
from syncctl.mapping.load import in_order_of_place
from syncctl.model import Problem
from syncctl.redact import Redactor
from syncctl.settings import Books, Environment, SignInSettings, SystemSettings
from syncctl.settings_safeguards import IN_SAFEGUARDS
from syncctl.yamltext import List, Map, Node, Text, closest, unknown_keys, what

IN_SYSTEM: Final = (
    "connector", "environment", "company", "base_url", "read_only", "file", "credential", "sign_in", "options",
)  # fmt: skip
IN_GUARDS: Final = ("max_changes", "max_ratio", "max_amount", *IN_SAFEGUARDS)
MOVE_IT_OUT: Final = "revoke it at the vendor, keep the new one outside this file and name it: env:NAME or file:PATH"
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*")
_LIMIT: Final = re.compile(r"(\d+(?:\.\d+)?) ?([A-Z]{3})")
_RATIO: Final = re.compile(r"(\d+(?:\.\d+)?)(%?)")
NO_CREDENTIAL: Final = "say where the secret is: credential: env:NAME; or that people sign in: sign_in: {…}"


class Reading:
    """One file being read: what is wrong is collected in `problems`, and a harmless value stands in for it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._redact = Redactor()
        self.problems: list[Problem] = []

    def problem(self, node: Node, message: str, hint: str = "") -> None:
        """Notes one problem where the node stands."""
        self.problems.append(Problem(str(node.at), message, hint))

    def redacted(self) -> tuple[Problem, ...]:
        """The problems in the order of the file; a secret written in a wrong place is not repeated."""
        return in_order_of_place(
            [Problem(found.where, self._redact(found.message), self._redact(found.hint)) for found in self.problems]
        )

    def refuse_secrets(self, scalars: Iterable[Text]) -> None:
        """Anything with the shape of a key or token is refused, wherever it stands."""
        for scalar in scalars:
            if looks_like_a_secret(scalar.text):
                self.problem(scalar, "this is a secret, and configuration files get copied", MOVE_IT_OUT)

    # --- plain values ------------------------------------------------------------------------------------------------

    def text(self, tree: Map, key: str, *, needed: str = "") -> str:
        """The text under a key, or empty. `needed` is the fix to show when there is none."""
        node = tree.get(key)
        if node is None:
            if needed:
                self.problem(tree, f"`{key}` is missing", needed)
            return ""
        if not isinstance(node, Text):
            self.problem(node, f"`{key}` holds {what(node)}, not a text")
            return ""
        if needed and not node.text:
            self.problem(node, f"`{key}` is empty", needed)
        return node.text

    def choice(self, tree: Map, key: str, known: Sequence[str], *, needed: str = "") -> str:
        """The text under a key if it is one of the known ones, else empty."""
        found = self.text(tree, key, needed=needed)
        if found and found not in known:
            self.problem(tree.get(key) or tree, f"`{found}` is no {key}", _one_of(found, known))
            return ""
        return found

    def file(self, tree: Map, key: str, default: str) -> str:
        """A path, relative to the project's folder unless it is absolute."""
        return self.text(tree, key) or default

    def map(self, tree: Map, key: str, *, needed: str = "") -> Map:
        """The map under a key; an empty one where there is none."""
        node = tree.get(key)
        if isinstance(node, Map):
            return node
        if node is None or (isinstance(node, Text) and not node.text and not node.quoted):
            if needed:
                self.problem(node or tree, f"`{key}` is missing", needed)
        else:
            self.problem(node, f"`{key}` holds {what(node)}, not a map of `key: value`")
        return Map((), (node or tree).at)

    # --- systems -----------------------------------------------------------------------------------------------------

    def systems(self, tree: Map) -> Mapping[str, SystemSettings]:
        """Every system under `systems:`, by name."""
        found = self.map(tree, "systems", needed="name at least one system: systems: {stripe: {connector: stripe, …}}")
        return {entry.key.text: self._system(entry.key, entry.value) for entry in found.pairs}

    def _system(self, key: Text, body: Node) -> SystemSettings:
        name = key.text
        if not _NAME.fullmatch(name):
            self.problem(key, f"`{name}` cannot name a system", "small letters, digits, - and _; a letter first")
        if not isinstance(body, Map):
            self.problem(body, f"the system `{name}` holds {what(body)}", f"say {', '.join(IN_SYSTEM[:2])}, credential")
            body = Map((), key.at)
        self.problems += unknown_keys(body, IN_SYSTEM)
        return SystemSettings(
            name=name,
            connector=self._connector(body, name),
            environment=_environment(
                self.choice(body, "environment", get_args(Environment), needed="say sandbox or live")
            ),
            credential=None if body.get("sign_in") else self.reference(body, "credential", needed=NO_CREDENTIAL),
            at=key.at,
            sign_in=self._sign_in(body),
            company=self.text(body, "company"),
            base_url=self._base_url(body),
            read_only=self.choice(body, "read_only", ("true", "false")) == "true",
            options=self._options(body),
            options_at={option.key.text: option.key.at for option in self.map(body, "options").pairs},
        )

    def _connector(self, body: Map, system: str) -> str:
        """Which connector speaks to a system. Installed packages are only asked for one that is not ours."""
        found = self.text(body, "connector", needed=f"say which connector speaks to {system}: connector: stripe")
        if found and found not in BUILT_IN and found not in (known := connector_names()):
            self.problem(body.get("connector") or body, f"there is no connector `{found}`", _one_of(found, known))
        return found

    def _options(self, body: Map) -> Mapping[str, str]:
        """What a connector alone understands; `file` is no option, because its place is the project's folder."""
        options = self.map(body, "options")
        if (inside := options.get("file")) is not None:
            self.problem(inside, "`file` stands inside `options`", "move it out: {connector: rest, file: …}")
        return {key: self.text(options, key) for key, _ in options.entries()}

    def _sign_in(self, body: Map) -> SignInSettings | None:
        """The `sign_in:` of a system; it stands instead of `credential:`."""
        from syncctl.settings_sign_in import read_sign_in

        if body.get("sign_in") is None:
            return None
        if (other := body.get("credential")) is not None:
            self.problem(other, "`credential` and `sign_in` stand side by side", "keep one of the two")
        return read_sign_in(self, self.map(body, "sign_in"))

    def reference(self, body: Map, key: str, *, needed: str = "") -> CredentialReference | None:
        """The credential reference under a key; None where there is none, or what is there is none."""
        node = body.get(key)
        if isinstance(node, Text) and looks_like_a_secret(node.text):
            return None  # already refused with every other secret in the file
        written = self.text(body, key, needed=needed)
        if not written:
            return None
        try:
            return parse_reference(written)
        except NotAReference as error:
            self.problem(node or body, str(error), error.fix)
            return None

    def _base_url(self, body: Map) -> str:
        """The server to speak to. In the clear only on this machine; never with a password in it."""
        written = self.text(body, "base_url")
        if not written or looks_like_a_secret(written):
            return ""  # already refused with every other secret in the file
        try:
            return check_base(written)
        except BadAddress as error:
            self.problem(body.get("base_url") or body, f"`base_url`: {error}", error.fix)
            return ""

    # --- books and guards --------------------------------------------------------------------------------------------

    def books(self, tree: Map) -> Books:
        """The settings that mappings name with `$`, as nested texts. `time_zone` is required and must exist."""
        node = self.map(tree, "books", needed="books: {time_zone: America/New_York}")
        if tree.get("books") is not None:
            self._time_zone(node)
        return self._nested(node)

    def _nested(self, node: Map) -> Books:
        held: dict[str, str | Books] = {}
        for key, value in node.entries():
            if isinstance(value, List):
                self.problem(value, f"`{key}` holds a list", "settings are texts, or maps of texts")
            else:
                held[key] = self._nested(value) if isinstance(value, Map) else value.text
        return held

    def _time_zone(self, books: Map) -> None:
        fix = "say where the books' days begin: time_zone: America/New_York"
        written = self.text(books, "time_zone", needed=fix)
        if written and not _is_time_zone(written):
            self.problem(books.get("time_zone") or books, f"`{written}` is no time zone", fix)

    def guards(self, tree: Map) -> Guards:
        """The project's limits; the defaults where nothing is said. Amounts have no default: `init` asks for one."""
        node = self.map(tree, "guards")
        self.problems += unknown_keys(node, IN_GUARDS)
        changes = self.text(node, "max_changes")
        if changes and not (changes.isascii() and changes.isdigit()):
            self.problem(node.get("max_changes") or node, f"`{changes}` is no number of changes", "max_changes: 50")
            changes = ""
        return Guards(
            max_changes=int(changes) if changes else PROJECT.max_changes,
            max_ratio=self._ratio(node),
            max_amount=self.amounts(node, "max_amount"),
            places=tuple((key, value.at) for key, value in node.entries()),
        )

    def _ratio(self, node: Map) -> Decimal | None:
        written = self.text(node, "max_ratio")
        if not written:
            return PROJECT.max_ratio
        ratio = parse_ratio(written)
        if ratio is None:
            self.problem(node.get("max_ratio") or node, f"`{written}` is no share", "max_ratio: 10%, or 0.10")
        return ratio

    def amounts(self, node: Map, key: str) -> tuple[tuple[str, Decimal], ...]:
        """One amount per currency: `25000 USD`, or a list of them."""
        held = node.get(key)
        written = held.elements if isinstance(held, List) else (held,) if held is not None else ()
        amounts: dict[str, Decimal] = {}
        for element in written:
            limit = parse_limit(element.text) if isinstance(element, Text) else None
            if limit is None:
                self.problem(element, f"{what(element)} is no amount", f"{key}: 25000 USD, or a list of them")
            elif limit[0] in amounts:
                self.problem(element, f"{limit[0]} has two limits", "keep one")
            else:
                amounts[limit[0]] = limit[1]
        return tuple(amounts.items())


def parse_limit(text: str) -> tuple[str, Decimal] | None:
    """`25000 USD` or `500USD` as (currency, amount); None when it is neither."""
    found = _LIMIT.fullmatch(text)
    return (found[2], Decimal(found[1])) if found else None


def parse_ratio(text: str) -> Decimal | None:
    """`10%` or `0.10` as 0.10; None when it is no share between 0 and 1."""
    found = _RATIO.fullmatch(text)
    if not found:
        return None
    ratio = Decimal(found[1]) / (100 if found[2] else 1)
    return ratio if ratio <= 1 else None


def _environment(text: str) -> Environment:
    return "live" if text == "live" else "sandbox"


def _is_time_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _one_of(word: str, known: Sequence[str]) -> str:
    return closest(word, known) or f"use one of {', '.join(known)}"
