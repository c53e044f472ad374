"""The promise about the company: what the credential opens, not what a file says. No network."""

from __future__ import annotations

from syncctl.contract.stand import Stand, keep
from syncctl.errors import ConfigError, VendorError


def company_is_the_credentials(stand: Stand) -> None:
    """The company is the one that the credential opens, whatever the configuration says."""
    found = stand.connector.company()
    opens = stand.pretend.company
    keep(found.id == opens, f"the credential opens {opens}, and the connector says {found.id}")
    keep(bool(found.name.strip()), "the company has no name")
    other = stand.subject.other_company
    try:
        named = stand.connect(company=other).company().id
    except (VendorError, ConfigError):
        return
    keep(named == opens, f"a credential for {opens} is taken for one of {named}, because the configuration names it")
