"""The use cases of `auth`: sign in, how it stands, sign out. I/O: vendors, token stores, the ledger's pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from syncctl.auth.request import AuthorizationRequest, authorization_request
from syncctl.auth.signed_in import days_left
from syncctl.auth.tokens import Kept, Tokens
from syncctl.errors import CredentialError, SyncctlError, UsageError, VendorError, no_such
from syncctl.run.banks import bank_standings
from syncctl.run.endings import in_days, soon
from syncctl.run.pull import check_company
from syncctl.run.scopes import lacking_for_mappings
from syncctl.run.standing import NO_END, Standing

if TYPE_CHECKING:
    from syncctl.auth.opening import SystemSignIn
    from syncctl.project import Project
    from syncctl.settings import SystemSettings


class Browser(Protocol):
    """Takes a person to an address and brings back what stands in the answer's."""

    def __call__(self, request: AuthorizationRequest) -> Mapping[str, str]: ...


def sign_in(project: Project, system: str, browser: Browser) -> Standing:
    """Signs in and keeps the tokens; those of another company than this ledger's are refused and never kept.

    Raises ConfigError, CredentialError, GuardTripped, UsageError, VendorError.
    """
    settings = _settings(project, system)
    found = project.sign_in(system)
    attended = found.settings.grant == "authorization_code"
    trial = found.on_trial(Kept(_from_browser(found, browser)) if attended else None)
    _check(project, system, trial)
    checked = trial.store.load()
    assert checked is not None
    with found.store.lock():
        found.store.save(checked)
    return _standing_of(project, settings)


def _check(project: Project, system: str, trial: SystemSignIn) -> None:
    """Asks whose books the new tokens open, before any run can see them. Raises GuardTripped, VendorError."""
    alone = replace(project, _sign_ins={system: trial}, _connectors={})
    connector = alone.connector(system)
    try:
        check_company(alone, system)
    finally:
        connector.close()


def _from_browser(found: SystemSignIn, browser: Browser) -> Tokens:
    client = found.endpoint.client.id
    request = authorization_request(found.endpoint.system, found.card, client, found.settings.redirect, found.scopes)
    answer = browser(request)
    tokens = found.endpoint.exchange_code(request.code(answer), request.verifier, request.redirect_uri)
    told = {name: answer[name] for name in found.card.callback if answer.get(name)}
    return replace(tokens, facts={**tokens.facts, **told}, scopes=tokens.scopes or found.scopes)


def standings(project: Project, systems: tuple[str, ...]) -> tuple[Standing, ...]:
    """How every system stands, or those named. Only vendors of connected items (banks) are asked: nobody else knows
    how they stand. Raises UsageError.
    """
    chosen = systems or tuple(project.settings.systems)
    return tuple(standing for name in chosen for standing in _standings_of(project, _settings(project, name)))


def _standings_of(project: Project, settings: SystemSettings) -> tuple[Standing, ...]:
    if project.connects_items(settings.name):
        return bank_standings(project, settings.name)
    return (_standing_of(project, settings),)


def _standing_of(project: Project, settings: SystemSettings) -> Standing:
    pinned = project.records.pins().get(settings.name)
    company = f"{pinned[1]} ({pinned[0]})" if pinned else settings.company
    if settings.sign_in is None:
        return _secret_standing(project, settings, company)
    try:
        found = project.sign_in(settings.name)
        kept = found.store.load()
    except SyncctlError as error:
        return Standing(settings.name, "sign-in", "", company, error.message, fix=error.fix or "see above")
    by = f"sign-in, {found.settings.grant}"
    if kept is None:
        unattended = found.settings.grant != "authorization_code"
        state = "no token yet" if unattended else "nobody is signed in"
        return Standing(settings.name, by, found.store.where, company, state, fix=_login(settings.name))
    return _kept_standing(project, found, kept, Standing(settings.name, by, found.store.where, company, "signed in"))


def _secret_standing(project: Project, settings: SystemSettings, company: str) -> Standing:
    """A secret that somebody else keeps fresh: only whether it is there can be said."""
    try:
        project.redact.add(project.settings.secret(settings.name))
    except CredentialError as error:
        return Standing(settings.name, "secret", str(settings.credential), company, error.message, fix=error.fix)
    return Standing(settings.name, "secret", str(settings.credential), company, "there")


def _kept_standing(project: Project, found: SystemSignIn, kept: Kept, start: Standing) -> Standing:
    now, tokens = project.clock.now(), kept.tokens
    left = days_left(tokens.refresh_expires_at, now)
    asked = [scope for scope in found.scopes if tokens.scopes and scope not in tokens.scopes]
    lacking = lacking_for_mappings(project, start.system)
    missing = tuple(dict.fromkeys((*asked, *(lack.scope for lack in lacking))))
    state, fix = start.state, ""
    if tokens.refresh_expires_at is not None and tokens.refresh_expires_at <= now:
        state, fix = "ended", _login(start.system)
    elif not tokens.refresh and found.settings.grant == "authorization_code" and not tokens.lasts(now, 0):
        state, fix = "ended: the vendor gave no refresh token", _login(start.system)
    elif missing:
        allow = f"allow them and {_login(start.system)}"
        state, fix = "signed in with fewer scopes than needed", lacking[0].fix if lacking else allow
    elif soon(tokens.refresh_expires_at, now) is not None:
        state = f"{state}, ends soon: {_login(start.system)}"
    elif kept.refreshing_since is not None:
        state = f"a refresh began {kept.refreshing_since:%Y-%m-%d %H:%M} UTC and did not end; the next run tries again"
    return replace(
        start,
        state=state,
        access_until=tokens.expires_at.isoformat(timespec="minutes"),
        sign_in_ends=NO_END if left is None else in_days(left),
        scopes_missing=missing,
        fix=fix,
    )


def sign_out(project: Project, system: str) -> str:
    """Tells the vendor to forget the tokens, and forgets them here; returns what could not be done at the vendor.

    Raises ConfigError, CredentialError, UsageError.
    """
    _settings(project, system)
    found = project.sign_in(system)
    with found.store.lock():
        kept = found.store.load()
        if kept is None:
            raise UsageError(f"nobody is signed in to {system}", fix="there is nothing to forget")
        trouble = _revoked(found, kept.tokens)
        found.store.delete()
    return trouble


def _revoked(found: SystemSignIn, tokens: Tokens) -> str:
    if not found.card.revoke_url:
        return "the vendor has no way to be told: take the app out on its page of connected apps"
    try:
        found.endpoint.revoke(tokens)
    except VendorError as error:
        return f"{error.message}: take the app out on the vendor's page of connected apps"
    return ""


def _settings(project: Project, system: str) -> SystemSettings:
    found = project.settings.systems.get(system)
    if found is None:
        raise no_such("system", system, project.settings.systems)
    return found


def _login(system: str) -> str:
    return f"sign in: syncctl auth login {system}"
