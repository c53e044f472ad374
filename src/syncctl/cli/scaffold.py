"""What `syncctl init` writes: syncctl.yaml, mappings/, .env.example, .gitignore. I/O: writes files, never over one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from syncctl.errors import SyncctlError, UsageError

MAPPINGS_IN_PACKAGE: Final = "starter_mappings"

SETTINGS: Final = """\
# One project is one set of books. Secrets never stand in this file: only where they are kept.
#   env:NAME      an environment variable, or a line of the file .env beside this one (chmod 600 .env)
#   file:PATH     a file that only you can read (chmod 600)
#   keyring:A/B   the system's keyring, service A, name B
systems:
{systems}
ledger: ledger.db          # everything that was ever pulled or written; keep it, and keep it private
mappings: mappings         # what belongs together, field by field; start by reading mappings/invoices.yaml

# What mappings call $accounts.clearing, $terms and so on: the names as your QuickBooks shows them.
books:
  time_zone: America/New_York
  terms: Net 30
  accounts:
    clearing: Undeposited Funds
    discounts: Discounts given
  items:
    shipping: Shipping
    refund: Refunds
    credit: Credits

# A plan that goes beyond one of these is not sent: exit code 6 and the flag that allows it once.
guards:
  max_changes: {max_changes}
  max_ratio: 10%
  max_amount: {max_amount}      # per change and per run, for each currency you name
"""
SYSTEM: Final = """\
  {name}:
    connector: {name}
    environment: sandbox      # sandbox or live; a live system's first run only plans
{company}{base_url}    credential: env:{variable}
"""
COMPANY: Final = "    company: {company}\n"
BASE_URL: Final = "    base_url: {url}\n"
VARIABLES: Final = {"stripe": "STRIPE_API_KEY", "quickbooks": "QUICKBOOKS_ACCESS_TOKEN", "hubspot": "HUBSPOT_TOKEN"}
COMPANY_HINTS: Final = {
    "quickbooks": '    company: "0"              # the digits that QuickBooks shows as Company ID\n'
}

ENV_EXAMPLE: Final = """\
# Copy with `install -m 600 .env.example .env`, then fill in. syncctl refuses a .env that others can read.
{lines}
"""
GITIGNORE: Final = """\
.env
ledger.db
ledger.db-journal
ledger.db-wal
ledger.db-shm
ledger.db.lock
"""


@dataclass(frozen=True, slots=True)
class Pretend:
    """A system served by `syncctl sandbox serve`: where it is and what opens it. Neither is a secret."""

    url: str
    token: str
    company: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one file."""

    path: str
    done: str


def scaffold(folder: Path, pretend: Mapping[str, Pretend] | None = None) -> tuple[Written, ...]:
    """Writes whatever is not there yet. Raises SyncctlError when the folder cannot be written."""
    try:
        (folder / "mappings").mkdir(parents=True, exist_ok=True)
        return tuple(_write(folder, name, text) for name, text in _files(pretend or {}))
    except OSError as error:
        raise SyncctlError(f"{folder} cannot be written: {error.strerror}", fix="choose another folder") from error


def _files(pretend: Mapping[str, Pretend]) -> Iterator[tuple[str, str]]:
    yield "syncctl.yaml", settings_text(pretend)
    yield from ((f"mappings/{name}", text) for name, text in starter_mappings())
    names = pretend or VARIABLES
    yield ".env.example", ENV_EXAMPLE.format(lines="\n".join(f"{VARIABLES[name]}=" for name in names))
    if pretend:
        yield ".env", "".join(f"{VARIABLES[name]}={system.token}\n" for name, system in pretend.items())
    yield ".gitignore", GITIGNORE


def settings_text(pretend: Mapping[str, Pretend]) -> str:
    """The syncctl.yaml of a new project; of one that speaks to served sandboxes when there are any."""
    systems = "".join(_system_text(name, pretend.get(name)) for name in (pretend or VARIABLES))
    return SETTINGS.format(
        systems=systems,
        # The pretend company has many planted breaks, and a first run mends all of them.
        max_changes=500 if pretend else 50,
        max_amount="[1000000 USD]" if pretend else "[25000 USD]",
    )


def _system_text(name: str, found: Pretend | None) -> str:
    company = COMPANY.format(company=found.company) if found else COMPANY_HINTS.get(name, "")
    base_url = BASE_URL.format(url=found.url) if found else ""
    return SYSTEM.format(name=name, company=company, base_url=base_url, variable=VARIABLES[name])


def starter_mappings() -> list[tuple[str, str]]:
    """(file name, text) of every shipped mapping: from the installed package, or from the repository's own folder."""
    packaged = resources.files("syncctl") / MAPPINGS_IN_PACKAGE
    folder = packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "mappings"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    if not found:
        raise SyncctlError("the shipped mappings are missing", fix="install syncctl again")
    return sorted((entry.name, entry.read_text(encoding="utf-8")) for entry in found)


def _write(folder: Path, name: str, text: str) -> Written:
    path = folder / name
    mode = 0o600 if name == ".env" else 0o644
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return Written(name, "kept: it was there")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Written(name, "written")


def read_ready_file(path: Path) -> dict[str, str]:
    """The URLs that `syncctl sandbox serve --ready-file` wrote, by system. Raises UsageError."""
    fix = "start `syncctl sandbox serve --ready-file FILE` and wait for the file"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no ready file of a sandbox: {error}", fix=fix) from error
    known = isinstance(found, dict) and all(name in VARIABLES and isinstance(url, str) for name, url in found.items())
    if not known or not found:
        raise UsageError(f"{path} is no ready file of a sandbox", fix=fix)
    return {name: found[name] for name in VARIABLES if name in found}
