"""Which connectors the suite knows a subject of. I/O: reads installed entry points."""

from __future__ import annotations

from typing import Final, cast

from syncctl.connectors.registry import connector_class, entry
from syncctl.contract.subject import Subject
from syncctl.errors import UsageError

BUILT_IN: Final = {
    "hubspot": "syncctl.contract.subjects.hubspot:SUBJECT",
    "plaid": "syncctl.contract.subjects.plaid:SUBJECT",
    "quickbooks": "syncctl.contract.subjects.quickbooks:SUBJECT",
    "rest": "syncctl.contract.subjects.rest:SUBJECT",
    "salesforce": "syncctl.contract.subjects.salesforce:SUBJECT",
    "stripe": "syncctl.contract.subjects.stripe:SUBJECT",
    "xero": "syncctl.contract.subjects.xero:SUBJECT",
}
GROUP: Final = "syncctl.contract"


def subject_of(name: str) -> Subject:
    """The subject of a connector, our own or a third party's. Raises ConfigError when there is no such connector,
    UsageError when nobody says how to test it.
    """
    found = entry(BUILT_IN, GROUP, name)
    if found is not None:
        return cast("Subject", found)
    connector_class(name)
    raise UsageError(
        f"the connector {name!r} has no pretend vendor to be tested against",
        fix="write a syncctl.contract.subject.Subject for it and name it in its package's pyproject.toml:"
        f' [project.entry-points."{GROUP}"] {name} = "your_package.contract:SUBJECT"'
        " (docs/connectors/writing-a-connector.md)",
    )
