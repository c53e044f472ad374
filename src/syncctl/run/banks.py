"""The use cases of connected items (banks): connect one, sign in to one again, how they stand, let one go. I/O: the
vendor and its page, the token store.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from syncctl.auth.linked import LinkedItem, LinkSession, NewItem, wait_for
from syncctl.errors import CredentialError, GuardTripped, SyncctlError, UsageError, VendorError
from syncctl.run.endings import moment, soon
from syncctl.run.standing import NO_END, Standing

if TYPE_CHECKING:
    from syncctl.auth.linked import ItemState, Linking
    from syncctl.project import Project

BY: Final = "connected bank"
CONNECTED: Final = "connected"


def connect(project: Project, system: str, show: Callable[[LinkSession], None], item: str = "") -> tuple[Standing, ...]:
    """Connects a bank through the vendor's page, or signs in to an `item` again; returns how what came of it stands.

    `show` takes a person to the page. Raises ConfigError, CredentialError, GuardTripped, UsageError, VendorError.
    """
    _refuse_other_client(project, system)
    linking, items = _linking(project, system), project.linked_items(system)
    held = items.item(item) if item else None
    session = linking.begin(project.journal.lineage, held.token if held else "")
    show(session)
    added = wait_for(linking, session, project.clock, system, again=held is not None)
    if held is None:
        kept = tuple(_kept(project, system, linking, new) for new in added)
        return tuple(_standing(project, system, linking, one) for one in kept)
    standing = _standing(project, system, linking, held)
    if not standing.ok:
        raise CredentialError(
            f"{system}: the page is done, but the bank still says: {standing.state}", fix=standing.fix
        )
    return (standing,)


def _kept(project: Project, system: str, linking: Linking, new: NewItem) -> LinkedItem:
    """The item in the store, before anything else is asked: its token cannot be had twice."""
    identity, token = linking.exchange(new.public_token)
    item = LinkedItem(identity, token, new.institution, project.at())
    project.linked_items(system).keep(item)
    return item


def _refuse_other_client(project: Project, system: str) -> None:
    """A ledger belongs to one client of the vendor. Raises CredentialError, GuardTripped."""
    client = project.linked_items(system).client()[0]
    pinned = project.records.pins().get(system)
    wanted = project.settings.systems[system].company or (pinned[0] if pinned else client)
    if client != wanted:
        raise GuardTripped(
            f"this ledger belongs to client {wanted} of {system}, `client_id` is {client}",
            guard="company",
            fix="use that client's id and secret, or another ledger for this one",
        )


def bank_standings(project: Project, system: str) -> tuple[Standing, ...]:
    """How every connected bank stands, asked of the vendor now; one line that says so where there is none."""
    try:
        items, where = project.linked_items(system), project.linked_items(system).store.where
        held = items.all()
        if held:
            linking = _linking(project, system)
    except SyncctlError as error:
        return (Standing(system, BY, "", "", error.message, fix=error.fix or "see above"),)
    if not held:
        return (Standing(system, BY, where, "", "no bank is connected", fix=f"connect one: {_login(system)}"),)
    return tuple(_standing(project, system, linking, item) for item in held)


def _standing(project: Project, system: str, linking: Linking, item: LinkedItem) -> Standing:
    where = project.linked_items(system).store.where
    try:
        found = linking.state(item.token)
    except VendorError as error:
        fix = error.fix or "try again later"
        return Standing(system, BY, where, item.institution, error.message, fix=fix, item=item.id)
    except CredentialError as error:
        return Standing(system, BY, where, item.institution, error.message, fix=error.fix, item=item.id)
    again = f"{_login(system)} --item {item.id}"
    ending = soon(moment(found.ends), project.clock.now()) is not None
    well = f"{CONNECTED}, its consent ends soon: {again}" if ending else CONNECTED
    state = f"{found.cause} ({found.code})" if found.code else well
    fix = f"sign in to the bank again: {again}" if found.code else ""
    name = found.institution or item.institution
    return Standing(system, BY, where, name, state, sign_in_ends=_ends(found), fix=fix, item=item.id)


def _ends(found: ItemState) -> str:
    return f"on {found.ends[:10]}" if found.ends else NO_END


def disconnect(project: Project, system: str, item: str) -> tuple[LinkedItem, ...]:
    """Tells the vendor to forget an item, or all of them, and forgets each here once the vendor has; what the vendor
    did not forget stays, because only its token can end it. Returns what is gone.

    Raises ConfigError, CredentialError, UsageError, VendorError.
    """
    items = project.linked_items(system)
    chosen = (items.item(item),) if item else items.all()
    if not chosen:
        raise UsageError(f"no bank is connected to {system}", fix="there is nothing to forget")
    linking = _linking(project, system)
    for one in chosen:
        linking.remove(one.token)
        items.forget(one.id)
    return chosen


def _linking(project: Project, system: str) -> Linking:
    connector: Any = project.connector(system)
    return cast("Linking", connector.linking)


def _login(system: str) -> str:
    return f"syncctl auth login {system}"
