"""The syncctl.yaml of a new project: the systems of its stack, and what their mappings call by a `$name`. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SETTINGS: Final = """\
# One project is one set of books. Secrets never stand in this file: only where they are kept.
#   env:NAME      an environment variable, or a line of the file .env beside this one (chmod 600 .env)
#   file:PATH     a file that only you can read (chmod 600)
#   keyring:A/B   the system's keyring, service A, name B
# QuickBooks' and Xero's access tokens last an hour or less: for every night write `sign_in:` in place of `credential:`
# and sign in once with `syncctl auth login SYSTEM` (docs/signing-in.md).
systems:
{systems}
ledger: ledger.db          # everything that was ever pulled or written; keep it, and keep it private
# heads: /mnt/other/ledger.heads  # where each run notes the end of the audit chain: another disk shows more
mappings: mappings         # what belongs together, field by field; start by reading mappings/invoices.yaml

{books}
# A plan that goes beyond one of these is not sent: exit code 6 and the flag that allows it once.
guards:
  max_changes: {max_changes}
  max_ratio: 10%
  max_amount: {max_amount}      # per change and per run; a currency that is not named here has no limit:
                             # add one for each you deal in, [25000 USD, 25000 EUR]; `syncctl doctor` names the missing
  canary: 3                     # so many writes are read back before the rest goes out; 0 for none
  # approve_above: [10000 USD]  # above this, per change and per plan, another user types `syncctl approve PLAN`
  # protected: [{protected}]    # fields that no mapping may write, whatever it says
# A file named PAUSE beside this one stops all writing; its text is the reason that is shown.

# Who is told when a nightly run fails, works again or finds more open items: docs/alerts.md, syncctl alerts test
# alerts:
#   - channel: env:ALERT_CHAT     # a line of .env with an Apprise address: slack://…, mailtos://…
"""
SYSTEM: Final = """\
  {name}:
{connector}    environment: sandbox      # sandbox or live; a live system's first run only plans
{company}{base_url}{opened}"""
DECLARED: Final = {"erp": "    connector: rest\n    file: systems/erp.yaml\n"}
"""The lines of a system declared in YAML, in place of a connector of its own."""
CREDENTIAL: Final = "    credential: env:{variable}\n"
SIGN_IN: Final = "    sign_in: {{client_id: env:{name}_CLIENT_ID, client_secret: env:{name}_CLIENT_SECRET}}\n"
COMPANY: Final = "    company: {company}\n"
BASE_URL: Final = "    base_url: {url}\n"
PATHS: Final = {"erp": "/api"}
"""What a served system has in front of every path."""
VARIABLES: Final = {
    "stripe": "STRIPE_API_KEY",
    "quickbooks": "QUICKBOOKS_ACCESS_TOKEN",
    "xero": "XERO_ACCESS_TOKEN",
    "hubspot": "HUBSPOT_TOKEN",
    "salesforce": "SALESFORCE_ACCESS_TOKEN",
    "erp": "ERP_API_KEY",
    "plaid": "PLAID_CREDENTIAL",
}
"""Where each system's secret is looked for."""
HINTS: Final = {
    "quickbooks": '    company: "0"              # the digits that QuickBooks shows as Company ID\n',
    "xero": "    company: 00000000-0000-0000-0000-000000000000   # the tenant id: api.xero.com/connections lists it\n",
    "salesforce": (
        "    base_url: https://your-company.my.salesforce.com   # Setup, My Domain\n"
        "    options:\n"
        "      currency: USD           # of an org with one currency; leave it out where there are several\n"
    ),
}
"""What a real system needs beside its credential."""

_QUICKBOOKS: Final = """\
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
"""
_XERO: Final = """\
# What mappings call $accounts.clearing and so on: codes of your Xero's chart of accounts, and its tax rates.
books:
  time_zone: America/New_York
  accounts:
    sales: 200
    shipping: 260
    refunds: 265
    credits: 270
    clearing: 880              # payments must be enabled on this account
  tables:
    sales_tax: {CA: TAX001, NY: TAX002, TX: TAX003, IL: TAX004, MA: TAX005, MN: TAX006}    # state: Xero's tax type
"""
BOOKS: Final = {"quickbooks": _QUICKBOOKS, "xero": _XERO}
PROTECTED: Final = {"quickbooks": "quickbooks.Invoice.DocNumber", "xero": "xero.Invoice.InvoiceNumber"}
"""A field of the books that stands as an example of one to protect."""
_NO_BOOKS: Final = "books:\n  time_zone: America/New_York\n"


@dataclass(frozen=True, slots=True)
class Pretend:
    """A system served by `syncctl sandbox serve`: where it is and what opens it, none of it a secret. `client` is the
    id and the secret of the app that people sign in through; None where nobody signs in.
    """

    url: str
    token: str
    company: str
    client: tuple[str, str] | None = None


def settings_text(systems: Sequence[str], pretend: Mapping[str, Pretend], *, sign_in: bool = False) -> str:
    """The syncctl.yaml of a project over these systems; of one that speaks to served sandboxes when there are any.
    With `sign_in` whatever people sign in to is signed in to, not opened by a token that is there.
    """
    return SETTINGS.format(
        systems="".join(_system_text(name, pretend.get(name), sign_in=sign_in) for name in systems),
        books=next((text for name, text in BOOKS.items() if name in systems), _NO_BOOKS),
        # The pretend company has many planted breaks, and a first run mends all of them.
        max_changes=500 if pretend else 50,
        max_amount="[1000000 USD, 1000000 EUR, 150000000 JPY]" if pretend else "[25000 USD]",
        protected=next((field for name, field in PROTECTED.items() if name in systems), "stripe.invoice.metadata"),
    )


def variables(name: str, found: Pretend) -> Mapping[str, str]:
    """The lines of .env for a served system: what opens it now, and the app that people sign in to it through."""
    app = dict(zip((f"{name.upper()}_CLIENT_ID", f"{name.upper()}_CLIENT_SECRET"), found.client or (), strict=False))
    return {VARIABLES[name]: found.token, **app}


def _system_text(name: str, found: Pretend | None, *, sign_in: bool) -> str:
    company = COMPANY.format(company=_quoted(found.company)) if found else HINTS.get(name, "")
    base_url = BASE_URL.format(url=found.url + PATHS.get(name, "")) if found else ""
    connector = DECLARED.get(name, f"    connector: {name}\n")
    signed_in = SIGN_IN.format(name=name.upper()) if found and found.client else ""
    opened = CREDENTIAL.format(variable=VARIABLES[name])
    if signed_in:
        opened = signed_in if sign_in else f"{opened}    # or, to sign in (docs/signing-in.md):\n    #{signed_in[3:]}"
    return SYSTEM.format(name=name, connector=connector, company=company, base_url=base_url, opened=opened)


def _quoted(company: str) -> str:
    """As YAML text: digits alone would be a number."""
    return f'"{company}"' if company.isdigit() else company
