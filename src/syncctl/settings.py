"""Settings: what syncctl.yaml, the environment and the user's own file say. I/O: reads them; nobody else reads the
environment.

Precedence: a flag, then the environment (`SYNCCTL_*`), then the project's syncctl.yaml, then the user's file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from syncctl.errors import ConfigError

if TYPE_CHECKING:
    from syncctl.auth.card import Grant
    from syncctl.auth.store import Place
    from syncctl.credentials import CredentialReference, Credentials
    from syncctl.mapping.language import At, Guards
    from syncctl.safeguards import Safeguards

PROJECT_FILE: Final = "syncctl.yaml"
USER_FILE: Final = "config.yaml"

Environment: TypeAlias = Literal["sandbox", "live"]
TokenStoreName: TypeAlias = Literal["file", "keyring"]
OutputFormat: TypeAlias = Literal["table", "json", "jsonl", "csv", "md"]
Color: TypeAlias = Literal["auto", "always", "never"]
LogChoice: TypeAlias = Literal["auto", "json", "text"]
AlertState: TypeAlias = Literal["failed", "authentication needed", "guard", "partly applied", "open"]
"""What an alert can be about, the most serious first."""
Books: TypeAlias = "Mapping[str, str | Books]"
"""The settings that mappings name with `$`: nested, every leaf a text."""

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "output": get_args(OutputFormat),
    "color": get_args(Color),
    "log_format": get_args(LogChoice),
}


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """The `sign_in:` of a system whose tokens syncctl keeps and refreshes itself. What is None or empty was not said.

    `redirect` is the callback on this machine that the vendor's app page lists; `subject`, `private_key` and `audience`
    are the JWT bearer grant's.
    """

    client_id: CredentialReference
    client_secret: CredentialReference | None = None
    grant: Grant = "authorization_code"
    store: TokenStoreName = "file"
    redirect: str = "http://localhost:8765/callback"
    scopes: tuple[str, ...] = ()
    subject: str = ""
    private_key: CredentialReference | None = None
    audience: str = ""

    @property
    def references(self) -> tuple[CredentialReference, ...]:
        """Every secret that signing in needs."""
        return tuple(one for one in (self.client_id, self.client_secret, self.private_key) if one is not None)


@dataclass(frozen=True, slots=True)
class SystemSettings:
    """One entry of `systems:`. An empty `base_url` is the vendor's own, an empty `company` is pinned at first use.

    `file` declares the system, and `file_digest` is of what stood in it when the settings were read.

    With `read_only` nothing is ever written there. Either `credential` names a secret that somebody else keeps fresh,
    or `sign_in` is set.
    """

    name: str
    connector: str
    environment: Environment
    credential: CredentialReference | None
    at: At
    sign_in: SignInSettings | None = None
    company: str = ""
    base_url: str = ""
    read_only: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    options_at: Mapping[str, At] = field(default_factory=dict)
    file: Path | None = None
    file_digest: str = ""

    def placed(self, error: ConfigError) -> ConfigError:
        """A connector's complaint, with the place in syncctl.yaml of the option (`stripe.page_rows`) it is about."""
        if not error.problems:
            return ConfigError(f"{self.at}: {error.message}", fix=error.fix)
        own = f"{self.name}."
        problems = (
            replace(each, where=str(self.options_at.get(each.where.removeprefix(own), self.at)))
            if each.where.startswith(own)
            else each
            for each in error.problems
        )
        return ConfigError(error.message, tuple(problems), fix=error.fix)


@dataclass(frozen=True, slots=True)
class AlertChannel:
    """One entry of `alerts:`. `address` says where its Apprise URL is kept; open items are told from `min_open` of
    them on: 1, 10, 100, …
    """

    address: CredentialReference
    states: tuple[AlertState, ...] = get_args(AlertState)
    min_open: int = 1
    allow_private: bool = False

    @property
    def name(self) -> str:
        """What the channel is called: where its address is kept, which is no secret."""
        return str(self.address)


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person likes to see things; empty where nothing was said."""

    profile: str = ""
    output: str = ""
    color: str = ""
    log_format: str = ""

    def over(self, weaker: Preferences) -> Preferences:
        """These, and the other's where these are empty."""
        return Preferences(
            self.profile or weaker.profile,
            self.output or weaker.output,
            self.color or weaker.color,
            self.log_format or weaker.log_format,
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """One project under one profile. `books` holds `time_zone` and everything mappings name with `$`; `heads` is the
    file that keeps the heads of the ledger's audit chain.
    """

    folder: Path
    profile: str
    systems: Mapping[str, SystemSettings]
    ledger: Path
    heads: Path
    mappings: Path
    books: Books
    guards: Guards
    safeguards: Safeguards
    preferences: Preferences
    credentials: Credentials = field(repr=False)
    alerts: tuple[AlertChannel, ...] = ()

    @property
    def time_zone(self) -> str:
        """The books' time zone, an IANA name: where a day begins and ends."""
        return str(self.books["time_zone"])

    @property
    def live(self) -> bool:
        """True when any system is a live one."""
        return any(system.environment == "live" for system in self.systems.values())

    def require_secrets(self, systems: Iterable[str]) -> None:
        """Raises CredentialError that names every variable these systems miss, not only the first."""
        known = [self.systems[name] for name in systems if name in self.systems]
        self.credentials.require(reference for system in known for reference in _references(system))

    def secret(self, system: str) -> str:
        """The secret that opens a system without a sign-in, read now. Raises CredentialError."""
        reference = self.systems[system].credential
        assert reference is not None, "a system with a sign-in has tokens instead"
        return self.credentials.read(reference)

    def place(self, system: str, client: str = "") -> Place:
        """Whose tokens those of a system are; `client` tells clients of one system apart."""
        from syncctl.auth.store import Place

        name = f"{system}.{client}" if client else system
        return Place(self.ledger.resolve(), name, self.systems[system].environment)


def _references(system: SystemSettings) -> tuple[CredentialReference, ...]:
    if system.sign_in is not None:
        return system.sign_in.references
    return (system.credential,) if system.credential is not None else ()


def load_settings(
    folder: Path, *, profile: str = "", environment: Mapping[str, str], user_file: Path | None = None
) -> Settings:
    """Reads the project in `folder`. Raises ConfigError with every problem of every file at once."""
    from syncctl.settings_file import read_preferences, read_project

    path = folder / PROJECT_FILE
    if os.path.lexists(folder) and not os.access(folder, os.X_OK):
        raise ConfigError(
            f"your user may not look into {folder}",
            fix="ask its owner to share it with a group that you are in (docs/tasks.md, Approve a plan)",
        )
    if not path.is_file():
        raise ConfigError(
            f"there is no {PROJECT_FILE} in {folder}",
            fix="go to the project's folder, name it with --project DIR, or make one: syncctl init DIR",
        )
    own = user_file or _user_file(environment)
    user = read_preferences(own) if own.is_file() else Preferences()
    return read_project(path, profile=profile, environment=environment, user=user)


def load_preferences(environment: Mapping[str, str], user_file: Path | None = None) -> Preferences:
    """What the environment and the user's file say, without a project. Raises ConfigError."""
    from syncctl.settings_file import read_preferences

    path = user_file or _user_file(environment)
    return from_environment(environment).over(read_preferences(path) if path.is_file() else Preferences())


def from_environment(environment: Mapping[str, str]) -> Preferences:
    """SYNCCTL_PROFILE, SYNCCTL_OUTPUT, SYNCCTL_COLOR, SYNCCTL_LOG_FORMAT. Raises ConfigError on an unknown choice."""
    found = {name: environment.get(f"SYNCCTL_{name.upper()}", "") for name in ("profile", *CHOICES)}
    for name, choices in CHOICES.items():
        if found[name] and found[name] not in choices:
            raise ConfigError(f"SYNCCTL_{name.upper()} is none of its choices", fix=f"use one of {', '.join(choices)}")
    return Preferences(**found)


def project_folder(flag: Path | None, environment: Mapping[str, str]) -> Path:
    """--project, else SYNCCTL_PROJECT, else the current folder. Parent folders are not searched: a project found by
    accident has books behind it.
    """
    return flag or Path(environment.get("SYNCCTL_PROJECT") or ".")


def _user_file(environment: Mapping[str, str]) -> Path:
    named = environment.get("SYNCCTL_CONFIG")
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_config_path("syncctl") / USER_FILE
