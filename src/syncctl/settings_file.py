"""Reads syncctl.yaml and the user's file strictly: every problem at once, with place and fix. I/O: reads files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from syncctl.credentials import Credentials
from syncctl.errors import ConfigError, no_such, reading_fix
from syncctl.model import digest
from syncctl.settings import CHOICES, Preferences, Settings, SystemSettings, from_environment
from syncctl.settings_alerts import read_alerts
from syncctl.settings_safeguards import read_safeguards
from syncctl.settings_values import Reading
from syncctl.yamltext import List, Map, Node, Text, closest, read_yaml, unknown_keys

PREFERENCES: Final = ("profile", *CHOICES)
IN_PROFILE: Final = ("ledger", "heads", "mappings", "systems", "books", "guards", "alerts")
TOP: Final = (*IN_PROFILE, "profiles", *PREFERENCES)
HEADS: Final = ".heads"
"""What the file of the ledger's heads is called, unless `heads` names another: ledger.heads beside ledger.db."""
NAME_FILE: Final = "name the file that declares the system: file: systems/NAME.yaml"


def read_project(path: Path, *, profile: str, environment: Mapping[str, str], user: Preferences) -> Settings:
    """The project's settings. `profile` is the flag; without one the environment's, the file's or the user's holds.

    Raises ConfigError, UsageError.
    """
    around = from_environment(environment)
    reading = Reading(path.name)
    tree = _tree(path, path.name, reading)
    reading.problems += unknown_keys(tree, TOP)
    preferences = around.over(_preferences(tree, reading)).over(user)
    chosen = profile or preferences.profile
    named = [name for name, _ in reading.map(tree, "profiles").entries()]
    if profile and profile not in named:
        raise no_such("profile", profile, named, otherwise=f"there are no profiles in {path.name}")
    settings = _settings(_with_profile(tree, chosen, reading), path.parent, chosen, reading, environment, preferences)
    _finish(path.name, reading)
    return settings


def read_preferences(path: Path) -> Preferences:
    """The user's own file: profile, output, color, log_format and nothing else. Raises ConfigError."""
    reading = Reading(str(path))
    tree = _tree(path, str(path), reading)
    reading.problems += unknown_keys(tree, PREFERENCES)
    preferences = _preferences(tree, reading)
    _finish(str(path), reading)
    return preferences


def _settings(
    tree: Map,
    folder: Path,
    profile: str,
    reading: Reading,
    environment: Mapping[str, str],
    preferences: Preferences,
) -> Settings:
    ledger = folder / (environment.get("SYNCCTL_LEDGER") or reading.file(tree, "ledger", "ledger.db"))
    return Settings(
        folder=folder,
        profile=profile,
        systems=_with_files(reading.systems(tree), reading.map(tree, "systems"), folder, reading),
        ledger=ledger,
        heads=folder / reading.file(tree, "heads", str(ledger.resolve().with_suffix(HEADS))),
        mappings=folder / reading.file(tree, "mappings", "mappings"),
        books=reading.books(tree),
        guards=reading.guards(tree),
        safeguards=read_safeguards(reading, tree, [name for name, _ in reading.map(tree, "systems").entries()]),
        preferences=preferences,
        credentials=Credentials(environment, folder),
        alerts=read_alerts(reading, tree),
    )


def _with_files(
    systems: Mapping[str, SystemSettings], written: Map, folder: Path, reading: Reading
) -> Mapping[str, SystemSettings]:
    """Each system with the file that declares it, where it names one: beside syncctl.yaml, or anywhere by full path."""
    found = dict(systems)
    for name, body in written.entries():
        if not isinstance(body, Map) or body.get("file") is None:
            continue
        named = reading.text(body, "file", needed=NAME_FILE)
        if named:
            path = folder / named
            try:
                found[name] = replace(found[name], file=path, file_digest=digest(path.read_bytes()))
            except OSError as error:
                why = f"{named} cannot be read: {error.strerror}"
                reading.problem(body.get("file") or body, why, reading_fix(error, NAME_FILE))
    return found


def _tree(path: Path, name: str, reading: Reading) -> Map:
    try:
        body = path.read_bytes()
    except OSError as error:
        fix = reading_fix(error, "check that it is a file, and its disk")
        raise ConfigError(f"{name} cannot be read: {error.strerror}", fix=fix) from error
    try:
        tree = read_yaml(name, body)
    except ConfigError as error:
        reading.problems += error.problems
        _finish(name, reading)
        raise
    reading.refuse_secrets(_scalars(tree))
    return tree


def _scalars(node: Node) -> Iterator[Text]:
    if isinstance(node, Text):
        yield node
    elif isinstance(node, List):
        for element in node.elements:
            yield from _scalars(element)
    else:
        for entry in node.pairs:
            yield entry.key
            yield from _scalars(entry.value)


def _preferences(tree: Map, reading: Reading) -> Preferences:
    return Preferences(
        reading.text(tree, "profile"), **{name: reading.choice(tree, name, known) for name, known in CHOICES.items()}
    )


def _with_profile(tree: Map, profile: str, reading: Reading) -> Map:
    """The tree with the chosen profile laid over it. Every profile's keys are checked, chosen or not."""
    profiles = reading.map(tree, "profiles")
    for entry in profiles.pairs:
        if isinstance(entry.value, Map):
            reading.problems += unknown_keys(entry.value, IN_PROFILE)
        else:
            reading.problem(entry.value, f"the profile `{entry.key.text}` is not a map of settings")
    if not profile:
        return tree
    chosen = profiles.get(profile)
    if chosen is None:
        hint = closest(profile, [name for name, _ in profiles.entries()]) or "there are no profiles in this file"
        reading.problem(profiles, f"there is no profile `{profile}`", hint)
    return _overlay(tree, chosen) if isinstance(chosen, Map) else tree


def _overlay(below: Map, above: Map) -> Map:
    """Maps are merged key by key, everything else is replaced; each value keeps the place it was written at."""
    merged = {entry.key.text: entry for entry in below.pairs}
    for entry in above.pairs:
        held = merged.get(entry.key.text)
        if held is not None and isinstance(held.value, Map) and isinstance(entry.value, Map):
            entry = replace(entry, value=_overlay(held.value, entry.value))  # noqa: PLW2901 - the same entry, merged
        merged[entry.key.text] = entry
    return Map(tuple(merged.values()), below.at)


def _finish(name: str, reading: Reading) -> None:
    problems = reading.redacted()
    if problems:
        raise ConfigError(f"{name} has {len(problems)} problem{'s' if len(problems) > 1 else ''}", problems)
