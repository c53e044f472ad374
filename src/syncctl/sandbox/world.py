"""The whole pretend world: one company as the vendors of its stack see it, planted breaks included. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from syncctl.clock import Clock
from syncctl.sandbox.base import Sandbox, Vendor
from syncctl.sandbox.breaks import Planted, plan_breaks
from syncctl.sandbox.breaks_kind import Break
from syncctl.sandbox.company import build_company
from syncctl.sandbox.control import Fresh
from syncctl.sandbox.facts import HOME, Company
from syncctl.sandbox.oauth import App
from syncctl.stack import USUAL, Stack

SYSTEMS: Final = USUAL.systems
"""The systems of the usual stack."""
FOREIGN: Final = ("EUR", "JPY")
COMPANY_NAME: Final = "Northwind Billing"
UNLIMITED: Final = 1_000_000_000
REQUESTS_PER_DAY: Final = 100_000
"""What Salesforce's Enterprise Edition starts from."""
PLAID_CLIENT: Final = "5f0c00000000000000000001"
PLAID_SECRET: Final = "plaid-sandbox-secret-000000001"  # noqa: S105 (of a pretend vendor)

APP: Final = (App().id, App().secret)
SALESFORCE_APP: Final = ("3MVG9syncctlSandboxConsumerKey0001", "syncctl-sandbox-consumer-secret")


@dataclass(frozen=True, slots=True)
class Credential:
    """What a client needs to be let in: `token`, and the id of the company that it opens; `client` is the id and the
    secret of the app that people sign in through, None where nobody does. None of it is a secret.
    """

    token: str
    company: str
    client: tuple[str, str] | None = None


CREDENTIALS: Final[Mapping[str, Credential]] = {
    "stripe": Credential("sk_test_51SyncctlSandbox000000000000", "acct_1SyncctlSandbox0"),
    "quickbooks": Credential("quickbooks-sandbox-access-token", "9130350000000001", APP),
    "xero": Credential("xero-sandbox-access-token", "a46fcb6f-2773-40c4-a119-8aa08bca1e8e", APP),
    "hubspot": Credential("pat-na1-00000000-0000-4000-8000-000000000001", "48213977", APP),
    "salesforce": Credential("00D5e0000008xyz!AQsyncctl.sandbox.access.token", "00D5e0000008xyzEAA", SALESFORCE_APP),
    "erp": Credential("erp-sandbox-key-0001", "4711"),
    "plaid": Credential(
        f"{PLAID_CLIENT}:{PLAID_SECRET}:access-sandbox-b8254669-d94d-3471-8335-ecc55374b5a3",
        PLAID_CLIENT,
        (PLAID_CLIENT, PLAID_SECRET),
    ),
}


def world_credentials(systems: Iterable[str] = SYSTEMS) -> dict[str, Credential]:
    """The credential of each system. Raises KeyError for a system that does not exist."""
    return {name: CREDENTIALS[name] for name in systems}


@dataclass(frozen=True)
class World:
    """The facts, the planted breaks, and how to build each vendor from them, now or again."""

    clock: Clock
    company: Company
    breaks: tuple[Break, ...]
    limits: bool = True
    stack: Stack = USUAL

    def vendor(self, system: str) -> Vendor:
        """A freshly seeded vendor. Raises KeyError for a system that does not exist."""
        return _BUILDERS[system](self)

    def sandboxes(self, systems: Iterable[str] = ()) -> dict[str, Sandbox]:
        """A freshly seeded sandbox per system, in this order; all of the stack's when none is named.

        Raises KeyError for a system that does not exist.
        """
        return {name: Sandbox(self.vendor(name)) for name in systems or self.stack.systems}

    def fresh(self, systems: Iterable[str] = ()) -> dict[str, Fresh]:
        """How `POST /_sandbox/reset` builds each vendor anew: the same facts, whatever the clock says by then."""
        return {name: partial(self.vendor, name) for name in systems or self.stack.systems}


def plan_world(
    clock: Clock,
    *,
    seed: int = 1,
    scale: float = 1.0,
    limits: bool = True,
    stack: Stack = USUAL,
) -> World:
    """What happened and what went wrong, with no vendor built yet. It ends at the clock's now.

    `limits` False switches the vendors' rate limits off, for a clock that does not move by itself.
    """
    company = build_company(clock.now(), seed=seed, scale=scale)
    return World(clock, company, plan_breaks(company, stack), limits, stack)


def _stripe(world: World) -> Vendor:
    from syncctl.sandbox.seed_stripe import seed_stripe
    from syncctl.sandbox.stripe import StripeSandbox

    build = partial(
        StripeSandbox,
        world.clock,
        token=CREDENTIALS["stripe"].token,
        account=CREDENTIALS["stripe"].company,
        account_name=COMPANY_NAME,
    )
    vendor = build() if world.limits else build(requests_per_second=None, endpoint_per_second=None)
    seed_stripe(vendor, world.company, Planted(world.breaks), world.stack)
    return vendor


def _quickbooks(world: World) -> Vendor:
    from syncctl.sandbox.quickbooks import QuickBooksSandbox
    from syncctl.sandbox.seed_quickbooks import seed_quickbooks
    from syncctl.sandbox.seed_quickbooks_shared import CUSTOM_FIELDS

    vendor = QuickBooksSandbox(
        world.clock,
        token=CREDENTIALS["quickbooks"].token,
        realm=CREDENTIALS["quickbooks"].company,
        company=COMPANY_NAME,
        limits=world.limits,
        home_currency=HOME,
        multicurrency=True,
        custom_fields=CUSTOM_FIELDS,
    )
    seed_quickbooks(vendor, world.company, Planted(world.breaks))
    return vendor


def _hubspot(world: World) -> Vendor:
    from syncctl.sandbox.hubspot import HubSpotSandbox
    from syncctl.sandbox.hubspot.calls import Behaviour
    from syncctl.sandbox.hubspot.limits import Allowance
    from syncctl.sandbox.seed_hubspot import seed_hubspot

    vendor = HubSpotSandbox(
        world.clock,
        token=CREDENTIALS["hubspot"].token,
        portal_id=int(CREDENTIALS["hubspot"].company),
        company_currency=HOME,
        currencies=FOREIGN,
        behaviour=Behaviour(account_type="SANDBOX"),
        allowance=Allowance() if world.limits else None,
    )
    seed_hubspot(vendor, world.company, Planted(world.breaks), world.stack)
    return vendor


def _xero(world: World) -> Vendor:
    from syncctl.sandbox.seed_xero import seed_xero, tracking
    from syncctl.sandbox.xero import XeroSandbox
    from syncctl.sandbox.xero.limits import Allowance

    vendor = XeroSandbox(
        world.clock,
        token=CREDENTIALS["xero"].token,
        tenant=CREDENTIALS["xero"].company,
        company=COMPANY_NAME,
        allowance=Allowance() if world.limits else Allowance(UNLIMITED, UNLIMITED),
        base_currency=HOME,
        currencies=FOREIGN,
        tracking=tracking(world.company),
    )
    seed_xero(vendor, world.company, Planted(world.breaks))
    return vendor


def _salesforce(world: World) -> Vendor:
    from syncctl.sandbox.salesforce import SalesforceSandbox
    from syncctl.sandbox.seed_salesforce import seed_salesforce

    vendor = SalesforceSandbox(
        world.clock,
        token=CREDENTIALS["salesforce"].token,
        org_id=CREDENTIALS["salesforce"].company,
        org_name=COMPANY_NAME,
        currencies=(HOME, *FOREIGN),
        daily_requests=REQUESTS_PER_DAY if world.limits else None,
    )
    seed_salesforce(vendor, world.company, Planted(world.breaks), world.stack)
    return vendor


def _erp(world: World) -> Vendor:
    from syncctl.sandbox.erp import ErpSandbox
    from syncctl.sandbox.seed_erp import seed_erp

    opened = CREDENTIALS["erp"]
    vendor = ErpSandbox(
        world.clock, token=opened.token, company=opened.company, company_name=COMPANY_NAME, limits=world.limits
    )
    seed_erp(vendor, world.company)
    return vendor


def _plaid(world: World) -> Vendor:
    from syncctl.sandbox.plaid import PlaidSandbox
    from syncctl.sandbox.seed_plaid import seed_plaid

    vendor = PlaidSandbox(world.clock, client_id=PLAID_CLIENT, secret=PLAID_SECRET, limits=world.limits)
    seed_plaid(vendor, world.company)
    return vendor


_BUILDERS: Final = {
    "stripe": _stripe,
    "quickbooks": _quickbooks,
    "xero": _xero,
    "hubspot": _hubspot,
    "salesforce": _salesforce,
    "erp": _erp,
    "plaid": _plaid,
}
